"""The first of two layers that keep connectors from changing anything: what the text of a statement tells."""

from __future__ import annotations

import contextlib
import logging
import random
import re
import sqlite3
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._functions import SQLITE_PRAGMAS, is_refused
from text2everything.local._databases._read_only import require_read_only
from text2everything.local._databases._sqlite_authorizer import sqlite_authorizer

from .allowed_statements import ALLOWED
from .refused_statements import REFUSED

DATABASES = tuple(REFUSED)


def is_let_through(sql: str, db_type: str) -> bool:
    try:
        require_read_only(sql, db_type)
    except DatabaseError:
        return False
    return True


@pytest.mark.parametrize("db_type", DATABASES)
def test_what_changes_something_is_refused(db_type):
    assert [sql for sql in REFUSED[db_type] if is_let_through(sql, db_type)] == []


@pytest.mark.parametrize("db_type", DATABASES)
def test_a_hundred_ways_around_are_known_for_each_database(db_type):
    assert len(set(REFUSED[db_type])) > 200


@pytest.mark.parametrize("db_type", DATABASES)
def test_what_reads_is_let_through(db_type):
    assert [sql for sql in ALLOWED[db_type] if not is_let_through(sql, db_type)] == []


@pytest.mark.parametrize(
    ("sql", "db_type", "message"),
    [
        ("DROP TABLE t", "postgres", "DROP is refused: only a query that reads can be run"),
        ("SELECT 1; SELECT 2", "mysql", "exactly one statement can be run at a time"),
        ("", "sqlite", "the SQL is empty"),
        ("SELECT nextval('s')", "postgres", "the function nextval is refused: it is not known to only read"),
        ("SELECT 1 a DROP TABLE t", "sqlserver", "DROP is refused: only a query that reads can be run"),
        ("SELECT 1 /*! INTO @x */", "mariadb", "a comment that the database runs (/*! */) is refused"),
        ("SELECT * FROM 'x.csv'", "duckdb", "'x.csv' is refused: tables and views can be read, files cannot"),
        ("SELECT a FROM t FOR UPDATE", "postgres", "FOR UPDATE and other locks is refused"),
        ("PRAGMA journal_mode = WAL", "sqlite", "this PRAGMA is refused: it is not one of those"),
        ("EXPLAIN (ANALYZE) SELECT 1", "postgres", "EXPLAIN with ANALYZE is refused: it runs"),
    ],
)  # fmt: skip
def test_messages_say_what_is_refused(sql, db_type, message):
    with pytest.raises(DatabaseError, match=f"^{re.escape(message)}"):
        require_read_only(sql, db_type)


_GAPS = st.sampled_from([" ", "\n", "\t", "\r\n", " /* SELECT */ ", "/**/", " -- SELECT\n", "  "])
_PIECES = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|\$\$.*?\$\$|\w+|\s+|.", re.DOTALL)


def _mutated(sql: str, choose: random.Random, gap: str, quote: str) -> str:
    """Write a statement another way: case, space and comments between words, and quotes around functions' names."""
    parts = _PIECES.findall(sql)
    for index, part in enumerate(parts):
        if not part.strip(" "):  # not the end of a line, which may end a comment
            parts[index] = gap
        elif part.isidentifier() and part.isascii():
            parts[index] = "".join(choose.choice([c.lower(), c.upper()]) for c in part)
            if (
                quote
                and parts[index + 1 : index + 2] == ["("]
                and part.islower()
                and index
                and not part.endswith("from")
            ):
                closing = {"[": "]"}.get(quote, quote)
                parts[index] = f"{quote}{part}{closing}"
    return "".join(parts)


@settings(max_examples=10 * settings().max_examples)
@given(
    st.sampled_from([(db_type, sql) for db_type in DATABASES for sql in REFUSED[db_type]]),
    st.randoms(use_true_random=False),
    _GAPS,
    st.booleans(),
    st.sampled_from(["", ";", " ;\n", " -- x", " /* x */"]),
)
def test_refused_however_it_is_written(case, choose, gap, quoted, end):
    db_type, sql = case
    quotes = {"mysql": "`", "mariadb": "`", "sqlserver": "[", "sqlite": '["`'}.get(db_type, '"')
    mutated = _mutated(sql, choose, gap, choose.choice(quotes) if quoted else "") + end
    assert not is_let_through(mutated, db_type), mutated


_FRAGMENTS = (
    *("SELECT", "FROM", "t", "WHERE", "(", ")", ",", ";", "'", '"', "`", "[", "]", "$$", "--", "/*", "*/", "/*!"),
    *("#", "//", "E'\\'", "\\", "$a$", "INTO", "DROP", "TABLE", "DELETE", "nextval", "pg_read_file", "read_csv"),
    *("load_file", "getenv", ".", "::", ":=", "@", "1", "1e", "x", "{#", "#}", "UNION", "WITH", "AS", "VALUES"),
    *("\n", "\r", "\0", "\u00a0"),
)


