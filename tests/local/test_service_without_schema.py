"""Questions that need no schema metadata: SQL itself, and which tables there are."""

from __future__ import annotations

import aiohttp
import pytest

from text2everything.local import LocalService
from text2everything.local._without_schema import draft_without_schema
from text2everything.local.engine import Draft
from text2everything.local.engine._sql import is_one_query, sql_dialect

from .conftest import Wire, headers

DB_TYPES = ["sqlite", "postgres", "mysql", "mariadb", "sqlserver", "snowflake", "duckdb"]


@pytest.fixture(scope="module")
def rules():
    with LocalService() as running:
        yield running


@pytest.fixture
async def plain(rules):
    """A caller of a service with its own engine, in a project without schema metadata."""
    async with aiohttp.ClientSession(headers=headers(rules)) as session:
        caller = Wire(session, rules.base_url)
        caller.project = (await caller.made("/projects", {"name": "p"}))["id"]
        yield caller


async def ask(wire: Wire, database, question: str, **more):
    connector = await wire.connector(database)
    session = await wire.made("P/chat-sessions", {})
    body = {"query": question, "connector_id": connector["id"], **more}
    return await wire.made(f"P/chat-sessions/{session['id']}/chat-to-answer", body)


async def test_the_tables_of_a_database_need_no_schema_metadata(plain: Wire, database):
    answer = await ask(plain, database, "What tables are available in the database?", examples_cutoff=0.6)
    assert answer["execution_result"]["result"]["data"] == [["table_name", "table_type"], ["items", "table"]]
    assert "itself lists" in answer["explanation"]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("SELECT 1 as test_column;", [["test_column"], [1]]),
        ("select count(*) from items where name like 'item 1_'", [["count(*)"], [10]]),
        ("WITH few AS (SELECT * FROM items LIMIT 3) SELECT max(id) AS m FROM few", [["m"], [3]]),
    ],
)
async def test_a_query_needs_no_schema_metadata(plain: Wire, database, question, rows):
    answer = await ask(plain, database, question)
    assert answer["sql_query"] == question.rstrip(";")
    assert answer["execution_result"]["result"]["data"] == rows


async def test_an_engine_that_has_an_answer_is_not_overruled(wire: Wire, engine, database):
    engine.answers["SELECT 1"] = Draft("SELECT 2 AS two", "Two.")
    assert (await ask(wire, database, "SELECT 1"))["execution_result"]["result"]["data"] == [["two"], [2]]
    engine.answers["SELECT 1"] = Draft(None, "None.")
    assert (await ask(wire, database, "SELECT 1"))["execution_result"]["result"]["data"] == [["1"], [1]]


@pytest.mark.parametrize("db_type", DB_TYPES)
@pytest.mark.parametrize(
    "question",
    [
        "What tables are available in the database?",
        "Which tables are there?",
        "list the tables",
        "Show all tables in the database",
    ],
)
def test_tables_are_asked_for_in_many_words(question, db_type):
    draft = draft_without_schema(question, db_type)
    assert draft is not None
    assert is_one_query(draft.sql, sql_dialect(db_type))


@pytest.mark.parametrize("db_type", [*DB_TYPES, "unknown"])
@pytest.mark.parametrize(
    "question",
    [
        # Not SQL, though a parser of SQL may take it for that.
        "Select customers",
        "Select 5 customers",
        "SELECT",
        "Show me the top customers",
        # Not one query that reads.
        "SELECT 1; SELECT 2",
        "DELETE FROM items",
        "DROP TABLE items",
        "SELECT a INTO b FROM c",
        "WITH gone AS (DELETE FROM items RETURNING *) SELECT * FROM gone",
        # Not all tables, or not tables.
        "What columns are available in the database?",
        "What dining tables are available in the database?",
        "Which tables are not in the database?",
        "Which tables are empty?",
        "How many views are there?",
        "Show everything",
        "How many?",
        "",
        "\ud800",
    ],
)
def test_other_questions_do_need_it(question, db_type):
    assert draft_without_schema(question, db_type) is None


def test_an_unknown_database_has_no_known_list_of_tables():
    assert draft_without_schema("Which tables are there?", "unknown") is None
    assert draft_without_schema("SELECT 1", "unknown") == Draft("SELECT 1", "The question is a query itself.")
