"""Bulk calls of feedback, contexts, golden examples and schema metadata."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

import attrs

from text2everything import _codec as codec
from text2everything._bulk.create import create_all
from text2everything._bulk.delete import delete_all
from text2everything._bulk.frames import DataFrame, rows_of
from text2everything._bulk.health import FATAL_ERRORS, ServiceHealth
from text2everything._bulk.journal import Journal
from text2everything._bulk.limiter import Limiter
from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.options import (
    JournalPath,
    OnError,
    PublishedOptions,
    check_journal_path,
    check_on_error,
    check_source,
    resolve_concurrency,
)
from text2everything._bulk.paced_transport import PacedTransport
from text2everything._bulk.progress import Reporter, ShowProgress
from text2everything._bulk.resource_adapter import ResourceAdapter, digest
from text2everything._bulk.results import BulkResult
from text2everything._bulk.stream import WINDOW, AsyncBulkStream
from text2everything._transport.messages import Reply
from text2everything._transport.retry import longest_backoff
from text2everything.exceptions import NotFoundError, Text2EverythingError
from text2everything.models._checks import check_int
from text2everything.models.base import Model, build
from text2everything.models.projects import BulkDeleteResult
from text2everything.resources._base import MAX_PAGE_SIZE, ItemsResource, check_ids
from text2everything.resources._paths import project_path

T = TypeVar("T")
C = TypeVar("C", bound=Model)

MAX_WINDOW = 1_000_000

Items = DataFrame | Iterable[Any] | AsyncIterable[Any]


@attrs.frozen(kw_only=True)
class BulkOptions:
    """Options of a bulk call; see `bulk_create` of any resource."""

    max_concurrency: int | None = None
    on_error: OnError = "raise"
    progress: ShowProgress = None
    journal: JournalPath | None = None
    published: PublishedOptions = attrs.field(factory=PublishedOptions)
    prepare: Callable[[Any], Any] | None = None
    describe: Callable[[int, Any], str] | None = None


class BulkResource(ItemsResource[T, C]):
    """Base of the resources whose items can be created and deleted in bulk.

    `_keys` returns what an item to be created is about, where the order of items about the same thing matters.
    """

    _keys: Callable[[C], Iterable[Hashable]] | None = None

    def bulk_create_stream(
        self,
        project_id: str,
        source: DataFrame | AsyncIterable[C | Mapping[str, Any]] | Iterable[C | Mapping[str, Any]],
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> AsyncBulkStream[T]:
        """Create items from a source of any length, and return an iterator over the outcomes as they complete.

        Items are read from the source while fewer than `window` are in memory. An item that fails gives an outcome
        with an `error`; an error that every item would meet ends the stream, and is raised after the outcomes.

        A plain iterable is iterated in the event loop and must not block.

        Args:
            project_id: The project.
            source: Models, or mappings of the same fields; a data frame or any iterable, plain or async, even an
                endless one.
            max_concurrency: The maximum number of requests in flight; see `bulk_create`.
            window: The maximum number of items in memory, from when they are read until their outcome is returned;
                default 1000.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.
            journal: A file that makes the call resumable; see `bulk_create`.

        Example:
            >>> async for outcome in client.feedback.bulk_create_stream(project_id, ratings):
            ...     print(outcome.index, outcome.error or outcome.created)
        """
        options = BulkOptions(max_concurrency=max_concurrency, progress=progress, journal=journal)
        return self._bulk_stream(project_id, "source", source, window, options)

    async def _bulk_create(self, project_id: str, name: str, items: Items, options: BulkOptions) -> BulkResult[Any]:
        """Create all `items`; `name` is the public argument they come from, for error messages."""
        check_on_error(options.on_error)
        rows: Iterable[Any] | AsyncIterable[Any] = rows_of(items)
        operation = attrs.evolve(
            self._operation(project_id, name, rows, options), stop_on_failure=options.on_error == "stop"
        )
        return await create_all(operation, rows, on_error=options.on_error)

    def _bulk_stream(
        self, project_id: str, name: str, source: Items, window: int, options: BulkOptions
    ) -> AsyncBulkStream[Any]:
        window = check_int("window", window, 1, MAX_WINDOW)
        rows: Iterable[Any] | AsyncIterable[Any] = rows_of(source)
        return AsyncBulkStream(self._operation(project_id, name, rows, options), rows, window=window)

    def _operation(self, project_id: str, name: str, items: object, options: BulkOptions) -> BulkOperation[Any]:
        """Return how the items of a bulk create are validated, sent and recorded in the journal."""
        path = self._path(project_id)
        check_source(name, items)
        limiter, health, paced = self._paced(options)

        async def send(new: C) -> Any:
            try:
                reply = await paced._send("POST", path, new)  # noqa: SLF001  # of the same class
            except NotFoundError as error:
                await self._check_project(project_id, health, error)
                raise
            return paced._decode_created(reply)  # noqa: SLF001

        return BulkOperation(
            name=name,
            prepare=options.prepare or self._validate,
            send=send,
            limiter=limiter,
            reporter=Reporter(options.progress, label=self._name),
            open_journal=None if options.journal is None else paced._journal(project_id, options.journal),  # noqa: SLF001
            describe=options.describe,
            keys=self._keys,
            health=health,
        )

    def _paced(self, options: BulkOptions) -> tuple[Limiter, ServiceHealth, Self]:
        """Return a copy of this resource whose requests are limited, and what decides about them."""
        settings = self._transport.settings
        limiter = Limiter(resolve_concurrency(options.max_concurrency, options.published, settings.max_connections))
        retries = settings.max_retries
        health = ServiceHealth(retries, longest_backoff(retries, settings.retry_delay), settings.total_timeout)
        return limiter, health, type(self)(PacedTransport(self._transport, limiter, health))

    async def _check_project(self, project_id: str, health: ServiceHealth, error: NotFoundError) -> None:
        """Have an item's 404 end the call if it is the project that is missing; the service is asked, but seldom."""
        if not health.should_ask_for_project():
            return
        try:
            await self._send("GET", project_path(project_id))
        except NotFoundError as missing:
            # Some services have no such request: then the same answer says it, or that of the listing.
            same = missing.message == error.message
            if same or health.missed_all or await self._has_no_listing(project_id):
                health.end(error, "the project does not exist", unsent=True)
        except FATAL_ERRORS:
            raise  # instead of the 404
        except Text2EverythingError:
            pass  # it is not known

    async def _has_no_listing(self, project_id: str) -> bool:
        try:
            await self._list(project_id, limit=1)
        except NotFoundError:
            return True
        except Text2EverythingError:
            return False
        return False

    def _validate(self, item: object) -> C:
        """Return an item of a bulk create as a validated model."""
        return build(self._new, item)

    def _decode_created(self, reply: Reply) -> Any:
        """Return the reply of a create as a model."""
        return self._decode(reply, self._item)

    def _journal(self, project_id: str, path: JournalPath) -> Callable[[], Awaitable[Journal]]:
        path = check_journal_path(path)
        adapter = ResourceAdapter(
            kind=self._name,
            project_id=project_id,
            digest=self._digest,
            decode=self._decode_journaled,
            list_existing=lambda: self._iter_existing(project_id),
        )
        return lambda: Journal.open(path, adapter)

    def _digest(self, item: Any) -> int:
        """Return a digest of an item's content, the same before and after it is created."""
        return digest(item, [field.name for field in attrs.fields(self._new)])

    def _decode_journaled(self, body: bytes) -> Any:
        """Return the model that a create returned, from its body in the journal."""
        return codec.decode(body, self._item)

    def _iter_existing(self, project_id: str) -> AsyncIterator[Any]:
        """Iterate over the project's items, each as a create would have returned it."""
        return aiter(self.iter(project_id, page_size=MAX_PAGE_SIZE))

    async def _bulk_delete(
        self, project_id: str, options: BulkOptions, **ids: Sequence[str] | None
    ) -> BulkDeleteResult:
        """Delete items; `ids` are the public arguments that may hold the ids, of which the caller gives one."""
        path = f"{self._path(project_id)}/bulk-delete"
        limiter, health, paced = self._paced(options)

        async def send(chunk: Sequence[str]) -> BulkDeleteResult:
            try:
                reply = await paced._send("POST", path, {"ids": chunk}, repeatable=True)  # noqa: SLF001
            except NotFoundError as error:
                await self._check_project(project_id, health, error)
                raise
            if reply.may_have_acted or not reply.body.strip():
                # An earlier attempt may have deleted them, with its reply lost: they are deleted either way.
                return BulkDeleteResult(deleted_count=len(chunk))
            return paced._decode(reply, BulkDeleteResult)  # noqa: SLF001

        reporter = Reporter(options.progress, label=f"delete {self._name}")
        return await delete_all(check_ids(**ids), send, limiter=limiter, health=health, reporter=reporter)


class DisplayedItemsResource(BulkResource[T, C]):
    """Base of the resources with `is_always_displayed`: contexts, golden examples, schema metadata."""

    async def list_always_displayed(self, project_id: str) -> list[T]:
        """Return the items that accompany every question.

        Example:
            >>> for context in await client.contexts.list_always_displayed(project_id):
            ...     print(context.name)
        """
        return await self._list(project_id, is_always_displayed=True)
