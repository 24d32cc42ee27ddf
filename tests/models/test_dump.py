"""Models as plain data and as JSON, as pydantic's models give them, and their reprs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from extras import needs

from text2everything import ValidationError, models
from text2everything._secret import Secret
from text2everything.models import (
    ChatPresetCreate,
    ChatSettings,
    ChatToAnswerResponse,
    Connector,
    ConnectorCreate,
    ConnectorType,
    FeedbackCreate,
    FeedbackResponse,
    FeedbackUpdate,
    SQLExecuteResponse,
)

MADE = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
RATING = FeedbackResponse(id="f", chat_message_id="m", feedback="Größe", created_at=MADE)


def test_json_mode_gives_what_json_has() -> None:
    rating = RATING.model_dump(mode="json")
    assert rating["created_at"] == "2026-05-01T12:30:00Z"
    assert RATING.model_dump()["created_at"] is MADE
    odd = MADE.astimezone(timezone(timedelta(hours=5, minutes=30)))
    result = {
        "data": [
            [float("nan"), float("inf"), 1.5, True, None, odd, date(2026, 5, 1), Decimal("1.10"), ConnectorType.MYSQL]
        ],
        "tuple": ("a", {"b": Secret("c")}),
    }
    dumped = SQLExecuteResponse(execution_id="e", result=result).model_dump(mode="json")["result"]
    assert dumped == {
        "data": [[None, None, 1.5, True, None, "2026-05-01T18:00:00+05:30", "2026-05-01", "1.10", "mysql"]],
        "tuple": ["a", {"b": "c"}],
    }
    assert type(dumped["data"][0][-1]) is str
    json.dumps(dumped, allow_nan=False)


def test_json_text_is_that_of_json_mode() -> None:
    text = RATING.model_dump_json()
    assert text.startswith('{"id":"f","created_at":"2026-05-01T12:30:00Z","updated_at":null,')
    assert "Größe" in text
    assert json.loads(text) == RATING.model_dump(mode="json")
    assert RATING.to_json() == text
    short = FeedbackUpdate(feedback="x", execution_id=None)
    assert short.to_json() == '{"feedback":"x","execution_id":null}'
    assert short.to_json(exclude_none=True, indent=1) == '{\n "feedback": "x"\n}'
    assert short.model_dump_json(indent=1, exclude={"execution_id"}) == '{\n "feedback": "x"\n}'


def test_fields_can_be_chosen() -> None:
    answer = ChatToAnswerResponse(id="m", user_query="q", feedback=RATING)
    assert answer.model_dump(include={"id", "user_query"}) == {"id": "m", "user_query": "q"}
    assert "id" not in answer.model_dump(exclude={"id"})
    assert answer.model_dump(exclude={"id"})["feedback"]["id"] == "f"  # of the outermost model only
    for name in ("exclude_unset", "exclude_defaults"):
        dumped = answer.model_dump(**{name: True, "by_alias": True})
        assert dumped.keys() == {"id", "user_query", "feedback"}
        assert dumped["feedback"] == {"id": "f", "chat_message_id": "m", "feedback": "Größe", "created_at": MADE}
    preset = ChatPresetCreate(name="n", collection_name="c", chat_settings=ChatSettings())
    assert preset.model_dump(exclude_defaults=True) == {
        "name": "n",
        "collection_name": "c",
        "chat_settings": {"llm_args": {}},
    }


def test_long_values_are_cut_in_reprs() -> None:
    answer = ChatToAnswerResponse(
        id="m",
        user_query="How many? " * 1_000,
        sql_query="SELECT 1",
        execution_result=SQLExecuteResponse(
            execution_id="e",
            result={"columns": ["n"], "data": [["n"], *[["x" * 10_000] for _ in range(10_000)]], "rowCount": 10_000},
        ),
    )
    text = repr(answer)
    assert text.startswith("ChatToAnswerResponse(id='m', user_query='How many? How many?")
    assert len(text) < 1_500
    assert "sql_query='SELECT 1'" in text
    assert "... 9,996 more]" in text
    assert "explanation" not in text  # it is None
    assert "\n" not in text
    assert "None" not in text
    assert text.isascii()


def test_long_keys_are_cut_in_reprs() -> None:
    made = SQLExecuteResponse(execution_id="e", result={"k" * 100_000: 1, ("k" * 100_000,): {"k" * 100_000: 2}})
    assert len(repr(made)) < 600


def test_reprs_show_what_was_given() -> None:
    assert repr(FeedbackUpdate(execution_id=None)) == "FeedbackUpdate(execution_id=None)"
    assert repr(FeedbackCreate(chat_message_id="m", feedback="it's")) == (
        "FeedbackCreate(chat_message_id='m', feedback=\"it's\", is_positive=True)"
    )
    deep: Any = {"a": [{"b": ({"c": {"d": [1]}},)}]}
    assert "{...}" in repr(SQLExecuteResponse(execution_id="e", result=deep))


@pytest.mark.parametrize("length", [3, 100_000])
def test_no_secret_is_in_a_repr_however_long(length: int) -> None:
    secret = "hunter2" * length
    create = ConnectorCreate(
        name="n", db_type="mysql", host="h", username="u", database="d", password=secret, config={"token": secret}
    )
    found = Connector(id="c", name="n", db_type="mysql", password=secret, config={"a": {"private_key": [secret]}})
    held = SQLExecuteResponse(execution_id="e", result={"columns": [Secret(secret)]})
    for text in (repr(create), repr(found), repr(held), f"{create}", str([create])):
        assert "hunter" not in text
        assert "***" in text


def test_every_model_has_the_common_repr() -> None:
    found = [getattr(models, name) for name in models.__all__]
    classes = [each for each in found if isinstance(each, type) and issubclass(each, models.Model)]
    assert len(classes) > 50
    assert {each.__repr__ for each in classes} == {models.Model.__repr__}


NESTED: list[tuple[dict[str, Any], Any]] = [
    ({"exclude": {"id": True}}, {"rows": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}),
    ({"exclude": {"id": False, "rows": ...}}, {"id": "i"}),
    ({"include": {"id": True, "rows": False}}, {"id": "i"}),
    ({"include": {"rows": {0}}}, {"rows": [{"a": 1, "b": 2}]}),
    ({"include": {"rows": {-1: {"a"}}}}, {"rows": [{"a": 3}]}),
    ({"include": {"rows": {"__all__": {"b"}, 0: {"a"}}}}, {"rows": [{"a": 1, "b": 2}, {"b": 4}]}),
    ({"include": {"rows"}, "exclude": {"rows": {"__all__": {"a": True}, 1: {"b"}}}}, {"rows": [{"b": 2}, {}]}),
    ({"exclude": {"rows": {"__all__": True}}}, {"id": "i", "rows": []}),
    ({"include": {"rows": {1: True}}, "exclude": {"rows": {1: {"b"}}}}, {"rows": [{"a": 3}]}),
]


@pytest.mark.parametrize(("options", "expected"), NESTED, ids=str)
def test_include_and_exclude_take_the_forms_of_pydantic(options: Any, expected: Any) -> None:
    data = {"id": "i", "rows": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}
    made = SQLExecuteResponse(execution_id="e", result=data)
    inner = {name: {"result": rules} for name, rules in options.items()}
    assert made.model_dump(**inner, exclude_none=True).get("result") == expected
    assert json.loads(made.model_dump_json(**inner)).get("result") == expected


@pytest.mark.parametrize("option", ["include", "exclude"])
def test_other_forms_of_include_and_exclude_are_errors(option: str) -> None:
    for wrong, place in (
        ("id", ""),
        (True, ""),
        (7, ""),
        ({"feedback": "id"}, r"\['feedback'\]"),
        ({"id": None}, ""),
    ):
        with pytest.raises(ValidationError, match=rf"^{option}{place}.* must be a set of names, or a dict"):
            RATING.model_dump(**{option: wrong})


def test_the_other_arguments_of_pydantic() -> None:
    options: Any = {"round_trip": True, "warnings": "none", "context": {}, "serialize_as_any": True}
    assert RATING.model_dump(**options) == RATING.model_dump()
    assert RATING.model_dump_json(**options) == RATING.to_json()
    assert "Gr\\u00f6\\u00dfe" in RATING.model_dump_json(ensure_ascii=True)
    with pytest.raises(ValidationError, match="mode must be 'python' or 'json', got 'xml'"):
        RATING.model_dump(mode="xml")


DURATIONS = [
    (timedelta(days=1), "P1D"),
    (timedelta(0), "PT0S"),
    (timedelta(days=1, milliseconds=500), "P1DT0.5S"),
    (timedelta(hours=1, seconds=100), "PT1H1M40S"),
    (timedelta(days=1, hours=2), "P1DT2H"),
    (-timedelta(days=1, seconds=10), "-P1DT10S"),
]


def test_bytes_and_durations_as_json() -> None:
    for duration, expected in DURATIONS:
        result = {"data": [[duration, b"ab", bytearray("ö".encode()), b"\xff"]]}
        made = SQLExecuteResponse(execution_id="e", result=result)
        assert json.loads(made.to_json())["result"]["data"] == [[expected, "ab", "ö", "\\xff"]]


@needs("pandas")
def test_values_of_numpy_and_pandas_as_json() -> None:
    import numpy as np
    import pandas as pd

    row = [np.int64(40), np.bool_(True), pd.NA, np.array([1, 2]), np.float32("nan"), pd.Timestamp(MADE), pd.NaT]
    made = SQLExecuteResponse(execution_id="e", result={"columns": ["a"], "data": [row, *([value] for value in row)]})
    expected = [40, True, None, [1, 2], None, "2026-05-01T12:30:00Z", None]
    assert json.loads(made.to_json())["result"]["data"][0] == expected
    assert made.model_dump(mode="json")["result"]["data"][0] == expected
    assert "&lt;NA&gt;" not in made._repr_html_()
