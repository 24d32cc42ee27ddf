# Generated from text2everything.resources.contexts by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ContextsResource`."""

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
from text2everything.models.contexts import ContextCreate, ContextResponse
from text2everything.models.projects import BulkDeleteResult, DeleteResult
from text2everything.resources.contexts import AsyncContextsResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import BulkStream, Pager, read_all


class ContextsResource(BlockingResource[AsyncContextsResource]):
    """Contexts: business rules and definitions that are sent to the language model with relevant questions."""

    def create(
        self,
        project_id: str,
        name: str,
        content: str,
        description: str | None = None,
        is_always_displayed: bool = False,
    ) -> ContextResponse:
        """Create a context.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            content: The rule or definition, in plain words; must not be blank.
            description: A description.
            is_always_displayed: Whether it is sent with every question; default False.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> client.contexts.create(project_id, "Revenue", "Revenue is the sum of orders.amount.")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create, project_id, name, content, description, is_always_displayed)

    def get(self, project_id: str, context_id: str) -> ContextResponse:
        """Return one context.

        Raises:
            NotFoundError: There is no such context.

        Example:
            >>> context = client.contexts.get(project_id, context_id)
            >>> context.name, context.content
            ('Revenue', 'Revenue is the sum of orders.amount.')
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, context_id)

    def list(
        self,
        project_id: str,
        page: int | None = None,
        per_page: int | None = None,
        search: str | None = None,
        is_always_displayed: bool | None = None,
    ) -> List[ContextResponse]:
        """Return the project's contexts: all, or one page of them.

        Args:
            project_id: The project.
            page: The number of the page, from 1; None returns all items.
            per_page: The number of items on a page, 1 to 1000; default 50 if `page` is given.
            search: Only contexts whose text contains this.
            is_always_displayed: True for only those always displayed, False for only the others; None for all.

        Example:
            >>> contexts = client.contexts.list(project_id, search="revenue", is_always_displayed=False)
            >>> [context.name for context in contexts]
            ['Revenue']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, page, per_page, search, is_always_displayed)

    def get_by_name(self, project_id: str, name: str) -> ContextResponse | None:
        """Return the context with exactly this name, or None.

        Example:
            >>> context = client.contexts.get_by_name(project_id, "Revenue")
            >>> if context is None:
            ...     context = client.contexts.create(project_id, "Revenue", "The sum of orders.amount.")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_by_name, project_id, name)

    def update(
        self,
        project_id: str,
        context_id: str,
        name: str | Unset = UNSET,
        content: str | Unset = UNSET,
        description: str | Unset | None = UNSET,
        is_always_displayed: bool | Unset = UNSET,
    ) -> ContextResponse:
        """Change a context; arguments that are not given keep their value, `description=None` clears it.

        Values that are not given are read first: a change that another client makes in between is overwritten.

        Raises:
            NotFoundError: There is no such context.
            ValidationError: An argument is invalid, or none is given besides the ids.

        Example:
            >>> context = client.contexts.update(project_id, context_id, is_always_displayed=True)
            >>> context.name, context.is_always_displayed
            ('Revenue', True)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update, project_id, context_id, name, content, description, is_always_displayed
        )

    def delete(self, project_id: str, context_id: str) -> DeleteResult:
        """Delete a context.

        Raises:
            NotFoundError: There is no such context.

        Example:
            >>> result = client.contexts.delete(project_id, context_id)
            >>> print(result.message)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, context_id)

    def bulk_create(
        self,
        project_id: str,
        contexts: DataFrame | Iterable[ContextCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
        **published: Unpack[PublishedOptions],
    ) -> BulkResult[ContextResponse]:
        """Create many contexts concurrently, and return them in input order.

        Args:
            project_id: The project.
            contexts: Models, or mappings of the same fields; a data frame or any iterable.
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
            >>> rules = [{"name": "Revenue", "content": "Revenue is the sum of orders.amount."}]
            >>> result = client.contexts.bulk_create(project_id, rules)
            >>> len(result), result.ok
            (1, True)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_create,
            project_id,
            read_all(contexts),
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            **published,
        )

    def bulk_delete(
        self,
        project_id: str,
        context_ids: Sequence[str] | None = None,
        *,
        ids: Sequence[str] | None = None,
        max_concurrency: int | None = None,
        progress: ShowProgress = None,
    ) -> BulkDeleteResult:
        """Delete many contexts; ids that do not exist are listed in `failed_ids`.

        Args:
            project_id: The project.
            context_ids: The ids; required, under this name or `ids`.
            ids: The same as `context_ids`.
            max_concurrency: The maximum number of requests in flight, of up to 100 ids each; default 96.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.

        Raises:
            ValidationError: No ids are given, or an invalid one.
            BulkError: Some of the requests failed; its `result` says what the others deleted.

        Example:
            >>> old = [context.id for context in client.contexts.list(project_id, search="2019")]
            >>> result = client.contexts.bulk_delete(project_id, old)
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_delete,
            project_id,
            context_ids,
            ids=ids,
            max_concurrency=max_concurrency,
            progress=progress,
        )

    def list_always_displayed(self, project_id: str) -> List[ContextResponse]:
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
        source: DataFrame | Iterable[ContextCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> BulkStream[ContextResponse]:
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
    ) -> Pager[ContextResponse]:
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
