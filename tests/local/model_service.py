"""A service whose questions a stub of a language model answers, with the demo's shop to ask about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import attrs

from text2everything import ChatToAnswerResponse, Text2EverythingClient
from text2everything.local import Demo, LocalService, ModelEngine
from text2everything.testing import ChatCompletionsStub

KEY = "sk-a-key-that-never-shows"
# Not known to the rules, so whatever answers it is the model.
QUESTION = "Which towns fascinate our auditors?"
SQL = "SELECT DISTINCT city FROM customers"

Asking = Callable[..., AbstractContextManager["Asked"]]


@attrs.frozen
class Asked:
    """A client of the service, a project of a test's own, and what the stub was asked since the test began."""

    client: Text2EverythingClient
    stub: ChatCompletionsStub
    demo: Demo
    began: int

    def ask(self, question: str = QUESTION, **more: Any) -> ChatToAnswerResponse:
        demo = self.demo
        return self.client.chat.chat_to_answer(
            demo.project_id, demo.chat_session_id, question, demo.connector_id, **more
        )

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.stub.requests[self.began :]

    def told(self, request: int = 0) -> str:
        """Everything that the model was told in a request."""
        return "\n".join(message["content"] for message in self.requests[request]["messages"])


@contextmanager
def asking() -> Iterator[Asking]:
    """Give a function that has the stub answer as told; all its calls share one service, unless they give options."""
    replies: list[Any] = []

    def next_reply(body: dict[str, Any]) -> Any:
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return reply(body) if callable(reply) else reply

    with ChatCompletionsStub([next_reply]) as stub:

        @contextmanager
        def running(**options: Any) -> Iterator[tuple[Text2EverythingClient, Demo]]:
            engine = ModelEngine("stub-model", **{"base_url": stub.base_url, "api_key": KEY, **options})
            with (
                LocalService(demo=True, engine=engine) as service,
                Text2EverythingClient(**service.settings) as client,
            ):
                yield client, service.demo

        with running() as shared:

            @contextmanager
            def asked(*told: Any, **options: Any) -> Iterator[Asked]:
                replies[:] = told
                if options:
                    with running(**options) as (client, demo):
                        yield Asked(client, stub, demo, len(stub.requests))
                else:
                    yield Asked(shared[0], stub, copied(*shared), len(stub.requests))

            yield asked


def copied(client: Text2EverythingClient, demo: Demo) -> Demo:
    """Make a project with the tables of the demo."""
    project = client.projects.create("Another shop").id
    connector = client.connectors.get(demo.project_id, demo.connector_id)
    for item in client.schema_metadata.list(demo.project_id):
        client.schema_metadata.create(project, item.name, item.schema_data)
    connector = client.connectors.create(project, "Shop", "sqlite", database=connector.database)
    return Demo(project, connector.id, client.chat_sessions.create(project).id)
