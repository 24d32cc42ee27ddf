"""Files to send: what is taken, what is refused before anything is sent, and that nothing stays open."""

from __future__ import annotations

import gc
import io
import os
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from text2everything import AsyncText2EverythingClient, ValidationError
from text2everything._transport.files import Form, Upload, collect, directory_files
from text2everything._transport.multipart import form_data


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tool.py"
    path.write_bytes(b"print(1)")
    return path


def names(files: Any) -> list[str]:
    return [upload.name for upload in collect(files)]


def test_what_is_taken(path: Path) -> None:
    with path.open("rb") as file:
        given = [
            path,
            str(path),
            b"bytes",
            file,
            ("a/b\\c.txt", b"bytes"),
            ("d.txt", io.BytesIO(b"x")),
            io.BytesIO(b"y"),
        ]
        assert names(given) == ["tool.py", "tool.py", "file3", "tool.py", "c.txt", "d.txt", "file7"]
    assert names(iter([path])) == ["tool.py"]


def test_where_a_file_lies_is_not_told(path: Path) -> None:
    assert str(path.parent) not in repr(collect([path]))
    assert b"secret" not in repr(collect([b"secret"])).encode()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "files must not be empty"),
        ("tool.py", "files must be a list of files, got str"),
        (b"bytes", "files must be a list of files, got bytes"),
        (Path("tool.py"), "files must be a list"),
        (None, "files must be a list of files, got NoneType"),
        (7, "files must be a list of files, got int"),
        ([7], r"files\[0\] must be a path, bytes, .* got int"),
        ([("name", "text")], r"files\[0\] must be a path"),
        (["/nowhere/a", b"x", "/nowhere/b"], r"files\[0\] not found: /nowhere/a; files\[2\] not found: /nowhere/b"),
        (["/"], r"files\[0\] is a directory"),
        ([io.StringIO("text")], r"files\[0\] is open in text mode"),
        ([SimpleNamespace(read=lambda _: [])], r"files\[0\] cannot be read: its read\(\) returned list, not bytes"),
        ([SimpleNamespace(read=lambda _: None)], r"files\[0\] cannot be read: its read\(\) returned NoneType"),
        ([("a\nb", b"x")], r"files\[0\] holds control characters"),
        ([("\ud800", b"x")], r"files\[0\] holds a lone surrogate"),
    ],
)
def test_what_is_refused(files: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        collect(files)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"], ids=["too long", "null character"])
async def test_a_name_that_no_file_can_have_is_an_error_of_the_argument(name: str) -> None:
    client = AsyncText2EverythingClient(
        base_url="http://127.0.0.1:9", access_token="t", workspace_name="workspaces/w", max_retries=0
    )
    with pytest.raises(ValidationError, match=r"^files\[0\] not found"):
        await client.custom_tools.create("p", "n", "d", [name])
    with pytest.raises(ValidationError, match=r"^directory_path is not a directory"):
        await client.custom_tools.create_from_directory("p", "n", "d", name)
    with pytest.raises(ValidationError, match=r"^path is not a directory"):
        await client.projects.load_directory("p", name)
    with pytest.raises(ValidationError, match=r"^path"):
        await client.feedback.upload("p", f"{name}.csv")


def test_a_closed_file_is_refused(path: Path) -> None:
    with path.open("rb") as file:
        pass
    with pytest.raises(ValidationError, match=r"files\[0\] is a closed file"):
        collect([file])


def test_a_directory(path: Path) -> None:
    (path.parent / ".hidden").write_bytes(b"")
    (path.parent / "inner").mkdir()
    (path.parent / "a.sql").write_bytes(b"")
    assert [found.name for found in directory_files(path.parent)] == ["a.sql", "tool.py"]
    for wrong, said in [
        (path, "is not a directory"),
        (path.parent / "inner", "holds no file"),
        (7, "must be a path"),
    ]:
        with pytest.raises(ValidationError, match=rf"^directory_path {said}"):
            directory_files(wrong)


def test_what_can_be_sent_twice(path: Path) -> None:
    source, sink = os.pipe()
    os.close(sink)
    with os.fdopen(source, "rb") as pipe, path.open("rb") as file:
        assert Form({}, collect([path, b"x", file])).replayable
        assert Form({}, []).replayable
        assert not Form({}, collect([b"x", pipe])).replayable


def times_open(path: Path) -> int:
    """Count the descriptors of this file; what else the process has open may be closed meanwhile."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of the listing itself
            found.append(descriptor.readlink())
    return found.count(path.resolve())


async def test_nothing_stays_open(path: Path) -> None:
    with path.open("rb") as file:
        form = Form({"name": "n"}, collect([path, file, path]))
        for _ in range(3):
            async with form_data(form) as data:
                assert isinstance(data, aiohttp.FormData)
                assert times_open(path) == 3
        with pytest.raises(ZeroDivisionError):
            async with form_data(form):
                raise ZeroDivisionError
        gc.collect()
        assert not file.closed
        assert times_open(path) == 1


async def test_a_second_file_that_is_gone_closes_the_first(path: Path) -> None:
    form = Form({}, [Upload("tool.py", path), Upload("gone.py", path.parent / "gone.py")])
    with pytest.raises(ValidationError, match=r"files: cannot read gone\.py"):
        async with form_data(form):
            pass
    assert times_open(path) == 0


async def test_a_file_that_cannot_go_back_to_its_start_is_named() -> None:
    class Stuck(io.BytesIO):
        def seek(self, *_: int) -> int:
            raise OSError(5, "Input/output error")

    form = Form({}, [Upload("tool.py", Stuck(b"x"))])
    with pytest.raises(ValidationError, match=r"files: cannot read tool.py: Input/output error"):
        async with form_data(form):
            pass
