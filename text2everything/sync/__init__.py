"""The blocking side: one portal written by hand, and the classes generated from the async ones."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from text2everything.sync._generated import *  # noqa: F403
    from text2everything.sync._streams import BulkStream as BulkStream
    from text2everything.sync._streams import Pager as Pager


def __getattr__(name: str) -> Any:
    # Lazily, so that the portal and the generator can be had without what is generated.
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "_streams" if name in {"BulkStream", "Pager"} else "_generated"
    try:
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value
