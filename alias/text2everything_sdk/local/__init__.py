# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.local`."""

from text2everything.local import *
from text2everything_sdk.local import engine as engine
