"""Golden examples and rated answers: reused, passed over, and never given again once rated bad."""

from __future__ import annotations

import pytest

from text2everything.local.engine import Example

from .engine_worlds import World, make_shop

ACTIVE = "SELECT id FROM customers WHERE status = 'active'"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_shop(tmp_path_factory.mktemp("shop"))


def test_a_golden_example_comes_before_anything_generated(shop: World) -> None:
    draft = shop.draft("List the active customers", examples=[Example("Show active customers", f"{ACTIVE};", "g1")])
    assert draft.sql == ACTIVE
    assert draft.example_id == "g1"
    assert "Show active customers" in draft.explanation


def test_an_answer_rated_good_is_reused_but_is_no_golden_example(shop: World) -> None:
    draft = shop.draft("active customers", rated=[Example("Show active customers", ACTIVE, "f1")])
    assert draft.sql == ACTIVE
    assert draft.example_id is None
    assert "rated good" in draft.explanation


def test_golden_before_rated(shop: World) -> None:
    draft = shop.draft(
        "active customers",
        rated=[Example("Show active customers", "SELECT 1")],
        examples=[Example("Show active customers", ACTIVE, "g1")],
    )
    assert draft.sql == ACTIVE


def test_an_example_for_another_question_is_not_used(shop: World) -> None:
    example = Example("Show active customers", ACTIVE, "g1")
    for question in ("Show inactive customers", "Show active customers in Germany", "How many orders are there?"):
        draft = shop.draft(question, examples=[example], examples_cutoff=0.9)
        assert draft.sql
        assert draft.sql != ACTIVE
        assert draft.example_id is None


def test_a_like_example_is_no_answer(shop: World) -> None:
    example = Example("dormant gold clients of the northern region", ACTIVE, "g1")
    for more in ("lately", "today", "and regions", "of Rome"):
        question = f"dormant gold clients of the northern region {more}"
        assert shop.draft(question, examples=[example], examples_cutoff=2).sql is None
    draft = shop.draft("northern region: all of its dormant gold clients", examples=[example])
    assert draft.sql == ACTIVE


def test_cutoffs_are_obeyed(shop: World) -> None:
    example = Example("blue customers of the north", ACTIVE, "g1")
    question = "customers of the north that are blue"
    for cutoff, expected in ((None, ACTIVE), (0.0, ACTIVE), (0.01, None), (0.3, ACTIVE)):
        assert shop.draft(question, examples=[example], examples_cutoff=cutoff).sql == expected, cutoff
        assert shop.draft(question, rated=[example], feedback_cutoff=cutoff).sql == expected, cutoff


@pytest.mark.parametrize(
    ("known", "sql", "question", "expected"),
    [
        ("blue Germany", "SELECT 1 WHERE a = 'Germany'", "blue Japan", "SELECT 1 WHERE a = 'Japan'"),
        ("blue Germany", "SELECT 1 WHERE country = 'Germany'", "blue france", "SELECT 1 WHERE country = 'France'"),
        ("German blues", "SELECT 1 WHERE a = 'Germany'", "French blues", "SELECT 1 WHERE a = 'France'"),
        ("blue Ann Lee", "SELECT 1 WHERE a LIKE '%Ann Lee%'", "blue Bo Ray", "SELECT 1 WHERE a LIKE '%Bo Ray%'"),
        ("blue of 5", "SELECT 1 WHERE a > 5", "blue of 7.5", "SELECT 1 WHERE a > 7.5"),
        ("top 10 blues", "SELECT 1 ORDER BY a LIMIT 10", "top five blues", "SELECT 1 ORDER BY a LIMIT 5"),
        (
            "blues of the last 30 days",
            "SELECT 1 WHERE a > DATE('now', '-30 days')",
            "blues of the last 60 days",
            "SELECT 1 WHERE a > DATE('now', '-60 days')",
        ),
        (
            "blues in March 2024",
            "SELECT 1 WHERE a BETWEEN '2024-03-01' AND '2024-03-31'",
            "blues in April 2024",
            "SELECT 1 WHERE a BETWEEN '2024-04-01' AND '2024-04-30'",
        ),
        (
            "blues in 2024",
            "SELECT 1 WHERE a >= '2024-01-01' AND a < '2025-01-01'",
            "blues in 2022",
            "SELECT 1 WHERE a >= '2022-01-01' AND a < '2023-01-01'",
        ),
        (
            "blues in March",
            "SELECT 1 WHERE STRFTIME('%m', a) = '03'",
            "blues in May",
            "SELECT 1 WHERE STRFTIME('%m', a) = '05'",
        ),
        # not certain
        ("blue Germany", "SELECT 1 WHERE a = 'Germany' OR b = 'Germany'", "blue Japan", None),
        ("blue Germany", "SELECT 1 WHERE country = 'Germany'", "blue Berlin", None),
        ("blue Ann", "SELECT 1 WHERE a = 'Ann'", "blue bo", None),
        ("blue Germany", "SELECT 1 WHERE a = 'Germany'", "not blue Japan", None),
        ("blue of 5", "SELECT ROUND(a, 5)", "blue of 7", None),
        ("blue of 5", "SELECT 1 WHERE a > 5 LIMIT 5", "blue of 7", None),
        ("2 blues of 2 towns", "SELECT 1 WHERE a > 2 LIMIT 20", "3 blues of 2 towns", None),
        ("blues in March", "SELECT 1 WHERE a = 3", "blues in May", None),
        ("blues in March", "SELECT 1 WHERE a > '2024-03-17'", "blues in May", None),
        ("paid blues", "SELECT 1 WHERE a = 'paid'", "Unpaid blues", None),
        ("blue from Rome to Oslo", "SELECT 1 WHERE a = 'Rome' AND b = 'Oslo'", "blue from Oslo to Rome", None),
    ],
)
def test_another_literal(shop: World, known: str, sql: str, question: str, expected: str | None) -> None:
    draft = shop.draft(question, examples=[Example(known, sql, "g1")])
    assert draft.sql == expected
    assert (draft.example_id == "g1") is (expected is not None)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM customers",
        "SELECT 1; DROP TABLE customers",
        "WITH gone AS (DELETE FROM customers RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copy FROM customers",
        "PRAGMA writable_schema = 1",
        "not sql at all (",
        "",
        "-- nothing",
    ],
)
def test_an_example_that_is_no_single_query_is_never_given(shop: World, sql: str) -> None:
    draft = shop.draft(
        "Show active customers", examples=[Example("Show active customers", sql, "g1")], dialect="postgres"
    )
    assert draft.sql == "SELECT * FROM customers WHERE status = 'active'"


