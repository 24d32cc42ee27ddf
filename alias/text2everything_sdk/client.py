# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.client`."""

from text2everything.client import *
from text2everything import Text2EverythingClient as Text2EverythingClient
