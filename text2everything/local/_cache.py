"""The execution cache: results of questions like the one asked, with what people thought of them."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any

from text2everything.local._tables import EXECUTIONS
from text2everything.local.engine import similarity

if TYPE_CHECKING:
    from text2everything.local._store import Store

# The latest rating decides; one execution can have many.
_CANDIDATES = """
SELECT e.id, m.user_query, f.is_positive, f.feedback
FROM executions e
JOIN chat_messages m ON m.id = e.chat_message_id
LEFT JOIN feedback f ON f.seq = (SELECT max(seq) FROM feedback WHERE execution_id = e.id)
WHERE e.project_id = ? AND e.connector_id = ? AND e.is_successful AND e.created_at >= ?
"""
_SHOWN = (
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
# About as far back as the calendar goes.
_LONGEST_AGE = 365 * 1_000


def look_up(store: Store, project_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the successful executions of one connector whose question is similar enough, best first.

    Of the newest `limit` that are not too old (and, if asked for, whose latest rating is positive) those with at
    least `similarity_threshold` are matches; the best `top_n` are returned. Equals are ordered by rating, then age.
    """
    age = dt.timedelta(days=min(request["max_age_days"], _LONGEST_AGE))
    since = (dt.datetime.now(dt.UTC) - age).isoformat(timespec="microseconds")
    condition = "AND f.is_positive " if request["only_positive_feedback"] else ""
    candidates = store.all(
        f"{_CANDIDATES} {condition}ORDER BY e.seq DESC LIMIT ?",
        *(project_id, request["connector_id"], since, request["limit"]),
    )
    # Popular questions are asked again and again.
    alike = functools.cache(functools.partial(similarity, request["user_query"]))
    scored = [(alike(candidate[1]), candidate) for candidate in candidates]
    matches = [entry for entry in scored if entry[0] >= request["similarity_threshold"]]
    matches.sort(key=lambda entry: (-entry[0], not entry[1][2]))  # newest first already, and the sort is stable
    found = [_match(store, project_id, score, candidate) for score, candidate in matches[: request["top_n"]]]
    return {"cache_hit": bool(found), "matches": found, "candidates_checked": len(candidates)}


def _match(store: Store, project_id: str, score: float, candidate: tuple[Any, ...]) -> dict[str, Any]:
    execution_id, question, positive, comment = candidate
    execution = store.get(EXECUTIONS, project_id, execution_id) or {}
    return {
        "execution": {**{name: execution[name] for name in _SHOWN}, "user_query": question},
        "similarity_score": round(score, 4),
        "has_feedback": positive is not None,
        "feedback_is_positive": None if positive is None else bool(positive),
        "feedback_comment": comment,
    }
