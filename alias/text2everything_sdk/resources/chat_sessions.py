# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.chat_sessions`."""

from text2everything.resources.chat_sessions import *
from text2everything import ChatSessionsResource as ChatSessionsResource
