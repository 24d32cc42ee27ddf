"""The execution cache: results of earlier questions that are similar to a new one, with their latest rating."""

from __future__ import annotations

import datetime as dt
import functools
import json
from typing import TYPE_CHECKING, Any, Final

from text2everything.local._search_terms import MAX_QUESTION_TERMS, question_terms, scope_term
from text2everything.local._slices import Pace
from text2everything.local._tables import EXECUTIONS
from text2everything.local._word_index import most_shared, newest
from text2everything.local.engine import MOST_IF_DIFFERENT, similarity
from text2everything.local.engine._question import base_form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._store import Store

# In one row: with each row that sqlite3 fetches, another thread that computes gets its turn.
# An execution can have any number of ratings; the latest one counts.
_CANDIDATES: Final = """
SELECT json_group_array(json_array(e.id, m.user_query, f.is_positive, f.feedback, e.seq, m.seq, (
    SELECT terms FROM executions_words WHERE rowid = e.seq
)))
FROM executions e
JOIN chat_messages m ON m.id = e.chat_message_id
LEFT JOIN feedback f ON f.seq = (SELECT max(seq) FROM feedback WHERE execution_id = e.id)
WHERE e.project_id = ? AND e.connector_id = ? AND e.is_successful AND e.created_at >= ?
"""
CACHED_COLUMNS = (
    "id",
    "sql_query",
    "result",
    "connector_id",
    "chat_message_id",
    "execution_time_ms",
    "is_successful",
    "created_at",
    "updated_at",
)
# datetime cannot hold dates before the year 1.
_MAX_AGE_DAYS: Final = 365 * 1_000


# So many times more rated messages are looked for than there may be candidates: some are rated bad, or old, or of
# another connector.
_RATED_FACTOR: Final = 4
# The clock may be set back meanwhile, but hardly by more.
_CLOCK_DAYS: Final = 1


async def look_up(store: Store, project_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the successful executions on a connector whose question is similar to the new one.

    The candidates are executions that are not older than `max_age_days` and, with `only_positive_feedback`, whose
    latest rating is positive: up to `limit`, those first that share the most words with the question, then the
    newest. Those with at least `similarity_threshold` match. The best `top_n` matches are returned: the most similar
    first, then those rated positive, then the newest.
    """
    candidates = await _candidates(store, project_id, request)
    # Cached, because many candidates have the same question.
    similarity_to = functools.cache(functools.partial(similarity, request["user_query"]))
    asked = _base_forms(question_terms(request["connector_id"], request["user_query"]))
    scored, pace = [], Pace()
    for candidate in candidates:
        # Reading a question takes longer than all else, and its words tell already that it asks for something else.
        if request["similarity_threshold"] > MOST_IF_DIFFERENT and _differ(asked, candidate[6]):
            continue
        scored.append((similarity_to(candidate[1]), candidate))
        await pace.rest_if_due()
    matches = [entry for entry in scored if entry[0] >= request["similarity_threshold"]]
    matches.sort(key=lambda entry: (-entry[0], not entry[1][2], -entry[1][4]))
    found = [_render_match(store, project_id, score, candidate) for score, candidate in matches[: request["top_n"]]]
    return {"cache_hit": bool(found), "matches": found, "candidates_checked": len(candidates)}


def _base_forms(terms: Iterable[str]) -> set[str]:
    """Return the words of terms, each in the form that is compared; the scope alone is no word."""
    return {base_form(word) for term in terms if (word := term.partition(":")[2])}


def _differ(asked: set[str], terms: str | None) -> bool:
    """Whether each of two questions has a word that the other one lacks, by the terms in the index."""
    known = _base_forms((terms or "").split())
    if not known or max(len(asked), len(known)) >= MAX_QUESTION_TERMS:  # not indexed, or not whole
        return False
    return bool(asked - known and known - asked)


async def _candidates(store: Store, project_id: str, request: dict[str, Any]) -> list[tuple[Any, ...]]:
    connector_id, question, limit = request["connector_id"], request["user_query"], request["limit"]
    max_age = dt.timedelta(days=min(request["max_age_days"], _MAX_AGE_DAYS))
    since = dt.datetime.now(dt.UTC) - max_age
    if request["only_positive_feedback"]:
        found = await _similar(store, "rated_words", project_id, question, _RATED_FACTOR * limit)
        condition, place = "AND f.is_positive AND m.seq IN", 5
    else:
        first = _first_since(store, since - dt.timedelta(days=_CLOCK_DAYS))
        found = await _similar(store, "executions_words", connector_id, question, limit, first)
        condition, place = "AND e.seq IN", 4
    (rows,) = store.fetch_one(
        f"{_CANDIDATES} {condition} (SELECT value FROM json_each(?))",  # noqa: S608 - constants
        *(project_id, connector_id, _iso(since), json.dumps(found)),
    ) or ("[]",)
    ranks = {seq: rank for rank, seq in enumerate(found)}
    return sorted(json.loads(rows), key=lambda row: (ranks[row[place]], -row[4]))[:limit]


async def _similar(store: Store, index: str, scope: str, question: str, limit: int, since: int = 0) -> list[int]:
    """Return the `seq` of items that share words with a question, and the newest if these are fewer than `limit`."""
    found = await most_shared(store, index, question_terms(scope, question), limit, since)
    if len(found) < limit:
        found = list(dict.fromkeys([*found, *newest(store, index, [scope_term(scope)], limit, since)]))
    return found[:limit]


def _first_since(store: Store, since: dt.datetime) -> int:
    """Return a `seq` that no execution of this time or later is before; they are stored in order of time."""
    (low,) = store.fetch_one("SELECT min(seq) FROM executions") or (None,)
    (high,) = store.fetch_one("SELECT max(seq) FROM executions") or (None,)
    if low is None or high is None:
        return 0
    while low < high:
        middle = (low + high) // 2
        seq, created_at = store.fetch_one(
            "SELECT seq, created_at FROM executions WHERE seq >= ? ORDER BY seq LIMIT 1", middle
        ) or (high, "")
        if created_at < _iso(since):
            low = seq + 1
        else:
            high = middle
    return int(low)


def _iso(time: dt.datetime) -> str:
    return time.isoformat(timespec="microseconds")


def _render_match(store: Store, project_id: str, score: float, candidate: tuple[Any, ...]) -> dict[str, Any]:
    execution_id, question, is_positive, comment, *_ = candidate
    execution = store.get(EXECUTIONS, project_id, execution_id) or {}
    return {
        "execution": {**{name: execution[name] for name in CACHED_COLUMNS}, "user_query": question},
        "similarity_score": round(score, 4),
        "has_feedback": is_positive is not None,
        "feedback_is_positive": None if is_positive is None else bool(is_positive),
        "feedback_comment": comment,
    }
