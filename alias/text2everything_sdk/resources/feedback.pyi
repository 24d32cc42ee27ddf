# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.feedback import *
from text2everything import FeedbackResource as FeedbackResource