def test_other_single_queries_are(shop: World) -> None:
    for sql in ("SELECT 1 UNION SELECT 2", "WITH a AS (SELECT 1 AS x) SELECT x FROM a"):
        assert shop.draft("one two", examples=[Example("one two", sql)]).sql == sql


def test_sql_rated_bad_is_not_given_again(shop: World) -> None:
    rated: list[Example] = []
    given: list[str] = []
    while True:
        draft = shop.draft("Show active customers", rated=rated)
        if draft.sql is None:
            break
        assert draft.sql not in given
        assert sorted({row[0] for row in shop.rows(draft.sql)})  # each of them is an answer
        given.append(draft.sql)
        rated.append(
            Example("List active customers", draft.sql.lower().replace("'active'", "'active'"), positive=False)
        )
    assert len(given) > 1
    assert "rated bad" in draft.explanation


def test_another_reading_says_that_it_is_one(shop: World) -> None:
    question = "blocked customers"
    first = shop.draft(question)
    assert first.sql
    again = shop.draft(question, rated=[Example(question, first.sql, positive=False)])
    assert again.sql == "SELECT name, status, country, city FROM customers WHERE status = 'blocked'"
    assert "another one" in again.explanation


@pytest.mark.parametrize(
    "question", ["How many orders are there?", "customers who signed up this year", "orders per month"]
)
def test_there_is_another_reading_or_a_word_about_it(shop: World, question: str) -> None:
    first = shop.draft(question)
    assert first.sql
    again = shop.draft(question, rated=[Example(question, first.sql, positive=False)])
    assert again.sql != first.sql
    assert "rated bad" in again.explanation


def test_a_bad_golden_example_is_passed_over(shop: World) -> None:
    draft = shop.draft(
        "active customers",
        examples=[Example("active customers", ACTIVE, "g1")],
        rated=[Example("active customers", ACTIVE, positive=False)],
    )
    assert draft.sql == "SELECT * FROM customers WHERE status = 'active'"


def test_the_majority_of_ratings_decides(shop: World) -> None:
    good, bad = Example("active customers", ACTIVE), Example("active customers", ACTIVE, positive=False)
    assert shop.draft("active customers", rated=[good, bad, good]).sql == ACTIVE
    assert shop.draft("active customers", rated=[good, bad]).sql != ACTIVE
    assert shop.draft("active customers", rated=[good, bad, bad]).sql != ACTIVE


def test_a_bad_rating_of_another_literal_rules_out_reuse_only(shop: World) -> None:
    question, sql = "customers in Germany", "SELECT id FROM customers WHERE country = 'Germany'"
    good, bad = Example(question, sql, "g1"), Example(question, sql, "f1", positive=False)
    assert shop.draft("customers in France", examples=[good]).example_id == "g1"
    draft = shop.draft("customers in France", examples=[good], rated=[bad])
    assert (draft.sql, draft.example_id) == ("SELECT * FROM customers WHERE country = 'France'", None)
    generated = Example(question, "SELECT * FROM customers WHERE country = 'Germany'", "f2", positive=False)
    assert shop.draft("customers in France", rated=[generated]).sql == draft.sql


def test_a_bad_rating_of_another_question_does_not_matter(shop: World) -> None:
    sql = "SELECT * FROM customers WHERE status = 'active'"
    assert (
        shop.draft("Show active customers", rated=[Example("Show inactive customers", sql, positive=False)]).sql
        == sql
    )
