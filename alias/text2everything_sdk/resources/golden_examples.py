# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.golden_examples`."""

from text2everything.resources.golden_examples import *
from text2everything import GoldenExamplesResource as GoldenExamplesResource
