"""From a question to SQL: what a project knows is chosen from, and the engine drafts with what was chosen."""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import TYPE_CHECKING, Any

from text2everything.local._databases import in_thread
from text2everything.local._schemas import whole
from text2everything.local._tables import CONTEXTS, GOLDEN_EXAMPLES, SCHEMA_METADATA
from text2everything.local.engine import Example, similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from text2everything.local._state import State
    from text2everything.local.engine import Draft

# The newest so many rated answers are looked at.
_MOST_RATED = 500
_RATED = """
SELECT id, user_query, sql_query, is_positive FROM (
    SELECT m.seq, m.id, m.user_query, coalesce(e.sql_query, m.sql_query) AS sql_query, f.is_positive
    FROM chat_messages m
    JOIN feedback f ON f.seq = (SELECT max(seq) FROM feedback WHERE chat_message_id = m.id)
    LEFT JOIN executions e ON e.id = f.execution_id
    WHERE m.project_id = ?
) WHERE sql_query IS NOT NULL ORDER BY seq DESC LIMIT ?
"""
_WORD = re.compile(r"[^\W_]+")


def relevance(question: str, text: str) -> float:
    """Return how much of a question a text is about, from 0 to 1: the share of its words that occur in the text."""
    asked = _words(question)
    return len(asked & _words(text)) / len(asked) if asked else 0.0


def _words(text: str) -> set[str]:
    return {word.casefold().removesuffix("s") for word in _WORD.findall(text)}


def choose(
    items: Iterable[dict[str, Any]],
    score: Callable[[dict[str, Any]], float],
    limit: int | None,
    cutoff: float | None,
) -> list[dict[str, Any]]:
    """Return the items to use: those always displayed, and of the others the best within limit and cutoff.

    Args:
        items: With `is_always_displayed`.
        score: How near an item is to the question, from 0 to 1.
        limit: The most of those that are not always displayed; None for all.
        cutoff: The largest distance, 1 - score; None or 0 for any.
    """
    listed = list(items)
    if limit is None and not cutoff:
        return listed
    scores = {item["id"]: score(item) for item in listed if not item["is_always_displayed"]}
    if cutoff:
        scores = {key: near for key, near in scores.items() if 1 - near <= cutoff}
    best = set(sorted(scores, key=lambda key: -scores[key])[:limit])
    return [item for item in listed if item["is_always_displayed"] or item["id"] in best]


async def draft(state: State, project_id: str, request: dict[str, Any], dialect: str) -> Draft:
    """Let the engine draft the SQL for a chat request.

    Args:
        state: The service.
        project_id: Whose schemas, contexts, examples and ratings are used.
        request: A checked body; the ids in it exist.
        dialect: The kind of database the SQL is for.
    """
    store = state.store
    question = request["query"]
    schemas = whole(store.rows(SCHEMA_METADATA, project_id))
    contexts = store.rows(CONTEXTS, project_id)
    examples = store.rows(GOLDEN_EXAMPLES, project_id)
    if request["schema_metadata_id"] is not None:
        part = store.get(SCHEMA_METADATA, project_id, request["schema_metadata_id"]) or {}
        wanted = {part.get("id"), part.get("split_group_id")} - {None}
        schemas = [row for row in schemas if row["id"] in wanted or row["split_group_id"] in wanted]
    if request["context_id"] is not None:
        contexts = [row for row in contexts if row["id"] == request["context_id"]]
    if request["example_id"] is not None:
        examples = [row for row in examples if row["id"] == request["example_id"]]
    schemas = choose(
        schemas,
        lambda row: relevance(question, f"{row['name']} {row['description']} {row['schema_data']}"),
        request["schema_limit"],
        request["schema_cutoff"],
    )
    contexts = choose(
        contexts,
        lambda row: relevance(question, f"{row['name']} {row['content']}"),
        request["contexts_limit"],
        request["contexts_cutoff"],
    )
    golden = [Example(row["user_query"], row["sql_query"], row["id"]) for row in examples]
    rated = [
        Example(asked, sql, message, bool(positive))
        for message, asked, sql, positive in store.all(_RATED, project_id, _MOST_RATED)
    ]
    # The engine works in a thread: however long it thinks, other requests go on.
    return await in_thread(
        functools.partial(
            _draft,
            state,
            question,
            schemas=[(row["id"], row["schema_data"]) for row in schemas],
            contexts=[(row["id"], row["content"]) for row in contexts],
            golden=golden,
            rated=rated,
            request=request,
            dialect=dialect,
        )
    )


def _draft(
    state: State,
    question: str,
    *,
    schemas: list[tuple[str, Any]],
    contexts: list[tuple[str, str]],
    golden: list[Example],
    rated: list[Example],
    request: dict[str, Any],
    dialect: str,
) -> Draft:
    return state.engine.draft(
        question,
        schemas=schemas,
        examples=_nearest(question, golden, request["examples_limit"]),
        rated=_nearest(question, rated, request["feedback_limit"]),
        contexts=contexts,
        dialect=dialect,
        examples_cutoff=request["examples_cutoff"],
        feedback_cutoff=request["feedback_cutoff"],
        today=dt.datetime.now().astimezone().date(),
    )


def _nearest(question: str, examples: list[Example], limit: int | None) -> list[Example]:
    if limit is None or len(examples) <= limit:
        return examples
    return sorted(examples, key=lambda example: -similarity(question, example.query))[:limit]
