"""`AppState`: what all request handlers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from text2everything.local._databases._query_runner import QueryRunner
    from text2everything.local._file_store import FileStore
    from text2everything.local._store import Store
    from text2everything.local.engine import Engine


@attrs.define
class AppState:
    """The parts of a running service.

    Attributes:
        store: The SQLite database with everything but the bytes of uploaded files.
        files: The uploaded files.
        runner: Runs SQL on the databases of connectors.
        engine: Turns questions into SQL.
        access_token: The bearer token that every request must carry.
        workspace_name: The only workspace, as `workspaces/<name>`.
        base_url: The URL of the service.
    """

    store: Store
    files: FileStore
    runner: QueryRunner
    engine: Engine
    access_token: str = attrs.field(repr=False)
    workspace_name: str
    base_url: str
