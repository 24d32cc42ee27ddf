"""Every public method shows how it is called, in an example that a type checker accepts."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
from processes import run_mypy

import text2everything
import text2everything.local
import text2everything.local.engine

PUBLIC = {
    "text2everything": text2everything.__all__,
    "text2everything.local": text2everything.local.__all__,
    "text2everything.local.engine": text2everything.local.engine.__all__,
    # Bases that have methods, and pages in the documentation, but are not exported.
    "text2everything.models._tables": ["ResultTable"],
    "text2everything.models.base": ["KeyAccess"],
}

NOT_FOR_USERS = {
    "AsyncBulkStream.exchange": "it serves the blocking facade, which iterates over the source in its own thread",
}
"""Public methods without an example, and why."""

TYPES = {
    "answer": "ChatToAnswerResponse",
    "connector": "Connector",
    "execution": "SQLExecuteResponse",
    "ids": "list[str]",
    "message": "ChatResponse",
    "project": "Project",
    "ratings": "list[FeedbackCreate]",
    "session": "ChatSessionResponse",
    "stats": "FeedbackStats",
    "tables": "list[SchemaMetadataCreate]",
}
"""The types of names that examples use without defining them; names that end in `_id` are strings."""


def public_classes() -> Iterator[type]:
    for module, names in PUBLIC.items():
        values = (getattr(importlib.import_module(module), name) for name in names)
        yield from (value for value in values if inspect.isclass(value))


def public_callables() -> dict[str, Callable[..., Any]]:
    """Return the public functions, and the public methods of public classes and of their bases, by qualified name."""
    found = [text2everything.local.engine.similarity]
    for cls in public_classes():
        found += [value for name, value in inspect.getmembers(cls) if not name.startswith("_") and callable(value)]
    return {
        value.__qualname__: value
        for value in found
        if not inspect.isclass(value) and (getattr(value, "__module__", None) or "").startswith("text2everything.")
    }


def has_example(documented: object) -> bool:
    return re.search(r"^Example:\n +>>> ", inspect.getdoc(documented) or "", re.MULTILINE) is not None


def test_every_public_method_has_an_example() -> None:
    functions = public_callables()
    without = {name for name, each in functions.items() if not has_example(each)}
    assert without == NOT_FOR_USERS.keys(), "\n".join(sorted(without ^ NOT_FOR_USERS.keys()))


def examples() -> dict[str, str]:
    """Return a function of each example's code, by the name of the class or the qualified name of the method."""
    documented: dict[str, Any] = {cls.__qualname__: cls for cls in public_classes()} | public_callables()
    code = {}
    for name, value in documented.items():
        parts = doctest.DocTestParser().get_examples(inspect.getdoc(value) or "", name)
        client, head = "AsyncText2EverythingClient", "async def"
        if value.__module__.startswith("text2everything.sync"):
            client, head = "Text2EverythingClient", "def"
        if parts:
            body = indent("".join(part.source for part in parts), "    ")
            parameters = ", ".join(f"{each}: {type_}" for each, type_ in free_names(body, client).items())
            code[name] = f"{head} use_{name.replace('.', '__')}({parameters}) -> None:\n{body}"
    return code


def free_names(body: str, client: str) -> dict[str, str]:
    """Return the names that the code uses without defining them, and their types, as far as these are known."""
    names = [node for node in ast.walk(ast.parse(f"async def example():\n{body}")) if isinstance(node, ast.Name)]
    defined = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    types = TYPES | {"client": client} | {node.id: "str" for node in names if node.id.endswith("_id")}
    return {node.id: types[node.id] for node in names if node.id in types and node.id not in defined}


def module_of_examples() -> str:
    """Return the code of a module with a function for each example."""
    code = [f"from {module} import {', '.join(names)}\n" for module, names in PUBLIC.items()]
    return "\n\n".join([*code, *examples().values()])


@pytest.mark.slow
def test_type_checkers_accept_the_examples(tmp_path: Path) -> None:
    wrong = 'client.feedback.get(project_id, "id1", colour="red")'
    source = f"{module_of_examples()}\n\n"
    source += f"def use_wrongly(client: Text2EverythingClient, project_id: str) -> None:\n    {wrong}\n"
    done = run_mypy(tmp_path, source)
    lines = source.splitlines()
    found = []
    for number, message in re.findall(r"^use\.py:(\d+): error: (.*?)(?:  \[[a-z-]+\])?$", done.stdout, re.MULTILINE):
        found.append(f"{lines[int(number) - 1].strip()}: {message}")
    expected = 'Unexpected keyword argument "colour" for "get" of "FeedbackResource"'
    assert found == [f"{wrong}: {expected}"], done.stdout + done.stderr
