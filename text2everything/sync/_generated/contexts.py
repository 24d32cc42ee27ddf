# Generated from text2everything.resources.contexts by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ContextsResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

from text2everything._bulk.options import JournalPath, OnError, PublishedOptions
from text2everything._bulk.progress import ShowProgress
from text2everything._bulk.results import BulkResult
from text2everything._bulk.stream import WINDOW
from text2everything._pagination.pager import PAGE_SIZE
from text2everything.models.base import UNSET, Unset
from text2everything.models.contexts import ContextCreate, ContextResponse
from text2everything.models.projects import BulkDeleteResult, DeleteResult
from text2everything.resources.contexts import AsyncContextsResource
from text2everything.sync._portal import Portal
from text2everything.sync._streams import BulkStream, Pager, read_all


class ContextsResource:
    """Business rules and definitions that accompany questions; those always displayed accompany every one."""

    def __init__(self, portal: Portal, resource: AsyncContextsResource) -> None:
        self._portal = portal
        self._async = resource

    def create(
        self,
        project_id: str,
        name: str,
        content: str,
        description: str | None = None,
        is_always_displayed: bool = False,
    ) -> ContextResponse:
        """Add a context.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            content: The rule or definition, in plain words; must not be blank.
            description: What it is about.
            is_always_displayed: Whether it accompanies every question.

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
            page: The page, from 1; None returns all.
            per_page: Items on a page; 50 where `page` is given without it.
            search: Only contexts whose text contains this.
            is_always_displayed: Only those that are, or are not, always displayed.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, page, per_page, search, is_always_displayed)

    def get_by_name(self, project_id: str, name: str) -> ContextResponse | None:
        """Return the context of that very name, or None."""
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
        """Change a context; what is left out stays, `description=None` clears it.

        What is left out is read first: a change that somebody else makes in between is overwritten.

        Raises:
            NotFoundError: There is no such context.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update, project_id, context_id, name, content, description, is_always_displayed
        )

    def delete(self, project_id: str, context_id: str) -> DeleteResult:
        """Delete a context.

        Raises:
            NotFoundError: There is no such context.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, context_id)

    def bulk_create(
        self,
        project_id: str,
        contexts: Iterable[ContextCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
        **published: Unpack[PublishedOptions],
    ) -> BulkResult[ContextResponse]:
        """Create many contexts, many at once, and return what was created in input order.

        Args:
            project_id: The project.
            contexts: Models, or mappings of the same fields; any iterable.
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
            >>> rules = [{"name": "Revenue", "content": "Revenue is the sum of orders.amount."}]
            >>> result = client.contexts.bulk_create(project_id, rules)
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
        """Delete many contexts; ids that do not exist are listed in `failed_ids`, not raised.

        Args:
            project_id: The project.
            context_ids: The ids; `ids` is another name for them.
            ids: The same as `context_ids`.
            max_concurrency: Requests in flight at most, of up to 100 ids each; 64.
            progress: A callable that is told a `Progress` now and then, or True for a bar on the terminal.

        Raises:
            BulkError: Some of the requests failed; its `result` tells what was deleted by the others.
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
        """Return the items that accompany every question."""
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_always_displayed, project_id)

    def bulk_create_stream(
        self,
        project_id: str,
        source: Iterable[ContextCreate | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> BulkStream[ContextResponse]:
        """Create items from a source of any length, and return the outcomes, each as it happens.

        Items are taken from the source as there is room for them; a failed one is an outcome like any other. The
        source is iterated in the calling thread.

        Args:
            project_id: The project.
            source: Models, or mappings of the same fields; any iterable, also an endless one.
            max_concurrency: Requests in flight at most; see `bulk_create`.
            window: Items in memory at most, from the source to the outcome taken.
            progress: A callable that is told a `Progress` now and then, or True for a bar on the terminal.
            journal: A file that makes the call resumable; see `bulk_create`.

        Example:
            >>> for outcome in client.feedback.bulk_create_stream(project_id, ratings):
            ...     print(outcome.index, outcome.error or outcome.created.id)
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
        """Return the project's items one after another, in constant memory.

        The next page is on its way while the items of one are worked on; items may be deleted as they come.
        `.pages()` gives whole pages, each with the total where the service says it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: Items fetched at a time, 1 to 1000.
        """
        return Pager(self._portal, self._async.iter(project_id, search, page_size=page_size))

    def count(self, project_id: str, search: str | None = None) -> int:
        """Return how many items the project has, or how many match `search`; one small request where possible."""
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.count, project_id, search)
