"""`projects.load_database`: schema metadata follow a database, and what people added to them stays."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from extras import skip_without

from text2everything import NotFoundError, SchemaMetadataResponse, ValidationError

from .conftest import Facade

skip_without("local")

Change = Callable[[str], Path]
WIDE = ", ".join(f"c{n} TEXT" for n in range(20))


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Run statements in the database; the first time, make it."""
    path = tmp_path / "shop.db"

    def change(script: str) -> Path:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
        return path

    change(f"""
        CREATE TABLE customers (id INTEGER PRIMARY KEY, country TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
        CREATE TABLE wide (id INTEGER PRIMARY KEY, {WIDE});
        INSERT INTO customers (country) VALUES ('France'), ('USA');
    """)
    return change


def names(items: list[SchemaMetadataResponse]) -> list[str]:
    return [item.name for item in items]


LINK = "orders.customer_id to customers.id"
ALL = ["customers", "orders", "wide", LINK]


async def test_a_database_is_loaded_and_loaded_again(call: Facade, project: str, change: Change) -> None:
    path = change("")
    loaded = await call("projects.load_database", project, path)
    assert names(loaded.created) == ALL
    assert repr(loaded) == "<LoadedDatabase 4 created (customers, orders, wide, ...), 0 updated, 0 unchanged, 0 gone>"
    assert len(loaded.created[2].schema_data["table"]["columns"]) == 21
    stored = await call("schema_metadata.list", project)
    assert names(stored) == ["customers", "orders", "wide", "wide", "wide", LINK]
    again = await call("projects.load_database", project, str(path))
    assert (again.created, again.updated, names(again.unchanged), again.gone) == ([], [], ALL, [])
    assert await call("schema_metadata.list", project) == stored


async def test_what_changed_is_updated_and_what_went_is_reported(call: Facade, project: str, change: Change) -> None:
    first = await call("projects.load_database", project, change(""))
    path = change("""
        ALTER TABLE wide ADD COLUMN extra TEXT; ALTER TABLE wide DROP COLUMN c3;
        INSERT INTO customers (country) VALUES ('Peru');
        DROP TABLE orders; CREATE TABLE refunds (id INTEGER);
    """)
    loaded = await call("projects.load_database", project, path)
    assert names(loaded.created) == ["refunds"]
    assert names(loaded.updated) == ["customers", "wide"]
    assert names(loaded.gone) == ["orders", LINK]
    customers, wide = (item.schema_data["table"]["columns"] for item in loaded.updated)
    assert customers[1]["values"] == ["France", "Peru", "USA"]
    assert [column["name"] for column in wide] == ["id", *(f"c{n}" for n in range(20) if n != 3), "extra"]
    assert [item.id for item in loaded.updated] == [first.created[0].id, first.created[2].id]
    group = await call("schema_metadata.get_split_group", project, loaded.updated[1].split_group_id)
    assert [column for part in group.parts for column in part.schema_data["table"]["columns"]] == wide
    deleted = await call("schema_metadata.bulk_delete", project, [item.id for item in loaded.gone])
    assert deleted.deleted_count == 2
    third = await call("projects.load_database", project, path)
    assert (third.created, third.updated, third.gone, len(third.unchanged)) == ([], [], [], 3)


async def test_a_table_that_grows_or_shrinks_over_its_parts(call: Facade, project: str, change: Change) -> None:
    await call("projects.load_database", project, change(""))
    more = "; ".join(f"ALTER TABLE customers ADD COLUMN d{n} TEXT" for n in range(9))
    less = "; ".join(f"ALTER TABLE wide DROP COLUMN c{n}" for n in range(15))
    loaded = await call("projects.load_database", project, change(f"{more}; {less};"))
    assert names(loaded.updated) == ["customers", "wide"]
    assert [len(item.schema_data["table"]["columns"]) for item in loaded.updated] == [11, 6]
    assert names(await call("schema_metadata.list", project)).count("wide") == 1
    assert names((await call("projects.load_database", project, change(""))).unchanged) == ALL


