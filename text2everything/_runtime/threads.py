"""Threads, locks, sockets and event loops of the operating system, also in programs patched by gevent or eventlet.

In such a program `threading` makes greenlets, which all run in one thread of the system, and an event loop in one of
them would stop the others. The originals are looked up when they are needed: a program may be patched at any time.
"""

from __future__ import annotations

import _socket
import asyncio
import importlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

__all__ = [
    "Latch",
    "SystemThread",
    "UnpatchedLoop",
    "get_ident",
    "holding",
    "lock",
    "new_latch",
    "new_socket",
    "original",
    "patched_by",
    "rlock",
]

MAX_POLL = 0.02
"""Seconds between two looks at most, where a greenlet cannot be woken by another thread."""


def patched_by() -> str | None:
    """Return `gevent` or `eventlet`, if one has patched the standard library, or else None."""
    gevent: Any = sys.modules.get("gevent.monkey")
    if gevent is not None and any(map(gevent.is_module_patched, ("threading", "socket", "select"))):
        return "gevent"
    eventlet: Any = sys.modules.get("eventlet.patcher")
    if eventlet is not None and any(map(eventlet.is_monkey_patched, ("thread", "socket", "select"))):
        return "eventlet"
    return None


def original(module: str, name: str) -> Any:
    """Return a member of a module of the standard library as it was before it was patched."""
    by = patched_by()
    if by == "gevent":
        return sys.modules["gevent.monkey"].get_original(module, name)
    if by == "eventlet":
        return getattr(sys.modules["eventlet.patcher"].original(module), name)
    return getattr(importlib.import_module(module), name)


def lock() -> threading.Lock:
    """Return a lock that holds up the whole thread, for what takes no time."""
    return original("_thread", "allocate_lock")()  # type: ignore[no-any-return]


def rlock() -> threading.RLock:
    """Return a reentrant lock of the same kind."""
    return original("_thread", "RLock")()  # type: ignore[no-any-return]


@contextmanager
def holding(held: threading.Lock) -> Iterator[None]:
    """Hold a lock; a greenlet that waits for it lets others go on, of which one may hold it."""
    if patched_by() is None:
        held.acquire()
    else:
        _PolledLatch(held).acquire()
    try:
        yield
    finally:
        held.release()


def get_ident() -> int:
    """Return the number of the running thread."""
    return threading.get_ident() if patched_by() is None else original("_thread", "get_ident")()


class Latch(Protocol):
    """What one thread waits for and another one lets go, once."""

    def release(self) -> None:
        """Let the one that waits go on, from any thread."""

    def acquire(self, *, timeout: float = -1) -> bool:
        """Wait, `timeout` seconds at most if that is not negative; return whether it was released."""


def new_latch() -> Latch:
    """Return a latch for the running thread, or for the running greenlet, beside which others go on."""
    by = patched_by()
    if by == "gevent":
        return _GeventLatch()
    held = threading.Lock() if by is None else lock()
    held.acquire()
    return held if by is None else _PolledLatch(held)


class _GeventLatch:
    def __init__(self) -> None:
        gevent: Any = importlib.import_module("gevent")
        self._event = importlib.import_module("gevent.event").Event()
        self._waker = gevent.get_hub().loop.async_()
        self._is_released = False

    def release(self) -> None:
        self._is_released = True  # first: while nobody waits, the waker does nothing
        self._waker.send()

    def acquire(self, *, timeout: float = -1) -> bool:
        # Started by each wait anew, for one may have been interrupted; gevent then knows that something is to come.
        self._waker.start(self._event.set)
        try:
            return self._is_released or bool(self._event.wait(None if timeout < 0 else timeout))
        finally:
            self._waker.stop()


class _PolledLatch:
    def __init__(self, held: threading.Lock) -> None:
        self._held = held

    def release(self) -> None:
        self._held.release()

    def acquire(self, *, timeout: float = -1) -> bool:
        began = time.monotonic()
        while not self._held.acquire(blocking=False):
            waited = time.monotonic() - began
            if 0 <= timeout <= waited:
                return False
            time.sleep(min(MAX_POLL, waited / 10))  # patched: it runs other greenlets
        return True


class SystemThread:
    """A daemon thread that is one of the system's.

    Args:
        target: What to run.
        name: Its name.

    Raises:
        RuntimeError: There can be no more threads, or the interpreter is ending (from Python 3.12 on).
    """

    def __init__(self, target: Callable[[], object], name: str) -> None:
        self._thread: threading.Thread | None = None
        self._running = lock()
        if patched_by() is None:
            self._thread = threading.Thread(target=target, name=name, daemon=True)
            self._thread.start()
            return

        def run() -> None:
            try:
                target()
            finally:
                self._running.release()

        self._running.acquire()
        original("_thread", "start_new_thread")(run, ())

    def join(self, timeout: float = -1) -> bool:
        """Wait until it has ended, `timeout` seconds at most if that is not negative; return whether it has."""
        if self._thread is not None:
            self._thread.join(None if timeout < 0 else timeout)
            return not self._thread.is_alive()
        ended = self._running.acquire(timeout=timeout)
        if ended:
            self._running.release()
        return ended


def new_socket(address_info: tuple[Any, ...]) -> Any:
    """Return a socket for an address, as `getaddrinfo` describes it."""
    family, kind, protocol = address_info[:3]
    return original("socket", "socket")(family, kind, protocol)


class UnpatchedLoop(asyncio.SelectorEventLoop):
    """An event loop for a thread of the system, in a program where asyncio's own parts are patched too."""

    _internal_fds: int

    def __init__(self) -> None:
        super().__init__(_original_selector())

    def _make_self_pipe(self) -> None:
        make = original("socket", "socket")
        self._ssock, self._csock = (
            make(each.family, each.type, each.proto, each.detach()) for each in _socket.socketpair()
        )
        self._ssock.setblocking(False)
        self._csock.setblocking(False)
        self._internal_fds += 1
        self._add_reader(self._ssock.fileno(), self._read_from_self)  # type: ignore[attr-defined]  # asyncio's own


def _original_selector() -> Any:
    if patched_by() == "gevent":
        return original("selectors", "DefaultSelector")()
    # eventlet has taken `epoll` from the module `select`, and makes a copy of `selectors` with a given one.
    patcher = sys.modules["eventlet.patcher"]
    return patcher.inject("selectors", {}, ("select", patcher.original("select"))).DefaultSelector()
