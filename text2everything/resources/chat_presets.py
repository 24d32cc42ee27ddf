"""Chat presets, the templates of sessions: `client.chat_presets`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here
from collections.abc import Sequence, ValuesView
from collections.abc import Set as AbstractSet
from typing import Any

from text2everything import _codec as codec
from text2everything.exceptions import NotFoundError, ValidationError
from text2everything.models._checks import check_id, check_int
from text2everything.models.base import UNSET, Model, Unset
from text2everything.models.chat_presets import (
    ChatPreset,
    ChatPresetCreate,
    ChatPresetResponse,
    ChatPresetUpdate,
    ChatSettings,
    PresetOptions,
    PromptTemplate,
    PromptTemplateCreate,
    PromptTemplatePage,
    PromptTemplateSpec,
    PromptTemplateUpdate,
)
from text2everything.models.projects import DeleteResult
from text2everything.resources._base import MAX_PAGE_SIZE, MAX_SKIP, ItemsResource, delete_result
from text2everything.resources._paths import escape, project_path


class AsyncChatPresetsResource(ItemsResource[ChatPreset, ChatPresetCreate]):
    """Chat presets: the settings, prompt and connector that new sessions get. A project can have one active preset.

    A preset has two ids: `get`, `update` and `delete` take its collection id, `activate` takes its own `id`.
    """

    _name = "chat-presets"
    _item = ChatPreset
    _new = ChatPresetCreate

    async def create(
        self,
        project_id: str,
        name: str,
        collection_name: str,
        description: str | None = None,
        collection_description: str | None = None,
        make_public: bool = True,
        chat_settings: ChatSettings | dict[str, Any] | None = None,
        prompt_template_id: str | None = None,
        prompt_template: PromptTemplateSpec | dict[str, Any] | None = None,
        share_prompt_with_username: str | None = None,
        share_prompt_with_usernames: Sequence[str] | None = None,
        connector_id: str | None = None,
        workspace_id: str | None = None,
        t2e_url: str | None = None,
        api_system_prompt: str | None = None,
    ) -> ChatPresetResponse:
        """Create a preset.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            collection_name: The name of the collection that is created for it; must not be blank.
            description: A description of the preset.
            collection_description: A description of the collection.
            make_public: Whether other users may use it; default True.
            chat_settings: A model, or a dict with `llm`, `llm_args`, `rag_config`, `include_chat_history`, `tags`.
            prompt_template_id: The id of an existing prompt template; alternatively, give `prompt_template`.
            prompt_template: A prompt template to create: `name`, `system_prompt`, `description`, `lang`.
            share_prompt_with_username: A user to share the prompt template with.
            share_prompt_with_usernames: Users to share the prompt template with.
            connector_id: The connector that its sessions use.
            workspace_id: The workspace that its sessions use.
            t2e_url: The URL at which its sessions reach this service.
            api_system_prompt: The system prompt for API calls.

        Returns:
            The preset's collection id, which `get`, `update` and `delete` take; `get` returns the preset's own `id`.

        Raises:
            NotFoundError: There is no such project, connector or prompt template.
            ValidationError: An argument is invalid.

        Example:
            >>> preset = await client.chat_presets.create(
            ...     project_id, "Sales", "Sales questions", chat_settings={"llm": "gpt-4o"}, connector_id=connector_id
            ... )
            >>> await client.chat_presets.get(project_id, preset.collection_id)
        """
        new = ChatPresetCreate(
            name=name,
            collection_name=collection_name,
            description=description,
            collection_description=collection_description,
            make_public=make_public,
            chat_settings=chat_settings,
            prompt_template_id=prompt_template_id,
            prompt_template=prompt_template,
            share_prompt_with_username=share_prompt_with_username,
            share_prompt_with_usernames=_as_list(share_prompt_with_usernames),
            connector_id=connector_id,
            workspace_id=workspace_id,
            t2e_url=t2e_url,
            api_system_prompt=api_system_prompt,
        )
        body = _set_fields(new)
        return self._decode(await self._send("POST", self._path(project_id), body), ChatPresetResponse)

    async def get(self, project_id: str, collection_id: str) -> ChatPreset:
        """Return the preset with this collection id; the service has no such call, so the listing is searched.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> preset = await client.chat_presets.get(project_id, collection_id)
            >>> preset.name, preset.is_active
            ('Sales', False)
        """
        check_id("collection_id", collection_id)
        async for preset in self.iter(project_id):
            if preset.h2ogpte_collection_id == collection_id:
                return preset
        raise NotFoundError(f"no chat preset has the collection {collection_id!r}")

    async def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[ChatPreset]:
        """Return the project's presets.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only presets whose text contains this.

        Example:
            >>> presets = await client.chat_presets.list(project_id, search="sales")
            >>> [preset.name for preset in presets if preset.is_public]
            ['Sales']
        """
        return await self._list(project_id, skip=skip, limit=limit, q=search)

    async def update(
        self,
        project_id: str,
        collection_id: str,
        name: str | Unset = UNSET,
        description: str | Unset | None = UNSET,
        collection_name: str | Unset = UNSET,
        collection_description: str | Unset | None = UNSET,
        make_public: bool | Unset = UNSET,
        chat_settings: ChatSettings | dict[str, Any] | Unset | None = UNSET,
        prompt_template_id: str | Unset | None = UNSET,
        prompt_template: PromptTemplateSpec | dict[str, Any] | Unset | None = UNSET,
        share_prompt_with_username: str | Unset | None = UNSET,
        share_prompt_with_usernames: Sequence[str] | Unset | None = UNSET,
        connector_id: str | Unset | None = UNSET,
        workspace_id: str | Unset | None = UNSET,
        t2e_url: str | Unset | None = UNSET,
        api_system_prompt: str | Unset | None = UNSET,
    ) -> ChatPresetResponse:
        """Change a preset; arguments that are not given keep their value, None clears it.

        Raises:
            NotFoundError: There is no such preset, connector or prompt template.
            ValidationError: An argument is invalid, or none is given besides the ids.

        Example:
            >>> await client.chat_presets.update(project_id, collection_id, name="Sales 2", description=None)
        """
        update = ChatPresetUpdate(
            name=name,
            description=description,
            collection_name=collection_name,
            collection_description=collection_description,
            make_public=make_public,
            chat_settings=chat_settings,
            prompt_template_id=prompt_template_id,
            prompt_template=prompt_template,
            share_prompt_with_username=share_prompt_with_username,
            share_prompt_with_usernames=_as_list(share_prompt_with_usernames),
            connector_id=connector_id,
            workspace_id=workspace_id,
            t2e_url=t2e_url,
            api_system_prompt=api_system_prompt,
        )
        given = codec.changes(update)
        if not given:
            raise ValidationError("nothing to update: give at least one argument besides the ids")
        reply = await self._send("PUT", self._path(project_id, collection_id=collection_id), given)
        if not reply.body.strip():
            return ChatPresetResponse(collection_id=collection_id)
        return self._decode(reply, ChatPresetResponse)

    async def delete(self, project_id: str, collection_id: str) -> DeleteResult:
        """Delete a preset and its collection; do this before deleting its connector.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> await client.chat_presets.delete(project_id, collection_id)
            >>> await client.connectors.delete(project_id, connector_id)
        """
        return delete_result(await self._send("DELETE", self._path(project_id, collection_id=collection_id)))

    async def activate(self, project_id: str, preset_id: str) -> ChatPreset:
        """Make a preset the active one of the project, in place of any other.

        Args:
            project_id: The project.
            preset_id: The preset's own `id`, not its collection id.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> preset = await client.chat_presets.get(project_id, collection_id)
            >>> (await client.chat_presets.activate(project_id, preset.id)).is_active
            True
        """
        reply = await self._send("POST", f"{self._path(project_id, preset_id=preset_id)}/activate", repeatable=True)
        return self._decode(reply, ChatPreset)

    async def get_active(self, project_id: str) -> ChatPreset | None:
        """Return the project's active preset, or None.

        Example:
            >>> preset = await client.chat_presets.get_active(project_id)
            >>> print(preset.name if preset else "no active preset")
        """
        async for preset in self.iter(project_id):
            if preset.is_active:
                return preset
        return None

    async def get_preset_options(self, project_id: str) -> PresetOptions:
        """Return the values that presets may use on this deployment: language models, agent tools and so on.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> options = await client.chat_presets.get_preset_options(project_id)
            >>> print(options.llm_names, options.agent_accuracy_options)
        """
        return self._decode(await self._send("GET", f"{self._path(project_id)}/options"), PresetOptions)

    async def create_prompt_template(
        self,
        project_id: str,
        name: str,
        system_prompt: str,
        description: str | None = None,
        lang: str = "en",
        share_with_username: str | None = None,
        share_with_usernames: Sequence[str] | None = None,
    ) -> PromptTemplate:
        """Create a prompt template.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            system_prompt: The prompt; must not be blank.
            description: A description.
            lang: The language of the prompt; default `en`.
            share_with_username: A user to share it with.
            share_with_usernames: Users to share it with.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> template = await client.chat_presets.create_prompt_template(
            ...     project_id, "Brief", "Answer in one sentence."
            ... )
            >>> await client.chat_presets.create(project_id, "Sales", "Sales", prompt_template_id=template.id)
        """
        new = PromptTemplateCreate(
            name=name,
            system_prompt=system_prompt,
            description=description,
            lang=lang,
            share_with_username=share_with_username,
            share_with_usernames=_as_list(share_with_usernames),
        )
        body = _set_fields(new)
        return self._decode(await self._send("POST", _templates(project_id), body), PromptTemplate)

    async def get_prompt_template(self, project_id: str, template_id: str) -> PromptTemplate:
        """Return one prompt template.

        Raises:
            NotFoundError: There is no such prompt template.

        Example:
            >>> template = await client.chat_presets.get_prompt_template(project_id, template_id)
            >>> template.name, template.system_prompt
            ('Brief', 'Answer in one sentence.')
        """
        path = f"{_templates(project_id)}/{escape('template_id', template_id)}"
        return self._decode(await self._send("GET", path), PromptTemplate)

    async def list_prompt_templates(
        self, project_id: str, offset: int = 0, limit: int = 100, search: str | None = None
    ) -> PromptTemplatePage:
        """Return a page of prompt templates; if `has_next` is true, the next page starts at `next_offset`.

        Args:
            project_id: The project.
            offset: The number of items to skip.
            limit: The maximum number of items to return, 1 to 1000; default 100.
            search: Only prompt templates whose text contains this.

        Example:
            >>> page = await client.chat_presets.list_prompt_templates(project_id, limit=20, search="brief")
            >>> [template.name for template in page.items], page.has_next
            (['Brief'], False)
        """
        query = {
            "offset": check_int("offset", offset, 0, MAX_SKIP),
            "limit": check_int("limit", limit, 1, MAX_PAGE_SIZE),
            "q": search,
        }
        listing = await self._page(_templates(project_id), PromptTemplate, query)
        return PromptTemplatePage(
            items=listing.items, has_next=bool(listing.has_next), next_offset=listing.next_offset
        )

    async def update_prompt_template(
        self,
        project_id: str,
        template_id: str,
        name: str,
        description: str | None = None,
        lang: str = "en",
        system_prompt: str | None = None,
    ) -> PromptTemplate:
        """Change a prompt template; `system_prompt=None` keeps the current one.

        Args:
            project_id: The project.
            template_id: The prompt template.
            name: Its name, new or unchanged; must not be blank.
            description: The new description; None is not sent.
            lang: The language of the prompt; it is set to `en` if it is not given.
            system_prompt: The new prompt.

        Raises:
            NotFoundError: There is no such prompt template.

        Example:
            >>> await client.chat_presets.update_prompt_template(project_id, template_id, "Brief", lang="de")
        """
        path = f"{_templates(project_id)}/{escape('template_id', template_id)}"
        update = PromptTemplateUpdate(
            id=template_id, name=name, description=description, lang=lang, system_prompt=system_prompt
        )
        body = _set_fields(update)
        reply = await self._send("PUT", path, body)
        return await self._decode_or_get(reply, path, PromptTemplate)


def _templates(project_id: object) -> str:
    return f"{project_path(project_id)}/chat-presets/prompt-templates"


def _set_fields(model: Model) -> dict[str, Any]:
    """Return the fields that are not None, as the body of a request."""
    return {name: value for name, value in codec.unstructure(model).items() if value is not None}


def _as_list(value: Any) -> Any:
    """Return a tuple, a set or a view of a dict as a list; the model validates anything else, which is unchanged."""
    return list(value) if isinstance(value, tuple | AbstractSet | ValuesView) else value
