"""Files and directories that only the user who runs the service can use, whatever the umask: they hold secrets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO


def create_private_file(path: Path) -> BinaryIO:
    """Return a new file with mode 0600, opened for writing.

    Raises:
        FileExistsError: It exists.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    file = os.fdopen(descriptor, "wb")
    path.chmod(0o600)  # a umask may have taken away more than others' rights
    return file


def make_private_directory(path: Path) -> None:
    """Make a directory with mode 0700, and so those above it that are missing; does nothing if it exists.

    Raises:
        OSError: It cannot be made, or is no directory.
    """
    if not path.parent.exists():
        make_private_directory(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        path.chmod(0o700)
