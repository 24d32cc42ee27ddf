"""The schema of a database server read as schema metadata, and no password shown where that fails."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

from tests.local.databases import servers
from text2everything import exceptions
from text2everything._schema.database import read_database
from text2everything._schema.url import DatabaseUrl

DIALECTS = {"postgres": "postgresql", "mariadb": "mariadb"}
TABLES = {
    "postgres": [
        "CREATE TYPE mood AS ENUM ('sad', 'it''s ok')",
        "CREATE TABLE customers (id SERIAL PRIMARY KEY, name VARCHAR(50), m mood, debt NUMERIC(10, 2))",
        "COMMENT ON TABLE customers IS 'Everyone who buys'",
        "COMMENT ON COLUMN customers.debt IS 'What is owed'",
        "CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT REFERENCES customers, state TEXT, api_token TEXT)",
        "CREATE TABLE visits (day DATE, page TEXT) PARTITION BY RANGE (day)",
        "CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM visits",
        "CREATE SCHEMA sales",
        "CREATE TABLE sales.goals (id INT PRIMARY KEY, previous INT REFERENCES sales.goals, city TEXT)",
        "INSERT INTO sales.goals VALUES (1, NULL, 'Ulm')",
        "GRANT USAGE ON SCHEMA sales TO clerk",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public, sales TO clerk",
    ],
    "mariadb": [
        """CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50), m ENUM('sad', 'it''s ok'),
        debt DECIMAL(10, 2) COMMENT 'What is owed') COMMENT 'Everyone who buys'""",
        """CREATE TABLE orders (id INT PRIMARY KEY, customer_id INT REFERENCES customers (id), state VARCHAR(9),
        api_token TEXT)""",
        "GRANT ALL ON schema_read.* TO clerk@'%'",
    ],
}
COMMON = [
    "INSERT INTO orders VALUES (1, NULL, 'open', 'a'), (2, NULL, 'closed', 'b'), (3, NULL, NULL, 'c')",
    "CREATE VIEW open_orders AS SELECT * FROM orders WHERE state = 'open'",
]


@pytest.fixture(scope="module", params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[servers.Server]:
    shared = request.getfixturevalue(request.param)
    shared.run("CREATE DATABASE schema_read")
    own = attrs.evolve(shared, database="schema_read")
    own.run(*TABLES[shared.db_type], *COMMON)
    yield own
    shared.run("DROP DATABASE schema_read")


def url_of(server: servers.Server, **changes: Any) -> str:
    url = sa.URL.create(
        DIALECTS[server.db_type], "clerk", servers.PASSWORD, server.host, server.port, server.database
    )
    return url.set(**changes).render_as_string(hide_password=False)


def read(url: str, **options: Any) -> dict[str, Any]:
    return {item.name: item for item in read_database(DatabaseUrl.parse(url), **options)}


def test_a_schema(server: servers.Server) -> None:
    items = read(url_of(server))
    partitioned = {"totals", "visits"} if server.db_type == "postgres" else set()
    assert set(items) == {"customers", "open_orders", "orders", "orders.customer_id to customers.id"} | partitioned
    customers, orders = (items[name].schema_data["table"] for name in ("customers", "orders"))
    assert (customers["description"], items["customers"].description) == ("Everyone who buys",) * 2
    assert [column["name"] for column in customers["columns"]] == ["id", "name", "m", "debt"]
    assert customers["columns"][0]["primary_key"] is True
    assert customers["columns"][2]["values"] == ["sad", "it's ok"]
    assert customers["columns"][3]["description"] == "What is owed"
    assert orders["columns"][1]["foreign_key"] == {"table": "customers", "column": "id"}
    assert orders["columns"][2]["values"] == ["closed", "open"]
    assert "values" not in orders["columns"][3]  # a token


def test_nothing_can_be_written(server: servers.Server) -> None:
    database = DatabaseUrl.parse(url_of(server))
    with pytest.raises(exceptions.ConnectionError, match=r"read.only|READ ONLY"):
        database.read(lambda connection: connection.exec_driver_sql("DELETE FROM orders"))
    assert len(server.run("SELECT * FROM orders")) == 3


@pytest.mark.slow
def test_a_table_that_takes_long_is_left_without_values(server: servers.Server) -> None:
    sleep = {"postgres": "pg_sleep(30)::text", "mariadb": "CAST(SLEEP(30) AS CHAR(9))"}[server.db_type]
    server.run(f"CREATE VIEW a_slow AS SELECT {sleep} AS a FROM orders", "GRANT SELECT ON a_slow TO clerk")
    try:
        items = read(url_of(server))
    finally:
        server.run("DROP VIEW a_slow")
    assert "values" not in items["a_slow"].schema_data["table"]["columns"][0]
    assert "values" in items["orders"].schema_data["table"]["columns"][2]


def test_another_schema(server: servers.Server) -> None:
    if server.db_type != "postgres":
        pytest.skip("a schema is a database there")
    items = read(url_of(server), schema="sales")
    assert list(items) == ["sales.goals", "sales.goals.previous to sales.goals.id"]
    assert items["sales.goals"].schema_data["table"]["columns"][2]["values"] == ["Ulm"]
    assert list(read(url_of(server), schema="public")) == list(read(url_of(server)))


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "XYZZY-wrong"},
        {"port": 1},
        {"database": "nope"},
        {"query": {"nope": "x"}},
        {"host": "no.invalid"},
    ],
)
def test_a_password_is_not_shown(server: servers.Server, changes: dict[str, Any]) -> None:
    with pytest.raises(exceptions.ConnectionError, match=r"cannot read \w+\+\w+://clerk:\*\*\*@") as caught:
        read(url_of(server, **changes))
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    for secret in (servers.PASSWORD, "XYZZY"):
        assert secret not in shown.partition("test_a_password_is_not_shown")[0] + str(caught.value)
    assert caught.value.__context__ is None
