# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.executions`."""

from text2everything.resources.executions import *
from text2everything import ExecutionsResource as ExecutionsResource
