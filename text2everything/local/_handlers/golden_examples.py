"""Golden examples: questions with the SQL that answers them."""

from __future__ import annotations

from text2everything.local._handlers.base import Resource
from text2everything.local._request_body import BodySchema, boolean, optional, required
from text2everything.local._tables import GOLDEN_EXAMPLES


class GoldenExamples(Resource):
    """The golden examples of a project."""

    table = GOLDEN_EXAMPLES
    path = "golden-examples"
    has_bulk_delete = True
    body_schema = BodySchema(
        (
            required("user_query"),
            required("sql_query"),
            optional("description"),
            optional("is_always_displayed", boolean, False),
        )
    )
