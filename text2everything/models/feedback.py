"""Ratings of chat messages and SQL executions."""

from __future__ import annotations

import attrs

from text2everything.models._fields import bool_field, id_field, optional_id, text_field
from text2everything.models.base import UNSET, Model, Stored, Unset


@attrs.define(kw_only=True, repr=False)
class FeedbackCreate(Model):
    """A rating to create. With `execution_id` it rates an execution, which can then be reused from the cache."""

    chat_message_id: str = id_field()
    feedback: str = text_field()
    is_positive: bool = bool_field(default=True)
    execution_id: str | None = optional_id()


@attrs.define(kw_only=True, repr=False)
class FeedbackUpdate(Model):
    """The fields of a rating to change; fields that are not set keep their value."""

    chat_message_id: str | Unset = id_field(default=UNSET)
    feedback: str | Unset = text_field(default=UNSET)
    is_positive: bool | Unset = bool_field(default=UNSET)
    execution_id: str | Unset | None = optional_id(UNSET)


@attrs.define(kw_only=True, repr=False)
class Feedback(Stored):
    """A rating of a chat message and, where `execution_id` is set, of an execution."""

    chat_message_id: str
    feedback: str
    is_positive: bool = True
    execution_id: str | None = None
    project_id: str | None = None
    h2ogpte_doc_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class FeedbackResponse(Feedback):
    """A rating as the service returns it."""

    collection_id: str | None = None
