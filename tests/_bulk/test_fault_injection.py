"""A journal never hangs: a killed run is resumed with a fault at each write and each request, one after another.

The service is in memory, behind `Exchange.send`, so that a run takes milliseconds. Whatever the fault, the resumed
run ends with an outcome for every item or with an error; and the run after it creates what is missing, nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import attrs
import pytest
from bulk_service import drained

from text2everything import AsyncText2EverythingClient, BulkResult, Text2EverythingClient
from text2everything._bulk import journal_file
from text2everything._transport.errors import FailedAttempt, final_failure
from text2everything._transport.exchange import Exchange
from text2everything._transport.messages import Reply, Request
from text2everything._transport.retry import Failure, Outcome
from text2everything.exceptions import (
    AuthenticationError,
    ConnectionError,  # noqa: A004
    NotFoundError,
    RateLimitError,
    ServerError,
)

KNOWN = 10
"""Items that the killed run knew of."""

COUNT = 14
"""Items of the input: some are new to the journal."""

GUARD = 20.0
"""Seconds after which a run counts as hanging; the longest takes less than one."""

OPTIONS: dict[str, Any] = {
    "base_url": "http://127.0.0.1:1",
    "access_token": "x",
    "workspace_name": "workspaces/x",
    "timeout": 0.05,
    "read_timeout": 0.05,
    "max_retries": 1,
    "retry_delay": 0.001,
}


def rating(index: int) -> dict[str, Any]:
    # Some are about the same message, and are sent one after the other.
    return {"chat_message_id": f"m{index % 9}", "feedback": f"rating {index}", "is_positive": True}


RATINGS = [rating(index) for index in range(COUNT)]


@attrs.define
class Fault:
    """What fails: one operation, by its number, or that one and all after it."""

    kind: str
    at: int
    lasting: bool

    def hits(self, number: int) -> bool:
        return number >= self.at if self.lasting else number == self.at


NONE = Fault("none", -1, lasting=False)


class World:
    """A service of ratings in memory, and a disk; both count what they are asked for, and may fail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journals = 0
        self.items: list[dict[str, Any]] = []
        self.fault = NONE
        self.requests = self.writes = 0

    def reset(self, fault: Fault = NONE) -> None:
        self.fault = fault
        self.requests = self.writes = 0

    def after(self, killed: Killed, fault: Fault = NONE) -> Path:
        """Restore what a killed run left, and return the path of its journal."""
        self.reset(fault)
        self.items[:] = killed.stored
        self.journals += 1
        path = self.folder / f"journal-{self.journals}"
        path.write_bytes(killed.journal)
        return path

    # The service.

    def store(self, body: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        item = {"id": str(uuid4()), "created_at": now, "updated_at": now, "project_id": "p", **body}
        self.items.append(item)
        return item

    def answer(self, request: Request) -> Reply:
        if request.method == "POST":
            assert isinstance(request.body, bytes)
            found: Any = self.store(json.loads(request.body))
        elif request.path.endswith("/feedback"):
            skip, limit = int(request.query["skip"]), int(request.query["limit"])
            found = {"items": self.items[skip : skip + limit], "total": len(self.items)}
        else:
            found = {"id": "p", "name": "p", "created_at": "2026-01-01T00:00:00", "updated_at": "2026-01-01T00:00:00"}
        return Reply(200, json.dumps(found).encode(), {}, request, f"/api{request.path}")

    async def send(self, request: Request) -> Reply | FailedAttempt:
        await asyncio.sleep(0)
        number, self.requests = self.requests, self.requests + 1
        if self.fault.kind not in REQUEST_FAULTS or not self.fault.hits(number):
            return self.answer(request)
        return await REQUEST_FAULTS[self.fault.kind](self, request)

    # The disk.

    def disk(self, kinds: tuple[str, ...]) -> bool:
        """Count an operation, and return whether it fails."""
        number, self.writes = self.writes, self.writes + 1
        return self.fault.kind in kinds and self.fault.hits(number)


async def refused(_: World, __: Request) -> FailedAttempt:
    return FailedAttempt(ConnectionError("cannot connect"), Outcome(Failure.UNSENT))


async def untrusted(_: World, __: Request) -> FailedAttempt:
    return final_failure(ConnectionError("no secure connection"))


async def lost(world: World, request: Request) -> FailedAttempt:
    world.answer(request)
    return FailedAttempt(ConnectionError("the connection broke"), Outcome(Failure.LOST))


async def hanging(_: World, __: Request) -> FailedAttempt:
    await asyncio.Event().wait()
    raise AssertionError


async def hanging_afterwards(world: World, request: Request) -> FailedAttempt:
    world.answer(request)
    return await hanging(world, request)


async def cancelled(_: World, __: Request) -> FailedAttempt:
    raise asyncio.CancelledError


async def broken_hook(_: World, __: Request) -> FailedAttempt:
    raise ZeroDivisionError("a hook of the caller")


async def senseless(world: World, request: Request) -> Reply:
    world.answer(request)
    return Reply(200, b"<html>", {}, request, f"/api{request.path}")


def status(code: int, error: Callable[..., Any], retry_after: float | None = None) -> Any:
    async def fault(_: World, __: Request) -> FailedAttempt:
        found = error("no", status_code=code)
        return FailedAttempt(found, Outcome(Failure.STATUS, code, retry_after))

    return fault


REQUEST_FAULTS: dict[str, Callable[[World, Request], Any]] = {
    "401": status(401, AuthenticationError),
    "404": status(404, NotFoundError),
    "429": status(429, RateLimitError, 0.001),
    "500": status(500, ServerError),
    "503": status(503, ServerError),
    "refused": refused,
    "untrusted": untrusted,
    "lost": lost,
    "hanging": hanging,
    "hanging afterwards": hanging_afterwards,
    "cancelled": cancelled,
    "broken hook": broken_hook,
    "senseless": senseless,
}

WRITE_FAULTS = ("full", "half written", "unmendable")
"""A disk that takes nothing; half of a line; half of a line, and cannot cut it off again."""


class FaultyFile(FileIO):
    """A file of which each write, truncate and close counts, and may fail."""

    world: World

    def write(self, data: Any) -> int:
        if not self.world.disk(WRITE_FAULTS):
            return super().write(data)
        if self.world.fault.kind != "full":
            super().write(bytes(data)[: len(data) // 2])
        raise OSError(28, "No space left on device")

    def truncate(self, size: int | None = None) -> int:
        if self.world.disk(("full",)) or (self.world.fault.kind == "unmendable" and self.world.fault.hits(0)):
            raise OSError(28, "No space left on device")
        return super().truncate(size)

    def close(self) -> None:
        was_open = not self.closed
        super().close()
        if was_open and self.world.disk(("full",)):
            raise OSError(5, "Input/output error")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World(tmp_path)

    async def send(_: Exchange, __: Any, request: Request, ___: Any, **____: Any) -> Reply | FailedAttempt:
        return await world.send(request)

    def faulty_sync(file: int) -> None:
        if world.disk(("full",)):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Exchange, "send", send)
    monkeypatch.setattr(os, "fsync", faulty_sync)
    monkeypatch.setattr(FaultyFile, "world", world, raising=False)
    monkeypatch.setattr(journal_file, "FileIO", FaultyFile)
    monkeypatch.setattr("text2everything._bulk.journal.GRACE", 0.0)
    for name in ("PATIENCE", "REFUSAL_SECONDS", "FAILURE_SECONDS"):
        monkeypatch.setattr(f"text2everything._bulk.health.{name}", 0.02, raising=False)
    monkeypatch.setattr("text2everything._bulk.throttling.PAUSE", 0.001)
    monkeypatch.setattr("text2everything._bulk.paced_transport.MIN_DELAY", 0.001)
    return world


@attrs.frozen
class Killed:
    """What a killed run left: its journal, and what the service stored."""

    name: str
    journal: bytes
    stored: tuple[dict[str, Any], ...]


async def killed_runs(world: World) -> list[Killed]:
    """Run once, and return what would be there had the run been killed at various moments."""
    path = world.folder / "journal"
    async with AsyncText2EverythingClient(**OPTIONS | {"timeout": 60, "read_timeout": 60}) as client:
        await client.feedback.bulk_create("p", RATINGS[:KNOWN], journal=path)
    return moments(path, sorted(world.items, key=lambda item: int(item["feedback"][7:])))


def moments(path: Path, items: list[dict[str, Any]]) -> list[Killed]:
    lines = path.read_bytes().splitlines(keepends=True)
    created = {int(line.split()[1]): line for line in lines if line.startswith(b"c ")}
    sent = [line for line in lines if not line.startswith(b"c ")]
    assert (len(created), len(sent)) == (KNOWN, 2)

    def left(name: str, known: Iterator[int], stored: Iterator[int], *more: bytes) -> Killed:
        journal = b"".join([*sent, *(created[index] for index in known), *more])
        return Killed(name, journal, tuple(items[index] for index in stored))

    return [
        Killed("at birth", sent[0][:20], ()),
        Killed("before anything was sent", sent[0], ()),
        left("with everything in flight", iter(()), iter(range(0, KNOWN, 2))),
        left("half done", iter(range(4)), iter(range(7)), created[4][:9]),
        left("with a failure", iter((0, 1, 3)), iter((0, 1, 3, 5, 6)), b'f 2 "no"\n'),
        left("at the end", iter(range(KNOWN)), iter(range(KNOWN))),
    ]


# The ways to resume. Each returns the indices that have an outcome, and those that are said not to be sent.


async def by_create(client: AsyncText2EverythingClient, path: Path) -> tuple[list[int], list[int]]:
    result = await client.feedback.bulk_create("p", RATINGS, journal=path, on_error="collect")
    return _indices(result)


async def by_create_of_unknown_length(client: AsyncText2EverythingClient, path: Path) -> tuple[list[int], list[int]]:
    async def source() -> AsyncIterator[dict[str, Any]]:
        for item in RATINGS:
            await asyncio.sleep(0)
            yield item

    result = await client.feedback.bulk_create("p", source(), journal=path, on_error="stop")
    return _indices(result)


async def by_stream(client: AsyncText2EverythingClient, path: Path) -> tuple[list[int], list[int]]:
    outcomes: list[Any] = []
    stream = client.feedback.bulk_create_stream("p", iter(RATINGS), journal=path, window=4)
    await drained(stream, outcomes)
    return [outcome.index for outcome in outcomes], list(stream.not_sent)


def by_blocking_create(client: Text2EverythingClient, path: Path) -> tuple[list[int], list[int]]:
    return _indices(client.feedback.bulk_create("p", RATINGS, journal=path, on_error="collect"))


def by_blocking_stream(client: Text2EverythingClient, path: Path) -> tuple[list[int], list[int]]:
    stream = client.feedback.bulk_create_stream("p", iter(RATINGS), journal=path, window=4)
    return [outcome.index for outcome in stream], []


def _indices(result: BulkResult[Any]) -> tuple[list[int], list[int]]:
    return [*result.indices, *(failure.index for failure in result.failures)], list(result.not_sent)


ASYNC_WAYS = (by_create, by_create_of_unknown_length, by_stream)
BLOCKING_WAYS = (by_blocking_create, by_blocking_stream)


async def run(way: Any, path: Path, **options: Any) -> tuple[list[int], list[int]]:
    """Resume one way, and fail if that hangs."""
    try:
        async with asyncio.timeout(GUARD) as guard:
            if way in ASYNC_WAYS:
                async with AsyncText2EverythingClient(**OPTIONS | options) as client:
                    return await way(client, path)

            def blocking() -> Any:
                with Text2EverythingClient(**OPTIONS | options) as client:
                    return way(client, path)

            return await asyncio.to_thread(blocking)
    except TimeoutError:
        if guard.expired():
            pytest.fail("it hangs")  # no Exception, so that it is not taken for what the run raised
        raise


async def check(world: World, killed: Killed, way: Any, fault: Fault) -> None:
    """Resume a killed run with a fault; then once more, without."""
    path = world.after(killed, fault)
    try:
        known, not_sent = await run(way, path)
    except Exception:  # noqa: BLE001  # any: the fault reached the caller
        pass
    else:
        assert sorted([*known, *not_sent]) == list(range(COUNT))
    world.reset()
    known, _ = await run(by_create, path, timeout=60, read_timeout=60)
    assert sorted(known) == list(range(COUNT))
    assert Counter(item["feedback"] for item in world.items) == Counter(item["feedback"] for item in RATINGS)


async def faults(world: World, killed: Killed, way: Any) -> list[Fault]:
    """Return a fault for each write and each request that resuming takes."""
    await run(way, world.after(killed))
    found = [
        Fault(kind, at, lasting=lasting)
        for kinds, count in ((WRITE_FAULTS, world.writes), (REQUEST_FAULTS, world.requests))
        for kind in kinds
        for at in range(count)
        for lasting in (False, True)
    ]
    assert len(found) >= 2 * len(WRITE_FAULTS) * 3
    return found


async def sweep(world: World, ways: Any, most: int | None = None) -> int:
    """Inject every fault, or `most` of them chosen at random, and return how many that were."""
    cases = [
        (killed, way, fault)
        for killed in await killed_runs(world)
        for way in ways
        for fault in await faults(world, killed, way)
    ]
    if most is not None:
        cases = random.Random(most).sample(cases, most)
    for killed, way, fault in cases:
        try:
            await check(world, killed, way, fault)
        except BaseException as error:
            error.add_note(f"killed {killed.name}, resumed {way.__name__}, {fault}")
            raise
    return len(cases)


@pytest.mark.parametrize("ways", [ASYNC_WAYS, BLOCKING_WAYS], ids=["async", "blocking"])
async def test_some_faults(world, ways):
    await sweep(world, ways, 40)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", [*ASYNC_WAYS, *BLOCKING_WAYS], ids=lambda way: way.__name__)
async def test_every_fault(world, way, capsys):
    # The blocking ways run the same bulk call in another thread: some of their faults are enough in each run.
    count = await sweep(world, [way], None if way in ASYNC_WAYS else 500)
    with capsys.disabled():
        print(f"\n{way.__name__}: {count:,} faults injected")
