"""`Indexer`: puts items into the indexes of words, some at once."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from text2everything.local._search_terms import register

if TYPE_CHECKING:
    import sqlite3

# For each index the SELECT of the `seq` and terms of items.
_TERMS: Final = {
    "contexts_words": "SELECT seq, t2e_text_terms(project_id, name, content) FROM contexts",
    "golden_examples_words": "SELECT seq, t2e_question_terms(project_id, user_query) FROM golden_examples",
    "schema_metadata_words": (
        "SELECT seq, t2e_schema_terms(project_id, name, description, schema_data) FROM schema_metadata"
    ),
    "executions_words": (
        "SELECT e.seq AS seq, t2e_question_terms(e.connector_id, m.user_query)"
        " FROM executions e JOIN chat_messages m ON m.id = e.chat_message_id"
    ),
    "rated_words": "SELECT seq, t2e_question_terms(project_id, user_query) FROM chat_messages",
}
# The indexes of what is in these tables.
_OF_TABLES: Final = {
    **{name.removesuffix("_words"): name for name in _TERMS if name != "rated_words"},
    "feedback": "rated_words",
}
# So many new items are indexed together; a search indexes those that are left first.
_AT_ONCE: Final = 32


class Indexer:
    """Indexes what the triggers of the database noted as unindexed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._new: Counter[str] = Counter()
        register(connection)

    def count_new(self, table: str) -> None:
        """Count a new item of a table, and index it with those before it if there are enough."""
        index = _OF_TABLES.get(table)
        if index is None:
            return
        self._new[index] += 1
        if self._new[index] >= _AT_ONCE:
            self._new[index] = 0
            self.index_some(index)

    def index_some(self, index: str) -> bool:
        """Index some of the unindexed items of an index; return whether there may be more."""
        (found,) = self._connection.execute(
            "SELECT json_group_array(seq) FROM (SELECT seq FROM unindexed WHERE name = ? ORDER BY seq LIMIT ?)",
            (index, _AT_ONCE),
        ).fetchone()
        items = json.loads(found)
        if items:
            column = "e.seq" if index == "executions_words" else "seq"
            self._connection.execute("SAVEPOINT indexing")
            try:
                these = "IN (SELECT value FROM json_each(?))"
                self._connection.execute(f"DELETE FROM {index} WHERE rowid {these}", (found,))  # noqa: S608 - a name from above
                insert = f"INSERT INTO {index} (rowid, terms) {_TERMS[index]} WHERE {column} {these}"
                self._connection.execute(insert, (found,))
                self._connection.execute(f"DELETE FROM unindexed WHERE name = ? AND seq {these}", (index, found))  # noqa: S608
            except BaseException:
                self._connection.execute("ROLLBACK TO indexing")
                raise
            finally:
                self._connection.execute("RELEASE indexing")
        return len(items) == _AT_ONCE

    def index_all(self) -> None:
        """Index everything that is unindexed."""
        for index in _TERMS:
            while self.index_some(index):
                pass
