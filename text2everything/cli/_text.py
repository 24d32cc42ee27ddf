"""Text from a service, made fit for a terminal."""

from __future__ import annotations

import re
from typing import Any

MOST_OF_A_MESSAGE = 1_000

# All that could move the cursor, change the terminal's state or turn the reading direction; not tab and newline.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# Strings and quoted names; comments; brackets; where a clause begins; everything else by the letter.
# Possessive, so that hostile SQL takes no longer than other SQL of its length.
_SQL = re.compile(
    r"""(?P<quoted>'(?:[^']|'')*+'|"(?:[^"]|"")*+"|`[^`]*+`)|(?P<comment>--|/\*|\n)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<clause>\s++(?:FROM|(?:(?:LEFT|RIGHT|FULL|INNER|CROSS|OUTER)\s++){0,3}+JOIN|WHERE|GROUP\s++BY|HAVING"""
    r"""|ORDER\s++BY|LIMIT|UNION|INTERSECT|EXCEPT)\b)|[^\S\n]++|\w++|.""",
    re.IGNORECASE | re.DOTALL,
)


def clean(value: Any) -> str:
    """Return a value as text without control characters, newlines apart."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", str(value)).expandtabs(4)


def one_line(value: Any) -> str:
    """Return a value as one line of text, cut where it is very long."""
    text = " ".join(clean(value).split())
    return text if len(text) <= MOST_OF_A_MESSAGE else f"{text[:MOST_OF_A_MESSAGE]} ..."


def many(count: int, noun: str) -> str:
    """Return `1 row`, `1,234 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def sql_lines(sql: str) -> str:
    """Return SQL with each clause on a line of its own, if it was one line; only white space changes."""
    found, depth = [], 0
    for part in _SQL.finditer(sql.strip()):
        if part["comment"]:
            return sql.strip()  # laid out by somebody, or not to be touched
        depth += bool(part["open"]) - bool(part["close"])
        found.append(f"\n{part[0].lstrip()}" if part["clause"] and not depth else part[0])
    return "".join(found)
