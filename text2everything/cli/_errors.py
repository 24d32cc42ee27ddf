"""How a command ends: its exit status, and one line on stderr where something went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from text2everything.cli._text import one_line
from text2everything.exceptions import BulkError, InvalidConfigurationError, Text2EverythingError, ValidationError

OK: Final = 0
FAILURE: Final = 1
USAGE: Final = 2  # also what click itself exits with
PARTIAL: Final = 3
INTERRUPTED: Final = 130  # as a shell reports a program that Ctrl-C ended


class Failure(click.ClickException):
    """Something went wrong in a way the user can do something about."""

    exit_code = FAILURE


class Partial(Failure):
    """Some of many things went wrong, and the others are done."""

    exit_code = PARTIAL


def exit_status(command: Callable[[], Any]) -> int:
    """Run a command and return its exit status; an error that was foreseen is one line on stderr.

    What was not foreseen is a bug, and raised: only its traceback says where.
    """
    try:
        status = command()
        sys.stdout.flush()  # so that a pipe which was closed at the other end is found here, not at exit
    except BrokenPipeError:
        # Whoever read has seen enough. Python tries again at exit, and may.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except click.exceptions.Abort as abort:
        interrupted = isinstance(abort.__cause__ or abort.__context__, KeyboardInterrupt)
        _tell("stopped" if interrupted else "aborted")
        return INTERRUPTED if interrupted else FAILURE
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except (click.ClickException, Text2EverythingError, OSError, ImportError) as error:
        if isinstance(error, ImportError) and "pip install" not in str(error):  # not a missing extra
            raise
        _tell(_message(error))
        return _status(error)
    return status if isinstance(status, int) else OK


def _message(error: Exception) -> str:
    match error:
        case click.UsageError(ctx=click.Context() as context):
            return f"{error.format_message().rstrip('.')}; see {context.command_path} --help"
        case click.ClickException():
            return error.format_message()
        case OSError(filename=str() as name, strerror=str() as reason):
            return f"{name}: {reason}"
    return str(error)


def _status(error: Exception) -> int:
    match error:
        case click.ClickException():
            return error.exit_code
        case BulkError():
            return PARTIAL
        case InvalidConfigurationError() | ValidationError(status_code=None):
            return USAGE  # found before anything was sent
    return FAILURE


def _tell(message: str) -> None:
    click.echo(f"text2everything: {one_line(message)}", err=True)
