"""Chat presets: the settings, prompt and connector that new sessions get."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_text
from text2everything.models._fields import bool_field, optional_id, optional_object, optional_text, text_field
from text2everything.models._plain import plain, plain_json
from text2everything.models.base import UNSET, KeyAccess, Model, Unset, build


@attrs.define(kw_only=True, repr=False)
class ChatSettings(Model):
    """The chat settings of a preset. The service does not accept null for `llm_args`, so None becomes `{}`."""

    llm: str | None = optional_text()
    llm_args: dict[str, Any] | None = optional_object(None)
    rag_config: dict[str, Any] | None = optional_object(None)
    include_chat_history: str | None = attrs.field(default=None, converter=plain)
    tags: list[str] | None = attrs.field(default=None, converter=plain)

    def __attrs_post_init__(self) -> None:
        self.llm_args = {} if self.llm_args is None else self.llm_args


@attrs.define(kw_only=True, repr=False)
class PromptTemplateSpec(Model):
    """A prompt template to create with a preset."""

    name: str = text_field()
    system_prompt: str = text_field()
    description: str | None = optional_text()
    lang: str | None = optional_text("en")


def _settings(value: Any) -> Any:
    """Accept settings as a dict too, including keys that this package does not know."""
    value = plain_json(value)
    if isinstance(value, dict):
        return {**value, "llm_args": value.get("llm_args") or {}}
    return value


def _template(value: Any) -> Any:
    value = plain(value)
    return value if value is None or value is UNSET else build(PromptTemplateSpec, value, name="prompt_template")


def _check_settings(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not (value is None or value is UNSET or isinstance(value, dict | ChatSettings)):
        raise ValidationError(f"{attribute.name} must be a ChatSettings or a dict, got {type(value).__name__}")


def _check_usernames(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is None or value is UNSET:
        return
    if not isinstance(value, list | tuple):
        raise ValidationError(f"{attribute.name} must be a list of strings, got {type(value).__name__}")
    for index, name in enumerate(value):
        check_text(f"{attribute.name}[{index}]", name)


@attrs.define(kw_only=True, repr=False)
class ChatPresetCreate(Model):
    """A preset to create; its prompt is a new `prompt_template` or an existing `prompt_template_id`."""

    name: str = text_field()
    collection_name: str = text_field()
    description: str | None = optional_text()
    collection_description: str | None = optional_text()
    make_public: bool = bool_field(default=True)
    chat_settings: ChatSettings | dict[str, Any] | None = attrs.field(
        default=None, converter=_settings, validator=_check_settings
    )
    prompt_template_id: str | None = optional_id()
    prompt_template: PromptTemplateSpec | None = attrs.field(default=None, converter=_template)
    share_prompt_with_username: str | None = optional_text()
    share_prompt_with_usernames: list[str] | None = attrs.field(
        default=None, converter=plain, validator=_check_usernames
    )
    connector_id: str | None = optional_id()
    workspace_id: str | None = optional_id()
    t2e_url: str | None = optional_text()
    api_system_prompt: str | None = optional_text()


@attrs.define(kw_only=True, repr=False)
class ChatPresetUpdate(Model):
    """The fields of a preset to change; fields that are not set keep their value, None clears it."""

    name: str | Unset = text_field(default=UNSET)
    description: str | Unset | None = optional_text(UNSET)
    collection_name: str | Unset = text_field(default=UNSET)
    collection_description: str | Unset | None = optional_text(UNSET)
    make_public: bool | Unset = bool_field(default=UNSET)
    chat_settings: ChatSettings | dict[str, Any] | Unset | None = attrs.field(
        default=UNSET, converter=_settings, validator=_check_settings
    )
    prompt_template_id: str | Unset | None = optional_text(UNSET)
    prompt_template: PromptTemplateSpec | Unset | None = attrs.field(default=UNSET, converter=_template)
    share_prompt_with_username: str | Unset | None = optional_text(UNSET)
    share_prompt_with_usernames: list[str] | Unset | None = attrs.field(
        default=UNSET, converter=plain, validator=_check_usernames
    )
    connector_id: str | Unset | None = optional_text(UNSET)
    workspace_id: str | Unset | None = optional_text(UNSET)
    t2e_url: str | Unset | None = optional_text(UNSET)
    api_system_prompt: str | Unset | None = optional_text(UNSET)


@attrs.define(kw_only=True, repr=False)
class ChatPresetResponse(Model):
    """The reply to a preset that is created or changed, with the collection id that get, update and delete take."""

    collection_id: str
    collection_name: str | None = None
    prompt_template_id: str | None = None
    prompt_template_name: str | None = None


@attrs.define(kw_only=True, repr=False)
class ChatPreset(Model):
    """A preset. `activate` takes its `id`; get, update and delete take its `h2ogpte_collection_id`."""

    id: str
    name: str
    project_id: str | None = None
    description: str | None = None
    h2ogpte_collection_id: str | None = None
    is_public: bool | None = None
    is_active: bool | None = None
    connector_id: str | None = None
    prompt_template_id: str | None = None
    chat_settings: dict[str, Any] | None = None
    t2e_base_url: str | None = None
    api_system_prompt: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def collection_id(self) -> str | None:
        """The same as `h2ogpte_collection_id`."""
        return self.h2ogpte_collection_id


@attrs.define(kw_only=True, repr=False)
class PromptTemplateCreate(Model):
    """A prompt template to create."""

    name: str = text_field()
    system_prompt: str = text_field()
    description: str | None = optional_text()
    lang: str | None = optional_text("en")
    share_with_username: str | None = optional_text()
    share_with_usernames: list[str] | None = attrs.field(default=None, converter=plain, validator=_check_usernames)


@attrs.define(kw_only=True, repr=False)
class PromptTemplateUpdate(Model):
    """The new values of a prompt template."""

    id: str = text_field()
    name: str = text_field()
    description: str | None = optional_text()
    lang: str | None = optional_text("en")
    system_prompt: str | None = optional_text()


@attrs.define(kw_only=True, repr=False)
class PromptTemplate(KeyAccess, Model):
    """A prompt template."""

    id: str
    name: str | None = None
    description: str | None = None
    lang: str | None = None
    system_prompt: str | None = None
    is_builtin: bool | None = None


@attrs.define(kw_only=True, repr=False)
class PromptTemplatePage(KeyAccess, Model):
    """A page of prompt templates; the next page starts at `next_offset`."""

    items: list[PromptTemplate] = attrs.field(factory=list)
    has_next: bool = False
    next_offset: int | None = None


@attrs.define(kw_only=True, repr=False)
class PresetOptions(KeyAccess, Model):
    """The values that presets may use on this deployment."""

    llm_names: list[Any] = attrs.field(factory=list)
    vision_llm_names: list[Any] = attrs.field(factory=list)
    agent_tools: list[Any] = attrs.field(factory=list)
    prompt_templates: list[Any] = attrs.field(factory=list)
    include_chat_history_options: list[Any] = attrs.field(factory=list)
    rag_type_options: list[Any] = attrs.field(factory=list)
    agent_accuracy_options: list[Any] = attrs.field(factory=list)
