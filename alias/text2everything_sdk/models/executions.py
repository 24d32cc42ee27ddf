# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.executions`."""

from text2everything.models.executions import *
