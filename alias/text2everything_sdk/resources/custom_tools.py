# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.custom_tools`."""

from text2everything.resources.custom_tools import *
from text2everything import CustomToolsResource as CustomToolsResource
