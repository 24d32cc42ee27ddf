"""Reading the body of a request as text: within bounds, decompressed, and decoded."""

from __future__ import annotations

import zlib

from aiohttp import web

from text2everything.local._errors import ApiError, bad_request, too_large

_GZIP_FORMAT = 16 + zlib.MAX_WBITS


async def read_body(request: web.Request) -> bytes:
    """Return the body of a request as UTF-8.

    Raises:
        ApiError: 400: the body is not what its headers say, or not in UTF-8; 413: it is too large, or becomes so when
            it is decompressed; 415: its compression is unknown.
    """
    most = request.client_max_size
    if (request.content_length or 0) > most:
        raise too_large("A body", most)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large("A body", most) from None
    body = _decompress(body, request.headers.get("Content-Encoding", "identity"), most)
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise bad_request("The body must be in UTF-8")
    try:
        body.decode()
    except UnicodeDecodeError:
        raise bad_request("The body is not valid UTF-8") from None
    return body


def _decompress(body: bytes, encoding: str, max_bytes: int) -> bytes:
    match encoding.strip().lower():
        case "identity" | "":
            return body
        case "gzip" | "x-gzip":
            window = _GZIP_FORMAT
        case "deflate":
            # Some clients leave out the header of zlib; it begins with an 8, as the data itself cannot.
            window = zlib.MAX_WBITS if body[:1] and body[0] & 0x0F == 8 else -zlib.MAX_WBITS  # noqa: PLR2004
        case _:
            raise ApiError(415, "The Content-Encoding of a body must be gzip, deflate or identity")
    decoder = zlib.decompressobj(window)
    try:
        decompressed = decoder.decompress(body, max_bytes + 1)
    except zlib.error:
        raise bad_request(f"The body is not valid {encoding}") from None
    if len(decompressed) > max_bytes:
        raise too_large("A decompressed body", max_bytes)
    if not decoder.eof or decoder.unused_data:
        raise bad_request(f"The body is not valid {encoding}")
    return decompressed
