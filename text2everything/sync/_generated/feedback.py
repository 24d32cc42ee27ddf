# Generated from text2everything.resources.feedback by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `FeedbackResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

from text2everything._bulk.frames import DataFrame
from text2everything._bulk.options import JournalPath, OnError, PublishedOptions
from text2everything._bulk.progress import ShowProgress
from text2everything._bulk.results import BulkResult
from text2everything._bulk.stream import WINDOW
from text2everything._feedback.stats import FeedbackStats
from text2everything._pagination.pager import PAGE_SIZE
from text2everything._tabular.export import Columns
from text2everything._tabular.rows import FilePath
from text2everything._tabular.upload_result import UploadResult
from text2everything.models.base import UNSET, Unset
from text2everything.models.feedback import FeedbackCreate, FeedbackResponse
from text2everything.models.projects import BulkDeleteResult
from text2everything.resources.feedback import AsyncFeedbackResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import BulkStream, Pager, read_all


class FeedbackResource(BlockingResource[AsyncFeedbackResource]):
    """Ratings of chat messages and SQL executions.

    An execution with a positive rating can be reused from the cache; a negative rating excludes it, and improves
    later answers. An invalid argument raises a `ValidationError` that names it, before anything is sent; an unknown
    project raises a `NotFoundError`.
    """

    def create(
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
            chat_message_id: The message: `chat_message_id` of a chat response or of an execution.
            feedback: The comment; must not be blank.
            is_positive: Whether the rating is positive; default True.
            execution_id: The execution to rate; None rates the message only.

        Raises:
            NotFoundError: There is no such project, message or execution.

        Example:
            >>> client.feedback.create(
            ...     project_id, answer.chat_message_id, "Just what I asked for", True, answer.execution_id
            ... )
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create, project_id, chat_message_id, feedback, is_positive, execution_id)

    def create_positive(
        self,
        project_id: str,
        chat_message_id: str,
        feedback_text: str | None = None,
        execution_id: str | None = None,
        *,
        feedback: str | None = None,
    ) -> FeedbackResponse:
        """Rate a chat message, and with `execution_id` an execution, as positive.

        Args:
            project_id: The project.
            chat_message_id: The message.
            feedback_text: The comment; required, under this name or `feedback`.
            execution_id: The execution to rate.
            feedback: The same as `feedback_text`.

        Raises:
            NotFoundError: There is no such project, message or execution.

        Example:
            >>> client.feedback.create_positive(
            ...     project_id, answer.chat_message_id, "Just what I asked for", answer.execution_id
            ... )
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.create_positive, project_id, chat_message_id, feedback_text, execution_id, feedback=feedback
        )

    def create_negative(
        self,
        project_id: str,
        chat_message_id: str,
        feedback: str | None = None,
        execution_id: str | None = None,
        *,
        feedback_text: str | None = None,
    ) -> FeedbackResponse:
        """Rate a chat message, and with `execution_id` an execution, as negative.

        Args:
            project_id: The project.
            chat_message_id: The message.
            feedback: The comment; required, under this name or `feedback_text`.
            execution_id: The execution to rate.
            feedback_text: The same as `feedback`.

        Raises:
            NotFoundError: There is no such project, message or execution.

        Example:
            >>> client.feedback.create_negative(project_id, answer.chat_message_id, "Wrong year")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.create_negative,
            project_id,
            chat_message_id,
            feedback,
            execution_id,
            feedback_text=feedback_text,
        )

    def get(self, project_id: str, feedback_id: str) -> FeedbackResponse:
        """Return one rating.

        Raises:
            NotFoundError: There is no such rating.

        Example:
            >>> rating = client.feedback.get(project_id, feedback_id)
            >>> rating.feedback, rating.is_positive
            ('Wrong year', False)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, feedback_id)

    def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[FeedbackResponse]:
        """Return the project's ratings in the order of the service, which is oldest first.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only ratings whose text contains this.

        Example:
            >>> for rating in client.feedback.list(project_id, search="year", limit=20):
            ...     print(rating.created_at, rating.feedback)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, search)

    def list_positive(self, project_id: str) -> List[FeedbackResponse]:
        """Return all positive ratings.

        Example:
            >>> len(client.feedback.list_positive(project_id))
            3
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_positive, project_id)

    def list_negative(self, project_id: str) -> List[FeedbackResponse]:
        """Return all negative ratings.

        Example:
            >>> for rating in client.feedback.list_negative(project_id):
            ...     print(rating.chat_message_id, rating.feedback)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_negative, project_id)

    def get_feedback_for_message(self, project_id: str, chat_message_id: str) -> List[FeedbackResponse]:
        """Return all ratings of one chat message.

        Example:
            >>> for rating in client.feedback.get_feedback_for_message(project_id, answer.chat_message_id):
            ...     print(rating.is_positive, rating.feedback)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_feedback_for_message, project_id, chat_message_id)

    def stats(self, project_id: str, search: str | None = None, *, worst: int = 10) -> FeedbackStats:
        """Count the positive and negative ratings by day, message and execution, and list the most disliked messages.

        All ratings are read; memory grows with the number of rated messages and executions.

        Args:
            project_id: The project.
            search: Only ratings whose text contains this.
            worst: The number of most disliked messages to list; default 10.

        Example:
            >>> stats = client.feedback.stats(project_id)
            >>> stats.share_positive, stats.most_disliked[0].comments
            (0.75, ('Wrong year',))
            >>> axes = stats.plot()
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.stats, project_id, search, worst=worst)

    def export(
        self,
        project_id: str,
        path: FilePath,
        *,
        columns: Columns | None = None,
        search: str | None = None,
        progress: ShowProgress = None,
    ) -> int:
        """Write the ratings to a file that `upload` can read, and return their number.

        The file is created, or replaces an older one, only when it is complete; an error changes nothing. Memory
        does not grow with the number of ratings.

        Args:
            project_id: The project.
            path: A file whose name ends in .csv, .jsonl, .ndjson or .parquet.
            columns: The column of each field that is to have another name: `{"feedback": "Comment"}`; or a list of
                the fields to write, in order. None writes all fields under their own names.
            search: Only ratings whose text contains this.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.

        Raises:
            ImportError: The file is Parquet, and pyarrow is not installed.
            ValidationError: The file cannot be written, its format is unknown, or `columns` names an unknown field.

        Example:
            >>> client.feedback.export(project_id, "ratings.csv", columns=["chat_message_id", "feedback"])
            1000
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.export, project_id, path, columns=columns, search=search, progress=progress
        )

    def update(
        self,
        project_id: str,
        feedback_id: str,
        chat_message_id: str | Unset = UNSET,
        feedback: str | Unset = UNSET,
        is_positive: bool | Unset = UNSET,
        execution_id: str | Unset | None = UNSET,
    ) -> FeedbackResponse:
        """Change a rating; arguments that are not given keep their value, `execution_id=None` removes the execution.

        The service only accepts complete ratings, so values that are not given are read first: a change that another
        client makes between the two requests is overwritten. Give all four fields to avoid the extra request.

        Raises:
            NotFoundError: There is no such rating, message or execution.
            ValidationError: No change was given.

        Example:
            >>> client.feedback.update(project_id, feedback_id, feedback="Wrong quarter", is_positive=False)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update, project_id, feedback_id, chat_message_id, feedback, is_positive, execution_id
        )

    def delete(self, project_id: str, feedback_id: str) -> bool:
        """Delete a rating, and return True.

        Raises:
            NotFoundError: There is no such rating.

        Example:
            >>> client.feedback.delete(project_id, feedback_id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, feedback_id)

    def bulk_delete(
        self,
        project_id: str,
        feedback_ids: Sequence[str] | None = None,
        *,
        ids: Sequence[str] | None = None,
        max_concurrency: int | None = None,
        progress: ShowProgress = None,
    ) -> BulkDeleteResult:
        """Delete many ratings; ids that do not exist are listed in `failed_ids`.

        Args:
            project_id: The project.
            feedback_ids: The ids; required, under this name or `ids`.
            ids: The same as `feedback_ids`.
            max_concurrency: The maximum number of requests in flight, of up to 100 ids each; default 96.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.

        Raises:
            BulkError: Some of the requests failed; its `result` says what the others deleted.

        Example:
            >>> result = client.feedback.bulk_delete(project_id, ["id1", "id2"])
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_delete,
            project_id,
            feedback_ids,
            ids=ids,
            max_concurrency=max_concurrency,
            progress=progress,
        )

    def bulk_create(
        self,
        project_id: str,
        items: DataFrame | Iterable[FeedbackCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
        **published: Unpack[PublishedOptions],
    ) -> BulkResult[FeedbackResponse]:
        """Create many ratings concurrently, and return them in input order.

        Ratings of the same message, or of the same execution, are sent one after the other, in input order, because
        the latest one decides. What every rating would meet (no connection, a project that does not exist, nothing
        but refusals) ends the call early; the rest is in `not_sent` of the result.

        Args:
            project_id: The project.
            items: Models, or mappings of the same fields; a data frame or any iterable.
            max_concurrency: The maximum number of requests in flight; default 96. The actual number adapts: it grows
                while that raises throughput, and falls when the service is overloaded.
            on_error: What to do when an item fails: `raise` (default) sends all other items and then raises;
                `collect` returns the result without raising; `stop` sends no further items and then raises.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.
            journal: A file that makes the call resumable: repeat an interrupted call with the same items and the
                same journal, and every item is created exactly once. The result includes the items of earlier calls.
            published: Arguments of the published client, for code written for it: `max_workers` and
                `max_concurrent` stand for `max_concurrency`, `parallel=False` for `max_concurrency=1`.

        Raises:
            ValidationError: Some items are invalid. The items of a collection, such as a list, are all checked before
                anything is sent, and every problem is reported with its index.
            BulkError: Some items failed, or the call ended early; its `result` is the `BulkResult`.
            Text2EverythingError: The call ended early, and nothing had been created: what ended it.
            ConflictError: The journal is in use by another run.

        Example:
            >>> ratings = [{"chat_message_id": message, "feedback": "Right", "is_positive": True} for message in ids]
            >>> result = client.feedback.bulk_create(project_id, ratings)
            >>> len(result), result.ok
            (2, True)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_create,
            project_id,
            read_all(items),
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            **published,
        )

    def upload(
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
        """Create a rating from every row of a file; memory does not grow with the size of the file.

        The whole file is checked before anything is sent, and every invalid line is reported; with
        `on_error="collect"` an invalid line is a failure in the result, and the other lines are uploaded.

        Args:
            project_id: The project.
            path: A .csv (with a header), .jsonl, .ndjson or .parquet file with the columns `chat_message_id` and
                `feedback`, and optionally `is_positive` and `execution_id`; a file that `export` wrote is accepted.
                `is_positive` is true/false, yes/no, 1/0, good/bad, positive/negative, up/down or 👍/👎.
            columns: The file's column for each field that has another name there: `{"feedback": "Comment"}`. All
                other columns are then ignored; without it, an unknown column is an error.
            max_concurrency: The maximum number of requests in flight; see `bulk_create`.
            on_error: `raise`, `collect` or `stop`; see `bulk_create`.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.
            journal: A file that makes the upload resumable; see `bulk_create`. Failed rows may be corrected
                before the upload is repeated.

        Raises:
            ValidationError: The file cannot be read, or lines are invalid: the message gives their numbers.
            BulkError: Some rows failed; its `result` is the `UploadResult`.
            ImportError: The file is Parquet, and pyarrow is not installed.

        Example:
            >>> result = client.feedback.upload(
            ...     project_id, "ratings.csv", journal="ratings.journal", progress=True
            ... )
            >>> result.created, result.failed
            (1000000, 0)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.upload,
            project_id,
            path,
            columns=columns,
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
        )

    def bulk_create_stream(
        self,
        project_id: str,
        source: DataFrame | Iterable[FeedbackCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> BulkStream[FeedbackResponse]:
        """Create items from a source of any length, and return an iterator over the outcomes as they complete.

        Items are read from the source while fewer than `window` are in memory. An item that fails gives an outcome
        with an `error`; an error that every item would meet ends the stream, and is raised after the outcomes.

        The source is iterated in the calling thread.

        Args:
            project_id: The project.
            source: Models, or mappings of the same fields; a data frame or any iterable, even an
                endless one.
            max_concurrency: The maximum number of requests in flight; see `bulk_create`.
            window: The maximum number of items in memory, from when they are read until their outcome is returned;
                default 1000.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.
            journal: A file that makes the call resumable; see `bulk_create`.

        Example:
            >>> for outcome in client.feedback.bulk_create_stream(project_id, ratings):
            ...     print(outcome.index, outcome.error or outcome.created)
        """
        return BulkStream(
            self._portal,
            self._async.bulk_create_stream(
                project_id, source, max_concurrency=max_concurrency, window=window, progress=progress, journal=journal
            ),
        )

    def iter(
        self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE
    ) -> Pager[FeedbackResponse]:
        """Return the project's items one by one, in constant memory.

        The next page is fetched in the background; items may be deleted during the iteration. `.pages()` iterates
        over whole pages, each with the total if the service reports it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> for rating in client.feedback.iter(project_id, search="year"):
            ...     print(rating.feedback)
        """
        return Pager(self._portal, self._async.iter(project_id, search, page_size=page_size))

    def count(self, project_id: str, search: str | None = None) -> int:
        """Return the number of items in the project.

        One small request, if the service reports the total; otherwise the items are fetched and counted.

        Args:
            project_id: The project.
            search: Count only items whose text contains this.

        Example:
            >>> client.feedback.count(project_id)
            1000
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.count, project_id, search)
