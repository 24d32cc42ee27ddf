"""The odd replies of the hosted service, word for word: what each becomes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aioresponses import CallbackResult, aioresponses

from text2everything import (
    AsyncText2EverythingClient,
    ConflictError,
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    Text2EverythingError,
    ValidationError,
)

BASE = "https://t2e.example.com"
P = f"{BASE}/api/projects/p"
FEEDBACK = {"id": "f", "chat_message_id": "m", "feedback": "good", "is_positive": True}
EXAMPLE = {"id": "g", "user_query": "q", "sql_query": "SELECT 1"}
EXECUTION = {
    "execution_id": "e",
    "connector_id": "c",
    "sql_query": "SELECT version()",
    "result": {"columns": ["c"], "data": [["c"], ["9.25.1"]], "rowCount": 1},
    "execution_time_ms": 12,
    "chat_message_id": None,
}


@pytest.fixture
def wire() -> Any:
    with aioresponses() as mocked:
        yield mocked


@pytest.fixture
async def client(options: dict[str, Any]) -> AsyncIterator[AsyncText2EverythingClient]:
    async with AsyncText2EverythingClient(base_url=BASE, **options) as client:
        yield client


Client = AsyncText2EverythingClient


# Success is any 2xx.


@pytest.mark.parametrize(
    ("status", "body"), [(204, ""), (202, ""), (200, ""), (200, "null"), (200, '{"message": "x"}')]
)
async def test_a_delete_may_say_anything(wire: aioresponses, client: Client, status: int, body: str) -> None:
    wire.delete(f"{P}/feedback/f", status=status, body=body)
    wire.delete(f"{P}", status=status, body=body)
    assert await client.feedback.delete("p", "f") is True
    assert await client.projects.delete("p")


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_a_create_may_answer_with_a_list_of_one(wire: aioresponses, client: Client, status: int) -> None:
    wire.post(f"{P}/feedback", status=status, payload=[FEEDBACK])
    wire.post(f"{P}/golden-examples", status=status, payload=[EXAMPLE])
    assert (await client.feedback.create("p", "m", "good")).id == "f"
    assert (await client.golden_examples.create("p", "q", "SELECT 1")).id == "g"


async def test_a_list_of_none_or_two_is_no_item(wire: aioresponses, client: Client) -> None:
    for items in ([], [FEEDBACK, FEEDBACK]):
        wire.post(f"{P}/feedback", payload=items)
        with pytest.raises(InvalidResponseError, match="got a list of"):
            await client.feedback.create("p", "m", "good")


async def test_a_create_that_answers_nothing_is_an_error(wire: aioresponses, client: Client) -> None:
    wire.post(f"{P}/feedback", status=202, body="")
    with pytest.raises(InvalidResponseError, match="HTTP 202"):
        await client.feedback.create("p", "m", "good")


async def test_an_update_that_answers_nothing_is_read(wire: aioresponses, client: Client) -> None:
    wire.get(f"{P}/feedback/f", payload=FEEDBACK)
    wire.put(f"{P}/feedback/f", status=204)
    wire.get(f"{P}/feedback/f", payload=FEEDBACK | {"feedback": "better"})
    assert (await client.feedback.update("p", "f", feedback="better")).feedback == "better"


# Errors.


@pytest.mark.parametrize(
    ("status", "payload", "error", "message"),
    [
        (403, {"detail": "not yours"}, PermissionDeniedError, "not yours"),
        (404, ["no such thing"], NotFoundError, "no such thing"),
        (409, {"error": "in use", "detail": "by a preset", "status_code": 409}, ConflictError, "in use: by a preset"),
        (
            422,
            {"detail": [{"loc": ["body", "name"], "msg": "too long", "type": "x"}]},
            ValidationError,
            "body.name: too long",
        ),
        (400, "just a string", ValidationError, "just a string"),
    ],
)
async def test_errors_keep_their_detail(
    wire: aioresponses, client: Client, status: int, payload: Any, error: type[Text2EverythingError], message: str
) -> None:
    wire.get(P, status=status, payload=payload)
    with pytest.raises(error) as caught:
        await client.projects.get("p")
    assert caught.value.message == message
    assert caught.value.response_data == payload


async def test_retry_after_as_a_date(wire: aioresponses, client: Client) -> None:
    wire.post(f"{BASE}/api/projects", status=429, headers={"Retry-After": "Fri, 02 Jan 2026 03:04:05 GMT"})
    wire.post(f"{BASE}/api/projects", status=429, headers={"Retry-After": "Fri, 02 Jan 2026 03:04:05 GMT"})
    with pytest.raises(RateLimitError) as caught:
        await client.projects.create("a project")
    assert caught.value.retry_after == 0
    assert caught.value.attempts == 2


async def test_a_page_of_html_with_200(wire: aioresponses, client: Client) -> None:
    wire.get(P, status=200, body="<html>Sign in</html>", content_type="text/html")
    with pytest.raises(InvalidResponseError, match="content type text/html, body '<html>Sign in</html>'"):
        await client.projects.get("p")


async def test_exists_is_false_for_404_only(wire: aioresponses, client: Client) -> None:
    wire.get(P, status=404)
    assert await client.projects.exists("p") is False
    wire.get(P, status=403)
    with pytest.raises(PermissionDeniedError):
        await client.projects.exists("p")


async def test_a_failed_connection_test_is_no_argument_s_fault(wire: aioresponses, client: Client) -> None:
    wire.post(f"{P}/connectors/c/test", status=403, payload={"detail": "no"})
    with pytest.raises(PermissionDeniedError):
        await client.connectors.test_connection("p", "c")


# Listings.


@pytest.mark.parametrize(
    "payload",
    [
        {"items": [FEEDBACK], "total": 1, "page": 1, "page_size": 100, "has_next": False},
        {"items": [FEEDBACK]},
        {"items": [FEEDBACK], "total": None, "has_next": None},
        {"items": [FEEDBACK], "has_next": False, "something": "new"},
        [FEEDBACK],
    ],
)
async def test_a_listing_may_be_an_envelope_or_bare(wire: aioresponses, client: Client, payload: Any) -> None:
    wire.get(re.compile(f"^{P}/feedback"), payload=payload, repeat=True)
    (found,) = await client.feedback.list("p")
    assert found.id == "f"


async def test_both_styles_of_paging_name_the_same_page(wire: aioresponses, client: Client) -> None:
    asked: list[dict[str, str]] = []

    def answer(url: Any, **_: Any) -> CallbackResult:
        asked.append(dict(url.query))
        skip, limit = int(url.query["skip"]), int(url.query["limit"])
        items = [FEEDBACK | {"id": str(n)} for n in range(skip, min(skip + limit, 250))]
        return CallbackResult(payload={"items": items, "total": 250})

    wire.get(re.compile(f"^{P}/feedback"), callback=answer, repeat=True)
    found = await client.feedback.list("p")
    assert [item.id for item in found] == [str(n) for n in range(250)]
    for query in asked:
        if "page" in query:
            assert int(query["skip"]) == (int(query["page"]) - 1) * int(query["per_page"])
            assert query["limit"] == query["per_page"]


@pytest.mark.parametrize("payload", [{"detail": "odd"}, "a string", 7, None, {"items": {"id": "f"}}, {"items": None}])
async def test_what_is_no_listing(wire: aioresponses, client: Client, payload: Any) -> None:
    wire.get(re.compile(f"^{P}/feedback"), payload=payload)
    with pytest.raises(InvalidResponseError):
        await client.feedback.list("p")


# Models.


async def test_a_successful_execution(wire: aioresponses, client: Client) -> None:
    wire.post(f"{P}/sql/execute", payload=EXECUTION)
    done = await client.executions.execute_query("p", "c", "SELECT version()", chat_session_id="s")
    assert done.columns == ["c"]
    assert done.rows == [["9.25.1"]]
    assert done.row_count == 1
    ((_, calls),) = wire.requests.items()
    assert b'"h2ogpte_session_id":"s"' in calls[0].kwargs["data"]
    assert b"chat_session_id" not in calls[0].kwargs["data"]


@pytest.mark.parametrize("result", [None, {}, {"columns": [], "data": [], "rowCount": 0}, {"data": [[]]}])
async def test_a_failed_execution_has_no_result_whatever_is_sent_for_it(
    wire: aioresponses, client: Client, result: Any
) -> None:
    failed = EXECUTION | {"result": result, "error": "no such column: nonsense"}
    wire.post(f"{P}/sql/execute", payload=failed)
    wire.get(f"{P}/sql/executions/e", payload=failed | {"id": "e"})
    wire.post(f"{P}/chat-sessions/s/chat-to-answer", payload={"id": "m", "execution_result": failed})
    answer = await client.chat.chat_to_answer("p", "s", "q", "c")
    for done in (
        await client.executions.execute_query("p", "c", "SELECT nonsense"),
        await client.executions.get("p", "e"),
        answer.execution_result,
    ):
        assert done is not None
        assert (done.result, done.rows, done.columns, done.row_count) == (None, [], [], 0)
        assert (done.successful, done.error) == (False, "no such column: nonsense")


@pytest.mark.parametrize("error", [None, ""])
async def test_a_result_without_an_error_is_one(wire: aioresponses, client: Client, error: Any) -> None:
    wire.post(f"{P}/sql/execute", payload=EXECUTION | {"error": error})
    done = await client.executions.execute_query("p", "c", "SELECT 1")
    assert (done.successful, done.rows) == (True, [["9.25.1"]])


async def test_a_failed_execution_without_a_reason(wire: aioresponses, client: Client) -> None:
    wire.post(f"{P}/sql/execute", payload=EXECUTION | {"result": None})
    done = await client.executions.execute_query("p", "c", "SELECT nonsense")
    assert (done.result, done.rows, done.successful) == (None, [], False)


async def test_listed_executions_have_no_result(wire: aioresponses, client: Client) -> None:
    listed = {"id": "e", "connector_id": "c", "sql_query": "SELECT 1", "is_successful": False}
    wire.get(re.compile(f"^{P}/sql/executions"), payload={"items": [listed], "total": 1})
    (found,) = await client.executions.list("p")
    assert found.is_successful is False
    assert found.successful is False


@pytest.mark.parametrize(
    "payload", [[{"question": "How many?"}], {"session_id": "s", "questions": [{"question": "How many?"}]}]
)
async def test_questions_in_an_envelope_or_bare(wire: aioresponses, client: Client, payload: Any) -> None:
    wire.get(f"{P}/chat-sessions/s/questions?limit=10", payload=payload)
    (question,) = await client.chat_sessions.get_questions("p", "s")
    assert question.question == "How many?"


async def test_a_chat_s_id_is_its_message_s(wire: aioresponses, client: Client) -> None:
    answer = {
        "id": "m",
        "project_id": "p",
        "chat_session_id": "s",
        "user_query": "q",
        "sql_query": "SELECT 1",
        "explanation": None,
        "agent_tool_response": None,
        "execution_result": EXECUTION | {"chat_message_id": "m"},
        "feedback": None,
    }
    wire.post(f"{P}/chat-sessions/s/chat-to-answer", payload=answer)
    found = await client.chat.chat_to_answer("p", "s", "q", "c")
    assert found.chat_message_id == found.id == "m"
    assert found.execution_id == "e"


async def test_a_cache_match_by_key_and_by_attribute(wire: aioresponses, client: Client) -> None:
    match = {
        "execution": {"id": "e", "sql_query": "SELECT 1", "result": None},
        "similarity_score": 0.9,
        "has_feedback": True,
        "feedback_is_positive": True,
        "feedback_comment": None,
    }
    wire.post(f"{P}/execution-cache-lookup", payload={"cache_hit": True, "matches": [match], "candidates_checked": 1})
    found = (await client.chat.execution_cache_lookup("p", "q", "c")).matches[0]
    assert found.execution["sql_query"] == found.execution.sql_query == found.execution.get("sql_query") == "SELECT 1"


async def test_a_schema_in_one_part_and_in_several(wire: aioresponses, client: Client) -> None:
    part = {"id": "a", "name": "t", "schema_data": {"table": {"columns": [{"name": "x"}]}}}
    parts = [part | {"id": str(n), "split_group_id": "g", "split_index": n, "total_splits": 2} for n in (1, 2)]
    data = {"table": {"name": "t", "columns": [{"name": "x"}]}}
    for payload in ([part], part):
        wire.post(f"{P}/schema-metadata", payload=payload)
        created = await client.schema_metadata.create("p", "t", data)
        assert created.id == "a" if not isinstance(created, list) else [each.id for each in created] == ["a"]
    wire.post(f"{P}/schema-metadata", payload=parts)
    created = await client.schema_metadata.create("p", "t", data)
    assert [each.split_index for each in created] == [1, 2]


async def test_a_connector_comes_without_its_password(wire: aioresponses, client: Client) -> None:
    connector = {
        "id": "c",
        "name": "n",
        "db_type": "postgres",
        "host": "h",
        "port": 5432,
        "username": "u",
        "database": "d",
        "password": None,
        "password_secret_name": "workspaces/dev/secrets/s-1",
        "config": None,
    }
    wire.get(f"{P}/connectors/c", payload=connector)
    found = await client.connectors.get("p", "c")
    assert found.password is None
    assert found.password_secret_name == "workspaces/dev/secrets/s-1"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456+00:00", datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ("2026-01-02T03:04:05.123456", datetime(2026, 1, 2, 3, 4, 5, 123456)),  # noqa: DTZ001  # as it came
        ("2026-01-02 03:04:05", datetime(2026, 1, 2, 3, 4, 5)),  # noqa: DTZ001
    ],
)
async def test_times(wire: aioresponses, client: Client, text: str, moment: datetime) -> None:
    wire.get(P, payload={"id": "p", "name": "n", "created_at": text})
    assert (await client.projects.get("p")).created_at == moment


# Paths.


@pytest.mark.parametrize("wrong", ["", " ", ".", "..", None, 7])
async def test_an_id_that_would_name_another_path(wire: aioresponses, client: Client, wrong: Any) -> None:
    with pytest.raises(ValidationError, match=r"^feedback_id"):
        await client.feedback.delete("p", wrong)
    with pytest.raises(ValidationError, match=r"^project_id"):
        await client.feedback.delete(wrong, "f")
    assert wire.requests == {}


async def test_a_preset_that_is_not_there(wire: aioresponses, client: Client) -> None:
    wire.get(re.compile(f"^{P}/chat-presets"), payload=[], repeat=True)
    with pytest.raises(NotFoundError):
        await client.chat_presets.get("p", "c")


async def test_more_presets_than_a_page(wire: aioresponses, client: Client) -> None:
    presets = [{"id": f"i{n}", "name": f"n{n}", "h2ogpte_collection_id": f"c{n}"} for n in range(230)]
    wire.get(re.compile(f"^{P}/chat-presets"), payload=presets, repeat=True)
    assert len(await client.chat_presets.list("p")) == 230
    assert (await client.chat_presets.get("p", "c200")).id == "i200"
