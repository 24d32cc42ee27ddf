"""Feedback: what people think of an answer."""

from __future__ import annotations

from typing import Any

from text2everything.local._handlers.base import Resource
from text2everything.local._tables import CHAT_MESSAGES, EXECUTIONS, FEEDBACK
from text2everything.local._validation import Body, filled, flag, may, need


class Feedback(Resource):
    """The feedback in a project; any number of it for one message."""

    table = FEEDBACK
    path = "feedback"
    bulk = True
    body = Body((need("chat_message_id"), need("feedback"), need("is_positive", flag), may("execution_id", filled)))

    def add(self, project: Any, values: dict[str, Any]) -> Any:
        self._refer(project, values)
        return super().add(project, values)

    def put(self, project: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        self._refer(project, values)
        return super().put(project, current, values)

    def _refer(self, project: str, values: dict[str, Any]) -> None:
        self.refer(CHAT_MESSAGES, project, values["chat_message_id"])
        self.refer(EXECUTIONS, project, values["execution_id"])
