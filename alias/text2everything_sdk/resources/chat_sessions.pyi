# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.chat_sessions import *
from text2everything import ChatSessionsResource as ChatSessionsResource
