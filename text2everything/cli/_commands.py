"""The group of all commands. The module of a command is imported when the command is run or listed by `--help`."""

from __future__ import annotations

import importlib
import sys
from functools import partial
from typing import Any, Final

import click

from text2everything.cli._exit_status import exit_status

# The names of the commands, and where they are defined. These modules import only click at their top, so that
# `--help` is fast.
COMMANDS: Final = {
    "demo": "text2everything.cli._demo:demo",
    "serve": "text2everything.cli._serve:serve",
    "ask": "text2everything.cli._ask:ask",
    "feedback": "text2everything.cli._feedback:feedback",
    "projects": "text2everything.cli._projects:projects",
    "connectors": "text2everything.cli._connectors:connectors",
    "schema": "text2everything.cli._schema:schema",
    "profiles": "text2everything.cli._profiles:profiles",
}


class Commands(click.Group):
    """The group of the commands in `COMMANDS`, in that order; it turns errors into exit statuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is no command of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line and exit."""
        sys.exit(exit_status(partial(super().main, *args, **{**options, "standalone_mode": False})))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--profile", metavar="NAME", envvar="T2E_PROFILE", help="Settings kept by `profiles add`.  [env var: T2E_PROFILE]"
)
@click.version_option(package_name="text2everything")
def commands(profile: str | None) -> None:
    """Ask databases in plain words, rate the answers, and reuse the good ones.

    Start with `text2everything demo`, or ask a database of your own; neither needs an account:

    \b
      text2everything ask --database shop.db "How many customers are active?"

    To use a service, set these, or keep them with `profiles add`:

    \b
      export TEXT2EVERYTHING_BASE_URL=https://t2e.example.com
      export T2E_WORKSPACE_NAME=workspaces/dev
      export T2E_ACCESS_TOKEN=...           # or --access-token-file
      export T2E_PROJECT_ID=...             # or --project
      text2everything ask "How many customers are active?"

    Exit status: 0 success; 1 failure; 2 wrong usage, nothing was sent; 3 some of several items failed; 130 stopped
    by Ctrl-C.
    """  # noqa: D301 - \b is for click
    del profile  # the commands look for it
