"""Ratings of chat messages and SQL executions: `client.feedback`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from text2everything._bulk.options import JournalPath, OnError, PublishedOptions, check_on_error
from text2everything._bulk.progress import ShowProgress
from text2everything._bulk.results import BulkResult
from text2everything._feedback.stats import FeedbackStats, feedback_stats
from text2everything._tabular.export import Columns, export_items
from text2everything._tabular.formats import FilePath, check_path, read_rows
from text2everything._tabular.upload import UploadResult, rating, upload_rows
from text2everything.models.base import UNSET, Unset, check_id, check_int
from text2everything.models.feedback import FeedbackCreate, FeedbackResponse, FeedbackUpdate
from text2everything.models.projects import BulkDeleteResult
from text2everything.resources._base import one_of
from text2everything.resources._bulk_resource import BulkOptions, BulkResource

FIELDS: dict[str, type] = {
    "id": str,
    "chat_message_id": str,
    "feedback": str,
    "is_positive": bool,
    "execution_id": str,
    "created_at": datetime,
    "updated_at": datetime,
    "project_id": str,
    "h2ogpte_doc_id": str,
    "collection_id": str,
}
"""What an export writes of a rating: all there is."""


class AsyncFeedbackResource(BulkResource[FeedbackResponse, FeedbackCreate]):
    """Ratings of chat messages and SQL executions.

    A positive rating of an execution makes it reusable from the cache; a negative one keeps it out, and improves
    later answers. A wrong argument is a `ValidationError` that names it, before anything is sent.
    """

    _name = "feedback"
    _item = FeedbackResponse
    _new = FeedbackCreate

    async def create(
        self,
        project_id: str,
        chat_message_id: str,
        feedback: str,
        is_positive: bool = True,
        execution_id: str | None = None,
    ) -> FeedbackResponse:
        """Rate a chat message and, with `execution_id`, the execution of its SQL.

        Args:
            project_id: The project.
            chat_message_id: The message: `answer.chat_message_id` of a chat, or of a direct execution.
            feedback: What was right or wrong; must not be blank.
            is_positive: Whether it was good.
            execution_id: The execution to rate; a well rated one is reused from the cache.

        Raises:
            NotFoundError: There is no such project, message or execution.

        Example:
            >>> await client.feedback.create(
            ...     project_id, answer.chat_message_id, "Just what I asked for", True, answer.execution_id
            ... )
        """
        new = FeedbackCreate(
            chat_message_id=chat_message_id, feedback=feedback, is_positive=is_positive, execution_id=execution_id
        )
        return await self._create(project_id, new)

    async def create_positive(
        self,
        project_id: str,
        chat_message_id: str,
        feedback_text: str | None = None,
        execution_id: str | None = None,
        *,
        feedback: str | None = None,
    ) -> FeedbackResponse:
        """Rate a chat message, and its execution, as good.

        Args:
            project_id: The project.
            chat_message_id: The message.
            feedback_text: What was right; `feedback` is another name for it.
            execution_id: The execution to rate.
            feedback: The same as `feedback_text`.

        Raises:
            NotFoundError: There is no such project, message or execution.
        """
        _, text = one_of(feedback_text=feedback_text, feedback=feedback)
        return await self.create(project_id, chat_message_id, text, True, execution_id)

    async def create_negative(
        self,
        project_id: str,
        chat_message_id: str,
        feedback: str | None = None,
        execution_id: str | None = None,
        *,
        feedback_text: str | None = None,
    ) -> FeedbackResponse:
        """Rate a chat message, and its execution, as bad.

        Args:
            project_id: The project.
            chat_message_id: The message.
            feedback: What was wrong; `feedback_text` is another name for it.
            execution_id: The execution to rate.
            feedback_text: The same as `feedback`.

        Raises:
            NotFoundError: There is no such project, message or execution.
        """
        _, text = one_of(feedback=feedback, feedback_text=feedback_text)
        return await self.create(project_id, chat_message_id, text, False, execution_id)

    async def get(self, project_id: str, feedback_id: str) -> FeedbackResponse:
        """Return one rating.

        Raises:
            NotFoundError: There is no such rating.
        """
        return await self._get(self._path(project_id, feedback_id=feedback_id))

    async def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[FeedbackResponse]:
        """Return the project's ratings, oldest first as the service orders them.

        Args:
            project_id: The project.
            skip: How many to leave out at the beginning.
            limit: How many to return at most; None returns all.
            search: Only ratings whose text contains this.
        """
        return await self._list(project_id, skip=skip, limit=limit, q=search)

    async def list_positive(self, project_id: str) -> List[FeedbackResponse]:
        """Return the good ratings, all of them."""
        return [item async for item in self._scan(project_id) if item.is_positive]

    async def list_negative(self, project_id: str) -> List[FeedbackResponse]:
        """Return the bad ratings, all of them."""
        return [item async for item in self._scan(project_id) if not item.is_positive]

    async def get_feedback_for_message(self, project_id: str, chat_message_id: str) -> List[FeedbackResponse]:
        """Return the ratings of one chat message; there may be several."""
        check_id("chat_message_id", chat_message_id)
        return [item async for item in self._scan(project_id) if item.chat_message_id == chat_message_id]

    async def stats(self, project_id: str, search: str | None = None, *, worst: int = 10) -> FeedbackStats:
        """Count the ratings: good and bad, over time, by message and by execution, and the most disliked.

        All ratings are read; memory grows with the number of different messages and executions.

        Args:
            project_id: The project.
            search: Only ratings whose text contains this.
            worst: How many of the most disliked messages to name.

        Example:
            >>> stats = await client.feedback.stats(project_id)
            >>> stats.share_positive, stats.most_disliked[0].comments
            (0.75, ('Wrong year',))
            >>> axes = stats.plot()
        """
        check_int("worst", worst, 0)
        return await feedback_stats(self._scan(project_id, search), worst=worst)

    async def export(
        self,
        project_id: str,
        path: FilePath,
        *,
        columns: Columns | None = None,
        search: str | None = None,
        progress: ShowProgress = None,
    ) -> int:
        """Write the ratings to a file that `upload` reads, and return how many there are.

        The file appears, or replaces an older one, when it is complete; an error leaves no trace. Memory stays small
        however many there are.

        Args:
            project_id: The project.
            path: A file whose name ends in .csv, .jsonl, .ndjson or .parquet.
            columns: The columns' names where they are not the fields': `{"feedback": "Comment"}`. Or a list of the
                fields to write, in their order; None writes all.
            search: Only ratings whose text contains this.
            progress: A callable told of the progress now and then, or True for a bar.

        Raises:
            ImportError: It is Parquet, and pyarrow is not installed.
        """
        ratings = self._scan(project_id, search)
        return await export_items(ratings, path, FIELDS, columns=columns, progress=progress)

    async def update(
        self,
        project_id: str,
        feedback_id: str,
        chat_message_id: str | Unset = UNSET,
        feedback: str | Unset = UNSET,
        is_positive: bool | Unset = UNSET,
        execution_id: str | Unset | None = UNSET,
    ) -> FeedbackResponse:
        """Change a rating; what is left out stays, `execution_id=None` unlinks the execution.

        The service takes whole ratings only, so what is left out is read first: a change that somebody else makes
        between the two requests is overwritten. Give all four fields to save the reading.

        Raises:
            NotFoundError: There is no such rating, message or execution.
        """
        update = FeedbackUpdate(
            chat_message_id=chat_message_id, feedback=feedback, is_positive=is_positive, execution_id=execution_id
        )
        return await self._update(self._path(project_id, feedback_id=feedback_id), update)

    async def delete(self, project_id: str, feedback_id: str) -> bool:
        """Delete a rating.

        Raises:
            NotFoundError: There is no such rating.
        """
        return await self._delete(self._path(project_id, feedback_id=feedback_id))

    async def bulk_delete(
        self,
        project_id: str,
        feedback_ids: Sequence[str] | None = None,
        *,
        ids: Sequence[str] | None = None,
        max_concurrency: int | None = None,
        progress: ShowProgress = None,
    ) -> BulkDeleteResult:
        """Delete many ratings; ids that do not exist are listed in `failed_ids`, not raised.

        Args:
            project_id: The project.
            feedback_ids: The ids; `ids` is another name for them.
            ids: The same as `feedback_ids`.
            max_concurrency: Requests in flight at most, of up to 100 ids each; 64.
            progress: A callable that is told a `Progress` now and then, or True for a bar on the terminal.

        Raises:
            BulkError: Some of the requests failed; its `result` tells what was deleted by the others.

        Example:
            >>> result = await client.feedback.bulk_delete(project_id, ["id1", "id2"])
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        return await self._bulk_delete(
            project_id,
            BulkOptions(max_concurrency=max_concurrency, progress=progress),
            feedback_ids=feedback_ids,
            ids=ids,
        )

    async def bulk_create(
        self,
        project_id: str,
        items: AsyncIterable[FeedbackCreate | Mapping[str, Any]] | Iterable[FeedbackCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
        **published: Unpack[PublishedOptions],
    ) -> BulkResult[FeedbackResponse]:
        """Create many ratings, many at once, and return what was created in input order.

        Args:
            project_id: The project.
            items: Models, or mappings of the same fields; any iterable, plain or async.
            max_concurrency: Requests in flight at most; 64. Below that the number finds its own level: it grows while
                that helps, and falls where the service is too busy.
            on_error: What a failure leads to: `raise`, the default, sends the others all the same and then raises;
                `collect` returns the result instead; `stop` sends nothing more, then raises.
            progress: A callable that is told a `Progress` now and then, or True for a bar on the terminal.
            journal: A file that makes the call resumable: run again with the same items and the same journal after
                whatever ended it, and every item is created exactly once. What an earlier run created is
                returned too.
            published: Arguments of the published client, for code written for it: `max_workers` and
                `max_concurrent` stand for `max_concurrency`, `parallel=False` for `max_concurrency=1`.

        Raises:
            ValidationError: Some items are wrong. Of a collection all are checked before anything is sent, and every
                problem is reported with its index.
            BulkError: Some items failed. Its `result` is what would have been returned.
            ConflictError: The journal is in use by another run.

        Example:
            >>> ratings = [{"chat_message_id": message, "feedback": "Right", "is_positive": True} for message in ids]
            >>> result = await client.feedback.bulk_create(project_id, ratings)
            >>> len(result), result.ok
            (2, True)
        """
        options = BulkOptions(
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            published=published,
        )
        return await self._bulk_create(project_id, "items", items, options)

    async def upload(
        self,
        project_id: str,
        path: FilePath,
        *,
        columns: Mapping[str, str] | None = None,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> UploadResult:
        """Create a rating of every row of a file, streaming: memory does not grow with the file.

        The whole file is checked before anything is sent, and every wrong line is reported; with
        `on_error="collect"` wrong lines are failures like any other, and the rest is uploaded.

        Args:
            project_id: The project.
            path: A .csv (with a header), .jsonl, .ndjson or .parquet file with the columns `chat_message_id`,
                `feedback`, and if wanted `is_positive` and `execution_id`. What `export` writes can be uploaded.
                `is_positive` is true/false, yes/no, 1/0, good/bad, positive/negative, up/down or 👍/👎.
            columns: The file's column for each field that has another name there: `{"feedback": "Comment"}`. Other
                columns are then passed over; without it, one that no rating has is an error.
            max_concurrency: Requests in flight at most; see `bulk_create`.
            on_error: `raise`, `collect` or `stop`; see `bulk_create`.
            progress: A callable that is told a `Progress` now and then, or True for a bar on the terminal.
            journal: A file that makes the upload resumable; see `bulk_create`. Rows that failed may be mended before
                the upload is run again.

        Raises:
            ValidationError: The file cannot be read, or lines are wrong: the message gives their numbers.
            BulkError: Some rows failed. Its `result` is what would have been returned.
            ImportError: It is Parquet, and pyarrow is not installed.

        Example:
            >>> result = await client.feedback.upload(
            ...     project_id, "ratings.csv", journal="ratings.journal", progress=True
            ... )
            >>> result.created, result.failed
            (1000000, 0)
        """
        check_on_error(on_error)
        file = check_path(path)
        others = columns is not None
        options = BulkOptions(
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            prepare=lambda row: rating(row[1], others=others),
            describe=lambda _, row: f"line {row[0]}",
        )
        return await upload_rows(
            self._operation(project_id, "path", (), options),
            lambda: read_rows(file, columns=columns),
            check_first=on_error != "collect" and file.is_file(),
            on_error=on_error,
        )
