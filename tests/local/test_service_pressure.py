"""Clients that connect and keep the service waiting, and too many of them: they are sent away, others are served."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from typing import Self

import aiohttp
import pytest
from aiohttp import web

from text2everything.local import LocalService, _connections, _server

from .conftest import ScriptedEngine, Wire, headers

HEAD = b"POST /api/projects HTTP/1.1\r\nHost: x\r\n"
Start = Callable[..., LocalService]


@pytest.fixture
def start(monkeypatch) -> Iterator[Start]:
    """Starts services with other limits, which look for what is overdue more often."""
    monkeypatch.setattr(_connections, "_LOOK_SECONDS", 0.02)
    with contextlib.ExitStack() as stack:

        def start(*middlewares, **limits) -> LocalService:
            monkeypatch.setattr(_server, "ConnectionLimits", lambda: _connections.ConnectionLimits(**limits))
            return stack.enter_context(LocalService(engine=ScriptedEngine(), middlewares=middlewares))

        yield start


def authorized(service: LocalService) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers(service).items()).encode()


class Raw:
    """A connection over which anything may be sent."""

    def __init__(self, service: LocalService) -> None:
        self.address = service.base_url.removeprefix("http://").split(":")

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(*self.address)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    async def rest(self) -> bytes:
        """Return all that the service sends until it closes the connection."""
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionResetError):
                return await self.reader.read()
        return b"reset"


async def drip(raw: Raw) -> None:
    """Send one byte after the other, until the service has had enough."""
    rest = asyncio.create_task(raw.rest())
    while not rest.done():
        raw.writer.write(b"x")
        await asyncio.sleep(0.01)


def refusal(reply: bytes) -> tuple[int, str]:
    """Return the status and the sentence of a raw reply."""
    head, _, body = reply.partition(b"\r\n\r\n")
    assert b"Connection: close" in head
    return int(head.split()[1]), json.loads(body)["detail"]


def named(length: int) -> io.BytesIO:
    return io.BytesIO(b'{"name": "' + b"x" * length + b'"}')


@pytest.mark.parametrize("sent", [b"", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"])
async def test_a_connection_without_a_request_is_closed(start: Start, sent):
    async with Raw(start(idle_seconds=0.5)) as raw:
        raw.writer.write(sent)
        reply = await raw.rest()
    assert reply.startswith(b"HTTP/1.1 200 OK" if sent else b"")
    assert bool(reply) is bool(sent)


async def test_a_head_that_does_not_end_is_refused(start: Start):
    service = start(head_seconds=0.2)
    async with Raw(service) as raw:
        raw.writer.write(HEAD + b"X-Name: ")
        assert refusal(await raw.rest()) == (408, "The head of the request did not arrive in time")
    async with Raw(service) as raw:
        raw.writer.write(HEAD + b"X-Name: ")
        await drip(raw)


async def test_the_time_for_a_head_begins_with_its_first_byte(start: Start):
    async with Raw(start(head_seconds=30, idle_seconds=0.5)) as raw:
        raw.writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        await asyncio.sleep(1)
        raw.writer.write(b"\r\n")
        assert await raw.reader.readline() == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("dripped", [False, True])
@pytest.mark.parametrize("length", [b"Content-Length: 1000000\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_a_body_that_does_not_end_is_refused(start: Start, length, dripped):
    service = start(body_seconds=0.2)
    sent = HEAD + authorized(service) + length + b"\r\n" + (b"fffff\r\n" if b"chunked" in length else b"")
    async with Raw(service) as raw:
        raw.writer.write(sent)
        if dripped:
            await drip(raw)
        else:
            assert refusal(await raw.rest()) == (408, "The body of the request did not arrive in time")


@pytest.mark.slow
async def test_a_slow_body_that_arrives_is_answered(start: Start):
    service = start(body_seconds=1)

    async def body():
        yield b'{"name": "'
        for _ in range(30):
            await asyncio.sleep(0.1)
            yield b"x" * 20_000
        yield b'"}'

    async with aiohttp.ClientSession(headers=headers(service)) as session:
        assert (await Wire(session, service.base_url)("POST", "/projects", data=body()))[0] == 201


@pytest.mark.slow
async def test_a_handler_may_take_its_time(start: Start):
    """Also while a body waits that is larger than what is read ahead."""

    @web.middleware
    async def wait(request, handler):
        await asyncio.sleep(3)
        return await handler(request)

    service = start(wait, idle_seconds=1, head_seconds=1, body_seconds=1)
    async with aiohttp.ClientSession(headers=headers(service)) as session:
        wire = Wire(session, service.base_url)
        assert (await wire("POST", "/projects", data=named(5_000_000)))[0] == 201


async def test_a_reply_that_nobody_reads_ends(start: Start, monkeypatch):
    aborted = asyncio.Event()
    loop, abort = asyncio.get_running_loop(), _connections.Connection.abort

    def note(connection: _connections.Connection) -> None:
        loop.call_soon_threadsafe(aborted.set)
        abort(connection)

    monkeypatch.setattr(_connections.Connection, "abort", note)
    service = start(unread_seconds=0.2, idle_seconds=0.2)
    async with aiohttp.ClientSession(headers=headers(service)) as session:
        wire = Wire(session, service.base_url)
        assert (await wire("POST", "/projects", data=named(15_000_000)))[0] == 201
        request = b"GET /api/projects HTTP/1.1\r\nHost: x\r\n" + authorized(service) + b"\r\n"
        async with Raw(service) as raw:
            raw.writer.transport.pause_reading()
            raw.writer.write(request)
            async with asyncio.timeout(60):
                await aborted.wait()


async def test_a_reply_that_is_read_slowly_does_not_end():
    class Transport:
        unsent = 1_000_000
        aborted = False

        def get_write_buffer_size(self) -> int:
            return self.unsent

        def abort(self) -> None:
            self.aborted = True

    limits = _connections.ConnectionLimits(unread_seconds=10)
    connection = _connections.Connection(_connections.Connections(asyncio.Protocol, limits))
    transport = Transport()
    connection.connection_made(transport)
    started = asyncio.get_running_loop().time()
    for tens in range(1, 10):
        transport.unsent -= 100
        connection.close_if_overdue(started + 10 * tens)
    connection.close_if_overdue(started + 99)
    assert not transport.aborted
    connection.close_if_overdue(started + 101)
    assert transport.aborted


async def test_a_new_connection_takes_the_place_of_the_one_silent_for_longest(start: Start):
    service = start(connections=3)
    async with Raw(service) as first, Raw(service) as second, Raw(service) as third:
        for raw in (first, second, third):
            raw.writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await raw.reader.readline() == b"HTTP/1.1 200 OK\r\n"
        first.writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        await first.reader.readuntil(b"HTTP/1.1 200 OK\r\n")
        async with aiohttp.ClientSession() as session, session.get(f"{service.base_url}/health") as response:
            assert response.status == 200
        await second.rest()  # it ends
        for raw in (first, third):
            raw.writer.write(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
            await raw.reader.readuntil(b"HTTP/1.1 401 Unauthorized\r\n")


async def test_only_where_all_are_at_work_is_a_new_one_refused(start: Start):
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Callable[[], None]] = asyncio.Queue()

    @web.middleware
    async def work(request, handler):
        done = asyncio.Event()
        at_work = asyncio.get_running_loop()
        loop.call_soon_threadsafe(waiting.put_nowait, lambda: at_work.call_soon_threadsafe(done.set))
        await done.wait()
        return await handler(request)

    service = start(work, connections=2)
    url = f"{service.base_url}/health"
    async with aiohttp.ClientSession() as session:
        busy = [asyncio.create_task(session.get(url)) for _ in range(2)]
        finish = [await waiting.get() for _ in busy]
        async with session.get(url) as refused:
            assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
            assert (await refused.json())["detail"] == "The service has too many connections"
        for call in finish:
            call()
        for task in busy:
            async with await task as response:
                assert response.status == 200
        asking = asyncio.create_task(session.get(url))
        (await waiting.get())()
        async with await asking as response:
            assert response.status == 200


async def test_what_is_larger_than_any_request_is_cut_off(start: Start):
    service = start(request_bytes=100_000)
    head = HEAD + authorized(service) + b"Transfer-Encoding: chunked\r\n\r\n"
    async with Raw(service) as raw:
        raw.writer.write(head + b"fffff\r\n" + b"x" * 150_000)
        assert await raw.rest() in {b"", b"reset"}


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let the process open 4,096 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        pytest.skip("the system lets a process open fewer than 4,096 files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_six_hundred_half_open_connections_stop_nobody(many_files, service):
    body = HEAD + authorized(service) + b"Content-Length: 100000\r\n\r\n"
    host, port = service.base_url.removeprefix("http://").split(":")
    with contextlib.ExitStack() as stack:
        for number in range(600):
            half = stack.enter_context(socket.create_connection((host, int(port))))
            half.sendall([b"", b"G", HEAD, body, body + b"{"][number % 5])
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            started = time.monotonic()
            assert (await wire("GET", "/projects?limit=1"))[0] == 200
            assert time.monotonic() - started < 10  # 2 ms; the rest is for a busy machine
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            replies = await asyncio.gather(*(wire("GET", "P/contexts") for _ in range(200)))
            assert {status for status, _ in replies} == {200}
