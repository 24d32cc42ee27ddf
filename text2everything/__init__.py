"""Async-first client of H2O.ai's Text2Everything, with a blocking facade and an embedded local service.

`AsyncText2EverythingClient` is for asyncio; the calls of `Text2EverythingClient` block. Both have `.local()`, which
starts a service in this process: no account is needed to try everything.

Public names are imported when they are first used, so that importing this package is fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from text2everything._transport.version import __version__ as __version__
from text2everything.exceptions import *

if TYPE_CHECKING:
    from text2everything._bulk.options import OnError as OnError
    from text2everything._bulk.progress import Progress as Progress
    from text2everything._bulk.results import BulkFailure as BulkFailure
    from text2everything._bulk.results import BulkOutcome as BulkOutcome
    from text2everything._bulk.results import BulkResult as BulkResult
    from text2everything._bulk.stream import AsyncBulkStream as AsyncBulkStream
    from text2everything._feedback.stats import FeedbackStats as FeedbackStats
    from text2everything._feedback.tally import DislikedMessage as DislikedMessage
    from text2everything._feedback.tally import Tally as Tally
    from text2everything._knowledge.directory import LoadedDirectory as LoadedDirectory
    from text2everything._pagination.pager import AsyncPager as AsyncPager
    from text2everything._pagination.pager import IncompleteListingWarning as IncompleteListingWarning
    from text2everything._pagination.pager import Page as Page
    from text2everything._schema.changes import LoadedDatabase as LoadedDatabase
    from text2everything._tabular.upload_result import UploadFailure as UploadFailure
    from text2everything._tabular.upload_result import UploadResult as UploadResult
    from text2everything.client import AsyncText2EverythingClient as AsyncText2EverythingClient
    from text2everything.models import *
    from text2everything.resources import *
    from text2everything.settings import Settings as Settings
    from text2everything.sync import *

__all__ = [
    "UNSET",
    "AsyncBulkStream",
    "AsyncChatPresetsResource",
    "AsyncChatResource",
    "AsyncChatSessionsResource",
    "AsyncConnectorsResource",
    "AsyncContextsResource",
    "AsyncCustomToolsResource",
    "AsyncExecutionsResource",
    "AsyncFeedbackResource",
    "AsyncGoldenExamplesResource",
    "AsyncPager",
    "AsyncProjectsResource",
    "AsyncSchemaMetadataResource",
    "AsyncText2EverythingClient",
    "AuthenticationError",
    "AutoFeedbackConfig",
    "BulkDeleteResult",
    "BulkError",
    "BulkFailure",
    "BulkOutcome",
    "BulkResult",
    "BulkStream",
    "CacheMatch",
    "ChatPreset",
    "ChatPresetCreate",
    "ChatPresetResponse",
    "ChatPresetUpdate",
    "ChatPresetsResource",
    "ChatRequest",
    "ChatResource",
    "ChatResponse",
    "ChatSessionCreate",
    "ChatSessionQuestion",
    "ChatSessionQuestionsResponse",
    "ChatSessionResponse",
    "ChatSessionUpdateRequest",
    "ChatSessionsResource",
    "ChatSettings",
    "ChatToAnswerRequest",
    "ChatToAnswerResponse",
    "ClientClosedError",
    "Collection",
    "ConflictError",
    "ConnectionError",
    "ConnectionTest",
    "Connector",
    "ConnectorCreate",
    "ConnectorType",
    "ConnectorUpdate",
    "ConnectorsResource",
    "Context",
    "ContextCreate",
    "ContextResponse",
    "ContextUpdate",
    "ContextsResource",
    "CustomTool",
    "CustomToolCreate",
    "CustomToolDocument",
    "CustomToolUpdate",
    "CustomToolsResource",
    "DeleteResult",
    "DislikedMessage",
    "Execution",
    "ExecutionCacheLookupRequest",
    "ExecutionCacheLookupResponse",
    "ExecutionListItem",
    "ExecutionsResource",
    "Feedback",
    "FeedbackCreate",
    "FeedbackResource",
    "FeedbackResponse",
    "FeedbackStats",
    "FeedbackUpdate",
    "GoldenExample",
    "GoldenExampleCreate",
    "GoldenExampleResponse",
    "GoldenExampleUpdate",
    "GoldenExamplesResource",
    "IncompleteListingWarning",
    "InvalidConfigurationError",
    "InvalidResponseError",
    "LoadedDatabase",
    "LoadedDirectory",
    "Model",
    "NotFoundError",
    "OnError",
    "Page",
    "Pager",
    "PermissionDeniedError",
    "PresetOptions",
    "Progress",
    "Project",
    "ProjectCreate",
    "ProjectUpdate",
    "ProjectsResource",
    "PromptTemplate",
    "PromptTemplateCreate",
    "PromptTemplatePage",
    "PromptTemplateSpec",
    "PromptTemplateUpdate",
    "RateLimitError",
    "SQLExecuteRequest",
    "SQLExecuteResponse",
    "SchemaMetadata",
    "SchemaMetadataCreate",
    "SchemaMetadataResource",
    "SchemaMetadataResponse",
    "SchemaMetadataUpdate",
    "ServerError",
    "Settings",
    "SplitGroup",
    "Stored",
    "Tally",
    "Text2EverythingClient",
    "Text2EverythingError",
    "TimeoutError",
    "Unset",
    "UploadFailure",
    "UploadResult",
    "ValidationError",
]

_MODULES = {
    "AsyncBulkStream": "_bulk.stream",
    "AsyncPager": "_pagination.pager",
    "AsyncText2EverythingClient": "client",
    "BulkFailure": "_bulk.results",
    "BulkOutcome": "_bulk.results",
    "BulkResult": "_bulk.results",
    "BulkStream": "sync",
    "DislikedMessage": "_feedback.tally",
    "FeedbackStats": "_feedback.stats",
    "IncompleteListingWarning": "_pagination.pager",
    "LoadedDatabase": "_schema.changes",
    "LoadedDirectory": "_knowledge.directory",
    "OnError": "_bulk.options",
    "Page": "_pagination.pager",
    "Pager": "sync",
    "Progress": "_bulk.progress",
    "Settings": "settings",
    "Tally": "_feedback.tally",
    "Text2EverythingClient": "sync",
    "UploadFailure": "_tabular.upload_result",
    "UploadResult": "_tabular.upload_result",
}
"""The module of each public name that is not a resource, model or exception."""

_SUBMODULES = ("exceptions", "local", "models", "resources", "sync", "testing")


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        value: Any = importlib.import_module(f"{__name__}.{name}")
    elif name in __all__:
        resources = "resources" if name.startswith("Async") else "sync"
        module = _MODULES.get(name) or (resources if name.endswith("Resource") else "models")
        value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
