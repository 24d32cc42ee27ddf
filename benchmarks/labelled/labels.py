"""The labels as they stand in the files: questions with their SQL, and pairs of questions."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import attrs

from benchmarks.labelled import bicycles, library

HALVES = ("tuning", "reserved")
DATABASES: dict[str, Callable[[Path], None]] = {"library": library.create, "bicycles": bicycles.create}


@attrs.frozen(kw_only=True)
class Question:
    """A question and the SQL that answers it, or no SQL where it must be declined, and why."""

    id: str
    text: str
    sql: str | None = None
    also: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    """Other SQL that answers it as well, where the question leaves open what to show."""
    why: str | None = None


@attrs.frozen(kw_only=True)
class Pair:
    """Two questions, and whether the answer to the first answers the second."""

    first: Question
    second: str
    same: bool


@attrs.frozen
class Labels:
    """Half of the labels of one database."""

    questions: list[Question]
    pairs: list[Pair]


def read(database: str, half: str) -> Labels:
    """Return the labels of a database, one half of them: `tuning` or `reserved`."""
    path = Path(__file__).with_name(f"{database}.{half}.toml")
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    questions = {fields["id"]: Question(**fields) for fields in found["questions"]}
    pairs = [Pair(first=questions[pair["of"]], second=pair["text"], same=pair["same"]) for pair in found["pairs"]]
    return Labels(list(questions.values()), pairs)
