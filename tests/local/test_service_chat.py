"""Chat: what the engine is given, and what is made of its draft."""

from __future__ import annotations

import asyncio
import threading

import aiohttp
import pytest

from text2everything.local import LocalService
from text2everything.local._text_to_sql import relevance, select_relevant
from text2everything.local.engine import Draft

from .conftest import ScriptedEngine, Wire, headers

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def connector(wire: Wire, database) -> str:
    return (await wire.connector(database))["id"]


@pytest.fixture
async def session(wire: Wire) -> str:
    return (await wire.made("P/chat-sessions", {"name": "s"}))["id"]


async def test_to_sql_drafts_and_runs_nothing(wire: Wire, session, connector, engine):
    engine.answers["to sql"] = Draft("SELECT 7", "Seven.", "e", "s", "c")
    status, reply = await wire("POST", f"P/chat-sessions/{session}/chat-to-sql", {"query": "to sql"})
    assert status == 200
    assert reply["project_id"] == wire.project
    expected = {
        "chat_session_id": session,
        "user_query": "to sql",
        "sql_query": "SELECT 7",
        "explanation": "Seven.",
        "agent_tool_response": None,
        "context_id": "c",
        "schema_metadata_id": "s",
        "connector_id": connector,
        "example_id": "e",
    }
    assert {name: reply[name] for name in expected} == expected
    assert "execution_result" not in reply
    assert (await wire("GET", "P/sql/executions"))[1]["total"] == 0
    run = await wire.made("P/sql/execute", {"connector_id": connector, "chat_message_id": reply["id"]})
    assert run["result"]["data"] == [["7"], [7]]


async def test_to_answer_runs_the_draft(wire: Wire, session, connector):
    body = {"query": "how many", "connector_id": connector, "auto_add_feedback": {"positive": False}}
    status, reply = await wire("POST", f"P/chat-sessions/{session}/chat-to-answer", body)
    assert status == 200
    execution = reply["execution_result"]
    assert execution["result"] == {"columns": ["n"], "data": [["n"], [120]], "rowCount": 1}
    assert (execution["chat_message_id"], execution["sql_query"]) == (reply["id"], reply["sql_query"])
    assert reply["feedback"] is None
    assert (await wire("GET", f"P/sql/executions/{execution['execution_id']}"))[1]["chat_message_id"] == reply["id"]


async def test_what_cannot_be_answered_says_so(wire: Wire, session, connector, engine):
    engine.answers["meaning of life"] = Draft(None, "No table is about that.")
    body = {"query": "meaning of life", "connector_id": connector, "auto_add_feedback": {"negative": True}}
    status, reply = await wire("POST", f"P/chat-sessions/{session}/chat-to-answer", body)
    assert status == 200
    assert (reply["sql_query"], reply["execution_result"], reply["feedback"]) == (None, None, None)
    assert reply["explanation"] == "No table is about that."
    status, reply = await wire("POST", "P/sql/execute", {"connector_id": connector, "chat_message_id": reply["id"]})
    assert (status, reply["detail"][0]["loc"]) == (422, ["body", "chat_message_id"])


@pytest.mark.parametrize(
    ("sql", "wanted", "rating"),
    [
        ("SELECT 1", {"positive": True}, True),
        ("SELECT 1", {"negative": True}, None),
        ("SELECT 1", None, None),
        ("SELECT no", {"negative": True, "positive": False}, False),
        ("SELECT no", {"positive": True}, None),
    ],
)
async def test_feedback_is_added_where_asked_for(wire: Wire, session, connector, engine, sql, wanted, rating):
    engine.answers["rate me"] = Draft(sql, "")
    body = {"query": "rate me", "connector_id": connector, "auto_add_feedback": wanted}
    reply = (await wire("POST", f"P/chat-sessions/{session}/chat-to-answer", body))[1]
    stored = (await wire("GET", "P/feedback"))[1]["items"]
    if rating is None:
        assert (reply["feedback"], stored) == (None, [])
    else:
        assert stored == [reply["feedback"]]
        assert (stored[0]["is_positive"], stored[0]["chat_message_id"]) == (rating, reply["id"])
        assert stored[0]["execution_id"] == reply["execution_result"]["execution_id"]
    assert reply["execution_result"]["is_successful"] is (sql == "SELECT 1")


