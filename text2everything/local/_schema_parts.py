"""Storing schema metadata; a table of many columns is split into parts, which are items of one split group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local._store import new_id
from text2everything.local._tables import SCHEMA_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._store import Store

MAX_COLUMNS = 8


def split_columns(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Split schema data so that no part has more than 8 columns; the parts have everything else in common.

    Only tables of more columns are split; any other schema data is returned as the only part.
    """
    table = data.get("table")
    columns = table.get("columns") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(columns, list) or len(columns) <= MAX_COLUMNS:
        return [data]
    return [
        {**data, "table": {**table, "columns": columns[start : start + MAX_COLUMNS]}}
        for start in range(0, len(columns), MAX_COLUMNS)
    ]


def join_parts(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the parts of each split group into one item with all columns and the id of the first part."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        groups.setdefault(item["split_group_id"] or item["id"], []).append(item)
    return [_join(sorted(group, key=lambda part: part["split_index"] or 0)) for group in groups.values()]


def _join(parts: list[dict[str, Any]]) -> dict[str, Any]:
    first = parts[0]
    if len(parts) == 1:
        return first
    data = first["schema_data"]
    columns = [column for part in parts for column in part["schema_data"]["table"]["columns"]]
    return {**first, "schema_data": {**data, "table": {**data["table"], "columns": columns}}}


def create_schema(store: Store, project_id: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Store new schema metadata and return its parts."""
    parts = split_columns(values["schema_data"])
    group_id = new_id() if len(parts) > 1 else None
    with store.transaction():
        return [
            store.insert(SCHEMA_METADATA, project_id, {**values, **_part_values(parts, index, group_id)})
            for index in range(len(parts))
        ]


def replace_schema(
    store: Store, project_id: str, current: dict[str, Any], values: dict[str, Any]
) -> list[dict[str, Any]]:
    """Replace the schema metadata that `current` is a part of, and return the new parts.

    The new schema data describes the whole table. There is one exception: if it equals the stored data of `current`,
    a client has read that part and changed only its other fields, and the columns of the group are kept.

    Parts keep their ids, as far as there are as many as before; the id of `current` is always kept.
    """
    group_id = current["split_group_id"]
    current_parts = split_group(store, project_id, group_id) if group_id else [current]
    data = values["schema_data"]
    if group_id and data == current["schema_data"]:
        data = join_parts(current_parts)[0]["schema_data"]
    parts = split_columns(data)
    ids = [part["id"] for part in current_parts]
    kept_ids = ids[: len(parts)]
    if current["id"] not in kept_ids:
        kept_ids[-1] = current["id"]
    group_id = (group_id or new_id()) if len(parts) > 1 else None
    with store.transaction():
        for surplus_id in set(ids) - set(kept_ids):
            store.delete(SCHEMA_METADATA, project_id, surplus_id)
        stored = []
        for index in range(len(parts)):
            item = {**values, **_part_values(parts, index, group_id)}
            if index < len(kept_ids):
                stored.append(store.update(SCHEMA_METADATA, project_id, kept_ids[index], item))
            else:
                stored.append(store.insert(SCHEMA_METADATA, project_id, item))
    return [item for item in stored if item is not None]


def delete_schema(store: Store, project_id: str, id: str) -> bool:
    """Delete schema metadata with all parts of its split group; return whether it existed."""
    row = store.fetch_one(
        "SELECT split_group_id FROM schema_metadata WHERE id = ? AND project_id = ?", id, project_id
    )
    if row is None:
        return False
    if row[0] is None:
        return store.delete(SCHEMA_METADATA, project_id, id)
    return store.execute("DELETE FROM schema_metadata WHERE split_group_id = ?", row[0]) > 0


def split_group(store: Store, project_id: str, group_id: str) -> list[dict[str, Any]]:
    """Return the parts of a split group in order, or an empty list if there is no such group."""
    rows = store.fetch_all(
        f"{SCHEMA_METADATA.select_sql} WHERE split_group_id = ? AND project_id = ? ORDER BY split_index",
        *(group_id, project_id),
    )
    return [SCHEMA_METADATA.decode(row) for row in rows]


def whole_groups(store: Store, project_id: str, parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return parts with all others of their split groups."""
    whole: dict[str, dict[str, Any]] = {}
    complete: set[str] = set()
    for part in parts:
        group_id = part["split_group_id"]
        if group_id is None:
            whole[part["id"]] = part
        elif group_id not in complete:
            complete.add(group_id)
            whole.update((other["id"], other) for other in split_group(store, project_id, group_id))
    return list(whole.values())


def _part_values(parts: list[dict[str, Any]], index: int, group_id: str | None) -> dict[str, Any]:
    return {
        "schema_data": parts[index],
        "split_group_id": group_id,
        "split_index": index + 1 if group_id else None,
        "total_splits": len(parts) if group_id else None,
    }
