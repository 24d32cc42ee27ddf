"""Contexts, the business rules and definitions of a project: `client.contexts`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Unpack

from text2everything._bulk.frames import DataFrame
from text2everything._bulk.options import JournalPath, OnError, PublishedOptions
from text2everything._bulk.progress import ShowProgress
from text2everything._bulk.results import BulkResult
from text2everything.models._checks import check_text
from text2everything.models.base import UNSET, Unset
from text2everything.models.contexts import ContextCreate, ContextResponse, ContextUpdate
from text2everything.models.projects import BulkDeleteResult, DeleteResult
from text2everything.resources._base import delete_result, page_bounds
from text2everything.resources._bulk_resource import BulkOptions, DisplayedItemsResource
from text2everything.resources._paths import query_text


class AsyncContextsResource(DisplayedItemsResource[ContextResponse, ContextCreate]):
    """Contexts: business rules and definitions that are sent to the language model with relevant questions."""

    _name = "contexts"
    _item = ContextResponse
    _new = ContextCreate

    async def create(
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
            >>> await client.contexts.create(project_id, "Revenue", "Revenue is the sum of orders.amount.")
        """
        new = ContextCreate(
            name=name, content=content, description=description, is_always_displayed=is_always_displayed
        )
        return await self._create(project_id, new)

    async def get(self, project_id: str, context_id: str) -> ContextResponse:
        """Return one context.

        Raises:
            NotFoundError: There is no such context.

        Example:
            >>> context = await client.contexts.get(project_id, context_id)
            >>> context.name, context.content
            ('Revenue', 'Revenue is the sum of orders.amount.')
        """
        return await self._get(self._path(project_id, context_id=context_id))

    async def list(
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
            >>> contexts = await client.contexts.list(project_id, search="revenue", is_always_displayed=False)
            >>> [context.name for context in contexts]
            ['Revenue']
        """
        skip, limit, size = page_bounds(page, per_page)
        query = {"q": search, "is_always_displayed": is_always_displayed}
        return await self._pager(
            self._path(project_id), self._item, query, skip=skip, limit=limit, page_size=size
        ).collect()

    async def get_by_name(self, project_id: str, name: str) -> ContextResponse | None:
        """Return the context with exactly this name, or None.

        Example:
            >>> context = await client.contexts.get_by_name(project_id, "Revenue")
            >>> if context is None:
            ...     context = await client.contexts.create(project_id, "Revenue", "The sum of orders.amount.")
        """
        query_text("name", check_text("name", name))
        async for context in self.iter(project_id, name):
            if context.name == name:
                return context
        return None

    async def update(
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
            >>> context = await client.contexts.update(project_id, context_id, is_always_displayed=True)
            >>> context.name, context.is_always_displayed
            ('Revenue', True)
        """
        update = ContextUpdate(
            name=name, content=content, description=description, is_always_displayed=is_always_displayed
        )
        return await self._update(self._path(project_id, context_id=context_id), update)

    async def delete(self, project_id: str, context_id: str) -> DeleteResult:
        """Delete a context.

        Raises:
            NotFoundError: There is no such context.

        Example:
            >>> result = await client.contexts.delete(project_id, context_id)
            >>> print(result.message)
        """
        return delete_result(await self._send("DELETE", self._path(project_id, context_id=context_id)))

    async def bulk_create(
        self,
        project_id: str,
        contexts: DataFrame
        | AsyncIterable[ContextCreate | Mapping[str, Any]]
        | Iterable[ContextCreate | Mapping[str, Any]],
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
            contexts: Models, or mappings of the same fields; a data frame or any iterable, plain or async.
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
            >>> result = await client.contexts.bulk_create(project_id, rules)
            >>> len(result), result.ok
            (1, True)
        """
        options = BulkOptions(
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            published=published,
        )
        return await self._bulk_create(project_id, "contexts", contexts, options)

    async def bulk_delete(
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
            >>> old = [context.id for context in await client.contexts.list(project_id, search="2019")]
            >>> result = await client.contexts.bulk_delete(project_id, old)
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        return await self._bulk_delete(
            project_id,
            BulkOptions(max_concurrency=max_concurrency, progress=progress),
            context_ids=context_ids,
            ids=ids,
        )
