"""A database given on the command line: its project, connector and schema metadata on the embedded service."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs
import click

from text2everything.cli._exit_status import CommandError
from text2everything.cli._terminal_text import pluralize

if TYPE_CHECKING:
    from text2everything import LoadedDatabase, Text2EverythingClient

F = TypeVar("F", bound=Callable[..., Any])

PASSWORD_VARIABLE: Final = "T2E_DATABASE_PASSWORD"  # noqa: S105 - a name
METAVAR: Final = "FILE|URL"


def database_option(help: str) -> Callable[[F], F]:
    """Add the options `--database` and `--no-values`, as the parameters `database` and `values`."""

    def add(command: F) -> F:
        return click.option("--database", metavar=METAVAR, help=help)(values_option(command))

    return add


def values_option(command: F) -> F:
    """Add the option `--no-values`, as the parameter `values`."""
    return click.option(
        "--no-values", "values", is_flag=True, flag_value=False, default=True, help="Read no values from the columns."
    )(command)


@attrs.frozen
class Database:
    """A database that a command was given, with the password from the environment, if it needs one.

    Attributes:
        url: What `projects.load_database` takes.
        connector: The arguments of `connectors.create`, without a name.
        name: A short name.
    """

    url: str = attrs.field(repr=False)
    connector: dict[str, Any] = attrs.field(repr=False)
    name: str
    shown: str

    @classmethod
    def parse(cls, value: str, parameter: str = "--database") -> Database:
        """Return the database at a path or URL; a usage error names `parameter`."""
        from text2everything import ValidationError  # noqa: PLC0415 - not needed for --help
        from text2everything._schema.url import DatabaseUrl  # noqa: PLC0415 - not needed for --help
        from text2everything._secret import secret  # noqa: PLC0415 - not needed for --help

        try:
            found = DatabaseUrl.parse(value)
            password = os.environ.get(PASSWORD_VARIABLE)
            if password and found.path is None and found.url.password is None:
                found = DatabaseUrl(found.kind, found.url.set(password=password))
            url = str(found) if found.path else found.url.render_as_string(hide_password=False)
            return cls(secret(url), found.connector(), found.name, str(found))
        except ValidationError as error:
            raise click.UsageError(_named(error.message, parameter)) from None

    def load(
        self, client: Text2EverythingClient, project_id: str, *, values: bool, schema: str | None = None
    ) -> LoadedDatabase:
        """Load the schema into a project, and return what that did."""
        from text2everything import ValidationError  # noqa: PLC0415 - not needed for --help

        try:
            return client.projects.load_database(project_id, self.url, values=values, schema=schema)
        except ValidationError as error:
            if error.status_code is not None:
                raise
            about_it = error.message.startswith("url: ")  # it names the database itself
            message = error.message.removeprefix("url: ") if about_it else _named(error.message, self.shown)
            raise click.UsageError(message) from None


@attrs.frozen
class DatabaseProject:
    """The project of a database, as `serve --json` prints it."""

    project_id: str
    connector_id: str


def set_up(client: Text2EverythingClient, database: Database, *, values: bool) -> DatabaseProject:
    """Create what questions about a database need, or bring it up to date; say on stderr what was read."""
    from text2everything.cli._output import print_note, spinner  # noqa: PLC0415 - not needed for --help

    name = database.name
    with spinner(f"reading {name}"):
        project = client.projects.get_by_name(name) or client.projects.create(name)
        connector = next((each for each in client.connectors.iter(project.id, name) if each.name == name), None)
        if connector is None:
            connector = client.connectors.create(project.id, name, **database.connector)
        else:
            where = ("db_type", "host", "database")
            if any((getattr(connector, each) or None) != database.connector.get(each) for each in where):
                raise click.UsageError(f"--database: the project {name} is of another database, {connector.database}")
            client.connectors.update(project.id, connector.id, **database.connector)
        loaded = database.load(client, project.id, values=values)
    items = [*loaded.created, *loaded.updated, *loaded.unchanged]
    tables = sum("table" in item.schema_data for item in items)
    print_note(f"read {pluralize(tables, 'table')} of {database.shown}")
    if loaded.gone:
        print_note(f"not in the database any more: {', '.join(item.name for item in loaded.gone)}")
    return DatabaseProject(project.id, connector.id)


@contextmanager
def embedded(database: Database, *, values: bool) -> Iterator[tuple[Text2EverythingClient, DatabaseProject]]:
    """Start the embedded service in memory, with a project of the database."""
    from text2everything import Text2EverythingClient  # noqa: PLC0415 - not needed for --help
    from text2everything.local import LocalServiceError  # noqa: PLC0415 - not needed for --help

    try:
        client = Text2EverythingClient.local()
    except LocalServiceError as error:
        raise CommandError(str(error)) from None
    with client:
        yield client, set_up(client, database, values=values)


def _named(message: str, parameter: str) -> str:
    """Return a message about the argument `url` as one about the parameter."""
    return f"{parameter}{message.removeprefix('url')}" if message.startswith("url") else f"{parameter}: {message}"
