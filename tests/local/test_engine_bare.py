"""Questions to a database of which little is told: no values, no relationships, hardly a type."""

from __future__ import annotations

import sqlite3

import pytest

from .engine_worlds import SelfClosing, World

_TABLES = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, full_name TEXT, state TEXT, country TEXT, city TEXT,
    opened_at TEXT, closed_at TEXT);
CREATE TABLE purchases (id INTEGER PRIMARY KEY, account_id INTEGER, quantity INTEGER, unit_price REAL,
    bought_on TEXT);
CREATE TABLE notes (body TEXT, rating INTEGER);
INSERT INTO accounts VALUES
    (1, 'Ann Lee', 'dormant', 'Italy', 'Rome', '2024-01-05', NULL),
    (2, 'Bob Ray', 'open', 'Italy', 'Milan', '2023-05-06', '2024-02-01'),
    (3, 'Cid Fox', 'open', 'Norway', 'Oslo', '2024-03-01', '2024-05-01'),
    (4, 'Ada Lee', 'Dormant', 'italy', 'rome', '2022-03-01', NULL);
INSERT INTO purchases VALUES
    (1, 1, 2, 10.0, '2024-05-01'), (2, 1, 1, 5.0, '2024-06-01'), (3, 2, 3, 4.0, '2023-06-01');
INSERT INTO notes VALUES ('good', 5), ('bad', 1);
"""


def _world(*names: str) -> World:
    connection = sqlite3.connect(":memory:", check_same_thread=False, factory=SelfClosing)
    connection.executescript(_TABLES)
    typed = {"quantity": "int", "unit_price": "real", "rating": "int"}
    schemas = []
    for name in names:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        spec = [{"name": c, **({"type": typed[c]} if c in typed else {})} for c in columns]
        schemas.append((name, {"table": {"name": name, "columns": spec}}))
    return World(connection, schemas)


@pytest.fixture(scope="module")
def bare() -> World:
    return _world("accounts", "purchases", "notes")


ROWS = {
    "dormant accounts": None,
    "accounts that are not dormant in state": None,
    "accounts with state open": None,
    "accounts in Rome": None,
    "accounts in rome": None,
    "accounts in the Oslo": None,
    'accounts in "Oslo"': None,
    "accounts outside Rome": None,
    "Italian accounts": None,
    "purchases of accounts in Milan": None,
    "accounts closed in 2024": ("SELECT * FROM accounts WHERE id IN (2, 3)"),
    "accounts opened in 2024": ("SELECT * FROM accounts WHERE id IN (1, 3)"),
    "accounts opened in 2024 and closed": None,
    "accounts in alphabetical order": "SELECT * FROM accounts ORDER BY full_name",
    "accounts sorted by opened date, newest first": None,
    "accounts limit 2": "SELECT * FROM accounts LIMIT 2",
    "revenue": None,
    "revenue by account": None,
    "average revenue": None,
    "accounts by number of purchases": "SELECT 'Ann Lee', 2 UNION SELECT 'Bob Ray', 1",
    "accounts by quantity sold": None,
    "accounts by total quantity": "SELECT 'Ann Lee', 3 UNION SELECT 'Bob Ray', 3",
    "accounts with the highest quantity": None,
    "purchases by Ann Lee": None,
    "most popular accounts": None,
    "highest quantity": "SELECT 3",
    "highest purchase quantity": "SELECT 3",
    "purchase with the highest quantity": "SELECT * FROM purchases WHERE quantity = 3",
    "total purchases": "SELECT 3",
    "average rating": "SELECT 3.0",
    "rating of the note": "SELECT rating FROM notes",
    "the 2 highest notes": None,
    "quantity of purchases over 1": "SELECT quantity FROM purchases WHERE quantity > 1",
    "purchases per note": None,
    "notes by body": None,
    "revenue by note": None,
    "notes for each note": None,
    "opening hours": None,
}


@pytest.mark.parametrize(("question", "expected"), ROWS.items(), ids=list(ROWS))
def test_the_rows_are_those_of_hand_written_sql(bare: World, question: str, expected: str | None) -> None:
    draft = bare.draft(question)
    if expected is None:
        assert draft.sql is None, draft.sql
        return
    assert draft.sql, draft.explanation
    found, wanted = bare.rows(draft.sql), bare.rows(expected)
    if "ORDER BY" not in expected:
        found, wanted = sorted(found, key=repr), sorted(wanted, key=repr)
    assert found == wanted, draft.sql


def test_of_one_table_alone_the_name_need_not_be_said() -> None:
    alone = _world("purchases")
    assert alone.answer("how many with unit price over 4") == [(2,)]
    assert alone.answer("the latest one") == alone.rows("SELECT * FROM purchases WHERE id = 2")


def test_of_two_dates_none_is_guessed(bare: World) -> None:
    assert bare.draft("accounts per year").sql is None
    assert bare.answer("accounts opened per year") == [("2022", 1), ("2023", 1), ("2024", 2)]


def test_a_name_that_stands_twice_is_told_apart() -> None:
    world = _world("accounts", "purchases")
    draft = world.draft("number of purchases by account and unit price")
    assert draft.sql is not None
    tables = {"table": {"name": "towns", "columns": [{"name": "id"}, {"name": "name"}]}}
    shops = {"table": {"name": "shops", "columns": [{"name": "id"}, {"name": "town_id"}, {"name": "name"}]}}
    visits = {"table": {"name": "visits", "columns": [{"name": "id"}, {"name": "shop_id"}]}}
    world = World(world.connection, [("1", tables), ("2", shops), ("3", visits)])
    sql = world.draft("visits per shop and town").sql
    assert sql
    assert "shops.name AS shop_name" in sql
    assert "towns.name AS town_name" in sql


def test_words_of_the_language_are_no_values() -> None:
    states = {"name": "state", "type": "text", "values": ["IN", "OR", "ME", "NY", "5"]}
    town = {"name": "town", "type": "text", "values": ["Gary", "Salem"]}
    world = World(None, [("s", {"table": {"name": "shows", "columns": [states, town]}})])  # type: ignore[arg-type]
    assert world.draft("Show me 5 shows in Gary or Salem").sql == (
        "SELECT * FROM shows WHERE town IN ('Gary', 'Salem') LIMIT 5"
    )
    assert world.draft("shows in IN").sql == "SELECT * FROM shows WHERE state = 'IN'"
