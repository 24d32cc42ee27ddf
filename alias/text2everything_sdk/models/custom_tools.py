# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.custom_tools`."""

from text2everything.models.custom_tools import *