async def test_the_engine_is_given_what_the_project_knows(wire: Wire, session, connector, engine):
    columns = [{"name": f"c{n}"} for n in range(20)]
    parts = await wire.made("P/schema-metadata", {"name": "t", "schema_data": {"table": {"columns": columns}}})
    context = await wire.made("P/contexts", {"name": "n", "content": "text"})
    example = await wire.made("P/golden-examples", {"user_query": "gold", "sql_query": "SELECT 3"})
    liked, both, disliked = [
        (await wire("POST", f"P/chat-sessions/{session}/chat-to-answer", {"query": text}))[1]
        for text in ("liked", "liked, then not", "disliked")
    ]
    latest = {}
    for answer, *ratings in ((liked, True), (both, True, False), (disliked, False)):
        for good in ratings:
            latest[answer["id"]] = (await wire.rate(answer["execution_result"], good=good, text="a word"))["id"]
    cutoffs = {"examples_cutoff": 0.5, "feedback_cutoff": 0}
    await wire("POST", f"P/chat-sessions/{session}/chat-to-sql", {"query": "given", **cutoffs})
    given = engine.asked[-1]
    assert given["schemas"] == [(parts[0]["id"], {"table": {"columns": columns}})]
    assert given["contexts"] == [(context["id"], "text")]
    assert [(found.query, found.sql, found.id, found.positive) for found in given["examples"]] == [
        ("gold", "SELECT 3", example["id"], True)
    ]
    assert {(found.query, found.id, found.positive, found.comment) for found in given["rated"]} == {
        ("liked", latest[liked["id"]], True, "a word"),
        ("liked, then not", latest[both["id"]], False, "a word"),
        ("disliked", latest[disliked["id"]], False, "a word"),
    }
    assert (given["dialect"], given["examples_cutoff"], given["feedback_cutoff"]) == ("sqlite", 0.5, 0)


async def test_ids_narrow_down_what_the_engine_is_given(wire: Wire, session, connector, engine):
    schemas, contexts, examples = [], [], []
    for n in range(2):
        data = {"table": {"columns": [{"name": f"c{i}"} for i in range(9 * n + 1)]}}
        schemas.append(await wire.made("P/schema-metadata", {"name": f"t{n}", "schema_data": data}))
        contexts.append(await wire.made("P/contexts", {"name": "n", "content": f"text {n}"}))
        examples.append(await wire.made("P/golden-examples", {"user_query": f"q{n}", "sql_query": "SELECT 1"}))
    body = {
        "query": "narrow",
        "schema_metadata_id": schemas[1][1]["id"],
        "context_id": contexts[1]["id"],
        "example_id": examples[1]["id"],
    }
    reply = (await wire("POST", f"P/chat-sessions/{session}/chat-to-sql", body))[1]
    given = engine.asked[-1]
    assert [(schema, len(data["table"]["columns"])) for schema, data in given["schemas"]] == [
        (schemas[1][0]["id"], 10)
    ]
    assert [text for _, text in given["contexts"]] == ["text 1"]
    assert [found.query for found in given["examples"]] == ["q1"]
    assert {name: reply[name] for name in body if name != "query"} == {
        name: value for name, value in body.items() if name != "query"
    }


async def test_limits_keep_the_nearest_and_what_is_always_displayed(wire: Wire, session, connector, engine):
    for name in ("customers", "orders"):
        data = {"table": {"columns": [{"name": "id"}]}}
        await wire.made("P/schema-metadata", {"name": name, "schema_data": data})
        await wire.made("P/golden-examples", {"user_query": f"How many {name}?", "sql_query": "SELECT 1"})
        await wire.made("P/contexts", {"name": name, "content": "c"})
    await wire.made("P/contexts", {"name": "always", "content": "always", "is_always_displayed": True})
    body = {"query": "How many orders?", "schema_limit": 1, "examples_limit": 1, "contexts_cutoff": 0.1}
    await wire("POST", f"P/chat-sessions/{session}/chat-to-sql", {**body, "feedback_limit": 0})
    given = engine.asked[-1]
    assert len(given["schemas"]) == 1
    assert [found.query for found in given["examples"]] == ["How many orders?"]
    assert [text for _, text in given["contexts"]] == ["always"]
    assert given["rated"] == []


