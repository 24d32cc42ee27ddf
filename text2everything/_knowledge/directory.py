"""Reads a directory with schema metadata, contexts and golden examples, in a subdirectory each."""

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
    """The validated items in the files of a directory."""

    schema_metadata: list[SchemaMetadataCreate]
    contexts: list[ContextCreate]
    golden_examples: list[GoldenExampleCreate]


@attrs.frozen
class LoadedDirectory:
    """The results of creating the items of a directory; each type in the order of the file names."""

    schema_metadata: BulkResult[SchemaMetadataResponse]
    contexts: BulkResult[ContextResponse]
    golden_examples: BulkResult[GoldenExampleResponse]

    @property
    def ok(self) -> bool:
        """Whether everything was created."""
        return self.schema_metadata.ok and self.contexts.ok and self.golden_examples.ok

    def raise_for_failures(self) -> None:
        """Raise an error if anything was not created.

        Raises:
            BulkError: Items failed; its `result` is this object.

        Example:
            >>> loaded = await client.projects.load_directory(project_id, "knowledge", on_error="collect")
            >>> loaded.raise_for_failures()
        """
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
    """Return the items in the files of the directory `path`.

    Raises:
        ValidationError: It is not a directory, has none of the three subdirectories, or files are invalid; every
            problem is reported with its file.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError(f"path must be a path, got {type(path).__name__}")
    directory = Path(path)
    if not os.path.isdir(directory):  # noqa: PTH112  # Path raises for a name that is too long
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
    """Return the items in the files of a subdirectory; their problems are appended to `problems`."""
    found: list[M] = []
    files = folder.iterdir() if folder.is_dir() else ()
    for file in sorted(file for file in files if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")):
        label = f"{folder.name}/{file.name}"
        try:
            entries = _entries(file, read)
        except (OSError, ValueError, RecursionError) as error:
            problems.append(f"{label}: {error}")
            continue
        for index, entry in enumerate(entries):
            where = label if len(entries) == 1 else f"{label}[{index}]"
            try:
                item = build(model, _with_name(model, entry, file))
            except ValidationError as error:
                problems.append(f"{where}: {error.message}")
                continue
            wrong = schema_problems(item.schema_data) if isinstance(item, SchemaMetadataCreate) else []
            problems += [f"{where}: {problem}" for problem in wrong]
            found.append(item)
    return found


def _entries(file: Path, read: Callable[[Path, str], Mapping[str, Any]]) -> list[Any]:
    """Return the objects of a JSON file, or the one item of a text file."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix.lower() != ".json":
        return [read(file, text)]
    data = json.loads(text)
    return data if isinstance(data, list) else [data]


def _with_name(model: type[Model], entry: Any, file: Path) -> Any:
    """Return a JSON object as an item: its name is by default that of the file, and bare schema data is wrapped."""
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
    """Return the question in the first lines, as comments or a heading, and the SQL below it."""
    lines = [line for line in text.splitlines() if not line.strip().startswith("```")]
    marks = "--" if file.suffix.lower() == ".sql" else "#"
    question = []
    while lines and (not lines[0].strip() or lines[0].lstrip().startswith(marks)):
        question.append(lines.pop(0).strip().lstrip(marks).strip())
    if not any(question) and marks == "#" and lines:
        question = [lines.pop(0)]
    user_query = " ".join(filter(None, question)) or file.stem.replace("_", " ").replace("-", " ")
    return {"user_query": user_query, "sql_query": "\n".join(lines).strip()}
