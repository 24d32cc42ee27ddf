# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.custom_tools import *
from text2everything import CustomToolsResource as CustomToolsResource
