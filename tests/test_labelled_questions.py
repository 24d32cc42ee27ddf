"""The labelled questions of the benchmarks: their SQL runs and finds something, and results are compared fairly."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from benchmarks.cases import answers
from benchmarks.labelled import labels, schema
from benchmarks.labelled.results import same_result, same_rows

FILES = [(database, half) for database in labels.DATABASES for half in labels.HALVES]


@pytest.fixture(params=labels.DATABASES)
def database(request, tmp_path):
    return make(request.param, tmp_path)


def make(name, directory):
    path = directory / f"{name}.sqlite3"
    labels.DATABASES[name](path)
    return path


def dump(path):
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize(("name", "half"), FILES)
def test_the_labelled_sql_finds_something_whatever_the_order_of_rows(tmp_path, name, half):
    with closing(sqlite3.connect(make(name, tmp_path))) as connection:
        for question in labels.read(name, half).questions:
            for sql in (question.sql, *question.also) if question.sql else ():
                rows = connection.execute(sql).fetchall()
                assert rows, question
                assert any(value not in {None, 0} for row in rows for value in row), question
                connection.execute("PRAGMA reverse_unordered_selects = ON")
                again = connection.execute(sql).fetchall()
                connection.execute("PRAGMA reverse_unordered_selects = OFF")
                # Where rows tie, a top N would depend on the order in which they are read.
                assert same_rows(rows, again, ordered="LIMIT" in sql), question


def test_the_halves_have_as_much_of_everything():
    kinds, pairs = Counter(), Counter()
    for name, half in FILES:
        found = labels.read(name, half)
        assert (len(found.questions), len(found.pairs)) == (15, 15)
        kinds.update((half, question.sql is not None) for question in found.questions)
        pairs.update((half, pair.same) for pair in found.pairs)
        assert all(pair.first.sql for pair in found.pairs)
        assert all((question.sql is None) == (question.why is not None) for question in found.questions)
    assert kinds == {
        ("tuning", True): 23,
        ("tuning", False): 7,
        ("reserved", True): 22,
        ("reserved", False): 8,
    }
    assert set(pairs.values()) == {15}
    assert len(pairs) == 4


def test_no_question_is_asked_twice():
    asked = [
        text
        for name, half in FILES
        for found in [labels.read(name, half)]
        for text in [*(q.text for q in found.questions), *((name, pair.second) for pair in found.pairs)]
    ]
    assert [text for text, times in Counter(asked).items() if times > 1] == []


def test_a_database_is_the_same_every_time_and_its_keys_hold(database, tmp_path):
    again = tmp_path / "again"
    again.mkdir()
    assert dump(database) == dump(make(database.stem, again))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_metadata_has_values_of_columns_with_few_and_every_foreign_key(tmp_path):
    with closing(sqlite3.connect(make("library", tmp_path))) as connection:
        found = {item["name"]: item["schema_data"] for item in schema.metadata(connection)}
    columns = {column["name"]: column for column in found["members"]["table"]["columns"]}
    assert set(columns["category"]["values"]) == {"adult", "child", "senior", "student"}
    assert "values" not in columns["name"]
    assert columns["id"]["primary_key"]
    assert found["loans.return_branch_id to branches"]["relationship"] == {
        "from_table": "branches",
        "from_column": "id",
        "to_table": "loans",
        "to_column": "return_branch_id",
        "type": "one_to_many",
    }
    assert "members.referred_by to members" in found


@pytest.mark.parametrize(
    ("wanted", "given", "ordered", "same"),
    [
        ([(1,), (2,)], [(2,), (1,)], False, True),
        ([(1,), (2,)], [(2,), (1,)], True, False),
        ([("a", 1)], [(1, "x", "a")], False, True),
        ([(1, 1)], [(1,)], False, False),
        ([("a", 1), ("b", 2)], [("a", 2), ("b", 1)], False, False),
        ([("a", "b"), ("b", "a")], [("b", "a"), ("a", "b")], False, True),
        ([(1,), (1,), (2,)], [(1,), (2,), (2,)], False, False),
        ([(2.3333333,)], [(2.33,)], False, True),
        ([(2.34,)], [(2.33,)], False, False),
        ([(None,)], [(0,)], False, False),
        ([(1,)], [(1,), (1,)], False, False),
        ([], [], False, True),
        ([], [(1,)], False, False),
    ],
)
def test_rows_are_compared_by_what_matters(wanted, given, ordered, same):
    assert same_rows(wanted, given, ordered=ordered) is same


def test_only_a_top_n_is_compared_in_order():
    with closing(sqlite3.connect(":memory:")) as connection:
        up, down = ("SELECT 1 AS n UNION SELECT 2 ORDER BY n", "SELECT 1 AS n UNION SELECT 2 ORDER BY n DESC")
        assert same_result(connection, up, down)
        assert not same_result(connection, f"{up} LIMIT 2", f"{down} LIMIT 2")
        assert not same_result(connection, up, "SELECT n FROM nowhere")


@pytest.mark.slow
def test_every_label_is_judged_and_no_mistake_of_the_reserved_half_is_told():
    outcome = answers.run(quick=False)
    for half in labels.HALVES:
        found = [labels.read(name, half) for name in labels.DATABASES]
        answerable = sum(question.sql is not None for labelled in found for question in labelled.questions)
        assert outcome.facts[f"{half}: answerable"].endswith(f"of {answerable}")
        assert outcome.facts[f"{half}: to be declined"].endswith(f"of {30 - answerable}")
        assert outcome.facts[f"{half}: pairs"].endswith("of 30")
    told = "\n".join(outcome.details)
    for name in labels.DATABASES:
        reserved = labels.read(name, "reserved")
        texts = [question.text for question in reserved.questions] + [pair.second for pair in reserved.pairs]
        assert [text for text in texts if text in told] == []
