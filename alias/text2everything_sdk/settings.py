# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.settings`."""

from text2everything.settings import *
