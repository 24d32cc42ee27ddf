"""A full disk: what cannot be stored is a 507, what was stored before stays, and once there is room, all works."""

from __future__ import annotations

import asyncio
import errno
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from text2everything.local import LocalService
from text2everything.local._store import Store

from .conftest import ScriptedEngine, Wire, headers
from .test_service_tools import FORM, form


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A directory on a disk of 8 MiB of its own, where the user may make one."""
    directory = tmp_path / "disk"
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(directory)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("this user cannot mount a disk")
    yield directory
    subprocess.run(["umount", str(directory)], timeout=60, check=True)


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file may become larger than 3 MiB."""
    limits, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * 2**20, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, ignored)


async def fill(wire: Wire) -> list[str]:
    """Create contexts until there is no more room; return the ids of those that were acknowledged."""
    kept = []
    while True:
        status, reply = await wire("POST", "P/contexts", {"name": f"n{len(kept)}", "content": "x" * 50_000})
        if status != 201:
            assert (status, "disk is full" in reply["detail"]) == (507, True)
            return kept
        kept.append(reply["id"])
        assert len(kept) < 1000


async def listed(wire: Wire) -> list[str]:
    return [item["id"] for item in (await wire("GET", "P/contexts?limit=1000"))[1]["items"]]


async def check(directory: Path, make_room: Callable[[], object], elsewhere: Path) -> None:
    """Fill the disk, make room, and restart; nothing that was acknowledged is lost."""
    with LocalService(directory, engine=ScriptedEngine()) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            kept = await fill(wire)
            assert kept
            # Every kind of write fails alike, and none is half done.
            columns = [{"name": f"c{n}", "type": "TEXT", "description": "x" * 20_000} for n in range(20)]
            schema = {"name": "t", "schema_data": {"table": {"name": "t", "columns": columns}}}
            body = {"name": "n", "content": "y" * 90_000, "description": None, "is_always_displayed": False}
            assert (await wire("PUT", f"P/contexts/{kept[0]}", body))[0] == 507
            assert (await wire("POST", "P/schema-metadata", schema))[0] == 507
            replies = await asyncio.gather(*(wire("POST", "P/contexts", body) for _ in range(20)))
            assert {status for status, _ in replies} == {507}
            assert await listed(wire) == kept
            assert (await wire("GET", "P/schema-metadata"))[1]["total"] == 0
            assert (await wire("GET", f"P/contexts/{kept[0]}"))[1]["content"] == "x" * 50_000
            make_room()
            again = (await wire("POST", "P/contexts", body))[1]["id"]
            assert (await wire("POST", "P/schema-metadata", schema))[0] == 201
    with LocalService(directory, engine=ScriptedEngine()) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            assert await listed(Wire(session, service.base_url, wire.project)) == [*kept, again]
    shutil.copytree(directory, elsewhere)  # to where SQLite has room to look
    with closing(sqlite3.connect(elsewhere / "service.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_a_full_disk_loses_nothing(small_disk: Path, tmp_path: Path):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(3 * 2**20))
    await check(small_disk, ballast.unlink, tmp_path / "copy")


async def test_a_file_that_may_not_grow_loses_nothing(small_files, tmp_path: Path):
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    await check(tmp_path / "data", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard)), tmp_path / "copy")


async def test_an_upload_that_does_not_fit_leaves_nothing(small_disk: Path):
    with LocalService(small_disk, engine=ScriptedEngine()) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            path = "P/custom-tools"
            tool = (await wire("POST", path, data=form({"a": b"x" * 1_000_000}, **FORM)))[1]
            huge = {"a": b"z", "b": b"y" * 8_000_000}
            assert (await wire("POST", path, data=form(huge, **FORM)))[0] == 507
            assert (await wire("PUT", f"{path}/{tool['id']}", data=form(huge, **FORM)))[0] == 507
            assert (await wire("GET", path))[1]["items"] == [tool]
            assert [file.read_bytes() for file in (small_disk / "files").iterdir()] == [b"x" * 1_000_000]
            assert (await wire("POST", path, data=form({"a": b"x" * 1_000_000}, **FORM)))[0] == 201


async def test_a_transaction_that_does_not_fit_is_rolled_back(tmp_path: Path):
    store = Store(tmp_path / "service.sqlite3")
    (pages,) = store.fetch_one("PRAGMA page_count") or (0,)
    store.execute(f"PRAGMA max_page_count = {pages + 2}")

    def write(name: str, size: int) -> None:
        with store.transaction():
            store.set_setting(name, "kept with what follows, or not at all")
            store.set_setting("size", "x" * size)

    with pytest.raises(sqlite3.OperationalError, match="full"):
        write("lost", 100_000)
    write("kept", 10)
    store.close()
    store = Store(tmp_path / "service.sqlite3")
    assert (store.get_setting("lost"), store.get_setting("size")) == (None, "x" * 10)
    store.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
async def test_what_the_system_calls_no_room_is_one(wire: Wire, service, monkeypatch, number):
    def fail(*_: object) -> None:
        raise OSError(number, "no room at /secret/path")

    monkeypatch.setattr(service._running.state.store, "insert", fail)
    status, reply = await wire("POST", "P/contexts", {"name": "n", "content": "c"})
    assert (status, "secret" in str(reply)) == (507, False)
