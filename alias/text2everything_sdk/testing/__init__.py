# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.testing`."""

from text2everything.testing import *
