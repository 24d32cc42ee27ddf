# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.connectors import *
from text2everything import ConnectorsResource as ConnectorsResource
