"""Schema metadata, descriptions of a database's schema: `client.schema_metadata`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Unpack

import attrs

from text2everything import _codec as codec
from text2everything._bulk.frames import DataFrame
from text2everything._bulk.options import JournalPath, OnError, PublishedOptions
from text2everything._bulk.progress import ShowProgress
from text2everything._bulk.results import BulkResult
from text2everything._bulk.stream import WINDOW, AsyncBulkStream
from text2everything._codec import DecodeError
from text2everything._transport.messages import Reply
from text2everything.exceptions import ValidationError
from text2everything.models._items import ItemList
from text2everything.models._schema_rules import SCHEMA_TYPES, SchemaType, schema_problems, schema_type
from text2everything.models.base import UNSET, Unset
from text2everything.models.projects import BulkDeleteResult
from text2everything.models.schema_metadata import (
    SchemaMetadataCreate,
    SchemaMetadataResponse,
    SchemaMetadataUpdate,
    SplitGroup,
)
from text2everything.resources._bulk_resource import BulkOptions, DisplayedItemsResource
from text2everything.resources._paths import escape

OneOrParts = SchemaMetadataResponse | list[SchemaMetadataResponse]
"""One schema metadata item, or all parts of a table of more than 8 columns, in order."""


class AsyncSchemaMetadataResource(DisplayedItemsResource[SchemaMetadataResponse, SchemaMetadataCreate]):
    """Schema metadata: the tables, dimensions, metrics and relationships from which SQL is generated.

    An invalid argument raises a `ValidationError` that names it, before anything is sent; an unknown project raises a
    `NotFoundError`.
    """

    _name = "schema-metadata"
    _item = SchemaMetadataResponse
    _new = SchemaMetadataCreate

    async def create(
        self,
        project_id: str,
        name: str,
        schema_data: dict[str, Any],
        description: str | None = None,
        is_always_displayed: bool = False,
        validate: bool = True,
    ) -> OneOrParts:
        """Create schema metadata.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            schema_data: A dict with one of `table.columns` (a list), `table.dimension.content`,
                `table.metric.content` or `relationship` (dicts).
            description: A description.
            is_always_displayed: Whether it is sent with every question; default False.
            validate: Whether to check `schema_data` before sending it; default True.

        Returns:
            The schema metadata. The service splits a table of more than 8 columns: it gives a list of its parts.

        Raises:
            ValidationError: `schema_data` is invalid; every problem is reported with its path.
            NotFoundError: There is no such project.

        Example:
            >>> await client.schema_metadata.create(
            ...     project_id, "users", {"table": {"name": "users", "columns": [{"name": "id", "type": "integer"}]}}
            ... )
        """
        new = SchemaMetadataCreate(
            name=name, schema_data=schema_data, description=description, is_always_displayed=is_always_displayed
        )
        if validate:
            check_schema(schema_data)
        return self._one_or_parts(await self._send("POST", self._path(project_id), new))

    async def get(self, project_id: str, schema_metadata_id: str) -> SchemaMetadataResponse:
        """Return one schema metadata item, or one part of a split table.

        Raises:
            NotFoundError: There is no such schema metadata.

        Example:
            >>> item = await client.schema_metadata.get(project_id, schema_metadata_id)
            >>> item.name, item.schema_data["table"]["columns"]
            ('users', [{'name': 'id', 'type': 'integer'}])
        """
        return await self._get(self._path(project_id, schema_metadata_id=schema_metadata_id))

    async def list(
        self,
        project_id: str,
        skip: int = 0,
        limit: int | None = None,
        search: str | None = None,
        is_always_displayed: bool | None = None,
    ) -> List[SchemaMetadataResponse]:
        """Return the project's schema metadata; each part of a split table is an item of its own.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only those whose text contains this.
            is_always_displayed: True for only those always displayed, False for only the others; None for all.

        Example:
            >>> for item in await client.schema_metadata.list(project_id, search="users"):
            ...     print(item.name, item.description)
        """
        return await self._list(project_id, skip=skip, limit=limit, q=search, is_always_displayed=is_always_displayed)

    async def list_by_type(self, project_id: str, schema_type: str) -> List[SchemaMetadataResponse]:
        """Return the schema metadata of one type: `table`, `dimension`, `metric` or `relationship`.

        Raises:
            ValidationError: `schema_type` is none of these.

        Example:
            >>> for metric in await client.schema_metadata.list_by_type(project_id, "metric"):
            ...     print(metric.name, metric.schema_data["table"]["metric"]["content"])
        """
        if schema_type not in SCHEMA_TYPES:
            raise ValidationError(f"schema_type must be one of {', '.join(SCHEMA_TYPES)}, got {schema_type!r}")
        return ItemList(
            [item async for item in self.iter(project_id) if self.get_schema_type(item.schema_data) == schema_type]
        )

    async def update(
        self,
        project_id: str,
        schema_metadata_id: str,
        name: str | Unset = UNSET,
        schema_data: dict[str, Any] | Unset = UNSET,
        description: str | Unset | None = UNSET,
        is_always_displayed: bool | Unset = UNSET,
        validate: bool = True,
    ) -> OneOrParts:
        """Change schema metadata; arguments that are not given keep their value, `description=None` clears it.

        Values that are not given are read first: a change that another client makes in between is overwritten.

        Args:
            project_id: The project.
            schema_metadata_id: The schema metadata, or any part of a split table.
            name: The new name; must not be blank.
            schema_data: The new data; see `create`.
            description: The new description.
            is_always_displayed: Whether it is sent with every question.
            validate: Whether to check `schema_data` before sending it; default True.

        Returns:
            The schema metadata with its new values; for a split table, a list of all its parts.

        Raises:
            ValidationError: `schema_data` is invalid; every problem is reported with its path.
            NotFoundError: There is no such schema metadata.
            ValidationError: No change was given.

        Example:
            >>> await client.schema_metadata.update(project_id, schema_metadata_id, description="All customers")
        """
        update = SchemaMetadataUpdate(
            name=name, schema_data=schema_data, description=description, is_always_displayed=is_always_displayed
        )
        if validate and schema_data is not UNSET:
            check_schema(schema_data)
        path = self._path(project_id, schema_metadata_id=schema_metadata_id)
        reply = await self._read_modify_write(path, update, self._new, self._item)
        updated = self._one_or_parts(reply) if reply.body.strip() else await self._get(path)
        parts = updated if isinstance(updated, list) else [updated]
        group, total = parts[0].split_group_id, parts[0].total_splits
        if group is not None and len(parts) != total:
            return (await self.get_split_group(project_id, group)).parts
        return updated

    async def delete(self, project_id: str, schema_metadata_id: str) -> bool:
        """Delete schema metadata; for a split table, all its parts. Return True.

        Raises:
            NotFoundError: There is no such schema metadata.

        Example:
            >>> await client.schema_metadata.delete(project_id, schema_metadata_id)
            True
        """
        return await self._delete(self._path(project_id, schema_metadata_id=schema_metadata_id))

    async def bulk_create(
        self,
        project_id: str,
        schema_metadata_list: DataFrame
        | AsyncIterable[SchemaMetadataCreate | Mapping[str, Any]]
        | Iterable[SchemaMetadataCreate | Mapping[str, Any]],
        validate: bool = True,
        *,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
        **published: Unpack[PublishedOptions],
    ) -> BulkResult[SchemaMetadataResponse]:
        """Create many schema metadata items concurrently, and return them in input order.

        Args:
            project_id: The project.
            schema_metadata_list: Models, or mappings of the same fields; a data frame or any iterable, plain or
                async.
            validate: Whether to check each `schema_data` before sending it; default True.
            max_concurrency: The maximum number of requests in flight; default 96. The actual number adapts: it grows
                while that raises throughput, and falls when the service is overloaded.
            on_error: What to do when an item fails: `raise` (default) sends all other items and then raises;
                `collect` returns the result without raising; `stop` sends no further items and then raises.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.
            journal: A file that makes the call resumable: repeat an interrupted call with the same items and the
                same journal, and every item is created exactly once. The result includes the items of earlier calls.
            published: Arguments of the published client, for code written for it: `max_workers` and
                `max_concurrent` stand for `max_concurrency`, `parallel=False` for `max_concurrency=1`.

        Returns:
            The created schema metadata, in input order. A table of more than 8 columns is replaced by its parts;
            `indices` gives the index of the item that each belongs to.

        Raises:
            ValidationError: Some items are invalid. The items of a collection, such as a list, are all checked before
                anything is sent, and every problem is reported with its index.
            BulkError: Some items failed, or the call ended early; its `result` is the `BulkResult`.
            ConflictError: The journal is in use by another run.

        Example:
            >>> tables = [{"name": "users", "schema_data": {"table": {"name": "users", "columns": [{"name": "id"}]}}}]
            >>> result = await client.schema_metadata.bulk_create(project_id, tables)
        """
        options = BulkOptions(
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            published=published,
            prepare=self._validate_with_schema if validate else None,
        )
        return await self._bulk_create(project_id, "schema_metadata_list", schema_metadata_list, options)

    def bulk_create_stream(  # type: ignore[override]  # a wide table becomes several parts
        self,
        project_id: str,
        source: DataFrame
        | AsyncIterable[SchemaMetadataCreate | Mapping[str, Any]]
        | Iterable[SchemaMetadataCreate | Mapping[str, Any]],
        validate: bool = True,
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> AsyncBulkStream[OneOrParts]:
        """Create schema metadata from a source of any length, and iterate over the outcomes as they complete.

        Items are read from the source while fewer than `window` are in memory. An item that fails gives an outcome
        with an `error`.

        A plain iterable is iterated in the event loop and must not block.

        Args:
            project_id: The project.
            source: Models, or mappings of the same fields; a data frame or any iterable, plain or async, even an
                endless one.
            validate: Whether to check each `schema_data` before sending it; default True.
            max_concurrency: The maximum number of requests in flight; see `bulk_create`.
            window: The maximum number of items in memory, from when they are read until their outcome is returned;
                default 1000.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.
            journal: A file that makes the call resumable; see `bulk_create`.

        Example:
            >>> async for outcome in client.schema_metadata.bulk_create_stream(project_id, tables):
            ...     print(outcome.index, outcome.error or outcome.created)
        """
        options = BulkOptions(
            max_concurrency=max_concurrency,
            progress=progress,
            journal=journal,
            prepare=self._validate_with_schema if validate else None,
        )
        return self._bulk_stream(project_id, "source", source, window, options)

    async def bulk_delete(
        self,
        project_id: str,
        schema_metadata_ids: Sequence[str] | None = None,
        *,
        ids: Sequence[str] | None = None,
        schema_ids: Sequence[str] | None = None,
        max_concurrency: int | None = None,
        progress: ShowProgress = None,
    ) -> BulkDeleteResult:
        """Delete many schema metadata items; ids that do not exist are listed in `failed_ids`.

        Args:
            project_id: The project.
            schema_metadata_ids: The ids; required, under this name, `ids` or `schema_ids`.
            ids: The same as `schema_metadata_ids`.
            schema_ids: The same as `schema_metadata_ids`.
            max_concurrency: The maximum number of requests in flight, of up to 100 ids each; default 96.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.

        Raises:
            BulkError: Some of the requests failed; its `result` says what the others deleted.

        Example:
            >>> result = await client.schema_metadata.bulk_delete(project_id, ["id1", "id2"])
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        return await self._bulk_delete(
            project_id,
            BulkOptions(max_concurrency=max_concurrency, progress=progress),
            schema_metadata_ids=schema_metadata_ids,
            ids=ids,
            schema_ids=schema_ids,
        )

    async def get_split_group(self, project_id: str, split_group_id: str) -> SplitGroup:
        """Return all parts of a split table, in order.

        Raises:
            NotFoundError: There is no such group.

        Example:
            >>> group = await client.schema_metadata.get_split_group(project_id, split_group_id)
            >>> [part.split_index for part in group.parts]
            [1, 2]
        """
        path = f"{self._path(project_id)}/split-group/{escape('split_group_id', split_group_id)}"
        group = self._decode(await self._send("GET", path), SplitGroup)
        group.parts.sort(key=lambda part: part.split_index or 0)
        return group

    def validate_schema(self, schema_data: object, expected_type: str | None = None) -> List[str]:
        """Return every problem of `schema_data` with its path, or an empty list. No request is sent.

        Args:
            schema_data: The data to check.
            expected_type: `table`, `dimension`, `metric` or `relationship`; None determines it from the data.

        Raises:
            ValidationError: `expected_type` is none of these.

        Example:
            >>> client.schema_metadata.validate_schema({"table": {"columns": [{"name": "id"}, 1]}})
            ['table.columns[1]: must be an object, got 1']
        """
        return schema_problems(schema_data, expected_type)

    def get_schema_type(self, schema_data: object) -> SchemaType | None:
        """Return the type of the schema data, or None if it has none. No request is sent.

        Example:
            >>> client.schema_metadata.get_schema_type({"table": {"columns": [{"name": "id"}]}})
            'table'
        """
        return schema_type(schema_data)

    def _validate_with_schema(self, item: object) -> SchemaMetadataCreate:
        new = self._validate(item)
        check_schema(new.schema_data)
        return new

    def _decode_created(self, reply: Reply) -> OneOrParts:
        return self._one_or_parts(reply)

    def _decode_journaled(self, body: bytes) -> OneOrParts:
        if body[:1] == b"[":
            return codec.decode(body, List[SchemaMetadataResponse])
        return codec.decode(body, SchemaMetadataResponse)

    async def _iter_existing(self, project_id: str) -> AsyncIterator[OneOrParts]:
        groups: dict[str, List[SchemaMetadataResponse]] = {}
        async for item in super()._iter_existing(project_id):
            if item.split_group_id is None:
                yield item
            else:
                groups.setdefault(item.split_group_id, []).append(item)
        for parts in groups.values():
            yield sorted(parts, key=lambda part: part.split_index or 0)

    def _digest(self, item: SchemaMetadataCreate | OneOrParts) -> int:
        return super()._digest(join_parts(item) if isinstance(item, List) else item)

    def _one_or_parts(self, reply: Reply) -> OneOrParts:
        try:
            if reply.body.lstrip()[:1] != b"[":
                return codec.decode(reply.body, SchemaMetadataResponse)
            parts = codec.decode(reply.body, list[SchemaMetadataResponse])
        except DecodeError as error:
            raise reply.invalid(str(error)) from None
        if not parts:
            raise reply.invalid("expected schema metadata, got an empty list")
        if len(parts) == 1 and parts[0].split_group_id is None:
            return parts[0]
        return sorted(parts, key=lambda part: part.split_index or 0)


