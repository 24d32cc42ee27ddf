"""`text2everything profiles`: named settings of services in a file, for `text2everything --profile NAME`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import attrs
import click

from text2everything.cli._exit_status import CommandError
from text2everything.cli._items import print_table
from text2everything.cli._ordered_group import OrderedGroup
from text2everything.cli._token import read_token, token_option

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAME: Final = "profiles.json"


@attrs.frozen
class Profile:
    """The settings of a service, each None if it is to come from elsewhere."""

    base_url: str | None = None
    workspace_name: str | None = None
    access_token: str | None = attrs.field(default=None, repr=False)
    project_id: str | None = None
    connector_id: str | None = None


def chosen_profile() -> Profile:
    """Return the profile that `--profile` or T2E_PROFILE names, else one without settings."""
    name = click.get_current_context().find_root().params.get("profile")
    if name is None:
        return Profile()
    profiles = read_profiles()
    if name not in profiles:
        known = f"there are {', '.join(profiles)}" if profiles else "there is none"
        raise click.UsageError(f"--profile: there is no profile {name}; {known}")
    return profiles[name]


def profiles_path() -> Path:
    """Return the file with the profiles.

    Raises:
        ImportError: platformdirs is not installed.
    """
    try:
        import platformdirs  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError("profiles need platformdirs: pip install platformdirs") from None
    return Path(platformdirs.user_config_dir("text2everything", appauthor=False)) / FILE_NAME


def read_profiles() -> dict[str, Profile]:
    """Return all profiles by their names."""
    path = profiles_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        # What is wrong is not shown: it may be a token.
        return {name: Profile(**settings) for name, settings in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        raise CommandError(f"{path} is damaged: delete it, and add the profiles again") from None


def write_profiles(profiles: Mapping[str, Profile]) -> None:
    """Write all profiles to a file that only its owner can read; a reader sees either the old ones or the new."""
    path = profiles_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    given = {
        name: {key: value for key, value in attrs.asdict(profile).items() if value is not None}
        for name, profile in profiles.items()
    }
    new = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(given, file, indent=2)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


@click.group(cls=OrderedGroup)
def profiles() -> None:
    """Keep settings of services under a name.

    text2everything --profile NAME, or the variable T2E_PROFILE, uses them. Options and other variables win over
    those of a profile. Its token is sent to the service of the profile only.
    """


@profiles.command(
    epilog="""\b
Example:
  text2everything profiles add work --base-url https://t2e.example.com \\
    --workspace workspaces/dev --access-token-file -
  text2everything --profile work ask "How many customers are active?"
""",
)
@click.argument("name")
@click.option("--base-url", metavar="URL", required=True, help="The URL of the service.")
@click.option("--workspace", "workspace_name", metavar="NAME", help="The workspace, as workspaces/<name>.")
@token_option("A file with the access token; - is stdin, or a prompt on a terminal.")
@click.option("--project", "project_id", metavar="ID", help="The project.")
@click.option("--connector", "connector_id", metavar="ID", help="The database that `ask` runs SQL on.")
def add(name: str, access_token_file: IO[str] | None, **settings: str | None) -> None:
    """Add the profile NAME, or replace it.

    The token is kept in a file that only you can read, and never printed.
    """
    from text2everything import InvalidConfigurationError, Settings  # noqa: PLC0415 - not needed for --help
    from text2everything.settings import check_token  # noqa: PLC0415 - not needed for --help

    if not name.strip() or name.startswith("-") or not name.isprintable():
        raise click.UsageError("NAME must not be blank, and not begin with -")
    try:
        token = None if access_token_file is None else str(check_token(read_token(access_token_file)))
        # The other settings are checked as those of a client.
        checked = Settings.resolve(
            base_url=settings["base_url"],
            access_token=token or "none",
            workspace_name=settings["workspace_name"] or "workspaces/any",
        )
    except InvalidConfigurationError as error:
        raise click.UsageError(error.message) from None
    write_profiles(
        {
            **read_profiles(),
            name: Profile(access_token=token, **{**settings, "base_url": checked.base_url}),
        }
    )
    click.echo(f"{name} added to {profiles_path()}")


@profiles.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def list_(as_json: bool) -> None:
    """List the profiles, without their tokens.

    With --json, print one JSON object per line.
    """
    from text2everything.cli._output import print_json, print_note  # noqa: PLC0415 - not needed for --help

    found = read_profiles()
    shown: list[dict[str, Any]] = [
        {"name": name, **attrs.asdict(profile), "access_token": profile.access_token is not None}
        for name, profile in found.items()
    ]
    if as_json:
        for each in shown:
            print_json(each)
    elif shown:
        print_table(
            ["name", "base url", "workspace", "token", "project"],
            [
                [
                    *(each["name"], each["base_url"], each["workspace_name"]),
                    *("yes" if each["access_token"] else "no", each["project_id"]),
                ]
                for each in shown
            ],
        )
    else:
        print_note("no profiles")


@profiles.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the profile NAME with its token."""
    found = read_profiles()
    if name not in found:
        raise click.UsageError(f"there is no profile {name}")
    write_profiles({other: profile for other, profile in found.items() if other != name})
    click.echo(f"{name} removed")
