"""The migrations of the service's database: one module for each version, with the SQL that leads to it.

A module is never changed once it was released: files of its version exist. Each version is tested from a stored file
of the one before, in `tests/local/stores/`.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from text2everything.local._migrations import version_1, version_2, version_3, version_4

# In the header of the file; a database with another application id belongs to another program, and is refused.
APPLICATION_ID: Final = 0x54324553
_VERSIONS: Final = (version_1.SQL, version_2.SQL, version_3.SQL, version_4.SQL)
SCHEMA_VERSION: Final = len(_VERSIONS)


def stored_version(connection: sqlite3.Connection) -> int:
    """Return the version of a database; 0 if there is nothing in it.

    Raises:
        sqlite3.DatabaseError: The database is that of another program, or newer than this package.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION_ID:
        raise sqlite3.DatabaseError("it is a database of another program")
    if version > SCHEMA_VERSION:
        raise sqlite3.DatabaseError(
            f"it was written by a newer version of text2everything (format {version}, and this one knows"
            f" {SCHEMA_VERSION})"
        )
    return int(version) if tables else 0


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a database from a version to the newest one, in one transaction."""
    if version < SCHEMA_VERSION:
        script = "\n".join(_VERSIONS[version:])
        connection.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
