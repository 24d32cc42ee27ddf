"""Schema metadata: tables, dimensions, metrics and relationships; wide tables in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local._errors import not_found
from text2everything.local._handlers.base import Resource, reply
from text2everything.local._schemas import (
    check_schema,
    create_schema,
    delete_schema,
    replace_schema,
    split_group,
)
from text2everything.local._tables import SCHEMA_METADATA
from text2everything.local._validation import Body, Place, Problems, document, flag, may, need

if TYPE_CHECKING:
    from collections.abc import Iterable


def _schema(value: Any, place: Place, problems: Problems) -> None:
    found = check_schema(value)
    problems += found
    if not found:
        document(value, place, problems)


class SchemaMetadata(Resource):
    """The schema metadata of a project. Creating answers a list, of one part or of all."""

    table = SCHEMA_METADATA
    path = "schema-metadata"
    bulk = True
    body = Body(
        (
            need("name"),
            need("schema_data", _schema),
            may("description"),
            may("is_always_displayed", flag, False),
        )
    )

    def more_routes(self) -> Iterable[web.RouteDef]:
        yield web.get(self.base + "/split-group/{split_group_id}", self.group)

    def add(self, project: Any, values: dict[str, Any]) -> Any:
        return create_schema(self.store, project, values)

    def put(self, project: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        parts = replace_schema(self.store, project, current, values)
        return parts[0] if len(parts) == 1 else parts

    def remove(self, project: Any, id: str) -> bool:
        return delete_schema(self.store, project, id)

    def remove_all(self, project: Any, ids: list[str]) -> list[str]:
        # Deleting one part takes the others along, which may be asked for as well.
        unknown = [part for part in ids if not self.store.has(self.table, project, part)]
        super().remove_all(project, ids)
        return unknown

    async def group(self, request: web.Request) -> web.Response:
        """GET: all parts of a split table."""
        project = self.project(request)
        group = request.match_info["split_group_id"]
        parts = split_group(self.store, project, group)
        if not parts:
            raise not_found("Split group", group)
        return reply({"split_group_id": group, "parts": parts, "total_parts": len(parts)})
