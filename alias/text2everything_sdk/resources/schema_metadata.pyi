# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.schema_metadata import *
from text2everything import SchemaMetadataResource as SchemaMetadataResource
