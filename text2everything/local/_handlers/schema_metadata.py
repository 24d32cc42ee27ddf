"""Schema metadata: tables, dimensions, metrics and relationships; tables of many columns in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from aiohttp import web

from text2everything.local._deletion import for_each
from text2everything.local._errors import not_found
from text2everything.local._handlers.base import Resource, json_response
from text2everything.local._operations import INTEGER, TEXT, Operation, Schema, item_of, list_of, object_with
from text2everything.local._request_body import (
    BodySchema,
    FieldErrors,
    Location,
    boolean,
    check,
    json_object,
    optional,
    required,
)
from text2everything.local._schema_check import SCHEMA_DATA, check_schema_data
from text2everything.local._schema_parts import (
    create_schema,
    delete_schema,
    replace_schema,
    split_group,
)
from text2everything.local._tables import SCHEMA_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable


@check(SCHEMA_DATA)
def _schema_data(value: Any, location: Location, errors: FieldErrors) -> None:
    schema_errors = check_schema_data(value)
    errors += schema_errors
    if not schema_errors:
        json_object(value, location, errors)


class SchemaMetadata(Resource):
    """The schema metadata of a project. The reply to a creation is a list of parts, even if there is only one."""

    table = SCHEMA_METADATA
    path = "schema-metadata"
    has_bulk_delete = True
    body_schema = BodySchema(
        (
            required("name"),
            required("schema_data", _schema_data),
            optional("description"),
            optional("is_always_displayed", boolean, False),
        )
    )

    created = list_of(item_of(SCHEMA_METADATA))
    replaced: ClassVar[Schema] = {"oneOf": [item_of(SCHEMA_METADATA), created]}

    def extra_operations(self) -> Iterable[Operation]:
        reply = object_with(split_group_id=TEXT, parts=list_of(item_of(SCHEMA_METADATA)), total_parts=INTEGER)
        path = self.items_path + "/split-group/{split_group_id}"
        yield Operation("GET", path, self.get_split_group, reply)

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        return create_schema(self.store, project_id, values)

    def replace_item(self, project_id: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        parts = replace_schema(self.store, project_id, current, values)
        return parts[0] if len(parts) == 1 else parts

    def delete_item(self, project_id: Any, id: str) -> bool:
        return delete_schema(self.store, project_id, id)

    async def delete_items(self, project_id: Any, ids: list[str]) -> list[str]:
        # Deleting one part deletes the others, whose ids may be in the request too, and are not unknown.
        unknown: list[str] = []

        def check(item_id: str) -> None:
            if not self.store.exists(self.table, project_id, item_id):
                unknown.append(item_id)

        await for_each(self.store, ids, check)
        await super().delete_items(project_id, ids)
        return unknown

    async def get_split_group(self, request: web.Request) -> web.Response:
        """GET: return all parts of a split group."""
        project_id = self.project_id(request)
        group_id = request.match_info["split_group_id"]
        parts = split_group(self.store, project_id, group_id)
        if not parts:
            raise not_found("Split group", group_id)
        return json_response({"split_group_id": group_id, "parts": parts, "total_parts": len(parts)})
