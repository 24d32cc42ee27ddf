"""Reading the reply of a language model: a JSON object, SQL in a fence, or bare SQL."""

from __future__ import annotations

import contextlib
import json
import re
from itertools import islice
from typing import Any, Final

import attrs

MAX_REPLY: Final = 100_000
"""Characters of a reply at most, without thoughts."""
MAX_SQL: Final = 20_000
"""Characters of its SQL at most."""
_MAX_EXPLANATION: Final = 500
_THOUGHTS_END: Final = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_FENCE: Final = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)")
_OBJECT: Final = re.compile(r"\{\s*\"")
_MAX_TRIES: Final = 200
_QUERY: Final = re.compile(r"(?:\s|--[^\n]*\n|\()*(?:SELECT|WITH|VALUES|FROM)\b", re.IGNORECASE)
_INVISIBLE: Final = re.compile(r"[^\S ]+|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class QueryError(Exception):
    """Something cannot be used; the message says why, for the model and for users."""


@attrs.frozen
class ModelReply:
    """What a model answered.

    Attributes:
        sql: The SQL; None if the model says that the question cannot be answered.
        explanation: What the model says about it, in one line.
        used: The names of the items that it says decided.
    """

    sql: str | None
    explanation: str = ""
    used: tuple[str, ...] = ()


def parse_reply(text: str) -> ModelReply:
    """Read the reply of a model.

    Raises:
        QueryError: There is not exactly one answer in it.
    """
    text = _THOUGHTS_END.split(text)[-1].strip()  # without what a reasoning model thought before it answered
    if len(text) > MAX_REPLY:
        raise QueryError(f"the reply has more than {MAX_REPLY:,} characters")
    blocks, prose = _fenced(text)
    objects = [found for part in (prose, *(body for _, body in blocks)) for found in _objects(part)]
    queries = [body for kind, body in blocks if not _objects(body) and (kind == "sql" or _QUERY.match(body))]
    if len(objects) + len(queries) > 1:
        raise QueryError("the reply has several answers; give one")
    if objects:
        return _from_object(objects[0])
    if queries:
        return _with_sql(queries[0], prose)
    if _QUERY.match(prose):
        return _with_sql(prose)
    raise QueryError('the reply is no JSON object with "sql", and no SQL')


def one_line(text: str, most: int) -> str:
    """Return a text for users: in one line, without invisible characters, cut at a length."""
    line = " ".join(_INVISIBLE.sub(" ", text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _fenced(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return the fenced blocks of a text, each with the word at its fence, and the text without them."""
    blocks: list[tuple[str, str]] = []
    prose: list[str] = []
    fence, kind, lines = "", "", list[str]()
    for line in text.splitlines():
        found = _FENCE.match(line)
        if not fence and found:
            fence, kind, lines = found[1], found[2].casefold(), []
        elif fence and line.strip() == fence:
            blocks.append((kind, "\n".join(lines).strip()))
            fence = ""
        else:
            (lines if fence else prose).append(line)
    if fence:  # never closed
        blocks.append((kind, "\n".join(lines).strip()))
    return blocks, "\n".join(prose).strip()


def _objects(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects with `sql` in a text, also with other words before and after them."""
    found: list[dict[str, Any]] = []
    decoder = json.JSONDecoder(strict=False)
    end = 0
    for start in islice(_OBJECT.finditer(text), _MAX_TRIES):
        if start.start() < end:  # within the one before
            continue
        with contextlib.suppress(ValueError, RecursionError):
            value, end = decoder.raw_decode(text, start.start())
            found += [value] if "sql" in value else []
    return found


def _from_object(found: dict[str, Any]) -> ModelReply:
    sql, explanation, used = found["sql"], found.get("explanation"), found.get("used")
    explanation = explanation if isinstance(explanation, str) else ""
    if sql is None or (isinstance(sql, str) and not sql.strip()):
        return ModelReply(None, one_line(explanation, _MAX_EXPLANATION))
    if not isinstance(sql, str):
        raise QueryError('"sql" must be a string or null')
    names = tuple(name for name in used if isinstance(name, str)) if isinstance(used, list) else ()
    return attrs.evolve(_with_sql(sql, explanation), used=names)


def _with_sql(sql: str, explanation: str = "") -> ModelReply:
    sql = sql.strip()
    if (blocks := _fenced(sql)[0]) and sql.startswith(("```", "~~~")):
        sql = blocks[0][1]
    sql = sql.strip().rstrip(";").rstrip()
    if not sql:
        raise QueryError("the reply has no SQL")
    if len(sql) > MAX_SQL:
        raise QueryError(f"the SQL has more than {MAX_SQL:,} characters")
    return ModelReply(sql, one_line(explanation, _MAX_EXPLANATION))
