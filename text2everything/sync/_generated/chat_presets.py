# Generated from text2everything.resources.chat_presets by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ChatPresetsResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812
from collections.abc import Sequence
from typing import Any

from text2everything._pagination.pager import PAGE_SIZE
from text2everything.models.base import UNSET, Unset
from text2everything.models.chat_presets import (
    ChatPreset,
    ChatPresetResponse,
    ChatSettings,
    PresetOptions,
    PromptTemplate,
    PromptTemplatePage,
    PromptTemplateSpec,
)
from text2everything.models.projects import DeleteResult
from text2everything.resources.chat_presets import AsyncChatPresetsResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import Pager


class ChatPresetsResource(BlockingResource[AsyncChatPresetsResource]):
    """Chat presets: the settings, prompt and connector that new sessions get. A project can have one active preset.

    A preset has two ids: `get`, `update` and `delete` take its collection id, `activate` takes its own `id`.
    """

    def create(
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
            >>> preset = client.chat_presets.create(
            ...     project_id, "Sales", "Sales questions", chat_settings={"llm": "gpt-4o"}, connector_id=connector_id
            ... )
            >>> client.chat_presets.get(project_id, preset.collection_id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.create,
            project_id,
            name,
            collection_name,
            description,
            collection_description,
            make_public,
            chat_settings,
            prompt_template_id,
            prompt_template,
            share_prompt_with_username,
            share_prompt_with_usernames,
            connector_id,
            workspace_id,
            t2e_url,
            api_system_prompt,
        )

    def get(self, project_id: str, collection_id: str) -> ChatPreset:
        """Return the preset with this collection id; the service has no such call, so the listing is searched.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> preset = client.chat_presets.get(project_id, collection_id)
            >>> preset.name, preset.is_active
            ('Sales', False)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, collection_id)

    def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[ChatPreset]:
        """Return the project's presets.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only presets whose text contains this.

        Example:
            >>> presets = client.chat_presets.list(project_id, search="sales")
            >>> [preset.name for preset in presets if preset.is_public]
            ['Sales']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, search)

    def update(
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
            >>> client.chat_presets.update(project_id, collection_id, name="Sales 2", description=None)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update,
            project_id,
            collection_id,
            name,
            description,
            collection_name,
            collection_description,
            make_public,
            chat_settings,
            prompt_template_id,
            prompt_template,
            share_prompt_with_username,
            share_prompt_with_usernames,
            connector_id,
            workspace_id,
            t2e_url,
            api_system_prompt,
        )

    def delete(self, project_id: str, collection_id: str) -> DeleteResult:
        """Delete a preset and its collection; do this before deleting its connector.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> client.chat_presets.delete(project_id, collection_id)
            >>> client.connectors.delete(project_id, connector_id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, collection_id)

    def activate(self, project_id: str, preset_id: str) -> ChatPreset:
        """Make a preset the active one of the project, in place of any other.

        Args:
            project_id: The project.
            preset_id: The preset's own `id`, not its collection id.

        Raises:
            NotFoundError: There is no such preset.

        Example:
            >>> preset = client.chat_presets.get(project_id, collection_id)
            >>> (client.chat_presets.activate(project_id, preset.id)).is_active
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.activate, project_id, preset_id)

    def get_active(self, project_id: str) -> ChatPreset | None:
        """Return the project's active preset, or None.

        Example:
            >>> preset = client.chat_presets.get_active(project_id)
            >>> print(preset.name if preset else "no active preset")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_active, project_id)

    def get_preset_options(self, project_id: str) -> PresetOptions:
        """Return the values that presets may use on this deployment: language models, agent tools and so on.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> options = client.chat_presets.get_preset_options(project_id)
            >>> print(options.llm_names, options.agent_accuracy_options)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_preset_options, project_id)

    def create_prompt_template(
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
            >>> template = client.chat_presets.create_prompt_template(
            ...     project_id, "Brief", "Answer in one sentence."
            ... )
            >>> client.chat_presets.create(project_id, "Sales", "Sales", prompt_template_id=template.id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.create_prompt_template,
            project_id,
            name,
            system_prompt,
            description,
            lang,
            share_with_username,
            share_with_usernames,
        )

    def get_prompt_template(self, project_id: str, template_id: str) -> PromptTemplate:
        """Return one prompt template.

        Raises:
            NotFoundError: There is no such prompt template.

        Example:
            >>> template = client.chat_presets.get_prompt_template(project_id, template_id)
            >>> template.name, template.system_prompt
            ('Brief', 'Answer in one sentence.')
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_prompt_template, project_id, template_id)

    def list_prompt_templates(
        self, project_id: str, offset: int = 0, limit: int = 100, search: str | None = None
    ) -> PromptTemplatePage:
        """Return a page of prompt templates; if `has_next` is true, the next page starts at `next_offset`.

        Args:
            project_id: The project.
            offset: The number of items to skip.
            limit: The maximum number of items to return, 1 to 1000; default 100.
            search: Only prompt templates whose text contains this.

        Example:
            >>> page = client.chat_presets.list_prompt_templates(project_id, limit=20, search="brief")
            >>> [template.name for template in page.items], page.has_next
            (['Brief'], False)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_prompt_templates, project_id, offset, limit, search)

    def update_prompt_template(
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
            >>> client.chat_presets.update_prompt_template(project_id, template_id, "Brief", lang="de")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update_prompt_template, project_id, template_id, name, description, lang, system_prompt
        )

    def iter(self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE) -> Pager[ChatPreset]:
        """Return the project's items one by one, in constant memory.

        The next page is fetched in the background; items may be deleted during the iteration. `.pages()` iterates
        over whole pages, each with the total if the service reports it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> for rating in client.feedback.iter(project_id, search="year"):
            ...     print(rating.feedback)
        """
        return Pager(self._portal, self._async.iter(project_id, search, page_size=page_size))

    def count(self, project_id: str, search: str | None = None) -> int:
        """Return the number of items in the project.

        One small request, if the service reports the total; otherwise the items are fetched and counted.

        Args:
            project_id: The project.
            search: Count only items whose text contains this.

        Example:
            >>> client.feedback.count(project_id)
            1000
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.count, project_id, search)
