"""Models as plain data and as JSON, as pydantic's models give them, and their reprs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from text2everything import models
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
