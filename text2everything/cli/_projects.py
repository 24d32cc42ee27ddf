"""`text2everything projects`: the projects of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from text2everything.cli._items import print_item, print_items
from text2everything.cli._options import json_option, with_client
from text2everything.cli._ordered_group import OrderedGroup

if TYPE_CHECKING:
    from text2everything import Text2EverythingClient

FIELDS: Final = ("id", "name", "description", "created_at", "updated_at")


@click.group(cls=OrderedGroup)
def projects() -> None:
    """List and add projects.

    Each project has its own schema metadata, connectors, answers and ratings.
    """


@projects.command("list")
@click.option("--search", metavar="TEXT", help="Only projects whose name or description contains this.")
@json_option
@with_client
def list_(client: Text2EverythingClient, search: str | None, as_json: bool) -> None:
    """List the projects.

    With --json, print one JSON object per line.
    """
    columns = {
        "id": lambda item: item.id,
        "name": lambda item: item.name,
        "description": lambda item: item.description,
    }
    print_items(client.projects.iter(search), columns, none="no projects", as_json=as_json)


@projects.command()
@click.argument("project_id", metavar="ID")
@json_option
@with_client
def show(client: Text2EverythingClient, project_id: str, as_json: bool) -> None:
    """Show the project with ID."""
    print_item(client.projects.get(project_id), FIELDS, as_json=as_json)


@projects.command(
    epilog="""\b
Example:
  text2everything projects add Sales --description "Orders of the web shop"
""",
)
@click.argument("name")
@click.option("--description", metavar="TEXT", help="A description.")
@json_option
@with_client
def add(client: Text2EverythingClient, name: str, description: str | None, as_json: bool) -> None:
    """Create a project with NAME."""
    print_item(client.projects.create(name, description), FIELDS, as_json=as_json)
