"""The description of the service's API, as an OpenAPI 3.1 document.

All of it is read from what answers the requests: the operations of the handlers, the checks of their bodies and
parameters, and the columns of the database.
"""

from __future__ import annotations

import http
import importlib.metadata
import inspect
import re
from typing import TYPE_CHECKING, Any

from text2everything.local._operations import BOOLEAN, INTEGER, OBJECT, TEXT, Schema, component_name, list_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._handlers.base import Handlers, ReplyShape
    from text2everything.local._operations import Body, Operation
    from text2everything.local._store import Store

_ERROR = "Error"
_ERROR_SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "error": {**TEXT, "description": "What is wrong, in a sentence."},
        "detail": {
            "anyOf": [
                TEXT,
                list_of(
                    {
                        "type": "object",
                        "properties": {
                            "loc": list_of({"type": ["string", "integer"]}),
                            "msg": TEXT,
                            "type": TEXT,
                        },
                        "required": ["loc", "msg", "type"],
                    }
                ),
            ],
            "description": "The same sentence, or what is wrong with each field.",
        },
        "status_code": INTEGER,
    },
    "required": ["error", "detail", "status_code"],
}
_TYPES: dict[str, str] = {"TEXT": "string", "INTEGER": "integer", "REAL": "number"}


def describe(handlers: Iterable[Handlers], store: Store) -> dict[str, Any]:
    """Return the document."""
    handlers = list(handlers)
    paths: dict[str, dict[str, Any]] = {}
    for each in handlers:
        for operation in each.operations():
            paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(each, operation)
    components = {component_name(shape.table): _item(shape, store) for each in handlers for shape in each.shapes()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Text2Everything", "version": importlib.metadata.version("text2everything")},
        "paths": paths,
        "components": {
            "schemas": {**components, _ERROR: _ERROR_SCHEMA},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "workspace": {"type": "apiKey", "in": "header", "name": "X-Workspace-Name"},
            },
        },
        "security": [{"token": [], "workspace": []}],
    }


def _operation(handlers: Handlers, operation: Operation) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", operation.path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]
    parameters += [
        {"name": param.name, "in": "query", "required": False, "schema": param.schema} for param in operation.query
    ]
    name = type(handlers).__name__
    first_line = (inspect.getdoc(operation.handler) or "").partition("\n")[0]
    described = {
        "operationId": f"{name}.{getattr(operation.handler, '__name__', '')}",
        "tags": [name],
        "summary": first_line.removeprefix(f"{operation.method}: ").rstrip("."),
        "parameters": parameters,
        "responses": {
            str(operation.status): _reply(operation.status, operation.reply),
            **{str(status): _reply(status, _ref(_ERROR)) for status in _error_statuses(operation)},
        },
    }
    if operation.body is not None:
        described["requestBody"] = _body(operation.body)
    return described


def _error_statuses(operation: Operation) -> Iterable[int]:
    """Yield the statuses of the errors that an operation may reply with."""
    yield from (400, 401, 403)
    if "{" in operation.path:
        yield 404
    if operation.body is not None:
        yield from (408, 413, 415)
    if operation.method != "GET":
        yield 409
    if operation.body is not None or operation.query:
        yield 422
    yield 503
    if operation.method != "GET":
        yield 507


def _body(body: Body) -> dict[str, Any]:
    schema = body.schema.json_schema(body.use)
    schema["required"] = [*body.always, *schema["required"]]
    content: dict[str, Any] = {}
    for media_type in body.media_types:
        if body.files is not None and media_type == "multipart/form-data":
            files = {body.files: list_of({"type": "string", "format": "binary"})}
            required = [*schema["required"], body.files] if body.use == "new" else schema["required"]
            content[media_type] = {
                "schema": {**schema, "properties": {**schema["properties"], **files}, "required": required}
            }
        else:
            content[media_type] = {"schema": schema}
    return {"required": body.required, "content": content}


def _reply(status: int, schema: Schema) -> dict[str, Any]:
    return {"description": http.HTTPStatus(status).phrase, "content": {"application/json": {"schema": schema}}}


def _item(shape: ReplyShape, store: Store) -> Schema:
    """Return the schema of an item in replies, from the columns of its table in the database."""
    table = shape.table
    properties: dict[str, Schema] = {}
    for _, name, kind, is_required, *_ in store.fetch_all(f"PRAGMA table_info({table.name})"):
        if name not in table.columns or name in shape.hidden:
            continue
        if name in table.boolean_columns:
            properties[name] = BOOLEAN
            continue
        type_name = OBJECT["type"] if name in (*table.json_columns, *table.document_columns) else _TYPES[kind]
        properties[name] = {"type": type_name if is_required else [type_name, "null"]}
    properties |= shape.added
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
