"""Making text from a service safe and readable in a terminal."""

from __future__ import annotations

import re
from typing import Any

MAX_LINE_LENGTH = 1_000

# Control characters (other than tab and newline), line separators, bidirectional controls and lone surrogates: they
# could move the cursor, change the state of the terminal, or reverse the reading direction.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# Strings and quoted names; comments; brackets; the keyword that starts a clause; other text.
# Possessive quantifiers do not backtrack, so that the time is linear in the length of the SQL.
_SQL = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*+'|"(?:[^"]|"")*+"|`[^`]*+`)|(?P<comment>--|/\*|\n)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<clause>\s++(?:FROM|(?:(?:LEFT|RIGHT|FULL|INNER|CROSS|OUTER)\s++){0,3}+JOIN|WHERE|GROUP\s++BY|HAVING"""
    r"""|ORDER\s++BY|LIMIT|UNION|INTERSECT|EXCEPT)\b)|[^\S\n]++|\w++|.""",
    re.IGNORECASE | re.DOTALL,
)


def replace_control_characters(value: Any) -> str:
    """Return a value as text with its control characters, except newlines, replaced; tabs become spaces."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", str(value)).expandtabs(4)


def one_line(value: Any) -> str:
    """Return a value as one line of text, with at most 1,000 characters of it."""
    text = " ".join(replace_control_characters(value).split())
    return text if len(text) <= MAX_LINE_LENGTH else f"{text[:MAX_LINE_LENGTH]} ..."


def pluralize(count: int, noun: str) -> str:
    """Return a count with its noun: `1 row`, `1,234 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def break_before_clauses(sql: str) -> str:
    """Return SQL of one line with each clause on its own line; other SQL is returned unchanged."""
    tokens, depth = [], 0
    for token in _SQL.finditer(sql.strip()):
        if token["comment"]:
            return sql.strip()  # it has line breaks already, or a comment that a line break could end
        depth += bool(token["open"]) - bool(token["close"])
        tokens.append(f"\n{token[0].lstrip()}" if token["clause"] and not depth else token[0])
    return "".join(tokens)
