"""Two databases to ask: the demo shop, and one that shares no name with it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local import _demo_project as demo
from text2everything.local._demo_database import create_database
from text2everything.local.engine import Draft, Example, RuleEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TODAY = dt.date(2024, 6, 15)

OFFICE_TABLES = """
CREATE TABLE dept (dept_id INTEGER PRIMARY KEY, dept_name TEXT, location TEXT);
CREATE TABLE staff (
    staff_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, dept_id INTEGER, job_title TEXT,
    salary REAL, hired_on TEXT, is_manager INTEGER, employment_state TEXT
);
CREATE TABLE timesheet (ts_id INTEGER PRIMARY KEY, staff_id INTEGER, work_day TEXT, hours REAL, approved TEXT);
INSERT INTO dept VALUES (1, 'Research', 'Oslo'), (2, 'Sales', 'Rome'), (3, 'Support', 'Oslo');
INSERT INTO staff VALUES
    (1, 'Ann', 'Lee', 1, 'Engineer', 5000, '2020-01-15', 1, 'employed'),
    (2, 'Bob', 'Ray', 1, 'Engineer', 4000, '2024-03-02', 0, 'employed'),
    (3, 'Cid', 'Fox', 2, 'Clerk', 3000, '2023-07-01', 0, 'on_leave'),
    (4, 'Dee', 'Kim', 2, 'Clerk', 3500, '2024-05-20', 1, 'retired');
INSERT INTO timesheet VALUES
    (1, 1, '2024-06-03', 8, 'Y'), (2, 1, '2024-06-04', 7.5, 'N'), (3, 2, '2024-06-03', 6, 'Y'),
    (4, 3, '2024-05-03', 4, 'Y');
"""


def _column(name: str, sql_type: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": sql_type, **more}


# The table staff comes in two parts, and no relationship is told: the keys' names have to do.
OFFICE_SCHEMAS: list[tuple[str, dict[str, Any]]] = [
    (
        "dept",
        {
            "table": {
                "name": "dept",
                "columns": [
                    _column("dept_id", "int"),
                    _column("dept_name", "varchar(40)"),
                    _column("location", "varchar(40)"),
                ],
            }
        },
    ),
    (
        "staff 1",
        {
            "table": {
                "name": "staff",
                "columns": [
                    _column("staff_id", "int"),
                    _column("first_name", "text"),
                    _column("last_name", "text"),
                    _column("dept_id", "int"),
                    _column("job_title", "text"),
                ],
            }
        },
    ),
    (
        "staff 2",
        {
            "table": {
                "name": "staff",
                "columns": [
                    _column("salary", "float", description="Monthly pay"),
                    _column("hired_on", "date"),
                    _column("is_manager", "int", description="1 if the person leads others"),
                    _column("employment_state", "text", description="One of employed, on_leave or retired"),
                ],
            }
        },
    ),
    (
        "timesheet",
        {
            "table": {
                "name": "timesheet",
                "columns": [
                    _column("ts_id", "int"),
                    _column("staff_id", "int"),
                    _column("work_day", "date"),
                    _column("hours", "float"),
                    _column("approved", "char(1)", values=["Y", "N"]),
                ],
            }
        },
    ),
]


class SelfClosing(sqlite3.Connection):
    """A connection that is closed where it is dropped: worlds are many, and share their connections."""

    def __del__(self) -> None:
        self.close()


@attrs.frozen
class World:
    """A database and what an engine is told of it."""

    connection: sqlite3.Connection
    schemas: Sequence[tuple[str, Mapping[str, Any]]]
    contexts: Sequence[tuple[str, str]] = ()

    def draft(
        self,
        question: str,
        *,
        examples: Sequence[Example] = (),
        rated: Sequence[Example] = (),
        contexts: Sequence[tuple[str, str]] | None = None,
        dialect: str = "sqlite",
        examples_cutoff: float | None = None,
        feedback_cutoff: float | None = None,
    ) -> Draft:
        return RuleEngine().draft(
            question,
            schemas=self.schemas,
            examples=examples,
            rated=rated,
            contexts=self.contexts if contexts is None else contexts,
            dialect=dialect,
            examples_cutoff=examples_cutoff,
            feedback_cutoff=feedback_cutoff,
            today=TODAY,
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def answer(self, question: str) -> list[tuple[Any, ...]]:
        draft = self.draft(question)
        assert draft.sql is not None, draft.explanation
        return self.rows(draft.sql)


def make_shop(directory: Path) -> World:
    path = directory / "shop.sqlite3"
    create_database(path, today=TODAY)
    schemas = [(name, data) for name, data, _ in demo.schemas()]
    contexts = [(name, content) for name, content in demo.CONTEXTS]
    return World(sqlite3.connect(path, check_same_thread=False, factory=SelfClosing), schemas, contexts)


def make_office() -> World:
    connection = sqlite3.connect(":memory:", check_same_thread=False, factory=SelfClosing)
    connection.executescript(OFFICE_TABLES)
    return World(connection, OFFICE_SCHEMAS)
