"""`text2everything ask` without a question: a prompt for one after the other, and for ratings of the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final, TypeVar

import click

from text2everything.cli._exit_status import print_error
from text2everything.exceptions import Text2EverythingError

A = TypeVar("A")

PROMPT: Final = "text2everything> "
HELP: Final = "+ or - rates the answer above, a comment may follow: - cancelled orders are counted. Ctrl-D ends."
_RATING: Final = re.compile(r"\s*([+-])\s*(.*)")


def converse(ask: Callable[[str], A], show: Callable[[A], None], rate: Callable[[A, bool, str], str]) -> None:
    """Ask what is typed, and rate answers, until the input ends.

    Args:
        ask: Returns the answer to a question.
        show: Prints an answer; an answer without rows is a `ClickException`.
        rate: Rates an answer as good or not, with a comment that may be empty, and returns the id of the rating.
    """
    from text2everything.cli._output import print_note  # noqa: PLC0415 - not needed for --help

    print_note(HELP)
    answer: A | None = None
    for line in _lines():
        try:
            rating = _RATING.fullmatch(line)
            if rating is None:
                answer = None  # what is rated is never the answer to an earlier question
                answer = ask(line)
                show(answer)
            elif answer is None:
                print_note("there is no answer to rate")
            else:
                good = rating[1] == "+"
                print_note(f"rated {'good' if good else 'bad'}: {rate(answer, good, rating[2])}")
        except (click.ClickException, Text2EverythingError) as error:
            print_error(error)
        except KeyboardInterrupt:
            print_note("stopped")


def _lines() -> Iterator[str]:
    """Yield the lines that are typed, but blank ones, until the end of the input, or `exit` or `quit`."""
    with suppress(ImportError):  # Windows has none
        import readline  # noqa: F401, PLC0415 - gives `input` a history
    while True:
        try:
            line = input(PROMPT).strip()
        except EOFError:
            click.echo()
            return
        except KeyboardInterrupt:  # as in a shell: what was typed is dropped
            click.echo()
            continue
        if line.casefold() in {"exit", "quit"}:
            return
        if line:
            yield line
