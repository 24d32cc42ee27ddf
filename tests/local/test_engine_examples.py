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


def test_a_like_example_is_better_than_none(shop: World) -> None:
    example = Example("dormant gold clients of the northern region", ACTIVE, "g1")
    question = "dormant gold clients of the northern regions today"
    assert shop.draft(question).sql is None
    assert shop.draft(question, examples=[example]).sql is None
    draft = shop.draft("dormant gold clients of the whole northern region lately", examples=[example])
    assert draft.sql == ACTIVE
    assert "like question" in draft.explanation


def test_cutoffs_are_obeyed(shop: World) -> None:
    example = Example("blue customers of the north", ACTIVE, "g1")
    question = "blue customers of the north lake side"  # two words more, neither of them decisive
    for cutoff, expected in ((None, ACTIVE), (0.0, ACTIVE), (0.1, None), (0.3, ACTIVE)):
        draft = shop.draft("blue customers of north shores", examples=[example], examples_cutoff=cutoff)
        assert draft.sql == expected, cutoff
    assert shop.draft(question, rated=[example], feedback_cutoff=0.05).sql is None
    assert shop.draft(question, rated=[example], feedback_cutoff=0.4).sql == ACTIVE


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


def test_a_bad_rating_of_another_question_does_not_matter(shop: World) -> None:
    sql = "SELECT * FROM customers WHERE status = 'active'"
    assert (
        shop.draft("Show active customers", rated=[Example("Show inactive customers", sql, positive=False)]).sql
        == sql
    )
