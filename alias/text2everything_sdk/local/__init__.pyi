# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.local import *
from text2everything_sdk.local import engine as engine
