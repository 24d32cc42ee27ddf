# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.chat_presets`."""

from text2everything.resources.chat_presets import *
from text2everything import ChatPresetsResource as ChatPresetsResource
