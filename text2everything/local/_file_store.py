"""`FileStore`: the uploaded files. On disk each is named by an id, never by the file name in the request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from text2everything.local._errors import LocalServiceError, too_large
from text2everything.local._private_files import create_private_file, make_private_directory
from text2everything.local._store import new_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable
    from pathlib import Path

MAX_FILE_BYTES = 200 * 2**20
# More than a connection buffers, so that aiohttp's multipart reader never pushes data back.
CHUNK_BYTES = 2**20


class FileStore:
    """A directory of uploaded files.

    Args:
        directory: Created if it is missing.
        max_file_bytes: The largest size of one file, in bytes; by default 200 MiB.

    Raises:
        LocalServiceError: The directory cannot be created.
    """

    def __init__(self, directory: Path, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self.directory = directory
        self.max_file_bytes = max_file_bytes
        try:
            make_private_directory(directory)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise LocalServiceError(f"data_dir: cannot make {directory}: {reason}") from None

    async def save(self, chunks: AsyncIterator[bytes]) -> str:
        """Write a file to disk as it arrives, and return its id.

        Raises:
            ApiError: 413: the file is too large.
        """
        file_id = new_id()
        size = 0
        try:
            with create_private_file(self.directory / file_id) as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > self.max_file_bytes:
                        raise too_large("A file", self.max_file_bytes)  # noqa: TRY301 - the file is deleted below
                    file.write(chunk)
        except BaseException:
            self.delete([file_id])
            raise
        return file_id

    def delete(self, ids: Iterable[str]) -> None:
        """Delete files; those that do not exist are skipped."""
        for file_id in ids:
            (self.directory / file_id).unlink(missing_ok=True)

    def delete_all_except(self, ids: Collection[str]) -> None:
        """Delete the files that no record refers to: uploads that were cut off by the end of the process."""
        for path in self.directory.iterdir():
            if path.name not in ids:
                path.unlink(missing_ok=True)
