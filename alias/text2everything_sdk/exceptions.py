# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.exceptions`."""

from text2everything.exceptions import *
