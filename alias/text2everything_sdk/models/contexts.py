# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.contexts`."""

from text2everything.models.contexts import *
