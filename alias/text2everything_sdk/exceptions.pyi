# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.exceptions import *
