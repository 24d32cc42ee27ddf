"""Exit statuses, and errors as one line on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from text2everything.cli._terminal_text import one_line
from text2everything.exceptions import BulkError, InvalidConfigurationError, Text2EverythingError, ValidationError

OK: Final = 0
FAILURE: Final = 1
USAGE: Final = 2  # as click uses it
PARTIAL: Final = 3
INTERRUPTED: Final = 130  # the status that shells give a program stopped by Ctrl-C


class CommandError(click.ClickException):
    """A command failed; the message is for the user."""

    exit_code = FAILURE


class PartialFailureError(CommandError):
    """Some of several items failed; the others are done."""

    exit_code = PARTIAL


def exit_status(command: Callable[[], Any]) -> int:
    """Run a command and return its exit status; an expected error is printed as one line on stderr.

    Any other exception is a bug. It is raised, so that its traceback is printed.
    """
    try:
        status = command()
        sys.stdout.flush()  # to get a BrokenPipeError here, and not at exit
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. Python flushes stdout again at exit, which must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except click.exceptions.Abort as abort:
        interrupted = isinstance(abort.__cause__ or abort.__context__, KeyboardInterrupt)
        _print_line("stopped" if interrupted else "aborted")
        return INTERRUPTED if interrupted else FAILURE
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except (click.ClickException, Text2EverythingError, OSError, ImportError) as error:
        if isinstance(error, ImportError) and "pip install" not in str(error):  # it is not about a missing extra
            raise
        print_error(error)
        return _status(error)
    return status if isinstance(status, int) else OK


def print_error(error: Exception) -> None:
    """Print an expected error as one line on stderr."""
    _print_line(_message(error))


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


def _print_line(message: str) -> None:
    click.echo(f"text2everything: {one_line(message)}", err=True)
