"""Whatever is asked, out comes one SELECT over known tables and columns, or nothing; in every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from text2everything.local import _demo_project as demo
from text2everything.local.engine import Example
from text2everything.local.engine._sql import NoSqlError, check, sql_dialect

from .engine_worlds import OFFICE_SCHEMAS, World, make_office

SHOP = World(None, [(name, data) for name, data, _ in demo.schemas()], list(demo.CONTEXTS))  # type: ignore[arg-type]
OFFICE = make_office()
DIALECTS = ("sqlite", "postgres", "mysql", "sqlserver", "snowflake")
COLUMNS = {
    data["table"]["name"]: {c["name"] for c in data["table"]["columns"]}
    for _, data in SHOP.schemas
    if "columns" in data.get("table", {})
}

_ALL_WORDS = """
    show list how many count number of total average sum highest lowest top bottom 5 10 100 -1 0 1e9 per
    by for each customers customer users orders order items order_items products product active inactive
    status country city name email price amount quantity revenue sales sold spent newest latest oldest
    first last not without with never no between and or over under more than at least in from since
    before March 2024 2024-05-01 this year last month 30 days Germany Berlin 'O''Brien' "x" 'a''; DROP
    TABLE customers; --' Robert'); -- /* */ % _ most expensive cheapest best selling percentage share
    distinct different when who which metrics summary data sorted ordered by descending category Books
    average_order_value big id # = < >= != ( ) ; , ? ! \\ \u0000 \U0001f600 ü 日本 containing named
    starting monthly weekly quarter out stock
