"""`text2everything feedback list|add|get|delete`: single ratings."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Any

import click

from text2everything.cli._exit_status import CommandError, PartialFailureError
from text2everything.cli._options import json_option, project_option, with_client
from text2everything.cli._terminal_text import pluralize

if TYPE_CHECKING:
    from text2everything import FeedbackResponse, Text2EverythingClient

MIN_WIDTH_FOR_DATES = 100


@click.command(
    "list",
    epilog="""\b
Examples:
  text2everything feedback list --bad
  text2everything feedback list --search "year" --limit 0 --json | jq -r .id
""",
)
@project_option
@click.option("--search", metavar="TEXT", help="Only ratings whose text contains this.")
@click.option("--good/--bad", "is_positive", default=None, help="Only good ratings, or only bad ones.")
@click.option("--message", "chat_message_id", metavar="ID", help="Only ratings of this chat message.")
@click.option("--skip", type=click.IntRange(0), metavar="N", default=0, help="Skip the first N.")
@click.option(
    "--limit", type=click.IntRange(0), metavar="N", default=50, show_default=True, help="List at most N; 0 for all."
)
@json_option
@with_client
def list_(
    client: Text2EverythingClient,
    project: str,
    search: str | None,
    is_positive: bool | None,
    chat_message_id: str | None,
    skip: int,
    limit: int,
    as_json: bool,
) -> None:
    """List ratings, oldest first.

    With --json, print one JSON object per line.
    """
    from text2everything.cli._output import print_json, print_note, spinner  # noqa: PLC0415 - not needed for --help

    matching = (
        item
        for item in client.feedback.iter(project, search)
        if is_positive in {None, item.is_positive} and chat_message_id in {None, item.chat_message_id}
    )
    selected = itertools.islice(matching, skip, skip + limit if limit else None)
    if as_json:
        for item in selected:
            print_json(_to_json(item))
        return
    with spinner("reading"):
        items = list(selected)
        has_more = bool(limit) and next(matching, None) is not None
    _print_table(items)
    if has_more:
        print_note(f"the first {limit}; more with --skip {skip + limit}, all with --limit 0")
    elif not items:
        print_note("no ratings" if skip == 0 else f"no ratings after the first {skip}")


@click.command(
    short_help="Rate an answer.",
    epilog="""\b
Examples:
  text2everything feedback add MESSAGE_ID "As booked" --good --execution ID
  text2everything feedback add MESSAGE_ID "Cancelled orders are counted" --bad
""",
)
@click.argument("chat_message_id", metavar="MESSAGE_ID")
@click.argument("text")
@project_option
@click.option("--good/--bad", "is_positive", default=None, help="The rating; one of the two is required.")
@click.option(
    "--execution", "execution_id", metavar="ID", help="The execution of the answer, so that the cache can reuse it."
)
@json_option
@with_client
def add(
    client: Text2EverythingClient,
    chat_message_id: str,
    text: str,
    project: str,
    is_positive: bool | None,
    execution_id: str | None,
    as_json: bool,
) -> None:
    """Rate the answer with MESSAGE_ID; TEXT explains the rating."""
    if is_positive is None:
        raise click.UsageError("give --good or --bad")
    _print_rating(client.feedback.create(project, chat_message_id, text, is_positive, execution_id), as_json=as_json)


@click.command()
@click.argument("feedback_id", metavar="ID")
@project_option
@json_option
@with_client
def get(client: Text2EverythingClient, feedback_id: str, project: str, as_json: bool) -> None:
    """Show the rating with ID."""
    _print_rating(client.feedback.get(project, feedback_id), as_json=as_json)


@click.command(
    short_help="Delete ratings.",
    epilog="""\b
Examples:
  text2everything feedback delete ID
  text2everything feedback list --search test --limit 0 --json | jq -r .id |
    text2everything feedback delete --yes -
""",
)
@click.argument("feedback_ids", metavar="ID...", nargs=-1, required=True)
@project_option
@click.option("--yes", is_flag=True, help="Delete without asking.")
@json_option
@with_client
def delete(
    client: Text2EverythingClient, feedback_ids: tuple[str, ...], project: str, yes: bool, as_json: bool
) -> None:
    """Delete ratings permanently; - reads IDs from stdin, one per line."""
    from text2everything.cli._output import print_json, print_note, spinner  # noqa: PLC0415 - not needed for --help

    ids = list(_read_ids(feedback_ids))
    if not ids:
        raise click.UsageError("there is no ID on stdin")
    confirm(f"Delete {pluralize(len(ids), 'rating')}?", yes=yes)
    with spinner("deleting"):
        result = client.feedback.bulk_delete(project, ids)
    if as_json:
        print_json({"deleted_count": result.deleted_count, "failed_ids": result.failed_ids})
    else:
        print_note(f"{result.deleted_count:,} deleted")
    if result.failed_ids:
        first = ", ".join(result.failed_ids[:3]) + (", ..." if len(result.failed_ids) > 3 else "")  # noqa: PLR2004
        error = PartialFailureError if result.deleted_count else CommandError
        raise error(f"{len(result.failed_ids):,} not deleted: {first}")


def confirm(question: str, *, yes: bool) -> None:
    """Ask for confirmation; without a terminal to ask on, `--yes` is required."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("give --yes: there is no terminal to ask on")
    click.confirm(question, abort=True, err=True)


def _read_ids(arguments: tuple[str, ...]) -> Any:
    for argument in arguments:
        if argument == "-":
            yield from filter(None, map(str.strip, sys.stdin))
        else:
            yield argument


def _to_json(item: FeedbackResponse) -> Any:
    from text2everything import _codec as codec  # noqa: PLC0415 - not needed for --help

    return codec.unstructure(item)


def _print_table(items: list[FeedbackResponse]) -> None:
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    from text2everything.cli._output import make_console, make_table, print_renderables, rating_text  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._terminal_text import one_line  # noqa: PLC0415 - not needed for --help

    if not items:
        return
    console = make_console()
    with_dates = console.width >= MIN_WIDTH_FOR_DATES
    table = make_table("id", "rating", *(["created"] if with_dates else []), "feedback")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for item in items:
        created = [Text(f"{item.created_at:%Y-%m-%d %H:%M}" if item.created_at else "")] if with_dates else []
        table.add_row(
            Text(one_line(item.id)), rating_text(console, item.is_positive), *created, Text(one_line(item.feedback))
        )
    print_renderables(console, table)


def _print_rating(item: FeedbackResponse, *, as_json: bool) -> None:
    from rich.table import Table  # noqa: PLC0415 - not needed for --help
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    from text2everything.cli._output import make_console, print_json, print_renderables, rating_text  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._terminal_text import replace_control_characters  # noqa: PLC0415 - not needed for --help

    if as_json:
        print_json(_to_json(item))
        return
    console = make_console()
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(
        overflow="fold", min_width=max(map(len, (item.id, item.chat_message_id, item.execution_id or "")))
    )
    grid.add_row("id", Text(replace_control_characters(item.id)))
    grid.add_row("rating", rating_text(console, item.is_positive))
    grid.add_row("feedback", Text(replace_control_characters(item.feedback)))
    for name in ("chat_message_id", "execution_id", "created_at", "updated_at"):
        value = getattr(item, name)
        if value is not None:
            grid.add_row(name, Text(replace_control_characters(value)))
    print_renderables(console, grid)
