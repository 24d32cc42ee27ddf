"""Databases that are files: SQLite's, DuckDB's, and data files, each of which DuckDB shows as a view."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from text2everything.exceptions import ValidationError

FILE_TYPES: Final = ("sqlite", "duckdb")

_READERS: Final = {
    ".parquet": "read_parquet({0})",
    ".csv": "read_csv({0}, skip = 0)",  # else DuckDB leaves out first lines that do not fit
    ".tsv": "read_csv({0}, skip = 0)",
    ".json": "read_json({0})",
    ".jsonl": "read_json({0})",
    ".ndjson": "read_json({0})",
}
_SETTINGS: Final = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def file_type(path: Path) -> str:
    """Return `sqlite` or `duckdb`, by the first bytes of a file; data files, and folders of them, are DuckDB's.

    Raises:
        ValidationError: There is no such file, it cannot be read, or it is neither.
    """
    try:
        start = b"" if path.is_dir() else _first_bytes(path)
        has_data = bool(data_files(path))
    except FileNotFoundError:
        raise ValidationError(f"url: there is no file {path}") from None
    except OSError as error:
        raise ValidationError(f"url cannot be read: {path}: {error.strerror}") from None
    if has_data:
        return "duckdb"
    if path.is_dir():
        raise ValidationError(f"url is a folder without data files ({', '.join(_READERS)}): {path}")
    if start == b"SQLite format 3\0":
        return "sqlite"
    if start[8:12] == b"DUCK":
        return "duckdb"
    if not start:
        raise ValidationError(f"url is an empty file: {path}")
    raise ValidationError(f"url is no SQLite or DuckDB database, and no data file ({', '.join(_READERS)}): {path}")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def data_files(path: Path) -> list[Path]:
    """Return the data files at a path: itself, or those in the folder; none if it is a database."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file for file in files if file.suffix.lower() in _READERS and not file.is_dir()]


def duckdb_statements(path: Path) -> list[str]:
    """Return what to run first in a session: it makes a view of each data file, and shuts off all other files.

    A view has the name of its file, without the suffix. What is in a database cannot make it read files or a network.

    Raises:
        ValidationError: Two files have the same name, but for the suffix and the case of letters.
    """
    files = data_files(path)
    statements = {"": f"SET allowed_paths = [{', '.join(_literal(str(file)) for file in files)}]"}
    for file in files:
        if file.stem.casefold() in statements:
            raise ValidationError(f"url: more than one data file is named {file.stem}: {path}")
        name = file.stem.replace('"', '""')
        pattern = re.sub(r"[*?\[]", r"[\g<0>]", str(file))  # DuckDB takes every path for one
        rows = _READERS[file.suffix.lower()].format(_literal(pattern))
        statements[file.stem.casefold()] = f'CREATE VIEW "{name}" AS SELECT * FROM {rows}'  # noqa: S608  # quoted above
    return [*statements.values(), *_SETTINGS]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
