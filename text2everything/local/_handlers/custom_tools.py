"""Custom tools: a name, a description, and uploaded files."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from text2everything.local._errors import ApiError, invalid, problem
from text2everything.local._files import CHUNK
from text2everything.local._handlers.base import Resource, read_object, reply
from text2everything.local._store import new_id, now
from text2everything.local._tables import CUSTOM_TOOLS
from text2everything.local._validation import Body, need

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from text2everything.local._store import Store

_MOST_OF_A_TEXT = 2**20
_MOST_FILES = 1_000

Upload = tuple[dict[str, Any], list[tuple[str, str]]]


def render_tool(store: Store, tool: dict[str, Any]) -> dict[str, Any]:
    """Return a custom tool as replies show it, with its documents."""
    rows = store.all(
        "SELECT id, created_at, updated_at, filename, h2ogpte_doc_id, custom_tool_id"
        " FROM custom_tool_documents WHERE custom_tool_id = ? ORDER BY seq",
        tool["id"],
    )
    names = ("id", "created_at", "updated_at", "filename", "h2ogpte_doc_id", "custom_tool_id")
    return {**tool, "documents": [dict(zip(names, row, strict=True)) for row in rows]}


def document_ids(store: Store, owner: str, id: str) -> list[str]:
    """Return the ids of the documents of a tool (`owner` is "id") or of a project ("project_id")."""
    rows = store.all(
        "SELECT d.id FROM custom_tool_documents d JOIN custom_tools t ON t.id = d.custom_tool_id"  # noqa: S608 - a column
        f" WHERE t.{owner} = ?",
        id,
    )
    return [row[0] for row in rows]


class CustomTools(Resource):
    """The custom tools of a project. Files are written to disk as they arrive, and kept under ids."""

    table = CUSTOM_TOOLS
    path = "custom-tools"
    body = Body((need("name"), need("description")))

    async def create(self, request: web.Request) -> web.Response:
        async with self._upload(request) as (fields, files):
            project = self.project(request)
            try:
                values = self.body.create(fields)
            except ApiError as error:
                raise invalid(*error.body["detail"], *_no_files(files)) from None
            if problems := _no_files(files):
                raise invalid(*problems)
            with self.store.transaction():
                self.store.collection(project, "custom_tools")
                tool = self.store.insert(self.table, project, {**values, "h2ogpte_collection_id": new_id()})
                self._attach(tool["id"], files)
            return reply(self.render(tool), 201)

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: new metadata, where sent; new files instead of the old ones, where sent."""
        async with self._upload(request) as (fields, files):
            project = self.project(request)
            current = self.require(self.table, project, request.match_info["id"])
            values = self.body.change(fields)
            old = document_ids(self.store, "id", current["id"]) if files else []
            with self.store.transaction():
                if files:
                    self.store.run("DELETE FROM custom_tool_documents WHERE custom_tool_id = ?", current["id"])
                    self._attach(current["id"], files)
                tool = self.store.update(self.table, project, current["id"], values or {"name": current["name"]})
            self.state.files.remove(old)
            return reply(self.render(tool or current))

    def remove(self, project: Any, id: str) -> bool:
        files = document_ids(self.store, "id", id)
        if not super().remove(project, id):
            return False
        self.state.files.remove(files)
        return True

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        return render_tool(self.store, item)

    def _attach(self, tool: str, files: list[tuple[str, str]]) -> None:
        for file_id, name in files:
            time = now()
            self.store.run(
                "INSERT INTO custom_tool_documents"
                " (id, created_at, updated_at, custom_tool_id, filename, h2ogpte_doc_id)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                *(file_id, time, time, tool, name, new_id()),
            )

    @contextlib.asynccontextmanager
    async def _upload(self, request: web.Request) -> AsyncIterator[Upload]:
        """Give the text fields of a form and the (id, base name) of its files, which are removed on failure."""
        fields: dict[str, Any] = {}
        files: list[tuple[str, str]] = []
        try:
            await self._read_form(request, fields, files)
            yield fields, files
        except BaseException:
            self.state.files.remove([file_id for file_id, _ in files])
            raise

    async def _read_form(self, request: web.Request, fields: dict[str, Any], files: list[tuple[str, str]]) -> None:
        if request.content_type == "application/json":
            fields.update(await read_object(request))
            return
        if request.content_type == "application/x-www-form-urlencoded":
            fields.update(await request.post())
            return
        if request.content_type != "multipart/form-data":
            raise invalid(problem(("body",), "Input should be multipart/form-data", "multipart_invalid"))
        try:
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader):
                    raise ValueError("a nested multipart")  # noqa: TRY004, TRY301 - malformed, as any other mistake
                if part.name == "files" and part.filename is not None:
                    if len(files) == _MOST_FILES:
                        raise ApiError(413, {"detail": f"A tool may have at most {_MOST_FILES} files"})
                    files.append((await self.state.files.save(part), base_name(part.filename)))
                elif part.name:
                    fields[part.name] = await _text(part)
        except (HttpProcessingError, ValueError, AssertionError, RuntimeError, LookupError):
            raise invalid(problem(("body",), "The form could not be read", "multipart_invalid")) from None


async def _text(part: BodyPartReader) -> str:
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        data += chunk
        if len(data) > _MOST_OF_A_TEXT:
            raise ApiError(413, {"detail": f"A form field may have at most {_MOST_OF_A_TEXT} bytes"})
    return data.decode()


def base_name(filename: str) -> str:
    """Return the last part of a path in either notation; whatever else was sent is dropped."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return name if name.strip(". ") else "file"


def _no_files(files: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [] if files else [problem(("body", "files"), "Field required", "missing")]
