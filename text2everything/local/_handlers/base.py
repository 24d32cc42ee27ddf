"""What the resources have in common: create, list, get, replace, delete and bulk delete, over one table each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from aiohttp import web

from text2everything.local import _paging as paging
from text2everything.local import _validation as validation
from text2everything.local._errors import invalid, not_found, problem
from text2everything.local._tables import PROJECTS, Table
from text2everything.local._validation import Body, need

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._state import State
    from text2everything.local._store import Store

_encode = json.JSONEncoder(separators=(",", ":")).encode
_JSON = {"Content-Type": "application/json"}
_MOST_OF_AN_ID = 100

PROJECT = "/api/projects/{project_id}"


def reply(data: Any, status: int = 200) -> web.Response:
    """Return a JSON reply."""
    return web.Response(body=_encode(data).encode(), status=status, headers=_JSON)


def empty() -> web.Response:
    """Return a reply that says only that it is done."""
    return web.Response(status=204)


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return the object in a request's body."""
    return validation.parse(await request.read())


async def read_optional(request: web.Request) -> dict[str, Any]:
    """Return the object in a request's body; no body is an empty one."""
    raw = await request.read()
    return validation.parse(raw) if raw else {}


BULK_DELETE = Body((need("ids", validation.texts),))


class Handlers:
    """A group of calls within a project."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.store: Store = state.store

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the group's routes, the fixed paths before those that end in an id."""
        raise NotImplementedError

    def project(self, request: web.Request) -> str:
        """Return the id of the project in the path, which must exist.

        To be called after the body is read: from here to the reply no other request runs.
        """
        project_id = request.match_info["project_id"]
        if not self.store.has(PROJECTS, None, project_id):
            raise missing(PROJECTS, project_id)
        return project_id

    def require(self, table: Table, project_id: str | None, id: str) -> dict[str, Any]:
        """Return an item that must exist."""
        item = self.store.get(table, project_id, id)
        if item is None:
            raise missing(table, id)
        return item

    def refer(self, table: Table, project_id: str, id: str | None) -> None:
        """Make sure that what a body refers to exists; null refers to nothing."""
        if id is not None and not self.store.has(table, project_id, id):
            raise missing(table, id)


def missing(table: Table, id: str) -> Exception:
    """Return the 404 for an item of a table."""
    return not_found(table.label, id[:_MOST_OF_AN_ID])


class Resource(Handlers):
    """A resource with a table of its own.

    Subclasses say which, and override what is different about theirs: `add`, `put`, `remove` and `render`.

    Attributes:
        table: Where the items are.
        listed: The columns that listings show, if not all.
        body: What a new item is made of.
        path: The listing's path within the project.
        bulk: Whether there is a bulk delete.
        filters: Columns that a listing can be narrowed down by.
    """

    table: ClassVar[Table]
    listed: ClassVar[Table | None] = None
    body: ClassVar[Body]
    path: ClassVar[str]
    bulk: ClassVar[bool] = False
    filters: ClassVar[tuple[str, ...]] = ()

    @property
    def base(self) -> str:
        """The path of the listing."""
        return f"{PROJECT}/{self.path}"

    def routes(self) -> Iterable[web.RouteDef]:
        yield web.post(self.base, self.create)
        yield web.get(self.base, self.index)
        if self.bulk:
            yield web.post(f"{self.base}/bulk-delete", self.bulk_delete)
        yield from self.more_routes()
        yield web.get(self.base + "/{id}", self.fetch)
        yield web.put(self.base + "/{id}", self.replace)
        yield web.delete(self.base + "/{id}", self.delete)

    def more_routes(self) -> Iterable[web.RouteDef]:
        """Return the routes only this resource has."""
        return ()

    # The calls

    async def create(self, request: web.Request) -> web.Response:
        """POST: a new item."""
        body = await read_object(request)
        project = self.scope(request)
        return reply(self.add(project, self.body.create(body)), 201)

    async def index(self, request: web.Request) -> web.Response:
        """GET: a page of items."""
        project = self.scope(request)
        items, total, window = self.find(request, project)
        return reply(window.page(items, total))

    async def fetch(self, request: web.Request) -> web.Response:
        """GET: one item."""
        project = self.scope(request)
        return reply(self.render(self.require(self.table, project, request.match_info["id"])))

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: the whole item anew."""
        body = await read_object(request)
        project = self.scope(request)
        current = self.require(self.table, project, request.match_info["id"])
        return reply(self.put(project, current, self.body.replace(body)))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE: one item."""
        project = self.scope(request)
        item_id = request.match_info["id"]
        if not self.remove(project, item_id):
            raise missing(self.table, item_id)
        return self.deleted()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """POST: delete many items; those that do not exist are named in the reply."""
        body = await read_object(request)
        project = self.scope(request)
        ids = dict.fromkeys(BULK_DELETE.create(body)["ids"])
        with self.store.transaction():
            failed = self.remove_all(project, list(ids))
        return reply({"deleted_count": len(ids) - len(failed), "failed_ids": failed})

    # What they are made of

    def scope(self, request: web.Request) -> str | None:
        """Return what the resource's items belong to: a project, or None for the projects themselves."""
        return self.project(request)

    def find(self, request: web.Request, project: str | None) -> tuple[list[dict[str, Any]], int, paging.Window]:
        """Return the items that a listing asks for, how many there are in all, and the window."""
        query = request.query
        table = self.listed or self.table
        window = paging.window(query)
        filters: list[tuple[str, Any]] = [(name, query[name]) for name in self.filters if query.get(name)]
        if "is_always_displayed" in self.table.flags:
            shown = paging.flag(query, "is_always_displayed")
            if shown is not None:
                filters.append(("is_always_displayed", shown))
        search = paging.search_text(query)
        rows, total = self.store.page(table, project, window, search=search, filters=filters)
        return [self.render(table.decode(row)) for row in rows], total, window

    def add(self, project: Any, values: dict[str, Any]) -> Any:
        """Store a new item; return the reply."""
        return self.render(self.store.insert(self.table, project, values))

    def put(self, project: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        """Store new values of an item; return the reply."""
        item = self.store.update(self.table, project, current["id"], values)
        return self.render(item or current)

    def remove(self, project: Any, id: str) -> bool:
        """Delete an item; say whether there was one."""
        return self.store.delete(self.table, project, id)

    def remove_all(self, project: Any, ids: list[str]) -> list[str]:
        """Delete items; return the ids of those that do not exist."""
        return [item_id for item_id in ids if not self.remove(project, item_id)]

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return an item as replies show it."""
        return item

    def deleted(self) -> web.Response:
        """Return the reply to a delete."""
        return empty()


def wrong(name: str, message: str) -> Exception:
    """Return the 422 for a field whose value does not do."""
    return invalid(problem(("body", name), message))
