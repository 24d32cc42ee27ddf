# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.contexts`."""

from text2everything.resources.contexts import *
from text2everything import ContextsResource as ContextsResource
