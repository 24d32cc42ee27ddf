# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.projects`."""

from text2everything.models.projects import *
