"""The service's storage: one SQLite database, in a file or in memory, and the few statements all resources share."""

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
from text2everything.local._schema import APPLICATION_ID, DDL, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from text2everything.local._paging import Window
    from text2everything.local._tables import Table

# A LIKE pattern longer than this is an error in SQLite, whose own limit counts bytes.
_LONGEST_PATTERN = 10_000


def now() -> str:
    """Return the time in UTC as ISO 8601, always with microseconds, so that such texts sort like times."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def new_id() -> str:
    """Return a fresh id."""
    return str(uuid.uuid4())


def _contains(text: str | None, folded: str) -> bool:
    return text is not None and folded in text.casefold()


_open_stores: weakref.WeakSet[Store] = weakref.WeakSet()


def _leak_all() -> None:
    for store in list(_open_stores):
        store.leak()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leak_all)


class Store:
    """One connection to one database, used by one thread at a time.

    Everything is committed when a method returns, or with the `transaction` it is in. Commits go to a write-ahead
    log: the death of the process at any moment loses nothing that was answered.

    Args:
        path: The database file, made if it is missing; None keeps everything in memory.

    Raises:
        LocalServiceError: The file cannot be opened or made, is in use, or is not a database of this service.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._pid = os.getpid()
        self._counts: dict[tuple[Any, ...], int] = {}
        self._counted_at = -1
        if path is None:
            self._connection = self._open(":memory:")
            return
        try:
            # The database holds secrets: nobody else may read it. Its side files get the same mode from SQLite.
            # One that exists must not be opened here: closing it would drop the locks of a service in this process.
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            self._connection = self._open(str(path))
        except (OSError, sqlite3.Error) as error:
            raise LocalServiceError(f"data_dir: cannot use {path}: {_reason(error)}") from None
        _open_stores.add(self)

    def _open(self, path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            path, timeout=1, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        try:
            # Two services on one file would each trust their own copy of it: the first one takes it.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            exists = _is_ours(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("PRAGMA foreign_keys = ON")
            if not exists:
                connection.executescript(
                    f"BEGIN IMMEDIATE; {DDL} PRAGMA application_id = {APPLICATION_ID};"
                    f" PRAGMA user_version = {VERSION}; COMMIT;"
                )
            else:
                # Takes the lock now, rather than with the first write.
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("COMMIT")
            connection.create_function("t2e_contains", 2, _contains, deterministic=True)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close the database; a second time does nothing, and neither does a forked child's closing."""
        _open_stores.discard(self)
        if os.getpid() == self._pid:
            self._connection.close()

    def leak(self) -> None:
        """Never close the connection, not even at exit.

        For a forked child, which inherits the connection but not its lock: closing it there would delete the
        write-ahead log under the parent.
        """
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))

    # Plain statements

    def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        row: tuple[Any, ...] | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; within another transaction, a part of that one."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # Rows of a table

    def insert(self, table: Table, project_id: str | None, values: dict[str, Any]) -> dict[str, Any]:
        """Store a new item, and its collection if it is the project's first of that kind; return it as replies do."""
        time = now()
        item = {"id": new_id(), "created_at": time, "updated_at": time, "project_id": project_id, **values}
        if table.component is None or project_id is None:
            self._connection.execute(table.insert, table.encode(item))
        else:
            with self.transaction():
                item["h2ogpte_doc_id"] = new_id()
                item["collection_id"] = self.collection(project_id, table.component)
                self._connection.execute(table.insert, table.encode(item))
        return {name: item.get(name) for name in table.columns}

    def collection(self, project_id: str | None, component: str) -> str:
        """Return the id of a project's collection, which is made if there is none."""
        row = self.one(
            "SELECT id FROM collections WHERE project_id = ? AND component_type = ?", project_id, component
        )
        if row is not None:
            return str(row[0])
        made, time = new_id(), now()
        self.run(
            "INSERT INTO collections (id, created_at, updated_at, project_id, component_type,"
            " h2ogpte_collection_id) VALUES (?, ?, ?, ?, ?, ?)",
            *(made, time, time, project_id, component, new_id()),
        )
        return made

    def get(self, table: Table, project_id: str | None, id: str) -> dict[str, Any] | None:
        """Return one item, or None."""
        row = self.one(f"{table.select} WHERE id = ? AND {table.owner}", id, project_id)
        return None if row is None else table.decode(row)

    def update(self, table: Table, project_id: str | None, id: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """Change the given fields of one item and return it, or None if there is none."""
        names = ", ".join(f"{name} = ?" for name in values)
        changes = {**dict.fromkeys(table.columns), **values}
        encoded = dict(zip(table.columns, table.encode(changes), strict=True))
        row = self.one(
            f"UPDATE {table.name} SET {names}, updated_at = ? WHERE id = ? AND {table.owner}"  # noqa: S608 - the names are columns
            f" RETURNING {', '.join(table.columns)}",
            *(encoded[name] for name in values),
            now(),
            id,
            project_id,
        )
        return None if row is None else table.decode(row)

    def delete(self, table: Table, project_id: str | None, id: str) -> bool:
        """Delete one item; say whether there was one."""
        sql = f"DELETE FROM {table.name} WHERE id = ? AND {table.owner}"  # noqa: S608 - a name from tables.py
        return self.run(sql, id, project_id) > 0

    def has(self, table: Table, project_id: str | None, id: str) -> bool:
        """Say whether an item exists in the project."""
        sql = f"SELECT 1 FROM {table.name} WHERE id = ? AND {table.owner}"  # noqa: S608 - a name from tables.py
        return self.one(sql, id, project_id) is not None

    def rows(self, table: Table, project_id: str | None) -> list[dict[str, Any]]:
        """Return all items of a project, in order of creation."""
        found = self.all(f"{table.select} WHERE {table.owner} ORDER BY seq", project_id)
        return [table.decode(row) for row in found]

    def page(
        self,
        table: Table,
        project_id: str | None,
        window: Window,
        *,
        search: str | None = None,
        filters: Sequence[tuple[str, Any]] = (),
        select: str | None = None,
    ) -> tuple[list[tuple[Any, ...]], int]:
        """Return the rows of a window, in order of creation, and how many there are in all.

        Args:
            table: What is listed.
            project_id: Whose; None for what belongs to no project.
            window: Which part.
            search: A text that one of the table's searched columns must contain, in any case.
            filters: (column, value) pairs that must be equal.
            select: What to select, if not all columns.
        """
        where = table.owner + "".join(f" AND {name} = ?" for name, _ in filters)
        values: list[Any] = [project_id, *(value for _, value in filters)]
        if search:
            condition, value = _search(search)
            where += f" AND ({' OR '.join(condition.format(name) for name in table.search)})"
            values += [value] * len(table.search)
        rows = self.all(
            f"{select or table.select} WHERE {where} ORDER BY seq LIMIT ? OFFSET ?",
            *(*values, window.size, window.offset),
        )
        if len(rows) < window.size and (rows or not window.offset):
            return rows, window.offset + len(rows)
        return rows, self._count(f"SELECT count(*) FROM {table.name} WHERE {where}", values)  # noqa: S608 - parameters

    def _count(self, sql: str, values: list[Any]) -> int:
        """Count rows; nothing is counted twice while nothing changes, which makes reading page after page cheap."""
        if self._counted_at != self._connection.total_changes:
            self._counts.clear()
            self._counted_at = self._connection.total_changes
        key = (sql, *values)
        if key not in self._counts:
            self._counts[key] = self._connection.execute(sql, values).fetchone()[0]
        return self._counts[key]

    # Settings of the service itself

    def setting(self, name: str) -> str | None:
        """Return what was kept under a name, or None."""
        row = self.one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else str(row[0])

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        self.run("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", name, value)


def _search(text: str) -> tuple[str, str]:
    """Return the condition on a column that finds a text in any case, and the value it is compared with.

    LIKE is fast and folds ASCII only; it also ends at a NUL. Other texts are left to Python.
    """
    if text.isascii() and "\0" not in text and len(text) < _LONGEST_PATTERN:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return "{} LIKE ? ESCAPE '\\'", f"%{escaped}%"
    return "t2e_contains({}, ?)", text.casefold()


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Say whether a database has the tables; one that has others is refused."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise sqlite3.DatabaseError("it is a database of another program")
    if version > VERSION:
        raise sqlite3.DatabaseError("it was written by a newer version of text2everything")
    return bool(tables)


def _reason(error: Exception) -> str:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return "another service is using it"
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else type(error).__name__
    return str(error)
