"""bulk_create_stream: endless sources, a bounded window, and each outcome as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from bulk_service import FeedbackService, drained, ratings, refusing, slow

from text2everything import AuthenticationError, Text2EverythingClient, Text2EverythingError, ValidationError
from text2everything._bulk.limiter import Limiter
from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.progress import Reporter
from text2everything._bulk.stream import AsyncBulkStream


def endless() -> Iterator[dict[str, Any]]:
    for index in itertools.count():
        yield {"chat_message_id": "m", "feedback": f"rating {index}"}


async def endless_async() -> AsyncIterator[dict[str, Any]]:
    for each in endless():
        yield each


def stream_of(source: Any, send: Any, *, most: int = 8, prepare: Any = None) -> AsyncBulkStream:
    limiter = Limiter(most)

    async def counted(new: Any) -> Any:
        limiter.try_acquire(0.0)
        try:
            return await send(new)
        finally:
            limiter.succeeded(0.0, 0.0)

    operation = BulkOperation("source", prepare or (lambda item: item), counted, limiter, Reporter(None))
    return AsyncBulkStream(operation, source)


async def test_outcomes_come_as_they_happen_successes_and_failures():
    service = FeedbackService(refusing(404, 7))
    async with service.client() as client:
        outcomes = [each async for each in client.feedback.bulk_create_stream("p", [*ratings(30), {"feedback": 1}])]
    assert sorted(each.index for each in outcomes) == list(range(31))
    by_index = {each.index: each for each in outcomes}
    assert [index for index, each in by_index.items() if not each.ok and each.created is None] == [30, 7]
    assert str(by_index[30].error) == "source[30]: missing field chat_message_id"
    assert by_index[3].created.feedback == "rating 3"
    assert by_index[3].item == ratings(30)[3]


async def turns() -> None:
    """Let the loop turn often, however busy the machine is."""
    for _ in range(50):
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("source", [endless, endless_async])
async def test_an_endless_source_is_taken_as_there_is_room(source):
    taken = 0

    def counted(each):
        nonlocal taken
        taken += 1
        return each

    async def async_counted():
        async for each in source():
            yield counted(each)

    items = async_counted() if source is endless_async else map(counted, source())
    service = FeedbackService()
    async with service.client() as client:
        before = asyncio.all_tasks()
        seen = 0
        async for outcome in client.feedback.bulk_create_stream("p", items, window=40):
            assert outcome.ok
            seen += 1
            assert taken <= seen + 80
            if seen == 500:
                break
        gc.collect()
        await turns()
        left = [task.get_coro().__qualname__ for task in asyncio.all_tasks() - before]
        assert not [name for name in left if name.startswith(("Workers.", "SourceReader.", "AsyncBulkStream."))]
        sent = service.requests
        await turns()
        assert service.requests == sent <= 600


async def test_a_consumer_that_stops_taking_stops_the_source():
    service = FeedbackService()
    async with service.client() as client:
        stream = client.feedback.bulk_create_stream("p", endless(), window=100)
        async with stream:
            outcomes = aiter(stream)
            assert (await anext(outcomes)).ok
            await turns()
            await asyncio.sleep(0.2)
            assert len(service.items) <= stream.count <= 200
            await outcomes.aclose()
        with pytest.raises(RuntimeError, match="iterated only once"):
            await stream.next_batch()


async def test_an_outcome_does_not_wait_for_a_slow_source():
    gate = asyncio.Event()

    async def source():
        yield ratings(1)[0]
        await gate.wait()

    async with FeedbackService().client() as client:
        outcomes = aiter(client.feedback.bulk_create_stream("p", source()))
        first = await asyncio.wait_for(anext(outcomes), 60)
        assert first.ok
        gate.set()
        with pytest.raises(StopAsyncIteration):
            await anext(outcomes)


async def test_what_the_source_raises_comes_after_the_outcomes():
    async def source():
        for each in ratings(5):
            yield each
        raise KeyError("source")

    seen = []
    async with FeedbackService().client() as client:
        with pytest.raises(KeyError, match="source"):
            await drained(client.feedback.bulk_create_stream("p", source()), seen)
    assert sorted(each.index for each in seen) == [0, 1, 2, 3, 4]


async def test_a_refused_token_ends_the_stream_with_that_error():
    service = FeedbackService(refusing(401, 20))
    async with service.client() as client:
        outcomes = []
        with pytest.raises(AuthenticationError):
            await drained(client.feedback.bulk_create_stream("p", endless()), outcomes)
    assert sum(outcome.ok for outcome in outcomes) == len(service.items)
    assert [outcome.index for outcome in outcomes if not outcome.ok] == [20]


@pytest.mark.slow
async def test_memory_does_not_grow_with_the_stream():
    async def send(new):
        return new

    sizes = []
    count = 0
    tracemalloc.start()
    try:
        async for _ in stream_of(range(60_000), send):
            count += 1
            if count % 20_000 == 0:
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert count == 60_000
    assert sizes[-1] - sizes[0] < 200_000


async def test_exchange_takes_items_and_gives_room():
    async def send(new):
        await asyncio.sleep(0)
        return new

    stream = stream_of((), send)
    given, outcomes = 0, []
    while given < 5000:
        room = stream.room
        assert room > 0
        batch = list(range(given, given + room))
        given += room
        outcomes += await stream.exchange(batch)
    while batch := await stream.exchange((), final=True):
        outcomes += batch
    assert sorted(outcome.created for outcome in outcomes) == list(range(given))
    await stream.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await stream.exchange([1])


async def test_exchange_gives_early_outcomes_while_the_rest_takes_its_time():
    gate = asyncio.Event()

    async def send(new):
        if new == 1:
            await gate.wait()
        return new

    async with stream_of((), send, most=1) as stream:
        outcomes = await stream.exchange([0, 1], final=True)
        assert [outcome.index for outcome in outcomes] == [0]
        gate.set()
        assert [outcome.index for outcome in await stream.exchange((), final=True)] == [1]
        assert await stream.exchange((), final=True) == []


async def test_exchange_takes_nothing_after_a_fatal_error():
    async def send(new):
        if new == 3:
            raise AuthenticationError("no", 401)
        return new

    async with stream_of((), send) as stream:
        outcomes = await stream.exchange(list(range(100)))
        await turns()
        outcomes += await stream.exchange(list(range(10)))  # not taken any more
        with pytest.raises(AuthenticationError):
            await stream.exchange(list(range(10)))
        assert [outcome.ok for outcome in outcomes] == [True, True, True, False]
        assert len(stream.not_sent) + len(outcomes) == stream.count == 100


def test_a_blocking_stream_iterates_the_source_in_the_callers_thread():
    with Text2EverythingClient.local() as client:
        project = client.projects.create("stream").id

        def source():
            for index in range(300):
                if index % 100 == 0:
                    client.projects.get(project)  # the client itself, while it is sending
                yield {"name": f"n{index}", "content": "c"}
            yield {"name": " ", "content": "c"}

        outcomes = list(client.contexts.bulk_create_stream(project, source(), window=50))
        assert sorted(outcome.index for outcome in outcomes) == list(range(301))
        assert [outcome.index for outcome in outcomes if not outcome.ok] == [300]
        endless_contexts = ({"name": f"e{index}", "content": "c"} for index in itertools.count())
        for seen, _ in enumerate(client.contexts.bulk_create_stream(project, endless_contexts, window=50)):
            if seen == 200:
                break
        assert client.contexts.count(project) >= 501

        def failing():
            yield {"name": "last", "content": "c"}
            raise OSError("the disk")

        outcomes = iter(client.contexts.bulk_create_stream(project, failing()))
        assert next(outcomes).ok
        with pytest.raises(OSError, match="the disk"):
            next(outcomes)


async def test_a_hook_that_fails_is_raised(monkeypatch):
    async def send(new):
        if new == 5:
            raise ZeroDivisionError
        return new

    with pytest.raises(ZeroDivisionError):
        await drained(stream_of(range(1000), send), [])


@pytest.mark.parametrize("error", [asyncio.CancelledError(), SystemExit(3), KeyboardInterrupt()])
async def test_what_is_no_exception_is_raised_too(error):
    async def send(new):
        if new == 5:
            raise error
        return new

    outcomes: list[Any] = []
    kind = Text2EverythingError if isinstance(error, asyncio.CancelledError) else type(error)
    async with asyncio.timeout(30):
        with pytest.raises(kind):
            await drained(stream_of(range(1000), send), outcomes)
    assert [outcome.index for outcome in outcomes if not outcome.ok] == [5]


async def test_a_task_that_is_cancelled_from_elsewhere_ends_the_call():
    async def send(new):
        if new:
            await asyncio.Event().wait()
        return new

    stream = stream_of(range(10), send)
    outcomes = await stream.next_batch()
    await turns()
    for task in stream._pipeline._workers.tasks:
        task.cancel()
    async with asyncio.timeout(30):
        with pytest.raises(Text2EverythingError, match="cancelled from elsewhere"):
            await drained(stream, outcomes)
    assert len(outcomes) + len(stream.not_sent) == 10


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
async def test_what_a_source_raises_reaches_the_caller(error):
    def source():
        yield from ratings(3)
        raise error

    outcomes: list[Any] = []
    async with FeedbackService().client() as client, asyncio.timeout(30):
        with pytest.raises(type(error)):
            await drained(client.feedback.bulk_create_stream("p", source()), outcomes)
        assert len(outcomes) == 3
        assert (await client.feedback.bulk_create("p", ratings(3))).ok


async def test_a_source_that_does_not_take_its_cancellation_ends_nevertheless():
    async def source():
        for item in ratings(1000):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.001)
            yield item

    async with FeedbackService(refusing(401, 20)).client() as client, asyncio.timeout(30):
        outcomes: list[Any] = []
        with pytest.raises(AuthenticationError):
            await drained(client.feedback.bulk_create_stream("p", source()), outcomes)
    assert len(outcomes) < 100


async def test_checks_that_fail_otherwise_than_by_saying_so_are_raised():
    def prepare(item):
        if item == 5:
            raise ZeroDivisionError
        if item == 2:
            raise ValidationError("two")
        return item

    async def send(new):
        return new

    outcomes = []
    with pytest.raises(ZeroDivisionError):
        await drained(stream_of(range(1000), send, prepare=prepare), outcomes)
    assert sorted(outcome.index for outcome in outcomes) == [0, 1, 2, 3, 4]


async def test_slow_is_not_late():
    service = FeedbackService(before=slow(0.01))
    async with service.client() as client, client.feedback.bulk_create_stream("p", ratings(20)) as stream:
        found = [outcome async for outcome in stream]
    assert len(found) == 20


def test_a_stream_that_is_left_early_frees_its_journal_by_the_end_of_the_block(tmp_path: Path) -> None:
    with Text2EverythingClient.local() as client:
        project = client.projects.create("p").id
        items = [{"name": f"n{n}", "content": "c"} for n in range(300)]
        journal = tmp_path / "journal"
        with client.contexts.bulk_create_stream(project, items, journal=journal) as stream:
            for outcome in stream:
                if outcome.index == 50:
                    break
        assert len(client.contexts.bulk_create(project, items, journal=journal)) == 300
        assert client.contexts.count(project) == 300
