# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.schema_metadata`."""

from text2everything.resources.schema_metadata import *
from text2everything import SchemaMetadataResource as SchemaMetadataResource
