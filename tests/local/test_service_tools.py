"""Custom tools: uploads, what is kept of them, and how they are removed."""

from __future__ import annotations

import io

import aiohttp
import pytest

from text2everything.local import _form
from text2everything.local._handlers.custom_tools import base_name

from .conftest import Wire, refusal

FORM = {"name": "n", "description": "d"}


def form(files: dict[str, bytes], **fields: str) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
    for name, value in fields.items():
        data.add_field(name, value)
    for name, content in files.items():
        data.add_field("files", io.BytesIO(content), filename=name)
    return data


@pytest.fixture
def kept(service):
    """The files on disk, by content."""
    directory = service._running.state.files.directory
    return lambda: sorted(path.read_bytes() for path in directory.iterdir())


async def upload(wire: Wire, files: dict[str, bytes], method: str = "POST", path: str = "P/custom-tools", **fields):
    return await wire(method, path, data=form(files, **fields))


async def test_files_are_stored_and_listed_under_their_base_names(wire: Wire, kept):
    before = kept()
    names = {"a.py": b"one", "dir/b.txt": b"two", "C:\\x\\c d.md": b"", "../../é☃.csv": b"x" * 300_000}
    status, tool = await upload(wire, names, **FORM)
    assert status == 201
    assert [document["filename"] for document in tool["documents"]] == ["a.py", "b.txt", "c d.md", "é☃.csv"]
    assert all(document["custom_tool_id"] == tool["id"] for document in tool["documents"])
    assert (tool["name"], tool["description"], tool["project_id"]) == ("n", "d", wire.project)
    assert sorted([*before, *names.values()]) == kept()
    assert await wire("GET", f"P/custom-tools/{tool['id']}") == (200, tool)
    assert (await wire("GET", "P/custom-tools?q=N"))[1]["items"] == [tool]
    assert (await wire("GET", "P/collections/custom_tools"))[0] == 200
    assert (await wire("DELETE", f"P/custom-tools/{tool['id']}"))[0] == 200
    assert (await wire("DELETE", f"P/custom-tools/{tool['id']}"))[0] == 404
    assert kept() == before


async def test_new_files_replace_all_and_metadata_alone_keeps_them(wire: Wire, kept):
    before = kept()
    tool = (await upload(wire, {"a": b"old a", "b": b"old b"}, **FORM))[1]
    path = f"P/custom-tools/{tool['id']}"
    for send in (
        {"data": form({}, name="renamed")},
        {"data": {"name": "renamed"}},
        {"json": {"name": "renamed"}},
        {},  # as clients send a form without fields
        {"data": b"", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    ):
        status, changed = await wire("PUT", path, **send)
        assert status == 200
        assert changed == {**tool, "name": "renamed", "updated_at": changed["updated_at"]}
    status, changed = await upload(wire, {"c": b"new c"}, "PUT", path)
    assert (status, [document["filename"] for document in changed["documents"]]) == (200, ["c"])
    assert kept() == sorted([*before, b"new c"])
    assert (changed["name"], changed["description"]) == ("renamed", "d")


@pytest.mark.parametrize(
    ("files", "fields", "wrong"),
    [
        ({}, FORM, ["files"]),
        ({}, {}, ["name", "description", "files"]),
        ({"a": b"x"}, {"name": " "}, ["name", "description"]),
    ],
)
async def test_wrong_uploads_leave_nothing_behind(wire: Wire, kept, files, fields, wrong):
    before = kept()
    status, reply = await upload(wire, files, **fields)
    assert (status, [problem["loc"][1] for problem in reply["detail"]]) == (422, wrong)
    assert (await wire("GET", "P/custom-tools"))[1]["total"] == 0
    assert kept() == before


async def test_a_new_tool_needs_a_form(wire: Wire):
    status, reply = await wire("POST", "P/custom-tools")
    assert (status, [problem["loc"][1] for problem in reply["detail"]]) == (422, ["name", "description", "files"])


async def test_uploads_to_what_is_unknown_leave_nothing_behind(wire: Wire, kept):
    before = kept()
    assert (await upload(wire, {"a": b"x"}, "PUT", "P/custom-tools/none", **FORM))[0] == 404
    assert (await upload(wire, {"a": b"x"}, path="/projects/none/custom-tools", **FORM))[0] == 404
    assert kept() == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"x"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"no boundary"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n'),
        ("multipart/form-data; boundary=b", b"--b\r\n\xff\xff\r\n\r\n--b--"),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--b--\r\n',
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n%b'
            % b"Content-Transfer-Encoding: nonsense\r\n\r\nx\r\n--b--\r\n",
        ),
        ("application/json", b"{"),
    ],
)
async def test_malformed_forms_are_refused(wire: Wire, kept, content_type, body):
    before = kept()
    status, reply = await wire("POST", "P/custom-tools", data=body, headers={"Content-Type": content_type})
    assert status == (400 if content_type.startswith("multipart") else 422), reply
    assert reply["detail"]
    assert kept() == before


