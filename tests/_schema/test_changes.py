"""What differs between a database and stored schema metadata, as tables of cases."""

from __future__ import annotations

from typing import Any

from text2everything import SchemaMetadataCreate, SchemaMetadataResponse
from text2everything._schema.changes import Changes, find_changes, relationship_name


def table(name: str, *columns: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    found = [{"name": column} if isinstance(column, str) else column for column in columns]
    return {"table": {"name": name, "columns": found, **more}}


def link(from_: str, to: str, **more: Any) -> dict[str, Any]:
    (table, column), (other, referred) = from_.split("."), to.split(".")
    ends = {"from_table": table, "from_column": column, "to_table": other, "to_column": referred}
    return {"relationship": {**ends, **more}}


def stored(data: dict[str, Any], name: str | None = None) -> SchemaMetadataResponse:
    name = name or (data["table"]["name"] if "table" in data else relationship_name(data["relationship"]))
    return SchemaMetadataResponse(id=f"id of {name}", name=name, schema_data=data)


def changes(read: list[dict[str, Any]], known: list[SchemaMetadataResponse], schema: str | None = None) -> Changes:
    names = [data["table"]["name"] if "table" in data else "link" for data in read]
    new = [SchemaMetadataCreate(name=name, schema_data=data) for name, data in zip(names, read, strict=True)]
    return find_changes(new, known, schema)


def names(items: list[Any]) -> list[str]:
    return [item.name for item in items]


def test_names_that_differ_in_case_only() -> None:
    both = [table("Users", "a"), table("users", "b")]
    found = changes(both, [stored(both[1])])
    assert (names(found.create), names(found.unchanged), found.update) == (["Users"], ["users"], [])
    found = changes([table("users", "a")], [stored(table("USERS", "A"))])
    assert (found.create, [update.stored.name for update in found.update], found.gone) == ([], ["USERS"], [])
    found = changes([table("users", "a")], [stored(table("USERS", "A")), stored(table("Users", "A"))])
    assert names(found.create) == ["users"]


def test_what_the_database_says_replaces_and_what_it_does_not_stays() -> None:
    old = table("t", {"name": "a", "type": "INT", "description": "mine", "values": ["x"]}, "gone", synonyms=["s"])
    new = table("t", {"name": "a", "type": "TEXT"}, {"name": "b", "values": ["y"]}, description="comment")
    (update,) = changes([new], [stored(old)]).update
    assert update.schema_data == table(
        "t",
        {"name": "a", "type": "TEXT", "description": "mine", "values": ["x"]},
        {"name": "b", "values": ["y"]},
        synonyms=["s"],
        description="comment",
    )
    assert changes([new], [stored(update.schema_data)]).update == []


def test_tables_of_other_schemas_are_not_gone() -> None:
    known = [stored(table(name, "a")) for name in ("here", "sales.here", "other.t", "sales.old", "old")]
    assert names(changes([table("here", "a")], known).gone) == ["old"]
    assert names(changes([table("sales.here", "a")], known, "sales").gone) == ["sales.old"]
    assert names(changes([table("here", "a")], known, "public").gone) == ["old"]  # the default one, by its name


def test_a_relationship_is_the_same_from_either_end() -> None:
    tables = [table("a", "x"), table("b", "y")]
    known = [*map(stored, tables), stored(link("b.y", "a.x", type="one_to_many"), "mine")]
    found = changes([*tables, link("a.x", "b.y", type="many_to_one")], known)
    assert (found.create, found.update, found.gone, len(found.unchanged)) == ([], [], [], 3)


def test_which_relationships_are_gone() -> None:
    tables = [table("a", "x"), table("b", "y")]
    known = [
        stored(link("a.x", "b.y")),  # of a foreign key, by its name
        stored(link("a.x", "b.y"), "by hand"),
        stored(link("a.x", "b.dropped"), "to no column"),
        stored(link("a.x", "dropped.y"), "to no table"),
        stored({"relationship": {"on": "a.x = dropped.y"}}, "of another form"),
        stored({"table": {"name": "dropped", "metric": {"name": "m", "content": {}}}}, "a metric"),
    ]
    assert names(changes(tables, known).gone) == ["a.x to b.y", "to no column", "to no table"]
