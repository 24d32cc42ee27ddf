"""SQL of a model is one query that reads known tables and columns, in every dialect."""

from __future__ import annotations

from typing import Any

import pytest

from text2everything.local.engine._model_reply import QueryError
from text2everything.local.engine._query_check import check_dialect, check_query, known_tables

DIALECTS = ("sqlite", "duckdb", "postgres", "mysql", "mariadb", "sqlserver", "snowflake")


def table(name: str, *columns: Any) -> dict[str, Any]:
    return {"table": {"name": name, "columns": list(columns)}}


TABLES = known_tables(
    [
        ("c", table("Customers", {"name": "id", "type": "INTEGER"}, {"column_name": "Name"}, "country")),
        ("o", table("sales.orders", "id", "customer_id", "total", "order_date")),
        ("a", table("archive.orders", "id", "closed")),
        ("x", table("bare")),
        ("r", {"relationship": {"from_table": "Customers"}}),
        ("bad", {"table": {"name": 7, "columns": "no"}}),
        ("worse", []),  # type: ignore[list-item]
    ]
)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "schema_id"),
    [
        ("SELECT NAME FROM customers", "c"),
        (
            "SELECT c.name, sum(o.total) AS s FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY c.name",
            "o",
        ),
        ("SELECT id FROM sales.orders UNION ALL SELECT closed FROM archive.orders", "o"),
        ("WITH t AS (SELECT id, name FROM customers) SELECT t.name FROM t ORDER BY t.name", "c"),
        ("SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)", "c"),
        ("SELECT anything FROM bare", "x"),
        ("SELECT country, count(*) AS n FROM customers GROUP BY country HAVING count(*) > 3 ORDER BY n DESC", "c"),
        ("SELECT name, row_number() OVER (PARTITION BY country ORDER BY id) AS r FROM customers", "c"),
        ("SELECT 1", None),
        ("SELECT * FROM customers", "c"),
    ],
)
def test_queries_of_known_names_pass(dialect: str, sql: str, schema_id: str | None) -> None:
    assert check_query(sql, dialect, TABLES) == schema_id


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT nope FROM customers", "(?i)nope.*The columns are Customers: id, name, country"),
        ("SELECT c.nope FROM customers c", "(?i)nope"),
        ("SELECT x.name FROM customers c", "(?i)'x'"),
        ("SELECT id FROM customers JOIN orders ON orders.customer_id = customers.id", "(?i)'id'"),
        ("SELECT name FROM custumers", "there is no table custumers: did you mean Customers"),
        ("SELECT name FROM other.orders", "there is no table other.orders"),
        ("SELECT name FROM customers WHERE id IN (SELECT user_id FROM secrets)", "there is no table secrets"),
        ("SELECT table_name FROM information_schema.tables", "there is no table"),
        ("DELETE FROM customers", "refused"),
        ("INSERT INTO customers VALUES (1)", "refused"),
        ("SELECT 1; SELECT 2", "one"),
        ("SELECT 1; DROP TABLE customers", "one"),
        ("WITH t AS (DELETE FROM customers RETURNING id) SELECT id FROM t", "."),
        ("EXPLAIN SELECT 1", "."),
        ("SELECT", "."),
        ("", "."),
        ("-- nothing", "."),
        ("How many?", "."),
    ],
)
def test_everything_else_is_refused_with_a_reason(dialect: str, sql: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        check_query(sql, dialect, TABLES)


def test_without_tables_only_the_names_are_not_checked() -> None:
    assert check_query("SELECT a FROM b", "sqlite", {}) is None
    with pytest.raises(QueryError):
        check_query("DROP TABLE b", "sqlite", {})


def test_dialects_without_rules_are_refused() -> None:
    assert check_dialect("TSQL") == "sqlserver"
    for dialect in ("", "oracle"):
        with pytest.raises(QueryError, match="cannot be checked"):
            check_dialect(dialect)
