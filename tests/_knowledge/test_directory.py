"""A project's knowledge loaded from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from text2everything import NotFoundError, Text2EverythingClient, ValidationError
from text2everything._knowledge.directory import read_directory
from text2everything.exceptions import BulkError
from text2everything.local import LocalService

TABLE = {"table": {"name": "users", "columns": [{"name": "id", "type": "integer"}]}}
WIDE = {"table": {"name": "wide", "columns": [{"name": f"c{n}"} for n in range(10)]}}


def write(directory: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return directory


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "schema_metadata/users.json": TABLE,
            "schema_metadata/wide.json": {"name": "Wide", "schema_data": WIDE, "description": "many"},
            "schema_metadata/text.txt": json.dumps(TABLE),
            "contexts/revenue.md": "\ufeffRevenue is the sum of amounts.",
            "contexts/terms.json": [{"name": "a", "content": "b", "is_always_displayed": True}, {"content": "c"}],
            "contexts/.hidden.md": "",
            "contexts/picture.png": "not a text",
            "golden_examples/count_users.sql": "-- How many users\n-- are there?\n\nSELECT count(*)\nFROM users;\n",
            "golden_examples/top-ten.sql": "SELECT 10",
            "golden_examples/two.md": "# All users?\n\n```sql\nSELECT * FROM users\n```\n",
            "golden_examples/three.txt": "All ids?\nSELECT id FROM users",
            "golden_examples/more.json": {"user_query": "q", "sql_query": "SELECT 1"},
        },
    )


def test_files_become_items(filled: Path) -> None:
    items = read_directory(filled)
    assert [(item.name, item.schema_data) for item in items.schema_metadata] == [
        ("text", TABLE),
        ("users", TABLE),
        ("Wide", WIDE),
    ]
    assert [(item.name, item.content) for item in items.contexts] == [
        ("revenue", "Revenue is the sum of amounts."),
        ("a", "b"),
        ("terms", "c"),
    ]
    assert [(item.user_query, item.sql_query) for item in items.golden_examples] == [
        ("How many users are there?", "SELECT count(*)\nFROM users;"),
        ("q", "SELECT 1"),
        ("All ids?", "SELECT id FROM users"),
        ("top ten", "SELECT 10"),
        ("All users?", "SELECT * FROM users"),
    ]


def test_every_problem_is_given_with_its_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "schema_metadata/a.json": "{",
            "schema_metadata/b.json": {"table": {"columns": [1]}},
            "schema_metadata/c.sql": "CREATE TABLE t (a int)",
            "contexts/d.md": "",
            "contexts/e.json": [{"name": "x", "content": "y"}, 7, {"name": "x"}],
            "golden_examples/f.json": {"user_query": "q", "sql": "s"},
        },
    )
    (tmp_path / "contexts/g.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ValidationError) as caught:
        read_directory(tmp_path)
    problems = caught.value.response_data["problems"]
    assert [problem.split(":")[0] for problem in problems] == [
        "schema_metadata/a.json",
        "schema_metadata/b.json",
        "schema_metadata/c.sql",
        "contexts/d.md",
        "contexts/e.json[1]",
        "contexts/e.json[2]",
        "contexts/g.txt",
        "golden_examples/f.json",
    ]
    assert "table.columns[0]: must be an object, got 1" in problems[1]


@pytest.mark.parametrize("bad", [7, "missing", "empty"])
def test_what_is_no_such_directory_is_refused(bad: Any, tmp_path: Path) -> None:
    path = tmp_path / bad if isinstance(bad, str) else bad
    if bad == "empty":
        path.mkdir()
    with pytest.raises(ValidationError, match="path"):
        read_directory(path)


def test_a_directory_is_loaded(filled: Path) -> None:
    with Text2EverythingClient.local() as client:
        project = client.projects.create("p").id
        loaded = client.projects.load_directory(project, filled)
        assert loaded.ok
        loaded.raise_for_failures()
        assert [len(loaded.schema_metadata), len(loaded.contexts), len(loaded.golden_examples)] == [4, 3, 5]
        assert list(loaded.schema_metadata.indices) == [0, 1, 2, 2]  # the wide one has two parts
        assert [item.name for item in client.contexts.list(project)] == ["revenue", "a", "terms"]
        assert [item.name for item in client.contexts.list_always_displayed(project)] == ["a"]
        with pytest.raises(NotFoundError):
            client.projects.load_directory("no-such-project", filled)
        with pytest.raises(ValidationError, match="on_error"):
            client.projects.load_directory(project, filled, on_error="ignore")


def test_failures_are_told_with_what_was_created(filled: Path) -> None:
    from aiohttp import web

    @web.middleware
    async def no_golden_examples(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.method == "POST" and request.path.endswith("/golden-examples"):
            return web.json_response({"error": "full"}, status=409)
        return await handler(request)

    with (
        LocalService(middlewares=[no_golden_examples]) as service,
        Text2EverythingClient(**service.settings) as client,
    ):
        project = client.projects.create("p").id
        with pytest.raises(BulkError, match=r"golden_examples: 5 of 5 items failed.*full") as caught:
            client.projects.load_directory(project, filled)
        assert caught.value.result.contexts.ok
        collected = client.projects.load_directory(project, filled, on_error="collect")
        assert not collected.ok
        assert len(collected.golden_examples.failures) == 5
