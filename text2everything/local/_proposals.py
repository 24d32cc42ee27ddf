"""`Proposal`: SQL that the text of a bad rating proposes instead of an answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify

from text2everything.local.engine._sql import is_one_query

if TYPE_CHECKING:
    from text2everything.local.engine import Example
    from text2everything.local.engine._catalog import Catalog

_FENCED: Final = re.compile(r"```[ \t]*\w*\s(.*?)```", re.DOTALL)
_BARE: Final = re.compile(r"\b(?:SELECT|WITH)\b.*", re.DOTALL | re.IGNORECASE)
_LONGEST_COMMENT: Final = 20_000


def sql_in_comment(comment: str | None) -> str | None:
    """Return the SQL in a comment: in a fenced block, or from the word SELECT or WITH on; None if there is none.

    Example:
        >>> sql_in_comment("Only the paid ones: SELECT count(*) FROM bills WHERE paid = 1;")
        'SELECT count(*) FROM bills WHERE paid = 1'
    """
    comment = (comment or "")[:_LONGEST_COMMENT]
    found = _FENCED.search(comment)
    text = found[1] if found else (bare[0] if (bare := _BARE.search(comment)) else "")
    text = text.strip() if found else re.split(r";|\n\s*\n", text)[0].strip()
    return text.rstrip(";").rstrip() or None


def tables_in(sql: str, dialect: str) -> set[str]:
    """Return the names of the tables in a query, in lower case; none if it is not one query that only reads."""
    if not is_one_query(sql, dialect):
        return set()
    tree = sqlglot.parse_one(sql, dialect=dialect)
    own = {cte.alias_or_name.casefold() for cte in tree.find_all(exp.CTE)}
    return {table.name.casefold() for table in tree.find_all(exp.Table)} - own


@attrs.frozen
class Proposal:
    """SQL that a bad rating proposes instead, as an example, and the names of its tables in lower case."""

    example: Example
    tables: frozenset[str]

    def fits(self, catalog: Catalog, known: set[str], dialect: str) -> bool:
        """Whether the SQL has only tables and columns that are known.

        Args:
            catalog: The described tables.
            known: The names, in lower case, of tables that exist though they may not be described.
            dialect: The dialect of sqlglot that the SQL is in.
        """
        described = {table.name.rpartition(".")[2].casefold(): table for table in catalog.tables if table.columns}
        if not self.tables <= described.keys():
            return self.tables <= described.keys() | known
        schema: dict[str, object] = {name: {c.name: "TEXT" for c in described[name].columns} for name in self.tables}
        tree = sqlglot.parse_one(self.example.sql, dialect=dialect)
        for table in tree.find_all(exp.Table):
            table.set("db", None)
            table.set("catalog", None)
        try:
            qualify(tree, schema=schema, dialect=dialect, quote_identifiers=False)
        except SqlglotError:
            return False
        return True


def read_proposal(rated: Example, dialect: str) -> Proposal | None:
    """Return the SQL that a bad rating proposes, or None if it is not one query that only reads from tables."""
    sql = sql_in_comment(rated.comment)
    tables = tables_in(sql, dialect) if sql else set()
    if not sql or not tables:
        return None
    return Proposal(attrs.evolve(rated, sql=sql, positive=True), frozenset(tables))
