"""What all resources have in common, as one table: create, get, list, search, page, replace, clear, delete."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import attrs
import pytest

from .conftest import Wire, refusal

NOWHERE = "00000000-0000-0000-0000-000000000000"


@attrs.frozen
class Case:
    """One resource: a body that makes it, what a replacement changes, and where `q` finds what."""

    path: str
    body: dict[str, Any]
    changed: dict[str, Any]
    search: str
    label: str
    bulk: bool = False
    clears: str | None = None
    missing: str = "name"


CASES = [
    Case(
        "/projects", {"name": "Sales", "description": "d"}, {"name": "New"}, "SALES", "Project", clears="description"
    ),
    Case(
        "P/contexts",
        {"name": "Terms", "content": "50% of_sales\\", "description": "d", "is_always_displayed": True},
        {"content": "c", "is_always_displayed": False},
        "50% OF_SALES\\",
        "Context",
        bulk=True,
        clears="description",
        missing="content",
    ),
    Case(
        "P/golden-examples",
        {"user_query": "Größte Städte?", "sql_query": "SELECT 1", "description": "d", "is_always_displayed": False},
        {"sql_query": "SELECT 2"},
        "GRÖSSTE STÄDTE",
        "Golden example",
        bulk=True,
        clears="description",
        missing="sql_query",
    ),
    Case(
        "P/schema-metadata",
        {
            "name": "orders",
            "schema_data": {"table": {"name": "orders", "columns": [{"name": "id"}]}},
            "description": "d",
            "is_always_displayed": False,
        },
        {"schema_data": {"relationship": {"from": "a", "to": "b"}}},
        "orDERS",
        "Schema metadata",
        bulk=True,
        clears="description",
        missing="schema_data",
    ),
    Case(
        "P/feedback",
        {"chat_message_id": "?", "feedback": "Just right", "is_positive": True, "execution_id": "?"},
        {"feedback": "Wrong", "is_positive": False},
        "just R",
        "Feedback",
        bulk=True,
        clears="execution_id",
        missing="is_positive",
    ),
    Case(
        "P/connectors",
        {
            "name": "db",
            "db_type": "postgres",
            "host": "h",
            "port": 5433,
            "username": "u",
            "database": "shop",
            "description": "d",
            "config": {"sslmode": "require"},
        },
        {"host": "other"},
        "SHOP",
        "Connector",
        clears="description",
        missing="database",
    ),
    Case(
        "P/chat-sessions",
        {"name": "Monday", "custom_tool_id": None},
        {"name": "Tuesday"},
        "mon",
        "Chat session",
        clears="name",
    ),
    Case(
        "P/chat-presets/prompt-templates",
        {"name": "Terse", "system_prompt": "Be short.", "description": "d", "lang": "de"},
        {"system_prompt": "Be brief."},
        "BE SH",
        "Prompt template",
        clears="description",
    ),
]


@pytest.fixture(params=CASES, ids=lambda case: case.path)
async def case(request, wire: Wire, database) -> Case:
    case = request.param
    if case.path == "P/feedback":
        execution = await wire.execution((await wire.connector(database))["id"])
        ids = {"chat_message_id": execution["chat_message_id"], "execution_id": execution["execution_id"]}
        return attrs.evolve(case, body={**case.body, **ids})
    return case


def one(reply: Any) -> Any:
    """Schema metadata answers a list."""
    return reply[0] if isinstance(reply, list) else reply


async def test_what_is_made_is_returned_found_listed_and_deleted(wire: Wire, case: Case):
    status, reply = await wire("POST", case.path, case.body)
    made = one(reply)
    assert status == 201
    assert {name: made[name] for name in case.body} == case.body
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", made["created_at"])
    assert made["created_at"] == made["updated_at"]
    if case.path.startswith("P"):
        assert made["project_id"] == wire.project
    assert await wire("GET", f"{case.path}/{made['id']}") == (200, made)

    status, listed = await wire("GET", f"{case.path}?limit=1000")
    assert status == 200
    assert made in listed["items"]

    assert await wire("DELETE", f"{case.path}/{made['id']}") == (200, {"message": f"{case.label} deleted"})
    for method in ("GET", "DELETE"):
        assert await wire(method, f"{case.path}/{made['id']}") == (
            404,
            refusal(404, f"{case.label} {made['id']} not found"),
        )


async def test_search_finds_in_any_case_and_takes_its_text_literally(wire: Wire, case: Case):
    made = one(await wire.made(case.path, case.body))
    for text, found in (
        (case.search, True),
        (case.search + "\u2603", False),
        ("%_%_%", False),
        ("\\", "\\" in case.search),
    ):
        status, reply = await wire("GET", case.path, params={"q": text, "limit": "1000"})
        assert status == 200
        assert (made["id"] in {item["id"] for item in reply["items"]}) is found, text


async def test_a_replacement_is_whole(wire: Wire, case: Case):
    made = one(await wire.made(case.path, case.body))
    path = f"{case.path}/{made['id']}"
    status, replaced = await wire("PUT", path, {**case.body, **case.changed})
    assert status == 200
    assert {name: replaced[name] for name in case.changed} == case.changed
    assert (replaced["id"], replaced["created_at"]) == (made["id"], made["created_at"])
    assert replaced["updated_at"] > made["updated_at"]
    assert await wire("GET", path) == (200, replaced)

    changed = {**case.body, **case.changed}
    bodies = [{**changed, case.clears: None}]
    if case.label != "Prompt template":  # which keeps what is left out
        bodies.append({name: value for name, value in changed.items() if name != case.clears})
    for body in bodies:
        assert (await wire("PUT", path, changed))[1][case.clears] is not None
        status, cleared = await wire("PUT", path, body)
        assert (status, cleared[case.clears]) == (200, None)

    incomplete = {name: value for name, value in case.body.items() if name != case.missing}
    if case.path != "P/chat-sessions":  # no field of which must be there
        for method, url in (("POST", case.path), ("PUT", path)):
            status, reply = await wire(method, url, incomplete)
            assert (status, [found["loc"] for found in reply["detail"]]) == (422, [["body", case.missing]])
    assert (await wire("GET", path))[1] == cleared

    assert (await wire("PUT", f"{case.path}/{NOWHERE}", case.body))[0] == 404


async def test_nothing_is_reached_from_another_project(wire: Wire, case: Case):
    made = one(await wire.made(case.path, case.body))
    other = attrs.evolve(wire, project=(await wire.made("/projects", {"name": "other"}))["id"])
    if case.path.startswith("P"):
        for method, body in (("GET", None), ("PUT", case.body), ("DELETE", None)):
            assert (await other(method, f"{case.path}/{made['id']}", body))[0] == 404
        assert (await other("GET", case.path))[1]["items"] == []
        nowhere = attrs.evolve(wire, project=NOWHERE)
        for method, path, body in (("POST", case.path, case.body), ("GET", case.path, None)):
            assert await nowhere(method, path, body) == (404, refusal(404, f"Project {NOWHERE} not found"))
    assert (await wire("GET", f"{case.path}/{made['id']}"))[0] == 200


async def test_bulk_delete_names_what_is_unknown(wire: Wire, case: Case):
    if not case.bulk:
        assert (await wire("POST", f"{case.path}/bulk-delete", {"ids": []}))[0] in {404, 405}
        return
    ids = [one(await wire.made(case.path, case.body))["id"] for _ in range(3)]
    reply = await wire("POST", f"{case.path}/bulk-delete", {"ids": [ids[0], NOWHERE, ids[2], ids[0], ""]})
    assert reply == (200, {"deleted_count": 2, "failed_ids": [NOWHERE, ""]})
    assert [item["id"] for item in (await wire("GET", case.path))[1]["items"]] == [ids[1]]
    for ids_sent in (None, "x", [1], {"a": 1}):
        assert (await wire("POST", f"{case.path}/bulk-delete", {"ids": ids_sent}))[0] == 422


async def test_listings_keep_the_order_of_creation(wire: Wire, case: Case):
    made = [one(await wire.made(case.path, case.body))["id"] for _ in range(5)]
    await wire("PUT", f"{case.path}/{made[0]}", case.body)
    status, reply = await wire("GET", f"{case.path}?limit=1000")
    assert status == 200
    assert [item["id"] for item in reply["items"] if item["id"] in made] == made


@pytest.mark.parametrize("path", ["P/contexts", "P/golden-examples", "P/schema-metadata"])
async def test_what_is_always_displayed_can_be_picked_out(wire: Wire, path):
    case = next(case for case in CASES if case.path == path)
    shown, hidden = [
        one(await wire.made(path, {**case.body, "is_always_displayed": flag}))["id"] for flag in (True, False)
    ]
    for text, expected in (
        ("true", [shown]),
        ("False", [hidden]),
        ("1", [shown]),
        ("0", [hidden]),
        ("", [shown, hidden]),
    ):
        reply = (await wire("GET", path, params={"is_always_displayed": text}))[1]
        assert ([item["id"] for item in reply["items"]], reply["total"]) == (expected, len(expected))
    status, reply = await wire("GET", f"{path}?is_always_displayed=maybe")
    assert (status, reply["detail"][0]["loc"]) == (422, ["query", "is_always_displayed"])


async def test_a_collection_is_made_with_the_first_item_even_of_many_at_once(wire: Wire):
    assert await wire("GET", "P/collections") == (200, [])
    assert (await wire("GET", "P/collections/contexts"))[0] == 404
    body = {"name": "n", "content": "c"}
    made = await asyncio.gather(*(wire.made("P/contexts", body) for _ in range(50)))
    assert len({item["collection_id"] for item in made}) == 1
    assert len({item["h2ogpte_doc_id"] for item in made}) == 50
    status, collection = await wire("GET", "P/collections/contexts")
    assert (status, collection["id"], collection["component_type"]) == (200, made[0]["collection_id"], "contexts")
    assert (await wire("GET", "P/collections"))[1] == [collection]
    assert (await wire("GET", "P/contexts"))[1]["total"] == 50


async def test_projects_say_which_workspace_they_are_in(wire: Wire):
    status, project = await wire("GET", f"/projects/{wire.project}")
    assert status == 200
    assert (project["workspace_authz_name"], project["workspace_id"]) == ("workspaces/local", "local")
    assert project["active_chat_preset_id"] is None


async def test_deletes_of_projects_and_contexts_say_so(wire: Wire):
    context = await wire.made("P/contexts", {"name": "n", "content": "c"})
    assert await wire("DELETE", f"P/contexts/{context['id']}") == (200, {"message": "Context deleted"})
    assert await wire("DELETE", f"/projects/{wire.project}") == (200, {"message": "Project deleted"})


@pytest.mark.parametrize("unknown", ["chat_message_id", "execution_id"])
async def test_feedback_on_what_is_unknown_is_not_found(wire: Wire, database, unknown):
    execution = await wire.execution((await wire.connector(database))["id"])
    body = {
        "chat_message_id": execution["chat_message_id"],
        "execution_id": execution["execution_id"],
        "feedback": "f",
        "is_positive": True,
    }
    made = await wire.made("P/feedback", body)
    for method, path in (("POST", "P/feedback"), ("PUT", f"P/feedback/{made['id']}")):
        status, reply = await wire(method, path, {**body, unknown: NOWHERE})
        assert status == 404
        assert NOWHERE in reply["detail"]
    assert (await wire("GET", "P/feedback"))[1]["items"] == [made]
