# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.schema_metadata`."""

from text2everything.models.schema_metadata import *
