"""Ratings of one message, or of one execution, arrive in the order of the input; the others at the same time."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from bulk_service import FeedbackService, ratings, refusing

from text2everything import BulkError, Text2EverythingClient


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("text2everything._bulk.journal.GRACE", 0.01)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def about(messages: Iterable[Any], executions: Iterable[Any] = itertools.repeat(None)) -> list[dict[str, Any]]:
    """Return ratings of these messages and executions."""
    return [
        {"chat_message_id": f"m{message}", "feedback": f"rating {index}"}
        | ({} if execution is None else {"execution_id": f"e{execution}"})
        for index, (message, execution) in enumerate(zip(messages, executions, strict=False))
    ]


def arrivals(service: FeedbackService, field: str = "chat_message_id") -> dict[str, list[int]]:
    """Return the numbers of the ratings of each message, in the order of the service."""
    found = defaultdict(list)
    for item in service.items:
        if item.get(field) is not None:
            found[item[field]].append(int(item["feedback"][7:]))
    return found


def in_order(service: FeedbackService) -> bool:
    found = [*arrivals(service).values(), *arrivals(service, "execution_id").values()]
    return all(numbers == sorted(numbers) for numbers in found)


async def jitter(_: FeedbackService, __: dict[str, Any]) -> None:
    await asyncio.sleep(random.uniform(0, 0.01))


@pytest.mark.parametrize("how", ["create", "stream", "journal", "journaled stream"])
async def test_ratings_of_one_message_arrive_in_order_and_the_others_at_once(path, how):
    items = about([index // 2 for index in range(200)])
    random.Random(1).shuffle(items)
    items = [item | {"feedback": f"rating {index}"} for index, item in enumerate(items)]
    service = FeedbackService(before=jitter)
    journal = path if "journal" in how else None
    async with service.client() as client:
        if "stream" in how:
            stream = client.feedback.bulk_create_stream("p", items, journal=journal, window=50)
            assert len([outcome async for outcome in stream if outcome.ok]) == 200
        else:
            assert len(await client.feedback.bulk_create("p", items, journal=journal)) == 200
    assert len(service.items) == 200
    assert in_order(service)
    assert service.most > 8


async def test_one_execution_orders_ratings_of_different_messages():
    items = about(range(60), [index % 7 if index % 3 else None for index in range(60)])
    service = FeedbackService(before=jitter)
    async with service.client() as client:
        assert (await client.feedback.bulk_create("p", items)).ok
    assert in_order(service)
    assert max(map(len, arrivals(service, "execution_id").values())) > 4


async def test_a_message_may_have_the_id_of_an_execution():
    gate = asyncio.Event()

    async def before(service: FeedbackService, _: dict[str, Any]) -> None:
        if service.active == 2:
            gate.set()
        if service.requests > 1:
            await asyncio.wait_for(gate.wait(), 30)  # these two are not about the same

    service = FeedbackService(before)
    async with service.client() as client:
        one = {"chat_message_id": "other", "feedback": "f"}
        two = {"chat_message_id": "x", "feedback": "f"}
        three = {"chat_message_id": "m", "feedback": "f", "execution_id": "x"}
        assert (await client.feedback.bulk_create("p", [one, two, three])).ok


async def test_after_one_that_failed_the_next_is_sent():
    service = FeedbackService(refusing(422, 3, 5))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", about([0] * 10), on_error="collect")
    assert [failure.index for failure in result.failures] == [3, 5]
    assert arrivals(service) == {"m0": [0, 1, 2, 4, 6, 7, 8, 9]}


async def test_those_behind_one_that_is_throttled_wait():
    busy = 2

    async def before(_: FeedbackService, body: dict[str, Any]) -> web.Response | None:
        nonlocal busy
        if body["feedback"] == "rating 1" and busy:
            busy -= 1
            return web.json_response({}, status=429, headers={"Retry-After": "0.01"})
        return None

    service = FeedbackService(before)
    async with service.client() as client:
        assert (await client.feedback.bulk_create("p", about([0, 1, 1, 2, 1, 0]))).ok
    assert (busy, in_order(service)) == (0, True)


def losing(number: int, *, store: bool) -> Any:
    """Break the connection instead of answering, once."""
    left = True

    async def hook(_: FeedbackService, item: dict[str, Any]) -> web.StreamResponse | None:
        nonlocal left
        if item["feedback"] == f"rating {number}" and left:
            left = False
            raise asyncio.CancelledError
        return None

    return {"after" if store else "before": hook}


@pytest.mark.parametrize("store", [True, False])
@pytest.mark.parametrize("window", [1, 2, 3, 10, 1000])
async def test_those_behind_one_in_doubt_wait_for_the_look_up(path, store, window):
    service = FeedbackService(**losing(2, store=store))
    async with service.client() as client, asyncio.timeout(30):
        stream = client.feedback.bulk_create_stream("p", about([0, 1, 2] + [2] * 30), journal=path, window=window)
        outcomes = [outcome async for outcome in stream]
    assert sorted(outcome.index for outcome in outcomes if outcome.ok) == list(range(33))
    assert len(service.items) == 33
    assert in_order(service)


@pytest.mark.parametrize("how", ["async", "blocking"])
async def test_what_an_earlier_run_left_in_doubt_comes_before_what_is_new(path, how):
    async with FeedbackService().client() as client:
        await client.feedback.bulk_create("p", about([0, 1, 2]), journal=path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(b"c ")))
    service = FeedbackService(before=jitter)
    items = about([0, 1, 2, 2, 1, 0, 2])
    service.store(items[1])
    async with service.client() as client:
        if how == "async":
            assert (await client.feedback.bulk_create("p", items, journal=path)).ok
        else:
            settings = client.settings
            with Text2EverythingClient(
                base_url=settings.base_url, access_token="x", workspace_name="workspaces/x"
            ) as blocking:
                stream = blocking.feedback.bulk_create_stream("p", iter(items), journal=path)
                assert len(await asyncio.to_thread(list, stream)) == 7
    assert len(service.items) == 7
    assert in_order(service)


@pytest.mark.parametrize("journaled", [True, False])
async def test_stopping_drops_those_that_wait(path, journaled):
    service = FeedbackService(refusing(422, 1))
    async with service.client() as client, asyncio.timeout(30):
        with pytest.raises(BulkError) as caught:
            await client.feedback.bulk_create(
                "p", about([0, 1] + [1] * 50), on_error="stop", journal=path if journaled else None
            )
    result = caught.value.result
    assert sorted([*result.indices, 1, *result.not_sent]) == list(range(52))
    assert len(result.not_sent) == 50


async def test_closing_drops_those_that_wait():
    gate = asyncio.Event()

    async def before(_: FeedbackService, body: dict[str, Any]) -> None:
        if body["feedback"] == "rating 1":
            await gate.wait()

    service = FeedbackService(before)
    async with service.client() as client, asyncio.timeout(30):
        stream = client.feedback.bulk_create_stream("p", about([0, 1] + [1] * 50))
        await stream.next_batch()
        await service.until(2)
        await stream.aclose()
        gate.set()
        assert service.requests == 2


async def test_keys_are_forgotten(monkeypatch):
    from text2everything._bulk.order import Order

    orders = []
    made = Order.__init__

    def noted(self: Order, *args: Any) -> None:
        made(self, *args)
        orders.append(self)

    monkeypatch.setattr(Order, "__init__", noted)
    async with FeedbackService(refusing(422, 3)).client() as client:
        items = [*about([0, 0, 1, 2], [None, 4, 4, None]), *ratings(20)]
        await client.feedback.bulk_create("p", items, on_error="collect")
    assert [order._last for order in orders] == [{}]
