"""pytest fixtures for your own tests: a real service on your machine instead of a mock.

Put this into your `conftest.py`:

    pytest_plugins = ["text2everything.testing"]

and ask for what you need:

    def test_a_rating_is_kept(t2e_client, t2e_demo):
        result = t2e_client.executions.execute_query(t2e_demo.project_id, t2e_demo.connector_id, "SELECT 1")
        assert result.rows == [[1]]

Each test gets a service of its own, in memory, started in a few milliseconds; asynchronous tests make their client
from `t2e_service`, in their own event loop:

    async def test_it(t2e_service):
        async with AsyncText2EverythingClient(**t2e_service.settings) as client:
            ...
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from text2everything.local import Demo, LocalService
from text2everything.sync import Text2EverythingClient

__all__ = ["t2e_client", "t2e_demo", "t2e_service"]


@pytest.fixture
def t2e_service() -> Iterator[LocalService]:
    """An embedded service with the demo project, in memory, for one test."""
    with LocalService(demo=True) as service:
        yield service


@pytest.fixture
def t2e_demo(t2e_service: LocalService) -> Demo:
    """The ids of the demo: `project_id`, `connector_id` and `chat_session_id`."""
    assert t2e_service.demo is not None  # noqa: S101  # it was started with one
    return t2e_service.demo


@pytest.fixture
def t2e_client(t2e_service: LocalService) -> Iterator[Text2EverythingClient]:
    """A blocking client of the test's service."""
    with Text2EverythingClient(**t2e_service.settings) as client:
        yield client
