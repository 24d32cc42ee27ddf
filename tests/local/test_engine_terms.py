"""Business terms: what metrics and contexts define, and what they cannot smuggle in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local.engine._catalog import build_catalog
from text2everything.local.engine._definitions import read_terms

from .engine_worlds import World, make_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_shop(tmp_path_factory.mktemp("shop"))


@pytest.mark.parametrize(
    ("context", "question", "expected"),
    [
        ("Revenue means sum of orders.total_amount", "revenue", "SELECT SUM(total_amount) FROM orders"),
        ("Turnover is defined as SUM(order_items.amount).", "turnover", "SELECT SUM(amount) FROM order_items"),
        (
            "The basket size is the average quantity in order_items",
            "basket size",
            "SELECT AVG(quantity) FROM order_items",
        ),
        ("Head count means the number of customers", "head count", "SELECT COUNT(*) FROM customers"),
        (
            "Reach means the number of customer_id in orders",
            "what is our reach",
            "SELECT COUNT(DISTINCT customer_id) FROM orders",
        ),
        (
            "Margin: SUM(orders.total_amount) - COUNT(orders.id)",
            "margin",
            "SELECT SUM(total_amount) - COUNT(id) FROM orders",
        ),
        (
            "Active customers are those with status = 'blocked'",
            "show active customers",
            "SELECT * FROM customers WHERE status = 'blocked'",
        ),
        (
            "VIP customers are customers with country = 'Japan' or city = 'Paris'",
            "how many vip customers are blocked",
            "SELECT COUNT(*) FROM customers WHERE status = 'blocked' AND (country = 'Japan' OR city = 'Paris')",
        ),
        (
            "A rush order is one where status is 'pending'.",
            "rush orders",
            "SELECT * FROM orders WHERE status = 'pending'",
        ),
        (
            "Hot products are products with stock < 20 and price > 20",
            "hot products",
            "SELECT * FROM products WHERE stock < 20 AND price > 20",
        ),
        ("Shoppers are customers", "how many shoppers", "SELECT COUNT(*) FROM customers"),
        ("Customers are also called patrons", "patrons in Spain", "SELECT * FROM customers WHERE country = 'Spain'"),
        ("'Goods' is a synonym for products", "list goods", "SELECT * FROM products"),
    ],
)
def test_a_context_defines_a_term(shop: World, context: str, question: str, expected: str) -> None:
    draft = shop.draft(question, contexts=[("c1", f"Some words first.\n{context}\nAnd more after it.")])
    assert draft.sql, draft.explanation
    assert sorted(shop.rows(draft.sql)) == sorted(shop.rows(expected)), draft.sql


@pytest.mark.parametrize(
    "context",
    [
        "Trick means (SELECT password FROM secrets)",
        "Trick means SUM(secrets.password)",
        "Trick means load_extension('x')",
        "Trick means SUM(orders.nothing)",
        "Trick means SUM(orders.total_amount + order_items.amount)",
        "Trick means *",
        "Trick means it",
        "Trick",
        "Trick means " + "a" * 1000,
        "Trick means ((((((",
        "Trick means 1",
    ],
)
def test_what_is_no_expression_over_known_columns_is_no_definition(shop: World, context: str) -> None:
    draft = shop.draft("what is the trick", contexts=[("c1", context)])
    assert draft.sql is None
    assert "password" not in draft.explanation


@given(st.text(max_size=200))
def test_any_context_is_read_or_skipped(text: str) -> None:
    catalog = build_catalog([("s", {"table": {"name": "t", "columns": [{"name": "a", "type": "int"}]}})])
    for term in read_terms(catalog, [("c", text), ("d", f"x means {text}")]):
        assert term.table == "t"


_ORDERS = ("o", {"table": {"name": "orders", "columns": [{"name": "id"}, {"name": "amount", "type": "int"}]}})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"aggregation": "sum", "column": "amount"}, "SELECT SUM(amount) AS order_weight FROM orders"),
        ({"aggregation": "average", "column": "amount"}, "SELECT AVG(amount) AS order_weight FROM orders"),
        (
            {"aggregation": "count_distinct", "column": "amount"},
            "SELECT COUNT(DISTINCT amount) AS order_weight FROM orders",
        ),
        ({"aggregation": "count"}, "SELECT COUNT(*) AS order_weight FROM orders"),
        ({"formula": "SUM(amount) / COUNT(id)"}, "SELECT SUM(amount) / COUNT(id) AS order_weight FROM orders"),
        ({"sql": "amount", "column": "amount", "function": "max"}, "SELECT MAX(amount) AS order_weight FROM orders"),
        ("SUM(orders.amount)", "SELECT SUM(amount) AS order_weight FROM orders"),
        (
            {"aggregation": "sum", "column": "amount", "filter": "amount > 5"},
            "SELECT SUM(CASE WHEN amount > 5 THEN amount END) AS order_weight FROM orders",
        ),
        (
            {"aggregation": "count", "where": "amount > 5"},
            "SELECT COUNT(CASE WHEN amount > 5 THEN 1 END) AS order_weight FROM orders",
        ),
    ],
)
@pytest.mark.parametrize("table", ["orders", None])
def test_a_metric_is_a_term(content: object, expected: str, table: str | None) -> None:
    named = {"name": table} if table else {}
    metric = ("m", {"table": {**named, "metric": {"name": "order_weight", "content": content}}})
    if table is None and content == {"aggregation": "count"}:
        expected = ""  # there is no telling of what
    draft = World(None, [_ORDERS, metric]).draft("what is the order weight?", dialect="mysql")  # type: ignore[arg-type]
    assert (draft.sql or "").replace("NULLIF(COUNT(id), 0)", "COUNT(id)") == expected


@pytest.mark.parametrize(
    "content",
    [{}, 5, None, {"sql": "DROP TABLE orders"}, {"sql": "amount"}, {"aggregation": "sum", "column": "gone"}, "SUM(",
     {"aggregation": "sum", "column": "amount", "filter": "gone = 1"}],
)  # fmt: skip
def test_a_metric_that_cannot_be_read_is_skipped(content: object) -> None:
    metric = ("m", {"table": {"name": "orders", "metric": {"name": "weight", "content": content}}})
    assert World(None, [_ORDERS, metric]).draft("what is the weight?").sql is None  # type: ignore[arg-type]
