# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.connectors`."""

from text2everything.resources.connectors import *
from text2everything import ConnectorsResource as ConnectorsResource
