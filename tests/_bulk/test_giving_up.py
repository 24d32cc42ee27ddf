"""What would meet every item alike ends a bulk call early, with one error; a short outage costs nothing."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from bulk_service import FeedbackService, drained, ratings, refusing, slow

from text2everything import (
    AsyncText2EverythingClient,
    BulkError,
    ConnectionError,  # noqa: A004
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    ServerError,
    Text2EverythingClient,
    TimeoutError,  # noqa: A004
)
from text2everything._bulk import health
from text2everything._bulk.health import ServiceHealth


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("text2everything._bulk.journal.GRACE", 0.01)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def nowhere(**options: Any) -> AsyncText2EverythingClient:
    """Return a client of a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"max_retries": 3, "retry_delay": 0.01} | options
    return AsyncText2EverythingClient(
        base_url=f"http://127.0.0.1:{port}", access_token="x", workspace_name="workspaces/x", **options
    )


def everything(result: Any) -> list[int]:
    return sorted([*result.indices, *(failure.index for failure in result.failures), *result.not_sent])


# No connection.


async def test_a_service_that_is_not_there():
    async with nowhere() as client:
        result = await client.feedback.bulk_create("p", ratings(2000), on_error="collect")
        assert (len(result.failures), len(result.not_sent)) == (1, 1999)
        error = result.failures[0].error
        assert isinstance(error, ConnectionError)
        assert re.search(r"there was no connection for \d+ s, so the call was ended", error.message)
        assert error.attempts in {4, 5}  # the pauses between them are drawn by chance
        with pytest.raises(ConnectionError, match="so the call was ended"):
            await client.feedback.bulk_create("p", ratings(2000))
        outcomes: list[Any] = []
        stream = client.feedback.bulk_create_stream("p", iter(ratings(2000)))
        with pytest.raises(ConnectionError, match="so the call was ended"):
            await drained(stream, outcomes)
        assert [outcome.index for outcome in outcomes] == [0]
        assert len(stream.not_sent) == stream.count - 1
        with pytest.raises(ConnectionError, match="so the call was ended"):
            await client.feedback.bulk_delete("p", [f"id-{index}" for index in range(2000)])


async def test_an_upload_to_a_service_that_is_not_there(tmp_path):
    file = tmp_path / "ratings.csv"
    file.write_text("chat_message_id,feedback\n" + "m,fine\n" * 2000)
    async with nowhere() as client:
        result = await client.feedback.upload("p", file, on_error="collect")
        assert (result.created, result.failed, result.complete) == (0, 1, False)
        with pytest.raises(ConnectionError, match="so the call was ended"):
            await client.feedback.upload("p", file)


def test_a_blocking_client_of_a_service_that_is_not_there():
    with Text2EverythingClient(
        base_url="http://127.0.0.1:9", access_token="x", workspace_name="workspaces/x", max_retries=0
    ) as client:
        result = client.feedback.bulk_create("p", ratings(2000), on_error="collect")
        assert (len(result.failures), len(result.not_sent)) == (1, 1999)
        stream = iter(client.feedback.bulk_create_stream("p", iter(ratings(2000))))
        assert next(stream).index == 0
        with pytest.raises(ConnectionError, match="so the call was ended"):
            next(stream)


class Outage:
    """A service that goes away after some ratings, and perhaps comes back; `run` is a task beside the call."""

    def __init__(self, after: int, seconds: float | None) -> None:
        self.service = FeedbackService(after=slow(0.002))
        self._after = after
        self._seconds = seconds

    async def run(self, client: AsyncText2EverythingClient) -> None:
        port = int(client.settings.base_url.rsplit(":", 1)[1])
        await self.service.until(self._after)
        site = self.service.site
        runner = site._runner
        await site.stop()
        for _ in range(10):  # some were accepted before, and are not listed yet
            for connection in list(runner.server.connections):
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0)
        if self._seconds is not None:
            await asyncio.sleep(self._seconds)
            await web.TCPSite(runner, "127.0.0.1", port).start()


async def test_a_service_that_is_away_for_a_moment_loses_nothing(path):
    outage = Outage(50, 0.5)
    async with outage.service.client(max_retries=0) as client, asyncio.TaskGroup() as group:
        group.create_task(outage.run(client))
        assert (await client.feedback.bulk_create("p", ratings(400), journal=path)).ok
    assert Counter(item["feedback"] for item in outage.service.items) == Counter(
        item["feedback"] for item in ratings(400)
    )


