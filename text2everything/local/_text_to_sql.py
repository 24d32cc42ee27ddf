"""Turning a question into SQL: the relevant schemas, contexts and examples are selected and given to the engine."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Final

from text2everything.local._schema_parts import join_parts, whole_groups
from text2everything.local._search_terms import (
    asked_terms,
    described_tables,
    question_terms,
    reference_terms,
    referenced_tables,
    scope_term,
    table_terms,
    text_terms,
)
from text2everything.local._tables import CONTEXTS, GOLDEN_EXAMPLES, SCHEMA_METADATA
from text2everything.local._threads import run_in_daemon_thread
from text2everything.local._turns import short_turns
from text2everything.local._without_schema import draft_without_schema
from text2everything.local._word_index import having_any, index_rest, most_shared, newest
from text2everything.local.engine import Example, similarity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from text2everything.local._app_state import AppState
    from text2everything.local._store import Store
    from text2everything.local._tables import Table
    from text2everything.local.engine import Draft

# With at most this many, the engine gets all there are of a kind.
_FEW: Final = 100
# With more, it gets at most so many of those that share the most words with the question, those that are always
# displayed, and what belongs to them.
_MAX_EXAMPLES: Final = 50
_MAX_CONTEXTS: Final = 12
_MAX_SCHEMAS: Final = 10
_MAX_RELATED: Final = 6
_MAX_REFERRED: Final = 8
_MAX_DISPLAYED: Final = 20
# So many are added for the words of the first contexts.
_MAX_DEFINED: Final = 4
_MAX_DEFINITIONS: Final = 3
_MAX_DEFINED_TERMS: Final = 20

_RATED_ANSWERS: Final = """
SELECT m.seq, m.id, m.user_query, coalesce(e.sql_query, m.sql_query) AS sql_query, f.is_positive
FROM chat_messages m
JOIN feedback f ON f.seq = (SELECT max(seq) FROM feedback WHERE chat_message_id = m.id)
LEFT JOIN executions e ON e.id = f.execution_id
WHERE m.seq IN (SELECT value FROM json_each(?)) AND m.project_id = ?
ORDER BY m.seq DESC
"""
_WORD = re.compile(r"[^\W_]+")


async def draft_sql(
    state: AppState,
    project_id: str,
    request: dict[str, Any],
    dialect: str,
    try_sql: Callable[[str], str | None] | None = None,
) -> Draft:
    """Have the engine draft the SQL for a chat request.

    Args:
        state: The service.
        project_id: The project whose schemas, contexts, examples and feedback are used.
        request: A validated body; the items it refers to exist.
        dialect: The `db_type` of the connector.
        try_sql: Has its database check a query; None where no connector is known.
    """
    question = request["query"]
    contexts = await _select_contexts(state.store, project_id, request)
    schemas = await _select_schemas(state.store, project_id, request, contexts)
    examples = await _select_golden_examples(state.store, project_id, request)
    rated_answers = await _select_rated_answers(state.store, project_id, question)

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
            try_sql=try_sql,
        )
        return draft if draft.sql is not None else draft_without_schema(question, dialect) or draft

    # In a thread, so that other requests are answered meanwhile.
    with short_turns():
        return await run_in_daemon_thread(call_engine)


async def _select_schemas(
    store: Store, project_id: str, request: dict[str, Any], contexts: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if request["schema_metadata_id"] is not None:
        part = store.get(SCHEMA_METADATA, project_id, request["schema_metadata_id"])
        parts = whole_groups(store, project_id, [part] if part else [])
    elif _has_few(store, SCHEMA_METADATA, project_id):
        parts = store.list_all(SCHEMA_METADATA, project_id)
    else:
        parts = await _schemas_in_question(store, project_id, request["query"], contexts)
    return select_relevant(
        join_parts(parts),
        lambda item: relevance(request["query"], f"{item['name']} {item['description']} {item['schema_data']}"),
        request["schema_limit"],
        request["schema_cutoff"],
    )


async def _schemas_in_question(
    store: Store, project_id: str, question: str, contexts: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the schema metadata that a question is about, with the tables between which there are relationships.

    What a context defines is about tables, too, which the question need not name.
    """
    index = "schema_metadata_words"
    asked = asked_terms(project_id, question)
    defined = text_terms(project_id, *(item["content"] for item in contexts[:_MAX_DEFINITIONS]))[:_MAX_DEFINED_TERMS]
    found = await most_shared(store, index, asked, _MAX_SCHEMAS)
    described = _tables(described_tables, _rows(store, SCHEMA_METADATA, project_id, found))
    # Those that refer to several of the tables connect them.
    found += await most_shared(store, index, reference_terms(project_id, described), _MAX_RELATED)
    found += await most_shared(store, index, defined, _MAX_DEFINED)
    parts = _rows(store, SCHEMA_METADATA, project_id, [*found, *_displayed(store, SCHEMA_METADATA, project_id)])
    parts = whole_groups(store, project_id, parts)
    described = _tables(described_tables, parts)
    missing = [name for name in _tables(referenced_tables, parts) if name not in described]
    referred = having_any(store, index, table_terms(project_id, missing[:_MAX_REFERRED]), _MAX_REFERRED)
    parts = whole_groups(store, project_id, [*parts, *_rows(store, SCHEMA_METADATA, project_id, referred)])
    return sorted(parts, key=lambda part: str(part["created_at"]))


