# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.models.golden_examples`."""

from text2everything.models.golden_examples import *
