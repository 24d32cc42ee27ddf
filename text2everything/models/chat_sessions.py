"""Chat sessions, in which questions are asked."""

from __future__ import annotations

from datetime import datetime

import attrs

from text2everything.models._fields import optional_id, optional_text
from text2everything.models.base import Model


@attrs.define(kw_only=True, repr=False)
class ChatSessionCreate(Model):
    """A session to create."""

    name: str | None = optional_text()
    custom_tool_id: str | None = optional_id()


@attrs.define(kw_only=True, repr=False)
class ChatSessionUpdateRequest(Model):
    """The new custom tool of a session; None removes it."""

    custom_tool_id: str | None = optional_id()


@attrs.define(kw_only=True, repr=False)
class ChatSessionResponse(Model):
    """A session. If it was created from a preset, `redirect_url` opens it in a browser."""

    id: str
    name: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    custom_tool_id: str | None = None
    redirect_url: str | None = None


@attrs.define(kw_only=True, repr=False)
class ChatSessionQuestion(Model):
    """A question that the service suggests."""

    question: str


@attrs.define(kw_only=True, repr=False)
class ChatSessionQuestionsResponse(Model):
    """The questions suggested for a session."""

    session_id: str | None = None
    questions: list[ChatSessionQuestion] = attrs.field(factory=list)
