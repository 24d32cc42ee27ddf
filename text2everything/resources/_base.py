"""Base classes of the resources: requests and replies, listings, and updates by read-modify-write."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Generic, Literal, TypeVar

import attrs

from text2everything import _codec as codec
from text2everything._codec import DecodeError, Listing
from text2everything._pagination.pager import CONCURRENCY, LARGER_PAGE, PAGE_SIZE, AsyncPager
from text2everything._pagination.reading import LARGEST_PAGE, Capabilities
from text2everything._transport.files import Form
from text2everything._transport.messages import Reply, Request
from text2everything._transport.transport import Transport
from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_bool, check_id, check_int, given
from text2everything.models._plain import plain
from text2everything.models.base import Model
from text2everything.models.projects import DeleteResult
from text2everything.resources._paths import escape, project_path, query_text

T = TypeVar("T")
C = TypeVar("C", bound=Model)

MAX_PAGE_SIZE = LARGEST_PAGE
MAX_SKIP = 2**31 - 1
DEFAULT_PER_PAGE = 50

Query = Mapping[str, str | int | bool | None]


class Resource:
    """Base of every resource: sends requests, and decodes the replies into models."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._capabilities = Capabilities()

    def _send(
        self,
        method: Literal["GET", "POST", "PUT", "DELETE"],
        path: str,
        body: Model | dict[str, Any] | Form | None = None,
        *,
        query: Query | None = None,
        repeatable: bool | None = None,
        slow: bool = False,
    ) -> Awaitable[Reply]:
        """Send one request; a POST that may have reached the service is only retried if it is `repeatable`."""
        return self._transport.send(
            Request(
                method=method,
                path=path,
                query=_query(query),
                body=body if body is None or isinstance(body, Form) else codec.encode(body),
                repeatable=method != "POST" if repeatable is None else repeatable,
                slow=slow,
            )
        )

    def _decode(self, reply: Reply, type_: type[T]) -> T:
        """Return the reply's body as a `type_`; some services answer a create with a list of one item."""
        try:
            if reply.body[:1] == b"[" and attrs.has(type_):
                found = codec.decode(reply.body, list[type_])  # type: ignore[valid-type]
                if len(found) != 1:
                    raise reply.invalid(f"expected one {type_.__name__}, got a list of {len(found)}")
                return found[0]
            return codec.decode(reply.body, type_)
        except DecodeError as error:
            raise reply.invalid(str(error)) from None

    async def _decode_or_get(self, reply: Reply, path: str, type_: type[T]) -> T:
        """Return the reply of an update as a `type_`; if its body is empty, the item at `path` is read."""
        return self._decode(reply if reply.body.strip() else await self._send("GET", path), type_)

    async def _read_modify_write(self, path: str, update: Model, new: type[Model], item: type[Any]) -> Reply:
        """Send `update` as a complete object, since the service takes no partial ones.

        Fields that are not set in `update` are read first and sent unchanged. A change that another client makes
        between the two requests is overwritten.

        Args:
            path: The path of the item.
            update: The new values.
            new: The model of a complete object.
            item: The model of the service's reply.

        Raises:
            ValidationError: `update` has no values.
        """
        changes = codec.changes(update)
        if not changes:
            fields = ", ".join(field.name for field in attrs.fields(type(update)))
            raise ValidationError(f"nothing to update: give at least one of {fields}")
        names = [field.name for field in attrs.fields(new)]
        if not changes.keys() >= set(names):
            current = self._decode(await self._send("GET", path), item)
            changes = {name: codec.unstructure(self._current_value(current, name)) for name in names} | changes
        return await self._send("PUT", path, changes)

    def _current_value(self, current: Any, name: str) -> Any:
        """Return the value of field `name` that leaves it unchanged when `current` is sent back."""
        return getattr(current, name, None)

    async def _update_item(self, path: str, update: Model, new: type[Model], item: type[T]) -> T:
        """Update an item by read-modify-write, and return it with its new values."""
        reply = await self._read_modify_write(path, update, new, item)
        return await self._decode_or_get(reply, path, item)

    async def _page(self, path: str, item: type[Any], query: Query) -> Listing:
        reply = await self._send("GET", path, query=query)
        try:
            return codec.decode_listing(reply.body, item)
        except DecodeError as error:
            raise reply.invalid(str(error)) from None

    def _pager(
        self,
        path: str,
        item: type[T],
        query: Query,
        *,
        skip: int = 0,
        limit: int | None = None,
        page_size: int = PAGE_SIZE,
        ahead: int = 1,
    ) -> AsyncPager[T]:
        """Return a pager over a listing; each request has both skip/limit and page/per_page, for the same items."""
        skip = check_int("skip", skip, 0, MAX_SKIP)
        if limit is not None:
            limit = check_int("limit", limit, 0)
        page_size = check_int("page_size", page_size, 1, MAX_PAGE_SIZE)
        _query(query)

        async def fetch(skip: int, size: int) -> Listing:
            paging = {"skip": skip, "limit": size, "page": skip // size + 1, "per_page": size}
            return await self._page(path, item, {**query, **paging})

        return AsyncPager(
            fetch,
            page_size=page_size,
            skip=skip,
            limit=limit,
            ahead=ahead,
            capabilities=self._capabilities,
            name=path,
        )


def _query(query: Query | None) -> dict[str, str]:
    found = {}
    for name, argument in (query or {}).items():
        if argument is None:
            continue
        # NaN is no None here: without the filter, everything would be listed.
        value = given("search" if name == "q" else name, argument)
        if name == "is_always_displayed":
            check_bool(name, value)
        if name == "q":
            found[name] = query_text("search", value)
        elif isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, int):
            found[name] = str(value)
        else:
            found[name] = query_text(name, value)
    return found


