"""Custom tools: a name, a description and uploaded documents."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from text2everything.local._deletion import detach
from text2everything.local._errors import ApiError, field_error, unprocessable
from text2everything.local._form import read_form
from text2everything.local._handlers.base import ReplyShape, Resource, json_response
from text2everything.local._operations import TEXT, Body, list_of, object_with
from text2everything.local._request_body import BodySchema, required
from text2everything.local._store import new_id, now
from text2everything.local._tables import CUSTOM_TOOLS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from text2everything.local._store import Store

_DOCUMENT_COLUMNS = ("id", "created_at", "updated_at", "filename", "h2ogpte_doc_id", "custom_tool_id")

Form = tuple[dict[str, Any], list[tuple[str, str]]]
"""The text fields of a form, and the (id, file name) of each uploaded file."""


def render_custom_tool(store: Store, tool: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a custom tool in replies, with its documents."""
    rows = store.fetch_all(
        f"SELECT {', '.join(_DOCUMENT_COLUMNS)} FROM custom_tool_documents"  # noqa: S608 - the names are from this file
        " WHERE custom_tool_id = ? ORDER BY seq",
        tool["id"],
    )
    return {**tool, "documents": [dict(zip(_DOCUMENT_COLUMNS, row, strict=True)) for row in rows]}


def document_ids(store: Store, tool_id: str) -> list[str]:
    """Return the ids of the documents of a tool."""
    rows = store.fetch_all("SELECT id FROM custom_tool_documents WHERE custom_tool_id = ?", tool_id)
    return [row[0] for row in rows]


class CustomTools(Resource):
    """The custom tools of a project. Uploaded files are written to disk as they arrive."""

    table = CUSTOM_TOOLS
    path = "custom-tools"
    body_schema = BodySchema((required("name"), required("description")))
    shape = ReplyShape(
        CUSTOM_TOOLS, added={"documents": list_of(object_with(**dict.fromkeys(_DOCUMENT_COLUMNS, TEXT)))}
    )
    new_body = Body(body_schema, media_types=("multipart/form-data",), files="files")
    replacement_body = Body(
        body_schema, "changes", ("multipart/form-data", "application/json"), required=False, files="files"
    )

    async def create(self, request: web.Request) -> web.Response:
        async with self._received_form(request) as (fields, files):
            project_id = self.project_id(request)
            try:
                values = self.body_schema.validate(fields)
            except ApiError as error:
                raise unprocessable(*error.problems, *_check_files(files)) from None
            if errors := _check_files(files):
                raise unprocessable(*errors)
            with self.store.transaction():
                self.store.get_or_create_collection(project_id, "custom_tools")
                tool = self.store.insert(self.table, project_id, {**values, "h2ogpte_collection_id": new_id()})
                self._add_documents(tool["id"], files)
            return json_response(self.render(tool), 201)

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: replace the fields that are sent; if files are sent, they replace all documents."""
        async with self._received_form(request) as (fields, files):
            project_id = self.project_id(request)
            current = self.get_or_404(self.table, project_id, request.match_info["id"])
            values = self.body_schema.validate_changes(fields)
            replaced = document_ids(self.store, current["id"]) if files else []
            with self.store.transaction():
                if files:
                    self.store.execute("DELETE FROM custom_tool_documents WHERE custom_tool_id = ?", current["id"])
                    self._add_documents(current["id"], files)
                tool = self.store.update(self.table, project_id, current["id"], values)
            self.state.files.delete(replaced)
            return json_response(self.render(tool or current))

    async def delete(self, request: web.Request) -> web.Response:
        self.get_or_404(self.table, self.project_id(request), request.match_info["id"])
        await detach(self.store, "chat_sessions", "custom_tool_id", request.match_info["id"])
        return await super().delete(request)

    def delete_item(self, project_id: Any, id: str) -> bool:
        files = document_ids(self.store, id)
        if not super().delete_item(project_id, id):
            return False
        self.state.files.delete(files)
        return True

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        return render_custom_tool(self.store, item)

    def _add_documents(self, tool_id: str, files: list[tuple[str, str]]) -> None:
        for file_id, path in files:
            time = now()
            self.store.execute(
                "INSERT INTO custom_tool_documents"
                " (id, created_at, updated_at, custom_tool_id, filename, h2ogpte_doc_id)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                *(file_id, time, time, tool_id, base_name(path), new_id()),
            )

    @contextlib.asynccontextmanager
    async def _received_form(self, request: web.Request) -> AsyncIterator[Form]:
        """Yield the form in a request; if the block raises, its files are deleted."""
        fields: dict[str, Any] = {}
        files: list[tuple[str, str]] = []
        try:
            await read_form(request, self.state.files, fields, files)
            yield fields, files
        except BaseException:
            self.state.files.delete([file_id for file_id, _ in files])
            raise


def base_name(filename: str) -> str:
    """Return the file name in a path with slashes or backslashes; `file` if there is none."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return name if name.strip(". ") else "file"


def _check_files(files: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [] if files else [field_error(("body", "files"), "Field required", "missing")]