async def test_without_a_connector_the_only_one_is_taken(wire: Wire, session, connector, database):
    path = f"P/chat-sessions/{session}/chat-to-answer"
    assert (await wire("POST", path, {"query": "q"}))[1]["connector_id"] == connector
    await wire.connector(database)
    status, reply = await wire("POST", path, {"query": "q"})
    assert (status, reply["detail"][0]["loc"]) == (422, ["body", "connector_id"])
    reply = (await wire("POST", f"P/chat-sessions/{session}/chat-to-sql", {"query": "q"}))[1]
    assert reply["connector_id"] is None


@pytest.mark.parametrize("name", ["connector_id", "context_id", "schema_metadata_id", "example_id", "custom_tool_id"])
async def test_unknown_references_are_not_found(wire: Wire, session, connector, name):
    status, reply = await wire("POST", f"P/chat-sessions/{session}/chat-to-answer", {"query": "q", name: NOWHERE})
    assert status == 404
    assert NOWHERE in reply["detail"]


async def test_an_unknown_session_is_not_found(wire: Wire):
    for call in ("chat-to-sql", "chat-to-answer"):
        assert (await wire("POST", f"P/chat-sessions/{NOWHERE}/{call}", {"query": "q"}))[0] == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": ""},
        {"query": None},
        {"schema_limit": -1},
        {"contexts_limit": 1.5},
        {"examples_cutoff": -0.1},
        {"feedback_cutoff": True},
        {"agent_accuracy": "perfect"},
        {"use_agent": "no"},
        {"auto_add_feedback": {"positive": 1}},
        {"auto_add_feedback": []},
    ],
)
async def test_wrong_values_are_refused(wire: Wire, session, connector, wrong):
    status, reply = await wire("POST", f"P/chat-sessions/{session}/chat-to-answer", {"query": "q", **wrong})
    assert status == 422
    assert [problem["loc"][:2] for problem in reply["detail"]] == [["body", *wrong]]


@pytest.mark.parametrize("accuracy", [None, "low", "medium", "high", "quick", "basic", "standard", "maximum"])
async def test_agents_are_accepted_and_honestly_declined(wire: Wire, session, connector, accuracy):
    options = {"use_agent": True, "agent_accuracy": accuracy, "llm": "any", "system_prompt": "Be kind."}
    reply = (await wire("POST", f"P/chat-sessions/{session}/chat-to-sql", {"query": "q", **options}))[1]
    assert "no agent" in reply["agent_tool_response"]


async def test_other_requests_go_on_while_the_engine_thinks(database):
    asked, go_on = threading.Event(), threading.Event()

    class Slow(ScriptedEngine):
        def draft(self, question, **given):
            asked.set()
            assert go_on.wait(60)
            return super().draft(question, **given)

    with LocalService(engine=Slow()) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as http:
            wire = Wire(http, service.base_url)
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            session = (await wire.made("P/chat-sessions", {}))["id"]
            asking = asyncio.create_task(wire("POST", f"P/chat-sessions/{session}/chat-to-sql", {"query": "q"}))
            assert await asyncio.to_thread(asked.wait, 60)
            assert (await wire("GET", "/projects"))[0] == 200
            assert not asking.done()
            # What the answer belongs to is deleted meanwhile.
            assert (await wire("DELETE", f"/projects/{wire.project}"))[0] == 200
            go_on.set()
            assert (await asking)[0] == 409


def item(id, *, shown=False):
    return {"id": id, "is_always_displayed": shown}


def test_choosing_keeps_order_limit_and_cutoff():
    items = [item("a"), item("b", shown=True), item("c"), item("d")]
    scores = {"a": 0.2, "c": 0.9, "d": 0.6}

    def chosen(limit, cutoff):
        return "".join(
            found["id"] for found in select_relevant(items, lambda found: scores[found["id"]], limit, cutoff)
        )

    assert chosen(None, None) == chosen(None, 0) == "abcd"
    assert chosen(1, None) == "bc"
    assert chosen(0, None) == "b"
    assert chosen(None, 0.5) == "bcd"
    assert chosen(1, 0.5) == "bc"
    assert chosen(9, 0.05) == "b"


def test_relevance_is_the_share_of_the_question_that_occurs():
    assert relevance("orders of customers", "customer order") == pytest.approx(2 / 3)
    assert relevance("", "anything") == 0.0
    assert relevance("Größe", "die GRÖSSE") == 1.0
