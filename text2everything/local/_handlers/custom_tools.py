"""Custom tools: a name, a description and uploaded documents."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from text2everything.local._deletion import detach
from text2everything.local._errors import ApiError, field_error, unprocessable
from text2everything.local._file_store import CHUNK_BYTES
from text2everything.local._handlers.base import Resource, json_response, read_json_object
from text2everything.local._request_body import BodySchema, required
from text2everything.local._store import new_id, now
from text2everything.local._tables import CUSTOM_TOOLS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from text2everything.local._store import Store

_MAX_TEXT_FIELD_BYTES = 2**20
_MAX_FILES = 1_000

Form = tuple[dict[str, Any], list[tuple[str, str]]]
"""The text fields of a form, and the (id, file name) of each uploaded file."""


def render_custom_tool(store: Store, tool: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a custom tool in replies, with its documents."""
    rows = store.fetch_all(
        "SELECT id, created_at, updated_at, filename, h2ogpte_doc_id, custom_tool_id"
        " FROM custom_tool_documents WHERE custom_tool_id = ? ORDER BY seq",
        tool["id"],
    )
    names = ("id", "created_at", "updated_at", "filename", "h2ogpte_doc_id", "custom_tool_id")
    return {**tool, "documents": [dict(zip(names, row, strict=True)) for row in rows]}


def document_ids(store: Store, tool_id: str) -> list[str]:
    """Return the ids of the documents of a tool."""
    rows = store.fetch_all("SELECT id FROM custom_tool_documents WHERE custom_tool_id = ?", tool_id)
    return [row[0] for row in rows]


class CustomTools(Resource):
    """The custom tools of a project. Uploaded files are written to disk as they arrive."""

    table = CUSTOM_TOOLS
    path = "custom-tools"
    body_schema = BodySchema((required("name"), required("description")))

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
        for file_id, name in files:
            time = now()
            self.store.execute(
                "INSERT INTO custom_tool_documents"
                " (id, created_at, updated_at, custom_tool_id, filename, h2ogpte_doc_id)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                *(file_id, time, time, tool_id, name, new_id()),
            )

    @contextlib.asynccontextmanager
    async def _received_form(self, request: web.Request) -> AsyncIterator[Form]:
        """Yield the form in a request; if the block raises, its files are deleted."""
        fields: dict[str, Any] = {}
        files: list[tuple[str, str]] = []
        try:
            if request.can_read_body:
                await self._read_form(request, fields, files)
            yield fields, files
        except BaseException:
            self.state.files.delete([file_id for file_id, _ in files])
            raise

    async def _read_form(self, request: web.Request, fields: dict[str, Any], files: list[tuple[str, str]]) -> None:
        if request.content_type == "application/json":
            fields.update(await read_json_object(request))
            return
        if request.content_type == "application/x-www-form-urlencoded":
            fields.update(await request.post())
            return
        if request.content_type != "multipart/form-data":
            raise unprocessable(field_error(("body",), "Input should be multipart/form-data", "multipart_invalid"))
        try:
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader):
                    raise ValueError("a nested multipart")  # noqa: TRY004, TRY301 - malformed, and handled below
                if part.name == "files" and part.filename is not None:
                    if len(files) == _MAX_FILES:
                        raise ApiError(413, f"A tool may have at most {_MAX_FILES} files")
                    files.append((await self.state.files.save(part), base_name(part.filename)))
                elif part.name:
                    fields[part.name] = await _read_text(part)
        except (HttpProcessingError, ValueError, AssertionError, RuntimeError, LookupError):
            raise unprocessable(field_error(("body",), "The form could not be read", "multipart_invalid")) from None


async def _read_text(part: BodyPartReader) -> str:
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK_BYTES):
        data += chunk
        if len(data) > _MAX_TEXT_FIELD_BYTES:
            raise ApiError(413, f"A form field may have at most {_MAX_TEXT_FIELD_BYTES} bytes")
    return data.decode()


def base_name(filename: str) -> str:
    """Return the file name in a path with slashes or backslashes; `file` if there is none."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return name if name.strip(". ") else "file"


def _check_files(files: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [] if files else [field_error(("body", "files"), "Field required", "missing")]
