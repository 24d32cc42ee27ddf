"""Contexts: business rules and definitions that the language model is given with a question."""

from __future__ import annotations

import attrs

from text2everything.models._fields import bool_field, optional_text, text_field
from text2everything.models.base import UNSET, Model, Stored, Unset


@attrs.define(kw_only=True, repr=False)
class ContextCreate(Model):
    """A context to create."""

    name: str = text_field()
    content: str = text_field()
    description: str | None = optional_text()
    is_always_displayed: bool = bool_field(default=False)


@attrs.define(kw_only=True, repr=False)
class ContextUpdate(Model):
    """The fields of a context to change; fields that are not set keep their value, None clears it."""

    name: str | Unset = text_field(default=UNSET)
    content: str | Unset = text_field(default=UNSET)
    description: str | Unset | None = optional_text(UNSET)
    is_always_displayed: bool | Unset = bool_field(default=UNSET)


@attrs.define(kw_only=True, repr=False)
class Context(Stored):
    """A business rule or definition; it is sent with every question if `is_always_displayed`."""

    name: str
    content: str
    description: str | None = None
    is_always_displayed: bool = False
    project_id: str | None = None
    h2ogpte_doc_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class ContextResponse(Context):
    """A context as the service returns it."""

    collection_id: str | None = None
