"""Feedback: ratings of answers."""

from __future__ import annotations

from typing import Any

from text2everything.local._handlers.base import Resource
from text2everything.local._request_body import BodySchema, boolean, non_blank, optional, required
from text2everything.local._tables import CHAT_MESSAGES, EXECUTIONS, FEEDBACK


class Feedback(Resource):
    """The feedback in a project; a message can have any number of ratings."""

    table = FEEDBACK
    path = "feedback"
    has_bulk_delete = True
    body_schema = BodySchema(
        (
            required("chat_message_id"),
            required("feedback"),
            required("is_positive", boolean),
            optional("execution_id", non_blank),
        )
    )

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        self._check_references(project_id, values)
        return super().create_item(project_id, values)

    def replace_item(self, project_id: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        self._check_references(project_id, values)
        return super().replace_item(project_id, current, values)

    def _check_references(self, project_id: str, values: dict[str, Any]) -> None:
        self.check_exists(CHAT_MESSAGES, project_id, values["chat_message_id"])
        self.check_exists(EXECUTIONS, project_id, values["execution_id"])
