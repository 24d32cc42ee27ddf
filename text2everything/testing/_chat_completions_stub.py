"""`ChatCompletionsStub`: a language model that answers as told, over a real socket."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TypeAlias

import attrs
from aiohttp import web

from text2everything.local._server import ServerThread, listen


@attrs.frozen
class StubReply:
    """A reply of `ChatCompletionsStub` in every detail.

    Attributes:
        body: The body; an object is sent as JSON.
        status: The HTTP status; by default 200.
        headers: Further headers.
        delay: Seconds to wait before it is sent; by default 0.

    Example:
        >>> with ChatCompletionsStub([StubReply({"error": {"message": "busy"}}, 429, {"Retry-After": "1"})]) as stub:
        ...     print(stub.base_url)
    """

    body: Mapping[str, Any] | bytes = b""
    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict)
    delay: float = 0.0


Reply: TypeAlias = str | int | StubReply
AnyReply: TypeAlias = Reply | Callable[[dict[str, Any]], Reply]


class ChatCompletionsStub:
    """Stands in for a language model in tests: a server that speaks the chat completions API, and answers as told.

    It listens on a free port of this machine, in a daemon thread, and needs no package for language models.

    Args:
        replies: What is answered to one request after the other; the last one answers all further requests. A string
            is what the model says; a number an HTTP status, of an error; a `StubReply` any other reply. A function
            gets the body of the request and returns one of these.

    Raises:
        ValueError: There are no replies.

    Example:
        >>> with ChatCompletionsStub(["SELECT count(*) FROM orders"]) as stub:
        ...     engine = ModelEngine("any", base_url=stub.base_url)
        ...     with LocalService(demo=True, engine=engine) as service:
        ...         client = Text2EverythingClient(**service.settings)
        ...         demo = service.demo
        ...         print(client.chat.chat_to_sql(demo.project_id, demo.chat_session_id, "Orders?").sql_query)
        ...     print(stub.requests[0]["messages"])
    """

    def __init__(self, replies: Iterable[AnyReply]) -> None:
        self._replies = list(replies)
        if not self._replies:
            raise ValueError("replies must have at least one reply")
        self._lock = threading.Lock()
        self._requests: list[dict[str, Any]] = []
        self._headers: list[dict[str, str]] = []
        self._server: ServerThread | None = None
        self._port = 0

    @property
    def base_url(self) -> str:
        """The URL to give to whatever asks the model.

        Raises:
            RuntimeError: The stub is not started.
        """
        if self._server is None:
            raise RuntimeError("the stub is not started: use it in a with statement")
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of the requests so far: `model`, `messages` and whatever else was sent."""
        with self._lock:
            return list(self._requests)

    @property
    def headers(self) -> list[dict[str, str]]:
        """The headers of the requests so far, their names in lower case."""
        with self._lock:
            return list(self._headers)

    def start(self) -> Self:
        """Start the server, and return when it accepts requests; does nothing if it is started.

        Example:
            >>> stub = ChatCompletionsStub(["SELECT 1"]).start()
            >>> stub.stop()
        """
        if self._server is None:
            app = web.Application(client_max_size=64 * 2**20)
            app.router.add_post("/v1/chat/completions", self._answer)
            listener = listen("127.0.0.1", 0)
            self._port = listener.getsockname()[1]
            self._server = ServerThread(app, listener)
            self._server.start()
        return self

    def stop(self) -> None:
        """Stop the server, and close its connections; may be repeated.

        Example:
            >>> stub = ChatCompletionsStub(["SELECT 1"]).start()
            >>> stub.stop()
        """
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _response(_error(400, "The body is no JSON object"))
        with self._lock:
            reply = self._replies[min(len(self._requests), len(self._replies) - 1)]
            self._requests.append(body)
            self._headers.append({name.lower(): value for name, value in request.headers.items()})
        told = reply(body) if callable(reply) else reply
        if isinstance(told, str):
            told = _completion(told, body.get("model"))
        elif isinstance(told, int):
            told = _error(told, f"The stub answers {told}")
        await asyncio.sleep(told.delay)
        return _response(told)


def _completion(content: str, model: object) -> StubReply:
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    return StubReply(
        {
            "id": "chatcmpl-stub",
            "object": "chat.completion",
            "created": 0,
            "model": model,
            "choices": [choice],
            "usage": usage,
        }
    )


def _error(status: int, message: str) -> StubReply:
    # No wait before the next attempt, which would make tests slow.
    return StubReply({"error": {"message": message, "type": "stub", "code": None}}, status, {"Retry-After": "0"})


def _response(reply: StubReply) -> web.Response:
    body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    return web.Response(body=body, status=reply.status, headers={"Content-Type": "application/json", **reply.headers})
