"""`Seeder`: writes a project straight into a store, before the service accepts requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local._schema_parts import create_schema
from text2everything.local._tables import CHAT_SESSIONS, CONNECTORS, CONTEXTS, GOLDEN_EXAMPLES, PROJECTS, Table

if TYPE_CHECKING:
    from pathlib import Path

    from text2everything.local._store import Store


class Seeder:
    """Adds a project and its items to a store. Each method returns the id of the new item."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def project(self, name: str, description: str) -> str:
        """Add a project."""
        return self._add(PROJECTS, None, {"name": name, "description": description})

    def connector(self, project_id: str, name: str, *, db_type: str, database: Path) -> str:
        """Add a connector to a database that needs no password."""
        return self._add(CONNECTORS, project_id, {"name": name, "db_type": db_type, "database": str(database)})

    def schema(self, project_id: str, name: str, schema_data: dict[str, Any], description: str) -> str:
        """Add schema metadata; of a table that is split into parts, the id of the first part is returned."""
        values = {
            "name": name,
            "schema_data": schema_data,
            "description": description,
            "is_always_displayed": False,
        }
        return str(create_schema(self._store, project_id, values)[0]["id"])

    def context(self, project_id: str, name: str, content: str) -> str:
        """Add a context."""
        return self._add(CONTEXTS, project_id, {"name": name, "content": content, "is_always_displayed": False})

    def golden_example(self, project_id: str, user_query: str, sql_query: str) -> str:
        """Add a golden example."""
        values = {"user_query": user_query, "sql_query": sql_query, "is_always_displayed": False}
        return self._add(GOLDEN_EXAMPLES, project_id, values)

    def session(self, project_id: str, name: str) -> str:
        """Add a chat session."""
        return self._add(CHAT_SESSIONS, project_id, {"name": name})

    def _add(self, table: Table, project_id: str | None, values: dict[str, Any]) -> str:
        return str(self._store.insert(table, project_id, values)["id"])
