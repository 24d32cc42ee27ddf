"""A lock on an open file, held by one process until the file is closed or the process ends."""

from __future__ import annotations

from io import FileIO
from typing import Any

__all__ = ["lock"]


def lock(file: FileIO) -> None:
    """Lock the file for this process.

    Raises:
        OSError: It is locked already.
    """
    try:
        import fcntl  # noqa: PLC0415  # not on Windows
    except ImportError:  # pragma: no cover
        _lock_on_windows(file)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_on_windows(file: FileIO) -> None:  # pragma: no cover
    import msvcrt  # noqa: PLC0415  # on Windows only

    locking: Any = vars(msvcrt)["locking"]  # by name: the stubs have it on Windows only
    file.seek(2**40)  # a byte beyond the end of any journal: a locked byte cannot be read
    locking(file.fileno(), vars(msvcrt)["LK_NBLCK"], 1)
