"""What commands print: tables, SQL and ratings on stdout, with colour and width as the terminal has them."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from text2everything.cli._text import clean, one_line, sql_lines

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

MOST_ROWS = 50
PIPE_WIDTH = 10_000


def make_console(*, color: bool = True, stderr: bool = False, width: int | None = None) -> Console:
    """Return a console for stdout or stderr.

    Args:
        color: Whether colours may be used; they are where it is a terminal and NO_COLOR is not set.
        stderr: Whether it is for stderr.
        width: The width where it is neither a terminal nor given by COLUMNS; None: so wide that no line is broken.
    """
    from rich.console import Console  # noqa: PLC0415 - slow, and not for --help

    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # a name that the terminal cannot show is no reason to fail
    plain = not color or bool(os.environ.get("NO_COLOR"))
    console = Console(stderr=stderr, color_system=None if plain else "auto", highlight=False, emoji=False)
    if not console.is_terminal and not os.environ.get("COLUMNS", "").isdecimal():
        console.width = width or PIPE_WIDTH
    return console


def show(console: Console, *parts: RenderableType) -> None:
    """Print each part on lines of its own, without the blanks that rich puts at the end of lines."""
    if console.is_terminal or console.record:
        for part in parts:
            console.print(part)
        return
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    console.file.write(re.sub(r" +$", "", capture.get(), flags=re.MULTILINE))


def print_json(document: Any) -> None:
    """Print a document as one line of JSON, readable in any encoding."""
    click.echo(json.dumps(document, default=datetime.isoformat))


def note(message: str, *, copied: bool = False) -> None:
    """Say something about what was printed, on stderr: no program wants it among the rows.

    Args:
        message: What to say.
        copied: Whether it is a command to be copied, and not to be broken into lines.
    """
    from rich.text import Text  # noqa: PLC0415 - slow, and not for --help

    make_console(stderr=True).print(Text(clean(message), style="dim"), soft_wrap=copied)


@contextmanager
def busy(doing: str) -> Iterator[None]:
    """Show on stderr, where that is a terminal, that something is being waited for."""
    console = make_console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(doing):
        yield


def sql_text(sql: str) -> Text:
    """Return SQL with its clauses on lines of their own, coloured."""
    from rich.syntax import Syntax  # noqa: PLC0415 - slow, and not for --help

    text = Syntax("", "sql", theme="ansi_dark", background_color="default").highlight(clean(sql_lines(sql)))
    text.rstrip()
    text.no_wrap = False
    return text


def rating(console: Console, is_positive: bool | None) -> Text:
    """Return `good` or `bad` with a sign, or `none`."""
    from rich.text import Text  # noqa: PLC0415 - slow, and not for --help

    if is_positive is None:
        return Text("not rated", style="dim")
    signs = ("+", "-") if console.options.ascii_only else ("\N{CHECK MARK}", "\N{BALLOT X}")
    return Text(f"{signs[0]} good", style="green") if is_positive else Text(f"{signs[1]} bad", style="red")


def make_table(*columns: str, right: Sequence[int] = ()) -> Table:
    """Return an empty table in the style of all of them.

    Args:
        columns: The headings.
        right: The numbers of the columns with figures.
    """
    from rich import box  # noqa: PLC0415 - slow, and not for --help
    from rich.table import Table  # noqa: PLC0415 - slow, and not for --help
    from rich.text import Text  # noqa: PLC0415 - slow, and not for --help

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", border_style="dim")
    table.show_edge = False
    for number, column in enumerate(columns):
        table.add_column(Text(one_line(column)), justify="right" if number in right else "left", overflow="fold")
    return table


def rows_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, most: int | None = None) -> Table:
    """Return the rows of a result as a table, the first `most` of them."""
    from rich.text import Text  # noqa: PLC0415 - slow, and not for --help

    shown = rows[:most]
    values = [[row[number] if number < len(row) else None for row in shown] for number in range(len(columns))]
    table = make_table(*columns, right=[number for number, column in enumerate(values) if _is_figures(column)])
    for row in zip(*map(_cells, values), strict=True):
        table.add_row(*map(Text, row))
    return table


def _is_figures(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)


def _cells(values: Sequence[Any]) -> list[str]:
    """Return a column's values as text; where one is a fraction, all have as many digits."""
    if _is_figures(values) and any(isinstance(value, float) for value in values):
        largest = max(abs(value) for value in values if value is not None)
        layout = ".2f" if largest >= 1 else ".4g"
        return ["" if value is None else format(value, layout) for value in values]
    return ["" if value is None else one_line(value) for value in values]
