"""The hook by which PyInstaller finds the modules that are imported by their names; see `hook-text2everything.py`."""

from __future__ import annotations

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return where the hook is; PyInstaller asks for it by the entry point `pyinstaller40`."""
    return [str(Path(__file__).parent)]
