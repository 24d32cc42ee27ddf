"""Chat presets and prompt templates: what sessions start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local import _paging as paging
from text2everything.local._errors import ApiError, invalid, problem
from text2everything.local._handlers.base import Resource, missing, read_object, read_optional, reply, wrong
from text2everything.local._handlers.chat import ACCURACIES
from text2everything.local._handlers.chat_sessions import render_session
from text2everything.local._store import new_id
from text2everything.local._tables import (
    CHAT_PRESETS,
    CHAT_SESSIONS,
    CONNECTORS,
    PROJECTS,
    PROMPT_TEMPLATES,
)
from text2everything.local._validation import Body, Field, document, filled, flag, may, need, nested, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEMPLATE = (need("name"), need("system_prompt"), may("description"), may("lang", text, "en"))
_HIDDEN = {"workspace_id", "shared_with", "collection_name", "collection_description"}
# What bodies call the columns.
_COLUMNS = {"make_public": "is_public", "t2e_url": "t2e_base_url"}
SESSION = Body((may("name"),))


class ChatPresets(Resource):
    """The presets of a project, addressed by the id of their collection; as bare lists."""

    table = CHAT_PRESETS
    path = "chat-presets"
    body = Body(
        (
            need("name"),
            need("collection_name"),
            may("description"),
            may("collection_description"),
            may("make_public", flag, True),
            may(
                "chat_settings",
                nested(may("llm"), Field("llm_args", document, default={}), may("rag_config", document)),
            ),
            may("prompt_template", nested(*_TEMPLATE)),
            may("prompt_template_id", filled),
            may("share_prompt_with_username", filled),
            may("share_prompt_with_usernames", texts),
            may("connector_id", filled),
            may("workspace_id"),
            may("t2e_url"),
            may("api_system_prompt"),
        )
    )

    def more_routes(self) -> Iterable[web.RouteDef]:
        yield web.get(f"{self.base}/options", self.options)
        yield web.post(f"{self.base}/active/start", self.start_active)
        yield web.post(self.base + "/{id}/activate", self.activate)
        yield web.post(self.base + "/{id}/chat-sessions", self.start)

    async def index(self, request: web.Request) -> web.Response:
        items, _, _ = self.find(request, self.project(request))
        return reply(items)

    async def fetch(self, request: web.Request) -> web.Response:
        project = self.project(request)
        return reply(self.render(self._by_collection(project, request.match_info["id"])))

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: what is sent changes, the rest stays."""
        body = await read_object(request)
        project = self.project(request)
        preset = self._by_collection(project, request.match_info["id"])
        values = self.body.change(body)
        with self.store.transaction():
            columns = self._columns(project, values) or {"name": preset["name"]}
            return reply(self._summary(self.store.update(self.table, project, preset["id"], columns) or preset))

    async def delete(self, request: web.Request) -> web.Response:
        project = self.project(request)
        preset = self._by_collection(project, request.match_info["id"])
        with self.store.transaction():
            self.remove(project, preset["id"])
            self.store.run(
                "UPDATE projects SET active_chat_preset_id = NULL WHERE active_chat_preset_id = ?", preset["id"]
            )
        return reply({"status": "deleted"})

    async def activate(self, request: web.Request) -> web.Response:
        """POST: make one preset, by its own id, the active one of the project."""
        project = self.project(request)
        preset = self.require(self.table, project, request.match_info["id"])
        self.store.update(PROJECTS, None, project, {"active_chat_preset_id": preset["id"]})
        return reply(self.render(preset))

    async def start(self, request: web.Request) -> web.Response:
        """POST: a session from one preset."""
        body = await read_optional(request)
        project = self.project(request)
        preset = self.require(self.table, project, request.match_info["id"])
        return self._start(project, preset, SESSION.create(body))

    async def start_active(self, request: web.Request) -> web.Response:
        """POST: a session from the active preset."""
        body = await read_optional(request)
        project = self.project(request)
        active = self.require(PROJECTS, None, project)["active_chat_preset_id"]
        if active is None:
            raise ApiError(404, {"detail": "The project has no active chat preset"})
        return self._start(project, self.require(self.table, project, active), SESSION.create(body))

    async def options(self, request: web.Request) -> web.Response:
        """GET: what presets can be made of here."""
        templates = self.store.rows(PROMPT_TEMPLATES, self.project(request))
        return reply(
            {
                "llm_names": ["rules"],
                "vision_llm_names": [],
                "agent_tools": [],
                "prompt_templates": [render_template(template) for template in templates],
                "include_chat_history_options": ["auto", "on", "off"],
                "rag_type_options": ["auto", "llm_only", "rag"],
                "agent_accuracy_options": list(ACCURACIES),
            }
        )

    def add(self, project: Any, values: dict[str, Any]) -> Any:
        with self.store.transaction():
            columns = {"h2ogpte_collection_id": new_id(), **self._columns(project, values)}
            return self._summary(self.store.insert(self.table, project, columns))

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        project = self.store.get(PROJECTS, None, item["project_id"]) or {}
        shown = {name: value for name, value in item.items() if name not in _HIDDEN}
        return {**shown, "is_active": project.get("active_chat_preset_id") == item["id"]}

    def _by_collection(self, project: str, collection: str) -> dict[str, Any]:
        row = self.store.one(
            "SELECT id FROM chat_presets WHERE h2ogpte_collection_id = ? AND project_id = ?", collection, project
        )
        if row is None:
            raise missing(self.table, collection)
        return self.require(self.table, project, row[0])

    def _columns(self, project: str, values: dict[str, Any]) -> dict[str, Any]:
        """Return the columns for a body's values, with the template made that comes with it."""
        columns = {_COLUMNS.get(name, name): value for name, value in values.items()}
        template = columns.pop("prompt_template", None)
        one = columns.pop("share_prompt_with_username", None)
        many = columns.pop("share_prompt_with_usernames", None)
        shared = [*([one] if one else []), *(many or [])]
        if shared:
            columns["shared_with"] = shared
        self.refer(CONNECTORS, project, columns.get("connector_id"))
        self.refer(PROMPT_TEMPLATES, project, columns.get("prompt_template_id"))
        if template is not None:
            if columns.get("prompt_template_id") is not None:
                raise wrong("prompt_template_id", "Give a prompt template or the id of one, not both")
            made = {"description": None, "lang": "en", **template, "is_builtin": False, "shared_with": shared}
            made = {name: made[name] for name in PROMPT_TEMPLATES.fields}
            columns["prompt_template_id"] = self.store.insert(PROMPT_TEMPLATES, project, made)["id"]
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

    def _start(self, project: str, preset: dict[str, Any], values: dict[str, Any]) -> web.Response:
        base = (preset["t2e_base_url"] or self.state.base_url).rstrip("/")
        with self.store.transaction():
            session = self.store.insert(
                CHAT_SESSIONS,
                project,
                {"name": values["name"] or preset["name"], "connector_id": preset["connector_id"]},
            )
            url = f"{base}/chat/{session['id']}"
            session = self.store.update(CHAT_SESSIONS, project, session["id"], {"redirect_url": url}) or session
        return reply(render_session(session), 201)


