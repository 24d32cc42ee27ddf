"""`UploadResult`: what an upload created, and which rows failed."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from text2everything.exceptions import BulkError, Text2EverythingError

__all__ = ["UploadFailure", "UploadResult"]


@attrs.frozen
class UploadFailure:
    """A row that was not uploaded: its line in the file (in Parquet its row, from 1), and the error."""

    line: int
    error: Text2EverythingError


@attrs.frozen(kw_only=True)
class UploadResult:
    """The result of an upload.

    Attributes:
        created: The number of ratings created, in this run and in the runs it resumed.
        resumed: The number of ratings that earlier runs had created.
        failed: The number of rows that failed.
        failures: The lines and errors of the first 10,000 failed rows.
        complete: Whether every row was sent or found invalid; False if the upload stopped early.
    """

    created: int
    resumed: int = 0
    failed: int = 0
    failures: Sequence[UploadFailure] = ()
    complete: bool = True

    @property
    def ok(self) -> bool:
        """Whether every row was created."""
        return self.complete and not self.failed

    def raise_for_failures(self) -> None:
        """Raise an error if any row was not created.

        Raises:
            BulkError: Not every row was created; its `result` is this object.

        Example:
            >>> result = await client.feedback.upload(project_id, "ratings.csv", on_error="collect")
            >>> result.raise_for_failures()
        """
        if self.ok:
            return
        message = f"{self.failed:,} rows failed, {self.created:,} were created"
        if not self.complete:
            message += ", and the rest was not sent"
        if not self.failures:
            raise BulkError(message, self)
        first = self.failures[0]
        raise BulkError(f"{message}; the first: line {first.line}: {first.error.message}", self) from first.error
