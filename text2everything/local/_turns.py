"""Short turns at the interpreter's lock, while a thread computes in Python and the event loop answers others."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Final

from text2everything._runtime.threads import lock

if TYPE_CHECKING:
    from collections.abc import Iterator

# By default a thread that computes gives up the lock after 5 ms, and a request needs the lock a dozen times, as each
# statement of SQLite and each call of the socket lets it go.
_SECONDS: Final = 0.0001

_lock = lock()
_usual: list[float] = []


@contextlib.contextmanager
def short_turns() -> Iterator[None]:
    """Have threads take turns often during the block, and as before when the last such block has ended."""
    with _lock:
        _usual.append(sys.getswitchinterval())
        sys.setswitchinterval(min(_SECONDS, _usual[0]))
    try:
        yield
    finally:
        with _lock:
            usual = _usual[0]
            _usual.pop()
            if not _usual:
                sys.setswitchinterval(usual)
