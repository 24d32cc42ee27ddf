"""What PyInstaller adds to a program that imports `text2everything`, beyond what it finds by itself.

The public names and the commands are imported by name when they are first used, and sqlglot imports its dialects so.
"""

from __future__ import annotations

from PyInstaller.utils.hooks import collect_submodules, copy_metadata

# These would add pytest, and PyInstaller itself.
LEFT_OUT = ("text2everything.testing", "text2everything._pyinstaller")


def is_wanted(name: str) -> bool:
    """Return whether a module belongs in a program."""
    return not name.startswith(LEFT_OUT)


hiddenimports = collect_submodules("text2everything", filter=is_wanted) + collect_submodules("sqlglot.dialects")
datas = copy_metadata("text2everything")  # for `text2everything --version`