async def test_a_service_that_goes_away_ends_the_call_and_a_later_one_goes_on(path, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    outage = Outage(50, None)
    async with outage.service.client() as client, asyncio.TaskGroup() as group:
        group.create_task(outage.run(client))
        with pytest.raises(BulkError, match=r"there was no connection for \d+ s, so the call was ended") as caught:
            await client.feedback.bulk_create("p", ratings(1000), journal=path)
    result = caught.value.result
    assert isinstance(caught.value.__cause__, ConnectionError)
    assert everything(result) == list(range(1000))
    assert len(result)
    assert len(result.not_sent) > 700
    unsent = [failure for failure in result.failures if "cannot connect" in failure.error.message]
    assert len(unsent) <= 1
    service = FeedbackService()
    service.items = outage.service.items
    async with service.client() as client:
        assert len(await client.feedback.bulk_create("p", ratings(1000), journal=path)) == 1000
    assert len(service.items) == 1000


# Nothing but refusals.


@pytest.mark.slow
@pytest.mark.parametrize("headers", [None, {"Retry-After": "0"}, {"Retry-After": "0.05"}])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_service_that_refuses_everything(monkeypatch, status, headers):
    monkeypatch.setattr(health, "REFUSAL_SECONDS", 0.3)
    service = FeedbackService(refusing(status, *range(100), headers=headers))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(100), on_error="collect")
    error = result.failures[-1].error
    assert isinstance(error, RateLimitError if status == 429 else ServerError)
    assert "the service refused every request for" in error.message
    assert everything(result) == list(range(100))
    assert len(result.failures) <= (1 if status == 429 or headers else 8)
    assert service.requests <= 20


async def test_those_that_wait_for_their_turn_do_not_wait_on(path, monkeypatch):
    monkeypatch.setattr(health, "REFUSAL_SECONDS", 0.3)

    async def before(service: FeedbackService, _: dict[str, Any]) -> web.Response | None:
        await asyncio.sleep(0.002)
        return web.json_response({}, status=429) if len(service.items) >= 30 else None

    service = FeedbackService(before)
    async with service.client() as client:
        async with asyncio.timeout(20):  # without the others' pauses, which double, it is two
            result = await client.feedback.bulk_create("p", ratings(100), on_error="collect", journal=path)
        assert (len(result.failures), everything(result)) == (1, list(range(100)))
        service.before = None
        assert (await client.feedback.bulk_create("p", ratings(100), journal=path)).ok
    assert len(service.items) == 100


@pytest.mark.slow
async def test_a_service_that_refuses_for_a_while_loses_nothing(monkeypatch):
    monkeypatch.setattr(health, "REFUSAL_SECONDS", 20.0)
    until: list[float] = []

    async def before(service: FeedbackService, _: dict[str, Any]) -> web.Response | None:
        if service.requests == 30:
            until.append(time.monotonic() + 1.0)
        busy = until and time.monotonic() < until[0]
        return web.json_response({}, status=429, headers={"Retry-After": "0.01"}) if busy else None

    service = FeedbackService(before)
    async with service.client(max_retries=0) as client:
        assert (await client.feedback.bulk_create("p", ratings(200))).ok


# The project's 404.


async def test_a_project_that_does_not_exist(tmp_path):
    requests: list[str] = []

    async def note(_: object, __: object, params: aiohttp.TraceRequestStartParams) -> None:
        requests.append(params.method)

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(note)
    file = tmp_path / "ratings.csv"
    file.write_text("chat_message_id,feedback\n" + "m,fine\n" * 2000)
    async with AsyncText2EverythingClient.local(trace_configs=[tracing]) as client:
        items = ratings(2000)
        result = await client.feedback.bulk_create("nowhere", items, on_error="collect")
        assert (len(result.failures), len(result.not_sent)) == (1, 1999)
        error = result.failures[0].error
        assert isinstance(error, NotFoundError)
        assert error.message == "Project nowhere not found; the project does not exist, so the call was ended"
        assert requests == ["POST", "GET"]
        for call in (
            client.feedback.bulk_create("nowhere", items),
            client.contexts.bulk_create("nowhere", [{"name": "n", "content": "c"}] * 2000),
            client.feedback.upload("nowhere", file),
            client.feedback.bulk_delete("nowhere", [f"id-{index}" for index in range(2000)]),
            drained(client.feedback.bulk_create_stream("nowhere", iter(items)), []),
        ):
            requests.clear()
            with pytest.raises(NotFoundError, match="the project does not exist, so the call was ended"):
                await call
            assert len(requests) <= 3


