"""Turning a question into SQL: the relevant schemas, contexts and examples are selected and given to the engine."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from text2everything.local._schema_parts import join_parts
from text2everything.local._tables import CONTEXTS, GOLDEN_EXAMPLES, SCHEMA_METADATA
from text2everything.local._threads import run_in_daemon_thread
from text2everything.local._without_schema import draft_without_schema
from text2everything.local.engine import Example, similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from text2everything.local._app_state import AppState
    from text2everything.local.engine import Draft

_MAX_RATED_ANSWERS = 500
_RATED_ANSWERS = """
SELECT id, user_query, sql_query, is_positive FROM (
    SELECT m.seq, m.id, m.user_query, coalesce(e.sql_query, m.sql_query) AS sql_query, f.is_positive
    FROM chat_messages m
    JOIN feedback f ON f.seq = (SELECT max(seq) FROM feedback WHERE chat_message_id = m.id)
    LEFT JOIN executions e ON e.id = f.execution_id
    WHERE m.project_id = ?
) WHERE sql_query IS NOT NULL ORDER BY seq DESC LIMIT ?
"""
_WORD = re.compile(r"[^\W_]+")


async def draft_sql(state: AppState, project_id: str, request: dict[str, Any], dialect: str) -> Draft:
    """Have the engine draft the SQL for a chat request.

    Args:
        state: The service.
        project_id: The project whose schemas, contexts, examples and feedback are used.
        request: A validated body; the items it refers to exist.
        dialect: The `db_type` of the connector.
    """
    question = request["query"]
    schemas = _select_schemas(state, project_id, request)
    contexts = _select_contexts(state, project_id, request)
    examples = _select_golden_examples(state, project_id, request)
    rated_answers = [
        Example(query, sql, message_id, bool(is_positive))
        for message_id, query, sql, is_positive in state.store.fetch_all(
            _RATED_ANSWERS, project_id, _MAX_RATED_ANSWERS
        )
    ]

    def call_engine() -> Draft:
        draft = state.engine.draft(
            question,
            schemas=[(item["id"], item["schema_data"]) for item in schemas],
            contexts=[(item["id"], item["content"]) for item in contexts],
            examples=_most_similar(question, examples, request["examples_limit"]),
            rated=_most_similar(question, rated_answers, request["feedback_limit"]),
            dialect=dialect,
            examples_cutoff=request["examples_cutoff"],
            feedback_cutoff=request["feedback_cutoff"],
            today=dt.datetime.now().astimezone().date(),
        )
        return draft if draft.sql is not None else draft_without_schema(question, dialect) or draft

    # In a thread, so that other requests are answered meanwhile.
    return await run_in_daemon_thread(call_engine)


def _select_schemas(state: AppState, project_id: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    schemas = join_parts(state.store.list_all(SCHEMA_METADATA, project_id))
    if request["schema_metadata_id"] is not None:
        part = state.store.get(SCHEMA_METADATA, project_id, request["schema_metadata_id"]) or {}
        wanted = {part.get("id"), part.get("split_group_id")} - {None}
        schemas = [item for item in schemas if item["id"] in wanted or item["split_group_id"] in wanted]
    return select_relevant(
        schemas,
        lambda item: relevance(request["query"], f"{item['name']} {item['description']} {item['schema_data']}"),
        request["schema_limit"],
        request["schema_cutoff"],
    )


def _select_contexts(state: AppState, project_id: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    contexts = state.store.list_all(CONTEXTS, project_id)
    if request["context_id"] is not None:
        contexts = [item for item in contexts if item["id"] == request["context_id"]]
    return select_relevant(
        contexts,
        lambda item: relevance(request["query"], f"{item['name']} {item['content']}"),
        request["contexts_limit"],
        request["contexts_cutoff"],
    )


def _select_golden_examples(state: AppState, project_id: str, request: dict[str, Any]) -> list[Example]:
    return [
        Example(item["user_query"], item["sql_query"], item["id"])
        for item in state.store.list_all(GOLDEN_EXAMPLES, project_id)
        if request["example_id"] in {None, item["id"]}
    ]


def select_relevant(
    items: Iterable[dict[str, Any]],
    relevance_of: Callable[[dict[str, Any]], float],
    limit: int | None,
    cutoff: float | None,
) -> list[dict[str, Any]]:
    """Return the items that are always displayed, and the most relevant others within limit and cutoff.

    Args:
        items: Items with `is_always_displayed`.
        relevance_of: Returns the relevance of an item, from 0 to 1.
        limit: The most items that are not always displayed; None for no limit.
        cutoff: The largest distance, which is 1 - relevance; None or 0 for no cutoff.
    """
    listed = list(items)
    if limit is None and not cutoff:
        return listed
    relevances = {item["id"]: relevance_of(item) for item in listed if not item["is_always_displayed"]}
    if cutoff:
        relevances = {item_id: value for item_id, value in relevances.items() if 1 - value <= cutoff}
    selected = set(sorted(relevances, key=lambda item_id: -relevances[item_id])[:limit])
    return [item for item in listed if item["is_always_displayed"] or item["id"] in selected]


def relevance(question: str, text: str) -> float:
    """Return the share of the question's words that occur in a text, from 0 to 1."""
    words = _words(question)
    return len(words & _words(text)) / len(words) if words else 0.0


def _words(text: str) -> set[str]:
    return {word.casefold().removesuffix("s") for word in _WORD.findall(text)}


def _most_similar(question: str, examples: list[Example], limit: int | None) -> list[Example]:
    if limit is None or len(examples) <= limit:
        return examples
    return sorted(examples, key=lambda example: -similarity(question, example.query))[:limit]
