# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources`."""

from text2everything.resources import *
from text2everything import ChatPresetsResource as ChatPresetsResource
from text2everything import ChatResource as ChatResource
from text2everything import ChatSessionsResource as ChatSessionsResource
from text2everything import ConnectorsResource as ConnectorsResource
from text2everything import ContextsResource as ContextsResource
from text2everything import CustomToolsResource as CustomToolsResource
from text2everything import ExecutionsResource as ExecutionsResource
from text2everything import FeedbackResource as FeedbackResource
from text2everything import GoldenExamplesResource as GoldenExamplesResource
from text2everything import ProjectsResource as ProjectsResource
from text2everything import SchemaMetadataResource as SchemaMetadataResource
from text2everything_sdk.resources import chat as chat
from text2everything_sdk.resources import chat_presets as chat_presets
from text2everything_sdk.resources import chat_sessions as chat_sessions
from text2everything_sdk.resources import connectors as connectors
from text2everything_sdk.resources import contexts as contexts
from text2everything_sdk.resources import custom_tools as custom_tools
from text2everything_sdk.resources import executions as executions
from text2everything_sdk.resources import feedback as feedback
from text2everything_sdk.resources import golden_examples as golden_examples
from text2everything_sdk.resources import projects as projects
from text2everything_sdk.resources import schema_metadata as schema_metadata
