# Generated from text2everything.resources.golden_examples by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `GoldenExamplesResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

from text2everything._bulk.frames import DataFrame
from text2everything._bulk.options import JournalPath, OnError, PublishedOptions
from text2everything._bulk.progress import ShowProgress
from text2everything._bulk.results import BulkResult
from text2everything._bulk.stream import WINDOW
from text2everything._pagination.pager import PAGE_SIZE
from text2everything.models.base import UNSET, Unset
from text2everything.models.golden_examples import GoldenExampleCreate, GoldenExampleResponse
from text2everything.models.projects import BulkDeleteResult
from text2everything.resources.golden_examples import AsyncGoldenExamplesResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import BulkStream, Pager, read_all


class GoldenExamplesResource(BlockingResource[AsyncGoldenExamplesResource]):
    """Golden examples: questions with the correct SQL, sent to the language model with similar questions.

    An invalid argument raises a `ValidationError` that names it, before anything is sent; an unknown project raises a
    `NotFoundError`.
    """

    def create(
        self,
        project_id: str,
        user_query: str,
        sql_query: str,
        description: str | None = None,
        is_always_displayed: bool = False,
    ) -> GoldenExampleResponse:
        """Create a golden example.

        Args:
            project_id: The project.
            user_query: The question; must not be blank.
            sql_query: The SQL that answers it; must not be blank.
            description: A description.
            is_always_displayed: Whether it is sent with every question; default False.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> client.golden_examples.create(project_id, "How many users?", "SELECT count(*) FROM users")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.create, project_id, user_query, sql_query, description, is_always_displayed
        )

    def get(self, project_id: str, golden_example_id: str) -> GoldenExampleResponse:
        """Return one golden example.

        Raises:
            NotFoundError: There is no such golden example.

        Example:
            >>> example = client.golden_examples.get(project_id, golden_example_id)
            >>> example.user_query, example.sql_query
            ('How many users?', 'SELECT count(*) FROM users')
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, golden_example_id)

    def list(
        self,
        project_id: str,
        skip: int = 0,
        limit: int | None = None,
        search: str | None = None,
        is_always_displayed: bool | None = None,
    ) -> List[GoldenExampleResponse]:
        """Return the project's golden examples.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only golden examples whose text contains this.
            is_always_displayed: True for only those always displayed, False for only the others; None for all.

        Example:
            >>> for example in client.golden_examples.list(project_id, limit=20, is_always_displayed=True):
            ...     print(example.user_query)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, search, is_always_displayed)

    def search_by_query(self, project_id: str, search_term: str) -> List[GoldenExampleResponse]:
        """Return the golden examples whose text contains `search_term`.

        Example:
            >>> for example in client.golden_examples.search_by_query(project_id, "users"):
            ...     print(example.user_query, example.sql_query)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.search_by_query, project_id, search_term)

    def update(
        self,
        project_id: str,
        golden_example_id: str,
        user_query: str | Unset = UNSET,
        sql_query: str | Unset = UNSET,
        description: str | Unset | None = UNSET,
        is_always_displayed: bool | Unset = UNSET,
    ) -> GoldenExampleResponse:
        """Change a golden example; arguments that are not given keep their value, `description=None` clears it.

        Values that are not given are read first: a change that another client makes in between is overwritten.

        Raises:
            NotFoundError: There is no such golden example.
            ValidationError: No change was given.

        Example:
            >>> client.golden_examples.update(project_id, golden_example_id, is_always_displayed=True)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update, project_id, golden_example_id, user_query, sql_query, description, is_always_displayed
        )

    def delete(self, project_id: str, golden_example_id: str) -> bool:
        """Delete a golden example, and return True.

        Raises:
            NotFoundError: There is no such golden example.

        Example:
            >>> client.golden_examples.delete(project_id, golden_example_id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, golden_example_id)

    def bulk_create(
        self,
        project_id: str,
        golden_examples: DataFrame | Iterable[GoldenExampleCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
        **published: Unpack[PublishedOptions],
    ) -> BulkResult[GoldenExampleResponse]:
        """Create many golden examples concurrently, and return them in input order.

        Args:
            project_id: The project.
            golden_examples: Models, or mappings of the same fields; a data frame or any iterable.
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
            ConflictError: The journal is in use by another run.

        Example:
            >>> examples = [{"user_query": "How many users?", "sql_query": "SELECT count(*) FROM users"}]
            >>> result = client.golden_examples.bulk_create(project_id, examples)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_create,
            project_id,
            read_all(golden_examples),
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            **published,
        )

    def bulk_delete(
        self,
        project_id: str,
        golden_example_ids: Sequence[str] | None = None,
        *,
        ids: Sequence[str] | None = None,
        example_ids: Sequence[str] | None = None,
        max_concurrency: int | None = None,
        progress: ShowProgress = None,
    ) -> BulkDeleteResult:
        """Delete many golden examples; ids that do not exist are listed in `failed_ids`.

        Args:
            project_id: The project.
            golden_example_ids: The ids; required, under this name, `ids` or `example_ids`.
            ids: The same as `golden_example_ids`.
            example_ids: The same as `golden_example_ids`.
            max_concurrency: The maximum number of requests in flight, of up to 100 ids each; default 96.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.

        Raises:
            BulkError: Some of the requests failed; its `result` says what the others deleted.

        Example:
            >>> result = client.golden_examples.bulk_delete(project_id, ["id1", "id2"])
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_delete,
            project_id,
            golden_example_ids,
            ids=ids,
            example_ids=example_ids,
            max_concurrency=max_concurrency,
            progress=progress,
        )

    def list_always_displayed(self, project_id: str) -> List[GoldenExampleResponse]:
        """Return the items that accompany every question.

        Example:
            >>> for context in client.contexts.list_always_displayed(project_id):
            ...     print(context.name)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_always_displayed, project_id)

    def bulk_create_stream(
        self,
        project_id: str,
        source: DataFrame | Iterable[GoldenExampleCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> BulkStream[GoldenExampleResponse]:
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
    ) -> Pager[GoldenExampleResponse]:
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
