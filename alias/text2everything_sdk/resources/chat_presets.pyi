# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.chat_presets import *
from text2everything import ChatPresetsResource as ChatPresetsResource
