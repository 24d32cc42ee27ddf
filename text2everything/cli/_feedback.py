"""`text2everything feedback`: the group of the commands for ratings."""

from __future__ import annotations

import click

from text2everything.cli._feedback_files import export, upload
from text2everything.cli._feedback_items import add, delete, get, list_
from text2everything.cli._feedback_stats import stats
from text2everything.cli._ordered_group import OrderedGroup


@click.group(cls=OrderedGroup)
def feedback() -> None:
    """Rate answers, and list, delete, import and export ratings.

    An answer rated good is reused from the cache. An answer rated bad is not, and the next answer is improved.
    """


for command in (list_, add, get, delete, upload, export, stats):
    feedback.add_command(command)
