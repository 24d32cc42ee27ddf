"""What notebooks show of answers, listings, lookups and results: escaped, cut, and without secrets."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from text2everything import BulkFailure, BulkOutcome, BulkResult, Page, ValidationError
from text2everything._secret import Secret
from text2everything.models import (
    CacheMatch,
    ChatResponse,
    ChatToAnswerResponse,
    Connector,
    Execution,
    ExecutionCacheLookupResponse,
    FeedbackResponse,
    SQLExecuteResponse,
)
from text2everything.models._items import ItemList

EVIL = "<script>alert('x')</script> & \"more\""
RESULT = {"columns": ["name", EVIL], "data": [["name", EVIL], [EVIL, 1], ["Bo", None]], "rowCount": 2}
VOID = {"br"}


class Reader(HTMLParser):
    """Reads HTML as a browser would: what text there is, and in which elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(thing: Any) -> Reader:
    reader = Reader()
    reader.feed(thing._repr_html_())
    reader.close()
    assert reader.open == []
    assert reader.seen <= {"p", "b", "pre", "table", "thead", "tbody", "tr", "th", "td"}
    return reader


def rating(number: int, **fields: Any) -> FeedbackResponse:
    return FeedbackResponse(**{"id": f"f{number}", "chat_message_id": "m", "feedback": f"text {number}", **fields})


def test_an_answer() -> None:
    answer = ChatToAnswerResponse(
        id="m1",
        user_query=EVIL,
        sql_query="SELECT a < b\nFROM t",
        explanation=EVIL,
        execution_result=SQLExecuteResponse(execution_id="e1", result=RESULT),
    )
    texts = read(answer).texts
    assert texts.count(EVIL) == 4  # question, explanation, a column and a cell
    assert "SELECT a < b\nFROM t" in texts
    assert texts[-1].strip() == "e1"
    assert " m1" in texts
    failed = ChatToAnswerResponse(id="m", execution_result=SQLExecuteResponse(execution_id="e", error=EVIL))
    assert "failed:" in read(failed).texts
    assert f" {EVIL}" in read(failed).texts
    assert read(ChatResponse(id="m")).texts == ["chat_message_id", " m"]


def test_long_text_is_cut() -> None:
    shown = ChatResponse(id="m", user_query="x" * 1_000_000, sql_query="y" * 1_000_000)._repr_html_()
    assert len(shown) < 5_000
    cells = {"columns": ["c"], "data": [["c"], *[["z" * 100_000] for _ in range(10_000)]], "rowCount": 10_000}
    shown = SQLExecuteResponse(execution_id="e", result=cells)._repr_html_()
    assert len(shown) < 20_000
    assert "… and 9,950 more rows" in shown


def test_many_columns_are_cut() -> None:
    columns = [f"c{number}" for number in range(5_000)]
    result = {"columns": columns, "data": [columns, list(range(5_000))], "rowCount": 1}
    texts = read(SQLExecuteResponse(execution_id="e", result=result)).texts
    assert texts[:50] == columns[:50]
    assert texts[50:-1] == [str(number) for number in range(50)]
    assert texts[-1] == "… and 4,950 more columns"


def test_a_cache_lookup() -> None:
    match = CacheMatch(
        execution=Execution(id="e1", sql_query="SELECT 1", result=RESULT, user_query="What is one?"),
        similarity_score=0.876,
        has_feedback=True,
        feedback_is_positive=False,
        feedback_comment=EVIL,
    )
    unrated = CacheMatch(execution=Execution(id="e2"), similarity_score=0.7)
    hit = ExecutionCacheLookupResponse(cache_hit=True, matches=[match, unrated], candidates_checked=50)
    texts = read(hit).texts
    assert texts[:2] == ["cache hit:", " 2 of 50 past executions are similar enough"]
    assert texts[9:16] == ["0.88", "bad", EVIL, "What is one?", "SELECT 1", "2", "e1"]
    assert texts[16:] == ["0.70", "failed", "e2"]
    assert "user_query='What is one?'" in repr(match)
    miss = read(ExecutionCacheLookupResponse(cache_hit=False, candidates_checked=3))
    assert "no cache hit:" in miss.texts
    assert "table" not in miss.seen


def test_listings_are_lists_that_notebooks_show_as_tables() -> None:
    items = ItemList(rating(number) for number in range(1_000))
    items[1].created_at = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
    texts = read(items).texts
    assert texts[:5] == ["id", "chat_message_id", "feedback", "is_positive", "created_at"]
    assert texts[5:9] == ["f0", "m", "text 0", "True"]
    assert texts[9:14] == ["f1", "m", "text 1", "True", "2026-05-01 12:30:00"]
    assert texts[-1] == "… and 950 more rows"
    assert read(ItemList()).texts == ["no items"]
    text = repr(items)
    assert text.startswith("[FeedbackResponse(id='f0', ")
    assert text.endswith(", ... 990 more]")
    assert repr(ItemList([1])) == "[1]"
    assert read(ItemList([{"a": 1}])).texts == ["{'a': 1}"]
    assert items == list(items)
    assert isinstance(items[:2], ItemList)
    assert items[:2] == [items[0], items[1]]
    assert repr(items[-1]).startswith("FeedbackResponse(id='f999', ")
    assert pickle.loads(pickle.dumps(items)) == items
    assert json.dumps(ItemList([1, "a"])) == '[1, "a"]'
    assert read(Page(items, 1_000)).texts == texts
    assert repr(Page(items, 1_000)).endswith(", ... 990 more], total=1000)")


def test_a_bulk_result() -> None:
    error = ValidationError(f"wrong {EVIL}")
    result = BulkResult([rating(0)], [0], [BulkFailure(1, {"feedback": "x" * 10_000}, error)], [2])
    texts = read(result).texts
    assert texts[0] == "BulkResult: 1 created, 1 failed, 1 not sent"
    assert "f0" in texts
    assert f"wrong {EVIL}" in texts
    assert max(map(len, texts)) < 300
    assert len(repr(BulkOutcome(1, {"feedback": "x" * 10_000}, None, error))) < 400
    assert read(BulkResult([])).texts == ["BulkResult: 0 created"]


def test_no_secret_is_shown() -> None:
    connector = Connector(id="c", name="n", db_type="mysql", password="hunter2", config={"token": "hunter2", "a": 1})
    shown = ItemList([connector])._repr_html_()
    assert "hunter2" not in shown
    assert "password" not in shown
    held = SQLExecuteResponse(execution_id="e", result={"columns": ["c"], "data": [["c"], [Secret("hunter2")]]})
    assert "hunter2" not in held._repr_html_() + repr(held)


@pytest.mark.parametrize("thing", [ItemList([rating(0)]), ChatResponse(id="m")])
def test_html_is_what_notebooks_ask_for(thing: Any) -> None:
    assert thing._repr_html_().startswith(("<p>", "<table>"))
