"""Stand-ins of the clients know the resources, their methods and their signatures."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any
from unittest.mock import AsyncMock, Mock, NonCallableMock, create_autospec, patch

import pytest

from text2everything import (
    AsyncFeedbackResource,
    AsyncText2EverythingClient,
    FeedbackResource,
    Text2EverythingClient,
)
from text2everything.sync._source import resources_of

CLIENTS = (Text2EverythingClient, AsyncText2EverythingClient)
OPTIONS = {"base_url": "http://localhost:1", "access_token": "token", "workspace_name": "workspaces/test"}
RESOURCES = list(resources_of(AsyncText2EverythingClient))


@pytest.mark.parametrize(
    "client", [*CLIENTS, *(make(**OPTIONS) for make in CLIENTS)], ids=lambda each: str(each)[:35]
)
@pytest.mark.parametrize("of", [create_autospec, lambda spec: Mock(spec=spec)], ids=["autospec", "spec"])
def test_every_resource_is_known(client: Any, of: Any) -> None:
    mock = of(client)
    for name in RESOURCES:
        assert isinstance(getattr(mock, name), NonCallableMock), name
    with pytest.raises(AttributeError):
        mock.feedbacks  # noqa: B018


@pytest.mark.parametrize("as_instance", [True, False])
async def test_async_methods_are_awaited(as_instance: bool) -> None:
    mock = create_autospec(AsyncText2EverythingClient, instance=as_instance)
    client = mock if as_instance else mock()
    assert isinstance(client.feedback, AsyncFeedbackResource)
    assert isinstance(client.feedback.create, AsyncMock)
    assert not isinstance(client.feedback.iter, AsyncMock)
    client.feedback.create.return_value = "rating"
    assert await client.feedback.create("project", "message", "Right") == "rating"
    client.feedback.create.assert_awaited_once_with("project", "message", feedback="Right")
    with pytest.raises(TypeError, match="missing a required argument: 'chat_message_id'"):
        client.feedback.create("project")
    with pytest.raises(AttributeError):
        client.feedback.crate  # noqa: B018


def test_blocking_methods_keep_their_signatures() -> None:
    client = create_autospec(Text2EverythingClient)(**OPTIONS)
    assert isinstance(client.feedback, FeedbackResource)
    assert not isinstance(client.feedback.create, AsyncMock)
    client.feedback.create("project", "message", "Right")
    with pytest.raises(TypeError, match="missing a required argument: 'feedback'"):
        client.feedback.create("project", "message", text="Right")


@pytest.mark.parametrize("make", CLIENTS)
@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_is_patched_in_the_class(make: Any, name: str) -> None:
    real = getattr(make, name)
    with patch.object(make, name, autospec=True) as mock:
        client = make(**OPTIONS)
        assert getattr(client, name) is mock
        for each in dir(real):
            if not each.startswith("_"):
                assert isinstance(getattr(mock, each), AsyncMock) == iscoroutinefunction(getattr(real, each)), each
        with pytest.raises(AttributeError):
            mock.crate  # noqa: B018
    assert isinstance(getattr(make(**OPTIONS), name), real)


async def test_patched_methods_keep_their_signatures() -> None:
    with patch.object(AsyncText2EverythingClient, "projects", autospec=True) as mock:
        mock.get.return_value = "project"
        client = AsyncText2EverythingClient(**OPTIONS)
        assert await client.projects.get("x") == "project"
        mock.get.assert_awaited_once_with("x")
        with pytest.raises(TypeError, match="missing a required argument"):
            client.projects.get()  # type: ignore[call-arg]
    with patch.object(Text2EverythingClient, "feedback", autospec=True):
        blocking = Text2EverythingClient(**OPTIONS)
        blocking.feedback.create("project", "message", "Right")
        with pytest.raises(TypeError, match="missing a required argument: 'feedback'"):
            blocking.feedback.create("project", "message")  # type: ignore[call-arg]


def test_a_resource_is_made_once_and_can_be_replaced() -> None:
    for make in CLIENTS:
        client: Any = make(**OPTIONS)
        assert client.feedback is client.feedback
        client.feedback = "another"
        assert client.feedback == "another"
