"""The service's log. It tells where an error happened and of which type it was, but not its message.

A message often repeats what it is about: the header that could not be read, the value that was no number. Any of that
may be a token or a password.
"""

from __future__ import annotations

import errno
import logging
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

log = logging.getLogger("text2everything.local")


def describe(error: BaseException) -> str:
    """Return the traceback of an error and of those that led to it, with types and lines of code, without values."""
    described = "".join(traceback.format_tb(error.__traceback__)) + _type_of(error)
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return described if before is None else f"{describe(before)}\n\nThat led to:\n\n{described}"


def log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an error that asyncio found in a callback or task, as its exception handler."""
    # Not the context's message, which may have the arguments of the callback in it.
    log.error("an error in a callback or task of the event loop", exc_info=context.get("exception"))


def _type_of(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    code = getattr(error, "sqlite_errorname", None) or errno.errorcode.get(getattr(error, "errno", None) or 0)
    return f"{kind} {code}" if code else kind


def _omit_values(record: logging.LogRecord) -> bool:
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args = f"{record.getMessage()}\n{describe(record.exc_info[1])}", ()
    record.exc_info = None
    return True


log.addFilter(_omit_values)
