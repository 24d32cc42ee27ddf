"""A worker: a process that runs one statement after the other, for the service that started it.

What a statement does to its process, by an enormous value, a crash of a driver or a setting, it does not do to the
service. Requests come on the standard input, replies go to the standard output. The line `stop` stops the statement
that runs, and so does the end of the input, which is the end of the service.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from text2everything.local._databases._answer import Answer
from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._pipe import STOP, Reply, write_reply

MAX_IDLE_SECONDS = 60.0
"""A worker without work ends after so long."""
MAX_STOP_SECONDS = 6.0
"""A statement that does not stop ends its worker after so long."""
MAX_MEMORY = 4 * 2**30
"""Bytes that a worker may take."""
MAX_HELD_MEMORY = 2**28
"""A worker that still holds more bytes after a statement ends, so that each one has the same memory to work with."""


def main() -> None:
    """Answer requests until the input ends, or none comes for a while."""
    requests, replies = _take_standard_streams()
    _limit_memory()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    running = _Running()
    threading.Thread(target=_read, args=(requests, lines, running), daemon=True).start()
    with contextlib.suppress(queue.Empty, BrokenPipeError):
        while line := lines.get(timeout=MAX_IDLE_SECONDS):
            answer = Answer(json.loads(line))
            with running.stoppable(answer):
                text, is_error = _make(answer)
            is_last = _held_memory() > MAX_HELD_MEMORY
            write_reply(replies, Reply(text, is_error, is_last))
            if is_last:
                return


def _make(answer: Answer) -> tuple[str, bool]:
    """Return the result, or an error message, and whether it is one."""
    try:
        return answer.make(), False
    except DatabaseError as error:
        return str(error), True


def _held_memory() -> int:
    """Return the bytes of data that this process holds, 0 where that is not known."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[5]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the standard streams; in their place there is nothing, whatever a driver reads or writes."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    return requests, replies


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limit
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))


class _Running:
    """The statement that runs now, if one does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: Answer | None = None
        self._is_idle = threading.Event()
        self._has_ended = False

    @contextlib.contextmanager
    def stoppable(self, answer: Answer) -> Iterator[None]:
        """Let a statement be stopped in the block."""
        with self._lock:
            self._answer = answer
            self._is_idle.clear()
            if self._has_ended:
                answer.stop()
        try:
            yield
        finally:
            with self._lock:
                self._answer = None
                self._is_idle.set()

    def stop(self, *, is_end: bool) -> None:
        """Stop the statement, and those that come after the end of the input; end the process if that takes long."""
        with self._lock:
            answer = self._answer
            self._has_ended = is_end
        if answer is not None:
            answer.stop()
            if not self._is_idle.wait(MAX_STOP_SECONDS):
                os._exit(1)


def _read(requests: BinaryIO, lines: queue.SimpleQueue[bytes], running: _Running) -> None:
    """Hand on the lines of the input, the last of which is empty."""
    while line := requests.readline():
        if line == STOP:
            running.stop(is_end=False)
        else:
            lines.put(line)
    lines.put(b"")
    running.stop(is_end=True)
