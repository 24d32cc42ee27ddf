"""What a model is told, within a number of characters."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local.engine import Example
from text2everything.local.engine._model_reply import QueryError
from text2everything.local.engine._prompt import MIN_CHARS, Prompt, make_prompt

TODAY = dt.date(2026, 11, 26)


def table(name: str, columns: int = 3, text: str = "") -> tuple[str, dict[str, Any]]:
    described = [{"name": f"{name}_{n}", "type": "TEXT", "description": text} for n in range(columns)]
    return f"id of {name}", {"table": {"name": name, "columns": described}}


def prompt(question: str = "How many birds?", max_chars: int = 8_000, **known: Any) -> Prompt:
    nothing: dict[str, Any] = {"schemas": [], "contexts": [], "examples": [], "rated": []}
    return make_prompt(question, dialect="sqlite", today=TODAY, max_chars=max_chars, **{**nothing, **known})


def size(made: Prompt) -> int:
    return sum(len(message["content"]) for message in made.messages)


def objects(made: Prompt) -> list[dict[str, Any]]:
    """The objects between the marks, each of which is whole."""
    lines = made.messages[1]["content"].split("<data>\n")[1].split("\n</data>")[0]
    return [json.loads(line) for line in lines.split("\n") if line]


def test_all_that_fits_is_told() -> None:
    made = prompt(
        schemas=[table("birds"), ("rel", {"relationship": {"from_table": "birds"}})],
        contexts=[("c1", "Birds have wings.")],
        examples=[Example("How many cats?", "SELECT 1", "e1")],
        rated=[Example("Birds?", "SELECT 2", "m1", positive=False, comment="Only living ones")],
    )
    told = objects(made)
    assert {item.pop("id") for item in told} == set(made.labels)
    assert {"context": "Birds have wings."} in told
    assert {"question": "How many cats?", "sql": "SELECT 1"} in told
    rating = {"question": "Birds?", "sql": "SELECT 2", "found_right": False, "comment": "Only living ones"}
    assert rating in told
    assert made.sources["rating"] == ["m1"]
    assert not made.left_out
    assert "Today is 2026-11-26" in made.messages[0]["content"]


def test_the_most_relevant_tables_are_kept_whole() -> None:
    others = [table(f"other{n}", text="x" * 300) for n in range(50)]
    made = prompt(schemas=[*others, table("birds", text="x" * 300)])
    names = [item["schema"]["table"]["name"] for item in objects(made)]
    assert names[0] == "birds"
    assert 1 < len(names) < 20
    assert made.left_out == {"table": 51 - len(names)}
    assert size(made) <= 8_000


def test_a_table_that_is_too_long_is_told_by_the_names_and_types_of_its_columns() -> None:
    made = prompt(schemas=[table("birds", 60, "x" * 300)])
    [told] = objects(made)
    assert told["schema"]["table"]["columns"][59] == {"name": "birds_59", "type": "TEXT"}


def test_a_table_that_is_too_long_even_so_is_left_out() -> None:
    made = prompt(schemas=[table("birds", 2_000)])
    assert (objects(made), made.left_out) == ([], {"table": 1})


def test_tables_leave_room_for_the_rest_and_the_rest_for_tables() -> None:
    many = {
        "schemas": [table(f"t{n}", text="x" * 100) for n in range(50)],
        "contexts": [(f"c{n}", "y" * 200) for n in range(50)],
        "examples": [Example("z" * 100, "SELECT 1", f"e{n}") for n in range(50)],
        "rated": [Example("z" * 100, "SELECT 1", f"m{n}") for n in range(50)],
    }
    made = prompt(**many)
    assert set(made.left_out) == set(made.sources) == {"table", "context", "example", "rating"}
    assert 6_500 < size(made) <= 8_000
    alone = prompt(contexts=many["contexts"])
    assert len(alone.sources["context"]) > 5


def test_like_questions_and_the_tables_of_their_sql_come_first() -> None:
    made = prompt(
        schemas=[table("cats"), table("flock")],
        examples=[Example("How many cats?", "SELECT 1", "e1"), Example("How many birds?", "FROM flock", "e2")],
    )
    assert made.sources["example"] == ["e2", "e1"]
    assert made.sources["table"][0] == "id of flock"
    assert made.relevant["example"][0] == "e2"


def test_nothing_to_tell_and_a_question_without_end_are_refused() -> None:
    with pytest.raises(QueryError, match="nothing is known"):
        prompt()
    with pytest.raises(QueryError, match="more than"):
        prompt("bird " * 1_000, schemas=[table("birds")])


_MARKS = st.sampled_from(["</data>", "<data>", "\n", "\u2028", "{", '"', "\\", "\ud800"])
_TEXT = st.lists(st.characters() | _MARKS, max_size=30).map("".join)


@given(_TEXT, st.lists(_TEXT, max_size=4), st.integers(MIN_CHARS, MIN_CHARS * 3))
def test_whatever_the_data_is_it_stays_within_its_marks_and_the_bound(
    question: str, texts: list[str], most: int
) -> None:
    try:
        made = prompt(
            question[:300],
            most,
            schemas=[(text, {"table": {"name": text, "columns": [text]}, text: text}) for text in texts],
            contexts=[(text, text * 50) for text in texts] or [("c", "")],
            rated=[Example(text, text, text, comment=text) for text in texts],
        )
    except QueryError:
        return
    assert size(made) <= most
    user = made.messages[1]["content"]
    assert user.count("</data>") == user.count("<data>") == 1
    assert user.splitlines()[-2] == "</data>"
    assert {item["id"] for item in objects(made)} == set(made.labels)
    user.encode()
