# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.chat import *
from text2everything import ChatResource as ChatResource
