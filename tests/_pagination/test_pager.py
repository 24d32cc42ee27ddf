"""Whatever way a service pages: the items asked for, each once, and no silence about any that are missing."""

from __future__ import annotations

import asyncio
import random
import warnings
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_services import FIELDS, OddService, row, rows

from text2everything._codec import Listing
from text2everything._pagination import reading, seen
from text2everything._pagination.detect import best_size
from text2everything._pagination.pager import AsyncPager, IncompleteListingWarning
from text2everything._pagination.reading import Capabilities, End
from text2everything.exceptions import NotFoundError, ServerError, ValidationError
from text2everything.models.feedback import FeedbackResponse

Lie = Callable[[Any], Any]


def ids(items: list[Any]) -> list[str]:
    return [item["id"] if isinstance(item, dict) else item.id for item in items]


async def read(service: OddService, *, at_once: bool = True, page_size: int = 100, **bounds: Any) -> list[str]:
    """Read the listing, the one way or the other; a warning is an error, as in all tests."""
    pager: AsyncPager[FeedbackResponse] = AsyncPager(service.fetch, page_size=page_size, **bounds)
    return ids(await pager.collect() if at_once else [item async for item in pager])


@st.composite
def services(draw: st.DrawFn, *, count: st.SearchStrategy[int] = st.integers(0, 60)) -> OddService:  # noqa: B008
    cap = draw(st.none() | st.integers(1, 12))
    return OddService(
        items=rows(draw(count)),
        style=draw(st.sampled_from(["skip", "page"])),
        cap=cap,
        takes_size=cap is None or draw(st.booleans()),
        bare=draw(st.booleans()),
        fields=tuple(field for field in FIELDS if draw(st.booleans())),
    )


bounds = {
    "skip": st.integers(0, 70),
    "limit": st.none() | st.integers(0, 70),
    "page_size": st.integers(1, 25),
    "at_once": st.booleans(),
}


many = settings(max_examples=5 * settings().max_examples)


@many
@given(service=services(), **bounds)
async def test_every_honest_service_gives_exactly_what_was_asked_for(
    service: OddService, skip: int, limit: int | None, page_size: int, at_once: bool
) -> None:
    found = await read(service, at_once=at_once, page_size=page_size, skip=skip, limit=limit)
    assert found == ids(service.items[skip:][:limit])
    assert len(service.asked) < 150


LIES: dict[str, list[Lie]] = {
    "total": [lambda n: n + 3, lambda n: 2 * n + 7, lambda n: max(0, n - 5), lambda _: 0, lambda _: None],
    "has_next": [lambda _: True, lambda _: None],
    "page": [lambda _: 1, lambda n: n - 1],
    "page_size": [lambda n: n + 3, lambda _: 1],
}


@many
@given(service=services(), data=st.data(), **bounds)
async def test_no_lie_makes_it_loop_repeat_an_item_or_lose_one_in_silence(
    service: OddService, data: st.DataObject, skip: int, limit: int | None, page_size: int, at_once: bool
) -> None:
    service.tells = {field: data.draw(st.sampled_from(LIES[field])) for field in service.fields}
    if service.cap is not None and "total" in service.fields:
        service.tells.pop("total")  # a short page that counts as all there is cannot be told from the truth
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = await read(service, at_once=at_once, page_size=page_size, skip=skip, limit=limit)
    assert len(found) == len(set(found))
    assert len(service.asked) < 150
    if not said:
        assert found == ids(service.items[skip:][:limit])


