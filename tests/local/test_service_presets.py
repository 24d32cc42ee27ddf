"""Presets, prompt templates, and the sessions that start from them."""

from __future__ import annotations

import pytest

from .conftest import Wire

PRESET = {"name": "Support", "collection_name": "Support docs"}


async def preset(wire: Wire, **more: object) -> dict:
    """Make a preset and return it as listed."""
    made = await wire.made("P/chat-presets", {**PRESET, **more})
    return (await wire("GET", f"P/chat-presets/{made['collection_id']}"))[1]


async def test_a_preset_is_addressed_by_its_collection(wire: Wire):
    made = await wire.made("P/chat-presets", {**PRESET, "description": "d", "chat_settings": {"llm": "x", "own": 1}})
    assert (made["collection_name"], made["prompt_template_id"], made["prompt_template_name"]) == (
        "Support docs",
        None,
        None,
    )
    path = f"P/chat-presets/{made['collection_id']}"
    status, found = await wire("GET", path)
    assert status == 200
    expected = {
        "project_id": wire.project,
        "name": "Support",
        "description": "d",
        "h2ogpte_collection_id": made["collection_id"],
        "is_public": True,
        "is_active": False,
        "connector_id": None,
        "chat_settings": {"llm": "x", "own": 1},
    }
    assert {name: found[name] for name in expected} == expected
    assert await wire("GET", "P/chat-presets") == (200, [found])
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        assert (await wire(method, f"P/chat-presets/{found['id']}", body))[0] == 404
    assert await wire("DELETE", path) == (200, {"status": "deleted", "message": "Chat preset deleted"})
    assert (await wire("GET", path))[0] == 404


async def test_a_bare_list_is_searched_and_paged(wire: Wire):
    ids = [(await preset(wire, name=f"Preset {n}"))["id"] for n in range(5)]
    for query, expected in (("skip=1&limit=2", ids[1:3]), ("page=3&per_page=2", ids[4:]), ("q=PRESET 3", ids[3:4])):
        assert [item["id"] for item in (await wire("GET", f"P/chat-presets?{query}"))[1]] == expected


async def test_only_what_is_sent_changes(wire: Wire):
    before = await preset(wire, description="d", t2e_url="https://x", make_public=False)
    path = f"P/chat-presets/{before['h2ogpte_collection_id']}"
    assert (await wire("PUT", path, {}))[0] == 200
    assert (await wire("PUT", path, {"description": None, "name": "New", "collection_name": "Other"}))[1][
        "collection_name"
    ] == "Other"
    after = (await wire("GET", path))[1]
    changed = {"name": "New", "description": None, "updated_at": after["updated_at"]}
    assert after == {**before, **changed}
    assert (after["t2e_base_url"], after["is_public"]) == ("https://x", False)
    for wrong in ({"name": ""}, {"chat_settings": {"llm_args": None}}, {"make_public": None}):
        assert (await wire("PUT", path, wrong))[0] == 422


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"chat_settings": {"llm_args": None}}, ["chat_settings", "llm_args"]),
        ({"chat_settings": {"llm_args": []}}, ["chat_settings", "llm_args"]),
        ({"chat_settings": []}, ["chat_settings"]),
        ({"collection_name": " "}, ["collection_name"]),
        ({"prompt_template": {"name": "t"}}, ["prompt_template", "system_prompt"]),
        ({"share_prompt_with_usernames": ["a", 1]}, ["share_prompt_with_usernames", 1]),
    ],
)
async def test_wrong_presets_are_refused(wire: Wire, wrong, place):
    status, reply = await wire("POST", "P/chat-presets", {**PRESET, **wrong})
    assert (status, [problem["loc"] for problem in reply["detail"]]) == (422, [["body", *place]])
    assert await wire("GET", "P/chat-presets") == (200, [])


async def test_a_template_can_come_with_the_preset_or_before(wire: Wire):
    template = {"name": "Terse", "system_prompt": "Be short."}
    made = await wire.made(
        "P/chat-presets", {**PRESET, "prompt_template": template, "share_prompt_with_username": "ann"}
    )
    assert made["prompt_template_name"] == "Terse"
    path = f"P/chat-presets/prompt-templates/{made['prompt_template_id']}"
    stored = (await wire("GET", path))[1]
    assert {**stored, **template, "lang": "en", "is_builtin": False, "description": None} == stored
    assert "shared_with" not in stored
    other = await wire.made("P/chat-presets", {**PRESET, "prompt_template_id": stored["id"]})
    assert other["prompt_template_name"] == "Terse"
    both = {**PRESET, "prompt_template_id": stored["id"], "prompt_template": template}
    assert (await wire("POST", "P/chat-presets", both))[0] == 422
    assert (await wire("POST", "P/chat-presets", {**PRESET, "prompt_template_id": "none"}))[0] == 404
    assert (await wire("DELETE", path))[0] == 200
    assert (await wire("GET", f"P/chat-presets/{other['collection_id']}"))[1]["prompt_template_id"] is None


