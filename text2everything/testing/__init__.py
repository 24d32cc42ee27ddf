"""pytest fixtures for your own tests: an embedded service instead of mocks; and a stub of a language model.

Add this line to your `conftest.py`:

    pytest_plugins = ["text2everything.testing"]

and use the fixtures in your tests:

    def test_a_rating_is_kept(t2e_client, t2e_demo):
        result = t2e_client.executions.execute_query(t2e_demo.project_id, t2e_demo.connector_id, "SELECT 1")
        assert result.rows == [[1]]

Each test gets its own service, in memory, which starts in a few milliseconds. An asynchronous test creates its client
from `t2e_service`:

    async def test_it(t2e_service):
        async with AsyncText2EverythingClient(**t2e_service.settings) as client:
            ...

`ChatCompletionsStub` stands in for the language model of a service with `ModelEngine`.
"""

from __future__ import annotations

from collections.abc import Iterator

try:
    import pytest
except ModuleNotFoundError:
    raise ModuleNotFoundError("text2everything.testing needs pytest: pip install pytest") from None

from text2everything.local import Demo, LocalService
from text2everything.sync import Text2EverythingClient
from text2everything.testing._chat_completions_stub import ChatCompletionsStub, StubReply

__all__ = ["ChatCompletionsStub", "StubReply", "t2e_client", "t2e_demo", "t2e_service"]


@pytest.fixture
def t2e_service() -> Iterator[LocalService]:
    """Return an embedded service with the demo project, in memory."""
    with LocalService(demo=True) as service:
        yield service


@pytest.fixture
def t2e_demo(t2e_service: LocalService) -> Demo:
    """Return the ids of the demo project: `project_id`, `connector_id` and `chat_session_id`."""
    return t2e_service.demo


@pytest.fixture
def t2e_client(t2e_service: LocalService) -> Iterator[Text2EverythingClient]:
    """Return a blocking client of the service."""
    with Text2EverythingClient(**t2e_service.settings) as client:
        yield client
