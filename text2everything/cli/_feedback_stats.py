"""`text2everything feedback stats`: ratings at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from text2everything.cli._connection import connected, json_option, project_option

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from text2everything import Text2EverythingClient
    from text2everything._feedback.periods import Period
    from text2everything._feedback.stats import FeedbackStats
    from text2everything._feedback.tally import Tally

BAR: Final = 24
MOST_PERIODS: Final = 14
PERIODS: Final[tuple[Period, ...]] = ("day", "week", "month")


@click.command(short_help="Count ratings; name the most disliked answers.")
@project_option
@click.option("--search", metavar="TEXT", help="Only those whose text contains this.")
@click.option("--by", type=click.Choice(PERIODS), help="Count them by this.  [default: as the time covered suggests]")
@click.option(
    "--worst", type=click.IntRange(0), metavar="N", default=5, show_default=True, help="So many disliked answers."
)
@json_option
@connected
def stats(
    client: Text2EverythingClient, project: str, search: str | None, by: Period | None, worst: int, as_json: bool
) -> None:
    """Count the ratings: good and bad, over time, and the answers with the most bad ones."""
    from text2everything.cli._output import busy, make_console, print_json, show  # noqa: PLC0415 - not for --help

    with busy("counting"):
        found = client.feedback.stats(project, search, worst=worst)
    if as_json:
        print_json(found.to_dict())
        return
    console = make_console()
    show(console, *_parts(console, found, by))


def _parts(console: Console, found: FeedbackStats, by: Period | None) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - not for --help

    from text2everything.cli._output import make_table, rating  # noqa: PLC0415 - not for --help
    from text2everything.cli._text import many, one_line  # noqa: PLC0415 - not for --help

    if not found.total:
        return [Text("no ratings")]
    about = f"{many(len(found.by_message), 'message')}, {many(len(found.by_execution), 'execution')}"
    parts: list[RenderableType] = [
        Text(f"{many(found.total, 'rating')}, {found.share_positive:.1%} good", style="bold"),
        Text(f"on {about}", style="dim"),
    ]
    periods = found.over_time(by or _fitting(found))
    if periods:
        table = make_table(by or _fitting(found), "good", "bad", "", right=[1, 2])
        shown = list(periods.items())[-MOST_PERIODS:]
        most = max(tally.total for _, tally in shown)
        for start, tally in shown:
            table.add_row(str(start), f"{tally.positive:,}", f"{tally.negative:,}", _bar(console, tally, most))
        parts += ["", table]
    if found.most_disliked:
        table = make_table("bad", "good", "message", "the latest said", right=[0, 1])
        table.columns[2].no_wrap = True
        for each in found.most_disliked:
            comment = Text(one_line(each.comments[0]) if each.comments else "")
            counts = Text(f"{each.negative:,}"), Text(f"{each.positive:,}")
            table.add_row(*counts, Text(one_line(each.chat_message_id)), comment)
        parts += ["", Text.assemble("rated ", rating(console, is_positive=False), " most often"), "", table]
    return parts


def _fitting(found: FeedbackStats) -> Period:
    """Return the shortest period of which not too many cover all the time."""
    return next((period for period in PERIODS if len(found.over_time(period)) <= MOST_PERIODS), PERIODS[-1])


def _bar(console: Console, tally: Tally, most: int) -> Text:
    from rich.text import Text  # noqa: PLC0415 - not for --help

    good, bad = ("#", "-") if console.options.ascii_only else ("\N{FULL BLOCK}", "\N{LIGHT SHADE}")
    long = round(BAR * tally.positive / most)
    return Text.assemble((good * long, "green"), (bad * (round(BAR * tally.total / most) - long), "red"))
