"""The questions that the service suggests for a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local._schema_parts import join_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def suggest_questions(examples: Sequence[dict[str, Any]], schemas: Sequence[dict[str, Any]], limit: int) -> list[str]:
    """Return up to `limit` different questions: those of the golden examples, then simple ones about each table."""
    questions = dict.fromkeys([example["user_query"] for example in examples])
    questions.update(dict.fromkeys(_questions_about_tables(schemas)))
    return list(questions)[:limit]


def _questions_about_tables(schemas: Sequence[dict[str, Any]]) -> Iterator[str]:
    tables = [item for item in join_parts(schemas) if "columns" in (item["schema_data"].get("table") or {})]
    names = [_display_name(item) for item in tables]
    for name in names:
        yield f"How many {name} are there?"
    for name in names:
        yield f"Show all {name}"


def _display_name(item: dict[str, Any]) -> str:
    name = item["schema_data"]["table"].get("name")
    text = name if isinstance(name, str) and name else item["name"]
    return str(text).rpartition(".")[2].replace("_", " ")
