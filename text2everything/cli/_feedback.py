"""`text2everything feedback`: the group of its commands."""

from __future__ import annotations

import click

from text2everything.cli._feedback_files import export, upload
from text2everything.cli._feedback_items import add, delete, get, list_
from text2everything.cli._feedback_stats import stats


class InOrder(click.Group):
    """A group that lists its commands as they were added, not by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(self.commands)


@click.group(cls=InOrder)
def feedback() -> None:
    """Rate answers, and look after the ratings.

    A good rating lets an answer be reused from the cache; a bad one keeps it out, and improves the next.
    """


for command in (list_, add, get, delete, upload, export, stats):
    feedback.add_command(command)