def _tables(tables_of: Callable[[Any], dict[str, None]], parts: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for part in parts for name in tables_of(part["schema_data"])))


async def _select_contexts(store: Store, project_id: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = request["context_id"]
    contexts = await _candidates(store, CONTEXTS, project_id, wanted, request["query"], asked_terms, _MAX_CONTEXTS)
    return select_relevant(
        contexts,
        lambda item: relevance(request["query"], f"{item['name']} {item['content']}"),
        request["contexts_limit"],
        request["contexts_cutoff"],
    )


async def _candidates(
    store: Store,
    table: Table,
    project_id: str,
    id: str | None,
    question: str,
    terms_of: Callable[[str, str], list[str]],
    most: int,
) -> list[dict[str, Any]]:
    """Return the item asked for, all if they are few, or those that share the most words with the question."""
    if id is not None:
        item = store.get(table, project_id, id)
        return [item] if item else []
    if _has_few(store, table, project_id):
        return store.list_all(table, project_id)
    found = await most_shared(store, f"{table.name}_words", terms_of(project_id, question), most)
    return _rows(store, table, project_id, [*found, *_displayed(store, table, project_id)])


async def _select_golden_examples(store: Store, project_id: str, request: dict[str, Any]) -> list[Example]:
    examples = await _candidates(
        store, GOLDEN_EXAMPLES, project_id, request["example_id"], request["query"], question_terms, _MAX_EXAMPLES
    )
    return [Example(item["user_query"], item["sql_query"], item["id"]) for item in examples]


async def _select_rated_answers(store: Store, project_id: str, question: str) -> list[Example]:
    """Return earlier answers with their latest rating, the newest first."""
    await index_rest(store, "rated_words")
    found = newest(store, "rated_words", [scope_term(project_id)], _FEW + 1)
    if len(found) > _FEW:
        found = await most_shared(store, "rated_words", question_terms(project_id, question), _MAX_EXAMPLES)
    return [
        Example(query, sql, message_id, bool(is_positive))
        for _, message_id, query, sql, is_positive in store.fetch_all(_RATED_ANSWERS, json.dumps(found), project_id)
        if sql is not None
    ]


def _has_few(store: Store, table: Table, project_id: str) -> bool:
    sql = f"SELECT 1 FROM {table.name} WHERE project_id = ? LIMIT 1 OFFSET ?"  # noqa: S608 - a name from _tables.py
    return store.fetch_one(sql, project_id, _FEW) is None


def _displayed(store: Store, table: Table, project_id: str) -> list[int]:
    """Return the `seq` of the items that are always displayed."""
    sql = f"SELECT seq FROM {table.name} WHERE project_id = ? AND is_always_displayed = 1 ORDER BY seq LIMIT ?"  # noqa: S608 - likewise
    return [row[0] for row in store.fetch_all(sql, project_id, _MAX_DISPLAYED)]


def _rows(store: Store, table: Table, project_id: str, found: list[int]) -> list[dict[str, Any]]:
    """Return the items with these `seq`, in order of creation."""
    sql = f"{table.select_sql} WHERE seq IN (SELECT value FROM json_each(?)) AND project_id = ? ORDER BY seq"  # noqa: S608 - names
    return [table.decode(row) for row in store.fetch_all(sql, json.dumps(found), project_id)]


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
