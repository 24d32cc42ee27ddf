"""The first line of a journal: the version of the format, and what the journal belongs to."""

from __future__ import annotations

import json

from text2everything._bulk.journal_file import JournalFile
from text2everything.exceptions import ValidationError

__all__ = ["check_header"]

MAGIC = "text2everything journal"
VERSION = 1


def check_header(file: JournalFile, owner: dict[str, str]) -> None:
    """Read the header of a journal, or write it to a new one.

    Args:
        file: The journal, just opened.
        owner: What it must belong to, by name.

    Raises:
        ValidationError: The file is no journal, is damaged, or belongs to something else.
    """
    header = f"{MAGIC} {VERSION} {json.dumps(owner, ensure_ascii=False)}\n".encode()
    found = file.read_header(header)
    if found != header:
        raise ValidationError(_difference(found, owner, file))


def _difference(header: bytes, owner: dict[str, str], file: JournalFile) -> str:
    """Return what is wrong with a header."""
    name = file.path.name
    if not header.startswith(f"{MAGIC} ".encode()):
        return f"journal: {file.path} exists and is no journal"
    version, _, rest = header.decode(errors="replace").removeprefix(f"{MAGIC} ").partition(" ")
    if version != str(VERSION):
        return f"journal {name} is of version {version}, which is not known here"
    damaged = f"journal {name} is damaged in line 1"
    try:
        found = dict(json.loads(rest))
    except (ValueError, TypeError):
        return damaged
    for key, value in owner.items():
        if found.get(key) != value:
            return f"journal {name} belongs to {key} {found.get(key)!r}, and this is {value!r}"
    return damaged
