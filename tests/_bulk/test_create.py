"""bulk_create: everything checked first, sent many at once, and nothing that was created lost from view."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import web
from bulk_service import FeedbackService, ratings, refusing, slow

from text2everything import (
    AsyncText2EverythingClient,
    AuthenticationError,
    BulkError,
    NotFoundError,
    Text2EverythingClient,
    ValidationError,
)
from text2everything._bulk.options import resolve_concurrency
from text2everything._bulk.results import BulkFailure, BulkOutcome, BulkResult
from text2everything.models import FeedbackCreate


async def test_creates_all_in_input_order():
    service = FeedbackService(before=slow(0.001))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(300))
    assert [each.feedback for each in result] == [each["feedback"] for each in ratings(300)]
    assert (len(service.items), result.ok, list(result.indices)) == (300, True, list(range(300)))
    assert service.most > 1
    assert repr(result) == "<BulkResult: 300 created>"


async def test_the_first_goes_alone_until_something_was_created():
    def before_any(service: FeedbackService) -> bool:
        return not service.items

    overlaps = []

    async def before(service: FeedbackService, body: dict[str, Any]) -> web.Response | None:
        await asyncio.sleep(0.01)
        if before_any(service):
            overlaps.append(service.active)
        if body["feedback"] in {"rating 0", "rating 1"}:
            return web.json_response({"detail": "no such message"}, status=404)
        return None

    async with FeedbackService(before).client() as client:
        result = await client.feedback.bulk_create("p", ratings(40), on_error="collect")
    assert overlaps == [1, 1, 1]
    assert [failure.index for failure in result.failures] == [0, 1]


async def test_takes_models_and_mappings_from_any_iterable():
    async def asynchronous() -> AsyncIterator[Any]:
        for each in ratings(3):
            yield each

    def plain() -> Iterator[Any]:
        yield FeedbackCreate(chat_message_id="m", feedback="a model")
        yield from ratings(2)

    service = FeedbackService()
    async with service.client() as client:
        for items in (asynchronous(), plain(), tuple(ratings(3)), map(dict, ratings(3))):
            assert len(await client.feedback.bulk_create("p", items)) == 3
        assert list(await client.feedback.bulk_create("p", [])) == []
    assert len(service.items) == 12


async def test_every_problem_of_a_collection_is_reported_before_anything_is_sent():
    items: list[Any] = ratings(8)
    items[3]["feedback"] = " "
    items[5] = "no mapping"
    items[7] = {"chat_message_id": "m", "feedbak": "x"}
    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(ValidationError) as caught:
            await client.feedback.bulk_create("p", items)
    assert caught.value.message == (
        "items[3]: feedback must not be empty or blank; items[5]: must be a FeedbackCreate or a mapping, got str; "
        "items[7]: unknown field feedbak; the fields are chat_message_id, feedback, is_positive, execution_id"
    )
    assert service.requests == 0


async def test_a_long_list_of_problems_is_cut_and_kept():
    async with FeedbackService().client() as client:
        with pytest.raises(ValidationError) as caught:
            await client.feedback.bulk_create("p", [{}] * 50)
    assert caught.value.message.endswith("items[19]: missing field chat_message_id, feedback; and 30 more")
    assert len(caught.value.response_data["problems"]) == 50


async def test_what_is_wrong_in_a_stream_of_items_is_a_failure():
    async with FeedbackService().client() as client:
        result = await client.feedback.bulk_create("p", iter([*ratings(2), {}]), on_error="collect")
    (failure,) = result.failures
    assert (len(result), failure.index, failure.item) == (2, 2, {})
    assert str(failure.error) == "items[2]: missing field chat_message_id, feedback"


async def test_by_default_everything_runs_and_the_error_carries_the_result():
    service = FeedbackService(refusing(404, 2, 5))
    items = ratings(50)
    async with service.client() as client:
        with pytest.raises(BulkError) as caught:
            await client.feedback.bulk_create("p", items)
    result = caught.value.result
    assert caught.value.message == "2 of 50 items failed; the first, at index 2: not this one"
    assert isinstance(caught.value.__cause__, NotFoundError)
    assert len(result) == len(service.items) == 48
    assert [failure.index for failure in result.failures] == [2, 5]
    assert result.failures[0].item is items[2]
    assert list(result.indices) == [index for index in range(50) if index not in {2, 5}]
    with pytest.raises(BulkError):
        result.raise_for_failures()
    assert repr(result) == "<BulkResult: 48 created, 2 failed>"


async def test_stop_sends_nothing_more_and_counts_what_was_in_flight():
    service = FeedbackService(refusing(422, 100))
    async with service.client() as client:
        with pytest.raises(BulkError) as caught:
            await client.feedback.bulk_create("p", ratings(5000), on_error="stop")
    result = caught.value.result
    assert len(result) == len(service.items)
    assert sorted([*result.indices, 100, *result.not_sent]) == list(range(5000))
    assert len(result.not_sent) > 1000
    assert "were not sent" in caught.value.message


async def test_a_refused_token_ends_the_call():
    service = FeedbackService(refusing(401, 30))
    async with service.client() as client:
        with pytest.raises(BulkError) as caught:
            await client.feedback.bulk_create("p", ratings(5000))
        assert isinstance(caught.value.__cause__, AuthenticationError)
        assert len(caught.value.result) == len(service.items) < 5000
        service.before = refusing(401, 0)
        with pytest.raises(AuthenticationError):
            await client.feedback.bulk_create("p", ratings(10))
        result = await client.feedback.bulk_create("p", ratings(10), on_error="collect")
    assert (len(result), list(result.not_sent)) == (0, list(range(1, 10)))


async def test_a_source_that_fails_loses_nothing_from_view():
    def source() -> Iterator[Any]:
        yield from ratings(70)
        raise OSError("the disk")

    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(BulkError, match="stopped with 70 items created: the disk") as caught:
            await client.feedback.bulk_create("p", source())
        assert isinstance(caught.value.__cause__, OSError)
        assert len(caught.value.result) == 70
        with pytest.raises(OSError, match="at once"):
            await client.feedback.bulk_create("p", _fails_at_once())


def _fails_at_once() -> Iterator[Any]:
    raise OSError("at once")
    yield


async def test_busy_is_no_failure_whatever_the_retries():
    seen: set[str] = set()

    async def before(_: FeedbackService, body: dict[str, Any]) -> web.Response | None:
        if body["feedback"] in seen:
            return None
        seen.add(body["feedback"])
        return web.json_response({}, status=503, headers={"Retry-After": "0.01"})

    service = FeedbackService(before)
    async with service.client(max_retries=0) as client:
        result = await client.feedback.bulk_create("p", ratings(5))
    assert (len(result), service.requests) == (5, 10)


async def test_waiting_for_a_turn_is_not_counted_against_the_call():
    refused = False

    async def before(_: FeedbackService, __: dict[str, Any]) -> web.Response | None:
        nonlocal refused
        if refused:
            return None
        refused = True
        return web.json_response({}, status=429, headers={"Retry-After": "1"})

    async with FeedbackService(before).client(timeout=0.3, read_timeout=0.5) as client:
        assert (await client.feedback.bulk_create("p", ratings(2))).ok
        refused = False
        hurried = client.with_options(timeout=0.2)
        result = await hurried.feedback.bulk_create("p", ratings(1), on_error="collect")
    assert "within the 0.2 s" in str(result.failures[0].error)


async def test_cancelling_leaves_no_task_and_says_what_was_done(caplog):
    service = FeedbackService(after=slow(0.02))
    async with service.client() as client:
        before = asyncio.all_tasks()
        call = asyncio.create_task(client.feedback.bulk_create("p", ratings(10_000)))
        await service.until(80)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        ours = {task for task in asyncio.all_tasks() - before if "bulk" in repr(task.get_coro())}
        assert not ours
        sent = service.requests
        for _ in range(50):
            await asyncio.sleep(0.002)
        assert service.requests <= sent + 100
    assert "items: interrupted with" in caplog.text


async def test_concurrency_is_bounded():
    service = FeedbackService(before=slow(0.002))
    async with service.client() as client:
        await client.feedback.bulk_create("p", ratings(60), max_concurrency=3)
        assert service.most == 3
        service.most = 0
        await client.feedback.bulk_create("p", ratings(10), parallel=False, use_connection_isolation=True)
        assert service.most == 1
        await client.feedback.bulk_create("p", ratings(60), max_concurrent=4)
        assert service.most == 4


@pytest.mark.parametrize(
    ("given", "published", "connections", "expected"),
    [
        (None, {}, 100, 96),
        (None, {}, 10, 10),
        (200, {}, 100, 100),
        (7, {}, 100, 7),
        (None, {"max_workers": 3}, 100, 3),
        (5, {"max_concurrent": 9}, 100, 5),
        (None, {"parallel": True, "max_workers": None}, 100, 96),
        (9, {"parallel": False}, 100, 1),
    ],
)
def test_concurrency_under_any_name(given, published, connections, expected):
    assert resolve_concurrency(given, published, connections) == expected


async def test_wrong_arguments_are_named():
    async with FeedbackService().client() as client:
        create = client.feedback.bulk_create
        for arguments, message in [
            ({"on_error": "ignore"}, "on_error must be 'raise', 'collect' or 'stop', got 'ignore'"),
            ({"max_concurrency": 0}, "max_concurrency must be from 1 to 10000, got 0"),
            ({"max_workers": "9"}, "max_workers must be a whole number, got str"),
            ({"progress": 3}, "progress must be a callable or True, got int"),
            ({"journal": 3}, "journal must be a path, got int"),
        ]:
            with pytest.raises(ValidationError) as caught:
                await create("p", ratings(1), **arguments)
            assert caught.value.message == message
        for items in ("text", b"x", {"a": 1}, None, 3):
            with pytest.raises(ValidationError, match="items must be an iterable of items, got"):
                await create("p", items)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="'paralel'"):
            await create("p", ratings(1), paralel=True)  # type: ignore[call-arg]
        with pytest.raises(ValidationError, match="project_id"):
            await create(" ", ratings(1))
        with pytest.raises(ValidationError, match="window must be from 1"):
            client.feedback.bulk_create_stream("p", ratings(1), window=0)


def test_results_are_sequences_that_pickle():
    result = BulkResult([1, 2, 3], [0, 1, 3], [BulkFailure(2, {}, NotFoundError("gone", 404))], [4])
    again = pickle.loads(pickle.dumps(result))
    assert list(again) == [1, 2, 3] == again[:]
    assert (again[-1], 2 in again, again.index(3), again.ok) == (3, True, 2, False)
    assert again.failures[0].error.status_code == 404
    assert repr(again) == "<BulkResult: 3 created, 1 failed, 1 not sent>"
    with pytest.raises(
        BulkError, match="1 of 5 items failed, 1 were not sent; the first, at index 2: gone"
    ) as caught:
        again.raise_for_failures()
    assert list(pickle.loads(pickle.dumps(caught.value)).result) == [1, 2, 3]
    with pytest.raises(BulkError, match=r"^2 were not sent$"):
        BulkResult([1], [0], [], [1, 2]).raise_for_failures()
    assert BulkOutcome(0, {}, 1).ok
    assert not BulkOutcome(0, {}, error=NotFoundError("gone")).ok


def test_every_resource_creates_many_on_both_sides():
    columns = [{"name": f"c{index}", "type": "int"} for index in range(20)]
    with Text2EverythingClient.local() as client:
        project = client.projects.create("bulk").id
        contexts = client.contexts.bulk_create(project, [{"name": f"n{i}", "content": "c"} for i in range(20)])
        assert [each.name for each in contexts] == [f"n{i}" for i in range(20)]
        examples = client.golden_examples.bulk_create(
            project, ({"user_query": f"q{i}", "sql_query": "SELECT 1"} for i in range(20))
        )
        assert [each.user_query for each in examples] == [f"q{i}" for i in range(20)]
        tables = [
            {"name": "narrow", "schema_data": {"table": {"name": "t", "columns": columns[:2]}}},
            {"name": "wide", "schema_data": {"table": {"name": "t", "columns": columns}}},
        ]
        made = client.schema_metadata.bulk_create(project, tables)
        assert [part.split_index for part in made] == [None, 1, 2, 3]
        assert (list(made.indices), made.item_count) == ([0, 1, 1, 1], 2)
        with pytest.raises(ValidationError, match=r"schema_metadata_list\[0\]: schema_data is wrong"):
            client.schema_metadata.bulk_create(project, [{"name": "n", "schema_data": {}}])
        with pytest.raises(BulkError):  # unchecked here, and refused there
            client.schema_metadata.bulk_create(project, [{"name": "n", "schema_data": {}}], validate=False)
        assert len(list(client.contexts.bulk_create_stream(project, [{"name": "s", "content": "c"}]))) == 1
        assert len(list(client.schema_metadata.bulk_create_stream(project, tables))) == 2
        examples = client.golden_examples.bulk_create_stream(project, [{"user_query": "s", "sql_query": "s"}])
        assert [outcome.ok for outcome in examples] == [True]


async def test_the_client_may_be_closed_meanwhile():
    service = FeedbackService(after=slow(0.05))
    async with service.client() as client:
        call = asyncio.create_task(client.feedback.bulk_create("p", ratings(1000), on_error="collect"))
        await service.until(40)
        await client.close()
        result = await call
    assert len(result) + len(result.failures) + len(result.not_sent) == 1000
    assert len(result.not_sent) > 500


async def test_a_mistake_within_is_raised_and_no_worker_dies_in_silence(monkeypatch):
    service = FeedbackService()
    async with service.client() as client:

        def broken(*_: object) -> object:
            raise RuntimeError("a mistake")

        monkeypatch.setattr(type(client.feedback), "_decode_created", broken)
        with pytest.raises(RuntimeError, match="a mistake"):
            await client.feedback.bulk_create("p", ratings(10))


async def test_the_local_service_takes_many(tmp_path):
    async with AsyncText2EverythingClient.local(data_dir=tmp_path / "data", demo=True) as client:
        demo = client.service.demo
        answer = await client.chat.chat_to_answer(
            demo.project_id, demo.chat_session_id, "How many customers?", demo.connector_id
        )
        items = [{"chat_message_id": answer.chat_message_id, "feedback": f"f {i}"} for i in range(500)]
        items[250]["chat_message_id"] = "nobody"
        result = await client.feedback.bulk_create(demo.project_id, items, on_error="collect")
        assert (len(result), [each.index for each in result.failures]) == (499, [250])
        assert isinstance(result.failures[0].error, NotFoundError)
