# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.chat`."""

from text2everything.resources.chat import *
from text2everything import ChatResource as ChatResource
