"""A project's knowledge kept in files: schema metadata, contexts and golden examples, one folder each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from text2everything._bulk.results import BulkResult
from text2everything.exceptions import BulkError, ValidationError
from text2everything.models._schema_rules import schema_problems, schema_type
from text2everything.models.base import Model, build
from text2everything.models.contexts import ContextCreate, ContextResponse
from text2everything.models.golden_examples import GoldenExampleCreate, GoldenExampleResponse
from text2everything.models.schema_metadata import SchemaMetadataCreate, SchemaMetadataResponse

M = TypeVar("M", bound=Model)

SUFFIXES = (".json", ".md", ".sql", ".txt")


@attrs.frozen
class DirectoryItems:
    """What the files of a directory hold, checked."""

    schema_metadata: list[SchemaMetadataCreate]
    contexts: list[ContextCreate]
    golden_examples: list[GoldenExampleCreate]


@attrs.frozen
class LoadedDirectory:
    """What was created of a directory's files, each kind in the order of the files' names."""

    schema_metadata: BulkResult[SchemaMetadataResponse]
    contexts: BulkResult[ContextResponse]
    golden_examples: BulkResult[GoldenExampleResponse]

    @property
    def ok(self) -> bool:
        """Whether everything was created."""
        return self.schema_metadata.ok and self.contexts.ok and self.golden_examples.ok

    def raise_for_failures(self) -> None:
        """Raise a `BulkError` that carries this, unless everything was created."""
        results = {
            "schema_metadata": self.schema_metadata,
            "contexts": self.contexts,
            "golden_examples": self.golden_examples,
        }
        problems = []
        for name, result in results.items():
            try:
                result.raise_for_failures()
            except BulkError as error:
                problems.append(f"{name}: {error.message}")
        if problems:
            raise BulkError("; ".join(problems), self)


def read_directory(path: str | os.PathLike[str]) -> DirectoryItems:
    """Return what the files in `path` hold.

    Raises:
        ValidationError: It is no directory, has none of the three folders, or some files are wrong; every problem is
            given with its file.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError(f"path must be a path, got {type(path).__name__}")
    directory = Path(path)
    if not directory.is_dir():
        raise ValidationError(f"path is not a directory: {directory}")
    names = ("schema_metadata", "contexts", "golden_examples")
    if not any((directory / name).is_dir() for name in names):
        raise ValidationError(f"path has none of the folders {', '.join(names)}: {directory}")
    problems: list[str] = []
    items = DirectoryItems(
        _read_folder(directory / "schema_metadata", SchemaMetadataCreate, _schema_metadata, problems),
        _read_folder(directory / "contexts", ContextCreate, _context, problems),
        _read_folder(directory / "golden_examples", GoldenExampleCreate, _golden_example, problems),
    )
    if problems:
        raise ValidationError("; ".join(problems), response_data={"problems": problems})
    return items


def _read_folder(
    folder: Path, model: type[M], read: Callable[[Path, str], Mapping[str, Any]], problems: list[str]
) -> list[M]:
    """Return the items in a folder's files; what is wrong with them is added to `problems`."""
    found: list[M] = []
    files = folder.iterdir() if folder.is_dir() else ()
    for file in sorted(file for file in files if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")):
        shown = f"{folder.name}/{file.name}"
        try:
            entries = _entries(file, read)
        except (OSError, ValueError, RecursionError) as error:
            problems.append(f"{shown}: {error}")
            continue
        for index, entry in enumerate(entries):
            where = shown if len(entries) == 1 else f"{shown}[{index}]"
            try:
                item = build(model, _named(model, entry, file))
            except ValidationError as error:
                problems.append(f"{where}: {error.message}")
                continue
            wrong = schema_problems(item.schema_data) if isinstance(item, SchemaMetadataCreate) else []
            problems += [f"{where}: {problem}" for problem in wrong]
            found.append(item)
    return found


def _entries(file: Path, read: Callable[[Path, str], Mapping[str, Any]]) -> list[Any]:
    """Return what one file holds: the objects of a JSON file, or the one item of a text."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix.lower() != ".json":
        return [read(file, text)]
    data = json.loads(text)
    return data if isinstance(data, list) else [data]


def _named(model: type[Model], entry: Any, file: Path) -> Any:
    """Return a JSON entry as an item; the file's name serves where it has none, and bare schema data is wrapped."""
    if not isinstance(entry, Mapping):
        return entry
    if model is SchemaMetadataCreate and "schema_data" not in entry and schema_type(entry) is not None:
        entry = {"schema_data": entry}
    if model is GoldenExampleCreate or "name" in entry:
        return entry
    return {"name": file.stem, **entry}


def _schema_metadata(file: Path, text: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(text)
    except ValueError:
        raise ValidationError(f"schema metadata must be JSON, also in a {file.suffix} file") from None
    return found


def _context(file: Path, text: str) -> Mapping[str, Any]:
    return {"name": file.stem, "content": text}


def _golden_example(file: Path, text: str) -> Mapping[str, Any]:
    """Read a question, as comments or a heading in the first lines, and the SQL below it."""
    lines = [line for line in text.splitlines() if not line.strip().startswith("```")]
    marks = "--" if file.suffix.lower() == ".sql" else "#"
    question = []
    while lines and (not lines[0].strip() or lines[0].lstrip().startswith(marks)):
        question.append(lines.pop(0).strip().lstrip(marks).strip())
    if not any(question) and marks == "#" and lines:
        question = [lines.pop(0)]
    asked = " ".join(filter(None, question)) or file.stem.replace("_", " ").replace("-", " ")
    return {"user_query": asked, "sql_query": "\n".join(lines).strip()}
