"""Deleting much: a project with everything in it, bit by bit, while other requests are answered.

The project is hidden first, so that nobody sees a part of it. If the service ends meanwhile, the rest is deleted when
it is started again.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, TypeVar

from text2everything.local._secrets import erasing
from text2everything.local._slices import SLICE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from text2everything.local._file_store import FileStore
    from text2everything.local._store import Store

T = TypeVar("T")

# What refers to others comes before them. What is not named here is deleted with the project, by the foreign keys.
_TABLES: Final = (
    "feedback",
    "executions",
    "chat_messages",
    "chat_sessions",
    "custom_tools",
    "contexts",
    "golden_examples",
    "schema_metadata",
    "chat_presets",
    "prompt_templates",
    "connectors",
)
_ROWS_AT_ONCE: Final = 500


async def for_each(store: Store, items: Iterable[T], do: Callable[[T], object]) -> None:
    """Call a function with each item, those of a slice in one transaction."""
    remaining = iter(items)
    ended = False
    while not ended:
        end = time.perf_counter() + SLICE_SECONDS
        with store.transaction():
            for item in remaining:
                do(item)
                if time.perf_counter() > end:
                    break
            else:
                ended = True
        if not ended:
            # As long as the slice, because a request that came meanwhile takes several turns of the loop.
            await asyncio.sleep(SLICE_SECONDS)


async def delete_project(store: Store, files: FileStore, project_id: str) -> bool:
    """Delete a project; return whether it existed."""
    with erasing(store):
        if not store.execute("UPDATE projects SET is_deleted = 1 WHERE id = ? AND NOT is_deleted", project_id):
            return False
        store.execute("DELETE FROM secrets WHERE project_id = ?", project_id)
    await for_each(store, _steps(store, files, project_id), lambda _: None)
    return True


def finish_deletions(store: Store, files: FileStore) -> None:
    """Delete the rest of the projects whose deletion was cut off by the end of the process."""
    with store.transaction():
        for (project_id,) in store.fetch_all("SELECT id FROM projects WHERE is_deleted"):
            for _ in _steps(store, files, project_id):
                pass


async def detach(store: Store, table: str, column: str, id: str) -> None:
    """Remove the references to an item, which its deletion would otherwise remove all at once."""
    rows = _rows(store, f"SELECT seq FROM {table} WHERE {column} = ? LIMIT {_ROWS_AT_ONCE}", id)  # noqa: S608 - names in the code
    await for_each(store, rows, lambda seq: store.execute(f"UPDATE {table} SET {column} = NULL WHERE seq = ?", seq))  # noqa: S608


def _steps(store: Store, files: FileStore, project_id: str) -> Iterator[None]:
    """Delete a project, with a step for each row."""
    for table in _TABLES:
        for seq in _rows(store, f"SELECT seq FROM {table} WHERE project_id = ? LIMIT {_ROWS_AT_ONCE}", project_id):  # noqa: S608
            if table == "custom_tools":
                documents = "SELECT id FROM custom_tool_documents WHERE custom_tool_id ="
                found = store.fetch_all(f"{documents} (SELECT id FROM custom_tools WHERE seq = ?)", seq)  # noqa: S608
                files.delete([row[0] for row in found])
            store.execute(f"DELETE FROM {table} WHERE seq = ?", seq)  # noqa: S608 - a name from above
            yield
    store.execute("DELETE FROM projects WHERE id = ?", project_id)


def _rows(store: Store, sql: str, value: str) -> Iterator[int]:
    """Yield the rows that a query finds, each of which is changed so that it is not found again."""
    while found := store.fetch_all(sql, value):
        for (seq,) in found:
            yield seq
