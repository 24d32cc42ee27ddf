"""The option `--access-token-file`.

There is no option for the token itself, because every user of the machine can read command lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

MAX_TOKEN_LENGTH: Final = 100_000


def token_option(help: str) -> Callable[[F], F]:
    """Add the option `--access-token-file`."""
    file = click.File(encoding="utf-8", errors="replace")
    return click.option("--access-token-file", type=file, metavar="FILE", help=help)


def read_token(file: IO[str]) -> str:
    """Return the token in a file; if the file is a terminal, prompt for it."""
    if file.isatty():
        return str(click.prompt("Access token", hide_input=True, err=True))
    return file.read(MAX_TOKEN_LENGTH).strip()
