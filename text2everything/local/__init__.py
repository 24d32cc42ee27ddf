"""The embedded service: the Text2Everything API over SQLite, on this machine and without an account.

Example:
    >>> with LocalService(demo=True) as service:
    ...     print(service.base_url, service.access_token, service.workspace_name)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from text2everything.local._demo import Demo as Demo
    from text2everything.local._errors import LocalServiceError as LocalServiceError
    from text2everything.local._limits import Limits as Limits
    from text2everything.local._service import LocalService as LocalService
    from text2everything.local.engine import ModelEngine as ModelEngine

__all__ = ["Demo", "Limits", "LocalService", "LocalServiceError", "ModelEngine"]


_MODULES = {
    "Demo": "_demo",
    "Limits": "_limits",
    "LocalService": "_service",
    "LocalServiceError": "_errors",
    "ModelEngine": "engine",
}


def __getattr__(name: str) -> object:
    # Imported when first used, because the engine in this package does not need the web server.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
