"""The connections of the server: how many there are at once, and how long each may keep the service waiting.

aiohttp limits neither: a client that connects and says nothing, or half of something, would keep its connection.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import attrs
from aiohttp import web

from text2everything.local._errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.typedefs import Handler

_LOOK_SECONDS = 1.0
_REASONS = {408: "Request Timeout", 503: "Service Unavailable"}


def _most_connections() -> int:
    """Return 512, or half of what the process may open, where that is less."""
    if sys.platform == "win32":
        return 512
    import resource  # noqa: PLC0415 - Windows has none

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 512 if files == resource.RLIM_INFINITY else max(8, min(512, files // 2))


@attrs.frozen
class ConnectionLimits:
    """What clients may ask of the server's patience.

    Attributes:
        connections: How many connections are served at once. One more closes that whose client has been silent for
            longest; only where the service is at work for all of them, the new one gets a 503.
        idle_seconds: How long a connection may be open without a request.
        head_seconds: The time for the first line and the headers of a request, from their first byte on.
        body_seconds: The time for a body, to which each KiB that has arrived adds a second.
        unread_seconds: How long nothing more of a reply may fit into the system's buffers, because its client does
            not read. They hold megabytes, which a slow client needs minutes for.
        request_bytes: Where a request is cut off, whatever it is; handlers refuse earlier, and say so.
    """

    connections: int = attrs.field(factory=_most_connections)
    idle_seconds: float = 75.0
    head_seconds: float = 20.0
    body_seconds: float = 20.0
    unread_seconds: float = 300.0
    request_bytes: int = 2**30 + 2**20  # no form is larger; see _form.py


class Connections:
    """All connections of a server; called for each new one, as the protocol factory of asyncio's servers.

    Args:
        make_protocol: Makes aiohttp's part of a connection.
        limits: What is allowed.
    """

    def __init__(self, make_protocol: Callable[[], asyncio.Protocol], limits: ConnectionLimits) -> None:
        self.make_protocol = make_protocol
        self.limits = limits
        self._served: set[Connection] = set()
        self._refused: set[Connection] = set()

    def __call__(self) -> Connection:
        return Connection(self)

    def add(self, connection: Connection) -> bool:
        """Take a new connection; return whether it is served."""
        if len(self._served) < self.limits.connections or self._make_room():
            self._served.add(connection)
            return True
        self._refused.add(connection)
        if len(self._refused) > 1 + self.limits.connections // 4:
            connection.abort()
        return False

    def discard(self, connection: Connection) -> None:
        """Forget a connection, which was closed."""
        self._served.discard(connection)
        self._refused.discard(connection)

    async def watch(self) -> None:
        """Close what has kept the service waiting for too long, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = loop.time()
            for connection in (*self._served, *self._refused):
                connection.close_if_overdue(now)

    def abort(self) -> None:
        """Close all that are left."""
        for connection in (*self._served, *self._refused):
            connection.abort()

    def _make_room(self) -> bool:
        """Close the connection that has been waiting for its client for longest; return whether there was one."""
        waiting = (connection for connection in self._served if connection.waits_for_client())
        silent = min(waiting, key=lambda connection: connection.heard, default=None)
        if silent is None:
            return False
        silent.abort()
        self._served.discard(silent)
        return True


class Connection(asyncio.Protocol):
    """One connection. It passes everything on to aiohttp's protocol, and keeps count of what its client does."""

    __slots__ = (
        "_all",
        "_http",
        "_limits",
        "_loop",
        "_received",
        "_request",
        "_since",
        "_unsent",
        "heard",
        "transport",
    )

    def __init__(self, connections: Connections) -> None:
        self._all = connections
        self._limits = connections.limits
        self._loop = asyncio.get_running_loop()
        self._http: asyncio.Protocol | None = None
        self._request: web.Request | None = None
        self._since = self.heard = self._loop.time()
        self._received = 0
        self._unsent = 0
        self.transport: asyncio.Transport

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # of a TCP server
        if self._all.add(self):
            self._http = self._all.make_protocol()
            self._http.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.heard = self._loop.time()
        if self._http is None:
            self._refuse(503, "The service has too many connections")
            return
        if not self._received and self._request is None:
            self._since = self.heard
        self._received += len(data)
        if self._received > self._limits.request_bytes:
            self.abort()
        else:
            self._http.data_received(data)
            self._end_broken_body()

    def eof_received(self) -> bool | None:
        return self._http.eof_received() if self._http else None

    def pause_writing(self) -> None:
        if self._http:
            self._http.pause_writing()

    def resume_writing(self) -> None:
        if self._http:
            self._http.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.discard(self)
        if self._http:
            self._http.connection_lost(exc)

    # Called by the middleware

    def begin(self, request: web.Request) -> None:
        """Note that a request's head is complete, and that the service is at work on it."""
        self._request = request
        self._since = self.heard
        self._received = 0

    def end(self) -> None:
        """Note that the service has answered."""
        self._request = None
        self._since = self.heard = self._loop.time()
        self._received = 0

    # Called for all connections

    def waits_for_client(self) -> bool:
        """Return whether only the client can do the next thing: send a request, or the rest of one."""
        if self.transport.get_write_buffer_size():
            return False
        return self._request is None or not (self._request.content.is_eof() or self._is_full())

    def close_if_overdue(self, now: float) -> None:
        """Close the connection if its client has kept the service waiting for too long."""
        waited, limits = now - self._since, self._limits
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent != self._unsent:
            self._since = now
        elif unsent:
            if waited > limits.unread_seconds:
                self.abort()
        elif self._request is not None:
            self._close_if_body_is_overdue(self._request, now)
        elif not self._received:
            if waited > (limits.idle_seconds if self._http else limits.head_seconds):
                self.transport.close()
        elif waited > limits.head_seconds:
            self._refuse(408, "The head of the request did not arrive in time")
        self._unsent = unsent

    def abort(self) -> None:
        """Close the connection at once."""
        self.transport.abort()

    def _close_if_body_is_overdue(self, request: web.Request, now: float) -> None:
        if request.content.is_eof():
            return
        if self._is_full():
            self._since = now
        elif now - self._since > self._limits.body_seconds + self._received / 1024:
            self._refuse(408, "The body of the request did not arrive in time")

    def _end_broken_body(self) -> None:
        """Wake a handler that waits for a body whose chunks are malformed; aiohttp tells only the next one."""
        request = self._request
        if request is not None and not request.content.is_eof() and getattr(self._http, "_messages", None):
            request.content.set_exception(web.RequestPayloadError("malformed chunks"))

    def _is_full(self) -> bool:
        """Return whether nothing more is read until some of what has arrived is processed."""
        return not self.transport.is_reading()

    def _refuse(self, status: int, sentence: str) -> None:
        """Answer in aiohttp's place, and close the connection."""
        if self._request is not None and self._request.writer.output_size:  # the reply has begun
            self.abort()
            return
        body = json.dumps(ApiError(status, sentence).body).encode()
        retry = "Retry-After: 1\r\n" if status == 503 else ""  # noqa: PLR2004
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{retry}Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


@web.middleware
async def track_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tell the connection of a request when the service is at work on it."""
    connection = request.transport.get_protocol() if request.transport else None
    if not isinstance(connection, Connection):  # another server runs the application
        return await handler(request)
    connection.begin(request)
    try:
        return await handler(request)
    finally:
        connection.end()
