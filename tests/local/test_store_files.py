"""Database files: of earlier versions, of others, and damaged ones; what a killed service leaves."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from extras import needs

from text2everything.local import LocalServiceError
from text2everything.local import _tables as tables
from text2everything.local._execution_cache import look_up
from text2everything.local._migrations import SCHEMA_VERSION
from text2everything.local._store import Store

STORES = Path(__file__).parent / "stores"
NOBODY = 65_534


def stored(version: int, path: Path) -> Path:
    """Make the file of an earlier version, as that version wrote it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((STORES / f"version_{version}.sql").read_text(encoding="utf-8"))
    return path


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return what is in the tables that version 1 has, by their columns of then."""
    with closing(sqlite3.connect(":memory:")) as old:
        old.executescript((STORES / "version_1.sql").read_text(encoding="utf-8"))
        names = [row[0] for row in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: [row[1] for row in old.execute(f"PRAGMA table_info({name})")] for name in names}
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: connection.execute(f"SELECT {', '.join(columns[name])} FROM {name} ORDER BY 1").fetchall()
            for name in names
        }


def assert_sound(path: Path) -> None:
    """Every page is sound, and the indexes have just what they should."""
    store = Store(path)
    try:
        assert store.fetch_all("PRAGMA integrity_check") == [("ok",)]
        assert store.fetch_all("PRAGMA foreign_key_check") == []
        assert store.fetch_all("SELECT * FROM unindexed") == []
        for index, sql in {
            "contexts_words": "SELECT seq FROM contexts",
            "golden_examples_words": "SELECT seq FROM golden_examples",
            "schema_metadata_words": "SELECT seq FROM schema_metadata",
            "executions_words": "SELECT seq FROM executions WHERE is_successful AND chat_message_id IS NOT NULL",
            "rated_words": "SELECT seq FROM chat_messages WHERE id IN (SELECT chat_message_id FROM feedback)",
        }.items():
            store.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
            assert store.fetch_all(f"SELECT rowid FROM {index} ORDER BY 1") == store.fetch_all(f"{sql} ORDER BY 1")
    finally:
        store.close()


def run(code: str, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_file_of_an_earlier_version_is_upgraded_with_everything_in_it(tmp_path, version):
    path = stored(version, tmp_path / "service.sqlite3")
    before = rows(path)
    assert all(before.values())
    Store(path).close()
    assert rows(path) == before
    assert_sound(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_an_upgraded_file_is_as_a_new_one(tmp_path):
    def layout(path: Path) -> list[tuple[Any, ...]]:
        Store(path).close()
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()

    old = stored(1, tmp_path / "old.sqlite3")
    assert layout(old) == layout(tmp_path / "new.sqlite3")


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_upgraded_file_is_indexed_like_a_new_one(tmp_path, version):
    def terms(path: Path) -> list[Any]:
        store = Store(path)
        try:
            found = ("contexts", "golden_examples", "schema_metadata", "executions", "rated")
            return [store.fetch_all(f"SELECT rowid, terms FROM {name}_words ORDER BY 1") for name in found]
        finally:
            store.close()

    upgraded = stored(version, tmp_path / "service.sqlite3")
    before = terms(upgraded)
    with closing(sqlite3.connect(upgraded)) as connection, connection:
        connection.execute("INSERT INTO unindexed SELECT 'golden_examples_words', seq FROM golden_examples")
        connection.execute("INSERT INTO unindexed SELECT 'executions_words', rowid FROM executions_words")
        connection.execute("INSERT INTO unindexed SELECT 'rated_words', rowid FROM rated_words")
        connection.execute("INSERT INTO unindexed SELECT 'contexts_words', rowid FROM contexts_words")
        connection.execute("INSERT INTO unindexed SELECT 'schema_metadata_words', rowid FROM schema_metadata_words")
    assert all(before)
    assert terms(upgraded) == before


async def test_what_was_asked_before_the_upgrade_is_found_after_it(tmp_path):
    store = Store(stored(1, tmp_path / "service.sqlite3"))
    for project in store.list_all(tables.PROJECTS, None):
        connector = store.list_all(tables.CONNECTORS, project["id"])[0]["id"]
        request = {"connector_id": connector, "max_age_days": 36_500, "similarity_threshold": 0.9, "limit": 1}
        for question in ("How many customers are there?", "Wie viele größte Käufer?", "顧客は何人ですか"):
            found = await look_up(
                store,
                project["id"],
                {**request, "user_query": question, "top_n": 5, "only_positive_feedback": "顧" not in question},
            )
            assert [match["execution"]["user_query"] for match in found["matches"]] == [question]
    store.close()


# Ends the process by SIGKILL when SQLite has done so many steps since the transaction began.
KILLED = """
import os, sys
from text2everything.local import _migrations, _store
steps = int(sys.argv[2])
original = _store.migrate
def migrate(connection, version):
    done = [0]
    def step():
        done[0] += 1
        if done[0] == steps:
            os.kill(os.getpid(), 9)
        return 0
    connection.set_progress_handler(step, 1)
    original(connection, version)
    connection.set_progress_handler(None, 1)
    print(done[0])
