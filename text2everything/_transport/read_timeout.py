"""How long the service may be silent: aiohttp's `sock_read`, on one timer for all requests.

aiohttp makes a timer of the event loop for every request, and another for every piece of data, only to cancel them:
a twentieth of a request's processor time. Here each connection notes when it last heard of the service, which is
looked at when the earliest time of all has come. The body of a long reply, and a connector that was given to the
client, keep aiohttp's timers.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from text2everything._transport.deadlines import Deadline, Deadlines

__all__ = ["AttentiveConnector", "AttentiveProtocol", "response_class"]


class AttentiveProtocol(ResponseHandler):
    """A connection that notes when it last heard of the service.

    Attributes:
        heard: When that was, by the loop's clock.
        patience: Seconds the service may be silent before its reply begins; None leaves that to aiohttp.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._clock = loop.time
        self.heard = self._clock()
        self.patience: float | None = None

    def begin(self, *, at_once: bool) -> None:
        """Prepare for the next request; whether it is sent `at_once`, or takes its time as files do."""
        self.patience = None
        if at_once:
            self.patience, self.read_timeout = self.read_timeout, None
            self.heard = self._clock()

    def go_on(self) -> None:
        """Leave the rest of a reply to aiohttp's timers."""
        self.read_timeout = self.patience
        self.start_timeout()

    def data_received(self, data: bytes) -> None:
        self.heard = self._clock()
        super().data_received(data)


class AttentiveConnector(aiohttp.TCPConnector):
    """A connector of any number of such connections."""

    def __init__(self, *, keepalive_timeout: float) -> None:
        super().__init__(limit=0, keepalive_timeout=keepalive_timeout)
        # There is no public way to say so; an aiohttp that did not heed this would go on with its own timers.
        self._factory = partial(cast("type[ResponseHandler]", AttentiveProtocol), loop=self._loop)


class _Silence(Deadline):
    """Ends a wait in `TimeoutError` once nothing was heard for as long as may be."""

    __slots__ = ("_patience", "_protocol")

    def __init__(self, waits: Deadlines, protocol: AttentiveProtocol, patience: float) -> None:
        self._protocol = protocol
        self._patience = patience
        super().__init__(waits, protocol.heard + patience)

    def when(self) -> float:
        return self._protocol.heard + self._patience


class _Response(aiohttp.ClientResponse):
    """A reply whose beginning is waited for on the timer of its session's `waits`."""

    waits: Deadlines

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        protocol = connection.protocol
        if not isinstance(protocol, AttentiveProtocol) or protocol.patience is None:
            return await super().start(connection)
        with _Silence(self.waits, protocol, protocol.patience):
            await super().start(connection)
        if not self.content.is_eof():
            protocol.go_on()
        return self


def response_class(loop: asyncio.AbstractEventLoop) -> type[aiohttp.ClientResponse]:
    """Return the class of the replies of one session."""
    return type("Response", (_Response,), {"waits": Deadlines(loop)})
