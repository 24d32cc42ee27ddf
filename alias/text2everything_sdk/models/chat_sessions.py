# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.chat_sessions`."""

from text2everything.models.chat_sessions import *
