"""The demo shop: its database, and the project that knows about it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from text2everything.local import _demo_project as demo
from text2everything.local._demo import create_demo
from text2everything.local._demo_database import create_database
from text2everything.local.engine import RuleEngine
from text2everything.local.engine._sql import is_one_query

TODAY = dt.date(2024, 6, 15)


class Recorder:
    """Takes what would go into a store."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def record(*args: Any, **kwargs: Any) -> str:
            self.calls.append((name, args, kwargs))
            return f"{name}-{sum(call[0] == name for call in self.calls)}"

        return record

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [args for called, args, _ in self.calls if called == name]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "shop.sqlite3"
    create_database(path, today=TODAY)
    return path


def _rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def test_the_shop_is_the_same_every_time(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.sqlite3"
    create_database(again, today=TODAY)
    for table in ("customers", "users", "products", "orders", "order_items"):
        rows = _rows(path, f"SELECT * FROM {table} ORDER BY id")
        assert rows == _rows(again, f"SELECT * FROM {table} ORDER BY id")
        assert 10 < len(rows) < 2000


def test_the_shop_is_of_one_piece(path: Path) -> None:
    assert _rows(path, "PRAGMA foreign_key_check") == []
    assert _rows(path, "SELECT id FROM orders WHERE id NOT IN (SELECT order_id FROM order_items)") == []
    sums = "SELECT order_id, SUM(amount) FROM order_items GROUP BY 1 ORDER BY 1"
    assert _rows(path, "SELECT id, total_amount FROM orders ORDER BY id") == _rows(path, sums)
    prices = (
        "SELECT COUNT(*) FROM order_items i JOIN products p ON p.id = product_id WHERE amount <> price * quantity"
    )
    assert _rows(path, prices) == [(0,)]
    first, last = _rows(path, "SELECT MIN(order_date), MAX(order_date) FROM orders")[0]
    assert last == "2024-06-15"
    assert "2022-06-16" <= first <= "2022-07-15"
    assert _rows(path, "SELECT COUNT(*) FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)") > [(0,)]
    assert _rows(path, "SELECT id FROM users WHERE active NOT IN (0, 1)") == []


def test_the_metadata_tells_the_truth(path: Path) -> None:
    tables = {
        data["table"]["name"]: data["table"] for _, data, _ in demo.schemas() if "columns" in data.get("table", {})
    }
    assert set(tables) == {row[0] for row in _rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    for name, table in tables.items():
        info = _rows(path, f"PRAGMA table_info({name})")
        assert [(c["name"], c["type"], bool(c.get("primary_key"))) for c in table["columns"]] == [
            (row[1], row[2], bool(row[5])) for row in info
        ]
        for column in table["columns"]:
            assert column["description"]
            if "values" in column:
                found = {row[0] for row in _rows(path, f"SELECT DISTINCT {column['name']} FROM {name}")}
                assert found == set(column["values"]), column["name"]
    for _, data, _ in demo.schemas():
        if relationship := data.get("relationship"):
            for end in ("from", "to"):
                names = [c["name"] for c in tables[relationship[f"{end}_table"]]["columns"]]
                assert relationship[f"{end}_column"] in names


def test_seeding_fills_a_project(tmp_path: Path) -> None:
    recorder = Recorder()
    made = create_demo(recorder, tmp_path, today=TODAY)  # type: ignore[arg-type]
    assert (made.project_id, made.connector_id, made.chat_session_id) == ("project-1", "connector-1", "session-1")
    ((_, _, connector),) = [call for call in recorder.calls if call[0] == "connector"]
    assert connector == {"db_type": "sqlite", "database": tmp_path / "shop.sqlite3"}
    assert len(recorder.of("schema")) == 9
    assert len(recorder.of("context")) == len(demo.CONTEXTS)
    assert len(recorder.of("golden_example")) == len(demo.GOLDEN_EXAMPLES)
    assert {args[0] for name, args, _ in recorder.calls if name != "project"} == {"project-1"}


def test_a_shop_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    create_demo(Recorder(), tmp_path)  # type: ignore[arg-type]
    path = tmp_path / "shop.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM users")
    create_demo(Recorder(), tmp_path)  # type: ignore[arg-type]
    assert _rows(path, "SELECT COUNT(*) FROM users") == [(0,)]
    assert [p.name for p in tmp_path.iterdir()] == ["shop.sqlite3"]


def test_a_start_that_was_cut_short_leaves_no_half_shop(tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite3.new").write_bytes(b"half")
    create_database(tmp_path / "shop.sqlite3")
    assert _rows(tmp_path / "shop.sqlite3", "SELECT COUNT(*) > 500 FROM orders") == [(1,)]
    assert not (tmp_path / "shop.sqlite3.new").exists()


def test_by_default_the_last_order_is_of_today(tmp_path: Path) -> None:
    before = dt.datetime.now(tz=dt.UTC).date()
    create_database(tmp_path / "shop.sqlite3")
    ((last,),) = _rows(tmp_path / "shop.sqlite3", "SELECT MAX(order_date) FROM orders")
    assert before.isoformat() <= last <= dt.datetime.now(tz=dt.UTC).date().isoformat()


@pytest.mark.parametrize(("question", "sql"), demo.GOLDEN_EXAMPLES)
def test_the_golden_examples_run(path: Path, question: str, sql: str) -> None:
    assert question
    assert is_one_query(sql, "sqlite")
    assert _rows(path, sql)


def test_contexts_help_the_engine(path: Path) -> None:
    draft = RuleEngine().draft(
        "revenue of our clients in Japan",
        schemas=[(name, data) for name, data, _ in demo.schemas()],
        examples=[],
        rated=[],
        contexts=list(demo.CONTEXTS),
        dialect="sqlite",
        examples_cutoff=None,
        feedback_cutoff=None,
        today=TODAY,
    )
    assert draft.context_id == "Revenue"
    assert draft.sql
    assert _rows(path, draft.sql)[0][0] > 0
