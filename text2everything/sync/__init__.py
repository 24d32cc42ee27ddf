"""The blocking client: generated from the async classes, and run through a hand-written portal."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2everything.sync._generated import *  # noqa: F403
    from text2everything.sync._streams import BulkStream as BulkStream
    from text2everything.sync._streams import Pager as Pager


def __getattr__(name: str) -> Any:
    # Imported lazily, so that the generator can be imported without the code it generates.
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "_streams" if name in {"BulkStream", "Pager"} else "_generated"
    try:
        value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value
