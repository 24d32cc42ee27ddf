"""The options that say which service and project a command works on; all may come from the environment."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from text2everything import Text2EverythingClient

F = TypeVar("F", bound=Callable[..., Any])

MOST_OF_A_TOKEN: Final = 100_000

# What the client calls its arguments, and what they are here.
_OPTIONS: Final = {
    "pass base_url=…": "give --base-url",
    "pass access_token=…": "give --access-token-file",
    "pass workspace_name=…": "give --workspace",
}


def json_option(command: F) -> F:
    """Give a command `--json`, as the parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def project_option(command: F) -> F:
    """Give a command `--project`."""
    return click.option(
        "--project", required=True, metavar="ID", envvar="T2E_PROJECT_ID", show_envvar=True, help="The project."
    )(command)


def connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the service's options, and call it with a client of that service, which is closed afterwards."""

    @click.option(
        "--base-url", metavar="URL", help="Where the service is.  [env var: TEXT2EVERYTHING_BASE_URL, T2E_BASE_URL]"
    )
    @click.option("--workspace", metavar="NAME", help="workspaces/<name>.  [env var: T2E_WORKSPACE_NAME]")
    @token_option("Read the token from there; - is stdin.  [env var: T2E_ACCESS_TOKEN, the token itself]")
    @functools.wraps(command)
    def connected(
        *args: Any, base_url: str | None, workspace: str | None, access_token_file: IO[str] | None, **options: Any
    ) -> Any:
        with _client(base_url, workspace, access_token_file) as client:
            return command(client, *args, **options)

    return connected


def _client(base_url: str | None, workspace: str | None, token_file: IO[str] | None) -> Text2EverythingClient:
    from text2everything import InvalidConfigurationError, Text2EverythingClient  # noqa: PLC0415 - not for --help

    token = None if token_file is None else read_token(token_file)
    try:
        return Text2EverythingClient(base_url=base_url, access_token=token, workspace_name=workspace)
    except InvalidConfigurationError as error:
        message = error.message
        for argument, option in _OPTIONS.items():
            message = message.replace(argument, option)
        raise click.UsageError(message) from None


def token_option(help: str) -> Callable[[F], F]:
    """Give a command `--access-token-file`.

    A token has no option of its own: what is on a command line can be read by everyone on the machine.
    """
    kind = click.File(encoding="utf-8", errors="replace")
    return click.option("--access-token-file", type=kind, metavar="FILE", help=help)


def read_token(file: IO[str]) -> str:
    """Return the token in a file, or ask for it on a terminal."""
    if file.isatty():
        return str(click.prompt("Access token", hide_input=True, err=True))
    return file.read(MOST_OF_A_TOKEN).strip()
