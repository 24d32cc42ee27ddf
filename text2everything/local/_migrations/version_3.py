"""Version 3: indexes of words, from which lookups and questions take their candidates; projects can be hidden.

Each index is an FTS5 table whose rowid is the `seq` of an item. What is to be indexed is noted by triggers in
`unindexed`, and indexed later by `_indexing.py`, many items at once, which costs a tenth. What is deleted leaves the
indexes at once, also when a foreign key deletes it.
"""

from __future__ import annotations

from typing import Final


def _index(name: str, table: str) -> str:
    """Return the SQL of an index, whose rows are deleted with those of the table."""
    # The terms are made by the service, so that only spaces separate them. Positions and sizes are not used.
    return f"""
CREATE VIRTUAL TABLE {name} USING fts5 (
    terms, detail = none, columnsize = 0, tokenize = "ascii tokenchars ':='"
);
CREATE TRIGGER {name}_delete AFTER DELETE ON {table} BEGIN
    DELETE FROM {name} WHERE rowid = old.seq;
    DELETE FROM unindexed WHERE name = '{name}' AND seq = old.seq;
END;
"""  # noqa: S608 - names from below


def _item_index(table: str, columns: str) -> str:
    """Return the SQL of the index of a table's items, whose words are in these columns."""
    return f"""
{_index(f"{table}_words", table)}
CREATE TRIGGER {table}_words_insert AFTER INSERT ON {table} BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('{table}_words', new.seq);
END;
CREATE TRIGGER {table}_words_update AFTER UPDATE OF {columns} ON {table} BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('{table}_words', new.seq);
END;
INSERT INTO unindexed (name, seq) SELECT '{table}_words', seq FROM {table};
"""  # noqa: S608 - names from below


# The messages of a rating: the one it is of, and that of its execution.
_NOTE_RATED: Final = """
    INSERT OR IGNORE INTO unindexed (name, seq)
        SELECT 'rated_words', seq FROM chat_messages
        WHERE id IN (new.chat_message_id, (SELECT chat_message_id FROM executions WHERE id = new.execution_id))
        AND NOT EXISTS (SELECT 1 FROM rated_words WHERE rowid = seq);
"""

SQL: Final = f"""
-- A project that is being deleted is hidden at once; its rows are deleted bit by bit.
ALTER TABLE projects ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX projects_deleted ON projects (is_deleted) WHERE is_deleted;

CREATE INDEX contexts_by_display ON contexts (project_id, is_always_displayed);
CREATE INDEX golden_examples_by_display ON golden_examples (project_id, is_always_displayed);
CREATE INDEX schema_metadata_by_display ON schema_metadata (project_id, is_always_displayed);
-- With the project in them, filtered lists are counted without reading the rows.
DROP INDEX executions_by_connector;
CREATE INDEX executions_by_connector ON executions (connector_id, project_id);
DROP INDEX executions_by_message;
CREATE INDEX executions_by_message ON executions (chat_message_id, project_id);

CREATE TABLE unindexed (name TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, seq)) WITHOUT ROWID;
{_item_index("contexts", "name, content")}
{_item_index("golden_examples", "user_query")}
{_item_index("schema_metadata", "name, description, schema_data")}

-- The successful executions of messages.
{_index("executions_words", "executions")}
CREATE TRIGGER executions_words_insert AFTER INSERT ON executions
WHEN new.is_successful AND new.chat_message_id IS NOT NULL BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('executions_words', new.seq);
END;
INSERT INTO unindexed (name, seq)
    SELECT 'executions_words', seq FROM executions WHERE is_successful AND chat_message_id IS NOT NULL;

-- The messages that have a rating, or an execution with one.
{_index("rated_words", "chat_messages")}
CREATE TRIGGER rated_words_insert AFTER INSERT ON feedback BEGIN {_NOTE_RATED} END;
CREATE TRIGGER rated_words_update AFTER UPDATE OF chat_message_id, execution_id ON feedback BEGIN {_NOTE_RATED} END;
CREATE TRIGGER rated_words_unrated AFTER DELETE ON feedback
WHEN NOT EXISTS (SELECT 1 FROM feedback WHERE chat_message_id = old.chat_message_id) BEGIN
    DELETE FROM rated_words WHERE rowid = (SELECT seq FROM chat_messages WHERE id = old.chat_message_id);
END;
INSERT INTO unindexed (name, seq)
    SELECT 'rated_words', seq FROM chat_messages WHERE id IN (
        SELECT chat_message_id FROM feedback
        UNION SELECT e.chat_message_id FROM feedback f JOIN executions e ON e.id = f.execution_id
    );
"""  # noqa: S608 - names from above