class ItemsResource(Resource, Generic[T, C]):
    """Base of the resources whose items belong to a project.

    `_name` is the last segment of their path, `_item` the model of a reply, `_new` the model of a create request.
    """

    _name: ClassVar[str]
    _item: type[T]
    _new: type[C]

    def iter(self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE) -> AsyncPager[T]:
        """Return the project's items one by one, in constant memory.

        The next page is fetched in the background; items may be deleted during the iteration. `.pages()` iterates
        over whole pages, each with the total if the service reports it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> async for rating in client.feedback.iter(project_id, search="year"):
            ...     print(rating.feedback)
        """
        return self._pager(self._path(project_id), self._item, {"q": search}, page_size=page_size)

    async def count(self, project_id: str, search: str | None = None) -> int:
        """Return the number of items in the project.

        One small request, if the service reports the total; otherwise the items are fetched and counted.

        Args:
            project_id: The project.
            search: Count only items whose text contains this.

        Example:
            >>> await client.feedback.count(project_id)
            1000
        """
        path = self._path(project_id)
        listing = await self._page(path, self._item, {"q": search, "skip": 0, "limit": 1, "page": 1, "per_page": 1})
        total = listing.total
        if total is not None and (total > len(listing.items) or listing.has_next is False):
            return total
        # No total, or perhaps that of the page only: count the items.
        return sum([len(page.items) async for page in self._scan(project_id, search).pages()])

    def _scan(self, project_id: str, search: str | None = None) -> AsyncPager[T]:
        """Return a pager over all items that fetches many pages concurrently, for loops that do little per item."""
        return self._pager(
            self._path(project_id), self._item, {"q": search}, ahead=CONCURRENCY, page_size=LARGER_PAGE
        )

    def _path(self, project_id: object, **item_id: object) -> str:
        """Return the path of the items, or of one item whose id is given by keyword, such as `context_id="…"`."""
        path = f"{project_path(project_id)}/{self._name}"
        for name, value in item_id.items():
            path += f"/{escape(name, value)}"
        return path

    async def _list(self, project_id: str, *, skip: int = 0, limit: int | None = None, **query: Any) -> list[T]:
        pager = self._pager(self._path(project_id), self._item, query, skip=skip, limit=limit, page_size=LARGER_PAGE)
        return await pager.collect()

    async def _get(self, path: str) -> T:
        return self._decode(await self._send("GET", path), self._item)

    async def _create(self, project_id: str, new: C) -> T:
        return self._decode(await self._send("POST", self._path(project_id), new), self._item)

    async def _update(self, path: str, update: Model) -> T:
        return await self._update_item(path, update, self._new, self._item)

    async def _delete(self, path: str, *, query: Query | None = None) -> bool:
        await self._send("DELETE", path, query=query)
        return True


def page_bounds(page: int | None, per_page: int | None) -> tuple[int, int | None, int]:
    """Return (skip, limit, page size) of one page, or of all items if `page` is None.

    Raises:
        ValidationError: `page` is below 1, or `per_page` not from 1 to 1000.
    """
    if per_page is not None:
        per_page = check_int("per_page", per_page, 1, MAX_PAGE_SIZE)
    if page is None:
        return 0, None, per_page or PAGE_SIZE
    size = per_page or DEFAULT_PER_PAGE
    return (check_int("page", page, 1, MAX_SKIP // size) - 1) * size, size, size


def delete_result(reply: Reply) -> DeleteResult:
    """Return the reply of a delete; many services send an empty one."""
    try:
        return codec.decode(reply.body, DeleteResult)
    except DecodeError:
        return DeleteResult()


def exactly_one(**arguments: T | None) -> tuple[str, T]:
    """Return the name and value of the one argument that is not None.

    Raises:
        ValidationError: None was given, or more than one.
    """
    given = [(name, value) for name, value in arguments.items() if value is not None]
    if len(given) != 1:
        raise ValidationError(f"give {'exactly one' if given else 'one'} of {' and '.join(arguments)}")
    return given[0]


def check_ids(**arguments: Sequence[str] | None) -> list[str]:
    """Return the ids in the one argument that is not None.

    Raises:
        ValidationError: None or several were given, or it is not a list of ids, or empty.
    """
    name, given = exactly_one(**arguments)
    ids: Any = plain(given)  # a column of a data frame is a list of ids too
    if not isinstance(ids, Collection) or isinstance(ids, str | bytes | Mapping) or hasattr(ids, "columns"):
        raise ValidationError(f"{name} must be a list of ids, got {type(ids).__name__}")
    if not ids:
        raise ValidationError(f"{name} must not be empty")
    return [check_id(f"{name}[{index}]", value) for index, value in enumerate(ids)]
