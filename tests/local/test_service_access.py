"""Who may come in, and what errors look like."""

from __future__ import annotations

import asyncio
import io
import logging
import threading

import aiohttp
import pytest
from aiohttp import web

from text2everything.local import LocalService

from .conftest import Wire, headers, refusal


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic abc"},
        {"Authorization": "Bearer \u00e9"},
        {"Authorization": "Bearer \udce9"},
    ],
)
async def test_without_the_token_nothing_is_said(service, sent):
    async with aiohttp.ClientSession(headers={"X-Workspace-Name": service.workspace_name}) as session:
        for path in ("/api/projects", "/api/nothing/here", "/api/projects/x/feedback/y"):
            async with session.get(service.base_url + path, headers=sent) as response:
                assert response.status == 401
                assert set(await response.json()) == {"error", "detail", "status_code"}


@pytest.mark.parametrize("workspace", [None, "workspaces/other", "", "workspaces/LOCAL"])
async def test_another_workspace_is_forbidden(service, workspace):
    sent = headers(service)
    del sent["X-Workspace-Name"]
    if workspace is not None:
        sent["X-Workspace-Name"] = workspace
    url = f"{service.base_url}/api/projects"
    async with aiohttp.ClientSession(headers=sent) as session, session.get(url) as response:
        assert response.status == 403
        assert "error" in await response.json()


async def test_health_needs_no_token(service):
    async with aiohttp.ClientSession() as session, session.get(f"{service.base_url}/health") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_unknown_paths_and_methods_are_json(wire: Wire):
    assert await wire("GET", "/nothing") == (404, refusal(404, "Not Found"))
    url = f"{wire.base}/api/projects/{wire.project}/feedback"
    async with wire.session.patch(url) as response:
        assert response.status == 405
        assert await response.json() == refusal(405, "Method Not Allowed")
        assert {"GET", "POST"} <= set(response.headers["Allow"].split(","))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"NaN",
        b'{"name": NaN}',
        b"{}{}",
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b'{"name": ' + b"9" * 5_000 + b"}",
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(wire: Wire, body):
    status, reply = await wire("POST", "P/contexts", data=body, headers={"Content-Type": "application/json"})
    assert status == 422
    assert all(set(problem) == {"loc", "msg", "type"} for problem in reply["detail"])
    assert all(problem["loc"][0] == "body" for problem in reply["detail"])


async def test_every_problem_of_a_body_is_reported(wire: Wire):
    status, reply = await wire("POST", "P/feedback", {"feedback": " ", "is_positive": "yes", "extra": 1})
    assert status == 422
    assert [(problem["loc"], problem["type"]) for problem in reply["detail"]] == [
        (["body", "chat_message_id"], "missing"),
        (["body", "feedback"], "string_too_short"),
        (["body", "is_positive"], "bool_type"),
    ]


async def test_a_huge_body_is_refused(wire: Wire):
    status, reply = await wire("POST", "P/contexts", data=io.BytesIO(b"x" * 17 * 2**20))
    assert (status, reply) == (413, refusal(413, "A body may have at most 16777216 bytes"))


async def test_a_failure_of_the_service_shows_no_internals(engine, caplog):
    @web.middleware
    async def break_handler(request, handler):
        if request.query.get("break"):
            request.match_info["project_id"] = object()  # no id that SQLite could bind
        return await handler(request)

    with LocalService(engine=engine, middlewares=[break_handler]) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url, "p")
            with caplog.at_level(logging.ERROR, "text2everything.local"):
                status, reply = await wire("GET", "P/feedback?break=1")
    assert (status, reply) == (500, refusal(500, "Internal server error"))
    # Where it happened is told, but not the error's message, which may repeat what was sent.
    assert "in list_items" in caplog.text
    assert "sqlite3.ProgrammingError" in caplog.text
    assert "binding" not in caplog.text


async def test_each_request_is_one_line_without_secrets(wire: Wire, caplog):
    with caplog.at_level(logging.DEBUG, "text2everything.local"):
        await wire("POST", "P/contexts?q=query-secret", {"name": "n", "content": "body-secret"})
        await wire("GET", "P/contexts/%0aforged")
    lines = [record.getMessage() for record in caplog.records if record.name == "text2everything.local"]
    assert len(lines) == 2
    assert lines[0].startswith(f"POST /api/projects/{wire.project}/contexts 201 ")
    assert lines[1].startswith(f"GET /api/projects/{wire.project}/contexts/%0Aforged 404 ")
    assert "secret" not in "".join(lines)


async def test_a_caller_that_goes_away_stops_the_query(wire: Wire, database, caplog):
    connector = await wire.connector(database)
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    body = {"connector_id": connector["id"], "sql_query": endless}
    with caplog.at_level(logging.DEBUG, "text2everything.local"):
        asking = asyncio.create_task(wire("POST", "P/sql/execute", body))
        async with asyncio.timeout(60):
            while "text2everything-query" not in {thread.name for thread in threading.enumerate()}:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        asking.cancel()
        async with asyncio.timeout(20):  # its own time limit is 30 s
            while not any(" 499 " in record.getMessage() for record in caplog.records):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert any("/sql/execute 499 " in record.getMessage() for record in caplog.records)
    assert (await wire("GET", "P/sql/executions"))[1]["total"] == 0
