# Written by tests/scripts/alias_modules.py: do not edit.
"""The import name of the published client: as soon as it is imported, it is `text2everything` itself.

The modules below are for type checkers, and for tools that look for files: nothing here is run but the last import.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

import text2everything._alias  # noqa: F401
