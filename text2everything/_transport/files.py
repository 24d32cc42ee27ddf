"""Files to upload: names and checks, before anything is opened for sending."""

from __future__ import annotations

import inspect
import os
import stat
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_text

FileContent = bytes | bytearray | memoryview | BinaryIO
FileInput = str | os.PathLike[str] | FileContent | tuple[str, FileContent]
"""A path, bytes, an open binary file, or (name, bytes or open file)."""


@attrs.frozen
class Upload:
    """One file to upload.

    Attributes:
        name: Its base name.
        source: Its content or where to read it.
        start: The position to read from; None if the file can only be read once, from where it is.
        lock: Held while the file is moved and read.
    """

    name: str
    source: Path | bytes | BinaryIO = attrs.field(repr=False)
    start: int | None = 0
    lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False, eq=False)

    @property
    def replayable(self) -> bool:
        """Whether it can be read again, for a retry."""
        return self.start is not None


@attrs.frozen
class Form:
    """A multipart form."""

    fields: dict[str, str]
    uploads: list[Upload] = attrs.field(factory=list)

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again, for a retry."""
        return all(upload.replayable for upload in self.uploads)


def collect(files: Iterable[FileInput], *, name: str = "files") -> list[Upload]:
    """Return `files` as uploads, checked before anything is sent.

    Raises:
        ValidationError: There are none, one has a wrong type, or some do not exist; the message names all of these.
    """
    if isinstance(files, str | bytes | os.PathLike) or not isinstance(files, Iterable):
        raise ValidationError(f"{name} must be a list of files, got {type(files).__name__}")
    uploads, missing = [], []
    for index, item in enumerate(files):
        match bytes(item) if isinstance(item, bytearray | memoryview) else item:
            case str() | os.PathLike() as given:
                path = Path(given)
                mode = _mode(path)
                if mode and not stat.S_ISDIR(mode):
                    # A named pipe, or `<(command)` of a shell, can be read only once.
                    uploads.append(Upload(path.name, path, start=0 if stat.S_ISREG(mode) else None))
                else:
                    missing.append(f"{name}[{index}] {'is a directory' if mode else 'not found'}: {path}")
            case bytes() as content:
                uploads.append(Upload(f"file{index + 1}", content))
            case (str() as named, source) if isinstance(source, bytes | bytearray | memoryview) or _is_readable(
                source
            ):
                uploads.append(_open_upload(_base_name(named, index), source, f"{name}[{index}]"))
            case file if _is_readable(file):
                uploads.append(_open_upload(_base_name(getattr(file, "name", ""), index), file, f"{name}[{index}]"))
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


def _mode(path: Path) -> int:
    """Return the mode of what is at a path; 0 if nothing is or can be there, as with a name that is too long."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


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
    if not stat.S_ISDIR(_mode(directory)):
        raise ValidationError(f"directory_path is not a directory: {directory}")
    files = sorted(path for path in directory.iterdir() if path.is_file() and not path.name.startswith("."))
    if not files:
        raise ValidationError(f"directory_path holds no file: {directory}")
    return files


def _base_name(given: object, index: int) -> str:
    """Return the last part of a name: paths on the caller's machine must not be sent to the service."""
    text = given if isinstance(given, str) else ""
    return text.replace("\\", "/").rsplit("/", 1)[-1] or f"file{index + 1}"


def _is_readable(file: object) -> bool:
    """Return whether it is like a file; `isinstance` with a protocol does not see what temporary files hand on."""
    return callable(getattr(file, "read", None))


def _open_upload(name: str, source: Any, argument: str) -> Upload:
    if isinstance(source, bytes | bytearray | memoryview):
        return Upload(name, bytes(source))
    if getattr(source, "closed", False):
        raise ValidationError(f"{argument} is a closed file")
    try:
        nothing = source.read(0)
    except Exception as error:  # noqa: BLE001  # a caller's file-like object may raise anything
        raise ValidationError(f"{argument} cannot be read: {error}") from None
    if inspect.iscoroutine(nothing):
        nothing.close()
        raise ValidationError(f"{argument} is read asynchronously; give its contents or the file behind it")
    if isinstance(nothing, str):
        raise ValidationError(f"{argument} is open in text mode; open it with 'rb'")
    if not isinstance(nothing, bytes | bytearray | memoryview):
        raise ValidationError(f"{argument} cannot be read: its read() returned {type(nothing).__name__}, not bytes")
    return Upload(name, source, _position(source))


def _position(source: Any) -> int | None:
    """Return the position of an open file, or None if it cannot return there."""
    try:
        if not getattr(source, "seekable", lambda: True)():
            return None
        position: int = source.tell()
        source.seek(position)
    except Exception:  # noqa: BLE001  # a caller's file-like object may raise anything
        return None
    return position
