"""`ModelEngine` on its own."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

import pytest
from extras import needs

from text2everything.local import ModelEngine
from text2everything.local.engine import Draft, Example
from text2everything.testing import ChatCompletionsStub

QUESTION = "Which birds fascinate our auditors?"
SQL = "SELECT name FROM birds"
BIRDS = ("id of birds", {"table": {"name": "birds", "columns": [{"name": "name", "type": "TEXT"}]}})


def draft(stub: ChatCompletionsStub, question: str = QUESTION, **known: Any) -> Draft:
    given: dict[str, Any] = {"schemas": [BIRDS], "contexts": [], "examples": [], "rated": [], "dialect": "sqlite"}
    cutoffs = {"examples_cutoff": None, "feedback_cutoff": None}
    engine = ModelEngine("m", base_url=stub.base_url, api_key="key")
    return engine.draft(question, today=dt.date(2026, 11, 26), **cutoffs, **{**given, **known})


@needs("llm")
def test_comments_of_ratings_reach_the_model() -> None:
    with ChatCompletionsStub([SQL]) as stub:
        rated = [Example(QUESTION, "SELECT 1", "m1", positive=False, comment="Ask the birds")]
        got = draft(stub, rated=rated)
        assert got.sql == SQL
        assert "Ask the birds" in stub.requests[0]["messages"][1]["content"]


@needs("llm")
def test_the_comment_is_repeated_where_the_model_repeats_rated_sql() -> None:
    with ChatCompletionsStub([SQL, "select Name from BIRDS order by name"]) as stub:
        got = draft(stub, rated=[Example(QUESTION, SQL, "m1", positive=False, comment="In order")])
        assert got.sql == "select Name from BIRDS order by name"
        assert "'In order'" in stub.requests[1]["messages"][-1]["content"]


@needs("llm")
def test_a_good_rating_outweighs_a_bad_one() -> None:
    with ChatCompletionsStub([SQL]) as stub:
        rated = [Example(QUESTION, SQL, f"m{n}", positive=n > 0) for n in range(3)]
        assert draft(stub, rated=rated).sql == SQL
        assert draft(stub, rated=rated[:2]).sql is None  # as often bad as good: withdrawn
        assert "rated wrong" in draft(stub, rated=rated[:2]).explanation


@needs("llm")
def test_the_database_is_asked_about_every_answer_that_passes_the_other_checks() -> None:
    tried: list[str] = []

    def try_sql(sql: str) -> str | None:
        tried.append(sql)
        return "no such bird" if len(tried) == 1 else None

    with ChatCompletionsStub(["DELETE FROM birds", "SELECT 'x' FROM birds", SQL]) as stub:
        assert draft(stub, try_sql=try_sql).sql == SQL
        assert tried == ["SELECT 'x' FROM birds", SQL]
        assert "the database says: no such bird" in stub.requests[2]["messages"][-1]["content"]


@needs("llm")
def test_it_does_not_raise() -> None:
    def fails(_: str) -> str:
        raise RuntimeError("a secret")

    with ChatCompletionsStub([SQL]) as stub:
        got = draft(stub, try_sql=fails)
        assert got.sql is None
        assert "an unexpected RuntimeError" in got.explanation
        assert "secret" not in got.explanation
        assert "cannot be checked" in draft(stub, dialect="nonsense").explanation
        assert "more than 2,000 characters" in draft(stub, "How many birds " * 1_000).explanation
        odd = [("1", None), ("2", {"table": {"name": ["x"], "columns": [None, 7, {"name": None}]}}), BIRDS]
        assert draft(stub, schemas=odd).sql == SQL


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(ImportError, match="pip install openai"):
        ModelEngine("m", base_url="http://localhost/v1")