@many
@given(
    st.integers(0, 60),
    st.sampled_from(["skip", "page"]),
    st.none() | st.integers(1, 12),
    st.integers(1, 25),
    st.sampled_from(["remove", "insert", "append"]),
    st.sampled_from([("total",), ("total", "has_next"), FIELDS]),
    st.randoms(use_true_random=False),
    st.booleans(),
)
async def test_a_listing_may_change_while_it_is_read(
    count: int,
    style: Any,
    cap: int | None,
    page_size: int,
    change: str,
    fields: Any,
    chance: random.Random,
    at_once: bool,
) -> None:
    service = OddService(items=rows(count), style=style, cap=cap, fields=fields)
    gone = set()

    def change_some(reply: int) -> None:
        for number in range(chance.choice([0, 0, 1, 2, 5]) if reply < 40 else 0):
            if change == "remove" and service.items:
                gone.add(service.items.pop(chance.randrange(len(service.items)))["id"])
            elif change != "remove":
                place = chance.randrange(len(service.items) + 1) if change == "insert" else len(service.items)
                service.items.insert(place, row(1000 + 10 * reply + number))

    service.before = change_some
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = await read(service, at_once=at_once, page_size=page_size)
    assert len(found) == len(set(found))
    if not said:
        assert set(ids(rows(count))) - gone <= set(found)
    assert not said or change == "insert"


async def test_what_comes_may_be_deleted_as_it_comes() -> None:
    service = OddService(items=rows(1_000), style="page")
    found = []
    async for item in AsyncPager[FeedbackResponse](service.fetch, page_size=50):
        found.append(item.id)
        service.items = [each for each in service.items if each["id"] != item.id]
    assert sorted(found) == sorted(ids(rows(1_000)))
    assert service.items == []


async def test_items_put_in_front_meanwhile_do_not_come_twice() -> None:
    service = OddService(items=rows(300))

    def put_in_front(reply: int) -> None:
        service.items[:0] = rows(150, start=1000 * reply) if reply in {2, 3} else []

    service.before = put_in_front
    found = await read(service, at_once=False)
    assert len(found) == len(set(found))
    assert [each for each in found if each in ids(rows(300))] == ids(rows(300))


async def test_a_service_that_gives_the_same_page_is_asked_for_all_in_one() -> None:
    service = OddService(items=rows(230), style="neither")
    assert await read(service) == ids(rows(230))
    assert service.asked[-1] == (0, 1000)


@pytest.mark.parametrize("skip", [0, 150])
@pytest.mark.parametrize("limit", [None, 60])
async def test_the_same_page_is_not_taken_for_another(skip: int, limit: int | None) -> None:
    service = OddService(items=rows(230), style="neither", bare=True)
    assert await read(service, skip=skip, limit=limit) == ids(rows(230)[skip:][:limit])


