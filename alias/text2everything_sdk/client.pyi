# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.client import *
from text2everything import Text2EverythingClient as Text2EverythingClient
