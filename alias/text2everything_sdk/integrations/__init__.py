# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.integrations`."""

from text2everything.integrations import *