_store.migrate = migrate
_store.Store(__import__("pathlib").Path(sys.argv[1])).close()
"""


@pytest.mark.slow
def test_an_upgrade_that_is_killed_leaves_the_old_version(tmp_path):
    done = run(KILLED, stored(1, tmp_path / "whole.sqlite3"), 0)
    total = int(done.stdout)
    for part in range(12):
        path = stored(1, tmp_path / f"{part}.sqlite3")
        before = rows(path)
        # The very last step is the commit.
        assert run(KILLED, path, 1 + part * (total - 2) // 11).returncode == -signal.SIGKILL
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert rows(path) == before
        assert_sound(path)
        assert rows(path) == before


@pytest.mark.slow
def test_indexing_that_is_killed_goes_on_at_the_next_start(tmp_path):
    code = """
import os, sys
from pathlib import Path
from text2everything.local import _search_terms
original, left = _search_terms.text_terms, [3]
def text_terms(*arguments):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), 9)
    return original(*arguments)
_search_terms.text_terms = text_terms
from text2everything.local._store import Store
Store(Path(sys.argv[1]))
"""
    path = stored(1, tmp_path / "service.sqlite3")
    assert run(code, path).returncode == -signal.SIGKILL
    assert_sound(path)


def garbage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192:12_288] = os.urandom(4096)
    path.write_bytes(data)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9000])


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 5")


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "garbage": (garbage, "it is damaged: "),
    "truncated": (truncated, "it is damaged: "),
    "empty": (lambda path: path.write_bytes(b""), "it is empty: what was in it is lost; delete it to start anew"),
    "text": (lambda path: path.write_text("Dear diary, " * 1000), "file is not a database"),
    "short text": (lambda path: path.write_text("Dear diary"), "file is not a database"),
    "newer": (newer, "newer version of text2everything (format 99, and this one knows"),
    "foreign": (foreign, "it is a database of another program"),
    "directory": (directory, "unable to open database file"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_cannot_be_used_is_an_error_in_one_line(tmp_path, damage):
    path = tmp_path / "service.sqlite3"
    Store(path).close()
    change, error = DAMAGES[damage]
    change(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(LocalServiceError) as caught:
        Store(path)
    message = str(caught.value)
    assert message.startswith(f"data_dir: cannot use {path}: ")
    assert error in message
    assert "\n" not in message
    assert not path.is_file() or path.read_bytes() == before


@pytest.mark.slow
@needs("cli")
@pytest.mark.parametrize("damage", DAMAGES)
def test_serve_prints_that_line_and_no_traceback(tmp_path, damage):
    path = tmp_path / "service.sqlite3"
    Store(path).close()
    DAMAGES[damage][0](path)
    command = [sys.executable, "-m", "text2everything", "serve", "--data-dir", str(tmp_path), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert DAMAGES[damage][1] in done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the permissions of POSIX")
@pytest.mark.parametrize(
    ("mode", "directory_mode", "error"),
    [
        (0o000, 0o755, "unable to open"),
        (0o444, 0o755, "readonly database|unable to open"),
        (0o444, 0o555, "readonly database|unable to open"),
    ],
)
def test_a_file_without_permission_is_an_error_in_one_line(tmp_path, mode, directory_mode, error):
    code = """
import os, sys
from pathlib import Path
from text2everything.local._indexing import Indexer
from text2everything.local import LocalServiceError
from text2everything.local._store import Store
if os.geteuid() == 0:
    os.chdir(sys.argv[1])
    os.setuid(int(sys.argv[2]))
try:
    Store(Path("service.sqlite3"))
except LocalServiceError as problem:
    print(problem)
"""
    Store(tmp_path / "service.sqlite3").close()
    (tmp_path / "service.sqlite3").chmod(mode)
    tmp_path.chmod(directory_mode)
    try:
        # Coverage could not store what it saw as that user.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        done = run(code, tmp_path, NOBODY, cwd=tmp_path, env=environment)
    finally:
        tmp_path.chmod(0o755)
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    assert line.startswith("data_dir: cannot use service.sqlite3: ")
    assert any(part in line for part in error.split("|")), line


def test_without_fts5_the_error_says_so(tmp_path, monkeypatch):
    original = sqlite3.connect

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("'fts5'", "'none'"), *arguments)

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: original(*a, **k, factory=Connection))
    with pytest.raises(LocalServiceError, match="needs SQLite with FTS5, which that of this Python lacks"):
        Store(tmp_path / "service.sqlite3")


def test_files_are_for_their_owner_only(tmp_path):
    mask = os.umask(0)
    try:
        store = Store(tmp_path / "service.sqlite3")
        store.set_setting("a", "b")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(mask)
    assert modes
    assert set(modes.values()) == {0o600}, json.dumps(modes)
