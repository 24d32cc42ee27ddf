"""`Operation`: a path with its handler, what it takes and what it replies, from which `/openapi.json` is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal

import attrs
from aiohttp import web

if TYPE_CHECKING:
    from text2everything.local._query_string import QueryParam
    from text2everything.local._request_body import BodySchema
    from text2everything.local._tables import Table

Schema = dict[str, Any]
"""A JSON Schema."""

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}


@attrs.frozen
class Body:
    """The body of a request.

    Attributes:
        schema: Its fields.
        use: Whether they are a new object, a whole one in place of another, or only what changes.
        media_types: The content types that are read.
        required: Whether there must be one.
        always: The fields that must be there even among changes.
        files: The name of the field with uploaded files, if there is one.
    """

    schema: BodySchema
    use: Literal["new", "replacement", "changes"] = "new"
    media_types: tuple[str, ...] = ("application/json",)
    required: bool = True
    always: tuple[str, ...] = ()
    files: str | None = None


@attrs.frozen
class Operation:
    """One method of a path.

    Attributes:
        method: The HTTP method.
        path: The path, with the names of its parameters in braces.
        handler: Answers the request; the first line of its docstring describes the operation.
        reply: The JSON Schema of a successful reply.
        status: The status of a successful reply.
        body: The body that it takes.
        query: The parameters in the query string that it takes.
    """

    method: str
    path: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    reply: Schema
    status: int = 200
    body: Body | None = None
    query: tuple[QueryParam, ...] = ()

    def route(self) -> web.RouteDef:
        """Return the route for aiohttp."""
        if self.method == "GET":
            return web.get(self.path, self.handler)  # answers HEAD, too
        return web.route(self.method, self.path, self.handler)


def object_with(**properties: Schema) -> Schema:
    """Return the schema of an object that has these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def list_of(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> Schema:
    """Return the schema of something that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def page_of(items: Schema) -> Schema:
    """Return the schema of a page of a list."""
    return object_with(items=list_of(items), total=INTEGER, page=INTEGER, page_size=INTEGER, has_next=BOOLEAN)


def component_name(table: Table) -> str:
    """Return the name of the schema of a table's items."""
    return table.label.title().replace(" ", "")


def item_of(table: Table) -> Schema:
    """Return the schema of an item of a table, as a reference."""
    return {"$ref": f"#/components/schemas/{component_name(table)}"}


def column_of(table: Table, name: str) -> Schema:
    """Return the schema of one column of a table's items, as a reference."""
    return {"$ref": f"#/components/schemas/{component_name(table)}/properties/{name}"}
