"""The package `text2everything_sdk`, the import name of the published client: an alias of this package.

All that `text2everything_sdk/__init__.py` does is import this. Each module below that name is the same object as the
one in `text2everything`: a second copy would have other classes, and an `except` for one would not catch the other.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

import text2everything

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

ALIAS = "text2everything_sdk"


class AliasFinder:
    """Imports `text2everything.a.b` under the name `text2everything_sdk.a.b`.

    It has no base from `importlib.abc`, whose import takes longer than everything here.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # part of the protocol
        target: ModuleType | None = None,  # noqa: ARG002  # part of the protocol
    ) -> ModuleSpec | None:
        """Return a spec for a module below `text2everything_sdk`; None for others and if it does not exist."""
        if not fullname.startswith(f"{ALIAS}."):
            return None
        real = importlib.util.find_spec(_real_name(fullname))
        if real is None:
            return None
        is_package = real.submodule_search_locations is not None
        return ModuleSpec(fullname, self, origin=real.origin, is_package=is_package)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to the import system to create an empty module."""

    def exec_module(self, module: ModuleType) -> None:
        """Replace `module`, the empty module that was created for the name, by the real one."""
        real = importlib.import_module(_real_name(module.__name__))
        for name in blocking_names(module.__name__):
            setattr(real, name, getattr(text2everything, name))
        sys.modules[module.__name__] = real


def blocking_names(module: str) -> list[str]:
    """Return the blocking classes that the published client has in this module; here they are in `sync`."""
    match module.split(".")[1:]:
        case ["client"]:
            return ["Text2EverythingClient"]
        case ["resources", *rest] if not rest or not rest[0].startswith("_"):
            ending = "".join(word.title() for part in rest for word in part.split("_")) + "Resource"
            resources = [name for name in text2everything.__all__ if name.endswith("Resource")]
            return [name for name in resources if not name.startswith("Async") and (not rest or name == ending)]
        case _:
            return []


def _real_name(name: str) -> str:
    return text2everything.__name__ + name.removeprefix(ALIAS)


# Before the default finders, which would load the same files again under the second name.
sys.meta_path.insert(0, AliasFinder())
sys.modules[ALIAS] = text2everything
