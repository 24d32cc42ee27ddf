"""The rows of a SQL result, seen in every way the models offer."""

from __future__ import annotations

import builtins
from typing import Any

import pytest
from extras import needs

from text2everything.models import Execution, SQLExecuteResponse

RESULT = {"columns": ["name", "n"], "data": [["name", "n"], ["Ann", 1], ["<Bob>", None]], "rowCount": 2}


@pytest.fixture(params=[SQLExecuteResponse, Execution])
def make(request: pytest.FixtureRequest) -> Any:
    ident = {"execution_id": "e"} if request.param is SQLExecuteResponse else {"id": "e"}
    return lambda result, **more: request.param(**ident, result=result, **more)


def test_rows_leave_out_the_header(make: Any) -> None:
    table = make(RESULT)
    assert table.columns == ["name", "n"]
    assert table.rows == [["Ann", 1], ["<Bob>", None]]
    assert table.row_count == 2
    assert not table.is_truncated
    assert list(table) == [{"name": "Ann", "n": 1}, {"name": "<Bob>", "n": None}]
    assert table.execution_id == "e"


def test_a_service_without_a_header_row_loses_none(make: Any) -> None:
    assert make({"columns": ["n"], "data": [[1], [2]]}).rows == [[1], [2]]


def test_a_failed_execution_has_its_error_and_no_rows(make: Any) -> None:
    table = make(None, error="no such table: t")
    assert not table.successful
    assert not table.is_successful
    assert (table.columns, table.rows, table.row_count, list(table)) == ([], [], 0, [])
    assert not table.is_truncated
    assert "no such table: t" in table._repr_html_()


def test_an_empty_result_is_a_success(make: Any) -> None:
    table = make({"columns": ["n"], "data": [["n"]], "rowCount": 0})
    assert table.successful
    assert table.rows == []


def test_html_escapes_and_says_what_it_leaves_out(make: Any) -> None:
    shown = make(
        {"columns": ["<b>"], "data": [["<b>"], *[[f"<i>{n}"] for n in range(80)]], "rowCount": 80}
    )._repr_html_()
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&lt;i&gt;49" in shown
    assert "&lt;i&gt;50" not in shown
    assert "30 more rows" in shown


@needs("pandas")
def test_data_frames(make: Any) -> None:
    frame = make(RESULT).to_pandas()
    assert list(frame.columns) == ["name", "n"]
    assert frame["name"].tolist() == ["Ann", "<Bob>"]
    assert make(None).to_pandas().empty


def test_without_pandas_the_extra_is_named(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"pip install pandas$"):
        make(RESULT).to_pandas()


def test_an_execution_reads_like_a_dict_too() -> None:
    execution = Execution(id="e", sql_query="SELECT 1", result=RESULT)
    assert execution["sql_query"] == execution.get("sql_query") == execution.sql_query
    assert execution.get("nothing") is None
    assert execution["result"]["rowCount"] == 2


def test_a_result_that_the_service_cut_says_so(make: Any) -> None:
    assert make({"columns": ["a"], "data": [["a"]], "rowCount": 0, "truncated": True}).is_truncated
