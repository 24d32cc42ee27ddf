"""The group of all commands; a command's module is imported when it is called, or listed by `--help`."""

from __future__ import annotations

import importlib
from typing import Final

import click

# Command: where it is defined. These modules import click and leave the rest to when they run.
COMMANDS: Final = {
    "serve": "text2everything.cli.serve:serve",
}


class LazyGroup(click.Group):
    """A group that finds its commands in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="text2everything")
def commands() -> None:
    """Ask databases in plain words, rate the answers, and reuse the good ones."""
