"""`Store`: the service's SQLite database, in a file or in memory, with the SQL that all tables share."""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import os
import sqlite3
import uuid
import weakref
from typing import TYPE_CHECKING, Any

from text2everything.local._errors import LocalServiceError
from text2everything.local._migrations import migrate, stored_version
from text2everything.local._private_files import create_private_file
from text2everything.local._slices import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from text2everything.local._query_string import PageRequest
    from text2everything.local._tables import Table

# SQLite refuses LIKE patterns of more than 50,000 bytes.
_MAX_LIKE_PATTERN = 10_000
# Lists whose counts or search results are remembered until the database changes.
_MAX_REMEMBERED = 8


def now() -> str:
    """Return the time in UTC in ISO 8601, always with microseconds, so that the texts sort by time."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def new_id() -> str:
    """Return a new random id."""
    return str(uuid.uuid4())


def _contains(text: str | None, casefolded: str) -> bool:
    return text is not None and casefolded in text.casefold()


_open_stores: weakref.WeakSet[Store] = weakref.WeakSet()


def _keep_all_open() -> None:
    for store in list(_open_stores):
        store.keep_open()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_all_open)


class Store:
    """A connection to the database, for one thread at a time.

    A method commits before it returns, unless it is called in a `transaction`, which commits at its end. The database
    has a write-ahead log, so that nothing committed is lost when the process is killed.

    Args:
        path: The database file, created if it is missing; None keeps everything in memory.

    Raises:
        LocalServiceError: The file cannot be opened or created, is in use, or is the database of another program.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._pid = os.getpid()
        self._remembered: dict[tuple[Any, ...], Any] = {}
        self._remembered_at_change = -1
        if path is None:
            self._connection = self._open(":memory:")
            return
        try:
            # Only this user may read the database, since it holds secrets; SQLite gives its WAL files the same mode.
            # Only if it is new: closing an existing file would drop the locks of another service in this process.
            try:
                create_private_file(path).close()
            except FileExistsError:
                _refuse_empty(path)
            self._connection = self._open(str(path))
        except (OSError, sqlite3.Error) as error:
            raise LocalServiceError(f"data_dir: cannot use {path}: {_reason(error)}") from None
        _open_stores.add(self)

    def _open(self, path: str) -> sqlite3.Connection:
        from text2everything.local._indexing import Indexer  # noqa: PLC0415 - needs sqlglot, an extra

        connection = sqlite3.connect(
            path, timeout=1, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        try:
            # Only one service at a time may use the file.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.create_function("t2e_contains", 2, _contains, deterministic=True)
            _require_fts5(connection)
            version = stored_version(connection)
            _check_pages(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("PRAGMA foreign_keys = ON")
            # Leaves no copies of secrets behind where it moves rows; builds of SQLite differ in what they do.
            connection.execute("PRAGMA secure_delete = FAST")
            migrate(connection, version)
            self.indexer = Indexer(connection)
            self.indexer.index_all()
            # Takes the exclusive lock now, instead of with the first write.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close the database; does nothing if it is closed already, or in a forked child."""
        _open_stores.discard(self)
        if os.getpid() == self._pid:
            self._connection.close()

    def keep_open(self) -> None:
        """Make sure that the connection is never closed, not even at exit.

        For a forked child, which inherits the connection but not its lock: closing it there would delete the
        write-ahead log that the parent is using.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))

    # SQL

    def fetch_one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return row

    def fetch_all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return self._connection.execute(sql, values).fetchall()

    def execute(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end of the block, or roll back if it raises; nested blocks are part of the outer one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")  # fails where the disk is full
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite rolls back by itself after some failures
            self._connection.execute("ROLLBACK")

    # Items of a table

    def insert(self, table: Table, project_id: str | None, values: dict[str, Any]) -> dict[str, Any]:
        """Store a new item and return it; the first item of a project in `table` also creates its collection."""
        time = now()
        item = {"id": new_id(), "created_at": time, "updated_at": time, "project_id": project_id, **values}
        if table.component_type is None or project_id is None:
            self._connection.execute(table.insert_sql, table.encode(item))
            self.indexer.count_new(table.name)
        else:
            with self.transaction():
                item["h2ogpte_doc_id"] = new_id()
                item["collection_id"] = self.get_or_create_collection(project_id, table.component_type)
                self._connection.execute(table.insert_sql, table.encode(item))
                self.indexer.count_new(table.name)
        return {name: item.get(name) for name in table.columns}

    def get_or_create_collection(self, project_id: str | None, component_type: str) -> str:
        """Return the id of a project's collection of a component type."""
        row = self.fetch_one(
            "SELECT id FROM collections WHERE project_id = ? AND component_type = ?", project_id, component_type
        )
        if row is not None:
            return str(row[0])
        collection_id, time = new_id(), now()
        self.execute(
            "INSERT INTO collections (id, created_at, updated_at, project_id, component_type,"
            " h2ogpte_collection_id) VALUES (?, ?, ?, ?, ?, ?)",
            *(collection_id, time, time, project_id, component_type, new_id()),
        )
        return collection_id

    def get(self, table: Table, project_id: str | None, id: str) -> dict[str, Any] | None:
        """Return one item, or None if it does not exist."""
        row = self.fetch_one(f"{table.select_sql} WHERE id = ? AND {table.project_condition}", id, project_id)
        return None if row is None else table.decode(row)

    def update(self, table: Table, project_id: str | None, id: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """Change the given columns of one item, and its `updated_at`; return it, or None if it does not exist."""
        assignments = "".join(f"{name} = ?, " for name in values)
        changes = {**dict.fromkeys(table.columns), **values}
        encoded = dict(zip(table.columns, table.encode(changes), strict=True))
        row = self.fetch_one(
            f"UPDATE {table.name} SET {assignments}updated_at = ? WHERE id = ? AND {table.project_condition}"  # noqa: S608 - the names are columns
            f" RETURNING {', '.join(table.columns)}",
            *(encoded[name] for name in values),
            now(),
            id,
            project_id,
        )
        return None if row is None else table.decode(row)

    def delete(self, table: Table, project_id: str | None, id: str) -> bool:
        """Delete one item; return whether it existed."""
        sql = f"DELETE FROM {table.name} WHERE id = ? AND {table.project_condition}"  # noqa: S608 - a name from _tables.py
        return self.execute(sql, id, project_id) > 0

    def exists(self, table: Table, project_id: str | None, id: str) -> bool:
        """Return whether an item exists in the project."""
        sql = f"SELECT 1 FROM {table.name} WHERE id = ? AND {table.project_condition}"  # noqa: S608 - a name from _tables.py
        return self.fetch_one(sql, id, project_id) is not None

    def list_first(self, table: Table, project_id: str | None, limit: int) -> list[dict[str, Any]]:
        """Return the first items of a project, in order of creation, and at most `limit`."""
        sql = f"{table.select_sql} WHERE {table.project_condition} ORDER BY seq LIMIT ?"
        return [table.decode(row) for row in self.fetch_all(sql, project_id, limit)]

    def list_all(self, table: Table, project_id: str | None) -> list[dict[str, Any]]:
        """Return all items of a project, in order of creation."""
        return self.list_first(table, project_id, -1)

    async def fetch_page(
        self,
        table: Table,
        project_id: str | None,
        page: PageRequest,
        *,
        search: str | None = None,
        filters: Sequence[tuple[str, Any]] = (),
    ) -> tuple[list[tuple[Any, ...]], int]:
        """Return the rows of one page, in order of creation, and the number of rows on all pages.

        Args:
            table: The table to list.
            project_id: The project whose rows are listed; None for a table that is not in projects.
            page: Which page.
            search: A text that one of the table's search columns must contain; upper and lower case are equal.
            filters: (column, value) pairs; each column must have that value.
        """
        where = table.project_condition + "".join(f" AND {name} = ?" for name, _ in filters)
        values = [project_id, *(value for _, value in filters)]
        if search:
            found = await self._search(table, where, values, search)
            wanted = found[page.offset : page.offset + page.limit]
            places = ", ".join("?" * len(wanted))
            sql = f"{table.select_sql} WHERE seq IN ({places}) ORDER BY seq"
            return self.fetch_all(sql, *wanted), len(found)
        rows = self.fetch_all(
            f"{table.select_sql} WHERE {where} ORDER BY seq LIMIT ? OFFSET ?", *(*values, page.limit, page.offset)
        )
        if len(rows) < page.limit and (rows or not page.offset):
            return rows, page.offset + len(rows)
        return rows, self._count(f"SELECT count(*) FROM {table.name} WHERE {where}", values)  # noqa: S608 - parameters

    def _count(self, sql: str, values: list[Any]) -> int:
        """Count rows. Counts are remembered, so that reading all pages counts only once."""
        key = (sql, *values)
        total = self._recall(key)
        if total is None:
            total = self._connection.execute(sql, values).fetchone()[0]
            self._remember(key, total)
        return int(total)

    async def _search(self, table: Table, where: str, values: list[Any], search: str) -> list[int]:
        """Return the `seq` of all rows that contain a text, in order; between slices of them, others go on."""
        condition, value = _search_condition(search)
        contains = " OR ".join(condition.format(name) for name in table.search_columns)
        key = (table.name, where, *values, search)
        remembered: list[int] | None = self._recall(key)
        if remembered is not None:
            return remembered
        changes = self._connection.total_changes
        found: list[int] = []
        last, pace = 0, Pace()
        while True:
            slice_sql = f"SELECT seq FROM {table.name} WHERE {where} AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - parameters
            (end,) = self.fetch_one(f"SELECT max(seq) FROM ({slice_sql})", *values, last, pace.size) or (None,)  # noqa: S608
            if end is None:
                break
            rows = self.fetch_all(
                f"SELECT seq FROM {table.name} WHERE {where} AND seq > ? AND seq <= ? AND ({contains}) ORDER BY seq",  # noqa: S608
                *(*values, last, end, *[value] * len(table.search_columns)),
            )
            found += [row[0] for row in rows]
            last = end
            await pace.rest()
        if changes == self._connection.total_changes:
            self._remember(key, found)
        return found

    def _recall(self, key: tuple[Any, ...]) -> Any:
        """Return what was remembered under a key; None if nothing was, or the database has changed since."""
        if self._remembered_at_change != self._connection.total_changes:
            self._remembered.clear()
            self._remembered_at_change = self._connection.total_changes
        return self._remembered.get(key)

    def _remember(self, key: tuple[Any, ...], value: Any) -> None:
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)))
        self._remembered[key] = value

    # Settings of the service

    def get_setting(self, name: str) -> str | None:
        """Return the value of a setting, or None if it was never set."""
        row = self.fetch_one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        """Store the value of a setting."""
        self.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, value)


def _search_condition(text: str) -> tuple[str, str]:
    """Return the SQL condition that a column contains a text, whatever its case, and the condition's parameter.

    LIKE is fast, but ignores case in ASCII only and stops at a NUL character. For other texts there is a Python
    function.
    """
    if text.isascii() and "\0" not in text and len(text) < _MAX_LIKE_PATTERN:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return "{} LIKE ? ESCAPE '\\'", f"%{escaped}%"
    return "t2e_contains({}, ?)", text.casefold()


def _refuse_empty(path: Path) -> None:
    """Raise an error if a file is there but has nothing in it, which SQLite would take for a new database."""
    if path.is_file() and path.stat().st_size == 0:
        raise sqlite3.DatabaseError("it is empty: what was in it is lost; delete it to start anew")


def _check_pages(connection: sqlite3.Connection) -> None:
    """Read the whole file, so that a damage is found now, instead of by whoever asks for what is damaged."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"it is damaged: {found.splitlines()[-1]}")


def _require_fts5(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is None:
        raise LocalServiceError("the embedded service needs SQLite with FTS5, which that of this Python lacks")


def _reason(error: Exception) -> str:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return "another service is using it"
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else type(error).__name__
    return f"it is damaged: {error}" if "malformed" in str(error) else str(error)
