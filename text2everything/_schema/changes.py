"""What differs between a database and the schema metadata of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from text2everything.models._schema_rules import schema_type
from text2everything.models.schema_metadata import SchemaMetadataCreate, SchemaMetadataResponse


@attrs.frozen(repr=False)
class LoadedDatabase:
    """What loading a database did to the schema metadata of a project; a split table is one item, with all columns.

    Attributes:
        created: The items of new tables and foreign keys.
        updated: The items that differed from the database, with their new values.
        unchanged: The items that did not.
        gone: The items of tables and foreign keys that the database does not have; they are kept. `id` deletes one.
    """

    created: list[SchemaMetadataResponse]
    updated: list[SchemaMetadataResponse]
    unchanged: list[SchemaMetadataResponse]
    gone: list[SchemaMetadataResponse]

    def __repr__(self) -> str:
        parts = []
        for name in ("created", "updated", "unchanged", "gone"):
            items = getattr(self, name)
            shown = [item.name for item in items[:3]] + (["..."] if len(items) > 3 else [])  # noqa: PLR2004
            some = f" ({', '.join(shown)})" if items and name != "unchanged" else ""
            parts.append(f"{len(items)} {name}{some}")
        return f"<{type(self).__name__} {', '.join(parts)}>"


@attrs.frozen
class Update:
    """A stored item, and the values to give it."""

    stored: SchemaMetadataResponse
    schema_data: dict[str, Any]
    description: str | None


@attrs.frozen
class Changes:
    """What to do so that the schema metadata of a project describe the database."""

    create: list[SchemaMetadataCreate]
    update: list[Update]
    unchanged: list[SchemaMetadataResponse]
    gone: list[SchemaMetadataResponse]


def find_changes(
    read: Sequence[SchemaMetadataCreate], stored: Iterable[SchemaMetadataResponse], schema: str | None
) -> Changes:
    """Return what differs.

    Args:
        read: What the database has, by `read_database`.
        stored: The schema metadata of the project; a split table as one item, with all columns.
        schema: The schema that was read; tables of others are not gone.
    """
    known = _index(stored)
    keys = {_key(new) for new in read}
    changes = Changes([], [], [], [])
    found: set[str] = set()
    for new in read:
        old = _find(known, _key(new), keys)
        if old is None:
            changes.create.append(new)
            continue
        found.add(old.id)
        update = _update(old, new)
        if update is None:
            changes.unchanged.append(old)
        else:
            changes.update.append(update)
    prefix = f"{schema}." if schema is not None and read[0].name.startswith(f"{schema}.") else None
    columns = _columns(read)
    changes.gone.extend(
        item for items in known.values() for item in items if item.id not in found and _is_gone(item, columns, prefix)
    )
    return changes


def relationship_name(relationship: Mapping[str, Any]) -> str:
    """Return the name of the item of a foreign key."""
    ends = (f"{relationship.get(f'{end}_table')}.{relationship.get(f'{end}_column')}" for end in ("from", "to"))
    return " to ".join(ends)


Key = tuple[str, ...]
"""What an item is about: a table, or the two ends of a relationship."""


def _key(item: SchemaMetadataCreate | SchemaMetadataResponse) -> Key | None:
    """Return what an item is about; None if it does not come from a database, as a metric does not."""
    match schema_type(item.schema_data), item.schema_data:
        case "table", {"table": {"name": str(name)}}:
            return (name,)
        case "relationship", {
            "relationship": {
                "from_table": str(table),
                "from_column": str(column),
                "to_table": str(other),
                "to_column": str(referred),
            }
        }:
            # In either direction: one_to_many says the same from the other end.
            return tuple(part for end in sorted([(table, column), (other, referred)]) for part in end)
    return None


def _index(stored: Iterable[SchemaMetadataResponse]) -> dict[Key, list[SchemaMetadataResponse]]:
    known: dict[Key, list[SchemaMetadataResponse]] = {}
    for item in stored:
        key = _key(item)
        if key is not None:
            known.setdefault(key, []).append(item)
    return known


def _find(
    known: dict[Key, list[SchemaMetadataResponse]], key: Key | None, keys: set[Key | None]
) -> SchemaMetadataResponse | None:
    """Return the item of this key, or the only other one whose key is the same but for the case of letters.

    Args:
        known: The stored items by their keys.
        key: The key.
        keys: The keys of all that was read: an item of one of them is no other's.
    """
    if key is None:
        return None
    if key in known:
        return known[key][0]
    folded = [items[0] for other, items in known.items() if other not in keys and _folded(other) == _folded(key)]
    return folded[0] if len(folded) == 1 else None


def _folded(key: Key) -> Key:
    return tuple(part.casefold() for part in key)


def _update(old: SchemaMetadataResponse, new: SchemaMetadataCreate) -> Update | None:
    """Return the change of an item; None if there is none. A relationship that is there is as it was."""
    if schema_type(new.schema_data) != "table":
        return None
    merged = _merge_table(old.schema_data["table"], new.schema_data["table"])
    data = {**old.schema_data, "table": merged}
    description = new.description or old.description
    if data == old.schema_data and description == old.description:
        return None
    return Update(old, data, description)


def _merge_table(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table as the database has it, with what people have added: descriptions, synonyms, values."""
    named = {column["name"]: column for column in old["columns"] if isinstance(column, Mapping) and "name" in column}
    folded = {name.casefold(): column for name, column in named.items() if isinstance(name, str)}
    columns = [
        {**(named.get(column["name"]) or folded.get(column["name"].casefold()) or {}), **column}
        for column in new["columns"]
    ]
    return {**old, **new, "columns": columns}


def _columns(read: Sequence[SchemaMetadataCreate]) -> dict[str, set[str]]:
    """Return the names of the columns of each table that was read, in lower case."""
    return {
        item.schema_data["table"]["name"].casefold(): {
            column["name"].casefold() for column in item.schema_data["table"]["columns"]
        }
        for item in read
        if schema_type(item.schema_data) == "table"
    }


def _is_gone(item: SchemaMetadataResponse, columns: Mapping[str, set[str]], prefix: str | None) -> bool:
    """Return whether a stored item describes what the database does not have."""
    key = _key(item)
    if key is None:
        return False
    tables = key[::2]
    if not all(table.startswith(prefix) if prefix else "." not in table for table in tables):
        return False
    if len(key) == 1:
        return key[0].casefold() not in columns
    if item.name == relationship_name(item.schema_data["relationship"]):
        return True  # it was made from a foreign key
    ends = zip(tables, key[1::2], strict=True)
    return not all(column.casefold() in columns.get(table.casefold(), ()) for table, column in ends)