@settings(max_examples=4 * settings().max_examples)
@given(
    st.sampled_from(DATABASES),
    st.lists(
        st.sampled_from(_FRAGMENTS),
        max_size=20,
    ),
)
def test_any_text_is_let_through_or_refused_and_nothing_else(db_type, parts):
    sql = "SELECT " + " ".join(parts)
    if is_let_through(sql, db_type):
        words = re.sub(
            r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|\$(a?)\$.*?\$\1\$|E'.*'|/\*.*?\*/|(--|#|//).*", "", sql
        )
        assert ";" not in words.rstrip("; \n"), sql


@pytest.mark.parametrize("db_type", DATABASES)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '" + "x" * 10**6 + "'",
        "SELECT 1 WHERE a IN (" + "1, " * 400_000 + "1)",
        "SELECT " + "(" * 1000 + "1" + ")" * 1000,
        "SELECT * FROM (" * 1000 + "SELECT 1" + ") x" * 1000,
        "SELECT " + "NOT " * 1000 + "1",
        "SELECT " + "CASE WHEN 1 THEN " * 1000 + "1" + " END" * 1000,
        "SELECT " + "[" * 90_000,
        "SELECT " + "/*" * 45_000,
        "SELECT " + "'" * 90_001,
        "SELECT " + " ".join(f"$a{number}$" for number in range(12_000)),
    ],
    ids=lambda sql: sql[:20],
)
def test_the_long_and_the_deep_are_an_error_at_once(sql, db_type):
    started = time.process_time()
    assert not is_let_through(sql, db_type)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("db_type", DATABASES)
def test_long_lists_are_let_through(db_type):
    require_read_only("SELECT a FROM t WHERE a IN (" + ", ".join(map(str, range(5000))) + ")", db_type)


def test_what_the_parser_fails_at_is_refused():
    with pytest.raises(DatabaseError, match="cannot be read"):
        require_read_only("SELECT DATE_ADD(1)", "mysql")


def test_nothing_of_the_sql_is_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        assert not is_let_through("WITH x AS (SELECT 'secret') REPLACE INTO t SELECT * FROM x", "sqlite")
    assert caplog.text == ""


@pytest.fixture
def sqlite_database(tmp_path):
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE t (a INTEGER PRIMARY KEY, d); INSERT INTO t VALUES (1, 'x'); CREATE INDEX i ON t (d);"
        "CREATE VIEW v AS SELECT a FROM t; CREATE TABLE c (t_id REFERENCES t (a));"
        "CREATE VIRTUAL TABLE docs USING fts5(body); INSERT INTO docs VALUES ('some words');"
        "CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1); INSERT INTO boxes VALUES (1, 2, 3);"
        "CREATE VIRTUAL TABLE old USING fts4(body); INSERT INTO old VALUES ('some words');"
    )
    connection.close()
    return path


def _open_read_only(path):
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(sqlite_authorizer)
    return connection


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t JOIN v USING (a) WHERE d LIKE 'x%'",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT max(i) FROM n",
        "SELECT sum(a) OVER (ORDER BY d), json_extract('[1]', '$[0]') FROM t",
        "SELECT * FROM docs WHERE docs MATCH 'words'",
        "SELECT snippet(docs, 0, '', '', '', 5), bm25(docs) FROM docs WHERE docs MATCH 'some' ORDER BY rank",
        "SELECT snippet(old) FROM old WHERE old MATCH 'words'",
        "SELECT * FROM boxes WHERE x0 > 1",
        "SELECT value FROM json_each('[1, 2]')",
        "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p",
        "EXPLAIN QUERY PLAN SELECT * FROM t",
        "EXPLAIN SELECT * FROM t",
        "PRAGMA table_info(t)",
        "PRAGMA main.index_list('t')",
        "PRAGMA foreign_key_list(c)",
        "PRAGMA integrity_check",
        *(f"PRAGMA {name}" for name in sorted(SQLITE_PRAGMAS)),
        "VALUES (1), (2)",
    ],
)
def test_sqlite_reads_under_the_authorizer(sqlite_database, sql):
    connection = _open_read_only(sqlite_database)
    connection.execute(sql).fetchall()
    connection.close()
    require_read_only(sql, "sqlite")


def test_sqlite_refuses_by_itself(sqlite_database):
    """With the first layer left out: what the database lets through changes nothing, and nothing of the process."""
    before = sqlite_database.read_bytes()
    with contextlib.closing(sqlite3.connect(":memory:")) as other:
        heap_limit = other.execute("PRAGMA hard_heap_limit").fetchone()
    connection = _open_read_only(sqlite_database)
    for sql in REFUSED["sqlite"]:
        with contextlib.suppress(sqlite3.Error, sqlite3.Warning, ValueError):
            connection.execute(sql).fetchall()
    connection.close()
    assert sqlite_database.read_bytes() == before
    assert [path.name for path in sqlite_database.parent.iterdir()] == [sqlite_database.name]
    with contextlib.closing(sqlite3.connect(":memory:")) as other:
        assert other.execute("PRAGMA hard_heap_limit").fetchone() == heap_limit


def test_functions_of_postgres_that_later_versions_may_add_are_refused():
    assert is_refused("pg_something_new", "postgres")
    assert not is_refused("pg_stat_get_something", "postgres")
    assert not is_refused("my_function", "postgres")
