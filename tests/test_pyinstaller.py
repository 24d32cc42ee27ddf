"""The hook for PyInstaller names every module that a program may import by name; PyInstaller itself is not needed."""

from __future__ import annotations

import importlib
import pkgutil
import runpy
import sys
import tomllib
import types
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from extras import needs

import text2everything
from text2everything._pyinstaller import get_hook_dirs

if TYPE_CHECKING:
    from collections.abc import Callable


def collect_submodules(package: str, filter: Callable[[str], bool] = lambda _: True) -> list[str]:
    """What PyInstaller's function of this name returns."""
    spec = find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        return []
    found = [package]
    for module in pkgutil.iter_modules(spec.submodule_search_locations, f"{package}."):
        found += collect_submodules(module.name, filter) if module.ispkg else [module.name]
    return [name for name in found if filter(name)]


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    hooks: Any = types.ModuleType("PyInstaller.utils.hooks")
    hooks.collect_submodules = collect_submodules
    hooks.copy_metadata = lambda name: [(name, ".")]
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, hooks.__name__, hooks)
    [directory] = get_hook_dirs()
    return runpy.run_path(str(Path(directory) / "hook-text2everything.py"))


def test_every_module_of_the_package_is_named(hook: dict[str, Any]) -> None:
    root = Path(text2everything.__file__).parent
    files = {path.relative_to(root.parent).with_suffix("") for path in root.rglob("*.py") if path.stem.isidentifier()}
    modules = {".".join(path.parts).removesuffix(".__init__") for path in files}
    left_out = {name for name in modules if name not in hook["hiddenimports"]}
    assert {name.split(".")[1] for name in left_out} == {"testing", "_pyinstaller"}
    assert {"text2everything.cli._demo", "text2everything.sync._uvloop"} <= set(hook["hiddenimports"])
    assert hook["datas"] == [("text2everything", ".")]


@needs("local")
def test_the_dialects_of_sqlglot_are_named(hook: dict[str, Any]) -> None:
    assert {f"sqlglot.dialects.{name}" for name in ("sqlite", "postgres", "snowflake")} <= set(hook["hiddenimports"])


def test_pyinstaller_is_told_where_the_hook_is() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, function = project["entry-points"]["pyinstaller40"]["hook-dirs"].partition(":")
    assert getattr(importlib.import_module(module), function) is get_hook_dirs
