"""Resources and bound methods in other processes, and what cannot be pickled says why."""

from __future__ import annotations

import asyncio
import copy
import multiprocessing
import pickle
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from name_service import NameService

from text2everything import AsyncText2EverythingClient, Text2EverythingClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def service() -> Iterator[NameService]:
    service = NameService()
    yield service
    service.stop()


def settings(service: NameService, **options: Any) -> dict[str, Any]:
    return {
        "base_url": service.base_url,
        "access_token": "secret-token",
        "workspace_name": "workspaces/test",
        **options,
    }


def provide() -> str:
    return "provided"


class Provider:
    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __call__(self) -> str:
        return "locked"


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # of Python 3.12 and later
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_of_processes_maps_a_bound_method(service: NameService, method: str) -> None:
    with Text2EverythingClient(**settings(service)) as client:
        client.projects.get("before")  # the loop of the parent runs
        del service.connections[:]
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
            found = list(pool.map(client.projects.get, ["one", "two", "three", "four"]))
        assert [each.name for each in found] == ["one", "two", "three", "four"]
        assert len(set(map(id, service.connections))) == 1  # the copies of one process share it
        assert client.projects.get("after").name == "after"


def test_a_resource_keeps_settings_and_headers(service: NameService) -> None:
    with Text2EverythingClient(**settings(service, max_retries=7)) as client:
        other = client.with_options(headers={"X-Team": "one"})
        again = pickle.loads(pickle.dumps(other.projects))
        transport = again._async._transport
        assert (transport.settings, transport.headers) == (other.settings, {"X-Team": "one"})
        assert transport.settings.is_default("timeout")
        assert not transport.settings.is_default("max_retries")
        plain = pickle.loads(pickle.dumps(client.projects))
        assert plain._async._transport is not transport
        assert plain.get("one").name == "one"
        twice = pickle.loads(pickle.dumps([client.projects, client.feedback.create]))
        assert twice[1].__self__._portal is twice[0]._portal is plain._portal
        again._portal.close()
        plain._portal.close()


def test_async_resources_pickle_too(service: NameService) -> None:
    client = AsyncText2EverythingClient(**settings(service))

    async def main(get: Any) -> str:
        project = await get("one")
        return str(project.name)

    assert asyncio.run(main(pickle.loads(pickle.dumps(client.projects.get)))) == "one"
    asyncio.run(client.close())


def test_a_callable_that_gives_the_token_goes_along(service: NameService) -> None:
    with Text2EverythingClient(**settings(service, access_token=provide)) as client:
        get = pickle.loads(pickle.dumps(client.projects.get))
        assert get("one").name == "one"
        assert service.tokens[-1] == "Bearer provided"
        get.__self__._portal.close()


@pytest.mark.parametrize("make", [Text2EverythingClient, AsyncText2EverythingClient])
@pytest.mark.parametrize("provider", [lambda: "one", Provider()], ids=["lambda", "lock"])
def test_what_cannot_be_pickled_says_why(
    service: NameService, make: Any, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.rpartition(".")[2] in {"cloudpickle", "dill"}]:
        monkeypatch.delitem(sys.modules, name)
    client = make(**settings(service, access_token=provider))
    for each in (client, client.projects, client.projects.get):
        with pytest.raises(TypeError, match="because its access_token is a callable that cannot be"):
            pickle.dumps(each)
    assert copy.copy(client).settings == copy.deepcopy(client).settings == client.settings

    class Able:  # cloudpickle pickles functions by their code
        pass

    monkeypatch.setitem(sys.modules, "joblib.externals.cloudpickle", Able)
    assert client.projects.__reduce__()
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError), match=r"(?i)can't pickle|cannot pickle"):
        pickle.dumps(client)


@pytest.mark.parametrize("make", [Text2EverythingClient, AsyncText2EverythingClient])
def test_connections_of_ones_own_cannot_be_pickled(service: NameService, make: Any) -> None:
    client = make(**settings(service, trace_configs=[aiohttp.TraceConfig()]))
    for each in (client, client.projects, client.projects.get):
        with pytest.raises(TypeError, match="of its own cannot be copied or pickled"):
            pickle.dumps(each)
    with pytest.raises(TypeError, match="of its own cannot be copied"):
        copy.copy(client)


@pytest.mark.parametrize("make", [Text2EverythingClient, AsyncText2EverythingClient])
@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
async def test_pagers_and_streams_say_why_they_are_not_copied(make: Any, take: Callable[[Any], Any]) -> None:
    options = {"base_url": "http://localhost:1", "access_token": "token", "workspace_name": "workspaces/test"}
    client = make(**options)
    name = "AsyncPager" if make is AsyncText2EverythingClient else "Pager"
    with pytest.raises(
        TypeError, match=rf"^a {name} cannot be pickled or copied, because .* make another .* iter\(\)"
    ):
        take(client.feedback.iter("p"))
    name = "AsyncBulkStream" if make is AsyncText2EverythingClient else "BulkStream"
    with pytest.raises(TypeError, match=rf"^a {name} cannot be pickled or copied, because .* bulk_create_stream\(\)"):
        take(client.feedback.bulk_create_stream("p", []))
