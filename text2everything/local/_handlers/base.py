"""`Resource`: the request handlers for one table (create, list, get, replace, delete, bulk delete)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import attrs
from aiohttp import web

from text2everything.local import _query_string as query_string
from text2everything.local import _request_body as request_body
from text2everything.local._content_encoding import read_body
from text2everything.local._deletion import for_each
from text2everything.local._errors import field_error, not_found, unprocessable
from text2everything.local._json import encode
from text2everything.local._operations import (
    INTEGER,
    TEXT,
    Body,
    Operation,
    Schema,
    item_of,
    list_of,
    object_with,
    page_of,
)
from text2everything.local._request_body import BodySchema, required
from text2everything.local._tables import PROJECTS, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from text2everything.local._app_state import AppState
    from text2everything.local._store import Store

_JSON = {"Content-Type": "application/json"}
_MAX_ID_IN_MESSAGE = 100

PROJECT_PATH = "/api/projects/{project_id}"


def json_response(data: Any, status: int = 200) -> web.Response:
    """Return a reply with a JSON document."""
    return web.Response(body=encode(data).encode(), status=status, headers=_JSON)


async def read_json_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in a request's body."""
    return request_body.parse_json_object(await read_body(request))


async def read_optional_json_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in a request's body, or an empty one if there is no body."""
    raw = await read_body(request)
    return request_body.parse_json_object(raw) if raw else {}


BULK_DELETE_BODY = BodySchema((required("ids", request_body.string_list),))


@attrs.frozen
class ReplyShape:
    """What an item of a table looks like in replies.

    Attributes:
        table: Its columns.
        hidden: The columns that replies do not have.
        added: The JSON Schemas of the fields that replies have besides, or that `render` makes something else of.
    """

    table: Table
    hidden: tuple[str, ...] = ()
    added: Mapping[str, Schema] = attrs.field(factory=dict)


class Handlers:
    """Request handlers, with the helpers they share."""

    def __init__(self, state: AppState) -> None:
        self.state = state
        self.store: Store = state.store

    def operations(self) -> Iterable[Operation]:
        """Return what these handlers answer; fixed paths come before paths that end in an id."""
        raise NotImplementedError

    def shapes(self) -> Iterable[ReplyShape]:
        """Return what the items in replies look like."""
        return ()

    def project_id(self, request: web.Request) -> str:
        """Return the id of the project in the path, or raise 404 if there is no such project.

        Called after the body is read, so that nothing is awaited, and the project not deleted, before the reply.
        """
        project_id = request.match_info["project_id"]
        if not self.store.exists(PROJECTS, None, project_id):
            raise item_not_found(PROJECTS, project_id)
        return project_id

    def get_or_404(self, table: Table, project_id: str | None, id: str) -> dict[str, Any]:
        """Return an item, or raise 404 if it does not exist."""
        item = self.store.get(table, project_id, id)
        if item is None:
            raise item_not_found(table, id)
        return item

    def check_exists(self, table: Table, project_id: str, id: str | None) -> None:
        """Raise 404 if an item that a body refers to does not exist; None refers to no item."""
        if id is not None and not self.store.exists(table, project_id, id):
            raise item_not_found(table, id)


def item_not_found(table: Table, id: str) -> Exception:
    """Return the 404 error for an item of a table."""
    return not_found(table.label, id[:_MAX_ID_IN_MESSAGE])


