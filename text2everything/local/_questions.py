"""Questions a newcomer to a project could ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local._schemas import whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def suggest(examples: Sequence[dict[str, Any]], schemas: Sequence[dict[str, Any]], limit: int) -> list[str]:
    """Return up to `limit` different questions: those of the golden examples, then simple ones about each table."""
    questions = dict.fromkeys([example["user_query"] for example in examples])
    questions.update(dict.fromkeys(_about(schemas)))
    return list(questions)[:limit]


def _about(schemas: Sequence[dict[str, Any]]) -> Iterator[str]:
    tables = [_name(row) for row in whole(schemas) if "columns" in (row["schema_data"].get("table") or {})]
    for name in tables:
        yield f"How many {name} are there?"
    for name in tables:
        yield f"Show all {name}"


def _name(row: dict[str, Any]) -> str:
    name = row["schema_data"]["table"].get("name")
    text = name if isinstance(name, str) and name else row["name"]
    return str(text).rpartition(".")[2].replace("_", " ")