async def test_a_template_keeps_what_is_not_sent(wire: Wire):
    path = "P/chat-presets/prompt-templates"
    body = {
        "name": "t",
        "system_prompt": "s",
        "lang": "de",
        "share_with_username": "a",
        "share_with_usernames": ["b"],
    }
    made = await wire.made(path, body)
    status, changed = await wire("PUT", f"{path}/{made['id']}", {"id": made["id"], "name": "u"})
    assert (status, changed) == (200, {**made, "name": "u", "updated_at": changed["updated_at"]})
    assert (await wire("PUT", f"{path}/{made['id']}", {"system_prompt": "x"}))[0] == 422


async def test_one_preset_is_active_per_project(wire: Wire):
    one, two = await preset(wire), await preset(wire)
    assert (await wire("POST", "P/chat-presets/active/start"))[0] == 404
    for chosen in (one, two):
        status, reply = await wire("POST", f"P/chat-presets/{chosen['id']}/activate")
        assert (status, reply["id"], reply["is_active"]) == (200, chosen["id"], True)
        listed = (await wire("GET", "P/chat-presets"))[1]
        assert [item["id"] for item in listed if item["is_active"]] == [chosen["id"]]
        assert (await wire("GET", f"/projects/{wire.project}"))[1]["active_chat_preset_id"] == chosen["id"]
    assert (await wire("POST", f"P/chat-presets/{two['h2ogpte_collection_id']}/activate"))[0] == 404
    await wire("DELETE", f"P/chat-presets/{two['h2ogpte_collection_id']}")
    assert (await wire("GET", f"/projects/{wire.project}"))[1]["active_chat_preset_id"] is None


async def test_sessions_start_from_presets_and_ask_their_connector(wire: Wire, database, service, engine):
    connector = await wire.connector(database)
    await wire.connector(database)
    one = await preset(wire, connector_id=connector["id"])
    two = await preset(wire, t2e_url="https://t2e.example/")
    await wire("POST", f"P/chat-presets/{two['id']}/activate")
    session = await wire.made(f"P/chat-presets/{one['id']}/chat-sessions", None)
    assert session["redirect_url"] == f"{service.base_url}/chat/{session['id']}"
    assert session["name"] == "Support"
    assert "connector_id" not in session
    answer = await wire.made(f"P/chat-sessions/{session['id']}/chat-to-answer", {"query": "q"})
    assert answer["execution_result"]["connector_id"] == connector["id"]
    session = await wire.made("P/chat-presets/active/start", {"name": "Mine"})
    assert (session["name"], session["redirect_url"]) == ("Mine", f"https://t2e.example/chat/{session['id']}")
    assert (await wire("POST", "P/chat-presets/none/chat-sessions"))[0] == 404


async def test_a_preset_blocks_the_deletion_of_its_connector(wire: Wire, database):
    connector = await wire.connector(database)
    blocking = await preset(wire, connector_id=connector["id"])
    status, reply = await wire("DELETE", f"P/connectors/{connector['id']}")
    assert status == 409
    assert "'Support'" in reply["detail"]
    await wire("DELETE", f"P/chat-presets/{blocking['h2ogpte_collection_id']}")
    assert (await wire("DELETE", f"P/connectors/{connector['id']}"))[0] == 200
    assert (await wire("POST", "P/chat-presets", {**PRESET, "connector_id": connector["id"]}))[0] == 404


async def test_options_name_the_templates(wire: Wire):
    template = await wire.made("P/chat-presets/prompt-templates", {"name": "t", "system_prompt": "s"})
    status, options = await wire("GET", "P/chat-presets/options")
    assert status == 200
    assert options["prompt_templates"] == [template]
    assert options["agent_accuracy_options"] == [
        *("low", "medium", "high"),
        *("quick", "basic", "standard", "maximum"),
    ]
    assert set(options) == {
        "llm_names",
        "vision_llm_names",
        "agent_tools",
        "prompt_templates",
        "include_chat_history_options",
        "rag_type_options",
        "agent_accuracy_options",
    }


async def test_sessions_suggest_questions(wire: Wire):
    session = await wire.made("P/chat-sessions", {"name": "s"})
    path = f"P/chat-sessions/{session['id']}/questions"
    assert await wire("GET", path) == (200, [])
    columns = [{"name": f"c{n}"} for n in range(12)]
    data = {"table": {"name": "main.order_items", "columns": columns}}
    await wire.made("P/schema-metadata", {"name": "x", "schema_data": data})
    await wire.made("P/schema-metadata", {"name": "users", "schema_data": {"table": {"name": 5, "columns": []}}})
    await wire.made("P/schema-metadata", {"name": "r", "schema_data": {"relationship": {}}})
    for _ in range(2):
        await wire.made("P/golden-examples", {"user_query": "What sells?", "sql_query": "SELECT 1"})
    questions = [entry["question"] for entry in (await wire("GET", path))[1]]
    assert questions == [
        "What sells?",
        "How many order items are there?",
        "How many users are there?",
        "Show all order items",
        "Show all users",
    ]
    assert len((await wire("GET", f"{path}?limit=2"))[1]) == 2
    for n in range(110):
        await wire.made("P/golden-examples", {"user_query": f"Question {n}?", "sql_query": "SELECT 1"})
    assert len((await wire("GET", f"{path}?limit=1000"))[1]) == 115
    assert (await wire("GET", f"{path}?limit=0"))[0] == 422
    assert (await wire("GET", "P/chat-sessions/none/questions"))[0] == 404