async def test_a_name_that_is_no_text_is_refused(wire: Wire, kept):
    before = kept()
    body = b'--b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\nx\r\n'
    parts = [(b"name", b""), (b"description", b""), (b"files", b'; filename="\xff"')]
    status, reply = await wire(
        "POST",
        "P/custom-tools",
        data=b"".join(body % part for part in parts) + b"--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert (status, reply) == (400, refusal(400, "The request holds invalid unicode"))
    assert kept() == before


async def test_what_is_too_large_is_refused_and_removed(wire: Wire, service, kept, monkeypatch):
    before = kept()
    monkeypatch.setattr(_form, "_MAX_FIELD_BYTES", 100)
    monkeypatch.setattr(service._running.state.files, "max_file_bytes", 1000)
    assert (await upload(wire, {"a": b"x" * 1000, "b": b"x" * 1001}, **FORM))[0] == 413
    assert (await upload(wire, {"a": b"x"}, name="n", description="d" * 101))[0] == 413
    assert (await upload(wire, {f"f{n}": b"" for n in range(1001)}, **FORM))[0] == 413
    assert (await upload(wire, {"a": b"x"}, **FORM, **{f"more{n}": "" for n in range(100)}))[0] == 413
    assert (await wire("POST", "P/custom-tools", data={f"more{n}": "" for n in range(101)}))[0] == 413
    monkeypatch.setattr(_form, "MAX_FORM_BYTES", 5000)
    files = {str(n): b"x" * 1000 for n in range(10)}
    assert (await upload(wire, files, **FORM))[0] == 413

    gathered = form(files, **FORM)()
    boundary = {"Content-Type": gathered.content_type}

    async def pieces():
        yield await gathered.as_bytes()

    assert (await wire("POST", "P/custom-tools", data=pieces(), headers=boundary))[0] == 413
    assert kept() == before


async def test_deleting_a_project_removes_its_files(wire: Wire, kept):
    before = kept()
    await upload(wire, {"a": b"mine"}, **FORM)
    assert kept() != before
    assert (await wire("DELETE", f"/projects/{wire.project}"))[0] == 200
    assert kept() == before


async def test_a_session_has_a_tool_until_it_is_detached_or_deleted(wire: Wire, database):
    tool = (await upload(wire, {"a": b"x"}, **FORM))[1]
    await wire.connector(database)
    session = await wire.made("P/chat-sessions", {"name": "s", "custom_tool_id": tool["id"]})
    path = f"P/chat-sessions/{session['id']}/custom-tool"
    assert await wire("GET", path) == (200, tool)
    answer = await wire.made(f"P/chat-sessions/{session['id']}/chat-to-sql", {"query": "q"})
    assert "no custom tools" in answer["agent_tool_response"]
    status, reply = await wire("PUT", path, {"custom_tool_id": None})
    assert (status, reply["custom_tool_id"]) == (200, None)
    assert await wire("GET", path) == (200, None)
    assert (await wire("PUT", path, {}))[0] == 422
    assert (await wire("PUT", path, {"custom_tool_id": "none"}))[0] == 404
    assert (await wire("POST", "P/chat-sessions", {"custom_tool_id": "none"}))[0] == 404
    assert (await wire("PUT", path, {"custom_tool_id": tool["id"]}))[1]["custom_tool_id"] == tool["id"]
    await wire("DELETE", f"P/custom-tools/{tool['id']}")
    assert (await wire("GET", f"P/chat-sessions/{session['id']}"))[1]["custom_tool_id"] is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a", "a"),
        ("/x/a", "a"),
        ("x\\a", "a"),
        ("..", "file"),
        ("x/", "file"),
        ("", "file"),
        (" ", "file"),
        (".a", ".a"),
    ],
)
def test_only_base_names_are_kept(sent, kept):
    assert base_name(sent) == kept
