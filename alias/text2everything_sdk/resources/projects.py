# Written by tests/scripts/alias_modules.py: do not edit.
"""See `text2everything.resources.projects`."""

from text2everything.resources.projects import *
from text2everything import ProjectsResource as ProjectsResource
