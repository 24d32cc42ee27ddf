"""Deleting and searching much: bit by bit, while other requests are answered, and to the end whatever happens."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time

import pytest

from text2everything.local import LocalService
from text2everything.local import _tables as tables
from text2everything.local._deletion import delete_project, for_each
from text2everything.local._file_store import FileStore
from text2everything.local._query_string import PageRequest
from text2everything.local._slices import SLICE_SECONDS
from text2everything.local._store import Store, new_id, now

from .conftest import ScriptedEngine, Wire

TABLES = [
    "collections",
    "contexts",
    "golden_examples",
    "schema_metadata",
    "chat_sessions",
    "chat_messages",
    "executions",
    "feedback",
    "secrets",
    "connectors",
    "prompt_templates",
    "chat_presets",
    "custom_tools",
]


def fill(store: Store, ratings: int, files: FileStore | None = None) -> str:
    """Add a project with something of everything."""
    shown = {"is_always_displayed": False}
    with store.transaction():
        project = str(store.insert(tables.PROJECTS, None, {"name": "p"})["id"])
        connection = {"name": "c", "db_type": "sqlite", "database": "x"}
        connector = store.insert(tables.CONNECTORS, project, connection)["id"]
        store.execute("INSERT INTO secrets (id, project_id, value) VALUES (?, ?, 'x')", new_id(), project)
        store.insert(tables.CONTEXTS, project, {"name": "n", "content": "c", **shown})
        store.insert(tables.GOLDEN_EXAMPLES, project, {"user_query": "q", "sql_query": "s", **shown})
        store.insert(tables.SCHEMA_METADATA, project, {"name": "n", "schema_data": {}, **shown})
        tool = store.insert(
            tables.CUSTOM_TOOLS, project, {"name": "n", "description": "d", "h2ogpte_collection_id": "x"}
        )
        document = new_id()
        store.execute(
            "INSERT INTO custom_tool_documents (id, created_at, updated_at, custom_tool_id, filename, h2ogpte_doc_id)"
            " VALUES (?, ?, ?, ?, 'f', 'd')",
            *(document, now(), now(), tool["id"]),
        )
        if files:
            (files.directory / document).write_text("content")
        store.insert(tables.CHAT_SESSIONS, project, {"custom_tool_id": tool["id"]})
        template = {"name": "t", "system_prompt": "s", "is_builtin": False}
        template_id = store.insert(tables.PROMPT_TEMPLATES, project, template)["id"]
        preset = {"name": "n", "h2ogpte_collection_id": new_id(), "collection_name": "c", "is_public": False}
        store.insert(tables.CHAT_PRESETS, project, {**preset, "prompt_template_id": template_id})
        message = store.insert(tables.CHAT_MESSAGES, project, {"user_query": "question"})["id"]
        execution = {"connector_id": connector, "chat_message_id": message, "sql_query": "s", "execution_time_ms": 1}
        execution_id = store.insert(tables.EXECUTIONS, project, {**execution, "is_successful": True})["id"]
        rating = {"chat_message_id": message, "execution_id": execution_id, "feedback": "x", "is_positive": True}
        for _ in range(ratings):
            store.insert(tables.FEEDBACK, project, rating)
    return project


def left(store: Store, project: str) -> dict[str, int]:
    """Return how many rows of a project each table has."""
    found = {name: store.fetch_one(f"SELECT count(*) FROM {name} WHERE project_id = ?", project) for name in TABLES}
    return {name: row[0] for name, row in found.items() if row and row[0]}


def assert_gone(store: Store, files: FileStore) -> None:
    for name in (*TABLES, "projects", "custom_tool_documents", "unindexed"):
        assert store.fetch_one(f"SELECT count(*) FROM {name}") == (0,), name
    for name in ("contexts", "golden_examples", "schema_metadata", "executions", "rated"):
        assert store.fetch_one(f"SELECT count(*) FROM {name}_words") == (0,), name
    assert list(files.directory.iterdir()) == []


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "service.sqlite3")
    yield store
    store.close()


@pytest.fixture
def files(tmp_path) -> FileStore:
    return FileStore(tmp_path / "files")


async def test_a_project_is_deleted_with_all_it_has(store, files):
    project = fill(store, 50, files)
    store.indexer.index_all()
    assert set(left(store, project)) == set(TABLES)
    assert await delete_project(store, files, project)
    assert_gone(store, files)
    assert not await delete_project(store, files, project)


async def test_others_go_on_meanwhile_and_see_nothing_of_it(store, files):
    project, other = fill(store, 3000), fill(store, 1)
    deleting = asyncio.create_task(delete_project(store, files, project))
    await asyncio.sleep(0)
    turns = 0
    while not deleting.done():
        assert store.get(tables.PROJECTS, None, project) is None
        assert not store.exists(tables.PROJECTS, None, project)
        assert (await store.fetch_page(tables.PROJECTS, None, PageRequest(0, 10)))[1] == 1
        assert not await delete_project(store, files, project)
        store.insert(tables.CONTEXTS, other, {"name": "n", "content": "c", "is_always_displayed": False})
        turns += 1
        await asyncio.sleep(0)
    assert turns > 3
    assert left(store, project) == {}
    assert left(store, other)["contexts"] == turns + 1


async def test_what_comes_in_meanwhile_is_deleted_too(store, files):
    project = fill(store, 3000)
    deleting = asyncio.create_task(delete_project(store, files, project))
    while not deleting.done():
        await asyncio.sleep(0)
        if store.fetch_one("SELECT 1 FROM projects"):
            store.insert(tables.CHAT_MESSAGES, project, {"user_query": "of an answer that took long"})
    assert left(store, project) == {}


async def test_a_slice_ends_in_time(store):
    sizes: list[int] = []
    seen: list[int] = []

    async def watch() -> None:
        while True:
            sizes.append(len(seen))
            await asyncio.sleep(0)

    def do(number: int) -> None:
        seen.append(number)
        end = time.perf_counter() + SLICE_SECONDS
        while time.perf_counter() < end:
            pass

    watching = asyncio.create_task(watch())
    await for_each(store, range(20), do)
    watching.cancel()
    assert seen == list(range(20))
    assert len(set(sizes)) >= 20


def test_a_deletion_that_was_cut_off_is_finished_at_the_next_start(tmp_path):
    store, files = Store(tmp_path / "service.sqlite3"), FileStore(tmp_path / "files")
    fill(store, 50, files)
    store.execute("UPDATE projects SET is_deleted = 1")
    store.close()
    with LocalService(tmp_path, engine=ScriptedEngine()) as service:
        state = service._running.state
        assert_gone(state.store, state.files)


KILLED = """
import asyncio, os, sys
from pathlib import Path
from text2everything.local._deletion import delete_project
from text2everything.local._file_store import FileStore
from text2everything.local._store import Store
directory = Path(sys.argv[1])
store, files = Store(directory / "service.sqlite3"), FileStore(directory / "files")
(project,) = store.fetch_one("SELECT id FROM projects")
(ratings,) = store.fetch_one("SELECT count(*) FROM feedback")
async def main():
    deleting = asyncio.create_task(delete_project(store, files, project))
    for _ in range(int(sys.argv[2])):
        await asyncio.sleep(0)
    os.kill(os.getpid(), 9)
asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("turns", [1, 2, 3, 6])
def test_a_killed_service_deletes_the_rest_when_it_starts(tmp_path, turns):
    store, files = Store(tmp_path / "service.sqlite3"), FileStore(tmp_path / "files")
    fill(store, 3000, files)
    store.close()
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(turns)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    with LocalService(tmp_path, engine=ScriptedEngine()) as service:
        state = service._running.state
        assert_gone(state.store, state.files)
        assert state.store.fetch_one("PRAGMA integrity_check") == ("ok",)


async def test_many_ids_are_deleted_at_once_and_the_unknown_are_named(wire: Wire):
    made = [(await wire.made("P/contexts", {"name": "n", "content": "c"}))["id"] for _ in range(60)]
    unknown = [new_id() for _ in range(3000)]
    status, reply = await wire("POST", "P/contexts/bulk-delete", {"ids": [*unknown, *made, *made]})
    assert (status, reply) == (200, {"deleted_count": 60, "failed_ids": unknown})
    assert (await wire("GET", "P/contexts"))[1]["total"] == 0


async def test_a_tool_of_many_sessions_is_deleted(wire: Wire, service):
    tool = {"name": "n", "description": "d", "h2ogpte_collection_id": "x"}
    store: Store = service._running.state.store
    tool_id = store.insert(tables.CUSTOM_TOOLS, wire.project, tool)["id"]
    made = [(await wire.made("P/chat-sessions", {"custom_tool_id": tool_id}))["id"] for _ in range(30)]
    assert (await wire("DELETE", f"P/custom-tools/{tool_id}"))[0] in {200, 204}
    for session in made:
        assert (await wire("GET", f"P/chat-sessions/{session}/custom-tool"))[1] is None


# Searching


async def test_a_search_lets_others_go_on_and_finds_all(store):
    project = store.insert(tables.PROJECTS, None, {"name": "p"})["id"]
    message = store.insert(tables.CHAT_MESSAGES, project, {"user_query": "q"})["id"]
    with store.transaction():
        for number in range(5000):
            rating = {"chat_message_id": message, "feedback": f"rating {number} " + "x" * 500, "is_positive": True}
            store.insert(tables.FEEDBACK, project, rating)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    for search, total in (("RATING 77 ", 1), ("rating", 5000), ("Ä", 0), ("7 x", 500)):
        for offset in (0, 450):
            rows, found = await store.fetch_page(tables.FEEDBACK, project, PageRequest(offset, 100), search=search)
            assert found == total
            texts = [tables.FEEDBACK.decode(row)["feedback"] for row in rows]
            assert len(texts) == max(0, min(100, total - offset))
            assert all(search.casefold() in text.casefold() for text in texts)
            assert [row[0] for row in rows] == [
                row[0] for row in sorted(rows, key=lambda row: tables.FEEDBACK.decode(row)["created_at"])
            ]
    counting.cancel()
    assert turns > 10


async def test_a_search_tells_what_is_there_after_each_change(store):
    project = store.insert(tables.PROJECTS, None, {"name": "p"})["id"]
    values = {"name": "figs", "content": "c", "is_always_displayed": False}
    for number in range(3):
        first = store.insert(tables.CONTEXTS, project, values)["id"]
        page = PageRequest(0, 1)
        assert (await store.fetch_page(tables.CONTEXTS, project, page, search="FIG"))[1] == number + 1
    store.delete(tables.CONTEXTS, project, first)
    assert (await store.fetch_page(tables.CONTEXTS, project, page, search="FIG"))[1] == 2
    filters = [("is_always_displayed", True)]
    assert (await store.fetch_page(tables.CONTEXTS, project, page, search="FIG", filters=filters))[1] == 0
