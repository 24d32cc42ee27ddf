# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models`."""

from text2everything.models import *
from text2everything_sdk.models import base as base
from text2everything_sdk.models import chat as chat
from text2everything_sdk.models import chat_presets as chat_presets
from text2everything_sdk.models import chat_sessions as chat_sessions
from text2everything_sdk.models import connectors as connectors
from text2everything_sdk.models import contexts as contexts
from text2everything_sdk.models import custom_tools as custom_tools
from text2everything_sdk.models import executions as executions
from text2everything_sdk.models import feedback as feedback
from text2everything_sdk.models import golden_examples as golden_examples
from text2everything_sdk.models import projects as projects
from text2everything_sdk.models import schema_metadata as schema_metadata
