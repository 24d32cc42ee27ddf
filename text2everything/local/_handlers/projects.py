"""Projects and their collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local._deletion import delete_project
from text2everything.local._errors import not_found
from text2everything.local._handlers.base import PROJECT_PATH, ReplyShape, Resource, item_not_found, json_response
from text2everything.local._operations import TEXT, Operation, item_of, list_of
from text2everything.local._request_body import BodySchema, optional, required
from text2everything.local._tables import COLLECTIONS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable


class Projects(Resource):
    """The projects and their collections."""

    table = PROJECTS
    body_schema = BodySchema((required("name"), optional("description")))

    @property
    def items_path(self) -> str:
        return "/api/projects"

    def extra_operations(self) -> Iterable[Operation]:
        path, collection = f"{PROJECT_PATH}/collections", item_of(COLLECTIONS)
        yield Operation("GET", path, self.list_collections, list_of(collection))
        yield Operation("GET", path + "/{component_type}", self.get_collection, collection)

    def shapes(self) -> Iterable[ReplyShape]:
        yield ReplyShape(PROJECTS, added={"workspace_id": TEXT, "workspace_authz_name": TEXT})
        yield ReplyShape(COLLECTIONS)

    def parent_id(self, request: web.Request) -> str | None:  # noqa: ARG002 - a project is not in a project
        return None

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE: delete a project, which nobody sees from now on; the reply comes when all of it is deleted."""
        project_id = request.match_info["id"]
        if not await delete_project(self.store, self.state.files, project_id):
            raise item_not_found(PROJECTS, project_id)
        return self.deleted_response()

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        workspace = self.state.workspace_name
        return {**item, "workspace_id": workspace.partition("/")[2], "workspace_authz_name": workspace}

    async def list_collections(self, request: web.Request) -> web.Response:
        """GET: return the collections that exist, as a list without paging."""
        return json_response(self.store.list_all(COLLECTIONS, self.project_id(request)))

    async def get_collection(self, request: web.Request) -> web.Response:
        """GET: return the collection of one component type."""
        project_id = self.project_id(request)
        component_type = request.match_info["component_type"]
        for collection in self.store.list_all(COLLECTIONS, project_id):
            if collection["component_type"] == component_type:
                return json_response(collection)
        raise not_found("Collection", component_type)
