"""The execution cache: results of earlier questions that are similar to a new one, with their latest rating."""

from __future__ import annotations

import datetime as dt
import functools
from typing import TYPE_CHECKING, Any

from text2everything.local._tables import EXECUTIONS
from text2everything.local.engine import similarity

if TYPE_CHECKING:
    from text2everything.local._store import Store

# An execution can have any number of ratings; the latest one counts.
_CANDIDATES = """
SELECT e.id, m.user_query, f.is_positive, f.feedback
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
_MAX_AGE_DAYS = 365 * 1_000


def look_up(store: Store, project_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the successful executions on a connector whose question is similar to the new one.

    The candidates are the newest `limit` executions that are not older than `max_age_days` and, with
    `only_positive_feedback`, whose latest rating is positive. Those with at least `similarity_threshold` match. The
    best `top_n` matches are returned: the most similar first, then those rated positive, then the newest.
    """
    max_age = dt.timedelta(days=min(request["max_age_days"], _MAX_AGE_DAYS))
    since = (dt.datetime.now(dt.UTC) - max_age).isoformat(timespec="microseconds")
    condition = "AND f.is_positive " if request["only_positive_feedback"] else ""
    candidates = store.fetch_all(
        f"{_CANDIDATES} {condition}ORDER BY e.seq DESC LIMIT ?",
        *(project_id, request["connector_id"], since, request["limit"]),
    )
    # Cached, because many candidates have the same question.
    similarity_to = functools.cache(functools.partial(similarity, request["user_query"]))
    scored = [(similarity_to(candidate[1]), candidate) for candidate in candidates]
    matches = [entry for entry in scored if entry[0] >= request["similarity_threshold"]]
    matches.sort(key=lambda entry: (-entry[0], not entry[1][2]))  # stable: the newest are first already
    found = [_render_match(store, project_id, score, candidate) for score, candidate in matches[: request["top_n"]]]
    return {"cache_hit": bool(found), "matches": found, "candidates_checked": len(candidates)}


def _render_match(store: Store, project_id: str, score: float, candidate: tuple[Any, ...]) -> dict[str, Any]:
    execution_id, question, is_positive, comment = candidate
    execution = store.get(EXECUTIONS, project_id, execution_id) or {}
    return {
        "execution": {**{name: execution[name] for name in CACHED_COLUMNS}, "user_query": question},
        "similarity_score": round(score, 4),
        "has_feedback": is_positive is not None,
        "feedback_is_positive": None if is_positive is None else bool(is_positive),
        "feedback_comment": comment,
    }