class Resource(Handlers):
    """The request handlers of a resource whose items are the rows of one table.

    Subclasses set the attributes, and override the methods that are different for them, such as `create_item`,
    `replace_item`, `delete_item` and `render`.

    Attributes:
        table: The table with the items.
        list_table: The same table with the columns that lists have, if those are not all columns.
        body_schema: The fields of a new item.
        path: The path of the list, relative to the project.
        has_bulk_delete: Whether there is a bulk delete.
        filters: The columns by which lists can be filtered, with query parameters of the same names.
        shape: What an item looks like in replies, where that is not just its columns.
        created: The JSON Schema of the reply to a creation, if that is not the item.
        replaced: The JSON Schema of the reply to a replacement, if that is not the item.
        new_body: The body of a creation, if that is not JSON.
        replacement_body: The body of a replacement, if that is not the whole item as JSON.
        deleted: The JSON Schema of the reply to a delete.
    """

    table: ClassVar[Table]
    list_table: ClassVar[Table | None] = None
    body_schema: ClassVar[BodySchema]
    path: ClassVar[str]
    has_bulk_delete: ClassVar[bool] = False
    filters: ClassVar[tuple[str, ...]] = ()
    shape: ClassVar[ReplyShape | None] = None
    created: ClassVar[Schema | None] = None
    replaced: ClassVar[Schema | None] = None
    new_body: ClassVar[Body | None] = None
    replacement_body: ClassVar[Body | None] = None
    deleted: ClassVar[Schema] = object_with(message=TEXT)

    @property
    def items_path(self) -> str:
        """The path of the list."""
        return f"{PROJECT_PATH}/{self.path}"

    @property
    def item_path(self) -> str:
        """The path of one item."""
        return self.items_path + "/{id}"

    def operations(self) -> Iterable[Operation]:
        item = item_of(self.table)
        one = self.item_path
        new = self.new_body or Body(self.body_schema)
        yield Operation("POST", self.items_path, self.create, self.created or item, status=201, body=new)
        yield self.list_operation()
        if self.has_bulk_delete:
            reply = object_with(deleted_count=INTEGER, failed_ids=list_of(TEXT))
            path = f"{self.items_path}/bulk-delete"
            yield Operation("POST", path, self.bulk_delete, reply, body=Body(BULK_DELETE_BODY))
        yield from self.extra_operations()
        yield Operation("GET", one, self.get, item)
        replacement = self.replacement_body or Body(self.body_schema, "replacement")
        yield Operation("PUT", one, self.replace, self.replaced or item, body=replacement)
        yield self.delete_operation()

    def list_operation(self) -> Operation:
        """Return the operation of the list."""
        listed = page_of(item_of(self.list_table or self.table))
        filters = tuple(query_string.filter_param(name) for name in self.filters)
        if "is_always_displayed" in self.table.boolean_columns:
            filters = (*filters, query_string.IS_ALWAYS_DISPLAYED)
        return Operation("GET", self.items_path, self.list_items, listed, query=(*query_string.PAGE_PARAMS, *filters))

    def delete_operation(self) -> Operation:
        """Return the operation that deletes an item."""
        return Operation("DELETE", self.item_path, self.delete, self.deleted)

    def extra_operations(self) -> Iterable[Operation]:
        """Return the operations that only this resource has."""
        return ()

    def shapes(self) -> Iterable[ReplyShape]:
        yield self.shape or ReplyShape(self.table)

    # Request handlers

    async def create(self, request: web.Request) -> web.Response:
        """POST: create an item."""
        body = await read_json_object(request)
        project_id = self.parent_id(request)
        return json_response(self.create_item(project_id, self.body_schema.validate(body)), 201)

    async def list_items(self, request: web.Request) -> web.Response:
        """GET: return a page of items."""
        project_id = self.parent_id(request)
        items, total, page = await self.find_page(request, project_id)
        return json_response(page.response_body(items, total))

    async def get(self, request: web.Request) -> web.Response:
        """GET: return one item."""
        project_id = self.parent_id(request)
        return json_response(self.render(self.get_or_404(self.table, project_id, request.match_info["id"])))

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: replace one item."""
        body = await read_json_object(request)
        project_id = self.parent_id(request)
        current = self.get_or_404(self.table, project_id, request.match_info["id"])
        return json_response(self.replace_item(project_id, current, self.body_schema.validate_replacement(body)))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE: delete one item."""
        project_id = self.parent_id(request)
        item_id = request.match_info["id"]
        if not self.delete_item(project_id, item_id):
            raise item_not_found(self.table, item_id)
        return self.deleted_response()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """POST: delete many items; the reply lists the ids that do not exist."""
        body = await read_json_object(request)
        project_id = self.parent_id(request)
        ids = dict.fromkeys(BULK_DELETE_BODY.validate(body)["ids"])
        failed = await self.delete_items(project_id, list(ids))
        return json_response({"deleted_count": len(ids) - len(failed), "failed_ids": failed})

    # Steps of the request handlers, for subclasses to override

    def parent_id(self, request: web.Request) -> str | None:
        """Return the id of the project in the path; None for the resource of projects itself."""
        return self.project_id(request)

    async def find_page(
        self, request: web.Request, project_id: str | None
    ) -> tuple[list[dict[str, Any]], int, query_string.PageRequest]:
        """Return the items of the requested page, the number of items on all pages, and the page."""
        query = request.query
        table = self.list_table or self.table
        page = query_string.page_request(query)
        filters: list[tuple[str, Any]] = [(name, query[name]) for name in self.filters if query.get(name)]
        if "is_always_displayed" in self.table.boolean_columns:
            value = query_string.boolean_param(query, query_string.IS_ALWAYS_DISPLAYED)
            if value is not None:
                filters.append(("is_always_displayed", value))
        search = query_string.search_param(query)
        rows, total = await self.store.fetch_page(table, project_id, page, search=search, filters=filters)
        return [self.render(table.decode(row)) for row in rows], total, page

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        """Store a new item and return the reply."""
        return self.render(self.store.insert(self.table, project_id, values))

    def replace_item(self, project_id: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        """Store the new values of an item and return the reply."""
        item = self.store.update(self.table, project_id, current["id"], values)
        return self.render(item or current)

    def delete_item(self, project_id: Any, id: str) -> bool:
        """Delete an item and return whether it existed."""
        return self.store.delete(self.table, project_id, id)

    async def delete_items(self, project_id: Any, ids: list[str]) -> list[str]:
        """Delete items, while other requests are answered; return the ids of those that did not exist."""
        failed: list[str] = []

        def delete(item_id: str) -> None:
            if not self.delete_item(project_id, item_id):
                failed.append(item_id)

        await for_each(self.store, ids, delete)
        return failed

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON object of an item in replies."""
        return item

    def deleted_response(self) -> web.Response:
        """Return the reply to a delete."""
        return json_response({"message": f"{self.table.label} deleted"})


def invalid_field(name: str, message: str) -> Exception:
    """Return the 422 error for a field with an invalid value."""
    return unprocessable(field_error(("body", name), message))
