# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.golden_examples import *
from text2everything import GoldenExamplesResource as GoldenExamplesResource