"""
_WORDS = st.sampled_from(_ALL_WORDS.split())
_QUESTIONS = st.one_of(st.text(max_size=80), st.lists(_WORDS, max_size=14).map(" ".join))


def assert_safe(sql: str, dialect: str) -> None:
    (tree,) = sqlglot.parse(sql, dialect=sql_dialect(dialect))
    assert isinstance(tree, exp.Select)
    aliases = {alias.alias for alias in tree.find_all(exp.Alias)}
    for table in tree.find_all(exp.Table):
        assert table.name in COLUMNS
    for column in tree.find_all(exp.Column):
        tables = [column.table] if column.table else list(COLUMNS)
        known = any(column.name in COLUMNS[table] for table in tables)
        assert known or column.name in aliases or isinstance(column.this, exp.Star), column.sql()


@settings(max_examples=4 * settings().max_examples)
@given(_QUESTIONS, st.sampled_from(DIALECTS))
@example("PER:COUNT:MAR:GERMAN", "sqlite")
def test_any_question_gives_one_select_or_nothing(question: str, dialect: str) -> None:
    draft = SHOP.draft(question, dialect=dialect)
    assert draft.explanation
    if draft.sql is not None:
        assert_safe(draft.sql, dialect)


@settings(max_examples=2 * settings().max_examples)
@given(st.lists(_WORDS, max_size=12).map(" ".join))
def test_any_sql_for_the_office_runs(question: str) -> None:
    """A database with other names than the words in the question: what comes out must run on it."""
    draft = OFFICE.draft(question.replace("customers", "staff").replace("orders", "timesheets"))
    if draft.sql is not None:
        OFFICE.rows(draft.sql)


_KEYS = st.sampled_from(
    [
        "table",
        "name",
        "columns",
        "dimension",
        "metric",
        "content",
        "relationship",
        "values",
        "type",
        "from_table",
        "to_table",
        "from_column",
        "references",
        "tables",
        "sql",
        "description",
        "synonyms",
        "primary_key",
        "x",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(_KEYS, _JSON, max_size=4), max_size=3), st.text(max_size=20))
def test_any_metadata_is_read_or_skipped(schemas: list[dict[str, Any]], question: str) -> None:
    world = World(None, [(str(i), data) for i, data in enumerate(schemas)])  # type: ignore[arg-type]
    assert world.draft(f"how many x {question}").explanation
    assert world.draft("list table name per type").explanation


def test_metadata_that_is_no_json_is_read_all_the_same() -> None:
    table = {"name": "things", "columns": ({"name": "id", "tags": {1, 2}}, "title")}
    world = World(None, [("s", {"table": {**table, "columns": list(table["columns"])}})])  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        json.dumps(list(world.schemas))
    assert world.draft("how many things").sql == "SELECT COUNT(*) AS thing_count FROM things"


@pytest.mark.parametrize(
    "value",
    ["x'; DROP TABLE customers; --", 'a" OR 1=1', "\\'; SELECT 1; --", "%", "O'Brien", "\u0000", "/* x */ --"],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_literal_stays_a_literal(value: str, dialect: str) -> None:
    quote = '"' if '"' not in value else "'"
    draft = SHOP.draft(f"customers named {quote}{value}{quote}", dialect=dialect)
    if draft.sql is not None:
        assert_safe(draft.sql, dialect)
        (tree,) = sqlglot.parse(draft.sql, dialect=sql_dialect(dialect))
        assert [literal.this for literal in tree.find_all(exp.Literal)] == [value]


@pytest.mark.parametrize("question", ["AVERAGE:MONTHLY:COUNT", "count monthly most", "average count per day"])
def test_figures_of_nothing_are_refused(question: str) -> None:
    assert SHOP.draft(question).sql is None


def test_a_very_long_question_is_refused() -> None:
    draft = SHOP.draft("how many orders " + "please " * 20_000)
    assert draft.sql is None
    assert "longer than" in draft.explanation
    assert SHOP.draft("how many orders " + "please " * 200).sql == "SELECT COUNT(*) AS order_count FROM orders"


@pytest.mark.parametrize(
    ("question", "dialect", "expected"),
    [
        ("active users", "sqlite", "SELECT * FROM users WHERE active = TRUE"),
        ("active users", "postgres", "SELECT * FROM users WHERE active = TRUE"),
        ("active users", "sqlserver", "SELECT * FROM users WHERE active = 1"),
        ("list 3 products", "mysql", "SELECT * FROM products LIMIT 3"),
        ("list 3 products", "sqlserver", "SELECT TOP 3 * FROM products"),
        (
            "orders per month",
            "postgres",
            (
                "SELECT TO_CHAR(order_date, 'YYYY-MM') AS month, COUNT(*) AS order_count FROM orders"
                " GROUP BY TO_CHAR(order_date, 'YYYY-MM') ORDER BY month NULLS FIRST"
            ),
        ),
        (
            "orders per month",
            "mysql",
            (
                "SELECT DATE_FORMAT(order_date, '%Y-%m') AS month, COUNT(*) AS order_count FROM orders"
                " GROUP BY DATE_FORMAT(order_date, '%Y-%m') ORDER BY month"
            ),
        ),
        (
            "orders per month",
            "sqlserver",
            (
                "SELECT FORMAT(order_date, 'yyyy-MM') AS month, COUNT(*) AS order_count FROM orders"
                " GROUP BY FORMAT(order_date, 'yyyy-MM') ORDER BY month"
            ),
        ),
        (
            "orders per month",
            "snowflake",
            (
                "SELECT TO_CHAR(order_date, 'yyyy-mm') AS month, COUNT(*) AS order_count FROM orders"
                " GROUP BY TO_CHAR(order_date, 'yyyy-mm') ORDER BY month NULLS FIRST"
            ),
        ),
        (
            "most expensive product",
            "postgres",
            "SELECT * FROM products ORDER BY price DESC NULLS LAST LIMIT 1",
        ),
        ("most expensive product", "nonsense", "SELECT * FROM products ORDER BY price DESC LIMIT 1"),
    ],
)
def test_dialects(question: str, dialect: str, expected: str) -> None:
    assert SHOP.draft(question, dialect=dialect).sql == expected


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "question",
    [
        "sales per quarter in 2024",
        "weekly orders",
        "customers without orders",
        "average sales per month",
        "percentage of active customers",
        "customers with more than 5 orders",
        "orders on 2024-05-01",
    ],
)
def test_every_dialect_reads_its_own_sql(question: str, dialect: str) -> None:
    draft = SHOP.draft(question, dialect=dialect)
    assert draft.sql, draft.explanation
    assert_safe(draft.sql, dialect)


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("postgres", 'SELECT "group", "User Name", "CamelCase" FROM "order"'),
        ("sqlite", 'SELECT "group", "User Name", CamelCase FROM "order"'),
        ("mysql", "SELECT `group`, `User Name`, CamelCase FROM `order`"),
        ("sqlserver", "SELECT [group], [User Name], CamelCase FROM [order]"),
        ("snowflake", 'SELECT "group", "User Name", CamelCase FROM "order"'),
    ],
)
def test_names_are_quoted_where_they_must_be(dialect: str, expected: str) -> None:
    columns = [{"name": n, "type": "text"} for n in ("group", "User Name", "CamelCase")]
    world = World(None, [("s", {"table": {"name": "order", "columns": columns}})])  # type: ignore[arg-type]
    assert world.draft("show group, user name and camel case of orders", dialect=dialect).sql == expected


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """sqlglot warns of what a dialect cannot say; whoever reads the service's log could do nothing about it."""
    example = Example("orders per month", "PRAGMA nothing", "g")
    for dialect in ("nonsense", *DIALECTS):
        rated = [
            Example("orders per month", SHOP.draft("orders per month", dialect=dialect).sql or "", positive=False)
        ]
        SHOP.draft("orders per month", examples=[example], rated=rated, dialect=dialect)
    assert caplog.records == []


def test_an_example_is_checked_in_the_dialect_of_the_connector() -> None:
    example = Example("three products", "SELECT TOP 3 * FROM [products]", "g")
    assert SHOP.draft("three products", examples=[example], dialect="sqlserver").sql == example.sql


def test_the_last_check_knows_every_table_and_column() -> None:
    from text2everything.local.engine._catalog import build_catalog

    catalog = build_catalog(OFFICE_SCHEMAS)
    check(exp.select("salary").from_("staff"), catalog)
    with pytest.raises(NoSqlError, match="no table secrets"):
        check(exp.select("salary").from_("secrets"), catalog)
    with pytest.raises(NoSqlError, match="does not fit the schema"):
        check(exp.select("password").from_("staff"), catalog)