class PromptTemplates(Resource):
    """The prompt templates of a project, paged by offset."""

    table = PROMPT_TEMPLATES
    path = "chat-presets/prompt-templates"
    body = Body((*_TEMPLATE, may("share_with_username", filled), may("share_with_usernames", texts)))

    async def index(self, request: web.Request) -> web.Response:
        project = self.project(request)
        window = paging.offset_window(request.query)
        search = paging.search_text(request.query)
        rows, total = self.store.page(self.table, project, window, search=search)
        end = window.offset + len(rows)
        more = bool(rows) and end < total
        items = [self.render(self.table.decode(row)) for row in rows]
        return reply({"items": items, "has_next": more, "next_offset": end if more else None})

    async def replace(self, request: web.Request) -> web.Response:
        """PUT: the name, and what else is sent; the rest stays."""
        body = await read_object(request)
        project = self.project(request)
        template = self.require(self.table, project, request.match_info["id"])
        if "name" not in body:
            raise invalid(problem(("body", "name"), "Field required", "missing"))
        changes = self.body.change(body)
        return reply(self.put(project, template, self._columns(changes)))

    def add(self, project: Any, values: dict[str, Any]) -> Any:
        return super().add(project, {**self._columns(values), "is_builtin": False})

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        return render_template(item)

    def _columns(self, values: dict[str, Any]) -> dict[str, Any]:
        columns = dict(values)
        one = columns.pop("share_with_username", None)
        shared = [*([one] if one else []), *(columns.pop("share_with_usernames", None) or [])]
        return {**columns, "shared_with": shared} if shared else columns


def render_template(item: dict[str, Any]) -> dict[str, Any]:
    """Return a prompt template as replies show it."""
    return {name: value for name, value in item.items() if name != "shared_with"}
