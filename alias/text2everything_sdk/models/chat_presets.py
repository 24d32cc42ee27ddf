# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.chat_presets`."""

from text2everything.models.chat_presets import *
