"""Prompt templates: system prompts that chat presets use."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from text2everything.local import _query_string as query_string
from text2everything.local._deletion import detach
from text2everything.local._errors import field_error, unprocessable
from text2everything.local._handlers.base import ReplyShape, Resource, json_response, read_json_object
from text2everything.local._operations import BOOLEAN, Body, Operation, item_of, list_of, object_with
from text2everything.local._request_body import BodySchema, non_blank, optional, required, string, string_list
from text2everything.local._tables import PROMPT_TEMPLATES

TEMPLATE_FIELDS = (
    required("name"),
    required("system_prompt"),
    optional("description"),
    optional("lang", string, "en"),
)


class PromptTemplates(Resource):
    """The prompt templates of a project; the pages of their list are requested by offset."""

    table = PROMPT_TEMPLATES
    path = "chat-presets/prompt-templates"
    body_schema = BodySchema(
        (
            *TEMPLATE_FIELDS,
            optional("share_with_username", non_blank),
            optional("share_with_usernames", string_list),
        )
    )

    replacement_body = Body(body_schema, "changes", always=("name",))
    shape = ReplyShape(PROMPT_TEMPLATES, hidden=("shared_with",))

    def list_operation(self) -> Operation:
        reply = object_with(
            items=list_of(item_of(self.table)), has_next=BOOLEAN, next_offset={"type": ["integer", "null"]}
        )
        return Operation("GET", self.items_path, self.list_items, reply, query=query_string.OFFSET_PAGE_PARAMS)

    async def list_items(self, request: web.Request) -> web.Response:
        project_id = self.project_id(request)
        page = query_string.offset_page_request(request.query)
        search = query_string.search_param(request.query)
        rows, total = await self.store.fetch_page(self.table, project_id, page, search=search)
        end = page.offset + len(rows)
        has_next = bool(rows) and end < total
        items = [self.render(self.table.decode(row)) for row in rows]
        return json_response({"items": items, "has_next": has_next, "next_offset": end if has_next else None})

    async def delete(self, request: web.Request) -> web.Response:
        self.get_or_404(self.table, self.project_id(request), request.match_info["id"])
        await detach(self.store, "chat_presets", "prompt_template_id", request.match_info["id"])
        return await super().delete(request)

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: replace the fields that are sent, which must include the name."""
        body = await read_json_object(request)
        project_id = self.project_id(request)
        template = self.get_or_404(self.table, project_id, request.match_info["id"])
        missing = [name for name in self.replacement_body.always if name not in body]
        if missing:
            raise unprocessable(*(field_error(("body", name), "Field required", "missing") for name in missing))
        changes = self.body_schema.validate_changes(body)
        return json_response(self.replace_item(project_id, template, _to_columns(changes)))

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        return super().create_item(project_id, {**_to_columns(values), "is_builtin": False})

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        return render_prompt_template(item)


def render_prompt_template(item: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a prompt template in replies."""
    return {name: value for name, value in item.items() if name != "shared_with"}


def pop_usernames(values: dict[str, Any], name: str) -> list[str]:
    """Remove the field `<name>`, a user name, and `<name>s`, a list of them, and return the user names of both."""
    username = values.pop(name, None)
    usernames = values.pop(f"{name}s", None)
    return [*([username] if username else []), *(usernames or [])]


def _to_columns(values: dict[str, Any]) -> dict[str, Any]:
    columns = dict(values)
    shared_with = pop_usernames(columns, "share_with_username")
    return {**columns, "shared_with": shared_with} if shared_with else columns
