"""`SystemExit` and `KeyboardInterrupt` of what a caller passes in: they reach the caller, and the client goes on."""

from __future__ import annotations

import io
import sys
import threading
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from text2everything import Text2EverythingClient
from text2everything.local import LocalService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("either_loop")
ITEMS = [{"name": f"n{number}", "content": "c"} for number in range(300)]


@pytest.fixture(params=["uvloop", "asyncio"])
def either_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "asyncio":
        monkeypatch.setitem(sys.modules, "text2everything.sync._uvloop", None)  # as if it were not installed


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    with LocalService(host="localhost") as service:
        yield service


class Leaving:
    """Raises `error` at its n-th call, once."""

    def __init__(self, error: BaseException, after: int) -> None:
        self.error = error
        self.left = after
        self.calls = 0

    def __call__(self, *_: object) -> None:
        self.calls += 1
        if self.calls == self.left:
            raise self.error


async def async_source(leave: Leaving) -> AsyncIterator[Any]:
    for item in ITEMS:
        leave()
        yield item


def source(leave: Leaving) -> Iterator[Any]:
    for item in ITEMS:
        leave()
        yield item


class LeavingFile(io.BytesIO):
    leave: Leaving

    def read(self, size: int | None = -1) -> bytes:
        if size:
            self.leave()
        return super().read(size)


def upload(client: Text2EverythingClient, project: str, leave: Leaving) -> None:
    file = LeavingFile(b"text" * 100_000)
    file.leave = leave
    client.custom_tools.create(project, "t", "d", [("t.txt", file)])


CALLS: dict[str, tuple[int, Callable[[Text2EverythingClient, str, Leaving, Path], object]]] = {
    "progress": (1, lambda client, project, leave, _: client.contexts.bulk_create(project, ITEMS, progress=leave)),
    "progress with a journal": (
        1,
        lambda client, project, leave, path: client.contexts.bulk_create(
            project, ITEMS, progress=leave, journal=path / "journal"
        ),
    ),
    "progress of an export": (
        1,
        lambda client, project, leave, path: client.feedback.export(project, path / "r.csv", progress=leave),
    ),
    "source": (150, lambda client, project, leave, _: client.contexts.bulk_create(project, source(leave))),
    "source of a stream": (
        150,
        lambda client, project, leave, _: list(client.contexts.bulk_create_stream(project, source(leave))),
    ),
    "async source": (
        150,
        lambda client, project, leave, _: client.contexts.bulk_create(project, async_source(leave)),
    ),
    "async source of a stream": (
        150,
        lambda client, project, leave, _: list(client.contexts.bulk_create_stream(project, async_source(leave))),
    ),
    "file": (2, lambda client, project, leave, _: upload(client, project, leave)),
}


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("name", CALLS)
def test_what_is_passed_to_a_call(
    service: LocalService, tmp_path: Path, name: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("text2everything._bulk.progress.INTERVAL", 0)
    after, call = CALLS[name]
    with Text2EverythingClient(**service.settings) as client:
        project = client.projects.create("p").id
        leave = Leaving(error, after)
        with pytest.raises(type(error)) as caught:
            call(client, project, leave, tmp_path)
        assert caught.value is error
        assert client.projects.get(project).name == "p"
        if name == "progress with a journal":  # closed, so that it can be resumed
            client.contexts.bulk_create(project, ITEMS, journal=tmp_path / "journal")
            assert client.contexts.count(project) == 300


HOOKS = ["on_request_start", "on_request_end", "on_dns_resolvehost_start", "on_connection_create_start"]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
@pytest.mark.parametrize("hook", HOOKS)
def test_hooks(service: LocalService, hook: str, error: BaseException) -> None:
    leave = Leaving(error, 1)

    async def signal(*_: object) -> None:
        leave()

    trace = aiohttp.TraceConfig()
    getattr(trace, hook).append(signal)
    with Text2EverythingClient(**service.settings, trace_configs=[trace]) as client:
        with pytest.raises(type(error)) as caught:
            client.projects.list()
        assert caught.value is error
        assert isinstance(client.projects.list(), list)


def test_hooks_while_others_call(service: LocalService) -> None:
    """A page that is fetched ahead, many creates at once, and a second thread that must not notice."""
    leave = Leaving(SystemExit(3), 0)

    async def signal(*_: object) -> None:
        if "contexts" in str(_[-1]):
            leave()

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(signal)
    with Text2EverythingClient(**service.settings, trace_configs=[trace]) as client:
        project = client.projects.create("p").id
        client.contexts.bulk_create(project, ITEMS)
        going, errors = threading.Event(), []

        def others() -> None:
            while not going.wait(0.001):
                try:
                    client.projects.get(project)
                except BaseException as error:  # noqa: BLE001
                    errors.append(error)

        thread = threading.Thread(target=others)
        thread.start()
        for call in (
            lambda: list(client.contexts.iter(project, page_size=10)),
            lambda: client.contexts.bulk_create(project, ITEMS),
            lambda: client.contexts.list(project),
        ):
            leave.left, leave.calls = 3, 0
            with pytest.raises(SystemExit):
                call()
        going.set()
        thread.join(60)
        assert errors == []
