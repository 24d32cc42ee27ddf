"""Printing tables, SQL and ratings with rich, in the width and colours of the terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import click

from text2everything.cli._terminal_text import break_before_clauses, one_line, replace_control_characters

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

MAX_ROWS = 50
PIPE_WIDTH = 2**31 - 1
MIN_CELL = 4
"""Characters of a cell in a line at least, where a table is too wide for the terminal."""


def make_console(*, color: bool = True, stderr: bool = False, width: int | None = None) -> Console:
    """Return a console for stdout or stderr.

    Args:
        color: Whether colours are allowed; they are used on a terminal unless NO_COLOR is set.
        stderr: Whether to print to stderr instead of stdout.
        width: The width if there is no terminal and COLUMNS is not set; by default so wide that no line is wrapped,
            whatever COLUMNS holds.
    """
    from rich.console import Console  # noqa: PLC0415 - not needed for --help

    plain = not color or bool(os.environ.get("NO_COLOR"))
    stream = sys.stderr if stderr else sys.stdout
    if not _is_terminal(stream) and width is None:
        columns, lines = PIPE_WIDTH, 25
    else:
        columns, lines = _terminal_size(stream, width or 80)
    return Console(
        stderr=stderr,
        color_system=None if plain else "auto",
        highlight=False,
        emoji=False,
        width=columns,  # rich would take a COLUMNS of 0, and any COLUMNS in a pipe
        height=lines,
    )


def _is_terminal(stream: TextIO) -> bool:
    """Return whether it is one: rich says so of pipes too, where FORCE_COLOR is set."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False


def _terminal_size(stream: TextIO, columns: int) -> tuple[int, int]:
    """Return the columns, by COLUMNS, by the terminal or as given, and the lines."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except (AttributeError, OSError, ValueError):
        size = os.terminal_size((0, 0))
    named = os.environ.get("COLUMNS", "")
    given = int(named) if re.fullmatch(r"\d{1,5}", named) else 0
    return given or size.columns or columns, size.lines or 25


def print_renderables(console: Console, *renderables: RenderableType) -> None:
    """Print renderables below each other; outside a terminal without rich's trailing spaces.

    A table that does not fit is wider than the terminal: rich would leave out the ends of its lines.
    """
    from rich.table import Table  # noqa: PLC0415 - not needed for --help

    for part in renderables:
        if isinstance(part, Table):
            console.width = max(console.width, _least_width(console, part))
    if _is_terminal(console.file) or console.record:  # type: ignore[arg-type]
        for part in renderables:
            console.print(part)
        return
    with console.capture() as capture:
        for part in renderables:
            console.print(part)
    console.file.write(re.sub(r" +$", "", capture.get(), flags=re.MULTILINE))


def _least_width(console: Console, table: Table) -> int:
    from rich.measure import Measurement  # noqa: PLC0415 - not needed for --help

    unlimited = console.options.update_width(PIPE_WIDTH)
    width = 0
    for column in table.columns:
        content = [Measurement.get(console, unlimited, cell).maximum for cell in (column.header, *column.cells)]
        longest = max(content, default=0)
        width += max(column.min_width or 0, longest if column.no_wrap else min(longest, MIN_CELL))
        width += table.padding[1] + table.padding[3]
    return width


def print_json(document: Any) -> None:
    """Print a document as one line of JSON in ASCII."""
    click.echo(json.dumps(document, default=datetime.isoformat))


def print_note(message: str, *, wrap: bool = True) -> None:
    """Print a message about the output on stderr, so that stdout has only the output.

    Args:
        message: The message.
        wrap: Whether rich wraps it; not for a command, which the user will copy.
    """
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    make_console(stderr=True).print(Text(replace_control_characters(message), style="dim"), soft_wrap=not wrap)


@contextmanager
def spinner(activity: str) -> Iterator[None]:
    """Show a spinner on stderr during the block, if stderr is a terminal."""
    console = make_console(stderr=True)
    if not console.is_terminal or not _is_terminal(sys.stderr):
        yield
        return
    try:
        "\N{BRAILLE PATTERN DOTS-124}".encode(console.encoding)
    except (LookupError, UnicodeEncodeError):
        style = "line"
    else:
        style = "dots"
    with console.status(activity, spinner=style):
        yield


def sql_text(sql: str) -> Text:
    """Return SQL with each clause on its own line, in colours."""
    from rich.syntax import Syntax  # noqa: PLC0415 - not needed for --help

    text = Syntax("", "sql", theme="ansi_dark", background_color="default").highlight(
        replace_control_characters(break_before_clauses(sql))
    )
    text.rstrip()
    text.no_wrap = False
    return text


def rating_text(console: Console, is_positive: bool | None) -> Text:
    """Return `good` or `bad` with a symbol, or `not rated`."""
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    if is_positive is None:
        return Text("not rated", style="dim")
    symbols = ("+", "-") if console.options.ascii_only else ("\N{CHECK MARK}", "\N{BALLOT X}")
    return Text(f"{symbols[0]} good", style="green") if is_positive else Text(f"{symbols[1]} bad", style="red")


def make_table(*columns: str, right_aligned: Sequence[int] = ()) -> Table:
    """Return an empty table in the common style.

    Args:
        columns: The headings.
        right_aligned: The indexes of the right-aligned columns.
    """
    from rich import box  # noqa: PLC0415 - not needed for --help
    from rich.table import Table  # noqa: PLC0415 - not needed for --help
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", border_style="dim")
    table.show_edge = False
    for index, column in enumerate(columns):
        table.add_column(
            Text(one_line(column)), justify="right" if index in right_aligned else "left", overflow="fold"
        )
    return table


def rows_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, max_rows: int | None = None) -> Table:
    """Return a table of the first `max_rows` rows of a result; by default of all."""
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    shown = rows[:max_rows]
    values = [[row[index] if index < len(row) else None for row in shown] for index in range(len(columns))]
    table = make_table(*columns, right_aligned=[index for index, column in enumerate(values) if _is_numeric(column)])
    for row in zip(*map(_format_column, values), strict=True):
        table.add_row(*map(Text, row))
    return table


def _is_numeric(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)


def _format_column(values: Sequence[Any]) -> list[str]:
    """Return the values of a column as text; if any is a float, all have the same number of decimals."""
    if _is_numeric(values) and any(isinstance(value, float) for value in values):
        largest = max(abs(value) for value in values if value is not None)
        format_spec = ".2f" if largest >= 1 else ".4g"
        return ["" if value is None else format(value, format_spec) for value in values]
    return ["" if value is None else one_line(value) for value in values]
