"""The aiohttp application: its routes, and the middleware for authentication, error replies and the request log."""

from __future__ import annotations

import asyncio
import errno
import hmac
import http
import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from aiohttp import web

from text2everything.local._connections import track_request
from text2everything.local._errors import ApiError, bad_request, cannot_store, conflict, forbidden, unauthorized
from text2everything.local._handlers.base import json_response
from text2everything.local._handlers.chat import Chat
from text2everything.local._handlers.chat_presets import ChatPresets
from text2everything.local._handlers.chat_sessions import ChatSessions
from text2everything.local._handlers.connectors import Connectors
from text2everything.local._handlers.contexts import Contexts
from text2everything.local._handlers.custom_tools import CustomTools
from text2everything.local._handlers.executions import Executions
from text2everything.local._handlers.feedback import Feedback
from text2everything.local._handlers.golden_examples import GoldenExamples
from text2everything.local._handlers.projects import Projects
from text2everything.local._handlers.prompt_templates import PromptTemplates
from text2everything.local._handlers.schema_metadata import SchemaMetadata
from text2everything.local._log import log
from text2everything.local._openapi import describe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.typedefs import Handler, Middleware

    from text2everything.local._app_state import AppState
    from text2everything.local._handlers.base import Handlers

# Of requests that are read whole; uploaded files are read in chunks and have a limit of their own.
MAX_BODY_BYTES = 16 * 2**20
_OPEN_PATHS = {"/health", "/openapi.json"}
_CLIENT_CLOSED_REQUEST = 499  # nginx's status for a client that closed the connection before the reply

# What the system says where a file cannot grow: the disk is full, the user's share of it, or a file is too large.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}

# The router tries the routes in this order: the most frequent ones first, fixed paths before paths with an id.
_HANDLERS: tuple[type[Handlers], ...] = (
    Feedback,
    Contexts,
    GoldenExamples,
    SchemaMetadata,
    Chat,
    Executions,
    ChatSessions,
    Connectors,
    PromptTemplates,
    ChatPresets,
    CustomTools,
    Projects,
)


def create_app(state: AppState, *, middlewares: Iterable[Middleware] = ()) -> web.Application:
    """Return the application of a service.

    Args:
        state: What the request handlers share.
        middlewares: aiohttp middlewares around the service's own, the first one outermost.
    """
    app = web.Application(
        middlewares=[track_request, *middlewares, _service_middleware(state)], client_max_size=MAX_BODY_BYTES
    )
    app.router.add_get("/health", _health)
    handlers = [kind(state) for kind in _HANDLERS]

    async def get_description(_: web.Request) -> web.Response:
        return json_response(describe(handlers, state.store))

    app.router.add_get("/openapi.json", get_description)
    for each in handlers:
        app.router.add_routes(operation.route() for operation in each.operations())
    return app


async def _health(_: web.Request) -> web.Response:
    return json_response({"status": "ok"})


def _service_middleware(state: AppState) -> Middleware:
    """Return the middleware that authenticates requests, turns exceptions into JSON replies, and logs requests."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        status = 0
        try:
            response = await _respond(state, request, handler)
            status = response.status
        except asyncio.CancelledError:
            status = _CLIENT_CLOSED_REQUEST
            raise
        finally:
            if log.isEnabledFor(logging.DEBUG):
                elapsed_ms = (time.perf_counter() - started) * 1000
                log.debug("%s %s %d %.1f ms", request.method, request.rel_url.raw_path, status, elapsed_ms)
        return response

    return middleware


async def _respond(state: AppState, request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        if request.path not in _OPEN_PATHS:
            _authenticate(state, request)
        return await handler(request)
    except web.HTTPException as error:
        response = _error_response(ApiError(error.status, http.HTTPStatus(error.status).phrase))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception as error:  # noqa: BLE001 - where it happened goes to the log, and nothing to the client
        known = _known_error(error)
        if known is not None:
            return _error_response(known)
        log.exception("%s %s failed", request.method, request.rel_url.raw_path)
        return _error_response(ApiError(500, "Internal server error"))


def _error_response(error: ApiError) -> web.Response:
    return json_response(error.body, error.status)


def _known_error(error: Exception) -> ApiError | None:
    """Return the error to reply with, or None if it is a defect of the service."""
    match error:
        case ApiError():
            return error
        case web.RequestPayloadError():
            return bad_request("The body of the request is broken")
        case UnicodeEncodeError():
            # A lone surrogate, such as one from a percent-encoded path: SQLite cannot store or look it up.
            return bad_request("The request holds invalid unicode")
        case sqlite3.IntegrityError():
            return conflict("What the request refers to was deleted meanwhile")
    return cannot_store() if _is_disk_full(error) else None


def _is_disk_full(error: Exception) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def _authenticate(state: AppState, request: web.Request) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("The header Authorization: Bearer <token> is missing")
    # As bytes, because compare_digest() takes only ASCII text and a header may contain any bytes.
    if not hmac.compare_digest(
        token.strip().encode(errors="surrogateescape"), state.access_token.encode(errors="surrogateescape")
    ):
        raise unauthorized("The access token is wrong")
    workspace = request.headers.get("X-Workspace-Name")
    if workspace is None:
        raise forbidden("The header X-Workspace-Name is missing")
    if workspace != state.workspace_name:
        raise forbidden("There is no access to this workspace")
