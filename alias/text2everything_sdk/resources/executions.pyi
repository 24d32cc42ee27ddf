# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.executions import *
from text2everything import ExecutionsResource as ExecutionsResource
