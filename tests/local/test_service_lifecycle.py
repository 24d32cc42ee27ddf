"""Starting, stopping, what survives, and what `LocalService` refuses."""

from __future__ import annotations

import asyncio
import gc
import itertools
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from text2everything import local
from text2everything.local import Limits, LocalService, LocalServiceError
from text2everything.local._migrations import APPLICATION_ID
from text2everything.local._store import Store
from text2everything.local._tables import PROJECTS

from .conftest import ScriptedEngine, Wire, headers


async def visit(service: LocalService, call):
    async with aiohttp.ClientSession(headers=headers(service)) as session:
        return await call(Wire(session, service.base_url))


def listens(url: str) -> bool:
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def run(code: str, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def launch(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def until(condition: Callable[[], object]) -> None:
    """Look again and again, for what happens in other threads and processes."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


def queries() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "text2everything-query"]


async def test_it_accepts_requests_when_start_returns_and_none_after_stop():
    service = LocalService(engine=ScriptedEngine())
    with pytest.raises(LocalServiceError, match="not started"):
        _ = service.base_url
    assert service.start() is service
    url = service.base_url
    assert service.start().base_url == url
    with pytest.raises(LocalServiceError, match="has no demo: give demo=True"):
        _ = service.demo
    assert service.settings == {
        "base_url": url,
        "access_token": service.access_token,
        "workspace_name": "workspaces/local",
    }
    assert await visit(service, lambda wire: wire("GET", "/projects")) == (
        200,
        {"items": [], "total": 0, "page": 1, "page_size": 100, "has_next": False},
    )
    service.stop()
    service.stop()
    assert not listens(url)
    assert repr(service) == "<LocalService stopped data_dir=None>"
    with service:
        assert listens(service.base_url)


async def test_stopping_cuts_off_what_is_under_way(database):
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    service = LocalService(engine=ScriptedEngine(), limits=Limits(seconds=300)).start()

    async def call(wire):
        wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
        connector = await wire.connector(database)
        asking = asyncio.create_task(wire.execution(connector["id"], endless))
        await until(queries)
        started = time.monotonic()
        await asyncio.to_thread(service.stop)
        assert time.monotonic() - started < 60
        with pytest.raises((aiohttp.ClientError, AssertionError)):
            await asking

    await visit(service, call)


def test_temporary_files_are_gone_when_it_stops():
    service = LocalService(engine=ScriptedEngine()).start()
    directory = service._running.state.files.directory.parent
    assert directory.is_dir()
    service.stop()
    assert not directory.exists()


def test_a_forgotten_service_stops():
    service = LocalService(engine=ScriptedEngine()).start()
    url, gone = service.base_url, weakref.ref(service)
    del service
    gc.collect()
    assert gone() is None
    assert not listens(url)


async def test_everything_survives_a_restart(tmp_path, database):
    service = LocalService(tmp_path / "data", engine=ScriptedEngine())
    paths = ("", "/contexts", "/feedback", "/connectors", "/sql/executions", "/custom-tools", "/collections")

    async def fill(wire):
        wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
        await wire.made("P/contexts", {"name": "n", "content": "c"})
        connector = await wire.connector(database)
        await wire.rate(await wire.execution(connector["id"]), good=True)
        form = aiohttp.FormData({"name": "n", "description": "d"})
        form.add_field("files", b"content", filename="f")
        assert (await wire("POST", "P/custom-tools", data=form))[0] == 201
        return wire.project, [await wire("GET", f"P{path}") for path in paths]

    async def read(wire):
        wire.project = project
        return [await wire("GET", f"P{path}") for path in paths]

    with service:
        token = service.access_token
        project, before = await visit(service, fill)
        files = sorted((tmp_path / "data" / "files").iterdir())
        assert [file.read_bytes() for file in files] == [b"content"]
        (tmp_path / "data" / "files" / "left-over").write_bytes(b"of an upload that was cut off")
    with LocalService(str(tmp_path / "data"), engine=ScriptedEngine()) as again:
        assert again.access_token == token
        assert await visit(again, read) == before
        assert sorted((tmp_path / "data" / "files").iterdir()) == files
    with LocalService(tmp_path / "data", engine=ScriptedEngine(), access_token="mine") as again:
        assert again.access_token == "mine"


async def test_nothing_that_was_answered_is_lost_when_it_is_killed(tmp_path):
    code = (
        "import sys, time; from text2everything.local import LocalService\n"
        "s = LocalService(sys.argv[1]).start(); print(s.base_url, s.access_token, flush=True); time.sleep(60)"
    )
    process = launch([sys.executable, "-c", code, str(tmp_path)])
    try:
        url, token = process.stdout.readline().split()
        created: list[str] = []

        async def create(wire: Wire) -> None:
            for number in itertools.count():
                try:
                    made = await wire.made("P/contexts", {"name": "n", "content": f"word{number} word"})
                    created.append(made["id"])
                    if number % 4 == 0:
                        await wire("DELETE", f"P/contexts/{created.pop()}")
                    if number % 10 == 0:
                        await wire.made(f"P/chat-sessions/{session_id}/chat-to-sql", {"query": "word7"})
                except aiohttp.ClientError:
                    return

        sent = {"Authorization": f"Bearer {token}", "X-Workspace-Name": "workspaces/local"}
        async with aiohttp.ClientSession(headers=sent) as session:
            wire = Wire(session, url)
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            session_id = (await wire.made("P/chat-sessions", {}))["id"]
            tasks = [asyncio.create_task(create(wire)) for _ in range(8)]
            await until(lambda: len(created) >= 200)
            process.kill()
            await asyncio.gather(*tasks)
    finally:
        process.kill()
        process.communicate()
    with LocalService(tmp_path, engine=ScriptedEngine()) as service:
        store = service._running.state.store
        assert set(created) <= {row[0] for row in store.fetch_all("SELECT id FROM contexts")}
        assert store.fetch_one("PRAGMA integrity_check") == ("ok",)
        store.execute("INSERT INTO contexts_words (contexts_words) VALUES ('integrity-check')")
        assert store.fetch_all("SELECT rowid FROM contexts_words") == store.fetch_all("SELECT seq FROM contexts")


async def test_the_demo_is_made_once_and_found_again(tmp_path):
    async def projects(wire):
        return [item["id"] for item in (await wire("GET", "/projects"))[1]["items"]]

    async def answer(wire):
        wire.project = service.demo.project_id
        body = {"query": "Show active customers", "connector_id": service.demo.connector_id}
        session = service.demo.chat_session_id
        return (await wire("POST", f"P/chat-sessions/{session}/chat-to-answer", body))[1]["execution_result"]

    with LocalService(tmp_path / "one", demo=True) as service:
        demo = service.demo
        assert await visit(service, projects) == [demo.project_id]
        assert (await visit(service, answer))["result"]["rowCount"] > 0
    with LocalService(tmp_path / "one") as service, pytest.raises(LocalServiceError, match="no demo"):
        _ = service.demo
    (tmp_path / "one").rename(tmp_path / "moved")
    with LocalService(tmp_path / "moved", demo=True) as service:
        assert service.demo == demo
        assert await visit(service, projects) == [demo.project_id]
        assert (await visit(service, answer))["result"]["rowCount"] > 0
        assert (await visit(service, lambda wire: wire("DELETE", f"/projects/{demo.project_id}")))[0] == 200
    with LocalService(tmp_path / "moved", demo=True) as service:
        assert service.demo != demo
        assert (await visit(service, answer))["result"]["rowCount"] > 0


def test_a_demo_in_memory_leaves_nothing():
    with LocalService(demo=True, engine=ScriptedEngine()) as service:
        directory = service._running.state.files.directory.parent
        assert (directory / "demo").is_dir()
    assert not directory.exists()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"data_dir": ""}, "data_dir must be a path"),
        ({"data_dir": 5}, "data_dir must be a path"),
        ({"host": " "}, "host must be"),
        ({"host": None}, "host must be"),
        ({"port": 65_536}, "port must be"),
        ({"port": True}, "port must be"),
        ({"port": "8000"}, "port must be"),
        ({"access_token": ""}, "access_token must be"),
        ({"access_token": "a b"}, "access_token must be"),
        ({"access_token": "a\nb"}, "access_token must be"),
        ({"workspace_name": "local"}, "workspace_name must be"),
        ({"workspace_name": "workspaces/"}, "workspace_name must be"),
        ({"workspace_name": "workspaces/a\nb"}, "workspace_name must be"),
    ],
)
def test_arguments_that_cannot_be_right_are_named(wrong, error):
    with pytest.raises(ValueError, match=error) as caught:
        LocalService(**wrong)
    assert not wrong.get("access_token") or wrong["access_token"] not in str(caught.value)


def test_a_port_in_use_is_named(service):
    port = int(service.base_url.rpartition(":")[2])
    with pytest.raises(LocalServiceError, match=rf"^port: cannot listen on 127.0.0.1 port {port}"):
        LocalService(port=port, engine=ScriptedEngine()).start()


def test_a_host_that_is_none_is_named():
    with pytest.raises(LocalServiceError, match=r"^host: cannot resolve 'no such host'"):
        LocalService(host="no such host", engine=ScriptedEngine()).start()


@pytest.mark.parametrize(("host", "url"), [("0.0.0.0", "http://127.0.0.1:"), ("localhost", "http://localhost:")])
async def test_other_hosts_are_reached(host, url):
    with LocalService(host=host, engine=ScriptedEngine()) as service:
        assert service.base_url.startswith(url)
        assert (await visit(service, lambda wire: wire("GET", "/projects")))[0] == 200


async def test_ipv6_is_reached():
    with LocalService(host="::1", engine=ScriptedEngine()) as service:
        assert service.base_url.startswith("http://[::1]:")
        assert (await visit(service, lambda wire: wire("GET", "/projects")))[0] == 200


def test_a_data_dir_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(LocalServiceError, match=r"^data_dir: cannot make "):
            LocalService(path, engine=ScriptedEngine()).start()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "files").write_text("")
    with pytest.raises(LocalServiceError, match=r"^data_dir: cannot make .*files: File exists"):
        LocalService(tmp_path / "files", engine=ScriptedEngine()).start()
    (tmp_path / "taken" / "service.sqlite3").mkdir(parents=True)
    with pytest.raises(LocalServiceError, match=r"^data_dir: cannot use .*: unable to open database file"):
        LocalService(tmp_path / "taken", engine=ScriptedEngine()).start()


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("CREATE TABLE projects (a)", "a database of another program"),
        (
            f"CREATE TABLE a (a); PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 99",
            "a newer version",
        ),
        (None, "file is not a database"),
    ],
)
def test_a_foreign_file_is_refused_and_left_alone(tmp_path, sql, error):
    path = tmp_path / "service.sqlite3"
    if sql is None:
        path.write_bytes(b"a file that was here before" * 100)
    else:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(sql)
    before = path.read_bytes()
    with pytest.raises(LocalServiceError, match=rf"^data_dir: cannot use .*{error}"):
        LocalService(tmp_path, engine=ScriptedEngine()).start()
    assert path.read_bytes() == before


def test_one_data_dir_is_for_one_service(tmp_path):
    with LocalService(tmp_path, engine=ScriptedEngine()):
        with pytest.raises(LocalServiceError, match="another service is using it"):
            LocalService(tmp_path, engine=ScriptedEngine()).start()
        code = "import sys; from text2everything.local import LocalService; LocalService(sys.argv[1]).start()"
        assert "another service is using it" in run(code, str(tmp_path)).stderr
    with LocalService(tmp_path, engine=ScriptedEngine()):
        pass


def test_a_failure_of_the_thread_is_raised_by_start(monkeypatch):
    async def fail(*_):
        raise RuntimeError("no loop today")

    monkeypatch.setattr("aiohttp.web.AppRunner.setup", fail)
    with pytest.raises(LocalServiceError, match="could not start: no loop today"):
        LocalService(engine=ScriptedEngine()).start()


def test_without_sqlglot_the_extra_is_named():
    code = (
        "import sys; sys.modules['sqlglot'] = None\n"
        "from text2everything.local import LocalService, LocalServiceError\n"
        "try:\n    LocalService().start()\nexcept LocalServiceError as error:\n    print(error)"
    )
    assert run(code).stdout == "the embedded service needs sqlglot: pip install sqlglot sqlalchemy\n"


@pytest.mark.slow
@pytest.mark.parametrize("in_use", [False, True])
def test_a_script_that_never_stops_it_exits_at_once_and_cleanly(tmp_path, database, in_use):
    code = """
import json, sys, tempfile, threading, time, urllib.request
from text2everything.local import Limits, LocalService
tempfile.tempdir = sys.argv[1]
service = LocalService(demo=True, limits=Limits(seconds=300)).start()
sent = {"Authorization": "Bearer " + service.access_token, "X-Workspace-Name": service.workspace_name}
def post(path, body):
    url = f"{service.base_url}/api/projects/{service.demo.project_id}/{path}"
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), sent)).read()
if sys.argv[2] == "True":
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    body = {"connector_id": service.demo.connector_id, "sql_query": endless}
    def ask():
        try: post("sql/execute", body)
        except OSError: pass
    threading.Thread(target=ask, daemon=True).start()
    while not [t for t in threading.enumerate() if t.name == "text2everything-query"]: time.sleep(0.01)
