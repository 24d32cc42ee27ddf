"""The import name of the published client: from here on an alias of `text2everything`, made by its `_alias`.

The stubs beside this file are for type checkers, which cannot follow it; `tests/scripts/alias_stubs.py` writes them.
"""

import text2everything._alias  # noqa: F401
