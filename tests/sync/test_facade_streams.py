"""Blocking iteration over what the async core streams: where a source is read, and what happens at each way out."""

from __future__ import annotations

import asyncio
import gc
import itertools
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.processes import eventually
from text2everything import ClientClosedError
from text2everything._codec import Listing
from text2everything._pagination.pager import AsyncPager
from text2everything.sync._portal import Portal
from text2everything.sync._streams import BulkStream, Pager, read_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    yield portal
    portal.close()


class Item:
    def __init__(self, number: int) -> None:
        self.id = str(number)


def pager(portal: Portal, total: int = 5, page_size: int = 2) -> Pager[Item]:
    async def fetch(skip: int, limit: int) -> Listing:
        return Listing([Item(n) for n in range(skip, min(skip + limit, total))], total=total)

    return Pager(portal, AsyncPager(fetch, page_size=page_size))


def ids(items: Any) -> list[str]:
    return [item.id for item in items]


def test_a_second_loop_goes_on_where_the_first_stopped(portal: Portal) -> None:
    items = pager(portal, total=7, page_size=3)
    assert ids(itertools.islice(items, 2)) == ["0", "1"]
    assert ids(itertools.islice(items, 2)) == ["2", "3"]
    page = items.next_page()
    assert page is not None
    assert (ids(page.items), page.total) == (["4", "5"], 7)
    assert ids(items) == ["6"]
    assert ids(items) == []
    assert items.next_page() is None


def test_collect_after_a_loop_gives_the_rest(portal: Portal) -> None:
    items = pager(portal, total=7, page_size=3)
    assert ids(itertools.islice(items, 1)) == ["0"]
    assert ids(items.collect()) == ["1", "2", "3", "4", "5", "6"]


class FakeBulk:
    """What `BulkStream` drives: outcomes come out doubled, from a window of a few items."""

    def __init__(self, source: Any, window: int = 4, *, problem_at: int | None = None) -> None:
        self.source = source
        self.window = window
        self.problem_at = problem_at
        self.waiting: list[int] = []
        self.seen = 0
        self.closed = 0
        self.batches: list[int] = []

    @property
    def room(self) -> int:
        return self.window - len(self.waiting)

    async def exchange(self, batch: Sequence[int], *, final: bool = False) -> list[int]:
        assert len(batch) <= self.room
        assert self.window >= len(batch)
        self.batches.append(len(batch))
        self.waiting += batch
        self.seen += len(batch)
        if self.problem_at is not None and self.seen >= self.problem_at:
            raise LookupError("refused")
        await asyncio.sleep(0)
        take = self.waiting[:3] if final else self.waiting[: max(0, len(self.waiting) - 1)]
        del self.waiting[: len(take)]
        return [2 * item for item in take]

    async def next_batch(self) -> list[int]:
        return [2 * item async for item in self.source]

    async def aclose(self) -> None:
        self.closed += 1


def stream(portal: Portal, source: Any, **options: Any) -> tuple[FakeBulk, BulkStream[Any]]:
    fake = FakeBulk(source, **options)
    return fake, BulkStream(portal, fake)  # type: ignore[arg-type]


def test_every_item_has_its_outcome_and_the_stream_is_closed(portal: Portal) -> None:
    fake, outcomes = stream(portal, range(10))
    assert list(outcomes) == [2 * n for n in range(10)]
    assert fake.closed == 1
    assert max(fake.batches) <= 4


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_short_source(portal: Portal, count: int) -> None:
    _, outcomes = stream(portal, list(range(count)))
    assert list(outcomes) == [2 * n for n in range(count)]


def test_a_source_is_iterated_in_the_callers_thread_as_there_is_room(portal: Portal) -> None:
    threads = set()
    given = 0

    def endless() -> Iterator[int]:
        nonlocal given
        while True:
            threads.add(threading.current_thread())
            given += 1
            yield given

    _, outcomes = stream(portal, endless())
    assert list(itertools.islice(outcomes, 100)) == [2 * n for n in range(1, 101)]
    assert threads == {threading.current_thread()}
    assert given <= 104


def test_a_slow_source_does_not_hold_back_outcomes(portal: Portal) -> None:
    def slow() -> Iterator[int]:
        for number in range(4):
            time.sleep(0.03)
            yield number

    fake, outcomes = stream(portal, slow(), window=100)
    assert list(outcomes) == [0, 2, 4, 6]
    assert max(fake.batches) == 1


def test_what_the_source_raises_comes_after_the_outcomes_of_what_it_gave(portal: Portal) -> None:
    def breaks() -> Iterator[int]:
        yield from (1, 2, 3)
        raise OSError("disk gone")

    fake, outcomes = stream(portal, breaks())
    running = iter(outcomes)
    assert [next(running) for _ in range(3)] == [2, 4, 6]
    with pytest.raises(OSError, match="disk gone"):
        next(running)
    assert eventually(lambda: fake.closed == 1)


def test_an_async_source_is_iterated_on_the_loop(portal: Portal) -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in (1, 2):
            names.append(threading.current_thread().name)
            yield number

    names: list[str] = []
    _, outcomes = stream(portal, numbers())
    first = iter(outcomes)
    assert [next(first), next(first)] == [2, 4]
    assert set(names) == {"text2everything-portal"}


def test_an_error_of_the_core_ends_the_stream(portal: Portal) -> None:
    fake, outcomes = stream(portal, range(100), problem_at=5)
    with pytest.raises(LookupError, match="refused"):
        list(outcomes)
    assert eventually(lambda: fake.closed == 1)


def test_leaving_early_closes_without_waiting(portal: Portal) -> None:
    fake, outcomes = stream(portal, itertools.count())
    for outcome in outcomes:
        if outcome == 10:
            break
    assert eventually(lambda: fake.closed == 1)


def test_with_closes_for_certain(portal: Portal) -> None:
    fake, outcomes = stream(portal, itertools.count())
    with outcomes:
        assert next(iter(outcomes)) == 0
    assert fake.closed >= 1


def test_a_loop_left_to_the_collector_on_the_loops_own_thread(portal: Portal) -> None:
    fake, outcomes = stream(portal, itertools.count())
    cycle: list[Any] = [iter(outcomes)]
    cycle.append(cycle)
    next(cycle[0])
    del cycle

    async def collect() -> None:
        gc.collect()

    portal.call(collect)
    assert eventually(lambda: fake.closed == 1)


def test_a_stream_outliving_its_client_says_so_once() -> None:
    portal = Portal()
    _, outcomes = stream(portal, itertools.count())
    running = iter(outcomes)
    next(running)
    portal.close()
    with pytest.raises(ClientClosedError, match=r"^the client is closed$") as caught:
        list(running)
    assert caught.value.__suppress_context__
    outcomes.close()


def test_sources_are_read_unless_they_are_read_already() -> None:
    whole = [1, 2]
    assert read_all(whole) is whole
    assert read_all("text") == "text"
    assert read_all(None) is None
    assert read_all(iter((1, 2))) == [1, 2]
    assert read_all({1: 2}) == {1: 2}
