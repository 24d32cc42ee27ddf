"""One embedded service for the suite, reached through either facade by the same words."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from text2everything import AsyncPager, AsyncText2EverythingClient, Text2EverythingClient
from text2everything.local import LocalService

numbers = itertools.count(1)


class Facade:
    """Calls either client: `await facade("feedback.create", project, …)`."""

    def __init__(self, client: AsyncText2EverythingClient | Text2EverythingClient) -> None:
        self.client = client

    def find(self, name: str) -> Any:
        resource, method = name.split(".")
        return getattr(getattr(self.client, resource), method)

    async def __call__(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        method = self.find(name)
        if isinstance(self.client, Text2EverythingClient):
            return await asyncio.to_thread(method, *args, **kwargs)
        found = method(*args, **kwargs)
        return await found if inspect.isawaitable(found) else found

    async def items(self, name: str, /, *args: Any, **kwargs: Any) -> list[Any]:
        """Run through what an `iter` method returns."""
        found = await self(name, *args, **kwargs)
        if isinstance(found, AsyncPager):
            return [item async for item in found]
        return await asyncio.to_thread(list, found)


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService(demo=True) as service:
        yield service


async def make_facade(kind: str, settings: dict[str, Any]) -> AsyncIterator[Facade]:
    if kind == "async":
        async with AsyncText2EverythingClient(**settings) as client:
            yield Facade(client)
    else:
        with Text2EverythingClient(**settings) as blocking:
            yield Facade(blocking)


@pytest.fixture
def settings(service: LocalService) -> dict[str, Any]:
    return {
        "base_url": service.base_url,
        "access_token": service.access_token,
        "workspace_name": service.workspace_name,
        "max_retries": 0,
    }


@pytest.fixture(params=["async", "blocking"])
async def call(request: pytest.FixtureRequest, settings: dict[str, Any]) -> AsyncIterator[Facade]:
    async for facade in make_facade(request.param, settings):
        yield facade


@pytest.fixture(params=["async", "blocking"])
async def stranger(request: pytest.FixtureRequest, settings: dict[str, Any]) -> AsyncIterator[Facade]:
    """A facade with a token the service does not know."""
    async for facade in make_facade(request.param, settings | {"access_token": "not-the-token"}):
        yield facade


@pytest.fixture(params=["async", "blocking"])
async def elsewhere(request: pytest.FixtureRequest, settings: dict[str, Any]) -> AsyncIterator[Facade]:
    """A facade of another workspace."""
    async for facade in make_facade(request.param, settings | {"workspace_name": "workspaces/elsewhere"}):
        yield facade


@pytest.fixture(params=["async", "blocking"])
async def unreachable(request: pytest.FixtureRequest) -> AsyncIterator[Facade]:
    """A facade of a service that is not there: whatever is refused on it was refused before any request."""
    settings = {"base_url": "http://127.0.0.1:9", "access_token": "t", "workspace_name": "workspaces/w"}
    async for facade in make_facade(request.param, settings | {"max_retries": 0}):
        yield facade


@pytest.fixture
async def project(call: Facade) -> str:
    return (await call("projects.create", f"Project {next(numbers)}")).id


@pytest.fixture
async def demo(service: LocalService) -> Any:
    return service.demo
