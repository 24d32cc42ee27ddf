"""Running SQL: results, failures, limits, and what is stored of it."""

from __future__ import annotations

import aiohttp
import pytest

from text2everything.local import Limits, LocalService

from .conftest import ScriptedEngine, Wire, headers

NOWHERE = "00000000-0000-0000-0000-000000000000"


async def test_a_query_gives_its_rows_under_a_header(wire: Wire, database):
    connector = await wire.connector(database)
    status, reply = await wire(
        "POST", "P/sql/execute", {"connector_id": connector["id"], "sql_query": "SELECT 'a' AS one, 2 AS two"}
    )
    assert status == 200
    assert reply["result"] == {"columns": ["one", "two"], "data": [["one", "two"], ["a", 2]], "rowCount": 1}
    assert (reply["connector_id"], reply["sql_query"]) == (connector["id"], "SELECT 'a' AS one, 2 AS two")
    assert isinstance(reply["execution_time_ms"], int)
    status, stored = await wire("GET", f"P/sql/executions/{reply['execution_id']}")
    assert status == 200
    assert stored["id"] == reply["execution_id"]
    assert stored["result"] == reply["result"]
    assert (stored["is_successful"], stored["error"]) == (True, None)


async def test_sql_without_a_message_gets_one_that_can_be_rated_and_run_again(wire: Wire, database):
    connector = await wire.connector(database)
    session = await wire.made("P/chat-sessions", {})
    first = await wire.execution(connector["id"], h2ogpte_session_id=session["id"])
    assert (await wire.rate(first, good=True))["chat_message_id"] == first["chat_message_id"]
    again = await wire.made(
        "P/sql/execute", {"connector_id": connector["id"], "chat_message_id": first["chat_message_id"]}
    )
    assert again["sql_query"] == first["sql_query"]
    assert again["chat_message_id"] == first["chat_message_id"]
    assert again["execution_id"] != first["execution_id"]
    for execution in (first, again):
        stored = (await wire("GET", f"P/sql/executions/{execution['execution_id']}"))[1]
        assert stored["h2ogpte_session_id"] == session["id"]


NO_ROWS = {"columns": [], "data": [], "rowCount": 0}


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT nope FROM items", "no such column: nope"),
        ("SELEC 1", "SELEC"),
        ("INSERT INTO items (name) VALUES ('x')", "only"),
        ("DROP TABLE items", "only"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("BEGIN", "only"),
    ],
)
async def test_an_error_in_the_sql_is_a_failed_execution(wire: Wire, database, sql, error):
    connector = await wire.connector(database)
    reply = await wire.execution(connector["id"], sql)
    assert (reply["result"], reply["is_successful"]) == (NO_ROWS, False)
    assert error in reply["error"]
    stored = (await wire("GET", f"P/sql/executions/{reply['execution_id']}"))[1]
    assert (stored["result"], stored["error"], stored["is_successful"]) == (NO_ROWS, reply["error"], False)


async def test_too_many_rows_are_cut_and_said_to_be(wire: Wire, database):
    connector = await wire.connector(database)
    result = (await wire.execution(connector["id"], "SELECT * FROM items"))["result"]
    assert (result["rowCount"], len(result["data"]), result["truncated"]) == (50, 51, True)
    result = (await wire.execution(connector["id"], "SELECT * FROM items LIMIT 50"))["result"]
    assert (result["rowCount"], "truncated" in result) == (50, False)


async def test_a_query_that_takes_too_long_is_stopped(database):
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    with LocalService(engine=ScriptedEngine(), limits=Limits(seconds=1)) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            wire.project = (await wire.made("/projects", {"name": "a project"}))["id"]
            connector = await wire.connector(database)
            assert (await wire.execution(connector["id"], endless))["error"] == "stopped after 1 s, the time limit"


@pytest.mark.parametrize("given", [{}, {"chat_message_id": "m", "sql_query": "SELECT 1"}, {"sql_query": "  "}])
async def test_exactly_one_of_message_and_sql_is_needed(wire: Wire, database, given):
    connector = await wire.connector(database)
    status, reply = await wire("POST", "P/sql/execute", {"connector_id": connector["id"], **given})
    assert (status, reply["detail"][0]["loc"]) == (422, ["body", "sql_query"])


@pytest.mark.parametrize(
    "given",
    [
        {"connector_id": NOWHERE, "sql_query": "SELECT 1"},
        {"chat_message_id": NOWHERE},
        {"sql_query": "SELECT 1", "h2ogpte_session_id": NOWHERE},
    ],
)
async def test_unknown_references_are_not_found(wire: Wire, database, given):
    connector = await wire.connector(database)
    status, reply = await wire("POST", "P/sql/execute", {"connector_id": connector["id"], **given})
    assert status == 404
    assert NOWHERE in reply["detail"]


async def test_executions_are_listed_without_results_and_filtered(wire: Wire, database):
    one, two = await wire.connector(database), await wire.connector(database)
    good = await wire.execution(one["id"], "SELECT 'needle' AS found")
    bad = await wire.execution(two["id"], "SELECT nothing")
    items = (await wire("GET", "P/sql/executions"))[1]["items"]
    assert [(item["id"], item["is_successful"]) for item in items] == [
        (good["execution_id"], True),
        (bad["execution_id"], False),
    ]
    assert all("result" not in item for item in items)
    for query, expected in (
        (f"connector_id={two['id']}", [bad]),
        (f"chat_message_id={good['chat_message_id']}", [good]),
        (f"chat_message_id={good['chat_message_id']}&connector_id={two['id']}", []),
        ("q=NEEDLE", [good]),
        ("connector_id=none", []),
        ("connector_id=", [good, bad]),
    ):
        reply = (await wire("GET", f"P/sql/executions?{query}"))[1]
        assert [item["id"] for item in reply["items"]] == [item["execution_id"] for item in expected]
        assert reply["total"] == len(expected)


async def test_executions_outlive_their_session_and_connector(wire: Wire, database):
    connector = await wire.connector(database)
    session = await wire.made("P/chat-sessions", {})
    execution = await wire.execution(connector["id"], h2ogpte_session_id=session["id"])
    assert (await wire("DELETE", f"P/chat-sessions/{session['id']}"))[0] == 200
    assert (await wire("DELETE", f"P/connectors/{connector['id']}"))[0] == 200
    assert (await wire("GET", f"P/sql/executions/{execution['execution_id']}"))[0] == 200
    await wire.rate(execution, good=True)
