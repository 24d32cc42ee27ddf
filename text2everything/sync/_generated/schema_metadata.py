# Generated from text2everything.resources.schema_metadata by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `SchemaMetadataResource`."""

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
from text2everything.models._schema_rules import SchemaType
from text2everything.models.base import UNSET, Unset
from text2everything.models.projects import BulkDeleteResult
from text2everything.models.schema_metadata import SchemaMetadataCreate, SchemaMetadataResponse, SplitGroup
from text2everything.resources.schema_metadata import AsyncSchemaMetadataResource, OneOrParts
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import BulkStream, Pager, read_all


class SchemaMetadataResource(BlockingResource[AsyncSchemaMetadataResource]):
    """Schema metadata: the tables, dimensions, metrics and relationships from which SQL is generated.

    An invalid argument raises a `ValidationError` that names it, before anything is sent; an unknown project raises a
    `NotFoundError`.
    """

    def create(
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
            >>> client.schema_metadata.create(
            ...     project_id, "users", {"table": {"name": "users", "columns": [{"name": "id", "type": "integer"}]}}
            ... )
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.create, project_id, name, schema_data, description, is_always_displayed, validate
        )

    def get(self, project_id: str, schema_metadata_id: str) -> SchemaMetadataResponse:
        """Return one schema metadata item, or one part of a split table.

        Raises:
            NotFoundError: There is no such schema metadata.

        Example:
            >>> item = client.schema_metadata.get(project_id, schema_metadata_id)
            >>> item.name, item.schema_data["table"]["columns"]
            ('users', [{'name': 'id', 'type': 'integer'}])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, schema_metadata_id)

    def list(
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
            >>> for item in client.schema_metadata.list(project_id, search="users"):
            ...     print(item.name, item.description)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, search, is_always_displayed)

    def list_by_type(self, project_id: str, schema_type: str) -> List[SchemaMetadataResponse]:
        """Return the schema metadata of one type: `table`, `dimension`, `metric` or `relationship`.

        Raises:
            ValidationError: `schema_type` is none of these.

        Example:
            >>> for metric in client.schema_metadata.list_by_type(project_id, "metric"):
            ...     print(metric.name, metric.schema_data["table"]["metric"]["content"])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_by_type, project_id, schema_type)

    def update(
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
            >>> client.schema_metadata.update(project_id, schema_metadata_id, description="All customers")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update,
            project_id,
            schema_metadata_id,
            name,
            schema_data,
            description,
            is_always_displayed,
            validate,
        )

    def delete(self, project_id: str, schema_metadata_id: str) -> bool:
        """Delete schema metadata; for a split table, all its parts. Return True.

        Raises:
            NotFoundError: There is no such schema metadata.

        Example:
            >>> client.schema_metadata.delete(project_id, schema_metadata_id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, schema_metadata_id)

    def bulk_create(
        self,
        project_id: str,
        schema_metadata_list: DataFrame | Iterable[SchemaMetadataCreate | Mapping[str, Any]],
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
            schema_metadata_list: Models, or mappings of the same fields; a data frame or any iterable.
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
            >>> result = client.schema_metadata.bulk_create(project_id, tables)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_create,
            project_id,
            read_all(schema_metadata_list),
            validate,
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            **published,
        )

    def bulk_create_stream(
        self,
        project_id: str,
        source: DataFrame | Iterable[SchemaMetadataCreate | Mapping[str, Any]],
        validate: bool = True,
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> BulkStream[OneOrParts]:
        """Create schema metadata from a source of any length, and iterate over the outcomes as they complete.

        Items are read from the source while fewer than `window` are in memory. An item that fails gives an outcome
        with an `error`.

        The source is iterated in the calling thread.

        Args:
            project_id: The project.
            source: Models, or mappings of the same fields; a data frame or any iterable, even an
                endless one.
            validate: Whether to check each `schema_data` before sending it; default True.
            max_concurrency: The maximum number of requests in flight; see `bulk_create`.
            window: The maximum number of items in memory, from when they are read until their outcome is returned;
                default 1000.
            progress: A callable that receives a `Progress` from time to time, or True for a bar on the terminal.
            journal: A file that makes the call resumable; see `bulk_create`.

        Example:
            >>> for outcome in client.schema_metadata.bulk_create_stream(project_id, tables):
            ...     print(outcome.index, outcome.error or outcome.created)
        """
        return BulkStream(
            self._portal,
            self._async.bulk_create_stream(
                project_id,
                source,
                validate,
                max_concurrency=max_concurrency,
                window=window,
                progress=progress,
                journal=journal,
            ),
        )

    def bulk_delete(
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
            >>> result = client.schema_metadata.bulk_delete(project_id, ["id1", "id2"])
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.bulk_delete,
            project_id,
            schema_metadata_ids,
            ids=ids,
            schema_ids=schema_ids,
            max_concurrency=max_concurrency,
            progress=progress,
        )

    def get_split_group(self, project_id: str, split_group_id: str) -> SplitGroup:
        """Return all parts of a split table, in order.

        Raises:
            NotFoundError: There is no such group.

        Example:
            >>> group = client.schema_metadata.get_split_group(project_id, split_group_id)
            >>> [part.split_index for part in group.parts]
            [1, 2]
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_split_group, project_id, split_group_id)

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
        return self._async.validate_schema(schema_data, expected_type)

    def get_schema_type(self, schema_data: object) -> SchemaType | None:
        """Return the type of the schema data, or None if it has none. No request is sent.

        Example:
            >>> client.schema_metadata.get_schema_type({"table": {"columns": [{"name": "id"}]}})
            'table'
        """
        return self._async.get_schema_type(schema_data)

    def list_always_displayed(self, project_id: str) -> List[SchemaMetadataResponse]:
        """Return the items that accompany every question.

        Example:
            >>> for context in client.contexts.list_always_displayed(project_id):
            ...     print(context.name)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_always_displayed, project_id)

    def iter(
        self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE
    ) -> Pager[SchemaMetadataResponse]:
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
