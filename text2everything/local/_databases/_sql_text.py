"""SQL text in pieces: comments, strings, quoted names, words, numbers and symbols, as the database itself reads them.

The parser has a reader of its own. Both must agree on where strings and quoted names end, and the parser is never
shown a comment; so nothing can hide in what one of them takes for a comment or a string and the database does not.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from typing import TYPE_CHECKING

import attrs

from text2everything.local._databases._errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 100_000
_MOST_PIECES = 20_000
_DEEPEST = 60

_MYSQL = {"mysql", "mariadb"}
_STANDARD = r"'(?:[^']|'')*+'"
_BACKSLASH = r"'(?:[^'\\]|''|\\.)*+'"
_DOLLAR = r"\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$"

_STRINGS = {
    "sqlite": [rf"[xX]?{_STANDARD}"],
    "postgres": [rf"[eE]{_BACKSLASH}", rf"[bBxXnN]?{_STANDARD}", _DOLLAR],
    "duckdb": [rf"[eE]{_BACKSLASH}", rf"[bBxXnN]?{_STANDARD}", _DOLLAR],
    "mysql": [rf"[bBxXnN]?{_BACKSLASH}", _BACKSLASH.replace("'", '"')],
    "sqlserver": [rf"[nN]?{_STANDARD}"],
    "snowflake": [rf"[xX]?{_BACKSLASH}", r"\$\$.*?\$\$"],
}
_QUOTED_NAMES = {
    "sqlite": [r'"(?:[^"]|"")*+"', r"`(?:[^`]|``)*+`", r"\[[^\]]*+\]"],
    "mysql": [r"`(?:[^`]|``)*+`"],
    "sqlserver": [r'"(?:[^"]|"")*+"', r"\[(?:[^\]]|\]\])*+\]"],
}
_STANDARD_QUOTED_NAMES = [r'"(?:[^"]|"")*+"']

# What looks like a comment, and is something else on one database or another.
_NOT_COMMENTS = (
    (re.compile(r"/\*[mM]?!"), "a comment that the database runs (/*! */) is refused"),
    (re.compile(r"/\*\+"), "optimizer hints (/*+ */) are refused"),
    (
        re.compile(r"/\*(?:(?!\*/|/\*).)*+(?!\*/)", re.DOTALL),
        "a comment within a comment, or without end, is refused",
    ),
)

_DOTTED_VARIABLE = re.compile(r"(?<!@)@(?!@)[\w$]*\.")


@attrs.frozen
class Piece:
    """A part of the text; `name` is what a word or a quoted name stands for, in lower case."""

    kind: str
    text: str
    start: int
    name: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@attrs.frozen
class SqlText:
    """A statement in pieces, without space, comments and the semicolon at its end.

    Attributes:
        text: The statement with spaces in place of comments; every position is that of the original.
    """

    text: str
    pieces: tuple[Piece, ...]

    def words(self) -> list[str]:
        """Return the words in upper case; what is no word is "" for a quoted text, or the symbol."""
        return [piece.name.upper() if piece.kind == "word" else _symbol(piece) for piece in self.pieces]

    def rest(self, first: int) -> SqlText:
        """Return what begins at a piece."""
        if first >= len(self.pieces):
            return SqlText("", ())
        start = self.pieces[first].start
        return SqlText(" " * start + self.text[start:], self.pieces[first:])

    def called_names(self) -> Iterator[str]:
        """Yield every name that an opening parenthesis follows."""
        for piece, following in itertools.pairwise(self.pieces):
            if piece.name and following.text == "(":
                yield piece.name


def _symbol(piece: Piece) -> str:
    return piece.text if piece.kind == "symbol" else ""


def read_sql_text(sql: str, db_type: str) -> SqlText:
    """Take a statement apart.

    Raises:
        DatabaseError: It is empty, too long or too deep, more than one, or can be read in more than one way.
    """
    if len(sql) > _LONGEST:
        raise DatabaseError(f"a statement of more than {_LONGEST:,} characters is refused")
    if "\0" in sql:
        raise DatabaseError("a statement with a null character is refused")
    kept: list[Piece] = []
    text = list(sql)
    for piece in _split(sql, db_type):
        if piece.kind in {"space", "comment"}:
            text[piece.start : piece.end] = [" "] * len(piece.text)
            continue
        kept.append(piece)
        if len(kept) > _MOST_PIECES:
            raise DatabaseError(f"a statement of more than {_MOST_PIECES:,} words and symbols is refused")
    while kept and kept[-1].text == ";":
        text[kept.pop().start] = " "
    if not kept:
        raise DatabaseError("the SQL is empty")
    if any(piece.text == ";" for piece in kept):
        raise DatabaseError("exactly one statement can be run at a time")
    _require_one_reading(kept, db_type)
    if db_type in _MYSQL:
        _require_plain_variables(sql, kept)
    _require_shallow(kept)
    return SqlText("".join(text), tuple(kept))


@functools.cache
def _pattern(db_type: str) -> re.Pattern[str]:
    # MySQL takes -- for two minus signs unless space follows.
    line_comments = [r"--(?=[ \t\r\n]|\Z)" if db_type in _MYSQL else "--"]
    line_comments += {"mysql": ["#"], "mariadb": ["#"], "snowflake": ["//"]}.get(db_type, [])
    dialect = "mysql" if db_type in _MYSQL else db_type
    # What opens a quoted text where its end is missing.
    unfinished = r"\[" if db_type in {"sqlite", "sqlserver"} else r"\$(?:[A-Za-z_]\w*)?\$"
    alternatives = {
        "space": r"(?:[ \t\n]|\r\n)+",
        # One inside another is nested for some databases, and for others ends at the first end.
        "comment": rf"(?:{'|'.join(line_comments)})[^\r\n]*(?=\r?\n|\Z)|/\*(?:(?!\*/|/\*).)*\*/",
        "string": "|".join(_STRINGS[dialect]),
        "quoted": "|".join(_QUOTED_NAMES.get(dialect, _STANDARD_QUOTED_NAMES)),
        "word": r"[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*",
        # A word right after a number is read together with it, or as the next word: it depends.
        "number": r"(?>0[xX][0-9a-fA-F]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?)(?![\w$\x80-\U0010ffff])",
        # Control characters are space for some databases, for others part of a name or an error.
        "symbol": rf"->>|:=|::|(?!{unfinished})[^\s'\"`\w\x00-\x1f\x7f-\U0010ffff]",
    }
    return re.compile("|".join(f"(?P<{kind}>{regex})" for kind, regex in alternatives.items()), re.DOTALL)


def _split(sql: str, db_type: str) -> Iterator[Piece]:
    pattern = _pattern(db_type)
    position = 0
    while position < len(sql):
        for hidden, message in _NOT_COMMENTS:
            if hidden.match(sql, position):
                raise DatabaseError(message)
        match = pattern.match(sql, position)
        if match is None:
            raise DatabaseError(
                f"the SQL cannot be read at character {position + 1}: {sql[position : position + 20]!r}"
            )
        kind = str(match.lastgroup if match.lastgroup != "tag" else "string")
        text = match.group()
        if kind in {"word", "comment"}:
            _require_plain_characters(text)
        yield Piece(kind, text, position, _name(kind, text))
        position = match.end()


def _require_plain_characters(text: str) -> None:
    # Spaces and line ends beyond ASCII's are letters of a name for some databases, and for others they are not.
    for character in text:
        if character not in " \t" and unicodedata.category(character)[0] in "ZC":
            raise DatabaseError(f"the character U+{ord(character):04X} outside of quotes is refused")


def _name(kind: str, text: str) -> str:
    if kind == "quoted":
        text = text[1:-1].replace(text[-1] * 2, text[-1])
    elif kind != "word":
        return ""
    return unicodedata.normalize("NFKC", text).lower()


def _require_one_reading(pieces: list[Piece], db_type: str) -> None:
    for piece, following in itertools.pairwise(pieces):
        touches = piece.end == following.start
        if touches and following.text == "&" and piece.name == "u":
            raise DatabaseError("names and strings with Unicode escapes (U&) are refused")
        if piece.kind == following.kind == "string" and piece.text[0] in "eE":
            raise DatabaseError("a string that continues another with escapes (E'') is refused")
        if db_type == "sqlserver" and piece.text == "$":
            raise DatabaseError("a dollar sign outside of a name is refused")
        if touches and piece.kind in {"string", "quoted"} and following.kind in {"string", "quoted"}:
            raise DatabaseError("two quoted texts that touch are refused")


def _require_plain_variables(sql: str, pieces: list[Piece]) -> None:
    # `@a. INTO @b`: the dot is part of the variable's name, and what follows is a word, not the name of a column.
    if any(piece.text == "@" and _DOTTED_VARIABLE.match(sql, piece.start) for piece in pieces):
        raise DatabaseError("a variable with a dot in its name is refused")


def _require_shallow(pieces: list[Piece]) -> None:
    depth = run = 0
    for piece in pieces:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(piece.text, 0)
        depth += {"case": 1, "end": -1}.get(piece.name, 0)
        run = run + 1 if piece.text in {"-", "+", "~", "!", "@"} or piece.name == "not" else 0
        if max(depth, run) > _DEEPEST:
            raise DatabaseError(f"a statement nested more than {_DEEPEST} deep is refused")
