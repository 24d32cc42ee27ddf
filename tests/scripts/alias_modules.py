"""Write the modules of `text2everything_sdk`: `python tests/scripts/alias_modules.py [--check]`.

Each public module has one under the published client's name, which says where its names really are; importing runs
none of them, see `text2everything._alias`. `--check` fails
if they are not up to date.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import text2everything
from text2everything._alias import ALIAS, blocking_names

TARGET = Path(__file__).parents[2] / "alias" / ALIAS
REAL = text2everything.__name__
HEADER = "# Written by tests/scripts/alias_modules.py: do not edit.\n"
TOP = f'''\
{HEADER}"""The import name of the published client: as soon as it is imported, it is `{REAL}` itself.

The modules below are for type checkers, and for tools that look for files: nothing here is run but the last import.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from {REAL} import *
    from {REAL} import __version__ as __version__
{{}}
import {REAL}._alias  # noqa: F401
'''
PROGRAMS = {"cli"}
"""What is run, not imported."""


def public_modules(folder: Iterable[str], prefix: str) -> Iterator[pkgutil.ModuleInfo]:
    """Give each public module after the package that it is in."""
    for info in pkgutil.iter_modules(folder, prefix):
        if info.name.rpartition(".")[2].startswith("_") or info.name.removeprefix(f"{REAL}.") in PROGRAMS:
            continue
        yield info
        if info.ispkg:
            yield from public_modules(importlib.import_module(info.name).__path__, f"{info.name}.")


def modules() -> dict[str, str]:
    """Return the text of each module by its path below the package."""
    found = {}
    top = ""
    for info in public_modules(text2everything.__path__, f"{REAL}."):
        path = info.name.split(".")[1:]
        names = blocking_names(".".join([ALIAS, *path]))
        text = f'{HEADER}"""See `{info.name}`."""\n\nfrom {info.name} import *\n'
        text += "".join(f"from {REAL} import {name} as {name}\n" for name in sorted(names))
        found["/".join(path) + ("/__init__.py" if info.ispkg else ".py")] = text
        child = f"from {'.'.join([ALIAS, *path[:-1]])} import {path[-1]} as {path[-1]}\n"
        if path[:-1]:
            found["/".join([*path[:-1], "__init__.py"])] += child
        else:
            top += f"    {child}"
    return found | {"__init__.py": TOP.format(top)}


def main() -> int:
    wanted = modules()
    present = {str(path.relative_to(TARGET)): path.read_text() for path in TARGET.rglob("*.py")}
    if sys.argv[1:] == ["--check"]:
        different = sorted(path for path in present.keys() | wanted.keys() if present.get(path) != wanted.get(path))
        if different:
            print(f"{ALIAS} is not up to date ({', '.join(different)}): run python tests/scripts/alias_modules.py")
        return 1 if different else 0
    for path in present.keys() - wanted.keys():
        (TARGET / path).unlink()
    for path, text in wanted.items():
        (TARGET / path).parent.mkdir(exist_ok=True)
        (TARGET / path).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
