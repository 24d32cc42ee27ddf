# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything.resources.projects import *
from text2everything import ProjectsResource as ProjectsResource
