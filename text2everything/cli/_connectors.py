"""`text2everything connectors`: the databases that a project can ask."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

import click

from text2everything.cli._database import METAVAR, Database
from text2everything.cli._exit_status import CommandError
from text2everything.cli._items import print_item, print_items
from text2everything.cli._options import default_project_option, json_option, with_client
from text2everything.cli._ordered_group import OrderedGroup

if TYPE_CHECKING:
    from text2everything import Text2EverythingClient

FIELDS: Final = (
    *("id", "name", "db_type", "host", "port", "database", "username", "password_secret_name"),
    *("description", "created_at", "updated_at"),
)


@click.group(cls=OrderedGroup)
def connectors() -> None:
    """List, add and test connectors, the databases of a project."""


@connectors.command("list")
@default_project_option
@click.option("--search", metavar="TEXT", help="Only connectors whose text contains this.")
@json_option
@with_client
def list_(client: Text2EverythingClient, project: str, search: str | None, as_json: bool) -> None:
    """List the connectors.

    With --json, print one JSON object per line.
    """
    names = {"id": "id", "name": "name", "type": "db_type", "host": "host", "database": "database"}
    columns = {heading: attrgetter(name) for heading, name in names.items()}
    print_items(client.connectors.iter(project, search), columns, none="no connectors", as_json=as_json)


@connectors.command()
@click.argument("connector_id", metavar="ID")
@default_project_option
@json_option
@with_client
def show(client: Text2EverythingClient, connector_id: str, project: str, as_json: bool) -> None:
    """Show the connector with ID; its password is never shown."""
    print_item(client.connectors.get(project, connector_id), FIELDS, as_json=as_json)


@connectors.command(
    short_help="Add a connector.",
    epilog="""\b
Examples:
  text2everything connectors add Shop shop.db
  export T2E_DATABASE_PASSWORD=...
  text2everything connectors add Shop postgresql://reader@db.example.com/shop
""",
)
@click.argument("name")
@click.argument("database", metavar=METAVAR)
@default_project_option
@click.option("--description", metavar="TEXT", help="A description.")
@json_option
@with_client
def add(
    client: Text2EverythingClient, name: str, database: str, project: str, description: str | None, as_json: bool
) -> None:
    """Create a connector with NAME to the database at FILE|URL.

    It is a file, which only the embedded service can read, or a URL of SQLAlchemy. The password of a URL can be in
    T2E_DATABASE_PASSWORD, since all users of the machine can read command lines.
    """
    found = Database.parse(database, METAVAR)
    connector = client.connectors.create(project, name, description=description, **found.connector)
    print_item(connector, FIELDS, as_json=as_json)


@connectors.command()
@click.argument("connector_id", metavar="ID")
@default_project_option
@json_option
@with_client
def test(client: Text2EverythingClient, connector_id: str, project: str, as_json: bool) -> None:
    """Test the connection to the database; exit status 1 if it fails."""
    from text2everything import _codec as codec  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._output import print_json  # noqa: PLC0415 - not needed for --help

    result = client.connectors.test_connection_detailed(project, connector_id)
    if as_json:
        print_json(codec.unstructure(result))
    if not result.ok:
        raise CommandError(result.error or "the service cannot connect to the database, and does not say why")
    if not as_json:
        click.echo("connected" if result.elapsed_ms is None else f"connected in {result.elapsed_ms:.0f} ms")
