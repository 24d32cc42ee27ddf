"""A running service, and a caller that speaks the bare wire to it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest

from text2everything.local import Limits, LocalService
from text2everything.local.engine import Draft

from .model_service import Asking, asking


@attrs.define
class ScriptedEngine:
    """Answers as told, and remembers what it was asked with."""

    answers: dict[str, Draft] = attrs.field(factory=dict)
    asked: list[dict[str, Any]] = attrs.field(factory=list)

    def draft(self, question: str, **given: Any) -> Draft:
        self.asked.append({"question": question, **given})
        return self.answers.get(question, Draft("SELECT count(*) AS n FROM items", "Counts the items."))


@attrs.define
class Wire:
    """Calls the service; each call gives the status and the decoded body."""

    session: aiohttp.ClientSession
    base: str
    project: str = ""

    async def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """`P` at the start of a path is the project."""
        url = self.base + "/api" + (f"/projects/{self.project}{path[1:]}" if path.startswith("P") else path)
        if body is not None:
            options["json"] = body
        async with self.session.request(method, url, **options) as response:
            assert response.content_type == "application/json", await response.text()
            status, reply = response.status, await response.json()
        # What holds for every reply: some clients take 204 for an error, and some read only `error`.
        assert status in {200, 201} or status >= 400
        if status >= 400:
            assert reply == refusal(status, reply["detail"])
        elif method == "DELETE":
            assert isinstance(reply["message"], str)
        return status, reply

    async def made(self, path: str, body: Any) -> Any:
        """Create something that must be made, and return it."""
        status, made = await self("POST", path, body)
        assert status in {200, 201}, made
        return made

    async def connector(self, database: Path, **more: Any) -> Any:
        return await self.made(
            "P/connectors", {"name": "items", "db_type": "sqlite", "database": str(database), **more}
        )

    async def execution(self, connector: str, sql: str = "SELECT 1 AS one", **more: Any) -> Any:
        return await self.made("P/sql/execute", {"connector_id": connector, "sql_query": sql, **more})

    async def rate(self, execution: Any, *, good: bool, text: str = "a remark") -> Any:
        return await self.made(
            "P/feedback",
            {
                "chat_message_id": execution["chat_message_id"],
                "execution_id": execution["execution_id"],
                "feedback": text,
                "is_positive": good,
            },
        )


def refusal(status: int, detail: Any) -> dict[str, Any]:
    """Return the body of an error."""
    problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in detail if not isinstance(each, str)]
    return {"error": "; ".join(problems) or detail, "detail": detail, "status_code": status}


def headers(service: LocalService) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.access_token}", "X-Workspace-Name": service.workspace_name}


@pytest.fixture(scope="session")
def engine() -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture(scope="session")
def service(engine: ScriptedEngine) -> Iterator[LocalService]:
    with LocalService(engine=engine, limits=Limits(rows=50)) as running:
        yield running


@pytest.fixture
async def wire(service: LocalService) -> AsyncIterator[Wire]:
    """A caller with a project of its own."""
    async with aiohttp.ClientSession(headers=headers(service)) as session:
        wire = Wire(session, service.base_url)
        wire.project = (await wire.made("/projects", {"name": "a project"}))["id"]
        yield wire
    # A body that the service did not want to have is still being sent; the end of the loop would not wait for it.
    for transport in list(getattr(asyncio.get_running_loop(), "_transports", {}).values()):
        if transport.get_extra_info("socket").fileno() != -1:  # one that has closed itself cannot be aborted
            transport.abort()
    await asyncio.sleep(0)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with 120 items."""
    path = tmp_path / "items.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany("INSERT INTO items (name) VALUES (?)", [(f"item {n}",) for n in range(120)])
    return path


@pytest.fixture(scope="session")
def asked() -> Iterator[Asking]:
    """A service that a stub of a language model answers for."""
    with asking() as asked:
        yield asked


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def dripping() -> Iterator[str]:
    """The URL of a server whose reply never ends: a space every 50 ms."""

    class Drip(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while not ended.wait(0.05):
                    self.wfile.write(b" ")

        def log_message(self, *_: object) -> None:
            pass

    ended = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Drip) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        ended.set()
        server.shutdown()
