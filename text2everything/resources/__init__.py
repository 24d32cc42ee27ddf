"""The asynchronous resources, written by hand; the blocking ones in `sync` are generated from them."""

from __future__ import annotations

from text2everything.resources.chat import AsyncChatResource
from text2everything.resources.chat_presets import AsyncChatPresetsResource
from text2everything.resources.chat_sessions import AsyncChatSessionsResource
from text2everything.resources.connectors import AsyncConnectorsResource
from text2everything.resources.contexts import AsyncContextsResource
from text2everything.resources.custom_tools import AsyncCustomToolsResource
from text2everything.resources.executions import AsyncExecutionsResource
from text2everything.resources.feedback import AsyncFeedbackResource
from text2everything.resources.golden_examples import AsyncGoldenExamplesResource
from text2everything.resources.projects import AsyncProjectsResource
from text2everything.resources.schema_metadata import AsyncSchemaMetadataResource

__all__ = [
    "AsyncChatPresetsResource",
    "AsyncChatResource",
    "AsyncChatSessionsResource",
    "AsyncConnectorsResource",
    "AsyncContextsResource",
    "AsyncCustomToolsResource",
    "AsyncExecutionsResource",
    "AsyncFeedbackResource",
    "AsyncGoldenExamplesResource",
    "AsyncProjectsResource",
    "AsyncSchemaMetadataResource",
]
