"""The workers of this process: started when statements run, kept for the next ones, ended with the last service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import Any, BinaryIO, Final, cast

from text2everything._runtime.threads import lock, original
from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._pipe import STOP, read_reply

MAX_IDLE: Final = 8
"""Workers without work that are kept."""

# A worker looks for modules where this process does. Isolated, so that it does not search the working directory.
_COMMAND: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from text2everything.local._databases._worker import main; main()"
)
_END_SECONDS: Final = 5.0


class WorkerEndedError(Exception):
    """A worker ended before it took a request."""


class Worker:
    """One worker, from this side."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] = original("subprocess", "Popen")(
            [sys.executable, "-I", "-c", _COMMAND, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # a buffer has a lock, which a forked child may inherit locked
            start_new_session=True,  # Ctrl-C is for the service, which then ends its workers
        )
        self._has_ended = False
        self._requests = cast("BinaryIO", self._process.stdin)
        self._replies = cast("BinaryIO", self._process.stdout)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs, and will go on."""
        return not self._has_ended and self._process.poll() is None

    def run(self, request: dict[str, Any]) -> str:
        """Have a request answered, and return the reply.

        Raises:
            WorkerEndedError: The worker ended before.
            DatabaseError: The statement failed, or the worker ended meanwhile.
        """
        try:
            self._write(json.dumps(request).encode() + b"\n")
        except (OSError, ValueError):
            raise WorkerEndedError from None
        try:
            reply = read_reply(self._replies)
        except DatabaseError:
            # One that had long been idle ends of its own accord, and may just have done so.
            if self._process.wait() == 0:
                raise WorkerEndedError from None
            raise
        self._has_ended = reply.is_last
        if reply.is_error:
            raise DatabaseError(reply.text)
        return reply.text

    def stop(self) -> None:
        """Have the statement stopped that runs; `run` then returns or raises in its thread."""
        with suppress(OSError, ValueError):
            self._write(STOP)

    def end(self) -> None:
        """End the worker, and with it what it does."""
        self._close_pipes()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Let go of the worker, in a forked child, whose copies of the pipes would keep it alive."""
        self._close_pipes()
        self._process.returncode = 0  # else Python waits for the parent's process

    def _close_pipes(self) -> None:
        for pipe in (self._requests, self._replies):
            with suppress(OSError):
                pipe.close()

    def _write(self, line: bytes) -> None:
        while line:
            line = line[self._requests.write(line) :]


class Workers:
    """The workers of all services in this process.

    Statements of one service may run in a worker of another: a worker keeps nothing between two statements.
    """

    def __init__(self) -> None:
        self._lock = lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._services = 0

    def open(self) -> None:
        """Keep workers for one more service."""
        with self._lock:
            self._services += 1

    def close(self) -> None:
        """Undo one `open`; the last one ends all workers."""
        with self._lock:
            self._services -= 1
            if self._services:
                return
            idle, self._idle, busy, self._busy = self._idle, [], self._busy, set()
        for worker in busy:
            worker.kill()  # whoever waits for its reply then ends it
        for worker in idle:
            worker.end()

    def take(self) -> Worker:
        """Return a worker without work, for one statement."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    break
                worker.end()
            else:
                worker = Worker()
            self._busy.add(worker)
        return worker

    def give_back(self, worker: Worker) -> None:
        """Keep a worker for further statements, or end it."""
        with self._lock:
            is_kept = worker in self._busy  # else it was ended by `close`
            self._busy.discard(worker)
            if is_kept and worker.is_alive and len(self._idle) < MAX_IDLE:
                self._idle.append(worker)
                return
        worker.end()

    def forget(self) -> None:
        """Let go of all workers in a forked child: they are the parent's."""
        for worker in (*self._idle, *self._busy):
            worker.forget()


workers = Workers()


def _after_fork_in_child() -> None:
    global workers  # noqa: PLW0603
    workers.forget()
    workers = Workers()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork_in_child)
