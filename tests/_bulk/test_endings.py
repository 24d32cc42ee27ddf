"""Bulk streams end, with every outcome or an error, whatever fails on the way."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from bulk_service import FeedbackService, drained, ratings, refusing

from text2everything import BulkError, Progress, Text2EverythingClient, Text2EverythingError
from text2everything._bulk.journal import Journal


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("text2everything._bulk.journal.GRACE", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def failing(*indices: int, status: int = 502) -> Any:
    """Store some ratings and answer with an error, the first time."""
    left = {f"rating {index}" for index in indices}

    async def hook(_: FeedbackService, item: dict[str, Any]) -> web.Response | None:
        if item["feedback"] not in left:
            return None
        left.remove(item["feedback"])
        return web.Response(status=status)

    return hook


async def collected(stream: Any) -> list[Any]:
    outcomes: list[Any] = []
    async with asyncio.timeout(10):
        await drained(stream, outcomes)
    return outcomes


async def as_known_by(path: Path, count: int) -> None:
    """Write the journal of a run that was killed with everything in flight."""
    async with FeedbackService().client() as client:
        await client.feedback.bulk_create("p", ratings(count), journal=path)
    keep(path, lambda line: not line.startswith(b"c "))


def keep(path: Path, wanted: Callable[[bytes], bool]) -> None:
    """Leave only some lines in a file."""
    path.write_bytes(b"".join(filter(wanted, path.read_bytes().splitlines(keepends=True))))


async def test_a_sync_that_fails_is_raised(path, monkeypatch):
    service = FeedbackService()
    async with service.client() as client:
        stream = client.feedback.bulk_create_stream("p", ratings(10), journal=path)

        def broken(_: int) -> None:
            if stream.count:
                raise OSError(5, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", broken)
            with pytest.raises(OSError, match="Input/output error"):
                await collected(stream)
    assert (service.requests, stream.not_sent) == (0, list(range(10)))


@pytest.mark.parametrize("method", ["created", "failed"])
async def test_a_result_that_cannot_be_recorded_is_an_outcome_and_the_error_is_raised(path, monkeypatch, method):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    outcomes: list[Any] = []
    async with FeedbackService(refusing(422, 0)).client() as client:
        stream = client.feedback.bulk_create_stream("p", ratings(10), journal=path)
        with monkeypatch.context() as patch:
            patch.setattr(Journal, method, full)
            with pytest.raises(OSError, match="No space left"):
                async with asyncio.timeout(10):
                    await drained(stream, outcomes)
    assert [outcome.index for outcome in outcomes] == ([0] if method == "failed" else [0, 1])


async def test_a_found_item_that_cannot_be_recorded_is_found_by_the_next_run(path, monkeypatch):
    await as_known_by(path, 6)
    service = FeedbackService()
    for item in ratings(6):
        service.store(item)
    written = Journal.created

    def full(self: Journal, job: Any, created: Any) -> None:
        if job.index == 3:
            raise OSError(28, "No space left on device")
        written(self, job, created)

    outcomes: list[Any] = []
    async with service.client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "created", full)
            with pytest.raises(OSError, match="No space left"):
                async with asyncio.timeout(10):
                    await drained(client.feedback.bulk_create_stream("p", ratings(6), journal=path), outcomes)
        assert [(outcome.index, outcome.ok) for outcome in outcomes] == [(index, index < 3) for index in range(6)]
        assert len(await client.feedback.bulk_create("p", ratings(6), journal=path)) == 6
    assert (service.requests, len(service.items)) == (0, 6)


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5])
async def test_a_small_window_resumes(path, window):
    await as_known_by(path, 12)
    service = FeedbackService()
    async with service.client() as client:
        stream = client.feedback.bulk_create_stream("p", ratings(15), journal=path, window=window)
        outcomes = await collected(stream)
    assert sorted(outcome.index for outcome in outcomes) == list(range(15))
    assert Counter(item["feedback"] for item in service.items) == Counter(f"rating {index}" for index in range(15))


async def test_a_journal_larger_than_the_window_resumes_with_a_slow_consumer(path, monkeypatch):
    monkeypatch.setattr("text2everything._bulk.journal.GRACE", 0.4)
    async with FeedbackService().client() as client:
        await client.feedback.bulk_create("p", ratings(200), journal=path)
    keep(path, lambda line: not line.startswith(b"c ") or int(line.split()[1]) % 3 == 0)
    seen = []
    async with FeedbackService().client() as client, asyncio.timeout(10):
        async for outcome in client.feedback.bulk_create_stream("p", ratings(200), journal=path, window=100):
            seen.append(outcome.index)
            if len(seen) == 1:
                await asyncio.sleep(0.2)  # the window fills, and is half empty when the look-up ends
    assert sorted(seen) == list(range(200))


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5])
def test_a_small_window_of_a_blocking_stream_has_every_outcome(window):
    items = [{"name": f"n{index}", "content": "c"} for index in range(10)]
    with Text2EverythingClient.local() as client:
        project = client.projects.create("p").id
        outcomes = list(client.contexts.bulk_create_stream(project, items, window=window))
        assert sorted(outcome.index for outcome in outcomes) == list(range(10))
        assert client.contexts.count(project) == 10


@pytest.mark.parametrize("window", [1, 2, 5])
async def test_a_window_is_never_exceeded(window):
    taken = 0

    def source():
        nonlocal taken
        for item in ratings(20):
            taken += 1
            yield item

    seen = 0
    async with FeedbackService().client() as client:
        stream = client.feedback.bulk_create_stream("p", source(), window=window)
        while batch := await stream.next_batch():
            seen += len(batch)
            await asyncio.sleep(0.005)
            assert taken - seen <= window
        await stream.aclose()
    assert seen == 20


async def test_closing_ends_a_wait_for_outcomes():
    gate = asyncio.Event()

    async def source() -> AsyncIterator[Any]:
        yield ratings(1)[0]
        await gate.wait()

    async with FeedbackService().client() as client:
        stream = client.feedback.bulk_create_stream("p", source())
        assert len(await stream.next_batch()) == 1
        waiting = asyncio.create_task(stream.next_batch())
        await asyncio.sleep(0.01)
        await stream.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            async with asyncio.timeout(5):
                await waiting


async def test_a_source_that_is_cancelled_ends_the_stream():
    async def source() -> AsyncIterator[Any]:
        yield ratings(1)[0]
        raise asyncio.CancelledError

    outcomes: list[Any] = []
    async with FeedbackService().client() as client:
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await drained(client.feedback.bulk_create_stream("p", source()), outcomes)
    assert [outcome.index for outcome in outcomes] == [0]


async def test_stopping_looks_up_what_is_in_doubt(path):
    gate = asyncio.Event()

    async def source() -> AsyncIterator[Any]:
        for item in ratings(3):
            yield item
        await gate.wait()

    service = FeedbackService(after=failing(1))
    async with service.client() as client:
        stream = client.feedback.bulk_create_stream("p", source(), journal=path)
        async with asyncio.timeout(5):
            outcomes = await stream.next_batch()
            while len(outcomes) < 2:
                outcomes += await stream.next_batch()
            stream.stop()
            outcomes += await stream.next_batch()
            assert await stream.next_batch() == []
        await stream.aclose()
    assert sorted(outcome.index for outcome in outcomes if outcome.ok) == [0, 1, 2]
    assert len(service.items) == 3


async def test_stopping_while_the_journal_is_written_sends_nothing(path, monkeypatch):
    sync = os.fsync
    loop = asyncio.get_running_loop()
    service = FeedbackService()
    async with service.client() as client:
        stream = client.feedback.bulk_create_stream("p", ratings(10), journal=path)

        def stopping(file: int) -> None:
            if stream.count:
                loop.call_soon_threadsafe(stream.stop)
            sync(file)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", stopping)
            assert await collected(stream) == []
        assert (service.requests, stream.not_sent) == (0, list(range(10)))
        assert len(await client.feedback.bulk_create("p", ratings(10), journal=path)) == 10


async def test_closing_starts_no_look_up(path):
    service = FeedbackService(after=failing(1))

    async def source() -> AsyncIterator[Any]:
        for item in ratings(3):
            yield item
        await asyncio.Event().wait()

    async with service.client() as client:
        before = asyncio.all_tasks()
        stream = client.feedback.bulk_create_stream("p", source(), journal=path)
        await stream.next_batch()
        await stream.next_batch()
        await stream.aclose()
        left = [task for task in asyncio.all_tasks() - before if "_bulk" in str(task.get_stack())]
        await asyncio.sleep(0.1)
        assert (left, service.listings) == ([], 0)


async def test_half_a_line_is_taken_back(path, monkeypatch):
    """A disk that was full for a moment leaves no half line between others."""
    from text2everything._bulk.journal_file import JournalFile

    file = JournalFile(path)
    file.read_header(b"header\n")
    real = file._file
    lengths = itertools.cycle([5, None])

    class Full:
        def write(self, data: memoryview) -> int:
            length = next(lengths)
            if length is None:
                raise OSError(28, "No space left on device")
            return real.write(data[:length])

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    with monkeypatch.context() as patch:
        patch.setattr(file, "_file", Full())
        with pytest.raises(OSError, match="No space left"):
            file.append(b"a line that does not fit\n")
    assert file.append(b"next\n") == 7
    file.close()
    assert path.read_bytes() == b"header\nnext\n"


async def test_half_a_line_that_cannot_be_taken_back_is_so_before_the_next(path, monkeypatch):
    from text2everything._bulk.journal_file import JournalFile

    file = JournalFile(path)
    file.read_header(b"header\n")
    real = file._file

    class Full:
        def write(self, data: memoryview) -> int:
            real.write(data[:5])
            raise OSError(28, "No space left on device")

        def truncate(self, _: int) -> int:
            raise OSError(5, "Input/output error")

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    with monkeypatch.context() as patch:
        patch.setattr(file, "_file", Full())
        for problem in ("No space left", "Input/output error"):
            with pytest.raises(OSError, match=problem):
                file.append(b"a line that does not fit\n")
    assert file.append(b"next\n") == 7
    file.close()
    assert path.read_bytes() == b"header\nnext\n"


@pytest.mark.parametrize("interval", [0, 1e9], ids=["at once", "in the last report"])
async def test_a_progress_callback_that_exits_reaches_the_caller(path, monkeypatch, interval):
    monkeypatch.setattr("text2everything._bulk.progress.INTERVAL", interval)
    reports = []

    def show(progress: Progress) -> None:
        reports.append(progress.done)
        raise SystemExit(3)

    service = FeedbackService()
    async with service.client() as client, asyncio.timeout(30):
        with pytest.raises(SystemExit):
            await client.feedback.bulk_create("p", ratings(200), progress=show, journal=path)
        assert reports == ([200] if interval else [1])
        assert len(await client.feedback.bulk_create("p", ratings(200), journal=path)) == 200
    assert len(service.items) == 200


async def test_a_progress_callback_may_exit_while_a_timer_gives_up(path, monkeypatch):
    monkeypatch.setattr("text2everything._bulk.progress.INTERVAL", 0)

    def show(progress: Progress) -> None:
        if progress.failed:
            raise SystemExit(3)

    async def hang(_: FeedbackService, item: dict[str, Any]) -> web.Response | None:
        if item["feedback"] == "rating 1":
            return web.Response(status=502)
        if item["feedback"] == "rating 2":
            await asyncio.sleep(60)
        return None

    async with FeedbackService(after=hang).client() as client, asyncio.timeout(30):
        with pytest.raises(SystemExit):
            await client.with_options(timeout=0.5).feedback.bulk_create("p", ratings(3), progress=show, journal=path)
    async with FeedbackService().client() as client:
        assert len(await client.feedback.bulk_create("p", ratings(3), journal=path)) == 3


async def test_a_look_up_that_is_cancelled_is_raised(path, monkeypatch):
    await as_known_by(path, 5)

    async def cancelled(*_: object) -> Any:
        raise asyncio.CancelledError
        yield

    async with FeedbackService().client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(type(client.feedback), "_iter_existing", cancelled)
            with pytest.raises(Text2EverythingError, match="cancelled from elsewhere"):
                await collected(client.feedback.bulk_create_stream("p", ratings(5), journal=path))
        assert (await client.feedback.bulk_create("p", ratings(5), journal=path)).ok


async def test_a_journal_that_cannot_be_closed_keeps_the_result(path, monkeypatch):
    service = FeedbackService()
    async with service.client() as client:

        async def broken(self: Journal) -> None:
            self.close()
            raise OSError(5, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "aclose", broken)
            with pytest.raises(BulkError, match="Input/output error") as caught:
                await client.feedback.bulk_create("p", ratings(5), journal=path)
        assert len(caught.value.result) == 5
        assert len(await client.feedback.bulk_create("p", ratings(5), journal=path)) == 5
    assert len(service.items) == 5
