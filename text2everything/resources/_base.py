"""What the resources share, written once: calls, listings, and the read-modify-write of an update."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
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
from text2everything.models.base import Model, check_bool, check_id, check_int
from text2everything.models.projects import DeleteResult
from text2everything.resources._paths import escape, project_path, query_text

T = TypeVar("T")
C = TypeVar("C", bound=Model)

MAX_PAGE_SIZE = LARGEST_PAGE
MAX_SKIP = 2**31 - 1
DEFAULT_PER_PAGE = 50

Query = Mapping[str, str | int | bool | None]


class Resource:
    """Base of every resource: it has a transport, and turns replies into models."""

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
        """Send one request; a POST is taken to create something unless it is said to be repeatable."""
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
        """Return the reply as `type_`; a list of one stands for its item, as some services answer a create."""
        try:
            if reply.body[:1] == b"[" and attrs.has(type_):
                found = codec.decode(reply.body, list[type_])  # type: ignore[valid-type]
                if len(found) != 1:
                    raise reply.invalid(f"expected one {type_.__name__}, got a list of {len(found)}")
                return found[0]
            return codec.decode(reply.body, type_)
        except DecodeError as error:
            raise reply.invalid(str(error)) from None

    async def _put_whole(self, path: str, update: Model, new: type[Model], item: type[Any]) -> Reply:
        """Change what `update` gives and keep the rest: the service takes whole objects (`new`) only.

        What is not given is read first; a change made by somebody else between the two requests is overwritten.
        """
        given = codec.changes(update)
        if not given:
            fields = ", ".join(field.name for field in attrs.fields(type(update)))
            raise ValidationError(f"nothing to update: give at least one of {fields}")
        names = [field.name for field in attrs.fields(new)]
        if not given.keys() >= set(names):
            current = self._decode(await self._send("GET", path), item)
            given = {name: codec.unstructure(self._kept(current, name)) for name in names} | given
        return await self._send("PUT", path, given)

    def _kept(self, current: Any, name: str) -> Any:
        """Return what a whole object needs as field `name` for that to stay as it is in `current`."""
        return getattr(current, name, None)

    async def _update_whole(self, path: str, update: Model, new: type[Model], item: type[T]) -> T:
        """Change what `update` gives, and return the item as it is now."""
        reply = await self._put_whole(path, update, new, item)
        return self._decode(reply if reply.body.strip() else await self._send("GET", path), item)

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
        """Return the items of a listing; both styles of paging are asked for at once, and mean the same page."""
        check_int("skip", skip, 0, MAX_SKIP)
        if limit is not None:
            check_int("limit", limit, 0)
        check_int("page_size", page_size, 1, MAX_PAGE_SIZE)
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
    for name, value in (query or {}).items():
        if name == "is_always_displayed" and value is not None:
            check_bool(name, value)
        if value is None:
            continue
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
    """Base of the resources whose items live in a project.

    `_name` is the last part of their path, `_item` what the service answers, `_new` what it takes.
    """

    _name: ClassVar[str]
    _item: type[T]
    _new: type[C]

    def iter(self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE) -> AsyncPager[T]:
        """Return the project's items one after another, in constant memory.

        The next page is on its way while the items of one are worked on; items may be deleted as they come.
        `.pages()` gives whole pages, each with the total where the service says it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: Items fetched at a time, 1 to 1000.
        """
        return self._pager(self._path(project_id), self._item, {"q": search}, page_size=page_size)

    async def count(self, project_id: str, search: str | None = None) -> int:
        """Return how many items the project has, or how many match `search`; one small request where possible."""
        path = self._path(project_id)
        listing = await self._page(path, self._item, {"q": search, "skip": 0, "limit": 1, "page": 1, "per_page": 1})
        total = listing.total
        if total is not None and (total > len(listing.items) or listing.has_next is False):
            return total
        # Not said, or maybe only of the page: count them.
        return sum([len(page.items) async for page in self._scan(project_id, search).pages()])

    def _scan(self, project_id: str, search: str | None = None) -> AsyncPager[T]:
        """Return all items, to be gone through without delay: many pages are on their way at once."""
        return self._pager(
            self._path(project_id), self._item, {"q": search}, ahead=CONCURRENCY, page_size=LARGER_PAGE
        )

    def _path(self, project_id: object, **item_id: object) -> str:
        """Return the path of the items, or of the one whose id is given under its argument's name."""
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
        return await self._update_whole(path, update, self._new, self._item)

    async def _delete(self, path: str, *, query: Query | None = None) -> bool:
        await self._send("DELETE", path, query=query)
        return True


def page_bounds(page: int | None, per_page: int | None) -> tuple[int, int | None, int]:
    """Return (skip, limit, page size) of one page; without `page`, of everything.

    Raises:
        ValidationError: `page` is below 1, or `per_page` not from 1 to 1000.
    """
    if per_page is not None:
        check_int("per_page", per_page, 1, MAX_PAGE_SIZE)
    if page is None:
        return 0, None, per_page or PAGE_SIZE
    size = per_page or DEFAULT_PER_PAGE
    return (check_int("page", page, 1, MAX_SKIP // size) - 1) * size, size, size


def deleted(reply: Reply) -> DeleteResult:
    """Return what the service said of a delete; many say nothing."""
    try:
        return codec.decode(reply.body, DeleteResult)
    except DecodeError:
        return DeleteResult()


def one_of(**given: T | None) -> tuple[str, T]:
    """Return name and value of the one argument that was given under any of its names.

    Raises:
        ValidationError: None was given, or more than one.
    """
    found = [(name, value) for name, value in given.items() if value is not None]
    if len(found) != 1:
        raise ValidationError(f"give {'exactly one' if found else 'one'} of {' and '.join(given)}")
    return found[0]


def given_ids(**given: Sequence[str] | None) -> list[str]:
    """Return the ids given under one of several names, checked.

    Raises:
        ValidationError: None or several were given, it is no list, is empty, or holds something that is no id.
    """
    name, ids = one_of(**given)
    if isinstance(ids, str | bytes) or not isinstance(ids, Sequence | set | frozenset):
        raise ValidationError(f"{name} must be a list of ids, got {type(ids).__name__}")
    if not ids:
        raise ValidationError(f"{name} must not be empty")
    return [check_id(f"{name}[{index}]", value) for index, value in enumerate(ids)]
