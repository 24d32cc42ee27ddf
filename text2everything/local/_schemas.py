"""Schema metadata: its four kinds, and the splitting of wide tables into parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local._errors import problem
from text2everything.local._store import new_id
from text2everything.local._tables import SCHEMA_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._store import Store

MOST_COLUMNS = 8

_WHERE = ("body", "schema_data")


def check_schema(data: Any) -> list[dict[str, Any]]:
    """Return what is wrong with schema data; it must describe a table, a dimension, a metric or a relationship."""
    problems = _object(data)
    if problems:
        return problems
    if "table" in data:
        return _object(data["table"], "table") or _check_table(data["table"])
    if "relationship" in data:
        return _object(data["relationship"], "relationship")
    return [problem(_WHERE, "Schema data should hold a table or a relationship")]


def _check_table(table: dict[str, Any]) -> list[dict[str, Any]]:
    for name in ("dimension", "metric"):
        if name in table:
            part = table[name]
            return _object(part, "table", name) or _object(part.get("content"), "table", name, "content")
    if "columns" not in table:
        where = (*_WHERE, "table")
        return [problem(where, "A table should hold columns, or a dimension or metric with its content")]
    columns = table["columns"]
    if not isinstance(columns, list):
        return [problem((*_WHERE, "table", "columns"), "Input should be a valid list", "list_type")]
    return [found for index, column in enumerate(columns) for found in _object(column, "table", "columns", index)]


def _object(value: Any, *path: str | int) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return []
    return [problem((*_WHERE, *path), "Input should be a valid dictionary", "dict_type")]


def split(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut the columns of a table into parts that repeat all else; anything but a wide table is its only part."""
    table = data.get("table")
    columns = table.get("columns") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(columns, list) or len(columns) <= MOST_COLUMNS:
        return [data]
    return [
        {**data, "table": {**table, "columns": columns[start : start + MOST_COLUMNS]}}
        for start in range(0, len(columns), MOST_COLUMNS)
    ]


def whole(parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join split rows again: one row a table, under the id of its first part, in order of creation."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        groups.setdefault(part["split_group_id"] or part["id"], []).append(part)
    return [_join(sorted(group, key=lambda part: part["split_index"] or 0)) for group in groups.values()]


def _join(parts: list[dict[str, Any]]) -> dict[str, Any]:
    first = parts[0]
    if len(parts) == 1:
        return first
    data = first["schema_data"]
    columns = [column for part in parts for column in part["schema_data"]["table"]["columns"]]
    return {**first, "schema_data": {**data, "table": {**data["table"], "columns": columns}}}


def create_schema(store: Store, project_id: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Store schema metadata and return its parts."""
    parts = split(values["schema_data"])
    group = new_id() if len(parts) > 1 else None
    with store.transaction():
        return [
            store.insert(SCHEMA_METADATA, project_id, {**values, **_place(parts, index, group)})
            for index in range(len(parts))
        ]


def replace_schema(
    store: Store, project_id: str, current: dict[str, Any], values: dict[str, Any]
) -> list[dict[str, Any]]:
    """Replace the whole table that a part belongs to, and return its parts.

    The data sent is taken for the whole table. Only if it is the part's own data as stored, as after reading the
    part and changing its description, the columns of the group stay as they are. Parts keep their ids as far as
    there are as many as before, the addressed one in any case.
    """
    group = current["split_group_id"]
    rows = split_group(store, project_id, group) if group else [current]
    data = values["schema_data"]
    if group and data == current["schema_data"]:
        data = whole(rows)[0]["schema_data"]
    parts = split(data)
    ids = [row["id"] for row in rows]
    kept = ids[: len(parts)]
    if current["id"] not in kept:
        kept[-1] = current["id"]
    group = (group or new_id()) if len(parts) > 1 else None
    with store.transaction():
        for dropped in set(ids) - set(kept):
            store.delete(SCHEMA_METADATA, project_id, dropped)
        stored = []
        for index in range(len(parts)):
            row = {**values, **_place(parts, index, group)}
            if index < len(kept):
                stored.append(store.update(SCHEMA_METADATA, project_id, kept[index], row))
            else:
                stored.append(store.insert(SCHEMA_METADATA, project_id, row))
    return [row for row in stored if row is not None]


def delete_schema(store: Store, project_id: str, id: str) -> bool:
    """Delete schema metadata, with the whole group if it is a part; say whether there was any."""
    row = store.one("SELECT split_group_id FROM schema_metadata WHERE id = ? AND project_id = ?", id, project_id)
    if row is None:
        return False
    if row[0] is None:
        return store.delete(SCHEMA_METADATA, project_id, id)
    return store.run("DELETE FROM schema_metadata WHERE split_group_id = ?", row[0]) > 0


def split_group(store: Store, project_id: str, group: str) -> list[dict[str, Any]]:
    """Return the parts of a group in order; none if there is no such group."""
    rows = store.all(
        f"{SCHEMA_METADATA.select} WHERE split_group_id = ? AND project_id = ? ORDER BY split_index",
        *(group, project_id),
    )
    return [SCHEMA_METADATA.decode(row) for row in rows]


def _place(parts: list[dict[str, Any]], index: int, group: str | None) -> dict[str, Any]:
    return {
        "schema_data": parts[index],
        "split_group_id": group,
        "split_index": index + 1 if group else None,
        "total_splits": len(parts) if group else None,
    }
