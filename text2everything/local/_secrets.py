"""The secrets of connectors: kept in a table of their own and referred to by id, so that no reply can contain one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from text2everything.local._store import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from text2everything.local._store import Store

PASSWORD = "password"  # noqa: S105 - the name of a field

# Stands before each stored value, so that the value itself is on overflow pages. SQLite never copies those, and
# overwrites them when they are deleted; when it splits and merges a table's own pages, it leaves copies behind.
_PADDING = 4096 * "\0"


def store_secret(store: Store, project_id: str, value: str, target: str) -> str:
    """Store a secret and return its id.

    Args:
        store: The store of the service.
        project_id: The project; no other one can use the secret.
        value: The secret.
        target: What it is used for, and where alone it may be sent.
    """
    secret_id = new_id()
    store.execute(
        "INSERT INTO secrets (id, project_id, value, target) VALUES (?, ?, ?, ?)",
        *(secret_id, project_id, _PADDING + value, target),
    )
    return secret_id


def find_secret(store: Store, project_id: str, id: str) -> tuple[str | None] | None:
    """Return the target of a secret, in a tuple; None if the project has no such secret."""
    row = store.fetch_one("SELECT target FROM secrets WHERE id = ? AND project_id = ?", id, project_id)
    return None if row is None else (row[0],)


def read_secrets(store: Store, connector: dict[str, Any]) -> dict[str, str]:
    """Return the values of the secrets that a connector uses, less those that were deleted."""
    values = {}
    for name, secret_id in secret_ids(connector).items():
        sql = "SELECT value FROM secrets WHERE id = ? AND project_id = ?"
        row = store.fetch_one(sql, secret_id, connector["project_id"])
        if row is not None:
            values[name] = str(row[0]).removeprefix(_PADDING)  # earlier versions had none
    return values


def secret_ids(connector: dict[str, Any]) -> dict[str, str]:
    """Return the ids of the secrets that a connector uses: its `password`, and those of `config` by key."""
    ids = {PASSWORD: connector["password_secret_id"]}
    for key, value in (connector["config"] or {}).items():
        name = key.removesuffix("_secret_id")
        if name != key:
            ids[name] = value
    return {name: secret_id for name, secret_id in ids.items() if secret_id is not None}


def delete_secrets(store: Store, ids: Iterable[str]) -> None:
    """Delete secrets; in a block of `erasing`, so that they do not stay in the database file."""
    for secret_id in ids:
        store.execute("DELETE FROM secrets WHERE id = ?", secret_id)


@contextlib.contextmanager
def erasing(store: Store) -> Iterator[None]:
    """Make the block a transaction that overwrites what it deletes, and leaves no copies in the write-ahead log."""
    store.fetch_all("PRAGMA secure_delete = ON")
    try:
        with store.transaction():
            yield
    finally:
        store.fetch_all("PRAGMA secure_delete = FAST")
    store.fetch_all("PRAGMA wal_checkpoint(TRUNCATE)")
