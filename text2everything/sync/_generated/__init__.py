# Generated from text2everything.client by `python -m text2everything.sync._generate`: do not edit.
"""The blocking client and its resources."""

from __future__ import annotations

from text2everything.sync._generated.chat import ChatResource
from text2everything.sync._generated.chat_presets import ChatPresetsResource
from text2everything.sync._generated.chat_sessions import ChatSessionsResource
from text2everything.sync._generated.client import Text2EverythingClient
from text2everything.sync._generated.connectors import ConnectorsResource
from text2everything.sync._generated.contexts import ContextsResource
from text2everything.sync._generated.custom_tools import CustomToolsResource
from text2everything.sync._generated.executions import ExecutionsResource
from text2everything.sync._generated.feedback import FeedbackResource
from text2everything.sync._generated.golden_examples import GoldenExamplesResource
from text2everything.sync._generated.projects import ProjectsResource
from text2everything.sync._generated.schema_metadata import SchemaMetadataResource

__all__ = [
    "ChatPresetsResource",
    "ChatResource",
    "ChatSessionsResource",
    "ConnectorsResource",
    "ContextsResource",
    "CustomToolsResource",
    "ExecutionsResource",
    "FeedbackResource",
    "GoldenExamplesResource",
    "ProjectsResource",
    "SchemaMetadataResource",
    "Text2EverythingClient",
]
