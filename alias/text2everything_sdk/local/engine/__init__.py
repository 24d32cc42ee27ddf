# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.local.engine`."""

from text2everything.local.engine import *
