# Generated from text2everything.resources.schema_metadata by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `SchemaMetadataResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack

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
from text2everything.sync._portal import Portal
from text2everything.sync._streams import BulkStream, Pager, read_all


class SchemaMetadataResource:
    """What a database's tables, dimensions, metrics and relationships mean; SQL is written from it."""

    def __init__(self, portal: Portal, resource: AsyncSchemaMetadataResource) -> None:
        self._portal = portal
        self._async = resource

    def create(
        self,
        project_id: str,
        name: str,
        schema_data: dict[str, Any],
        description: str | None = None,
        is_always_displayed: bool = False,
        validate: bool = True,
    ) -> OneOrParts:
        """Add schema metadata: one object, or a list of all parts where the service splits a wide table.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            schema_data: Holds one of `table.columns` (a list), `table.dimension.content`, `table.metric.content` or
                `relationship` (objects).
            description: What it is about.
            is_always_displayed: Whether it accompanies every question.
            validate: Whether to check `schema_data` before sending it.

        Returns:
            The metadata made. A table of more than 8 columns gives a list of its parts, in order.

        Raises:
            ValidationError: `schema_data` is wrong; every problem is reported with its path.
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
        """Return one piece of schema metadata; of a split table, one part.

        Raises:
            NotFoundError: There is no such schema metadata.
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
        """Return the project's schema metadata, the parts of split tables each on its own.

        Args:
            project_id: The project.
            skip: How many to leave out at the beginning.
            limit: How many to return at most; None returns all.
            search: Only those whose text contains this.
            is_always_displayed: Only those that are, or are not, always displayed.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, search, is_always_displayed)

    def list_by_type(self, project_id: str, schema_type: str) -> List[SchemaMetadataResponse]:
        """Return the schema metadata of one kind: `table`, `dimension`, `metric` or `relationship`."""
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
        """Change schema metadata; what is left out stays, `description=None` clears it.

        What is left out is read first: a change that somebody else makes in between is overwritten.

        Returns:
            The metadata as it is now; of a split table, a list of all its parts.

        Raises:
            ValidationError: `schema_data` is wrong; every problem is reported with its path.
            NotFoundError: There is no such schema metadata.
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
        """Delete schema metadata; of a split table, all parts.

        Raises:
            NotFoundError: There is no such schema metadata.
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, schema_metadata_id)

    def bulk_create(
        self,
        project_id: str,
        schema_metadata_list: Iterable[SchemaMetadataCreate | Mapping[str, Any]],
        validate: bool = True,
        *,
        max_concurrency: int | None = None,
        on_error: OnError = "raise",
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
        **published: Unpack[PublishedOptions],
    ) -> BulkResult[SchemaMetadataResponse]:
        """Create many pieces of schema metadata, many at once, and return what was created in input order.

        Args:
            project_id: The project.
            schema_metadata_list: Models, or mappings of the same fields; any iterable.
            validate: Whether to check each `schema_data` before sending anything.
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

        Returns:
            What was created, in input order. A table of more than 8 columns stands there with each of its parts;
            `indices` tells which item each belongs to.

        Raises:
            ValidationError: Some items are wrong. Of a collection all are checked before anything is sent, and every
                problem is reported with its index.
            BulkError: Some items failed. Its `result` is what would have been returned.
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
        source: Iterable[SchemaMetadataCreate | Mapping[str, Any]],
        validate: bool = True,
        *,
        max_concurrency: int | None = None,
        window: int = WINDOW,
        progress: ShowProgress = None,
        journal: JournalPath | None = None,
    ) -> BulkStream[OneOrParts]:
        """Create pieces of schema metadata from a source of any length, and return the outcomes, each as it happens.

        Items are taken from the source as there is room for them; a failed one is an outcome like any other. The
        source is iterated in the calling thread.

        Args:
            project_id: The project.
            source: Models, or mappings of the same fields; any iterable, also an endless one.
            validate: Whether to check each `schema_data` before sending anything.
            max_concurrency: Requests in flight at most; see `bulk_create`.
            window: Items in memory at most, from the source to the outcome taken.
            progress: A callable that is told a `Progress` now and then, or True for a bar on the terminal.
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
        """Delete many; ids that do not exist are listed in `failed_ids`, not raised.

        Args:
            project_id: The project.
            schema_metadata_ids: The ids; `ids` and `schema_ids` are other names for them.
            ids: The same as `schema_metadata_ids`.
            schema_ids: The same as `schema_metadata_ids`.
            max_concurrency: Requests in flight at most, of up to 100 ids each; 64.
            progress: A callable that is told a `Progress` now and then, or True for a bar on the terminal.

        Raises:
            BulkError: Some of the requests failed; its `result` tells what was deleted by the others.
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
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_split_group, project_id, split_group_id)

    def validate_schema(self, schema_data: object, expected_type: str | None = None) -> List[str]:
        """Return every problem of `schema_data` with its path; an empty list means it is good. Sends nothing.

        Args:
            schema_data: The data to check.
            expected_type: `table`, `dimension`, `metric` or `relationship`; None takes the kind it looks like.

        Example:
            >>> client.schema_metadata.validate_schema({"table": {"columns": [{"name": "id"}, 1]}})
            ['table.columns[1]: must be an object, got 1']
        """
        return self._async.validate_schema(schema_data, expected_type)

    def get_schema_type(self, schema_data: object) -> SchemaType | None:
        """Return what kind of schema data it is, or None where that cannot be told. Sends nothing."""
        return self._async.get_schema_type(schema_data)

    def list_always_displayed(self, project_id: str) -> List[SchemaMetadataResponse]:
        """Return the items that accompany every question."""
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_always_displayed, project_id)

    def iter(
        self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE
    ) -> Pager[SchemaMetadataResponse]:
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