async def test_what_people_added_stays(call: Facade, project: str, change: Change) -> None:
    loaded = await call("projects.load_database", project, change(""))
    orders = loaded.created[1]
    data = orders.schema_data
    data["table"]["synonyms"] = ["purchases"]
    data["table"]["columns"][1]["description"] = "Who ordered"
    await call("schema_metadata.update", project, orders.id, "Orders", data, "What was ordered", True)
    metric = {"table": {"name": "orders", "metric": {"name": "m", "content": {"sql": "COUNT(*)"}}}}
    await call("schema_metadata.create", project, "m", metric)
    link = {"from_table": "wide", "from_column": "id", "to_table": "customers", "to_column": "id"}
    await call("schema_metadata.create", project, "by hand", {"relationship": link})
    before = await call("schema_metadata.list", project)
    same = await call("projects.load_database", project, change(""))
    assert (same.created, same.updated, same.gone) == ([], [], [])
    assert await call("schema_metadata.list", project) == before
    changed = await call("projects.load_database", project, change("ALTER TABLE orders ADD COLUMN paid INTEGER"))
    (item,) = changed.updated
    assert (item.name, item.description, item.is_always_displayed) == ("Orders", "What was ordered", True)
    table = item.schema_data["table"]
    assert table["synonyms"] == ["purchases"]
    assert [column.get("description") for column in table["columns"]] == [None, "Who ordered", None]
    gone = await call("projects.load_database", project, change("ALTER TABLE wide RENAME COLUMN id TO key"))
    assert names(gone.gone) == ["by hand"]


async def test_metadata_that_were_there_are_adopted(call: Facade, project: str, change: Change) -> None:
    table = {"name": "Customers", "columns": [{"name": "ID", "description": "Number"}, {"name": "country"}]}
    mine = await call("schema_metadata.create", project, "Clients", {"table": table})
    link = {"from_table": "customers", "from_column": "id", "to_table": "orders", "to_column": "customer_id"}
    await call("schema_metadata.create", project, "link", {"relationship": {**link, "type": "one_to_many"}})
    loaded = await call("projects.load_database", project, change(""))
    assert names(loaded.created) == ["orders", "wide"]
    assert names(loaded.unchanged) == ["link"]
    assert [(item.id, item.name) for item in loaded.updated] == [(mine.id, "Clients")]
    column = loaded.updated[0].schema_data["table"]["columns"][0]
    assert column == {"name": "id", "description": "Number", "type": "INTEGER", "primary_key": True}


async def test_values_are_left_out_if_unwanted(call: Facade, project: str, change: Change) -> None:
    await call("projects.load_database", project, change(""), values=False)
    stored = await call("schema_metadata.list", project)
    assert "France" not in str([item.schema_data for item in stored])
    loaded = await call("projects.load_database", project, change(""))
    assert names(loaded.updated) == ["customers"]
    kept = await call("projects.load_database", project, change(""), values=False)
    assert kept.updated == []


async def test_bad_arguments_are_found_before_any_request(unreachable: Facade, change: Change) -> None:
    path = change("")
    bad: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
        (("..", path), {}, "project_id"),
        (("p", 7), {}, "url"),
        (("p", "nope.db"), {}, "url: there is no file"),
        (("p", path), {"values": "yes"}, "values"),
        (("p", path), {"schema": ""}, "schema"),
        (("p", path), {"schema": "nope"}, "schema: the database has no schema 'nope'"),
    ]
    for arguments, options, said in bad:
        with pytest.raises(ValidationError, match=said):
            await unreachable("projects.load_database", *arguments, **options)


async def test_there_must_be_such_a_project(call: Facade, change: Change) -> None:
    with pytest.raises(NotFoundError):
        await call("projects.load_database", "nope", change(""))
