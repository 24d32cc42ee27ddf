"""What SQLite may do while it prepares a statement of a connector: the last word on what a statement is."""

from __future__ import annotations

import sqlite3

from text2everything.local._databases._functions import (
    SQLITE_PRAGMAS,
    SQLITE_PRAGMAS_WITH_ARGUMENT,
    SQLITE_REFUSED_FUNCTIONS,
)

# Opening a virtual table (json_each, a full-text index, an R-tree) prepares statements on its own tables that write,
# and does not run them. Were they run, the connection would refuse: it has `mode=ro` and `query_only`.
_R_TREE_TABLES = ("_node", "_rowid", "_parent")
_PREPARED_BY_VIRTUAL_TABLES = {
    sqlite3.SQLITE_UPDATE: ("sqlite_master",),
    sqlite3.SQLITE_INSERT: _R_TREE_TABLES,
    sqlite3.SQLITE_DELETE: _R_TREE_TABLES,
}


def sqlite_authorizer(action: int, arg1: str | None, arg2: str | None, dbname: str | None, source: str | None) -> int:
    """Allow what reads; for `Connection.set_authorizer`."""
    del dbname, source
    if action == sqlite3.SQLITE_FUNCTION:
        allowed = (arg2 or "").lower() not in SQLITE_REFUSED_FUNCTIONS
    elif action == sqlite3.SQLITE_PRAGMA:
        allowed = (arg1 or "").lower() in (SQLITE_PRAGMAS if arg2 is None else SQLITE_PRAGMAS_WITH_ARGUMENT)
    elif action == sqlite3.SQLITE_READ:
        allowed = (arg1 or "").lower() != "sqlite_dbpage"
    elif action in _PREPARED_BY_VIRTUAL_TABLES:
        allowed = (arg1 or "").lower().endswith(_PREPARED_BY_VIRTUAL_TABLES[action])
    else:
        allowed = action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
