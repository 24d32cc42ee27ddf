"""Chat presets, from which chat sessions are started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from text2everything.local._errors import ApiError
from text2everything.local._handlers.base import (
    ReplyShape,
    Resource,
    item_not_found,
    json_response,
    read_json_object,
    read_optional_json_object,
)
from text2everything.local._handlers.chat import ACCURACIES
from text2everything.local._handlers.chat_sessions import render_chat_session
from text2everything.local._handlers.prompt_templates import TEMPLATE_FIELDS, pop_usernames, render_prompt_template
from text2everything.local._operations import (
    BOOLEAN,
    TEXT,
    TEXT_OR_NULL,
    Body,
    Operation,
    item_of,
    list_of,
    object_with,
)
from text2everything.local._request_body import (
    BodySchema,
    Field,
    boolean,
    json_object,
    non_blank,
    object_of,
    optional,
    required,
    string_list,
)
from text2everything.local._store import new_id
from text2everything.local._tables import (
    CHAT_PRESETS,
    CHAT_SESSIONS,
    CONNECTORS,
    PROJECTS,
    PROMPT_TEMPLATES,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_INTERNAL_COLUMNS = ("workspace_id", "shared_with", "collection_name", "collection_description")
# The fields of bodies whose columns have other names.
_COLUMN_NAMES = {"make_public": "is_public", "t2e_url": "t2e_base_url"}
START_SESSION_BODY = BodySchema((optional("name"),))
OPTIONS_REPLY = object_with(
    **dict.fromkeys(("llm_names", "vision_llm_names", "agent_tools"), list_of(TEXT)),
    prompt_templates=list_of(item_of(PROMPT_TEMPLATES)),
    include_chat_history_options=list_of(TEXT),
    rag_type_options=list_of(TEXT),
    agent_accuracy_options=list_of(TEXT),
)


class ChatPresets(Resource):
    """The chat presets of a project. Get, replace and delete take the id of a preset's collection, not its own."""

    table = CHAT_PRESETS
    path = "chat-presets"
    body_schema = BodySchema(
        (
            required("name"),
            required("collection_name"),
            optional("description"),
            optional("collection_description"),
            optional("make_public", boolean, True),
            optional(
                "chat_settings",
                object_of(
                    optional("llm"), Field("llm_args", json_object, default={}), optional("rag_config", json_object)
                ),
            ),
            optional("prompt_template", object_of(*TEMPLATE_FIELDS)),
            optional("prompt_template_id", non_blank),
            optional("share_prompt_with_username", non_blank),
            optional("share_prompt_with_usernames", string_list),
            optional("connector_id", non_blank),
            optional("workspace_id"),
            optional("t2e_url"),
            optional("api_system_prompt"),
        ),
        not_both=("prompt_template", "prompt_template_id"),
    )

    shape = ReplyShape(CHAT_PRESETS, hidden=_INTERNAL_COLUMNS, added={"is_active": BOOLEAN})
    created = replaced = object_with(
        id=TEXT,
        collection_id=TEXT,
        collection_name=TEXT,
        prompt_template_id=TEXT_OR_NULL,
        prompt_template_name=TEXT_OR_NULL,
    )
    replacement_body = Body(body_schema, "changes")
    deleted = object_with(status=TEXT, message=TEXT)

    @property
    def item_path(self) -> str:
        return self.items_path + "/{collection_id}"

    def list_operation(self) -> Operation:
        return attrs.evolve(super().list_operation(), reply=list_of(item_of(self.table)))

    def extra_operations(self) -> Iterable[Operation]:
        session, start = item_of(CHAT_SESSIONS), Body(START_SESSION_BODY, required=False)
        one, active = self.items_path + "/{id}", f"{self.items_path}/active/start"
        yield Operation("GET", f"{self.items_path}/options", self.get_options, OPTIONS_REPLY)
        yield Operation("POST", active, self.start_active, session, status=201, body=start)
        yield Operation("POST", f"{one}/activate", self.activate, item_of(self.table))
        yield Operation("POST", f"{one}/chat-sessions", self.start, session, status=201, body=start)

    async def list_items(self, request: web.Request) -> web.Response:
        items, _, _ = await self.find_page(request, self.project_id(request))
        return json_response(items)

    async def get(self, request: web.Request) -> web.Response:
        project_id = self.project_id(request)
        return json_response(self.render(self._get_by_collection(project_id, request.match_info["collection_id"])))

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: replace the fields that are sent."""
        body = await read_json_object(request)
        project_id = self.project_id(request)
        preset = self._get_by_collection(project_id, request.match_info["collection_id"])
        values = self.body_schema.validate_changes(body)
        with self.store.transaction():
            columns = self._to_columns(project_id, values)
            return json_response(
                self._summary(self.store.update(self.table, project_id, preset["id"], columns) or preset)
            )

    async def delete(self, request: web.Request) -> web.Response:
        project_id = self.project_id(request)
        preset = self._get_by_collection(project_id, request.match_info["collection_id"])
        with self.store.transaction():
            self.delete_item(project_id, preset["id"])
            self.store.execute(
                "UPDATE projects SET active_chat_preset_id = NULL WHERE active_chat_preset_id = ?", preset["id"]
            )
        return json_response({"status": "deleted", "message": f"{self.table.label} deleted"})

    async def activate(self, request: web.Request) -> web.Response:
        """POST: make a preset, given by its own id, the active one of the project."""
        project_id = self.project_id(request)
        preset = self.get_or_404(self.table, project_id, request.match_info["id"])
        self.store.update(PROJECTS, None, project_id, {"active_chat_preset_id": preset["id"]})
        return json_response(self.render(preset))

    async def start(self, request: web.Request) -> web.Response:
        """POST: start a chat session from a preset."""
        body = await read_optional_json_object(request)
        project_id = self.project_id(request)
        preset = self.get_or_404(self.table, project_id, request.match_info["id"])
        return self._start(project_id, preset, START_SESSION_BODY.validate(body))

    async def start_active(self, request: web.Request) -> web.Response:
        """POST: start a chat session from the active preset."""
        body = await read_optional_json_object(request)
        project_id = self.project_id(request)
        active = self.get_or_404(PROJECTS, None, project_id)["active_chat_preset_id"]
        if active is None:
            raise ApiError(404, "The project has no active chat preset")
        return self._start(
            project_id, self.get_or_404(self.table, project_id, active), START_SESSION_BODY.validate(body)
        )

    async def get_options(self, request: web.Request) -> web.Response:
        """GET: return the values that presets can have."""
        templates = self.store.list_all(PROMPT_TEMPLATES, self.project_id(request))
        return json_response(
            {
                "llm_names": [getattr(self.state.engine, "model", "rules")],
                "vision_llm_names": [],
                "agent_tools": [],
                "prompt_templates": [render_prompt_template(template) for template in templates],
                "include_chat_history_options": ["auto", "on", "off"],
                "rag_type_options": ["auto", "llm_only", "rag"],
                "agent_accuracy_options": list(ACCURACIES),
            }
        )

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        with self.store.transaction():
            columns = {"h2ogpte_collection_id": new_id(), **self._to_columns(project_id, values)}
            return self._summary(self.store.insert(self.table, project_id, columns))

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        project = self.store.get(PROJECTS, None, item["project_id"]) or {}
        shown = {name: value for name, value in item.items() if name not in _INTERNAL_COLUMNS}
        return {**shown, "is_active": project.get("active_chat_preset_id") == item["id"]}

    def _get_by_collection(self, project_id: str, collection_id: str) -> dict[str, Any]:
        row = self.store.fetch_one(
            "SELECT id FROM chat_presets WHERE h2ogpte_collection_id = ? AND project_id = ?",
            *(collection_id, project_id),
        )
        if row is None:
            raise item_not_found(self.table, collection_id)
        return self.get_or_404(self.table, project_id, row[0])

    def _to_columns(self, project_id: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values of a body as columns; a prompt template in it is stored as a new one."""
        columns = {_COLUMN_NAMES.get(name, name): value for name, value in values.items()}
        template = columns.pop("prompt_template", None)
        shared_with = pop_usernames(columns, "share_prompt_with_username")
        if shared_with:
            columns["shared_with"] = shared_with
        self.check_exists(CONNECTORS, project_id, columns.get("connector_id"))
        self.check_exists(PROMPT_TEMPLATES, project_id, columns.get("prompt_template_id"))
        if template is not None:
            item = {"description": None, "lang": "en", **template, "is_builtin": False, "shared_with": shared_with}
            item = {name: item[name] for name in PROMPT_TEMPLATES.own_columns}
            columns["prompt_template_id"] = self.store.insert(PROMPT_TEMPLATES, project_id, item)["id"]
        return columns

    def _summary(self, preset: dict[str, Any]) -> dict[str, Any]:
        template = None
        if preset["prompt_template_id"] is not None:
            template = self.store.get(PROMPT_TEMPLATES, preset["project_id"], preset["prompt_template_id"])
        return {
            "id": preset["id"],
            "collection_id": preset["h2ogpte_collection_id"],
            "collection_name": preset["collection_name"],
            "prompt_template_id": preset["prompt_template_id"],
            "prompt_template_name": template["name"] if template else None,
        }

    def _start(self, project_id: str, preset: dict[str, Any], values: dict[str, Any]) -> web.Response:
        base = (preset["t2e_base_url"] or self.state.base_url).rstrip("/")
        with self.store.transaction():
            session = self.store.insert(
                CHAT_SESSIONS,
                project_id,
                {"name": values["name"] or preset["name"], "connector_id": preset["connector_id"]},
            )
            url = f"{base}/chat/{session['id']}"
            session = self.store.update(CHAT_SESSIONS, project_id, session["id"], {"redirect_url": url}) or session
        return json_response(render_chat_session(session), 201)
