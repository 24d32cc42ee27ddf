"""Databases that are files: SQLite's, DuckDB's, and data files, each of which DuckDB shows as a view."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from text2everything._runtime.duckdb_files import LOCKED, SUFFIXES, allow_only, data_files, reader_of
from text2everything.exceptions import ValidationError

FILE_TYPES: Final = ("sqlite", "duckdb")


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
        raise ValidationError(f"url is a folder without data files ({', '.join(SUFFIXES)}): {path}")
    if start == b"SQLite format 3\0":
        return "sqlite"
    if start[8:12] == b"DUCK":
        return "duckdb"
    if not start:
        raise ValidationError(f"url is an empty file: {path}")
    raise ValidationError(f"url is no SQLite or DuckDB database, and no data file ({', '.join(SUFFIXES)}): {path}")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def duckdb_statements(path: Path) -> list[str]:
    """Return what to run first in a session: it makes a view of each data file, and shuts off all other files.

    A view has the name of its file, without the suffix. What is in a database cannot make it read files or a network.

    Raises:
        ValidationError: Two files have the same name, but for the suffix and the case of letters.
    """
    files = data_files(path)
    statements = {"": allow_only(files)}
    for file in files:
        if file.stem.casefold() in statements:
            raise ValidationError(f"url: more than one data file is named {file.stem}: {path}")
        name = file.stem.replace('"', '""')
        statements[file.stem.casefold()] = f'CREATE VIEW "{name}" AS SELECT * FROM {reader_of(file)}'  # noqa: S608  # quoted above
    return [*statements.values(), *LOCKED]
