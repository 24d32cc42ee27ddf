"""How ratings, golden examples and contexts change answers, told over the wire with the rules as the engine."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest

from text2everything.local import LocalService

from .conftest import Wire, headers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

TABLES = """
CREATE TABLE ships (id INTEGER PRIMARY KEY, name TEXT, country TEXT, length REAL, built DATE);
INSERT INTO ships VALUES
    (1, 'Aurora', 'Norway', 120, '2019-03-04'), (2, 'Bella', 'Italy', 90, '2020-05-06'),
    (3, 'Corsa', 'Italy', 200, '2020-03-07'), (4, 'Dana', 'Norway', 45, '2021-05-30');
CREATE TABLE voyages (id INTEGER PRIMARY KEY, ship_id INTEGER, start DATE, cargo REAL, weight REAL);
INSERT INTO voyages VALUES (1, 1, '2024-03-01', 10, 5), (2, 1, '2024-05-02', 30, 7), (3, 3, '2024-05-03', 20, 9);
"""
SHIPS = {
    "table": {
        "name": "ships",
        "columns": [
            {"name": "id", "type": "INTEGER", "primary_key": True},
            {"name": "name", "type": "TEXT"},
            {"name": "country", "type": "TEXT"},
            {"name": "length", "type": "REAL"},
            {"name": "built", "type": "DATE"},
        ],
    }
}
VOYAGES = {
    "table": {
        "name": "voyages",
        "columns": [
            {"name": "id", "type": "INTEGER", "primary_key": True},
            {"name": "ship_id", "type": "INTEGER", "references": "ships.id"},
            {"name": "start", "type": "DATE"},
            {"name": "cargo", "type": "REAL"},
            {"name": "weight", "type": "REAL"},
        ],
    }
}
COUNT = "How many ships are there?"


@attrs.define
class Harbour:
    """A project with two tables, whose questions are asked and rated."""

    wire: Wire
    connector: str
    session: str

    async def ask(self, question: str, **more: Any) -> Any:
        body = {"query": question, "connector_id": self.connector, **more}
        return await self.wire.made(f"P/chat-sessions/{self.session}/chat-to-answer", body)

    async def rate(self, answer: Any, *, good: bool, comment: str = "a remark", execution: str | None = None) -> str:
        body = {"chat_message_id": answer["id"], "feedback": comment, "is_positive": good}
        return str((await self.wire.made("P/feedback", {**body, "execution_id": execution}))["id"])

    async def teach(self, question: str, sql: str) -> str:
        return str((await self.wire.made("P/golden-examples", {"user_query": question, "sql_query": sql}))["id"])

    async def found(self, question: str, **more: Any) -> list[Any]:
        body = {"user_query": question, "connector_id": self.connector, **more}
        return list((await self.wire.made("P/execution-cache-lookup", body))["matches"])


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService() as running:
        yield running


@pytest.fixture
async def harbour(service: LocalService, tmp_path: Path) -> AsyncIterator[Harbour]:
    path = tmp_path / "harbour.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(TABLES)
    async with aiohttp.ClientSession(headers=headers(service)) as session:
        wire = Wire(session, service.base_url)
        wire.project = (await wire.made("/projects", {"name": "harbour"}))["id"]
        for schema in (SHIPS, VOYAGES):
            await wire.made("P/schema-metadata", {"name": schema["table"]["name"], "schema_data": schema})
        connector = (await wire.connector(path))["id"]
        yield Harbour(wire, connector, (await wire.made("P/chat-sessions", {}))["id"])


def rows(answer: Any) -> list[Any]:
    return list(answer["execution_result"]["result"]["data"][1:])


# Known answers


async def test_a_golden_example_answers_its_paraphrases_and_is_named(harbour: Harbour) -> None:
    golden = await harbour.teach("Which ships are seaworthy?", "SELECT name FROM ships WHERE length > 100")
    answer = await harbour.ask("List the seaworthy ships, please")
    assert rows(answer) == [["Aurora"], ["Corsa"]]
    assert answer["example_id"] == golden
    assert golden in answer["explanation"]


@pytest.mark.parametrize(
    "other",
    [
        "Which ships are not seaworthy?",
        "How many ships are seaworthy?",
        "Which seaworthy ships are laden?",
        "Which ships were seaworthy in March?",
    ],
)
async def test_a_question_with_more_or_less_in_it_is_another_question(harbour: Harbour, other: str) -> None:
    await harbour.teach("Which ships are seaworthy?", "SELECT name FROM ships WHERE length > 100")
    assert (await harbour.ask(other))["example_id"] is None


@pytest.mark.parametrize(
    ("known", "sql", "asked", "expected"),
    [
        (
            "Seaworthy ships from Norway",
            "SELECT name FROM ships WHERE country = 'Norway' AND length > 80",
            "Seaworthy ships from Italy",
            [["Bella"], ["Corsa"]],
        ),
        (
            "Tonnage shipped in March 2024",
            "SELECT SUM(cargo) FROM voyages WHERE start >= '2024-03-01' AND start < '2024-04-01'",
            "Tonnage shipped in May 2024",
            [[50]],
        ),
        (
            "Tonnage shipped in March",
            "SELECT SUM(cargo) FROM voyages WHERE start LIKE '%-03-%'",
            "Tonnage shipped in May",
            [[50]],
        ),
        (
            "Top 3 seaworthy ships",
            "SELECT name FROM ships ORDER BY length DESC LIMIT 3",
            "The top two seaworthy ships",
            [["Corsa"], ["Aurora"]],
        ),
    ],
)
async def test_the_one_literal_that_differs_is_put_into_the_sql(
    harbour: Harbour, known: str, sql: str, asked: str, expected: list[Any]
) -> None:
    golden = await harbour.teach(known, sql)
    answer = await harbour.ask(asked)
    assert rows(answer) == expected
    assert golden in answer["explanation"]
    assert "' for '" in answer["explanation"]


async def test_a_literal_that_is_in_the_sql_twice_is_not_replaced(harbour: Harbour) -> None:
    sql = "SELECT name FROM ships WHERE country = 'Norway' OR name = 'Norway'"
    await harbour.teach("Seaworthy ships from Norway", sql)
    assert (await harbour.ask("Seaworthy ships from Italy"))["example_id"] is None


async def test_a_name_with_a_slip_is_another_name(harbour: Harbour) -> None:
    await harbour.teach("Seaworthy ships of captain Jansen", "SELECT name FROM ships WHERE id = 1")
    assert (await harbour.ask("Seaworthy ships of captain Janson"))["example_id"] is None


async def test_the_cache_shows_the_question_that_it_matched(harbour: Harbour) -> None:
    await harbour.ask(COUNT)
    (match,) = await harbour.found("Number of ships")
    assert match["execution"]["user_query"] == COUNT
    assert await harbour.found("Number of ships from Italy") == []


# Ratings


async def test_a_good_rating_answers_paraphrases_until_it_is_deleted(harbour: Harbour) -> None:
    sql = "SELECT name FROM ships WHERE length > 100"
    execution = await harbour.wire.execution(harbour.connector, sql)
    message = await harbour.ask("Which ships are seaworthy?")
    assert message["sql_query"] is None
    rating = await harbour.rate(message, good=True, execution=execution["execution_id"])
    answer = await harbour.ask("Show the seaworthy ships")
    assert answer["sql_query"] == sql
    assert rating in answer["explanation"]
    await harbour.wire("DELETE", f"P/feedback/{rating}")
    assert (await harbour.ask("Show the seaworthy ships"))["sql_query"] is None


async def test_a_bad_rating_withdraws_sql_until_it_is_changed(harbour: Harbour) -> None:
    first = await harbour.ask(COUNT)
    rating = await harbour.rate(first, good=False)
    second = await harbour.ask("Number of ships")
    assert second["sql_query"] != first["sql_query"]
    assert rating in second["explanation"]
    body = {"chat_message_id": first["id"], "feedback": "right after all", "is_positive": True}
    assert (await harbour.wire("PUT", f"P/feedback/{rating}", body))[0] == 200
    third = await harbour.ask("Number of ships")
    assert third["sql_query"] == first["sql_query"]
    assert rating in third["explanation"]


async def test_a_bad_rating_withdraws_what_has_the_same_result(harbour: Harbour) -> None:
    """COUNT(DISTINCT id) is no other answer than COUNT(*)."""
    first = await harbour.ask(COUNT)
    assert rows(first) == [[4]]
    rating = await harbour.rate(first, good=False)
    again = await harbour.ask("Number of ships")
    assert again["sql_query"] is None or rows(again) != [[4]]
    assert rating in again["explanation"]
    await harbour.wire("DELETE", f"P/feedback/{rating}")
    assert rows(await harbour.ask("Number of ships")) == [[4]]


@pytest.mark.parametrize(
    "comment",
    [
        "Only the long ones count:\n```sql\nSELECT COUNT(*) FROM ships WHERE length > 100;\n```\nThanks!",
        "It should be SELECT COUNT(*) FROM ships WHERE length > 100; the others are boats.",
    ],
)
async def test_sql_in_a_bad_rating_becomes_the_answer(harbour: Harbour, comment: str) -> None:
    rating = await harbour.rate(await harbour.ask(COUNT), good=False, comment=comment)
    answer = await harbour.ask("Number of ships")
    assert rows(answer) == [[2]]
    assert rating in answer["explanation"]
    await harbour.wire("DELETE", f"P/feedback/{rating}")
    assert rows(await harbour.ask("Number of ships")) == [[4]]


@pytest.mark.parametrize(
    "comment",
    [
        "```sql\nDELETE FROM ships\n```",
        "```sql\nSELECT 1; DROP TABLE ships\n```",
        "SELECT COUNT(*) FROM passengers",
        "SELECT COUNT(*) FROM ships WHERE tonnage > 5",
        "Select only the ships from the list instead",
        "SELECT 7",
    ],
)
async def test_what_is_no_query_of_known_tables_is_only_a_comment(harbour: Harbour, comment: str) -> None:
    answer = await harbour.ask(COUNT)
    await harbour.rate(answer, good=False, comment=comment)
    again = await harbour.ask(COUNT)
    assert again["sql_query"] != answer["sql_query"]
    assert "proposed" not in again["explanation"]


async def test_sql_that_the_user_ran_and_rated_good_becomes_the_answer(harbour: Harbour) -> None:
    message = await harbour.ask(COUNT)
    bad = await harbour.rate(message, good=False)
    execution = await harbour.wire.execution(harbour.connector, "SELECT COUNT(*) FROM ships WHERE length > 100")
    good = await harbour.rate(message, good=True, execution=execution["execution_id"])
    answer = await harbour.ask("Number of ships")
    assert rows(answer) == [[2]]
    assert good in answer["explanation"]
    await harbour.wire("DELETE", f"P/feedback/{good}")
    assert (await harbour.ask("Number of ships"))["sql_query"] != message["sql_query"]
    await harbour.wire("DELETE", f"P/feedback/{bad}")
    assert (await harbour.ask("Number of ships"))["sql_query"] == message["sql_query"]


async def test_a_golden_example_that_was_rated_bad_is_passed_over(harbour: Harbour) -> None:
    golden = await harbour.teach("Number of ships", "SELECT COUNT(*) FROM ships WHERE length > 50")
    answer = await harbour.ask(COUNT)
    assert (rows(answer), answer["example_id"]) == ([[3]], golden)
    await harbour.rate(answer, good=False)
    again = await harbour.ask(COUNT)
    assert (rows(again), again["example_id"]) == ([[4]], None)


async def test_a_context_that_decided_is_named(harbour: Harbour) -> None:
    content = "Long ships are ships with length > 100."
    context = (await harbour.wire.made("P/contexts", {"name": "terms", "content": content}))["id"]
    answer = await harbour.ask("How many long ships are there?")
    assert rows(answer) == [[2]]
    assert context in answer["explanation"]
