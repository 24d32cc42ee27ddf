"""The options that commands share: which service, which project, which output."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING, Any, Final, TypeVar

import click

from text2everything.cli._profiles import chosen_profile
from text2everything.cli._token import read_token, token_option

if TYPE_CHECKING:
    from text2everything import Text2EverythingClient

F = TypeVar("F", bound=Callable[..., Any])

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
        "--project",
        metavar="ID",
        envvar="T2E_PROJECT_ID",
        show_envvar=True,
        default=_profile_default("project_id"),
        callback=_require,
        help="The project, which is required.",
    )(command)


def default_project_option(command: F) -> F:
    """Add the option `--project`, by default the only project there is."""
    return click.option(
        "--project",
        metavar="ID",
        envvar="T2E_PROJECT_ID",
        default=_profile_default("project_id"),
        help="The project.  [default: the only one there is; env var: T2E_PROJECT_ID]",
    )(command)


def connector_option(command: F) -> F:
    """Add the option `--connector`, by default the profile's."""
    return click.option(
        "--connector",
        metavar="ID",
        envvar="T2E_CONNECTOR_ID",
        default=_profile_default("connector_id"),
        help="The database to run the SQL on.  [default: the only one of the project; env var: T2E_CONNECTOR_ID]",
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
    """Return a client of the service that the options, the environment or the profile name, in this order."""
    from text2everything import InvalidConfigurationError, Text2EverythingClient  # noqa: PLC0415 - not needed for --help

    token = None if token_file is None else read_token(token_file)
    given: dict[str, Any] = {"base_url": base_url, "access_token": token, "workspace_name": workspace}
    try:
        return Text2EverythingClient(**{**given, **_from_profile(given)})
    except InvalidConfigurationError as error:
        message = error.message
        for hint, command_line_hint in _HINTS.items():
            message = message.replace(hint, command_line_hint)
        raise click.UsageError(message) from None


def _from_profile(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those settings of the chosen profile that neither the options nor the environment have."""
    from text2everything.settings import ENVIRONMENT  # noqa: PLC0415 - not needed for --help

    profile = chosen_profile()
    wanted = {
        name: getattr(profile, name)
        for name, value in given.items()
        if value is None and not any(os.environ.get(variable) for variable in ENVIRONMENT[name])
    }
    if "base_url" not in wanted and profile.base_url is not None:
        wanted.pop("access_token", None)  # it is not for another service
    return {name: value for name, value in wanted.items() if value is not None}


def _require(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    # click's own `required` takes the default, which a profile may not have, for a value.
    if value is None and not context.resilient_parsing:
        raise click.MissingParameter(ctx=context, param=parameter)
    return value


def _profile_default(name: str) -> Callable[[], str | None]:
    """Return what gives the default of an option: the chosen profile's."""
    return lambda: getattr(chosen_profile(), name)
