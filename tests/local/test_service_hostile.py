"""Whatever is sent, from however many callers: an answer, and never a 500."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.parse

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local import LocalService
from text2everything.local._app import create_app

from .conftest import ScriptedEngine, Wire, headers

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        "name",
        "description",
        "content",
        "user_query",
        "sql_query",
        "schema_data",
        "is_always_displayed",
        "feedback",
        "is_positive",
        "chat_message_id",
        "execution_id",
        "db_type",
        "host",
        "port",
        "username",
        "password",
        "password_secret_id",
        "database",
        "config",
        "connector_id",
        "h2ogpte_session_id",
        "query",
        "custom_tool_id",
        "ids",
        "chat_settings",
        "collection_name",
        "prompt_template",
        "system_prompt",
        "lang",
        "limit",
        "top_n",
        "max_age_days",
        "similarity_threshold",
        "auto_add_feedback",
        "schema_limit",
    ]
)
bodies = st.dictionaries(names, values, max_size=8)
queries = st.dictionaries(
    st.sampled_from(
        ["skip", "limit", "page", "per_page", "offset", "q", "is_always_displayed", "connector_id", "delete_secrets"]
    ),
    st.text(max_size=10) | st.integers().map(str),
    max_size=4,
)
segments = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@pytest.fixture(scope="module")
def hostile():
    """A loop, a session and the routes of a service of its own."""
    with LocalService(engine=ScriptedEngine()) as service, asyncio.Runner() as runner:

        async def session() -> aiohttp.ClientSession:
            return aiohttp.ClientSession(headers=headers(service))

        http = runner.run(session())
        wire = Wire(http, service.base_url)
        wire.project = runner.run(wire.made("/projects", {"name": "p"}))["id"]
        resources = create_app(service._running.state).router.routes()
        routes = sorted({(route.method, route.resource.canonical) for route in resources if route.resource})
        yield runner, wire, [route for route in routes if route[1].startswith("/api") and route[0] != "HEAD"]
        runner.run(http.close())


def check(hostile, draw, **request):
    runner, wire, routes = hostile
    method, path = draw.draw(st.sampled_from(routes))
    project = draw.draw(st.sampled_from([wire.project]) | segments) if method != "DELETE" else "none"
    path = path.replace("{project_id}", urllib.parse.quote(project, safe=""))
    path = re.sub(r"{\w+}", lambda _: urllib.parse.quote(draw.draw(segments), safe=""), path)

    async def send():
        from yarl import URL

        url = URL(wire.base + path, encoded=True).update_query(request.pop("query", {}))
        async with wire.session.request(method, url, **request) as response:
            assert response.status < 500, (method, path, await response.text())
            assert response.content_type == "application/json"
            await response.json()

    runner.run(send())


@given(st.data(), bodies, queries)
def test_any_body_gets_an_answer(hostile, data, body, query):
    check(hostile, data, data=json.dumps(body).encode(), query=query)


@given(
    st.data(), st.binary(max_size=50), st.sampled_from(["application/json", "multipart/form-data; boundary=x", "a"])
)
def test_any_bytes_get_an_answer(hostile, data, body, content_type):
    check(hostile, data, data=body, headers={"Content-Type": content_type})


@given(st.text(max_size=50) | st.sampled_from(["%", "_", "'", '"', "\\", "a%", "\0"]))
def test_any_search_finds_just_what_contains_it(hostile, text):
    runner, wire, _ = hostile

    async def search():
        made = await wire.made("P/contexts", {"name": "n", "content": f"before{text}after"})
        reply = (await wire("GET", "P/contexts", params={"q": text, "limit": "1000"}))[1]
        await wire("DELETE", f"P/contexts/{made['id']}")
        assert made["content"] == f"before{text}after"
        assert made["id"] in {item["id"] for item in reply["items"]}

    runner.run(search())


@given(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: not text.isspace()),
    st.text(st.characters(codec="utf-8")),
    st.booleans(),
)
def test_any_text_comes_back_as_it_was_sent(hostile, name, description, flag):
    runner, wire, _ = hostile
    body = {"name": name, "content": name, "description": description, "is_always_displayed": flag}

    async def round_trip():
        made = await wire.made("P/contexts", body)
        found = (await wire("GET", f"P/contexts/{made['id']}"))[1]
        assert {key: found[key] for key in body} == body

    runner.run(round_trip())


@pytest.mark.parametrize("id", ["%ED%A0%80", "..", "%2E%2E", "%2F", "%00", "a%2Fb", "%", "x" * 4000])
async def test_ids_that_name_nothing_are_not_found(wire: Wire, id):
    from yarl import URL

    for path in (f"/api/projects/{wire.project}/contexts/{id}", f"/api/projects/{id}/contexts"):
        async with wire.session.get(URL(wire.base + path, encoded=True)) as response:
            assert response.status in {400, 404, 405}
            assert len(await response.text()) < 500


async def test_many_callers_lose_nothing(wire: Wire, database):
    """Creates, replacements, deletes and listings at once, the first creates among them."""
    connector = await wire.connector(database)
    executions = await asyncio.gather(*(wire.execution(connector["id"], f"SELECT {n}") for n in range(40)))
    assert [execution["result"]["data"][1] for execution in executions] == [[n] for n in range(40)]
    feedback = await asyncio.gather(*(wire.rate(execution, good=True) for execution in executions for _ in range(5)))
    assert len({item["id"] for item in feedback}) == 200
    doomed, kept = feedback[:100], feedback[100:]
    replies = await asyncio.gather(
        *(wire("DELETE", f"P/feedback/{item['id']}") for item in doomed),
        *(wire("PUT", f"P/feedback/{item['id']}", {**item, "is_positive": False}) for item in kept),
        *(wire("GET", "P/feedback?limit=10") for _ in range(20)),
    )
    assert {status for status, _ in replies} == {200}
    listed = (await wire("GET", "P/feedback?limit=1000"))[1]
    assert (listed["total"], {item["id"] for item in listed["items"]}) == (100, {item["id"] for item in kept})
    assert {item["is_positive"] for item in listed["items"]} == {False}
    deleted = await asyncio.gather(*(wire("DELETE", f"P/feedback/{kept[0]['id']}") for _ in range(10)))
    assert sorted(status for status, _ in deleted) == [200, *[404] * 9]


async def test_creates_race_the_deletion_of_their_project(wire: Wire):
    project = (await wire.made("/projects", {"name": "doomed"}))["id"]
    path = f"/projects/{project}"
    replies = await asyncio.gather(
        *(wire("POST", f"{path}/contexts", {"name": "n", "content": "c"}) for _ in range(20)),
        wire("DELETE", path),
        *(wire("POST", f"{path}/contexts", {"name": "n", "content": "c"}) for _ in range(20)),
    )
    assert {status for status, _ in replies} <= {200, 201, 404}
    assert (await wire("GET", f"{path}/contexts"))[0] == 404
