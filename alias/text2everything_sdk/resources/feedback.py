# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.feedback`."""

from text2everything.resources.feedback import *
from text2everything import FeedbackResource as FeedbackResource
