"""Version 4: everything is indexed anew, because other words count as the same."""

from __future__ import annotations

from typing import Final

SQL: Final = """
INSERT OR IGNORE INTO unindexed (name, seq) SELECT 'contexts_words', seq FROM contexts;
INSERT OR IGNORE INTO unindexed (name, seq) SELECT 'schema_metadata_words', seq FROM schema_metadata;
INSERT OR IGNORE INTO unindexed (name, seq) SELECT 'golden_examples_words', seq FROM golden_examples;
INSERT OR IGNORE INTO unindexed (name, seq) SELECT 'executions_words', rowid FROM executions_words;
INSERT OR IGNORE INTO unindexed (name, seq) SELECT 'rated_words', rowid FROM rated_words;
"""
