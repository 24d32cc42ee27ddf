"""What schema data must hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything import ValidationError
from text2everything.models._schema_rules import schema_problems, schema_type


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"table": {"name": "t", "columns": [{"name": "a"}]}}, "table"),
        ({"table": {"dimension": {"content": {}}}}, "dimension"),
        ({"table": {"columns": [], "metric": {"content": {}}}}, "metric"),
        ({"relationship": {}}, "relationship"),
        ({"table": {}, "relationship": {}}, "relationship"),
        ({"table": []}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_the_kind_is_read_off_the_structure(data: Any, kind: str | None) -> None:
    assert schema_type(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        {"table": {"name": "t", "columns": [{"name": "a"}, {"name": "b", "type": "int"}]}},
        {"table": {"columns": []}},
        {"table": {"dimension": {"content": {"sql": "x"}}}},
        {"table": {"metric": {"content": {}}}},
        {"relationship": {"from": "a.b", "to": "c.d"}},
    ],
)
def test_good_data_has_no_problem(data: Any) -> None:
    assert schema_problems(data) == []


@pytest.mark.parametrize(
    ("data", "expected", "problems"),
    [
        (
            {"table": {"columns": [1, None]}},
            None,
            ["table.columns[0]: must be an object, got 1", "table.columns[1]: must be an object, got null"],
        ),
        (
            {"table": {"columns": [{"name": "a"}, {"type": "int"}, {"name": " "}, {"name": "a"}]}},
            None,
            [
                "table.columns[1].name: is missing",
                "table.columns[2].name: must be a string that is not blank",
                "table.columns[3].name: 'a' is there twice",
            ],
        ),
        ({"table": {"columns": {}}}, None, ["table.columns: must be a list, got an object"]),
        ({"table": {"name": "t"}}, "table", ["table.columns: is missing"]),
        ({"table": {"dimension": []}}, None, ["table.dimension: must be an object, got a list"]),
        ({"table": {"dimension": {}}}, None, ["table.dimension.content: is missing"]),
        ({"table": {"metric": {"content": "x"}}}, None, ["table.metric.content: must be an object, got a string"]),
        ({"relationship": None}, None, ["relationship: must be an object, got null"]),
        ({"table": 5}, "metric", ["table: must be an object, got 5"]),
        ("text", None, ["schema_data: must be an object, got str"]),
        (
            {"relationship": {"a": float("inf")}},
            None,
            ["schema_data.relationship.a must be a finite number, got inf"],
        ),
    ],
)
def test_every_problem_comes_with_its_path(data: Any, expected: str | None, problems: list[str]) -> None:
    assert schema_problems(data, expected) == problems


def test_what_is_none_of_the_four_is_told_what_it_could_be() -> None:
    assert schema_problems({"tables": []}) == [
        "schema_data: must hold one of table.columns, table.dimension.content, table.metric.content, relationship"
    ]


def test_an_unknown_expected_type_is_the_callers_error() -> None:
    with pytest.raises(ValidationError, match="expected_type must be one of table, dimension"):
        schema_problems({}, "view")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["table", "columns", "dimension", "metric", "content", "relationship", "name"]), inner
        )
    ),
    max_leaves=12,
)


@given(values)
def test_any_value_is_judged_without_an_exception(value: Any) -> None:
    problems = schema_problems(value)
    assert all(isinstance(problem, str) and problem for problem in problems)
    if schema_type(value) is None:
        assert problems