def check_schema(schema_data: object) -> None:
    """Raise a `ValidationError` with every problem of `schema_data`, if there are any."""
    problems = schema_problems(schema_data)
    if problems:
        raise ValidationError(f"schema_data is wrong: {'; '.join(problems)}", response_data={"problems": problems})


def join_parts(parts: list[SchemaMetadataResponse]) -> SchemaMetadataResponse:
    """Return the table that was split into these parts: the first part, with the columns of all."""
    tables = [part.schema_data.get("table") for part in parts]
    columns = [table.get("columns") for table in tables if isinstance(table, dict)]
    joined = [column for some in columns if isinstance(some, list) for column in some]
    data = parts[0].schema_data
    return attrs.evolve(parts[0], schema_data={**data, "table": {**data["table"], "columns": joined}})


def whole_tables(items: Iterable[SchemaMetadataResponse]) -> list[SchemaMetadataResponse]:
    """Return the items, with the parts of each split table joined into one."""
    groups: dict[str, list[SchemaMetadataResponse]] = {}
    for item in items:
        groups.setdefault(item.split_group_id or item.id, []).append(item)
    return [
        join_parts(sorted(parts, key=lambda part: part.split_index or 0)) if parts[0].split_group_id else parts[0]
        for parts in groups.values()
    ]
