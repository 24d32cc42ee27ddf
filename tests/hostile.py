"""A service that misbehaves on a real socket, in a thread of its own, whatever the client's loop is doing."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

TOKEN = "the-access-token"
WORKSPACE = "workspaces/dev"
PROJECT = {"id": "p", "name": "a project"}


class Gone(Exception):  # noqa: N818  # a signal, not an error
    """The exchange is over, and the connection with it."""


@dataclass
class Exchange:
    """One request, as it came, and the means to answer it."""

    service: HostileService
    number: int
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    writer: asyncio.StreamWriter = field(repr=False)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        try:
            await self.writer.drain()
        except OSError:
            raise Gone from None

    async def reply(self, status: int = 200, body: Any = None, headers: dict[str, str] | None = None) -> None:
        """Answer properly."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        head = {"Content-Type": "application/json", "Content-Length": str(len(data))} | (headers or {})
        await self.raw(head_of(status, head) + data)

    def reset(self) -> None:
        """Break the connection with a RST, so that what was sent may be lost too."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Gone

    def close(self) -> None:
        """End the connection in good order."""
        raise Gone


Behaviour = Callable[[Exchange], Awaitable[None]]


def head_of(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def behave(exchange: Exchange) -> None:
    """Answer any request with a project."""
    await exchange.reply(200, PROJECT)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def settled(count: Callable[[], int], most: int) -> int:
    """Return the count once it is not above `most` any more, or what it is after a minute."""
    until = time.monotonic() + 60
    while (found := count()) > most and time.monotonic() < until:
        time.sleep(0.01)
    return found


class HostileService:
    """Answers as `behaviour` says; keeps every request, and counts connections."""

    def __init__(
        self,
        behaviour: Behaviour = behave,
        *,
        on_accept: Callable[[asyncio.StreamWriter], None] | None = None,
        tls: ssl.SSLContext | None = None,
        path: str | None = None,
    ) -> None:
        self.behaviour = behaviour
        self.requests: list[Exchange] = []
        self.accepted = 0
        self.connected: set[asyncio.StreamWriter] = set()
        self.disconnected = threading.Event()
        self._numbers = itertools.count(1)
        self._on_accept = on_accept
        self._tls = tls
        self._path = path
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._main, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(60)
        assert not self._thread.is_alive()

    def drop_connections(self) -> None:
        """Close every connection, as a service does with those it has kept long enough, and wait until it is done."""
        done = threading.Event()

        def drop() -> None:
            for writer in list(self.connected):
                writer.close()
            self._loop.call_later(0.02, done.set)

        self._loop.call_soon_threadsafe(drop)
        assert done.wait(60)

    def _main(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._serve(ready))
        self._loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        if self._path is not None:
            server = await asyncio.start_unix_server(self._connection, self._path)
            self.base_url = "http://local"
        else:
            server = await asyncio.start_server(self._connection, "127.0.0.1", 0, ssl=self._tls, backlog=1024)
            self.port = server.sockets[0].getsockname()[1]
            self.base_url = f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"
        ready.set()
        await self._stopping.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(10):  # a connection that was cut off in its TLS handshake takes several turns to close
            await asyncio.sleep(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.connected.add(writer)
        try:
            if self._on_accept is not None:
                self._on_accept(writer)
            while True:
                exchange = await self._read(reader, writer)
                self.requests.append(exchange)
                acting = asyncio.ensure_future(self.behaviour(exchange))
                hearing = asyncio.ensure_future(reader.read(1))  # clients here do not pipeline: it ends when they go
                try:
                    await asyncio.wait({acting, hearing}, return_when=asyncio.FIRST_COMPLETED)
                    if not acting.done():
                        self.disconnected.set()
                        return
                    acting.result()
                finally:
                    acting.cancel()
                    hearing.cancel()
                    await asyncio.gather(acting, hearing, return_exceptions=True)
        except (Gone, OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            self.connected.discard(writer)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int((await reader.readline()).strip(), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Exchange(self, next(self._numbers), method, target, headers, body, writer)


# The faults. Each is a behaviour; what a call must end in is in tests/test_hostile_service.py.


async def silent(_: Exchange) -> None:
    await asyncio.sleep(60)


async def reset_at_once(exchange: Exchange) -> None:
    exchange.reset()


async def close_at_once(exchange: Exchange) -> None:
    exchange.close()


async def reset_in_head(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Ty")
    exchange.reset()


async def close_in_head(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Ty")
    exchange.close()


async def reset_in_body(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Length": "1000"}) + b'{"id"')
    await asyncio.sleep(0.002)
    exchange.reset()


async def half_body(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Length": "1000"}) + b'{"id": "p"')
    exchange.close()


async def half_chunks(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Transfer-Encoding": "chunked"}) + b'5\r\n{"id"\r\n')
    exchange.close()


async def bad_chunks(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Transfer-Encoding": "chunked"}) + b'xyz\r\n{"id"\r\n0\r\n\r\n')
    await asyncio.sleep(60)


async def length_too_small(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Length": "5"}) + json.dumps(PROJECT).encode())


async def length_too_large(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Length": "1000"}) + json.dumps(PROJECT).encode())
    await asyncio.sleep(60)


async def length_absurd(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Length": "-7"}) + json.dumps(PROJECT).encode())
    await asyncio.sleep(60)


async def two_lengths(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\n" + b"x" * 50)
    await asyncio.sleep(60)


async def drip_head(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        await exchange.raw(b"X-%d: y\r\n" % number)
        await asyncio.sleep(0.02)


async def drip_body(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Length": "100000"}))
    while True:
        await exchange.raw(b" ")
        await asyncio.sleep(0.02)


async def endless_body(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Type": "application/json"}))
    while True:
        await exchange.raw(b" " * 65536)


async def huge_body_announced(exchange: Exchange) -> None:
    await exchange.raw(head_of(200, {"Content-Length": str(2**30)}))
    for _ in range(2**14):
        await exchange.raw(b" " * 65536)


async def endless_error(exchange: Exchange) -> None:
    await exchange.raw(head_of(418, {"Content-Type": "text/plain"}))
    while True:
        await exchange.raw(b"no " * 20000)


async def endless_head(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        await exchange.raw(b"y" * 65536)


async def endless_interim(exchange: Exchange) -> None:
    while True:
        await exchange.raw(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
        await asyncio.sleep(0.005)


async def not_http(exchange: Exchange) -> None:
    await exchange.raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    exchange.close()


async def absurd_version(exchange: Exchange) -> None:
    await exchange.raw(b"HTTP/seven 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    exchange.close()


async def deep_json(exchange: Exchange) -> None:
    await exchange.reply(200, b"[" * 20_000 + b"]" * 20_000)


async def deep_object(exchange: Exchange) -> None:
    await exchange.reply(200, b'{"id": "p", "name": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001)


async def deep_error(exchange: Exchange) -> None:
    await exchange.reply(418, b'{"error":' * 5_000 + b'"no"' + b"}" * 5_000)


async def bad_utf8(exchange: Exchange) -> None:
    await exchange.reply(200, b'{"id": "p", "name": "\xff\xfe"}')


async def html(exchange: Exchange) -> None:
    await exchange.reply(200, b"<html><h1>Sign in</h1></html>", {"Content-Type": "text/html"})


async def empty(exchange: Exchange) -> None:
    await exchange.reply(200, b"")


async def wrong_shape(exchange: Exchange) -> None:
    await exchange.reply(200, {"id": ["p"], "name": {"a": 1}})


_BOMB = gzip.compress(b" " * 2**22)  # 4 MiB in 4 KiB
_DEFLATED = zlib.compress(b"no " * 2**17)


async def gzip_bomb(exchange: Exchange) -> None:
    await exchange.reply(200, _BOMB, {"Content-Encoding": "gzip"})


async def deflate_bomb_in_error(exchange: Exchange) -> None:
    await exchange.reply(418, _DEFLATED, {"Content-Encoding": "deflate"})


async def bad_gzip(exchange: Exchange) -> None:
    await exchange.reply(200, b"this is no gzip at all", {"Content-Encoding": "gzip"})


async def cut_gzip(exchange: Exchange) -> None:
    await exchange.reply(200, gzip.compress(json.dumps(PROJECT).encode())[:20], {"Content-Encoding": "gzip"})


async def redirect_loop(exchange: Exchange) -> None:
    await exchange.reply(307, None, {"Location": exchange.target})


async def redirect_nowhere(exchange: Exchange) -> None:
    await exchange.reply(302, None, {"Location": "http://[half/an/address"})


async def redirect_to_script(exchange: Exchange) -> None:
    await exchange.reply(302, None, {"Location": "javascript:alert(1)"})


async def redirect_without_location(exchange: Exchange) -> None:
    await exchange.reply(302, None)


async def server_error(exchange: Exchange) -> None:
    await exchange.reply(500, b"<html>Bad things</html>", {"Content-Type": "text/html"})


async def rate_limit(exchange: Exchange) -> None:
    await exchange.reply(429, {"detail": "slow down"}, {"Retry-After": "soon"})


def held(release: threading.Event, status: int = 200) -> Behaviour:
    """Answer any request once the event is set."""

    async def behave(exchange: Exchange) -> None:
        while not release.is_set():  # noqa: ASYNC110  # set by another thread
            await asyncio.sleep(0.005)
        await exchange.reply(status, PROJECT)

    return behave


def reset_on_accept(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise Gone
