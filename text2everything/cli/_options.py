"""The options that commands share: which service, which project, which output."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from text2everything import Text2EverythingClient

F = TypeVar("F", bound=Callable[..., Any])

MAX_TOKEN_LENGTH: Final = 100_000

# The hints in error messages of the client, and what to write instead of them here.
_HINTS: Final = {
    "pass base_url=...": "give --base-url",
    "pass access_token=...": "give --access-token-file",
    "pass workspace_name=...": "give --workspace",
}


def json_option(command: F) -> F:
    """Add the option `--json`, as the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def project_option(command: F) -> F:
    """Add the option `--project`."""
    return click.option(
        "--project", required=True, metavar="ID", envvar="T2E_PROJECT_ID", show_envvar=True, help="The project."
    )(command)


def default_project_option(command: F) -> F:
    """Add the option `--project`, by default the only project there is."""
    return click.option(
        "--project",
        metavar="ID",
        envvar="T2E_PROJECT_ID",
        help="The project.  [default: the only one there is; env var: T2E_PROJECT_ID]",
    )(command)


def only_project(client: Text2EverythingClient) -> str:
    """Return the id of the only project of the workspace."""
    projects = client.projects.list(page=1, per_page=2)
    if len(projects) == 1:
        return projects[0].id
    reason = "has more than one" if projects else "has none"
    raise click.UsageError(f"--project is needed: the workspace {reason}")


def service_options(command: F) -> F:
    """Add the options of the service: `--base-url`, `--workspace` and `--access-token-file`."""
    for option in (
        token_option("A file with the access token; - is stdin.  [env var: T2E_ACCESS_TOKEN, the token itself]"),
        click.option(
            "--workspace", metavar="NAME", help="The workspace, as workspaces/<name>.  [env var: T2E_WORKSPACE_NAME]"
        ),
        click.option(
            "--base-url",
            metavar="URL",
            help="The URL of the service.  [env var: TEXT2EVERYTHING_BASE_URL, T2E_BASE_URL]",
        ),
    ):
        command = option(command)
    return command


def with_client(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the service; the command gets a client of it, and the client is closed afterwards.

    A command with the option `--project` that was not given one gets the only one there is.
    """

    @service_options
    @functools.wraps(command)
    def wrapper(
        *args: Any, base_url: str | None, workspace: str | None, access_token_file: IO[str] | None, **options: Any
    ) -> Any:
        with open_client(base_url, workspace, access_token_file) as client:
            if "project" in options and options["project"] is None:
                options["project"] = only_project(client)
            return command(client, *args, **options)

    return wrapper


def open_client(base_url: str | None, workspace: str | None, token_file: IO[str] | None) -> Text2EverythingClient:
    """Return a client of the service that the options and the environment name."""
    from text2everything import InvalidConfigurationError, Text2EverythingClient  # noqa: PLC0415 - not needed for --help

    token = None if token_file is None else read_token(token_file)
    try:
        return Text2EverythingClient(base_url=base_url, access_token=token, workspace_name=workspace)
    except InvalidConfigurationError as error:
        message = error.message
        for hint, command_line_hint in _HINTS.items():
            message = message.replace(hint, command_line_hint)
        raise click.UsageError(message) from None


def token_option(help: str) -> Callable[[F], F]:
    """Add the option `--access-token-file`.

    There is no option for the token itself, because every user of the machine can read command lines.
    """
    file = click.File(encoding="utf-8", errors="replace")
    return click.option("--access-token-file", type=file, metavar="FILE", help=help)


def read_token(file: IO[str]) -> str:
    """Return the token in a file; if the file is a terminal, prompt for it."""
    if file.isatty():
        return str(click.prompt("Access token", hide_input=True, err=True))
    return file.read(MAX_TOKEN_LENGTH).strip()
