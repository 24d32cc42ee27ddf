"""The web application: who may come in, what an error looks like, and all routes."""

from __future__ import annotations

import asyncio
import hmac
import http
import logging
import sqlite3
import time
from typing import TYPE_CHECKING

from aiohttp import web

from text2everything.local._errors import ApiError, forbidden, unauthorized
from text2everything.local._handlers.base import reply
from text2everything.local._handlers.chat import Chat
from text2everything.local._handlers.chat_presets import ChatPresets, PromptTemplates
from text2everything.local._handlers.chat_sessions import ChatSessions
from text2everything.local._handlers.connectors import Connectors
from text2everything.local._handlers.contexts import Contexts
from text2everything.local._handlers.custom_tools import CustomTools
from text2everything.local._handlers.executions import Executions
from text2everything.local._handlers.feedback import Feedback
from text2everything.local._handlers.golden_examples import GoldenExamples
from text2everything.local._handlers.projects import Projects
from text2everything.local._handlers.schema_metadata import SchemaMetadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.typedefs import Handler, Middleware

    from text2everything.local._handlers.base import Handlers
    from text2everything.local._state import State

LARGEST_BODY = 16 * 2**20

_log = logging.getLogger("text2everything.local")

# The router tries the routes in this order: what is called most comes first, fixed paths before ids.
_GROUPS: tuple[type[Handlers], ...] = (
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


def create_app(state: State, *, middlewares: Iterable[Middleware] = ()) -> web.Application:
    """Return the application of a service.

    Args:
        state: What it serves.
        middlewares: Put before the service's own, the first one outermost; for delays and faults in tests.
    """
    app = web.Application(middlewares=[*middlewares, _guard(state)], client_max_size=LARGEST_BODY)
    app.router.add_get("/health", _health)
    for group in _GROUPS:
        app.router.add_routes(group(state).routes())
    return app


async def _health(_: web.Request) -> web.Response:
    return reply({"status": "ok"})


def _guard(state: State) -> Middleware:
    """Return the middleware that lets requests in, turns every error into JSON, and logs a line for each request."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        status = 0
        try:
            response = await _answer(state, request, handler)
            status = response.status
        except asyncio.CancelledError:
            status = 499  # as proxies note a caller that went away
            raise
        finally:
            if _log.isEnabledFor(logging.DEBUG):
                took = (time.perf_counter() - started) * 1000
                _log.debug("%s %s %d %.1f ms", request.method, request.rel_url.raw_path, status, took)
        return response

    return guard


async def _answer(state: State, request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        if request.path != "/health":
            _let_in(state, request)
        return await handler(request)
    except ApiError as error:
        return reply(error.body, error.status)
    except web.HTTPException as error:
        response = reply({"detail": http.HTTPStatus(error.status).phrase}, error.status)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except UnicodeEncodeError:
        # SQLite holds Unicode; what is none cannot be the id or the text of anything stored.
        return reply({"detail": "The request holds invalid unicode"}, 422)
    except sqlite3.IntegrityError:
        return reply({"detail": "What the request refers to was deleted meanwhile"}, 409)
    except Exception:  # noqa: BLE001 - whatever it is, the caller is told no internals
        _log.exception("%s %s failed", request.method, request.rel_url.raw_path)
        return reply({"error": "Internal server error", "status_code": 500}, 500)


def _let_in(state: State, request: web.Request) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("The header Authorization: Bearer <token> is missing")
    # Compared as bytes: a header may hold any, and the comparison of texts takes ASCII only.
    if not hmac.compare_digest(
        token.strip().encode(errors="surrogateescape"), state.access_token.encode(errors="surrogateescape")
    ):
        raise unauthorized("The access token is wrong")
    workspace = request.headers.get("X-Workspace-Name")
    if workspace is None:
        raise forbidden("The header X-Workspace-Name is missing")
    if workspace != state.workspace_name:
        raise forbidden("There is no access to this workspace")
