"""Schema metadata that is split, and custom tools with their files."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest

from text2everything import NotFoundError, ValidationError

from .conftest import Facade


def table(columns: int) -> dict[str, Any]:
    names = [{"name": f"c{n}", "type": "integer"} for n in range(columns)]
    return {"table": {"name": "wide", "columns": names}}


async def test_a_wide_table_is_kept_in_parts(call: Facade, project: str) -> None:
    small = await call("schema_metadata.create", project, "small", table(8))
    assert (small.split_group_id, small.split_index, small.total_splits) == (None, None, None)
    parts = await call("schema_metadata.create", project, "wide", table(20))
    assert [part.split_index for part in parts] == [1, 2, 3]
    assert {part.total_splits for part in parts} == {3}
    columns = [column["name"] for part in parts for column in part.schema_data["table"]["columns"]]
    assert columns == [f"c{n}" for n in range(20)]
    group = await call("schema_metadata.get_split_group", project, parts[0].split_group_id)
    assert group["total_parts"] == group.total_parts == 3
    assert group["parts"] == parts
    described = await call("schema_metadata.update", project, parts[1].id, description="what it is")
    assert [part.description for part in described] == ["what it is"] * 3
    assert await call("schema_metadata.delete", project, parts[2].id)
    assert [item.id for item in await call("schema_metadata.list", project)] == [small.id]
    with pytest.raises(NotFoundError):
        await call("schema_metadata.get_split_group", project, parts[0].split_group_id)


async def test_a_table_that_grows_is_split(call: Facade, project: str) -> None:
    small = await call("schema_metadata.create", project, "t", table(3))
    parts = await call("schema_metadata.update", project, small.id, schema_data=table(9))
    assert [len(part.schema_data["table"]["columns"]) for part in parts] == [8, 1]


async def test_kinds_of_schema_metadata(call: Facade, project: str) -> None:
    kinds = {
        "table": table(1),
        "dimension": {"table": {"name": "t", "dimension": {"name": "d", "content": {"a": 1}}}},
        "metric": {"table": {"name": "t", "metric": {"name": "m", "content": {"sql": "sum(a)"}}}},
        "relationship": {"relationship": {"from": "a.b", "to": "c.d"}},
    }
    for kind, data in kinds.items():
        assert await call("schema_metadata.get_schema_type", data) == kind
        assert await call("schema_metadata.validate_schema", data, kind) == []
        await call("schema_metadata.create", project, kind, data, is_always_displayed=kind == "metric")
    for kind in kinds:
        assert [item.name for item in await call("schema_metadata.list_by_type", project, kind)] == [kind]
    assert [item.name for item in await call("schema_metadata.list_always_displayed", project)] == ["metric"]
    assert [item.name for item in await call("schema_metadata.list", project, is_always_displayed=False)] == [
        "table",
        "dimension",
        "relationship",
    ]


async def test_every_problem_of_a_schema_is_reported_before_any_request(unreachable: Facade) -> None:
    with pytest.raises(ValidationError) as caught:
        await unreachable("schema_metadata.create", "p", "n", {"table": {"columns": [1, None]}})
    assert "table.columns[0]: must be an object" in str(caught.value)
    assert "table.columns[1]: must be an object" in str(caught.value)
    assert len(caught.value.response_data["problems"]) == 2
    with pytest.raises(ValidationError, match=r"table.columns\[0\]"):
        await unreachable("schema_metadata.update", "p", "x", schema_data={"table": {"columns": [1]}})
    with pytest.raises(ValidationError, match="schema_type must be one of"):
        await unreachable("schema_metadata.list_by_type", "p", "view")


async def test_a_tool_is_made_of_every_kind_of_file(call: Facade, project: str, tmp_path: Path) -> None:
    deep = tmp_path / "secret" / "place"
    deep.mkdir(parents=True)
    path = deep / "one.py"
    path.write_bytes(b"1")
    with path.open("rb") as opened:
        files = [path, str(path), ("/some/where/two.py", b"2"), ("three.py", io.BytesIO(b"3")), opened, b"4"]
        tool = await call("custom_tools.create", project, "tool", "helps", files)
        assert not opened.closed
    assert [document.filename for document in tool.documents] == [
        "one.py",
        "one.py",
        "two.py",
        "three.py",
        "one.py",
        "file6",
    ]
    assert await call("custom_tools.get", project, tool.id) == tool
    replaced = await call("custom_tools.replace_files", project, tool.id, [("new.py", b"")])
    assert [document.filename for document in replaced.documents] == ["new.py"]
    renamed = await call("custom_tools.update_metadata", project, tool.id, {"name": "renamed"})
    assert (renamed.name, renamed.description) == ("renamed", "helps")
    assert [document.filename for document in renamed.documents] == ["new.py"]


async def test_a_directory_of_files(call: Facade, project: str, tmp_path: Path) -> None:
    for name in ("b.py", "a.txt", ".hidden"):
        (tmp_path / name).write_text(name)
    (tmp_path / "sub").mkdir()
    tool = await call("custom_tools.create_from_directory", project, "tool", "helps", tmp_path)
    assert [document.filename for document in tool.documents] == ["a.txt", "b.py"]
    for bad in (tmp_path / "a.txt", tmp_path / "sub", 7):
        with pytest.raises(ValidationError, match="directory_path"):
            await call("custom_tools.create_from_directory", project, "tool", "helps", bad)


async def test_all_missing_files_are_named_before_the_upload(unreachable: Facade, tmp_path: Path) -> None:
    files = [tmp_path / "no1", ("a", b""), str(tmp_path / "no2"), tmp_path]
    with pytest.raises(ValidationError, match=r"files\[0\] not found.*files\[2\] not found.*files\[3\] is a dir"):
        await unreachable("custom_tools.create", "p", "tool", "helps", files)
    with pytest.raises(ValidationError, match=r"files\[0\] is open in text mode"):
        await unreachable("custom_tools.create", "p", "tool", "helps", [io.StringIO("x")])
    closed = io.BytesIO()
    closed.close()
    with pytest.raises(ValidationError, match=r"files\[0\] is a closed file"):
        await unreachable("custom_tools.create", "p", "tool", "helps", [closed])
    for bad in ("name.py", b"bytes", 7, [], [7], [("name", "text")]):
        with pytest.raises(ValidationError, match="files"):
            await unreachable("custom_tools.create", "p", "tool", "helps", bad)


@pytest.mark.parametrize("name", ["c d.md", 'a"b.md', "é ü.txt", "a;b=c.txt", "日本.py", "100%.txt", "%20.txt"])
async def test_a_files_name_arrives_as_it_is(name: str, call: Facade, project: str) -> None:
    tool = await call("custom_tools.create", project, "tool", "helps", [(name, b"")])
    assert [document.filename for document in tool.documents] == [name]


@pytest.mark.parametrize("name", ["a\nb", "a\r\nX-Evil: 1", "a\0b", "\ud800.txt", " "])
async def test_a_files_name_cannot_break_the_form(name: str, unreachable: Facade) -> None:
    with pytest.raises(ValidationError, match=r"the name of files\[0\]"):
        await unreachable("custom_tools.create", "p", "tool", "helps", [(name, b"")])


async def test_an_open_file_is_sent_once_and_must_be_binary(unreachable: Facade, tmp_path: Path) -> None:
    opened = io.BytesIO(b"x")
    with pytest.raises(ValidationError, match="files holds the same open file twice"):
        await unreachable("custom_tools.create", "p", "tool", "helps", [("a", opened), ("b", opened)])
    text_mode = pytest.raises(ValidationError, match=r"files\[0\] is open in text mode")
    with tempfile.NamedTemporaryFile("w+", dir=tmp_path) as text, text_mode:
        await unreachable("custom_tools.create", "p", "tool", "helps", [text])
