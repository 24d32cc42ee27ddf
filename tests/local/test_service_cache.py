"""The execution cache: threshold, age, limits, connector and ratings are all obeyed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import aiohttp
import pytest

from text2everything.local import LocalService
from text2everything.local.engine import Draft, similarity

from .conftest import ScriptedEngine, Wire, headers

QUESTION = "How many items are there?"
OTHER = "Which item has the longest name?"


@pytest.fixture
async def connector(wire: Wire, database) -> str:
    return (await wire.connector(database))["id"]


async def ask(wire: Wire, connector: str, question: str = QUESTION) -> dict:
    session = await wire.made("P/chat-sessions", {})
    answer = await wire.made(
        f"P/chat-sessions/{session['id']}/chat-to-answer", {"query": question, "connector_id": connector}
    )
    return answer["execution_result"]


async def look_up(wire: Wire, connector: str, question: str = QUESTION, **more: object) -> dict:
    body = {"user_query": question, "connector_id": connector, **more}
    return await wire.made("P/execution-cache-lookup", body)


def ids(found: dict) -> list[str]:
    return [match["execution"]["id"] for match in found["matches"]]


async def test_nothing_asked_is_no_hit(wire: Wire, connector):
    assert await look_up(wire, connector) == {"cache_hit": False, "matches": [], "candidates_checked": 0}


async def test_a_match_tells_all_of_its_execution(wire: Wire, connector):
    execution = await ask(wire, connector)
    found = await look_up(wire, connector, "how many items are there")
    assert (found["cache_hit"], found["candidates_checked"]) == (True, 1)
    (match,) = found["matches"]
    assert match["similarity_score"] == 1.0
    assert (match["has_feedback"], match["feedback_is_positive"], match["feedback_comment"]) == (False, None, None)
    names = ("sql_query", "result", "connector_id", "chat_message_id", "execution_time_ms", "created_at")
    assert {name: match["execution"][name] for name in names} == {name: execution[name] for name in names}
    assert match["execution"]["id"] == execution["execution_id"]


async def test_the_threshold_decides(wire: Wire, connector):
    await ask(wire, connector)
    near = similarity(QUESTION, "How many big items are there?")
    assert 0 < near < 1
    for threshold, hit in ((near - 0.01, True), (near + 0.01, False), (0, True), (1, False)):
        found = await look_up(wire, connector, "How many big items are there?", similarity_threshold=threshold)
        assert found["cache_hit"] is hit
        assert found["candidates_checked"] == 1
    assert not (await look_up(wire, connector, OTHER))["cache_hit"]


async def test_the_best_come_first_then_the_well_rated_then_the_newest(wire: Wire, connector):
    near = await ask(wire, connector, "How many big items are there?")
    old, rated, disliked, new = [await ask(wire, connector) for _ in range(4)]
    await wire.rate(rated, good=True)
    await wire.rate(disliked, good=False)
    found = await look_up(wire, connector, similarity_threshold=0.3)
    expected = [rated, new, disliked, old, near]
    assert ids(found) == [execution["execution_id"] for execution in expected]
    scores = [match["similarity_score"] for match in found["matches"]]
    assert scores == sorted(scores, reverse=True)
    assert ids(await look_up(wire, connector, top_n=2)) == ids(found)[:2]


async def test_those_that_share_words_are_candidates_first_then_the_newest(wire: Wire, connector):
    executions = [await ask(wire, connector, question) for question in (QUESTION, OTHER, OTHER)]
    found = await look_up(wire, connector, limit=1)
    assert (ids(found), found["candidates_checked"]) == ([executions[0]["execution_id"]], 1)
    found = await look_up(wire, connector, OTHER, limit=1)
    assert (ids(found), found["candidates_checked"]) == ([executions[2]["execution_id"]], 1)
    found = await look_up(wire, connector, limit=3)
    assert (ids(found), found["candidates_checked"]) == ([executions[0]["execution_id"]], 3)


async def test_the_latest_rating_counts(wire: Wire, connector):
    execution = await ask(wire, connector)
    for good, comment in ((True, "fine"), (False, "not fine"), (True, "fine again")):
        await wire.rate(execution, good=good, text=comment)
        (match,) = (await look_up(wire, connector))["matches"]
        assert (match["has_feedback"], match["feedback_is_positive"], match["feedback_comment"]) == (
            True,
            good,
            comment,
        )
        found = await look_up(wire, connector, only_positive_feedback=True)
        assert (found["cache_hit"], found["candidates_checked"]) == (good, int(good))


async def test_only_positive_never_gives_what_is_unrated_or_disliked(wire: Wire, connector):
    liked, disliked, _unrated = [await ask(wire, connector) for _ in range(3)]
    await wire.rate(liked, good=True)
    await wire.rate(disliked, good=True)
    await wire.rate(disliked, good=False)
    found = await look_up(wire, connector, only_positive_feedback=True, limit=1)
    assert (ids(found), found["candidates_checked"]) == ([liked["execution_id"]], 1)


async def test_a_deleted_rating_counts_no_more(wire: Wire, connector):
    execution = await ask(wire, connector)
    await wire.rate(execution, good=True)
    bad = await wire.rate(execution, good=False)
    assert not (await look_up(wire, connector, only_positive_feedback=True))["cache_hit"]
    await wire("DELETE", f"P/feedback/{bad['id']}")
    assert (await look_up(wire, connector, only_positive_feedback=True))["cache_hit"]


async def test_other_connectors_and_failures_are_no_matches(wire: Wire, connector, database, engine):
    other = (await wire.connector(database))["id"]
    engine.answers["broken"] = Draft("SELECT nothing", "wrong")
    failed = await ask(wire, connector, "broken")
    assert failed["error"]
    assert not (await look_up(wire, connector, "broken"))["cache_hit"]
    await ask(wire, other)
    assert not (await look_up(wire, connector))["cache_hit"]
    assert (await look_up(wire, other))["cache_hit"]


async def test_what_is_too_old_is_no_match(tmp_path, database):
    async def hits(service: LocalService, project: str, connector: str, days: float) -> bool:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url, project)
            return (await look_up(wire, connector, max_age_days=days))["cache_hit"]

    service = LocalService(tmp_path / "data", engine=ScriptedEngine())
    with service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            project = wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            connector = (await wire.connector(database))["id"]
            await ask(wire, connector)
        assert await hits(service, project, connector, 1)
        assert await hits(service, project, connector, 2**53)
        assert not await hits(service, project, connector, 0)
    with closing(sqlite3.connect(tmp_path / "data" / "service.sqlite3")) as stored, stored:
        stored.execute("UPDATE executions SET created_at = datetime('now', '-40 days')")
    with service:
        assert not await hits(service, project, connector, 30)
        assert await hits(service, project, connector, 41)


@pytest.mark.parametrize(
    "wrong",
    [
        {"user_query": " "},
        {"similarity_threshold": 1.5},
        {"similarity_threshold": "x"},
        {"limit": 0},
        {"limit": 10**30},
        {"top_n": -1},
        {"max_age_days": -1},
        {"max_age_days": 10**400},
        {"only_positive_feedback": None},
    ],
)
async def test_wrong_values_are_refused(wire: Wire, connector, wrong):
    body = {"user_query": QUESTION, "connector_id": connector, **wrong}
    status, reply = await wire("POST", "P/execution-cache-lookup", body)
    assert (status, [problem["loc"] for problem in reply["detail"]]) == (422, [["body", *wrong]])


async def test_an_unknown_connector_is_not_found(wire: Wire):
    assert (await wire("POST", "P/execution-cache-lookup", {"user_query": "q", "connector_id": "none"}))[0] == 404


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("Members who live in Leeds", "Members in Leeds"),
        ("Members in Leeds", "Members who live in Leeds"),
        ("Which bikes were repaired?", "Show the repaired bikes"),
        ("Top 5 customers by total order amount", "Who are the top 5 customers by total amount of orders?"),
        ("How many books does each branch have?", "Number of books per branch"),
    ],
)
async def test_the_words_in_the_index_do_not_hide_what_asks_for_the_same(wire: Wire, connector, asked, known):
    assert similarity(asked, known) >= 0.9
    message = (await wire.made("P/chat-sessions", {"name": "s"}))["id"]
    body = {"query": known, "connector_id": connector}
    answer = await wire.made(f"P/chat-sessions/{message}/chat-to-sql", body)
    sql = {"connector_id": connector, "chat_message_id": answer["id"]}
    execution = await wire.made("P/sql/execute", sql)
    assert execution["execution_id"] in ids(await look_up(wire, connector, asked))
