"""The generated blocking client against a real socket: errors, sharing, threads, copies and closing."""

from __future__ import annotations

import asyncio
import copy
import gc
import importlib
import pickle
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from name_service import NameService

from text2everything import (
    AuthenticationError,
    ClientClosedError,
    InvalidConfigurationError,
    NotFoundError,
    Text2EverythingClient,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def service() -> Iterator[NameService]:
    service = NameService()
    yield service
    service.stop()


def make(service: NameService, **options: Any) -> Text2EverythingClient:
    settings = {"base_url": service.base_url, "access_token": "secret-token", "workspace_name": "workspaces/test"}
    return Text2EverythingClient(**{**settings, **options})


@pytest.fixture
def client(service: NameService) -> Iterator[Text2EverythingClient]:
    with make(service) as client:
        yield client


def portal_threads() -> int:
    return [thread.name for thread in threading.enumerate()].count("text2everything-portal")


def test_the_package_of_the_blocking_side_gives_its_names_and_no_others() -> None:
    sync = importlib.import_module("text2everything.sync")
    assert sync.Text2EverythingClient is Text2EverythingClient
    assert sync.Pager.__module__ == "text2everything.sync._streams"
    for name in ("Nothing", "_nothing"):
        with pytest.raises(AttributeError, match=f"module 'text2everything.sync' has no attribute '{name}'"):
            getattr(sync, name)


def test_a_call_returns_the_model(client: Text2EverythingClient) -> None:
    assert client.projects.get("one").name == "one"
    assert client.projects.get(project_id="two").id == "two"


def test_a_wrong_setting_is_told_at_construction_and_starts_nothing(service: NameService) -> None:
    before = threading.active_count()
    with pytest.raises(InvalidConfigurationError, match="timeout must be a number of seconds above 0"):
        make(service, timeout=0)
    assert threading.active_count() == before


def test_a_wrong_argument_is_told_before_any_request(client: Text2EverythingClient, service: NameService) -> None:
    asked = len(service.connections)
    with pytest.raises(ValidationError, match="project_id"):
        client.projects.get("..")
    with pytest.raises(TypeError, match="unexpected keyword argument 'project'"):
        client.projects.get(project="one")  # type: ignore[call-arg]
    assert len(service.connections) == asked


def test_the_traceback_is_the_caller_the_method_and_the_core(client: Text2EverythingClient) -> None:
    with pytest.raises(NotFoundError, match="Project not found") as caught:
        client.projects.get("gone")
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[0].name == "test_the_traceback_is_the_caller_the_method_and_the_core"
    assert [frame.filename.rpartition("text2everything/")[2] for frame in frames[1:4]] == [
        "sync/_generated/projects.py",
        "sync/_portal.py",
        "resources/projects.py",
    ]
    for foreign in ("concurrent", "threading", "asyncio", "anyio", "uvloop"):
        assert not any(foreign in frame.filename for frame in frames)


def test_one_thread_and_one_connection_serve_call_after_call(service: NameService) -> None:
    before = portal_threads()
    with make(service) as client:
        assert portal_threads() == before
        del service.connections[:]
        for _ in range(5):
            client.projects.get("one")
        assert portal_threads() == before + 1
        assert len(set(service.connections)) == 1
    assert portal_threads() == before


def test_with_options_shares_the_portal_and_the_connection(
    client: Text2EverythingClient, service: NameService
) -> None:
    client.projects.get("one")
    threads = portal_threads()
    del service.connections[:]
    with client.with_options(timeout=1, max_retries=0) as hasty:
        assert type(hasty) is Text2EverythingClient
        assert hasty.settings.total_timeout == 1
        with pytest.raises(TimeoutError, match=r"within the 1 s"):
            hasty.projects.get("slow")
        assert hasty.projects.get("two").name == "two"
        assert portal_threads() == threads
    assert client.projects.get("three").name == "three"  # still open: the other only shared it
    assert len(set(service.connections)) == 2  # the timed out one could not be kept


def test_64_threads_share_one_client(client: Text2EverythingClient) -> None:
    def work(number: int) -> list[str]:
        return [client.projects.get(f"{number}-{turn}").name for turn in range(5)]

    with ThreadPoolExecutor(64) as pool:
        results = list(pool.map(work, range(64)))
    assert results == [[f"{number}-{turn}" for turn in range(5)] for number in range(64)]


async def test_works_inside_a_running_loop(client: Text2EverythingClient) -> None:
    assert client.projects.get("one").name == "one"
    assert await asyncio.to_thread(client.projects.get, "two") is not None


def test_a_call_from_the_clients_own_loop_is_refused(service: NameService) -> None:
    refused: list[BaseException] = []

    async def hook(*_: object) -> None:
        try:
            client.projects.get("two")
        except RuntimeError as error:
            refused.append(error)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(hook)
    with make(service, trace_configs=[trace]) as client:
        assert client.projects.get("one").name == "one"
    assert [type(error) for error in refused] == [RuntimeError]
    assert "use AsyncText2EverythingClient" in str(refused[0])


def test_token_callables_plain_and_async(service: NameService) -> None:
    asked: list[str] = []

    def plain() -> str:
        asked.append(threading.current_thread().name)
        return "from-plain"

    async def awaited() -> str:
        asked.append(threading.current_thread().name)
        return "from-async"

    def broken() -> str:
        raise OSError("no network")

    for provider, token in ((plain, "from-plain"), (awaited, "from-async")):
        with make(service, access_token=provider) as client:
            client.projects.get("one")
            client.projects.get("two")
        assert service.tokens[-2:] == [f"Bearer {token}"] * 2
    assert len(asked) == 2
    assert asked[0] != "text2everything-portal"  # it may block, so not on the loop
    assert asked[1] == "text2everything-portal"
    with make(service, access_token=broken) as client, pytest.raises(AuthenticationError) as caught:
        client.projects.get("one")
    assert isinstance(caught.value.__cause__, OSError)


def test_copies_and_pickles_are_clients_of_their_own(client: Text2EverythingClient) -> None:
    client.projects.get("one")
    for clone in (copy.copy(client), copy.deepcopy(client), pickle.loads(pickle.dumps(client))):
        assert type(clone) is Text2EverythingClient
        assert clone.settings == client.settings
        assert clone.projects.get("two").name == "two"
        clone.close()
        with pytest.raises(ClientClosedError):
            clone.projects.get("three")
    assert client.projects.get("four").name == "four"


def test_a_copy_of_a_closed_client_is_open(service: NameService) -> None:
    client = make(service)
    client.close()
    with copy.copy(client) as clone:
        assert clone.projects.get("one").name == "one"


def test_repr_says_where_it_leads_and_no_secret(service: NameService) -> None:
    class Mine(Text2EverythingClient):
        pass

    with make(service) as client:
        assert repr(client) == f"Text2EverythingClient('{service.base_url}', 'workspaces/test')"
    assert repr(client) == f"Text2EverythingClient('{service.base_url}', 'workspaces/test', closed)"
    assert repr(Mine(**{**vars_of(client), "access_token": "secret-token"})).startswith("Mine('http")
    assert "secret" not in repr(client)


def vars_of(client: Text2EverythingClient) -> dict[str, str]:
    return {"base_url": client.settings.base_url, "workspace_name": client.settings.workspace_name}


def test_closing_ends_the_call_of_another_thread_and_its_request(service: NameService) -> None:
    service.slow_started.clear()
    service.slow_dropped.clear()
    client = make(service)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(client.projects.get, "slow")
        assert service.slow_started.wait(60)
        client.close()
        with pytest.raises(ClientClosedError, match=r"^the client is closed$"):
            future.result(60)
    assert service.slow_dropped.wait(60)


def test_closing_can_wait_for_the_call_of_another_thread(service: NameService) -> None:
    client = make(service)
    client.projects.get("one")
    with ThreadPoolExecutor(1) as pool:
        asked = len(service.connections)
        future = pool.submit(client.projects.get, "brief")
        while len(service.connections) == asked:
            time.sleep(0.001)
        client.close(wait=True)
        assert future.result(60).name == "brief"


def test_closing_while_threads_call_ends_in_the_one_error(service: NameService) -> None:
    outcomes: list[str] = []

    def work(client: Text2EverythingClient) -> None:
        for number in range(20):
            try:
                outcomes.append("right" if client.projects.get(str(number)).name == str(number) else "wrong")
            except BaseException as error:  # noqa: BLE001
                outcomes.append(f"{type(error).__name__}: {error}")

    for turn in range(10):
        client = make(service)
        if turn % 2:
            client.projects.get("one")
        threads = [threading.Thread(target=work, args=(client,), daemon=True) for _ in range(8)]
        for thread in threads:
            thread.start()
        client.close()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    assert len(outcomes) == 10 * 8 * 20
    assert set(outcomes) <= {"right", "ClientClosedError: the client is closed"}
    assert "ClientClosedError: the client is closed" in outcomes


def test_clients_dropped_unclosed_leave_no_threads(service: NameService) -> None:
    before = portal_threads()
    for _ in range(10):
        make(service).projects.get("one")
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "text2everything-portal":
            thread.join(60)
    assert portal_threads() == before
