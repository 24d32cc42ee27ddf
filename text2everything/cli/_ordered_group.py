"""`OrderedGroup`: a group of commands in a chosen order."""

from __future__ import annotations

import click


class OrderedGroup(click.Group):
    """A group that lists its commands in the order in which they were added, instead of by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(self.commands)