async def test_messages_that_do_not_exist_are_failures_of_their_own():
    async with AsyncText2EverythingClient.local() as client:
        project = (await client.projects.create("p")).id
        result = await client.feedback.bulk_create(project, ratings(100), on_error="collect")
    assert (len(result.failures), len(result.not_sent)) == (100, 0)
    assert {failure.error.message for failure in result.failures[:1]} == {"Chat message m0 not found"}


@pytest.mark.parametrize("wrong", [range(1), range(4), range(0, 100, 2), range(20, 40)])
async def test_a_service_that_cannot_be_asked_for_the_project(wrong):
    service = FeedbackService(refusing(404, *wrong))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(100), on_error="collect")
    assert [failure.index for failure in result.failures] == list(wrong)
    assert len(result) == 100 - len(wrong)


async def test_if_not_one_is_found_the_project_is_not_there():
    service = FeedbackService(refusing(404, *range(2000)))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(2000), on_error="collect")
    assert service.requests == 5
    assert (len(result.failures), len(result.not_sent)) == (5, 1995)


# Nothing but failures.


async def test_a_service_that_fails_at_everything(monkeypatch):
    monkeypatch.setattr(health, "FAILURE_SECONDS", 0.2)
    service = FeedbackService(refusing(500, *range(2000)))
    service.after = slow(0.01)
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(2000), on_error="collect")
    assert 5 <= len(result.failures) < 2000
    assert everything(result) == list(range(2000))
    assert "items failed in a row" in result.failures[-1].error.message


async def test_what_is_no_such_service(monkeypatch):
    async def page(*_: object) -> web.Response:
        return web.Response(text="<html>Please log in</html>", content_type="text/html")

    service = FeedbackService(page)
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(2000), on_error="collect")
    assert (service.requests, len(result.not_sent)) == (5, 1995)
    assert isinstance(result.failures[0].error, InvalidResponseError)


def failing_for(seconds: float, after: int, make: Any) -> FeedbackService:
    """Return a service that fails at everything for some seconds, once it has so many ratings."""
    began: list[float] = []

    async def hook(service: FeedbackService, _: object) -> web.StreamResponse | None:
        if not began and len(service.items) >= after:
            began.append(time.monotonic())
        await asyncio.sleep(0.002)
        return make() if began and time.monotonic() - began[0] < seconds else None

    return FeedbackService(hook)


BAD_ANSWERS = {
    "500": lambda: web.json_response({"detail": "no"}, status=500),
    "502": lambda: web.json_response({"detail": "no"}, status=502),
    "503": lambda: web.json_response({"detail": "no"}, status=503),
    "a page": lambda: web.Response(text="<html>Back soon</html>", content_type="text/html"),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_a_short_outage_costs_what_was_in_flight_and_not_all_items(make):
    service = failing_for(0.5, 300, make)
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(1500), on_error="collect")
    assert len(result) + len(result.failures) == 1500
    assert len(result.failures) < 200
    assert result.not_sent == []


@pytest.mark.slow
@pytest.mark.parametrize("make", [BAD_ANSWERS["500"], BAD_ANSWERS["503"]], ids=["500", "503"])
async def test_with_a_journal_a_short_outage_costs_nothing(path, make):
    service = failing_for(0.5, 300, make)
    async with service.client() as client:
        assert (await client.feedback.bulk_create("p", ratings(1500), journal=path)).ok
    assert sorted(item["feedback"] for item in service.items) == sorted(item["feedback"] for item in ratings(1500))


async def test_an_outage_in_the_middle_of_a_look_up_costs_nothing(path):
    service = FeedbackService(refusing(500, 398, 399))
    failed = 0
    listing = service.list

    async def failing(request: web.Request) -> web.Response:
        nonlocal failed
        failed += 1
        service.before = None
        return web.json_response({"detail": "no"}, status=500) if failed < 8 else await listing(request)

    service.list = failing  # type: ignore[method-assign]
    async with service.client(max_retries=1) as client:
        assert (await client.feedback.bulk_create("p", ratings(400), journal=path)).ok
    assert failed >= 8
    assert len(service.items) == 400


@pytest.mark.parametrize("status", [402, 405, 407, 501])
async def test_an_answer_that_is_about_no_item_ends_the_call(status):
    service = FeedbackService(refusing(status, *range(2000)))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(2000), on_error="collect")
    assert (len(result.failures), len(result.not_sent)) == (1, 1999)
    assert "every other item would get the same answer, so the call was ended" in result.failures[0].error.message


