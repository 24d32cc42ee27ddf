"""Contexts: explanations of business terms and rules."""

from __future__ import annotations

from text2everything.local._handlers.base import Resource
from text2everything.local._request_body import BodySchema, boolean, optional, required
from text2everything.local._tables import CONTEXTS


class Contexts(Resource):
    """The contexts of a project."""

    table = CONTEXTS
    path = "contexts"
    has_bulk_delete = True
    body_schema = BodySchema(
        (
            required("name"),
            required("content"),
            optional("description"),
            optional("is_always_displayed", boolean, False),
        )
    )
