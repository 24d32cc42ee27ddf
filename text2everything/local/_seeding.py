"""Filling a store with a first project: the few calls that the demo is written with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local._schemas import create_schema
from text2everything.local._tables import CHAT_SESSIONS, CONNECTORS, CONTEXTS, GOLDEN_EXAMPLES, PROJECTS

if TYPE_CHECKING:
    from pathlib import Path

    from text2everything.local._store import Store


@attrs.frozen
class Demo:
    """Where the demo is: its project, the connector to its database, and a session to ask in."""

    project_id: str
    connector_id: str
    chat_session_id: str


class Seeder:
    """Writes straight into a store, before the service accepts requests. Each method returns the new id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def project(self, name: str, description: str | None = None) -> str:
        """Add a project."""
        return str(self._store.insert(PROJECTS, None, {"name": name, "description": description})["id"])

    def connector(
        self,
        project_id: str,
        name: str,
        *,
        db_type: str = "sqlite",
        database: str | Path,
        description: str | None = None,
    ) -> str:
        """Add a connector to a database that needs no password."""
        values = {"name": name, "db_type": db_type, "database": str(database), "description": description}
        return self._add(CONNECTORS, project_id, values)

    def schema(
        self,
        project_id: str,
        name: str,
        schema_data: dict[str, Any],
        description: str | None = None,
        *,
        is_always_displayed: bool = False,
    ) -> str:
        """Add schema metadata; for a table that is split, the id of its first part is returned."""
        values = {
            "name": name,
            "schema_data": schema_data,
            "description": description,
            "is_always_displayed": is_always_displayed,
        }
        return str(create_schema(self._store, project_id, values)[0]["id"])

    def context(
        self,
        project_id: str,
        name: str,
        content: str,
        description: str | None = None,
        *,
        is_always_displayed: bool = False,
    ) -> str:
        """Add a context."""
        values = {
            "name": name,
            "content": content,
            "description": description,
            "is_always_displayed": is_always_displayed,
        }
        return self._add(CONTEXTS, project_id, values)

    def golden_example(
        self,
        project_id: str,
        user_query: str,
        sql_query: str,
        description: str | None = None,
        *,
        is_always_displayed: bool = False,
    ) -> str:
        """Add a golden example."""
        values = {
            "user_query": user_query,
            "sql_query": sql_query,
            "description": description,
            "is_always_displayed": is_always_displayed,
        }
        return self._add(GOLDEN_EXAMPLES, project_id, values)

    def session(self, project_id: str, name: str | None = None) -> str:
        """Add a chat session."""
        return self._add(CHAT_SESSIONS, project_id, {"name": name})

    def _add(self, table: Any, project_id: str, values: dict[str, Any]) -> str:
        return str(self._store.insert(table, project_id, values)["id"])
