"""Printing items of any resource: a table of several, a grid of one, or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from text2everything.cli._terminal_text import one_line, replace_control_characters


def print_items(
    items: Iterable[Any], columns: Mapping[str, Callable[[Any], Any]], *, none: str, as_json: bool
) -> None:
    """Print items as a table, or as one JSON object per line.

    Args:
        items: Models.
        columns: The value in each column, by its heading.
        none: What to say on stderr if there are no items.
        as_json: Whether to print JSON.
    """
    from text2everything import _codec as codec  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._output import print_json, print_note, spinner  # noqa: PLC0415 - not needed for --help

    if as_json:
        for item in items:
            print_json(codec.unstructure(item))
        return
    with spinner("reading"):
        found = list(items)
    if not found:
        print_note(none)
        return
    print_table(list(columns), [[value(item) for value in columns.values()] for item in found])


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; None is an empty cell."""
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    from text2everything.cli._output import make_console, make_table, print_renderables  # noqa: PLC0415 - not needed for --help

    table = make_table(*headings)
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*(Text("" if value is None else one_line(value)) for value in row))
    print_renderables(make_console(), table)


def print_item(item: Any, names: Sequence[str], *, as_json: bool) -> None:
    """Print the attributes `names` of a model that are not None, or all of it as JSON."""
    from rich.table import Table  # noqa: PLC0415 - not needed for --help
    from rich.text import Text  # noqa: PLC0415 - not needed for --help

    from text2everything import _codec as codec  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._output import make_console, print_json, print_renderables  # noqa: PLC0415 - not needed for --help

    if as_json:
        print_json(codec.unstructure(item))
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold", min_width=len(item.id))
    for name in names:
        value = getattr(item, name)
        if value not in {None, ""}:
            grid.add_row(name, Text(replace_control_characters(value)))
    print_renderables(make_console(), grid)
