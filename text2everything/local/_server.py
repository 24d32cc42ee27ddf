"""The web server of the embedded service: a listening socket, and a thread whose event loop answers requests."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import weakref
from functools import partial
from typing import cast

from aiohttp import web

from text2everything._runtime.threads import (
    SystemThread,
    UnpatchedLoop,
    get_ident,
    lock,
    new_socket,
    original,
    patched_by,
)
from text2everything.local._connections import ConnectionLimits, Connections
from text2everything.local._errors import LocalServiceError
from text2everything.local._http_connection import HttpConnection
from text2everything.local._log import log_loop_error

_BACKLOG = 1024
# How long running requests may go on when the server stops.
_SHUTDOWN_TIMEOUT_SECONDS = 0.25
_JOIN_TIMEOUT_SECONDS = 10.0

# A forked child inherits listening sockets. If it kept them open, the port would stay in use after the parent's end.
_listeners: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def _close_inherited_listeners() -> None:
    for listener in list(_listeners):
        listener.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_inherited_listeners)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to a host and port.

    Raises:
        LocalServiceError: The host cannot be resolved, or the port is in use.
    """
    try:
        family, kind, protocol, _, address = original("socket", "getaddrinfo")(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise LocalServiceError(f"host: cannot resolve {host!r}: {error}") from None
    listener: socket.socket = new_socket((family, kind, protocol))
    try:
        if os.name == "posix":
            # Takes a port with connections in TIME_WAIT. On Windows it would share a port that is in use.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise LocalServiceError(f"port: cannot listen on {host} port {port}: {error.strerror}") from None
    _listeners.add(listener)
    return listener


class ServerThread:
    """A daemon thread that runs an aiohttp application on a bound socket."""

    def __init__(self, app: web.Application, listener: socket.socket, limits: ConnectionLimits | None = None) -> None:
        self._app = app
        self._listener = listener
        self._limits = limits or ConnectionLimits()
        self._started = lock()
        self._started.acquire()
        self._start_error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: SystemThread | None = None
        self._ident: int | None = None

    def start(self) -> None:
        """Start the thread, and return when it accepts requests.

        Raises:
            LocalServiceError: aiohttp cannot start.
        """
        self._thread = SystemThread(self._run, "text2everything-local")
        self._started.acquire()
        if self._start_error is not None:
            raise LocalServiceError(f"the service could not start: {self._start_error}") from self._start_error

    def stop(self) -> None:
        """Cancel running requests, close all connections and end the thread."""
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None and self._ident != get_ident():
            self._thread.join(_JOIN_TIMEOUT_SECONDS)

    def _run(self) -> None:
        self._ident = get_ident()
        try:
            with asyncio.Runner(loop_factory=UnpatchedLoop if patched_by() else None) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised again by start()
            self._start_error = error
        finally:
            self._set_started()

    def _set_started(self) -> None:
        with contextlib.suppress(RuntimeError):  # it was before
            self._started.release()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(log_loop_error)
        # handler_cancellation, so that a client that disconnects stops its query in the database.
        runner = web.AppRunner(self._app, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_TIMEOUT_SECONDS)
        await runner.setup()
        # Not a SockSite, which would make aiohttp's own protocols instead of HttpConnection.
        make_protocol = partial(HttpConnection, cast("web.Server", runner.server), self._loop)
        connections = Connections(make_protocol, self._limits)
        watch = asyncio.create_task(connections.watch())
        try:
            server = await self._loop.create_server(connections, sock=self._listener, backlog=_BACKLOG)
            with contextlib.closing(server):
                self._set_started()
                await self._stopping.wait()
                # Stop accepting first. Connections accepted just now get registered with the runner within a few
                # iterations of the loop, and cleanup() then closes them; otherwise they would be left open.
                with contextlib.suppress(NotImplementedError):  # the event loop of Windows has no readers
                    self._loop.remove_reader(self._listener)
                await _run_scheduled_callbacks()
        finally:
            watch.cancel()
            await runner.cleanup()
            connections.abort()
            await _run_scheduled_callbacks()


async def _run_scheduled_callbacks() -> None:
    """Let the event loop run the callbacks that are scheduled now, and those that they schedule."""
    for _ in range(5):
        await asyncio.sleep(0)
