"""`text2everything feedback stats`: counts of ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from text2everything.cli._options import json_option, project_option, with_client

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from text2everything import Text2EverythingClient
    from text2everything._feedback.periods import Period
    from text2everything._feedback.stats import FeedbackStats
    from text2everything._feedback.tally import Tally

BAR_WIDTH: Final = 24
MAX_PERIODS: Final = 14
PERIODS: Final[tuple[Period, ...]] = ("day", "week", "month")


@click.command(short_help="Count ratings; list the most disliked answers.")
@project_option
@click.option("--search", metavar="TEXT", help="Only ratings whose text contains this.")
@click.option(
    "--by",
    type=click.Choice(PERIODS),
    help="The period to count by.  [default: the shortest that gives at most 14 rows, or month]",
)
@click.option(
    "--worst",
    type=click.IntRange(0),
    metavar="N",
    default=5,
    show_default=True,
    help="List the N most disliked answers.",
)
@json_option
@with_client
def stats(
    client: Text2EverythingClient, project: str, search: str | None, by: Period | None, worst: int, as_json: bool
) -> None:
    """Count good and bad ratings, in all and over time, and list the answers with the most bad ones."""
    from text2everything.cli._output import make_console, print_json, print_renderables, spinner  # noqa: PLC0415 - not needed for --help

    with spinner("counting"):
        counts = client.feedback.stats(project, search, worst=worst)
    if as_json:
        print_json(counts.to_dict())
        return
    console = make_console()
    print_renderables(console, *_report(console, counts, by))


def _report(console: Console, counts: FeedbackStats, by: Period | None) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    from text2everything.cli._output import make_table, rating_text  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._terminal_text import one_line, pluralize  # noqa: PLC0415 - not needed for --help

    if not counts.total:
        return [Text("no ratings")]
    subjects = f"{pluralize(len(counts.by_message), 'message')}, {pluralize(len(counts.by_execution), 'execution')}"
    renderables: list[RenderableType] = [
        Text(f"{pluralize(counts.total, 'rating')}, {counts.share_positive:.1%} good", style="bold"),
        Text(f"on {subjects}", style="dim"),
    ]
    period = by or _default_period(counts)
    periods = counts.over_time(period)
    if periods:
        table = make_table(period, "good", "bad", "", right_aligned=[1, 2])
        shown = list(periods.items())[-MAX_PERIODS:]
        largest = max(tally.total for _, tally in shown)
        for start, tally in shown:
            table.add_row(str(start), f"{tally.positive:,}", f"{tally.negative:,}", _bar(console, tally, largest))
        renderables += ["", table]
    if counts.most_disliked:
        table = make_table("bad", "good", "message", "latest comment", right_aligned=[0, 1])
        table.columns[2].no_wrap = True
        for each in counts.most_disliked:
            comment = Text(one_line(each.comments[0]) if each.comments else "")
            good_and_bad = Text(f"{each.negative:,}"), Text(f"{each.positive:,}")
            table.add_row(*good_and_bad, Text(one_line(each.chat_message_id)), comment)
        renderables += [
            "",
            Text.assemble("rated ", rating_text(console, is_positive=False), " most often"),
            "",
            table,
        ]
    return renderables


def _default_period(counts: FeedbackStats) -> Period:
    """Return the shortest period that gives at most 14 rows, or the longest period."""
    return next((period for period in PERIODS if len(counts.over_time(period)) <= MAX_PERIODS), PERIODS[-1])


def _bar(console: Console, tally: Tally, largest: int) -> Text:
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    good, bad = ("#", "-") if console.options.ascii_only else ("\N{FULL BLOCK}", "\N{LIGHT SHADE}")
    good_length = round(BAR_WIDTH * tally.positive / largest)
    return Text.assemble(
        (good * good_length, "green"), (bad * (round(BAR_WIDTH * tally.total / largest) - good_length), "red")
    )
