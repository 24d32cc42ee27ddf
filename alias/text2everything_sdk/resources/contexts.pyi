# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.contexts import *
from text2everything import ContextsResource as ContextsResource
