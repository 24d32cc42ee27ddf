"""`text2everything demo`: the command; what it shows is in `_demo_walkthrough`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from text2everything.cli._exit_status import CommandError

MAX_WIDTH: Final = 88
WIDTH_WITHOUT_TERMINAL: Final = 80


@click.command(short_help="Show the main features in a few seconds.")
@click.option(
    "--no-color", is_flag=True, help="Print no colours; a pipe, or NO_COLOR in the environment, does the same."
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory to keep everything in, for `serve --demo`.  [default: in memory]",
)
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), hidden=True, help="Also save the output as a picture."
)
def demo(no_color: bool, data_dir: Path | None, svg: Path | None) -> None:
    """Show how questions become SQL, and how rated answers are reused from the cache.

    Runs on this machine, with a small shop database and without an account; takes a few seconds.
    """
    from text2everything import Text2EverythingClient  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._demo_walkthrough import Walkthrough  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._output import make_console, print_renderables  # noqa: PLC0415 - not needed for --help
    from text2everything.local import LocalServiceError  # noqa: PLC0415 - not needed for --help

    console = make_console(color=not no_color, width=WIDTH_WITHOUT_TERMINAL)
    console.width = min(console.width, MAX_WIDTH)
    console.record = svg is not None
    try:
        client = Text2EverythingClient.local(data_dir=data_dir, demo=True)
    except LocalServiceError as error:
        raise CommandError(str(error)) from None
    with client:
        walkthrough = Walkthrough(client, client.service.demo, console, data_dir)
        walkthrough.delete_earlier_feedback()
        for renderable in walkthrough.run():
            print_renderables(console, renderable)
    if svg is not None:
        svg.write_text(console.export_svg(title="text2everything demo", unique_id="demo"), encoding="utf-8")
