"""Projects and their collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local._errors import not_found
from text2everything.local._handlers.base import PROJECT, Resource, reply
from text2everything.local._handlers.custom_tools import document_ids
from text2everything.local._tables import COLLECTIONS, PROJECTS
from text2everything.local._validation import Body, may, need

if TYPE_CHECKING:
    from collections.abc import Iterable


class Projects(Resource):
    """The projects, and the collections they have."""

    table = PROJECTS
    body = Body((need("name"), may("description")))

    @property
    def base(self) -> str:
        return "/api/projects"

    def more_routes(self) -> Iterable[web.RouteDef]:
        yield web.get(f"{PROJECT}/collections", self.collections)
        yield web.get(f"{PROJECT}/collections/{{component_type}}", self.collection)

    def scope(self, request: web.Request) -> str | None:  # noqa: ARG002 - projects belong to none
        return None

    def remove(self, project: Any, id: str) -> bool:
        files = document_ids(self.store, "project_id", id)
        if not super().remove(project, id):
            return False
        self.state.files.remove(files)
        return True

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        workspace = self.state.workspace_name
        return {**item, "workspace_id": workspace.partition("/")[2], "workspace_authz_name": workspace}

    def deleted(self) -> web.Response:
        return reply({"message": "Project deleted"})

    async def collections(self, request: web.Request) -> web.Response:
        """GET: the collections made so far, as a bare list."""
        return reply(self.store.rows(COLLECTIONS, self.project(request)))

    async def collection(self, request: web.Request) -> web.Response:
        """GET: the collection of one component type."""
        project = self.project(request)
        wanted = request.match_info["component_type"]
        for collection in self.store.rows(COLLECTIONS, project):
            if collection["component_type"] == wanted:
                return reply(collection)
        raise not_found("Collection", wanted)
