"""Contexts: what the business calls things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from text2everything.local._handlers.base import Resource, reply
from text2everything.local._tables import CONTEXTS
from text2everything.local._validation import Body, flag, may, need

if TYPE_CHECKING:
    from aiohttp import web


class Contexts(Resource):
    """The contexts of a project."""

    table = CONTEXTS
    path = "contexts"
    bulk = True
    body = Body((need("name"), need("content"), may("description"), may("is_always_displayed", flag, False)))

    def deleted(self) -> web.Response:
        return reply({"message": "Context deleted"})
