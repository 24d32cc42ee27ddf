"""Data files that DuckDB reads: which there are, how each is read, and how a session is kept from all others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

__all__ = ["LOCKED", "SUFFIXES", "allow_only", "data_files", "literal", "reader_of"]

_READERS: Final = {
    ".parquet": "read_parquet({0})",
    ".csv": "read_csv({0}, skip = 0)",  # else DuckDB leaves out first lines that do not fit
    ".tsv": "read_csv({0}, skip = 0)",
    ".json": "read_json({0})",
    ".jsonl": "read_json({0})",
    ".ndjson": "read_json({0})",
}
SUFFIXES: Final = tuple(_READERS)
"""The suffixes of data files, in lower case."""

LOCKED: Final = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
"""The last settings of a session: from then on it reads no files but those allowed, and nothing can change that."""


def data_files(path: Path) -> list[Path]:
    """Return the data files at a path: itself, or those in the folder; none if it is a database."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file for file in files if file.suffix.lower() in SUFFIXES and not file.is_dir()]


def allow_only(files: Iterable[Path]) -> str:
    """Return the setting by which a session may read these files."""
    files = list(files)
    paths = dict.fromkeys([*map(str, files), *map(_pattern, files)])
    return f"SET allowed_paths = [{', '.join(map(literal, paths))}]"


def reader_of(file: Path) -> str:
    """Return the table function, in SQL, that reads a data file."""
    return _READERS[file.suffix.lower()].format(literal(_pattern(file)))


def literal(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _pattern(file: Path) -> str:
    """Return the pattern that matches a file and no other: DuckDB takes every path for one."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(file))
