"""One create, with one layer more each time, all in one process and on one event loop."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import uvloop
from turns import HEADERS, fields, serve, url
from yarl import URL

from text2everything import AsyncText2EverythingClient, codec
from text2everything._transport.messages import Request
from text2everything.models import FeedbackCreate, FeedbackResponse

parser = argparse.ArgumentParser()
parser.add_argument("--uvloop", action="store_true")
runner = asyncio.Runner(loop_factory=uvloop.new_event_loop if parser.parse_args().uvloop else None)

ITEM = FeedbackCreate(**fields(1))
BODY = codec.encode(ITEM)
SETTINGS = {"access_token": "token", "workspace_name": "workspaces/bench"}


class Raw(asyncio.Protocol):
    """Writes bytes, and wakes whoever waits once bytes come back: what no HTTP client can do without."""

    transport: asyncio.Transport
    waiter: asyncio.Future[bytes]

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.waiter.set_result(data)


class Layers:
    """The means of every layer, opened once."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        _, self.raw = await loop.create_connection(Raw, "127.0.0.1", self.port)
        self.session = aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=0))
        base_url = f"http://127.0.0.1:{self.port}"
        self.client = AsyncText2EverythingClient(base_url=base_url, **SETTINGS)

    async def close(self) -> None:
        self.raw.transport.close()
        await self.session.close()
        await self.client.close()

    async def sockets(self, n: int) -> None:
        head = f"POST /api/projects/p/feedback HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
        loop = asyncio.get_running_loop()
        for _ in range(n):
            self.raw.waiter = loop.create_future()
            self.raw.transport.write(head + BODY)
            await self.raw.waiter

    async def aiohttp(self, n: int) -> None:
        address = URL(url(self.port))
        headers = {"Content-Type": "application/json"}
        for _ in range(n):
            async with self.session.post(address, data=BODY, headers=headers) as response:
                await response.read()

    async def transport(self, n: int) -> None:
        send = self.client._transport.send  # noqa: SLF001  # the layer that is measured
        for _ in range(n):
            await send(Request("POST", "/projects/p/feedback", body=BODY, repeatable=False))

    async def resource(self, n: int) -> None:
        create = self.client.feedback.create
        given = fields(1)
        for _ in range(n):
            await create("p", **given)


layers: dict[int, Layers] = {}


def _on_loop(name: str) -> Callable[[int, int], None]:
    def run(port: int, n: int) -> None:
        if port not in layers:
            layers[port] = Layers(port)
            runner.run(layers[port].open())
        runner.run(getattr(layers[port], name)(n))

    return run


def _alone(work: Callable[[], object]) -> Callable[[int], None]:
    def run(n: int) -> None:
        for _ in range(n):
            work()

    return run


REPLY = b'{"id":"5f6b9a52-0000-4000-8000-000000000001","created_at":"2026-01-02T03:04:05.678901Z",' + BODY[1:]
GIVEN = fields(1)

serve(
    {
        "sockets": _on_loop("sockets"),
        "aiohttp": _on_loop("aiohttp"),
        "transport": _on_loop("transport"),
        "resource": _on_loop("resource"),
        "model": _alone(lambda: FeedbackCreate(**GIVEN)),
        "encode": _alone(lambda: codec.encode(ITEM)),
        "decode": _alone(lambda: codec.decode(REPLY, FeedbackResponse)),
    }
)
for each in layers.values():
    runner.run(each.close())
runner.close()
