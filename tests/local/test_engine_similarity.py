"""How alike questions are, and what words, numbers and names are brought to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local.engine import similarity
from text2everything.local.engine._similarity import same_question
from text2everything.local.engine._words import identifier_words, stem, tokenize


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Show active customers", "List the active customers!"),
        ("Show active customers", "show ACTIVE customer, please"),
        ("How many orders are there?", "Count the orders"),
        ("How many orders are there?", "number of orders"),
        ("total revenue per month", "total sales by month"),
        ("top five customers", "Top 5 customers"),
        ("orders in Sept 2024", "orders in September 2024"),
        ("Show active customers", "Ｓhow active customers"),  # noqa: RUF001 - a full-width letter
    ],
)
def test_the_same_question_in_other_words(a: str, b: str) -> None:
    assert similarity(a, b) == 1
    assert same_question(a, b)


def test_the_order_of_words_counts_for_little() -> None:
    assert 0.9 < similarity("customers that are active", "active customers") < 1
    assert same_question("customers that are active", "active customers")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Which films were directed by Lee?", "films by Lee"),
        ("orders in Leeds or York", "orders from York and Leeds"),
        ("tracks longer than five minutes", "tracks of more than 5 minutes"),
        ("unpaid bills", "Which bills have not been paid?"),
        ("top 5 bikes by price", "What are the five most expensive bikes?"),
        ("How many loans are there of each kind?", "loan count per kind"),
        ("bills of at least 40", "bills of 40 or more"),
        ("readings between 10 and 20", "readings from 10 to 20"),
        ("Ann Lee's orders", "orders placed by Ann Lee"),
        ("German customers", "customers in Germany"),
        ("Who borrowed Dracula?", "Which members have borrowed Dracula?"),
        ("Which recipes use garlic?", "recipes with garlic"),
        ("Which clerks work in Rome?", "clerks in Rome"),
        ("What is the average fine?", "How much is a fine on average?"),
        ("loans per month", "How many loans are there each month?"),
        ("How old are members on average?", "average age of members"),
        ("rooms that cost no more than 90", "Which rooms cost at most 90?"),
        ("the most borrowed book", "Which book has been borrowed most often?"),
        ("the best rated hotel", "hotel with the highest rating"),
        ("Ann Lee's bikes", "bikes belonging to Ann Lee"),
        ("parts supplied by Acme", "Which parts does Acme supply?"),
        ("books that nobody has borrowed", "books that were never borrowed"),
        ("late returned loans", "loans that were returned late"),
        ("repairs that took less than 2 days", "Which repairs took under two days?"),
        ("members in the city of Rome", "members whose city is Rome"),
        ("Which repairs have the status waiting?", "waiting repairs"),
        ("unfinished repairs", "repairs that are not complete"),
        ("patients over 60 in ward 3", "patients in ward 3 who are older than 60"),
        ("bikes by price, highest first", "bikes sorted by price in descending order"),
    ],
)
def test_paraphrases(a: str, b: str) -> None:
    assert similarity(a, b) > 0.9
    assert same_question(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Show active customers", "Show inactive customers"),
        ("Show active customers", "Show customers that are not active"),
        ("top 5 customers by revenue", "top 10 customers by revenue"),
        ("orders in March 2024", "orders in April 2024"),
        ("orders in March 2024", "orders in March 2023"),
        ("orders over 100", "orders under 100"),
        ("highest order amount", "lowest order amount"),
        ("orders per customer", "customers per order"),
        ("average amount of orders", "total amount of orders"),
        ("paid invoices of this customer", "unpaid invoices of this customer"),
        ("customers in Germany", "custmers in Germany"),
        ("orders of Ann Lee", "orders of Ann Lea"),
        ("orders by Adams", "orders by Adam"),
        ("Show active customers", "Show active customers in Germany"),
        ("parcels from Lyon to Rome", "parcels from Rome to Lyon"),
        ("Who supervises Ann Lee?", "Who does Ann Lee supervise?"),
        ("Who was referred by Ann Lee?", "Who referred Ann Lee?"),
        ("bills of at least 40", "bills of more than 40"),
        ("orders since March", "orders in March"),
        ("bikes by price ascending", "bikes by price descending"),
        ("customers with orders", "orders with customers"),
        ("customers with 3 orders and 5 bills", "customers with 5 orders and 3 bills"),
        ("clerks who earn more than their managers", "managers who earn more than their clerks"),
        ("number of orders by customer", "number of orders of customers"),
        ("customers who live in Rome", "customers who work in Rome"),
        ("bills in tea or coffee", "bills in tea and coffee"),
        ("customers who bought only tea", "customers who bought tea"),
        ("distinct cities of orders", "cities of orders"),
        ("Which repairs need parts?", "Which parts need repairs?"),
        ("Which books did most members borrow?", "Which members borrowed most books?"),
        ("the most borrowed book", "Who borrowed the most books?"),
        ("customers who do not live in Rome", "customers in Rome"),
        ("Who is the manager of Ann Lee?", "Whose manager is Ann Lee?"),
        ("bikes of the brand Trek", "brands of Trek bikes"),
        ("rooms with a city view", "rooms with a view"),
        ("repairs with a status", "repairs"),
        ("Name the loans by branch", "Number of loans by branch"),
        ("members with over 3 loans and under 5 fines", "members with under 3 loans and over 5 fines"),
        ("List the open issues", "List the open places"),
        ("List the orders by customer", "Number of orders by customer"),
    ],
)
def test_what_changes_the_answer_counts_for_much(a: str, b: str) -> None:
    assert similarity(a, b) < 0.65
    assert not same_question(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Show active customers", "What is the average order value?"),
        ("How many orders are there?", "list the cheapest products"),
        ("Show active customers", ""),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_nothing_in_common(a: str, b: str) -> None:
    assert similarity(a, b) < 0.35
    assert not same_question(a, b)


_WORDS = "show how many active inactive customers orders not per by top 5 10 in March 2024 ?"
_QUESTIONS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_WORDS.split()), max_size=8).map(" ".join))


@given(_QUESTIONS, _QUESTIONS)
def test_a_measure_between_zero_and_one_whichever_way_round(a: str, b: str) -> None:
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    if a.strip():
        assert similarity(a, a) == 1
        assert similarity(a, a.upper().lower()) >= 0


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("categories", "category"),
        ("movies", "movy"),
        ("movie", "movy"),
        ("addresses", "address"),
        ("statuses", "status"),
        ("status", "status"),
        ("houses", "house"),
        ("boxes", "box"),
        ("prices", "price"),
        ("ids", "id"),
        ("people", "person"),
        ("cancelled", "canceled"),
        ("customer's", "customer"),
    ],
)
def test_stems(word: str, expected: str) -> None:
    assert stem(word) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("order_items", ("order", "item")),
        ("OrderItems", ("order", "item")),
        ("custOrderID", ("customer", "order", "id")),
        ("TOTAL_AMT", ("total", "amount")),
        ("signup date", ("signup", "date")),
        ("Überstunden", ("überstunden",)),
        ("ÜberGröße", ("über", "grösse")),
        ("КодТовара", ("код", "товара")),
        ("订单Name", ("订单", "name")),
    ],
)
def test_words_of_identifiers(name: str, expected: tuple[str, ...]) -> None:
    assert identifier_words(name) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,000 and 2.5", [1000, 2.5]),
        ("10k or 1.5 million", [10_000, 1_500_000]),
        ("five", [5]),
        ("123456789012345678901", []),
    ],
)
def test_numbers(text: str, values: list[float]) -> None:
    assert [t.value for t in tokenize(text) if t.value is not None] == values


def test_quoted_text_is_one_token() -> None:
    tokens = tokenize("""customer "Ann Lee" isn't 'Bob Ray' `x y`""")
    assert [t.text for t in tokens if t.kind == "quoted"] == ["Ann Lee", "Bob Ray", "x y"]
    assert "isn't" in [t.text for t in tokens]
