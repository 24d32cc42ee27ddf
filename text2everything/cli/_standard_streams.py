"""The standard streams as they come: closed ones, and ones whose encoding has few characters."""

from __future__ import annotations

import os
import sys
from typing import Final

STREAMS: Final = {"stdin": "r", "stdout": "w", "stderr": "w"}


def prepare_streams() -> None:
    """Open the null device in place of each closed stream, and let stdout replace what it cannot encode.

    A file or socket that is opened while the number of a standard stream is free gets that number; uvloop aborts the
    process when it closes such a socket.
    """
    for number, (name, mode) in enumerate(STREAMS.items()):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(null, mode, encoding="utf-8", closefd=False))
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
