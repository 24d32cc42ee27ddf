"""`text2everything feedback list|add|get|delete`: ratings, one by one."""

from __future__ import annotations

import itertools
import sys
from typing import TYPE_CHECKING, Any

import click

from text2everything.cli._connection import connected, json_option, project_option
from text2everything.cli._errors import Failure, Partial
from text2everything.cli._text import many

if TYPE_CHECKING:
    from text2everything import FeedbackResponse, Text2EverythingClient

WIDE = 100


@click.command(
    "list",
    epilog="""\b
Examples:
  text2everything feedback list --bad
  text2everything feedback list --search "year" --limit 0 --json | jq -r .id
""",
)
@project_option
@click.option("--search", metavar="TEXT", help="Only those whose text contains this.")
@click.option("--good/--bad", "is_positive", default=None, help="Only the good, or only the bad.")
@click.option("--message", "chat_message_id", metavar="ID", help="Only those of this chat message.")
@click.option("--skip", type=click.IntRange(0), metavar="N", default=0, help="Leave out so many at the beginning.")
@click.option(
    "--limit", type=click.IntRange(0), metavar="N", default=50, show_default=True, help="At most so many; 0 for all."
)
@json_option
@connected
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

    With --json, one JSON object a line.
    """
    from text2everything.cli._output import busy, note, print_json  # noqa: PLC0415 - not for --help

    wanted = (
        item
        for item in client.feedback.iter(project, search)
        if is_positive in {None, item.is_positive} and chat_message_id in {None, item.chat_message_id}
    )
    found = itertools.islice(wanted, skip, skip + limit if limit else None)
    if as_json:
        for item in found:
            print_json(_document(item))
        return
    with busy("reading"):
        items = list(found)
        more = bool(limit) and next(wanted, None) is not None
    _print_list(items)
    if more:
        note(f"the first {limit}; more with --skip {skip + limit}, all with --limit 0")
    elif not items:
        note("no ratings" if skip == 0 else f"no ratings after the first {skip}")


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
@click.option("--good/--bad", "is_positive", default=None, help="Which it is; one of the two is needed.")
@click.option("--execution", "execution_id", metavar="ID", help="The execution to rate, for the cache.")
@json_option
@connected
def add(
    client: Text2EverythingClient,
    chat_message_id: str,
    text: str,
    project: str,
    is_positive: bool | None,
    execution_id: str | None,
    as_json: bool,
) -> None:
    """Rate the answer with MESSAGE_ID; TEXT says what is good or bad about it."""
    if is_positive is None:
        raise click.UsageError("give --good or --bad")
    _print_one(client.feedback.create(project, chat_message_id, text, is_positive, execution_id), as_json=as_json)


@click.command()
@click.argument("feedback_id", metavar="ID")
@project_option
@json_option
@connected
def get(client: Text2EverythingClient, feedback_id: str, project: str, as_json: bool) -> None:
    """Show the rating with ID."""
    _print_one(client.feedback.get(project, feedback_id), as_json=as_json)


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
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@connected
def delete(
    client: Text2EverythingClient, feedback_ids: tuple[str, ...], project: str, yes: bool, as_json: bool
) -> None:
    """Delete ratings, for good; - reads their IDs from stdin, one a line."""
    from text2everything.cli._output import busy, note, print_json  # noqa: PLC0415 - not for --help

    ids = list(_each_id(feedback_ids))
    if not ids:
        raise click.UsageError("there is no ID on stdin")
    confirm(f"Delete {many(len(ids), 'rating')}?", yes=yes)
    with busy("deleting"):
        result = client.feedback.bulk_delete(project, ids)
    if as_json:
        print_json({"deleted_count": result.deleted_count, "failed_ids": result.failed_ids})
    else:
        note(f"{result.deleted_count:,} deleted")
    if result.failed_ids:
        first = ", ".join(result.failed_ids[:3]) + (", ..." if len(result.failed_ids) > 3 else "")  # noqa: PLR2004
        failed = Partial if result.deleted_count else Failure
        raise failed(f"{len(result.failed_ids):,} not deleted: {first}")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is lost; without a terminal to ask on, `--yes` must have been given."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("give --yes: there is no terminal to ask on")
    click.confirm(question, abort=True, err=True)


def _each_id(arguments: tuple[str, ...]) -> Any:
    for argument in arguments:
        if argument == "-":
            yield from filter(None, map(str.strip, sys.stdin))
        else:
            yield argument


def _document(item: FeedbackResponse) -> Any:
    from text2everything import _codec as codec  # noqa: PLC0415 - not for --help

    return codec.unstructure(item)


def _print_list(items: list[FeedbackResponse]) -> None:
    from rich.text import Text  # noqa: PLC0415 - not for --help

    from text2everything.cli._output import make_console, make_table, rating, show  # noqa: PLC0415 - not for --help
    from text2everything.cli._text import one_line  # noqa: PLC0415 - not for --help

    if not items:
        return
    console = make_console()
    wide = console.width >= WIDE
    table = make_table("id", "rating", *(["made"] if wide else []), "feedback")
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for item in items:
        made = [Text(f"{item.created_at:%Y-%m-%d %H:%M}" if item.created_at else "")] if wide else []
        table.add_row(
            Text(one_line(item.id)), rating(console, item.is_positive), *made, Text(one_line(item.feedback))
        )
    show(console, table)


def _print_one(item: FeedbackResponse, *, as_json: bool) -> None:
    from rich.table import Table  # noqa: PLC0415 - not for --help
    from rich.text import Text  # noqa: PLC0415 - not for --help

    from text2everything.cli._output import make_console, print_json, rating, show  # noqa: PLC0415 - not for --help
    from text2everything.cli._text import clean  # noqa: PLC0415 - not for --help

    if as_json:
        print_json(_document(item))
        return
    console = make_console()
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    grid.add_row("id", Text(clean(item.id)))
    grid.add_row("rating", rating(console, item.is_positive))
    grid.add_row("feedback", Text(clean(item.feedback)))
    for name in ("chat_message_id", "execution_id", "created_at", "updated_at"):
        value = getattr(item, name)
        if value is not None:
            grid.add_row(name, Text(clean(value)))
    show(console, grid)
