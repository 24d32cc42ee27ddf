"""What the service stores: one description per table, from which the common SQL and the replies are made."""

from __future__ import annotations

import json
from typing import Any

import attrs

COMMON = ("id", "created_at", "updated_at")
COMPONENT = ("h2ogpte_doc_id", "collection_id")


@attrs.frozen
class Table:
    """One kind of stored thing.

    Attributes:
        name: The table's name.
        label: What an error message calls one row.
        fields: The columns that are its own, beside the common ones.
        flags: Those that are booleans; SQLite keeps them as 0 and 1.
        documents: Those that hold JSON.
        search: Those that `q` looks into.
        component: The component type, for what lives in a collection that is made with the first item.
        owned: Whether its rows belong to a project; if not, the project's id in any call is None.
    """

    name: str
    label: str
    fields: tuple[str, ...]
    flags: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    component: str | None = None
    owned: bool = True
    columns: tuple[str, ...] = attrs.field(init=False)
    owner: str = attrs.field(init=False)
    select: str = attrs.field(init=False)
    insert: str = attrs.field(init=False)

    @columns.default
    def _columns(self) -> tuple[str, ...]:
        owner = ("project_id",) if self.owned else ()
        return (*COMMON, *owner, *self.fields, *(COMPONENT if self.component else ()))

    @owner.default
    def _owner(self) -> str:
        return "project_id = ?" if self.owned else "? IS NULL"

    @select.default
    def _select(self) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.name}"  # noqa: S608 - names from this file only

    @insert.default
    def _insert(self) -> str:
        marks = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({marks})"  # noqa: S608 - likewise

    def encode(self, item: dict[str, Any]) -> list[Any]:
        """Return the values of one row in the order of `columns`; a field that is left out is null."""
        documents = self.documents
        return [
            json.dumps(item[name], allow_nan=False)
            if name in documents and item.get(name) is not None
            else item.get(name)
            for name in self.columns
        ]

    def decode(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """Return one row as replies show it."""
        item = dict(zip(self.columns, row, strict=True))
        for name in self.flags:
            item[name] = bool(item[name])
        for name in self.documents:
            if item[name] is not None:
                item[name] = json.loads(item[name])
        return item


PROJECTS = Table(
    "projects",
    "Project",
    ("name", "description", "active_chat_preset_id"),
    search=("name", "description"),
    owned=False,
)
COLLECTIONS = Table("collections", "Collection", ("component_type", "h2ogpte_collection_id"))
CONTEXTS = Table(
    "contexts",
    "Context",
    ("name", "content", "description", "is_always_displayed"),
    flags=("is_always_displayed",),
    search=("name", "content", "description"),
    component="contexts",
)
GOLDEN_EXAMPLES = Table(
    "golden_examples",
    "Golden example",
    ("user_query", "sql_query", "description", "is_always_displayed"),
    flags=("is_always_displayed",),
    search=("user_query", "sql_query", "description"),
    component="examples",
)
SCHEMA_METADATA = Table(
    "schema_metadata",
    "Schema metadata",
    (
        "name",
        "schema_data",
        "description",
        "is_always_displayed",
        "split_group_id",
        "split_index",
        "total_splits",
    ),
    flags=("is_always_displayed",),
    documents=("schema_data",),
    search=("name", "description"),
    component="schema_metadata",
)
FEEDBACK = Table(
    "feedback",
    "Feedback",
    ("chat_message_id", "feedback", "is_positive", "execution_id"),
    flags=("is_positive",),
    search=("feedback",),
    component="feedback",
)
CONNECTORS = Table(
    "connectors",
    "Connector",
    ("name", "description", "db_type", "host", "port", "username", "database", "config", "password_secret_id"),
    documents=("config",),
    search=("name", "description", "db_type", "host", "database"),
)
CHAT_SESSIONS = Table(
    "chat_sessions",
    "Chat session",
    ("name", "custom_tool_id", "connector_id", "redirect_url"),
    search=("name",),
)
CHAT_MESSAGES = Table(
    "chat_messages",
    "Chat message",
    (
        "chat_session_id",
        "user_query",
        "sql_query",
        "explanation",
        "agent_tool_response",
        "context_id",
        "schema_metadata_id",
        "connector_id",
        "example_id",
    ),
    search=("user_query", "sql_query"),
)
EXECUTIONS = Table(
    "executions",
    "Execution",
    (
        "connector_id",
        "chat_message_id",
        "h2ogpte_session_id",
        "sql_query",
        "execution_time_ms",
        "is_successful",
        "error",
        "result",
    ),
    flags=("is_successful",),
    documents=("result",),
    search=("sql_query",),
)
# What listings show of an execution: all but the result, which is the last column and so is not even read.
EXECUTION_ITEMS = attrs.evolve(EXECUTIONS, fields=EXECUTIONS.fields[:-1], documents=())
CHAT_PRESETS = Table(
    "chat_presets",
    "Chat preset",
    (
        "name",
        "description",
        "h2ogpte_collection_id",
        "collection_name",
        "collection_description",
        "is_public",
        "connector_id",
        "prompt_template_id",
        "chat_settings",
        "t2e_base_url",
        "api_system_prompt",
        "workspace_id",
        "shared_with",
    ),
    flags=("is_public",),
    documents=("chat_settings", "shared_with"),
    search=("name", "description", "collection_name"),
)
PROMPT_TEMPLATES = Table(
    "prompt_templates",
    "Prompt template",
    ("name", "description", "lang", "system_prompt", "is_builtin", "shared_with"),
    flags=("is_builtin",),
    documents=("shared_with",),
    search=("name", "description", "system_prompt"),
)
CUSTOM_TOOLS = Table(
    "custom_tools",
    "Custom tool",
    ("name", "description", "h2ogpte_collection_id"),
    search=("name", "description"),
)
