"""Files to upload: names and checks, before anything is opened for sending."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_text

FileInput = str | os.PathLike[str] | bytes | BinaryIO | tuple[str, bytes | BinaryIO]
"""A path, bytes, an open binary file, or (name, bytes or open file)."""


@attrs.frozen
class Upload:
    """One file to upload: its base name, and its content or where to read it."""

    name: str
    source: Path | bytes | BinaryIO = attrs.field(repr=False)
    start: int = 0

    @property
    def replayable(self) -> bool:
        """Whether it can be read again, for a retry."""
        return isinstance(self.source, Path | bytes) or is_seekable(self.source)


@attrs.frozen
class Form:
    """A multipart form."""

    fields: dict[str, str]
    uploads: list[Upload] = attrs.field(factory=list)

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again, for a retry."""
        return all(upload.replayable for upload in self.uploads)


@runtime_checkable
class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def collect(files: Iterable[FileInput], *, name: str = "files") -> list[Upload]:
    """Return `files` as uploads, checked before anything is sent.

    Raises:
        ValidationError: There are none, one has a wrong type, or some do not exist; the message names all of these.
    """
    if isinstance(files, str | bytes | os.PathLike) or not isinstance(files, Iterable):
        raise ValidationError(f"{name} must be a list of files, got {type(files).__name__}")
    uploads, missing = [], []
    for index, item in enumerate(files):
        match item:
            case str() | os.PathLike():
                path = Path(item)
                if path.is_file():
                    uploads.append(Upload(path.name, path))
                else:
                    missing.append(f"{name}[{index}] {'is a directory' if path.is_dir() else 'not found'}: {path}")
            case bytes():
                uploads.append(Upload(f"file{index + 1}", item))
            case (str() as given, bytes() | _Readable() as source):
                uploads.append(_open_upload(_base_name(given, index), source, f"{name}[{index}]"))
            case _Readable():
                uploads.append(_open_upload(_base_name(getattr(item, "name", ""), index), item, f"{name}[{index}]"))
            case _:
                raise ValidationError(
                    f"{name}[{index}] must be a path, bytes, an open binary file or (name, content), "
                    f"got {type(item).__name__}"
                )
    if missing:
        raise ValidationError("; ".join(missing))
    if not uploads:
        raise ValidationError(f"{name} must not be empty")
    _check_names(uploads, name)
    return uploads


def _check_names(uploads: list[Upload], name: str) -> None:
    opened = [id(upload.source) for upload in uploads if hasattr(upload.source, "read")]
    if len(set(opened)) < len(opened):
        raise ValidationError(f"{name} holds the same open file twice, and it can be read once; give its bytes")
    for index, upload in enumerate(uploads):
        check_text(f"the name of {name}[{index}]", upload.name)
        if not upload.name.isprintable():
            raise ValidationError(f"the name of {name}[{index}] holds control characters: {upload.name!r}")


def directory_files(directory_path: str | os.PathLike[str]) -> list[Path]:
    """Return the files of a directory sorted by name, without hidden files and subdirectories.

    Raises:
        ValidationError: It is not a directory, or has no files.
    """
    if not isinstance(directory_path, str | os.PathLike):
        raise ValidationError(f"directory_path must be a path, got {type(directory_path).__name__}")
    directory = Path(directory_path)
    if not directory.is_dir():
        raise ValidationError(f"directory_path is not a directory: {directory}")
    files = sorted(path for path in directory.iterdir() if path.is_file() and not path.name.startswith("."))
    if not files:
        raise ValidationError(f"directory_path holds no file: {directory}")
    return files


def _base_name(given: object, index: int) -> str:
    """Return the last part of a name: paths on the caller's machine must not be sent to the service."""
    text = given if isinstance(given, str) else ""
    return text.replace("\\", "/").rsplit("/", 1)[-1] or f"file{index + 1}"


def _open_upload(name: str, source: Any, argument: str) -> Upload:
    if isinstance(source, bytes):
        return Upload(name, source)
    if getattr(source, "closed", False):
        raise ValidationError(f"{argument} is a closed file")
    try:
        is_binary = isinstance(source.read(0), bytes)
    except Exception as error:  # noqa: BLE001  # a caller's file-like object may raise anything
        raise ValidationError(f"{argument} cannot be read: {error}") from None
    if not is_binary:
        raise ValidationError(f"{argument} is open in text mode; open it with 'rb'")
    return Upload(name, source, source.tell() if is_seekable(source) else 0)


def is_seekable(source: Any) -> bool:
    """Return whether an open file can be read again."""
    return hasattr(source, "seekable") and bool(source.seekable())
