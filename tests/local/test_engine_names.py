"""Questions in which the name of a column may also be read as something else."""

from __future__ import annotations

import sqlite3

import pytest

from .engine_worlds import SelfClosing, World

_TABLES = """
CREATE TABLE stores (store TEXT, region TEXT);
CREATE TABLE sales (id INTEGER PRIMARY KEY, region TEXT, amount REAL);
CREATE TABLE managers (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, manager_id INTEGER, shipped DATE, returned INTEGER, total REAL,
    status TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, discontinued INTEGER, top_speed INTEGER, weight_kg NUMERIC);
INSERT INTO stores VALUES ('Alpha', 'North');
INSERT INTO sales VALUES (1, 'North', 5), (2, 'West', 6);
INSERT INTO managers VALUES (1, 'Ann'), (2, 'Bob');
INSERT INTO orders VALUES
    (1, 1, '2024-06-15', 0, 5, 'open'), (2, 1, NULL, 2, 6, 'done'), (3, 1, '2024-05-01', 0, 8, 'done');
INSERT INTO products VALUES (1, 'Car', 0, 200, 900), (2, 'Cart', 1, 9, 50);
"""


@pytest.fixture(scope="module")
def world() -> World:
    connection = sqlite3.connect(":memory:", check_same_thread=False, factory=SelfClosing)
    connection.executescript(_TABLES)
    schemas = []
    for (name,) in connection.execute("SELECT name FROM sqlite_master").fetchall():
        columns = [
            {"name": row[1], "type": row[2], "primary_key": bool(row[5])}
            for row in connection.execute(f"PRAGMA table_info({name})")
        ]
        schemas.append((name, {"table": {"name": name, "columns": columns}}))
    return World(connection, schemas)


ROWS = {
    # A column that is named total, and an aggregate before it.
    "total of orders": "SELECT 19.0",
    "max total of orders": "SELECT 8.0",
    "minimum total of orders": "SELECT 5.0",
    "average total of orders": "SELECT avg(total) FROM orders",
    "average total of orders per status": "SELECT status, avg(total) FROM orders GROUP BY 1",
    "average and total of orders": "SELECT avg(total), sum(total) FROM orders",
    # A column that is named by what was done: which rows that means is not known.
    "shipped orders": None,
    "How many shipped orders?": None,
    "returned orders": None,
    "orders returned": None,
    "How many returned orders?": None,
    "shipped": "SELECT shipped FROM orders",
    "orders shipped today": "SELECT * FROM orders WHERE id = 1",
    "How many orders shipped in May 2024?": "SELECT 1",
    "discontinued products": "SELECT * FROM products WHERE id = 2",
    "How many products are not discontinued?": "SELECT 1",
    "speed of products": "SELECT top_speed FROM products",
    # A figure that there is none of may be 0 or unknown.
    "orders without a total": None,
    "orders that have no total": None,
    "orders with a total": None,
    "orders whose total is null": "SELECT * FROM orders WHERE total IS NULL",
    "orders without shipped": "SELECT * FROM orders WHERE id = 2",
    # A word that is both a table and a column of it.
    "regions without stores": None,
}


@pytest.mark.parametrize(("question", "expected"), ROWS.items(), ids=list(ROWS))
def test_the_rows_are_those_of_hand_written_sql(world: World, question: str, expected: str | None) -> None:
    draft = world.draft(question)
    if expected is None:
        assert draft.sql is None, draft.sql
        return
    assert draft.sql, draft.explanation
    assert sorted(world.rows(draft.sql), key=repr) == sorted(world.rows(expected), key=repr), draft.sql


def test_an_average_of_counts_says_what_it_is_over(world: World) -> None:
    draft = world.draft("average number of orders per manager")
    assert draft.sql is not None
    assert "AS order_count_per_manager" in draft.sql
    assert "per manager, of those that have any" in draft.explanation


def test_that_no_figure_may_be_zero_is_said(world: World) -> None:
    assert "say 'total = 0' or 'total is null'" in world.draft("orders without a total").explanation
    assert world.answer("orders with total = 0") == []


def test_a_role_is_explained_by_its_name() -> None:
    columns = [{"name": "id", "primary_key": True}, {"name": "name", "type": "text"}]
    boss = {"name": "boss_id", "foreign_key": {"table": "staff", "column": "id"}}
    world = World(None, [("s", {"table": {"name": "staff", "columns": [*columns, boss]}})])  # type: ignore[arg-type]
    assert "for each boss.name" in world.draft("number of staff per boss").explanation


def test_a_value_before_a_column_is_of_that_column() -> None:
    severity = {"name": "severity", "type": "text", "values": ["high", "low"]}
    columns = [{"name": "priority", "type": "int"}, severity, {"name": "area", "type": "text"}]
    world = World(None, [("t", {"table": {"name": "tickets", "columns": columns}})])  # type: ignore[arg-type]
    assert world.draft("high severity tickets").sql == "SELECT * FROM tickets WHERE severity = 'high'"
    for question in ("high priority tickets", "how many high area tickets", "list low area tickets"):
        draft = world.draft(question)
        assert draft.sql is None
        assert "It is no known value of" in draft.explanation
    assert world.draft("areas of low severity tickets").sql is not None
    assert world.draft("average low priority of tickets").sql is not None


def test_columns_of_two_roles_are_told_apart() -> None:
    people = {"table": {"name": "people", "columns": [{"name": "id", "primary_key": True}, {"name": "name"}]}}
    ends = [
        {"name": f"{end}_id", "foreign_key": {"table": "people", "column": "id"}} for end in ("sender", "receiver")
    ]
    letters = {"table": {"name": "letters", "columns": [{"name": "id", "primary_key": True}, *ends]}}
    world = World(None, [("p", people), ("l", letters)])  # type: ignore[arg-type]
    sql = world.draft("number of letters per sender and receiver").sql
    assert sql
    assert "AS sender_name" in sql
    assert "AS receiver_name" in sql


def test_a_share_is_of_all_rows_also_of_those_that_refer_to_nothing() -> None:
    connection = sqlite3.connect(":memory:", factory=SelfClosing)
    connection.executescript(
        """
        CREATE TABLE genres (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE tracks (id INTEGER PRIMARY KEY, genre_id INTEGER);
        INSERT INTO genres VALUES (1, 'Rock'), (2, 'Jazz');
        INSERT INTO tracks VALUES (1, 1), (2, 2), (3, NULL), (4, NULL);
        """
    )
    names = [{"name": "id", "type": "int"}, {"name": "name", "type": "text", "values": ["Jazz", "Rock"]}]
    keys = [{"name": "id", "type": "int"}, {"name": "genre_id", "type": "int"}]
    schemas = [
        ("g", {"table": {"name": "genres", "columns": names}}),
        ("t", {"table": {"name": "tracks", "columns": keys}}),
    ]
    world = World(connection, schemas)
    assert world.answer("share of Rock tracks") == [(25.0,)]
    assert world.answer("tracks that are not Rock") == [(2, 2)]
    assert world.answer("Rock tracks") == [(1, 1)]


def test_a_part_of_a_name_has_the_whole_name_as_a_hint(world: World) -> None:
    assert "'weight kg'" in world.draft("how many kg").explanation


def test_that_no_type_is_known_is_said() -> None:
    columns = [{"name": "name", "type": "text"}, {"name": "turnover"}]
    world = World(None, [("s", {"table": {"name": "shops", "columns": columns}})])  # type: ignore[arg-type]
    explanation = world.draft("sum of turnover").explanation
    assert "Nothing can be calculated from shops.turnover, since its type is not known" in explanation
