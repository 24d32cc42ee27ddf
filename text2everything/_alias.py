"""The name of the published client, `text2everything_sdk`: the very same modules under a second name.

Installed as `text2everything_sdk/__init__.py`. A copy of a module would be a second set of classes, whose errors no
`except` would catch; so each name below `text2everything_sdk` is bound to the module it stands for.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

import text2everything

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from text2everything import *  # noqa: F403  # what a type checker is to see

ALIAS = "text2everything_sdk"


class AliasFinder(MetaPathFinder, Loader):
    """Answers `text2everything_sdk.a.b` with the module `text2everything.a.b`."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # the protocol's
        target: ModuleType | None = None,  # noqa: ARG002  # the protocol's
    ) -> ModuleSpec | None:
        """Return a spec whose loading binds the name; None for other names and for what does not exist."""
        if not fullname.startswith(f"{ALIAS}."):
            return None
        real = importlib.util.find_spec(_real_name(fullname))
        if real is None:
            return None
        is_package = real.submodule_search_locations is not None
        return ModuleSpec(fullname, self, origin=real.origin, is_package=is_package)

    def exec_module(self, module: ModuleType) -> None:
        """Put the real module in the place of `module`, the empty one made for its name."""
        real = importlib.import_module(_real_name(module.__name__))
        for name in _blocking_names(module.__name__):
            setattr(real, name, getattr(text2everything, name))
        sys.modules[module.__name__] = real


def _blocking_names(module: str) -> list[str]:
    """Return the names that the published client has in the module of this name, and ours has in `sync` only."""
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


# In front of the finder of files, which would find the same files again under the new name.
sys.meta_path.insert(0, AliasFinder())
sys.modules[ALIAS] = text2everything
