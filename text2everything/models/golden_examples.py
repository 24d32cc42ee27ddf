"""Golden examples: questions with the SQL that answers them."""

from __future__ import annotations

import attrs

from text2everything.models._fields import bool_field, optional_text, text_field
from text2everything.models.base import UNSET, Model, Stored, Unset


@attrs.define(kw_only=True, repr=False)
class GoldenExampleCreate(Model):
    """A golden example to create."""

    user_query: str = text_field()
    sql_query: str = text_field()
    description: str | None = optional_text()
    is_always_displayed: bool = bool_field(default=False)


@attrs.define(kw_only=True, repr=False)
class GoldenExampleUpdate(Model):
    """The fields of a golden example to change; fields that are not set keep their value, None clears it."""

    user_query: str | Unset = text_field(default=UNSET)
    sql_query: str | Unset = text_field(default=UNSET)
    description: str | Unset | None = optional_text(UNSET)
    is_always_displayed: bool | Unset = bool_field(default=UNSET)


@attrs.define(kw_only=True, repr=False)
class GoldenExample(Stored):
    """A question and the SQL that answers it."""

    user_query: str
    sql_query: str
    description: str | None = None
    is_always_displayed: bool = False
    project_id: str | None = None
    h2ogpte_doc_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class GoldenExampleResponse(GoldenExample):
    """A golden example as the service returns it."""

    collection_id: str | None = None
