"""Async-first client of H2O.ai's Text2Everything, with a blocking facade and an embedded local service.

`AsyncText2EverythingClient` is awaited; `Text2EverythingClient` blocks. Both have `.local()`, which starts the
service in-process, so that everything works with no account.

Importing this package is quick: what a name needs is imported when the name is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from text2everything.exceptions import *  # noqa: F403
from text2everything.exceptions import __all__ as _exceptions

if TYPE_CHECKING:
    from text2everything.client import AsyncText2EverythingClient as AsyncText2EverythingClient
    from text2everything.models import *  # noqa: F403
    from text2everything.paging import AsyncPager as AsyncPager
    from text2everything.paging import Page as Page
    from text2everything.resources import *  # noqa: F403
    from text2everything.settings import Settings as Settings
    from text2everything.sync import *  # noqa: F403

__version__ = "0.1.0"

_RESOURCES = (
    "ChatPresets",
    "Chat",
    "ChatSessions",
    "Connectors",
    "Contexts",
    "CustomTools",
    "Executions",
    "Feedback",
    "GoldenExamples",
    "Projects",
    "SchemaMetadata",
)

_MODELS = (
    "UNSET",
    "AutoFeedbackConfig",
    "BulkDeleteResult",
    "CacheMatch",
    "ChatPreset",
    "ChatPresetCreate",
    "ChatPresetResponse",
    "ChatPresetUpdate",
    "ChatRequest",
    "ChatResponse",
    "ChatSessionCreate",
    "ChatSessionQuestion",
    "ChatSessionQuestionsResponse",
    "ChatSessionResponse",
    "ChatSessionUpdateRequest",
    "ChatSettings",
    "ChatToAnswerRequest",
    "ChatToAnswerResponse",
    "Collection",
    "ConnectionTest",
    "Connector",
    "ConnectorCreate",
    "ConnectorType",
    "ConnectorUpdate",
    "Context",
    "ContextCreate",
    "ContextResponse",
    "ContextUpdate",
    "CustomTool",
    "CustomToolCreate",
    "CustomToolDocument",
    "CustomToolUpdate",
    "DeleteResult",
    "Execution",
    "ExecutionCacheLookupRequest",
    "ExecutionCacheLookupResponse",
    "ExecutionListItem",
    "Feedback",
    "FeedbackCreate",
    "FeedbackResponse",
    "FeedbackUpdate",
    "GoldenExample",
    "GoldenExampleCreate",
    "GoldenExampleResponse",
    "GoldenExampleUpdate",
    "Model",
    "PresetOptions",
    "Project",
    "ProjectCreate",
    "ProjectUpdate",
    "PromptTemplate",
    "PromptTemplateCreate",
    "PromptTemplatePage",
    "PromptTemplateSpec",
    "PromptTemplateUpdate",
    "SQLExecuteRequest",
    "SQLExecuteResponse",
    "SchemaMetadata",
    "SchemaMetadataCreate",
    "SchemaMetadataResponse",
    "SchemaMetadataUpdate",
    "SplitGroup",
    "Stored",
    "Unset",
)

_HOMES = {
    "AsyncText2EverythingClient": "client",
    "Text2EverythingClient": "sync",
    "AsyncPager": "paging",
    "Page": "paging",
    "Pager": "sync",
    "Settings": "settings",
    **{f"Async{name}Resource": "resources" for name in _RESOURCES},
    **{f"{name}Resource": "sync" for name in _RESOURCES},
    **dict.fromkeys(_MODELS, "models"),
}

_SUBMODULES = ("exceptions", "local", "models", "resources", "sync", "testing")

__all__ = sorted([*_HOMES, *_exceptions])  # noqa: PLE0605  # a list, of names that are written once, above


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    elif name in _SUBMODULES:
        value = importlib.import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
