"""The tables of the service: a `Table` for each, with its columns and the SQL to read and insert rows."""

from __future__ import annotations

import json
from typing import Any

import attrs

from text2everything.local._json import JsonDocument

_COMMON_COLUMNS = ("id", "created_at", "updated_at")
_COLLECTION_COLUMNS = ("h2ogpte_doc_id", "collection_id")


@attrs.frozen
class Table:
    """One table.

    Attributes:
        name: The name of the table.
        label: The name of one item in error messages.
        own_columns: The columns besides those that all tables have.
        boolean_columns: The columns with booleans, which SQLite stores as 0 and 1.
        json_columns: The columns with JSON documents, which SQLite stores as text.
        document_columns: The columns with JSON documents that are sent as they are stored.
        search_columns: The columns that the query parameter `q` searches.
        component_type: The type of the collection that the items belong to; None if they belong to none.
        in_project: Whether the items belong to a project. If not, methods of the store take None as project id.
        columns: All columns, in the order of `select_sql` and `insert_sql`.
        project_condition: The SQL condition with one parameter, the project id, that rows must meet.
        select_sql: The SELECT of all columns, without a WHERE clause.
        insert_sql: The INSERT of one row.
    """

    name: str
    label: str
    own_columns: tuple[str, ...]
    boolean_columns: tuple[str, ...] = ()
    json_columns: tuple[str, ...] = ()
    document_columns: tuple[str, ...] = ()
    search_columns: tuple[str, ...] = ()
    component_type: str | None = None
    in_project: bool = True
    columns: tuple[str, ...] = attrs.field(init=False)
    project_condition: str = attrs.field(init=False)
    select_sql: str = attrs.field(init=False)
    insert_sql: str = attrs.field(init=False)

    @columns.default
    def _columns(self) -> tuple[str, ...]:
        project = ("project_id",) if self.in_project else ()
        collection = _COLLECTION_COLUMNS if self.component_type else ()
        return (*_COMMON_COLUMNS, *project, *self.own_columns, *collection)

    @project_condition.default
    def _project_condition(self) -> str:
        # Of the tables outside projects only that of projects itself is listed.
        return "project_id = ?" if self.in_project else "? IS NULL AND NOT is_deleted"

    @select_sql.default
    def _select_sql(self) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.name}"  # noqa: S608 - the names are from this file

    @insert_sql.default
    def _insert_sql(self) -> str:
        placeholders = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({placeholders})"  # noqa: S608 - likewise

    def encode(self, item: dict[str, Any]) -> list[Any]:
        """Return an item as a row: its values in the order of `columns`; absent ones are null."""
        texts = {name: json.dumps(item[name], allow_nan=False) for name in self.json_columns if _has(item, name)}
        texts |= {name: item[name].text for name in self.document_columns if _has(item, name)}
        return [texts.get(name, item.get(name)) for name in self.columns]

    def decode(self, row: tuple[Any, ...]) -> dict[str, Any]:
        """Return a row as an item: the JSON object that replies have."""
        item = dict(zip(self.columns, row, strict=True))
        for name in self.boolean_columns:
            item[name] = bool(item[name])
        for name in self.json_columns:
            if item[name] is not None:
                item[name] = json.loads(item[name])
        for name in self.document_columns:
            if item[name] is not None:
                item[name] = JsonDocument(item[name])
        return item


def _has(item: dict[str, Any], name: str) -> bool:
    return item.get(name) is not None


PROJECTS = Table(
    "projects",
    "Project",
    ("name", "description", "active_chat_preset_id"),
    search_columns=("name", "description"),
    in_project=False,
)
COLLECTIONS = Table("collections", "Collection", ("component_type", "h2ogpte_collection_id"))
CONTEXTS = Table(
    "contexts",
    "Context",
    ("name", "content", "description", "is_always_displayed"),
    boolean_columns=("is_always_displayed",),
    search_columns=("name", "content", "description"),
    component_type="contexts",
)
GOLDEN_EXAMPLES = Table(
    "golden_examples",
    "Golden example",
    ("user_query", "sql_query", "description", "is_always_displayed"),
    boolean_columns=("is_always_displayed",),
    search_columns=("user_query", "sql_query", "description"),
    component_type="examples",
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
    boolean_columns=("is_always_displayed",),
    json_columns=("schema_data",),
    search_columns=("name", "description"),
    component_type="schema_metadata",
)
FEEDBACK = Table(
    "feedback",
    "Feedback",
    ("chat_message_id", "feedback", "is_positive", "execution_id"),
    boolean_columns=("is_positive",),
    search_columns=("feedback",),
    component_type="feedback",
)
CONNECTORS = Table(
    "connectors",
    "Connector",
    ("name", "description", "db_type", "host", "port", "username", "database", "config", "password_secret_id"),
    json_columns=("config",),
    search_columns=("name", "description", "db_type", "host", "database"),
)
CHAT_SESSIONS = Table(
    "chat_sessions",
    "Chat session",
    ("name", "custom_tool_id", "connector_id", "redirect_url"),
    search_columns=("name",),
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
    search_columns=("user_query", "sql_query"),
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
    boolean_columns=("is_successful",),
    document_columns=("result",),
    search_columns=("sql_query",),
)
# Lists of executions leave out the result, which is the last column, so that it is not read from the database.
EXECUTION_SUMMARIES = attrs.evolve(
    EXECUTIONS, label="Execution summary", own_columns=EXECUTIONS.own_columns[:-1], document_columns=()
)
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
    boolean_columns=("is_public",),
    json_columns=("chat_settings", "shared_with"),
    search_columns=("name", "description", "collection_name"),
)
PROMPT_TEMPLATES = Table(
    "prompt_templates",
    "Prompt template",
    ("name", "description", "lang", "system_prompt", "is_builtin", "shared_with"),
    boolean_columns=("is_builtin",),
    json_columns=("shared_with",),
    search_columns=("name", "description", "system_prompt"),
)
CUSTOM_TOOLS = Table(
    "custom_tools",
    "Custom tool",
    ("name", "description", "h2ogpte_collection_id"),
    search_columns=("name", "description"),
)
