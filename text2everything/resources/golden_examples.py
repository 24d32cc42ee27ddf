"""Golden examples, questions with their SQL: `client.golden_examples`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Unpack

from text2everything._bulk.frames import DataFrame
from text2everything._bulk.options import JournalPath, OnError, PublishedOptions
from text2everything._bulk.progress import ShowProgress
from text2everything._bulk.results import BulkResult
from text2everything.models.base import UNSET, Unset
from text2everything.models.golden_examples import GoldenExampleCreate, GoldenExampleResponse, GoldenExampleUpdate
from text2everything.models.projects import BulkDeleteResult
from text2everything.resources._bulk_resource import BulkOptions, DisplayedItemsResource
from text2everything.resources._paths import query_text


class AsyncGoldenExamplesResource(DisplayedItemsResource[GoldenExampleResponse, GoldenExampleCreate]):
    """Golden examples: questions with the correct SQL, sent to the language model with similar questions.

    An invalid argument raises a `ValidationError` that names it, before anything is sent; an unknown project raises a
    `NotFoundError`.
    """

    _name = "golden-examples"
    _item = GoldenExampleResponse
    _new = GoldenExampleCreate

    async def create(
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
            >>> await client.golden_examples.create(project_id, "How many users?", "SELECT count(*) FROM users")
        """
        new = GoldenExampleCreate(
            user_query=user_query,
            sql_query=sql_query,
            description=description,
            is_always_displayed=is_always_displayed,
        )
        return await self._create(project_id, new)

    async def get(self, project_id: str, golden_example_id: str) -> GoldenExampleResponse:
        """Return one golden example.

        Raises:
            NotFoundError: There is no such golden example.

        Example:
            >>> example = await client.golden_examples.get(project_id, golden_example_id)
            >>> example.user_query, example.sql_query
            ('How many users?', 'SELECT count(*) FROM users')
        """
        return await self._get(self._path(project_id, golden_example_id=golden_example_id))

    async def list(
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
            >>> for example in await client.golden_examples.list(project_id, limit=20, is_always_displayed=True):
            ...     print(example.user_query)
        """
        return await self._list(project_id, skip=skip, limit=limit, q=search, is_always_displayed=is_always_displayed)

    async def search_by_query(self, project_id: str, search_term: str) -> List[GoldenExampleResponse]:
        """Return the golden examples whose text contains `search_term`.

        Example:
            >>> for example in await client.golden_examples.search_by_query(project_id, "users"):
            ...     print(example.user_query, example.sql_query)
        """
        return await self._list(project_id, q=query_text("search_term", search_term))

    async def update(
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
            >>> await client.golden_examples.update(project_id, golden_example_id, is_always_displayed=True)
        """
        update = GoldenExampleUpdate(
            user_query=user_query,
            sql_query=sql_query,
            description=description,
            is_always_displayed=is_always_displayed,
        )
        return await self._update(self._path(project_id, golden_example_id=golden_example_id), update)

    async def delete(self, project_id: str, golden_example_id: str) -> bool:
        """Delete a golden example, and return True.

        Raises:
            NotFoundError: There is no such golden example.

        Example:
            >>> await client.golden_examples.delete(project_id, golden_example_id)
            True
        """
        return await self._delete(self._path(project_id, golden_example_id=golden_example_id))

    async def bulk_create(
        self,
        project_id: str,
        golden_examples: DataFrame
        | AsyncIterable[GoldenExampleCreate | Mapping[str, Any]]
        | Iterable[GoldenExampleCreate | Mapping[str, Any]],
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
            golden_examples: Models, or mappings of the same fields; a data frame or any iterable, plain or async.
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
            >>> result = await client.golden_examples.bulk_create(project_id, examples)
        """
        options = BulkOptions(
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=progress,
            journal=journal,
            published=published,
        )
        return await self._bulk_create(project_id, "golden_examples", golden_examples, options)

    async def bulk_delete(
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
            >>> result = await client.golden_examples.bulk_delete(project_id, ["id1", "id2"])
            >>> result.deleted_count, result.failed_ids
            (2, [])
        """
        return await self._bulk_delete(
            project_id,
            BulkOptions(max_concurrency=max_concurrency, progress=progress),
            golden_example_ids=golden_example_ids,
            ids=ids,
            example_ids=example_ids,
        )
