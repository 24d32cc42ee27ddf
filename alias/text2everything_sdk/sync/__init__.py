# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.sync`."""

from text2everything.sync import *
