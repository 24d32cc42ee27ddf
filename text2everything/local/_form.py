"""Reading forms: text fields and uploaded files, which are written to disk as they arrive."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader
from aiohttp.http_exceptions import HttpProcessingError

from text2everything.local._content_encoding import read_body
from text2everything.local._errors import bad_request, field_error, too_large, unprocessable
from text2everything.local._file_store import CHUNK_BYTES
from text2everything.local._request_body import parse_json_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from text2everything.local._file_store import FileStore

MAX_FORM_BYTES = 2**30
MAX_FILES = 1_000
MAX_FIELDS = 100
_MAX_FIELD_BYTES = 2**20
_PLAIN = {"7bit", "8bit", "binary"}


async def read_form(
    request: web.Request, store: FileStore, fields: dict[str, Any], files: list[tuple[str, str]]
) -> None:
    """Read the form in a request: multipart, urlencoded, or a JSON object; no body is an empty form.

    Args:
        request: The request.
        store: Where its files are saved.
        fields: Gets the text fields.
        files: Gets the (id, file name) of each file as soon as it is saved, so that the caller can delete them all.

    Raises:
        ApiError: 400: the form is malformed; 413: it is too large; 415 and 422: it is of another kind.
    """
    match request.content_type:
        case _ if not request.can_read_body:
            return
        case "application/json":
            fields.update(parse_json_object(await read_body(request)))
        case "application/x-www-form-urlencoded":
            fields.update(_parse_urlencoded(await read_body(request)))
        case "multipart/form-data":
            await _read_multipart(request, store, fields, files)
        case _:
            raise unprocessable(field_error(("body",), "Input should be multipart/form-data", "multipart_invalid"))


def _parse_urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return urllib.parse.parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except UnicodeDecodeError:
        raise bad_request("The form could not be read") from None
    except ValueError:
        raise too_large("A form", MAX_FIELDS, "fields") from None


async def _read_multipart(
    request: web.Request, store: FileStore, fields: dict[str, Any], files: list[tuple[str, str]]
) -> None:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise bad_request("A multipart form must not be compressed")
    if (request.content_length or 0) > MAX_FORM_BYTES:
        raise too_large("A form", MAX_FORM_BYTES)
    others = 0
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise bad_request("A form must not be in a form")
            chunks = _chunks(request, part)
            if part.name == "files":
                _require_file(part)
                if len(files) == MAX_FILES:
                    raise too_large("A tool", MAX_FILES, "files")
                files.append((await store.save(chunks), str(part.filename)))
                continue
            others += 1
            if others > MAX_FIELDS:
                raise too_large("A form", MAX_FIELDS, "fields")
            text = await _read_text(chunks, part.get_charset("utf-8"))
            if part.name:
                fields[part.name] = text
    except (HttpProcessingError, ValueError, AssertionError, RuntimeError, LookupError):
        raise bad_request("The form could not be read") from None


def _require_file(part: BodyPartReader) -> None:
    if part.filename is None:
        raise unprocessable(field_error(("body", "files"), "Input should be a file", "file_type"))


async def _chunks(request: web.Request, part: BodyPartReader) -> AsyncIterator[bytes]:
    if part.headers.get("Content-Transfer-Encoding", "binary").lower() not in _PLAIN:
        raise bad_request("The parts of a form must not be in base64 or quoted-printable")
    while chunk := await part.read_chunk(CHUNK_BYTES):
        if request.content.total_bytes > MAX_FORM_BYTES:
            raise too_large("A form", MAX_FORM_BYTES)
        yield chunk


async def _read_text(chunks: AsyncIterator[bytes], charset: str) -> str:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > _MAX_FIELD_BYTES:
            raise too_large("A form field", _MAX_FIELD_BYTES)
    return data.decode(charset)
