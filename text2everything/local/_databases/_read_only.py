"""Whether a statement is a query through and through, found out before a database sees it.

The first of two layers; the second is the database itself, which is told to refuse what writes. This one looks at the
text (`_sql_text`), the words and the names of functions in it (`_functions`), and the tree (`_sql_tree`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._functions import (
    FUNCTIONS,
    SQLITE_PRAGMAS,
    SQLITE_PRAGMAS_WITH_ARGUMENT,
    is_refused,
)
from text2everything.local._databases._sql_text import read_sql_text
from text2everything.local._databases._sql_tree import parser_functions, require_no_file, require_query_tree
from text2everything.local._databases._words import (
    ALLOWED_PAIRS,
    EXPLAIN_LIST_OPTIONS,
    EXPLAIN_OPTIONS,
    EXPLAIN_VALUES,
    MYSQL_SHOW,
    NOT_OF_THE_CATALOGUE,
    OPERATORS,
    QUERY_WORDS,
    REFUSED_SYMBOLS,
    REFUSED_WORDS,
    REFUSED_WORDS_AS_FUNCTIONS,
    family,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from text2everything.local._databases._sql_text import Piece, SqlText


def require_read_only(sql: str, db_type: str) -> None:
    """Check that a statement only reads, as far as its text tells.

    Raises:
        DatabaseError: What is refused, and why.
    """
    text = read_sql_text(sql, db_type)
    dialect = family(db_type)
    words = text.words()
    if words[0] in QUERY_WORDS[dialect]:
        _require_query(text, db_type)
    elif words[0] in {"EXPLAIN", "DESCRIBE", "DESC"} and dialect in EXPLAIN_OPTIONS:
        _require_explain(text, words, db_type)
    elif words[0] == "SHOW" and dialect in _SHOW:
        _SHOW[dialect](text, words, db_type)
    elif words[0] == "SUMMARIZE" and dialect == "duckdb":
        _require_query_or_name(text.rest(1), db_type)
    elif words[0] == "PRAGMA" and dialect == "sqlite":
        _require_sqlite_pragma(text)
    else:
        raise DatabaseError(f"{text.pieces[0].text[:40]} is refused: only a query that reads can be run")


def _require_query(text: SqlText, db_type: str) -> None:
    dialect = family(db_type)
    if not text.pieces or text.words()[0] not in QUERY_WORDS[dialect]:
        raise DatabaseError("only a query that reads can be run or explained")
    _require_words(text, dialect)
    _require_symbols(text, dialect)
    qualified = _require_functions(text, db_type)
    if db_type == "mariadb" and text.words()[:2] == ["VALUES", "("]:
        # The parser knows MySQL's VALUES ROW(...) only; the rows are the same as expressions.
        start = text.pieces[0].start
        text = attrs.evolve(text, text=f"{text.text[:start]}SELECT{text.text[start + 6 :]}")
    require_query_tree(text, db_type, qualified)


def _require_words(text: SqlText, dialect: str) -> None:
    refused = REFUSED_WORDS.get(dialect, frozenset())
    words = ["", *text.words(), ""]
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if word not in refused or (before == "." and dialect != "sqlserver"):
            continue
        if (after == "(" and word in REFUSED_WORDS_AS_FUNCTIONS) or {(before, word), (word, after)} & ALLOWED_PAIRS:
            continue
        raise DatabaseError(f"{word} is refused: only a query that reads can be run")


def _require_symbols(text: SqlText, dialect: str) -> None:
    refused = REFUSED_SYMBOLS.get(dialect, {})
    symbols = ["" if piece.kind in {"string", "quoted", "word"} else piece.text for piece in text.pieces]
    for symbol, after in zip(symbols, [*symbols[1:], ""], strict=True):
        if symbol in refused and not (symbol == "!" and after == "="):
            raise DatabaseError(refused[symbol])


def _require_functions(text: SqlText, db_type: str) -> set[str]:
    """Check every name that an opening parenthesis follows; return those called as `schema.name` or `value.name`."""
    qualified = set()
    rule = FUNCTIONS[db_type]
    pieces = text.pieces
    for index, piece in enumerate(pieces):
        if not piece.name:
            continue
        called = index + 1 < len(pieces) and pieces[index + 1].text == "("
        after_dot = index > 0 and pieces[index - 1].text == "."
        owner = pieces[index - 2] if index > 1 and after_dot else None
        if called:
            _require_function(piece, owner, db_type)
            qualified |= {piece.name} if owner is not None else set()
        elif after_dot and rule.attributes is not None and rule.attributes.fullmatch(piece.name):
            raise DatabaseError(f"{piece.text} is refused: it changes a sequence")
        elif (
            db_type == "postgres"
            and owner is not None
            and owner.text in {")", "]"}
            and is_refused(piece.name, db_type)
        ):
            raise DatabaseError(f"the function {piece.text} is refused: it is not known to only read")
    return qualified


def _require_function(piece: Piece, owner: Piece | None, db_type: str) -> None:
    rule = FUNCTIONS[db_type]
    name = piece.name
    if owner is None and piece.kind == "word" and name.upper() in OPERATORS.get(family(db_type), ()):
        return
    refused = is_refused(name, db_type)
    if rule.known is not None and not refused:
        if owner is not None:
            whole = f"{owner.name}.{name}"
            refused = rule.qualified is None or rule.qualified.fullmatch(whole) is None
        elif not rule.with_parser:
            refused = name not in rule.known and name in parser_functions(db_type)
    if refused:
        raise DatabaseError(f"the function {piece.text} is refused: it is not known to only read")


def _require_explain(text: SqlText, words: Sequence[str], db_type: str) -> None:
    dialect = family(db_type)
    position = 1
    if dialect in EXPLAIN_LIST_OPTIONS and words[1:2] == ["("] and not QUERY_WORDS[dialect].issuperset(words[2:3]):
        position = _after_list_options(words, dialect)
    while position < len(words) and words[position] in EXPLAIN_OPTIONS[dialect]:
        position += 1
    rest = text.rest(position)
    if words[0] == "EXPLAIN" and dialect != "mysql":
        _require_query(rest, db_type)
    elif dialect == "snowflake":
        _require_plain(rest)
    else:
        _require_query_or_name(rest, db_type)


def _after_list_options(words: Sequence[str], dialect: str) -> int:
    end = list(words).index(")") if ")" in words else 0
    expect_name = True
    for word in words[2:end]:
        if word == ",":
            expect_name = True
        elif word not in (EXPLAIN_LIST_OPTIONS[dialect] if expect_name else EXPLAIN_VALUES):
            raise DatabaseError(
                f"EXPLAIN with {word or 'this option'} is refused: it runs the statement or is not known"
            )
        else:
            expect_name = False
    return end + 1


def _require_query_or_name(text: SqlText, db_type: str) -> None:
    dialect = family(db_type)
    if text.pieces and text.words()[0] in QUERY_WORDS[dialect]:
        _require_query(text, db_type)
        return
    _require_plain(text, strings=dialect == "mysql")
    if db_type == "duckdb":
        require_no_file("".join(piece.name or piece.text for piece in text.pieces))


def _require_plain(text: SqlText, *, strings: bool = True) -> None:
    """Check that there are only names, and strings to compare them with; statements of the catalogue have no more."""
    for index, piece in enumerate(text.pieces):
        plain = piece.kind in {"word", "quoted", "number"} or piece.text in {".", "=", "*", "$"}
        if piece.kind == "word" and (
            piece.name.upper() in NOT_OF_THE_CATALOGUE or (index == 0 and piece.name == "for")
        ):
            plain = False
        if not plain and not (strings and piece.kind == "string"):
            raise DatabaseError(f"{piece.text[:40]} is refused here: only a query that reads can be run")


def _require_mysql_show(text: SqlText, words: Sequence[str], db_type: str) -> None:
    # SHOW PLUGINS SONAME loads programs from files.
    if len(words) < 2 or words[1] not in MYSQL_SHOW or words[1:3] == ["PLUGINS", "SONAME"]:  # noqa: PLR2004 - SHOW and what
        raise DatabaseError("this SHOW is refused: it is not known to only read the catalogue")
    if "WHERE" in words:
        where = words.index("WHERE")
        start = text.pieces[where].start
        condition = read_sql_text("SELECT 1 FROM t " + text.text[start:], db_type)  # noqa: S608 - to be checked
        _require_query(condition, db_type)
        text = type(text)(text.text[:start], text.pieces[:where])
    _require_plain(text)


def _require_plain_show(text: SqlText, _: Sequence[str], db_type: str) -> None:
    _require_plain(text, strings=db_type == "snowflake")
    if db_type == "duckdb":
        require_no_file("".join(piece.name or piece.text for piece in text.pieces[1:]))


_SHOW = {
    "mysql": _require_mysql_show,
    "postgres": _require_plain_show,
    "snowflake": _require_plain_show,
    "duckdb": _require_plain_show,
}


def _require_sqlite_pragma(text: SqlText) -> None:
    names = [piece.name or piece.text for piece in text.pieces[1:]]
    if names[1:2] == ["."]:
        names = names[2:]
    allowed = names[:1] and names[0] in SQLITE_PRAGMAS and len(names) == 1
    if names[1:2] == ["("] and names[0] in SQLITE_PRAGMAS_WITH_ARGUMENT:
        allowed = len(names) == 4 and names[3] == ")" and names[2] not in {"(", ")"}  # noqa: PLR2004 - name(argument)
    if not allowed:
        raise DatabaseError("this PRAGMA is refused: it is not one of those that only describe the schema")
