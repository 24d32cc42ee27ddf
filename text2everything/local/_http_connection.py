"""`HttpConnection`: aiohttp's protocol of one connection, whose errors do not repeat what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from text2everything.local._errors import ApiError
from text2everything.local._log import log

if TYPE_CHECKING:
    import asyncio

_MALFORMED = "The request is not valid HTTP"


class HttpConnection(web.RequestHandler):
    """The protocol of one connection."""

    __slots__ = ()

    def __init__(self, server: web.Server, loop: asyncio.AbstractEventLoop) -> None:
        # Bodies are decompressed by the service, which says what is wrong with them.
        super().__init__(server, loop=loop, logger=log, access_log=None, auto_decompress=False)  # type: ignore[arg-type] # no log

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the reply to a request that could not be read, or whose handler failed."""
        if not isinstance(exc, HttpProcessingError) or request.writer.output_size > 0:
            return super().handle_error(request, status, exc, message)
        # The message, and the traceback, have the line in them that is wrong; it may be the one with the token.
        log.debug("%s: %s", _MALFORMED, type(exc).__name__)
        response = web.json_response(ApiError(status, _MALFORMED).body, status=status)
        response.force_close()
        return response
