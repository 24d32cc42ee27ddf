"""Golden examples: questions with the SQL that answers them."""

from __future__ import annotations

from text2everything.local._handlers.base import Resource
from text2everything.local._tables import GOLDEN_EXAMPLES
from text2everything.local._validation import Body, flag, may, need


class GoldenExamples(Resource):
    """The golden examples of a project."""

    table = GOLDEN_EXAMPLES
    path = "golden-examples"
    bulk = True
    body = Body((need("user_query"), need("sql_query"), may("description"), may("is_always_displayed", flag, False)))
