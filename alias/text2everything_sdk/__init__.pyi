# Written by tests/scripts/alias_stubs.py: do not edit.
from text2everything import *
from text2everything import __version__ as __version__
from text2everything_sdk import client as client
from text2everything_sdk import exceptions as exceptions
from text2everything_sdk import integrations as integrations
from text2everything_sdk import local as local
from text2everything_sdk import models as models
from text2everything_sdk import resources as resources
from text2everything_sdk import settings as settings
from text2everything_sdk import sync as sync
from text2everything_sdk import testing as testing