@pytest.mark.parametrize(
    ("service", "message"),
    [
        (OddService(items=rows(2_000), style="neither"), "counts 2000 items, but gave only 1000 different ones"),
        (OddService(items=rows(230), style="neither", cap=100), "counts 230 items, but gave only 100 different ones"),
        (OddService(items=rows(230), style="neither", cap=100, bare=True), "gives the same 100 items whatever page"),
        (OddService(items=rows(50), tells={"total": lambda _: 60}), "counts 60 items, but gave only 50 different"),
        (
            OddService(items=rows(50), fields=("has_next",), tells={"has_next": lambda _: True}),
            "after 50 items the service says there is more, but gives nothing new",
        ),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_what_is_missing_is_said(service: OddService, message: str, at_once: bool) -> None:
    service = attrs.evolve(service, asked=[])
    with pytest.warns(IncompleteListingWarning, match=f"the listing: .*{message}"):
        found = await read(service, at_once=at_once)
    assert found == ids(service.items)[: len(found)]
    assert len(service.asked) < (25 if at_once else 7)


async def test_what_is_missing_behind_a_skip_is_said() -> None:
    service = OddService(items=rows(500), style="neither", cap=100)
    with pytest.warns(IncompleteListingWarning, match="500 items, 20 of them skipped, but gave only 80"):
        assert await read(service, skip=20) == ids(rows(100)[20:])


async def test_a_wrong_page_under_the_right_number_is_not_believed() -> None:
    service = OddService(items=rows(500), style="neither")
    assert await read(service, skip=200, limit=50) == ids(rows(500)[200:250])
    with pytest.warns(IncompleteListingWarning, match="500 items, 200 of them skipped, but gave only 0"):
        assert await read(attrs.evolve(service, cap=100), skip=200) == []


async def test_nothing_is_said_of_what_was_not_asked_for() -> None:
    service = OddService(items=rows(50), tells={"total": lambda _: 60})
    assert await read(service, limit=20) == ids(rows(20))
    assert await read(service, limit=50) == ids(rows(50))


async def test_a_service_that_refuses_large_pages_is_not_taken_for_broken() -> None:
    service = OddService(items=rows(230), style="neither")

    async def fetch(skip: int, limit: int) -> Listing:
        if limit > 100:
            raise ValidationError("limit must be 100 at most", 422)
        return await service.fetch(skip, limit)

    with pytest.warns(IncompleteListingWarning, match="230 items, but gave only 100"):
        assert len(await AsyncPager[FeedbackResponse](fetch).collect()) == 100


@pytest.mark.parametrize("error", [NotFoundError, ValidationError])
@pytest.mark.parametrize("count", [100, 130])
async def test_a_service_may_refuse_pages_beyond_the_last(error: type[Exception], count: int) -> None:
    service = OddService(items=rows(count), bare=True)

    async def fetch(skip: int, limit: int) -> Listing:
        if skip >= count:
            raise error("there is no such page")
        return await service.fetch(skip, limit)

    assert ids(await AsyncPager[FeedbackResponse](fetch).collect()) == ids(rows(count))


async def test_pages_that_must_be_there_may_not_be_refused() -> None:
    service = OddService(items=rows(230))

    async def fetch(skip: int, limit: int) -> Listing:
        if skip >= 100:
            raise NotFoundError("there is no such project")
        return await service.fetch(skip, limit)

    with pytest.raises(NotFoundError):
        await AsyncPager[FeedbackResponse](fetch).collect()


async def test_other_refusals_are_raised() -> None:
    async def fetch(_skip: int, _limit: int) -> Listing:
        raise ValidationError("q makes no sense", 422)

    with pytest.raises(ValidationError, match="q makes no sense"):
        await AsyncPager[FeedbackResponse](fetch).collect()


@pytest.mark.parametrize(
    ("count", "asked", "skip", "limit"),
    [
        (230, [(0, 100), (100, 100), (200, 100)], 0, None),
        (200, [(0, 100), (100, 100)], 0, None),
        (0, [(0, 100)], 0, None),
        (230, [(0, 2)], 0, 2),
        (230, [], 0, 0),
        (230, [(200, 100)], 200, 100),
        (230, [(2, 2)], 2, 2),
        (230, [(6, 6)], 7, 5),
        (230, [(50, 50), (100, 50)], 50, 100),
        (230, [(400, 100)], 400, 100),
        (10_000, [(300, 100), (400, 100), (500, 100)], 300, 300),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_no_more_is_asked_for_than_is_needed(
    count: int, asked: list[tuple[int, int]], skip: int, limit: int | None, at_once: bool
) -> None:
    service, capabilities = OddService(items=rows(count)), Capabilities()
    bounds: dict[str, Any] = {"at_once": at_once, "skip": skip, "limit": limit, "capabilities": capabilities}
    assert await read(service, **bounds) == ids(rows(count)[skip:][:limit])
    if len(asked) > 1:
        assert capabilities.offset_verified
    if 0 < skip < count:  # where another page than the first is the first to be asked for, that is checked, once
        assert service.asked.pop(1) == (0, asked[0][1])
        assert service.asked == asked
        service.asked.clear()
        assert await read(service, **bounds) == ids(rows(count)[skip:][:limit])
    assert service.asked == asked


async def test_one_reading_in_pages_proves_that_the_service_goes_where_it_is_sent() -> None:
    service, capabilities = OddService(items=rows(230)), Capabilities()
    await read(service, capabilities=capabilities)
    service.asked.clear()
    assert await read(service, capabilities=capabilities, skip=100, limit=50) == ids(rows(230)[100:150])
    assert service.asked == [(100, 50)]


async def test_a_check_that_fails_stands_in_nobodys_way() -> None:
    service = OddService(items=rows(230))

    async def fetch(skip: int, limit: int) -> Listing:
        if skip == 0:
            raise ServerError("no", 500)
        return await service.fetch(skip, limit)

    assert ids(await AsyncPager[FeedbackResponse](fetch, skip=100).collect()) == ids(rows(230)[100:])


@given(st.integers(0, 10_000), st.integers(1, 5_000), st.integers(1, 1_000))
def test_pages_cover_what_is_wanted(skip: int, limit: int, page_size: int) -> None:
    size = best_size(skip, limit, page_size)
    assert 1 <= size <= page_size

    def pages(size: int) -> int:
        return -(-(skip + limit) // size) - skip // size

    assert pages(size) == min(map(pages, range(1, page_size + 1)))
    assert skip // size * size <= skip


async def test_the_first_page_comes_alone_then_the_others_together() -> None:
    service = OddService(items=rows(12_000), delay=0.01)
    at_once: list[int] = []
    busy = 0

    async def fetch(skip: int, limit: int) -> Listing:
        nonlocal busy
        busy += 1
        at_once.append(busy)
        try:
            return await service.fetch(skip, limit)
        finally:
            busy -= 1

    assert ids(await AsyncPager[FeedbackResponse](fetch).collect()) == ids(rows(12_000))
    assert at_once[:2] == [1, 1]
    assert max(at_once) == 50
    assert len(at_once) == 120


async def test_pages_tell_the_total_and_keep_the_order() -> None:
    service = OddService(items=rows(230))
    pages = [page async for page in AsyncPager[FeedbackResponse](service.fetch).pages()]
    assert [(len(page.items), page.total) for page in pages] == [(100, 230), (100, 230), (30, 230)]
    assert [item.id for page in pages for item in page.items] == ids(rows(230))


async def test_a_second_loop_goes_on_where_the_first_stopped() -> None:
    pager = AsyncPager[FeedbackResponse](OddService(items=rows(50)).fetch, page_size=20)
    async for item in pager:
        if item.id == "f4":
            break
    page = await pager.next_page()
    assert page is not None
    assert ids(page.items) == ids(rows(15, start=5))
    async for item in pager:
        assert item.id == "f20"
        break
    assert ids(await pager.collect()) == ids(rows(29, start=21))
    assert await pager.next_page() is None
    assert [item async for item in pager] == []


async def test_two_readers_share_the_items() -> None:
    pager = AsyncPager[FeedbackResponse](OddService(items=rows(500), delay=0.001).fetch, page_size=20)

    async def take() -> list[str]:
        return [item.id async for page in pager.pages() for item in page.items]

    taken = await asyncio.gather(take(), take(), take())
    assert sorted(item for each in taken for item in each) == sorted(ids(rows(500)))


async def test_after_an_error_the_same_page_can_be_asked_for_again() -> None:
    service, fails = OddService(items=rows(50)), iter([False, True, True, False, False, False])

    async def fetch(skip: int, limit: int) -> Listing:
        if next(fails):
            raise ServerError("no", 500)
        return await service.fetch(skip, limit)

    pager = AsyncPager[FeedbackResponse](fetch, page_size=20)
    first = await pager.next_page()
    assert first is not None
    for _ in range(2):
        with pytest.raises(ServerError):
            await pager.next_page()
    assert ids(first.items + await pager.collect()) == ids(rows(50))


async def test_items_without_an_id_are_told_apart_by_what_they_are() -> None:
    items = [each | {"id": ""} for each in rows(230)]
    service = OddService(items=items, fields=())
    found = [item.feedback async for item in AsyncPager[FeedbackResponse](service.fetch)]
    assert found == [each["feedback"] for each in items]


async def test_memory_does_not_grow_with_the_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "REMEMBERED", 100)
    service = OddService(items=rows(5_000), fields=("has_next",))
    pager = AsyncPager[FeedbackResponse](service.fetch, page_size=20)
    most = 0
    async for _ in pager.pages():
        ids_of = pager._reading.seen
        most = max(most, len(ids_of._recent) + len(ids_of._older) + len(ids_of._first) + len(ids_of._anchor))
    assert most <= 260


async def test_a_listing_that_begins_anew_ends_though_its_first_items_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seen, "REMEMBERED", 100)
    monkeypatch.setattr(reading, "LARGEST_PAGE", 100)
    listed = [FeedbackResponse(**each) for each in rows(510)]

    async def fetch(skip: int, limit: int) -> Listing:
        return Listing([listed[number % len(listed)] for number in range(skip, skip + limit)])

    with pytest.warns(IncompleteListingWarning, match="after 510 items the service began anew"):
        assert ids([item async for item in AsyncPager[Any](fetch, page_size=20)]) == ids(rows(510))


async def test_a_listing_that_begins_anew_for_ever_ends_though_its_first_page_was_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seen, "REMEMBERED", 100)
    monkeypatch.setattr(reading, "LARGEST_PAGE", 100)
    listed = [FeedbackResponse(**each) for each in rows(510)]
    replies = 0

    async def fetch(skip: int, limit: int) -> Listing:
        nonlocal replies
        replies += 1
        if replies == 5:
            del listed[:20]
        assert replies < 500
        return Listing([listed[number % len(listed)] for number in range(skip, skip + limit)], has_next=True)

    with pytest.warns(IncompleteListingWarning, match="items the service began anew"):
        found = [item.id async for item in AsyncPager[Any](fetch, page_size=20)]
    assert {each.id for each in listed} <= set(found)


async def test_more_going_at_once_than_can_be_gone_back_for_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "REMEMBERED", 100)
    monkeypatch.setattr(reading, "LARGEST_PAGE", 200)
    service = OddService(items=rows(1_000))

    def remove_many(reply: int) -> None:
        if reply == 40:
            del service.items[:300]

    service.before = remove_many
    with pytest.warns(IncompleteListingWarning, match="more than 100 items went at once"):
        await read(service, at_once=False, page_size=20)


async def test_a_total_that_goes_up_and_down_is_no_endless_walk() -> None:
    service = OddService(items=rows(500), tells={"total": lambda n: n - len(service.asked) % 2})
    assert await read(service, at_once=False, page_size=20) == ids(rows(500))
    assert len(service.asked) < 100


async def test_a_total_that_grows_for_ever_is_no_endless_walk() -> None:
    service = OddService(items=rows(20), style="neither", tells={"total": lambda _: 100 * len(service.asked)})
    with pytest.warns(IncompleteListingWarning):
        assert await read(service, page_size=20) == ids(rows(20))
    assert len(service.asked) < 10


async def test_empty_pages_after_a_total_that_grew_are_no_endless_walk() -> None:
    listed = [FeedbackResponse(**each) for each in rows(10)]
    replies = iter([Listing(listed, total=20, has_next=True), Listing(listed[::-1], total=40, has_next=True)])
    asked = []

    async def fetch(skip: int, limit: int) -> Listing:
        asked.append((skip, limit))
        assert len(asked) < 20
        return next(replies, Listing([], total=40, has_next=True))

    with pytest.warns(IncompleteListingWarning, match="40 items, but gave only 10"):
        assert [item async for item in AsyncPager[Any](fetch, page_size=10)] == listed


async def test_a_long_listing_that_comes_all_at_once_does_not_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "REMEMBERED", 100)
    service = OddService(items=rows(500), style="neither", takes_size=False, bare=True)
    assert await read(service, at_once=False) == ids(rows(500))


async def test_a_skip_beyond_a_listing_that_ignores_it_leaves_nothing_out() -> None:
    service = OddService(items=rows(10), style="neither", fields=("has_next",))
    assert await read(service, page_size=5, skip=85) == []


@pytest.mark.parametrize("skip", [0, 50])
async def test_what_a_refused_larger_page_might_have_had_is_said(skip: int) -> None:
    service = OddService(items=rows(80), style="neither", fields=("has_next",))

    async def fetch(skip: int, limit: int) -> Listing:
        if limit > 20:
            raise ValidationError("limit must be 20 at most", 422)
        return await service.fetch(skip, limit)

    with pytest.warns(IncompleteListingWarning, match="gives the same"):
        assert ids(await AsyncPager[Any](fetch, page_size=20, skip=skip).collect()) == ids(rows(20)[skip:])


def test_a_finished_walk_asks_for_nothing() -> None:
    walk = AsyncPager[Any](OddService(items=[]).fetch, page_size=10, limit=0)._strategy
    assert isinstance(walk, End)
    assert walk.next_requests(5) == []