async def test_one_item_that_is_forbidden_is_one_failure():
    service = FeedbackService(refusing(403, 700))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(1000), on_error="collect")
    assert [failure.index for failure in result.failures] == [700]
    assert len(result) == 999


async def test_what_is_forbidden_from_some_moment_on_ends_the_call():
    service = FeedbackService(refusing(403, *range(300, 2000)))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(2000), on_error="collect")
    assert len(result) == 300
    assert len(result.failures) < 300
    assert everything(result) == list(range(2000))


async def test_with_collect_a_look_up_that_is_refused_gives_the_result_so_far(path):
    service = FeedbackService(refusing(500, 30, 31))

    async def refused(_: web.Request) -> web.Response:
        return web.json_response({"detail": "no"}, status=401)

    service.list = refused  # type: ignore[assignment,method-assign]
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(40), on_error="collect", journal=path)
    assert len(result) == 38
    assert sorted(failure.index for failure in result.failures) == [30, 31]


def test_failures_now_and_then_end_nothing(monkeypatch):
    state = ServiceHealth()
    for second in range(1000):
        assert not state.is_fatal(ServerError("no", 500), second * 60.0)
        if second % 4 == 3:
            state.succeeded()
    for second in range(10):
        assert not state.is_fatal(ServerError("no", 500), second * 5.0)


def test_rejected_items_say_nothing_of_the_service():
    state = ServiceHealth()
    for second in range(1000):
        assert not state.is_fatal(ServerError("no", 500), second * 60.0)
        assert not state.is_fatal(NotFoundError("no", 404), second * 60.0)


# The total timeout.


@pytest.mark.slow
@pytest.mark.parametrize("journaled", [True, False])
async def test_a_total_timeout_is_that_of_the_whole_call(path, journaled):
    service = FeedbackService(before=slow(0.2))
    journal = path if journaled else None
    async with service.client() as client:
        began = time.monotonic()
        with pytest.raises(BulkError, match=r"within the 1 s that a call may take") as caught:
            await client.with_options(timeout=1).feedback.bulk_create("p", ratings(2000), journal=journal)
        assert 1 <= time.monotonic() - began < 10
        assert isinstance(caught.value.__cause__, TimeoutError)
        assert everything(caught.value.result) == list(range(2000))
        assert len(caught.value.result)
        assert len(caught.value.result.not_sent) > 1000
        if journaled:
            await asyncio.sleep(0.3)  # the service first has done with what was on its way
            service.before = None
            assert len(await client.feedback.bulk_create("p", ratings(2000), journal=path)) == 2000
            assert len(service.items) == 2000


@pytest.mark.slow
async def test_a_total_timeout_ends_waiting_for_the_source_and_the_service(path):
    async def source() -> Any:
        yield ratings(1)[0]
        await asyncio.Event().wait()

    async with FeedbackService().client() as client:
        feedback = client.with_options(timeout=1.5).feedback
        outcomes: list[Any] = []
        with pytest.raises(TimeoutError, match=r"not done within the 1.5 s that a call may take"):
            await drained(feedback.bulk_create_stream("p", source()), outcomes)
        assert [outcome.ok for outcome in outcomes] == [True]
        with pytest.raises(BulkError, match="not done within"):
            await feedback.bulk_create("p", source(), on_error="collect", journal=path)


@pytest.mark.slow
async def test_a_total_timeout_bounds_uploads_and_deletes(tmp_path):
    file = tmp_path / "ratings.csv"
    file.write_text("chat_message_id,feedback\n" + "m,fine\n" * 5000)
    service = FeedbackService(before=slow(0.05))
    async with service.client() as client:
        feedback = client.with_options(timeout=1.5).feedback
        with pytest.raises(BulkError, match="that a call may take") as caught:
            await feedback.upload("p", file)
        assert caught.value.result.created > 0
        assert not caught.value.result.complete
        with pytest.raises(BulkError, match="that a call may take"):
            await feedback.bulk_delete("p", [f"id-{index}" for index in range(100_000)], max_concurrency=2)


@pytest.mark.slow
async def test_a_total_timeout_that_passes_later_says_nothing():
    async with FeedbackService().client() as client:
        stream = client.with_options(timeout=1.5).feedback.bulk_create_stream("p", ratings(3))
        assert sum([len(await stream.next_batch()) for _ in range(1)]) >= 1
        await asyncio.sleep(1.7)
        while batch := await stream.next_batch():
            assert all(outcome.ok for outcome in batch)
        await stream.aclose()