"""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = run(code, str(temporary), str(in_use))  # which may take a minute; the query would take five
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_a_forked_child_leaves_the_service_alone(tmp_path):
    code = """
import gc, os, sys, urllib.request
from text2everything.local import LocalService
def count(service):
    sent = {"Authorization": "Bearer " + service.access_token, "X-Workspace-Name": service.workspace_name}
    return urllib.request.urlopen(urllib.request.Request(service.base_url + "/api/projects", headers=sent)).status
for directory in (sys.argv[1], None):
    service = LocalService(directory).start()
    count(service)
    state = service._running.state
    state.store.set_setting("before", "1")
    child = os.fork()
    if child == 0:
        service.stop()
        state.store.close()
        del service, state
        gc.collect()
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    state.store.set_setting("after", "1")
    assert count(service) == 200
    assert state.files.directory.exists()
os.kill(os.getpid(), 9)
"""
    done = run(code.replace("-W error", ""), str(tmp_path))
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
    store = Store(tmp_path / "service.sqlite3")
    assert (store.get_setting("before"), store.get_setting("after")) == ("1", "1")
    store.close()


def test_the_package_names_what_it_has():
    assert {name for name in local.__all__ if getattr(local, name)} == {
        "LocalService",
        "LocalServiceError",
        "Demo",
        "Limits",
        "ModelEngine",
    }
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = local.nothing


def test_a_transaction_that_fails_leaves_nothing():
    store = Store()

    def fail() -> None:
        with store.transaction():
            store.insert(PROJECTS, None, {"name": "p"})
            with store.transaction():
                raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert store.list_all(PROJECTS, None) == []
    store.close()


def test_relative_and_home_directories_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for given, expected in ((Path("here"), "here"), ("~/home", "home")):
        with LocalService(given, engine=ScriptedEngine()):
            assert (tmp_path / expected / "service.sqlite3").exists()
