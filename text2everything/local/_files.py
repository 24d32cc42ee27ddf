"""The bytes of uploaded files, each in a file of its own that is named by an id, never by what the caller says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from text2everything.local._errors import ApiError, LocalServiceError
from text2everything.local._store import new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from aiohttp import BodyPartReader

LARGEST_FILE = 200 * 2**20
# More than a connection buffers, so that the reader never has to put anything back.
CHUNK = 2**20


class Files:
    """A directory of uploaded files.

    Args:
        directory: Made if it is missing.
        largest: The most bytes one file may have.

    Raises:
        LocalServiceError: The directory cannot be made.
    """

    def __init__(self, directory: Path, largest: int = LARGEST_FILE) -> None:
        self.directory = directory
        self.largest = largest
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise LocalServiceError(f"data_dir: cannot make {directory}: {reason}") from None

    async def save(self, part: BodyPartReader) -> str:
        """Write one part of an upload to disk as it arrives, and return the id it is kept under.

        Raises:
            ApiError: 413: it is too large.
        """
        file_id = new_id()
        size = 0
        try:
            with (self.directory / file_id).open("wb") as file:
                while chunk := await part.read_chunk(CHUNK):
                    size += len(chunk)
                    if size > self.largest:
                        message = f"A file may have at most {self.largest} bytes"
                        raise ApiError(413, {"detail": message})  # noqa: TRY301 - removed below like on any failure
                    file.write(chunk)
        except BaseException:
            self.remove([file_id])
            raise
        return file_id

    def remove(self, ids: Iterable[str]) -> None:
        """Remove files; those that are gone already are no error."""
        for file_id in ids:
            (self.directory / file_id).unlink(missing_ok=True)

    def keep_only(self, ids: Collection[str]) -> None:
        """Remove what no record names, as an upload that was cut off by the end of the process leaves behind."""
        for path in self.directory.iterdir():
            if path.name not in ids:
                path.unlink(missing_ok=True)
