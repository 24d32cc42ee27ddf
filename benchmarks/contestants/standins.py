"""This package, awaited, with one part of its own replaced by what it stands in for."""

from __future__ import annotations

import argparse
import asyncio

import uvloop
from turns import fields, serve

from text2everything import AsyncText2EverythingClient, client
from text2everything._transport import pool, transport
from text2everything._transport.messages import Reply, Request

parser = argparse.ArgumentParser()
parser.add_argument("--uvloop", action="store_true")
parser.add_argument("--timeout-at", action="store_true", help="asyncio.timeout_at in place of deadlines.py")
options = parser.parse_args()


class TimeoutAtTransport(transport.Transport):
    """The transport with a timer of the event loop for each call."""

    async def _send(self, request: Request) -> Reply:
        exchange = self._exchange or self._load()
        budget = self._budget(slow=request.slow)
        opened = self.pool.opened or await self.pool.open()
        async with asyncio.timeout_at(opened.loop.time() + budget) as deadline:
            opened.deadlines.add(deadline)  # closing must still be able to end it
            try:
                return await self._until_done(transport._Call(request, opened, exchange, deadline))  # noqa: SLF001
            finally:
                opened.deadlines.discard(deadline)


if options.timeout_at:
    client.Transport = TimeoutAtTransport
    pool.Deadlines = lambda _: set()

runner = asyncio.Runner(loop_factory=uvloop.new_event_loop if options.uvloop else None)
clients: dict[int, AsyncText2EverythingClient] = {}


async def _create(port: int, n: int) -> None:
    if port not in clients:
        clients[port] = AsyncText2EverythingClient(
            base_url=f"http://127.0.0.1:{port}", access_token="token", workspace_name="workspaces/bench"
        )
    create = clients[port].feedback.create
    for number in range(n):
        await create("p", **fields(number))


serve({"create": lambda **given: runner.run(_create(**given))})
for each in clients.values():
    runner.run(each.close())
runner.close()
