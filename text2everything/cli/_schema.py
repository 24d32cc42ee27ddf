"""`text2everything schema`: the schema metadata of a project, from which SQL is generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from text2everything.cli._database import METAVAR, Database, values_option
from text2everything.cli._items import print_item, print_items, print_table
from text2everything.cli._options import default_project_option, json_option, with_client
from text2everything.cli._ordered_group import OrderedGroup
from text2everything.cli._terminal_text import pluralize

if TYPE_CHECKING:
    from text2everything import LoadedDatabase, SchemaMetadataResponse, Text2EverythingClient


@click.group(cls=OrderedGroup)
def schema() -> None:
    """List schema metadata, and load them from a database.

    They describe the tables, dimensions, metrics and relationships from which SQL is generated.
    """


@schema.command("list")
@default_project_option
@click.option("--search", metavar="TEXT", help="Only those whose text contains this.")
@json_option
@with_client
def list_(client: Text2EverythingClient, project: str, search: str | None, as_json: bool) -> None:
    """List schema metadata by name, relationships last.

    With --json, print one JSON object per line.
    """
    from text2everything.resources.schema_metadata import whole_tables  # noqa: PLC0415 - not needed for --help

    columns = {
        "id": lambda item: item.id,
        "name": lambda item: item.name,
        "type": lambda item: client.schema_metadata.get_schema_type(item.schema_data),
        "columns": _column_count,
        "description": lambda item: item.description,
    }
    items = whole_tables(client.schema_metadata.iter(project, search))
    items.sort(key=lambda item: ("relationship" in item.schema_data, item.name))
    print_items(items, columns, none="no schema metadata", as_json=as_json)


@schema.command()
@click.argument("schema_metadata_id", metavar="ID")
@default_project_option
@json_option
@with_client
def show(client: Text2EverythingClient, schema_metadata_id: str, project: str, as_json: bool) -> None:
    """Show the schema metadata with ID, a table with all its columns."""
    from text2everything.resources.schema_metadata import whole_tables  # noqa: PLC0415 - not needed for --help

    item = client.schema_metadata.get(project, schema_metadata_id)
    if item.split_group_id is not None:
        (item,) = whole_tables(client.schema_metadata.get_split_group(project, item.split_group_id).parts)
    print_item(item, ("id", "name", "description", "created_at", "updated_at"), as_json=as_json)
    if not as_json:
        click.echo()
        _print_data(item.schema_data)


@schema.command(
    short_help="Load schema metadata from a database.",
    epilog="""\b
Examples:
  text2everything schema load shop.db --no-values
  export T2E_DATABASE_PASSWORD=...
  text2everything schema load postgresql://reader@db.example.com/shop
""",
)
@click.argument("database", metavar=METAVAR)
@default_project_option
@click.option("--schema", "schema_name", metavar="NAME", help="The schema.  [default: the database's default one]")
@values_option
@json_option
@with_client
def load(
    client: Text2EverythingClient, database: str, project: str, schema_name: str | None, values: bool, as_json: bool
) -> None:
    """Load schema metadata from the database at FILE|URL, a file or a URL of SQLAlchemy.

    The database is read on this machine, and not changed: tables, views, columns, types, keys, comments and the
    values of text columns that have at most 20. The command can be repeated: it updates what changed, keeps what was
    added by hand, and lists what is not in the database. The password of a URL can be in T2E_DATABASE_PASSWORD.
    """
    from text2everything.cli._output import print_json, spinner  # noqa: PLC0415 - not needed for --help

    found = Database.parse(database, METAVAR)
    with spinner(f"reading {found.name}"):
        loaded = found.load(client, project, values=values, schema=schema_name)
    if as_json:
        names = ("created", "updated", "unchanged", "gone")
        print_json({name: [{"id": item.id, "name": item.name} for item in getattr(loaded, name)] for name in names})
    else:
        _print_loaded(loaded)


def _print_loaded(loaded: LoadedDatabase) -> None:
    from text2everything.cli._output import print_note  # noqa: PLC0415 - not needed for --help

    changed = [("created", item) for item in loaded.created] + [("updated", item) for item in loaded.updated]
    changed += [("gone", item) for item in loaded.gone]
    if changed:
        print_table(["", "id", "name"], [[what, item.id, item.name] for what, item in changed])
    counts = (f"{len(getattr(loaded, name)):,} {name}" for name in ("created", "updated", "unchanged"))
    print_note(", ".join(counts))
    if loaded.gone:
        print_note(f"{pluralize(len(loaded.gone), 'item')} kept that the database does not have")


def _column_count(item: SchemaMetadataResponse) -> int | None:
    match item.schema_data:
        case {"table": {"columns": list(columns)}}:
            return len(columns)
    return None


def _print_data(data: dict[str, Any]) -> None:
    from text2everything.cli._output import print_json  # noqa: PLC0415 - not needed for --help

    match data:
        case {"table": {"columns": list(columns)}}:
            print_table(["column", "type", "key", "values", "description"], map(_column_row, columns))
        case _:
            print_json(data)


def _column_row(column: Any) -> list[Any]:
    if not isinstance(column, dict):
        return [column, None, None, None, None]
    key = "primary" if column.get("primary_key") else None
    match column.get("foreign_key"):
        case {"table": str(table), "column": str(name)}:
            key = f"{table}.{name}"
        case str(text):
            key = text
    values = column.get("values")
    shown = ", ".join(map(str, values)) if isinstance(values, list) else values
    return [column.get("name"), column.get("type"), key, shown, column.get("description")]
