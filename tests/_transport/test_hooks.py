"""What a caller may hook in: aiohttp's traces, session and connectors, proxies, logging, OpenTelemetry."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hostile import PROJECT, Exchange, HostileService
from opentelemetry import trace
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from text2everything import (
    AsyncText2EverythingClient,
    ClientClosedError,
    ConnectionError,  # noqa: A004  # the published name
    InvalidConfigurationError,
    NotFoundError,
    Text2EverythingClient,
    Text2EverythingError,
)

Start = Callable[..., HostileService]


def failing_first(times: int, status: int = 503) -> Any:
    async def behave(exchange: Exchange) -> None:
        if exchange.number <= times:
            await exchange.reply(status, {"detail": "not yet"}, {"Retry-After": "0"})
        else:
            await exchange.reply(200, PROJECT)

    return behave


# Traces, session, connector.


def test_trace_configs_in_both_facades(hostile: Start, options: dict[str, Any]) -> None:
    seen: list[str] = []

    async def note(_: object, __: object, params: aiohttp.TraceRequestEndParams) -> None:
        seen.append(f"{params.method} {params.url.path} {params.response.status}")

    def traced() -> aiohttp.TraceConfig:
        config = aiohttp.TraceConfig()
        config.on_request_end.append(note)
        return config

    service = hostile(failing_first(1))

    async def main() -> None:
        async with AsyncText2EverythingClient(
            base_url=service.base_url, trace_configs=[traced()], **options
        ) as client:
            await client.projects.get("a")

    asyncio.run(main())
    with Text2EverythingClient(base_url=service.base_url, trace_configs=[traced()], **options) as client:
        client.projects.get("b")
    assert seen == ["GET /api/projects/a 503", "GET /api/projects/a 200", "GET /api/projects/b 200"]


async def test_a_hook_that_fails_is_heard(hostile: Start, options: dict[str, Any]) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("in the hook")

    config = aiohttp.TraceConfig()
    config.on_request_start.append(fail)
    async with AsyncText2EverythingClient(base_url=hostile().base_url, trace_configs=[config], **options) as client:
        with pytest.raises(ZeroDivisionError, match="in the hook") as caught:
            await client.projects.get("p")
        assert "test_hooks.py" in caught.value.__notes__[0]
        assert client._transport.pool.opened.keeping == 0


async def test_a_given_session_is_used_and_left_open(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    async with aiohttp.ClientSession(headers={"X-Mine": "1"}, raise_for_status=True) as session:
        async with AsyncText2EverythingClient(base_url=service.base_url, session=session, **options) as client:
            await client.projects.get("p")

            async def missing(exchange: Exchange) -> None:
                await exchange.reply(404, {"detail": "gone"})

            service.behaviour = missing
            with pytest.raises(NotFoundError, match="gone"):
                await client.projects.get("p")
        assert not session.closed
        assert service.requests[0].headers["x-mine"] == "1"
        with pytest.raises(ClientClosedError):
            await client.projects.get("p")
        other = AsyncText2EverythingClient(base_url=service.base_url, session=session, **options)
    with pytest.raises(ClientClosedError, match="the session given to the client is closed"):
        await other.projects.get("p")


async def test_a_given_session_that_is_closed_between_attempts(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(failing_first(1))
    refused = asyncio.Event()

    async def note(*_: object) -> None:
        refused.set()

    config = aiohttp.TraceConfig()
    config.on_request_end.append(note)
    session = aiohttp.ClientSession(trace_configs=[config])
    client = AsyncText2EverythingClient(
        base_url=service.base_url, session=session, **options | {"retry_delay": 0, "max_retries": 1}
    )

    async def refuse(exchange: Exchange) -> None:
        await exchange.reply(503, None, {"Retry-After": "0.5"})

    service.behaviour = refuse
    call = asyncio.create_task(client.projects.get("p"))
    await refused.wait()
    for _ in range(10):
        await asyncio.sleep(0)
    await session.close()
    with pytest.raises(ClientClosedError, match="given to the client was closed"):
        await call


def test_a_session_of_another_loop_is_refused(hostile: Start, options: dict[str, Any]) -> None:
    async def make() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    with asyncio.Runner() as runner:
        session = runner.run(make())
        with (
            Text2EverythingClient(base_url=hostile().base_url, session=session, **options) as client,
            pytest.raises(ClientClosedError, match="belongs to another event loop"),
        ):
            client.projects.get("p")
        runner.run(session.close())


@pytest.mark.parametrize("as_callable", [True, False])
async def test_a_unix_socket(
    hostile: Start, options: dict[str, Any], tmp_path: Path, as_callable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # not for a socket of this machine
    path = str(tmp_path / "socket")
    service = hostile(path=path)
    connector: Any = (lambda: aiohttp.UnixConnector(path)) if as_callable else aiohttp.UnixConnector(path)
    async with AsyncText2EverythingClient(base_url="http://local", connector=connector, **options) as client:
        assert (await client.projects.get("p")).id == "p"
    assert service.requests[0].headers["host"] == "local"


def test_a_unix_socket_in_the_blocking_client(hostile: Start, options: dict[str, Any], tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    hostile(path=path)
    with Text2EverythingClient(
        base_url="http://local", connector=lambda: aiohttp.UnixConnector(path), **options
    ) as client:
        assert client.projects.get("p").id == "p"


async def test_a_unix_socket_that_is_not_there(options: dict[str, Any], tmp_path: Path) -> None:
    connector = aiohttp.UnixConnector(str(tmp_path / "nothing"))
    async with AsyncText2EverythingClient(base_url="http://local", connector=connector, **options) as client:
        with pytest.raises(ConnectionError, match="cannot connect to the service"):
            await client.projects.get("p")


def test_a_given_connector_belongs_to_one_loop(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()

    async def make() -> AsyncText2EverythingClient:
        client = AsyncText2EverythingClient(base_url=service.base_url, connector=aiohttp.TCPConnector(), **options)
        await client.projects.get("p")
        return client

    async def again(client: AsyncText2EverythingClient) -> None:
        with pytest.raises(ClientClosedError, match="give a callable that makes one"):
            await client.projects.get("p")

    asyncio.run(again(asyncio.run(make())))


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        ({"session": "a session"}, "^session must be"),
        ({"connector": 7}, "^connector must be"),
        ({"trace_configs": aiohttp.TraceConfig()}, "^trace_configs must be"),
        ({"trace_configs": ["a"]}, "^trace_configs must be"),
    ],
)
def test_wrong_hooks(options: dict[str, Any], hooks: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=said):
        AsyncText2EverythingClient(base_url="http://x", **options, **hooks)


async def test_hooks_that_contradict(options: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(InvalidConfigurationError, match="session comes with its own"):
            AsyncText2EverythingClient(
                base_url="http://x", session=session, trace_configs=[aiohttp.TraceConfig()], **options
            )
    client = AsyncText2EverythingClient(base_url="http://x", connector=lambda: "none", **options)
    with pytest.raises(InvalidConfigurationError, match="connector must be or return"):
        await client.projects.get("p")


# Logging.


def test_one_line_for_each_request(hostile: Start, options: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "text2everything")
    service = hostile(failing_first(2))
    with Text2EverythingClient(base_url=service.base_url, **options | {"max_retries": 3}) as client:
        client.projects.get("p")
        service.behaviour = feedback_after(0)
        client.with_options(headers={"X-A": "not shown"}).feedback.get("p 1", "f")
        service.stop()
        with pytest.raises(ConnectionError):
            client.with_options(max_retries=0).projects.create("a project")
    lines = [record.getMessage() for record in caplog.records if record.name == "text2everything"]
    assert [line.rpartition(" in ")[0] for line in lines[:4]] == [
        "GET /api/projects/p -> 503 not yet",
        "GET /api/projects/p -> 503 not yet",
        "GET /api/projects/p -> 200",
        "GET /api/projects/p%201/feedback/f -> 200",
    ]
    assert lines[4].startswith("POST /api/projects -> ConnectionError cannot connect")
    assert len(lines) == 5
    assert all(record.levelno == logging.DEBUG for record in caplog.records if record.name == "text2everything")


def test_no_line_is_made_where_nobody_reads_it(
    hostile: Start, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "text2everything")
    with Text2EverythingClient(base_url=hostile().base_url, **options) as client:
        client.projects.get("p")
    assert caplog.records == []


# OpenTelemetry.


@pytest.fixture(scope="module")
def tracer() -> Iterator[TracerProvider]:
    provider = TracerProvider()
    trace.set_tracer_provider(provider)
    AioHttpClientInstrumentor().instrument(tracer_provider=provider)
    yield provider
    AioHttpClientInstrumentor().uninstrument()


@pytest.fixture
def spans(tracer: TracerProvider) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    tracer.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


def check_spans(spans: InMemorySpanExporter) -> None:
    """One span for the application, in it one for the call, in that one for each attempt."""
    done = spans.get_finished_spans()
    (root,) = [span for span in done if span.name == "the application"]
    (call,) = [span for span in done if span.name == "text2everything GET feedback"]
    attempts = [span for span in done if span.parent and span.parent.span_id == call.context.span_id]
    assert call.parent.span_id == root.context.span_id
    assert [
        span.attributes.get("http.status_code") or span.attributes.get("http.response.status_code")
        for span in attempts
    ] == [503, 503, 200]
    assert call.attributes["url.path"] == "/api/projects/p/feedback/f"
    assert len(done) == 5


def feedback_after(times: int) -> Any:
    async def behave(exchange: Exchange) -> None:
        if exchange.number <= times:
            await exchange.reply(503, None, {"Retry-After": "0"})
        else:
            await exchange.reply(200, {"id": "f", "chat_message_id": "m", "feedback": "good"})

    return behave


async def test_one_span_a_call(hostile: Start, options: dict[str, Any], spans: InMemorySpanExporter) -> None:
    service = hostile(feedback_after(2))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options | {"max_retries": 3}) as client:
        with trace.get_tracer("tests").start_as_current_span("the application"):
            await client.feedback.get("p", "f")
    check_spans(spans)
    assert "traceparent" in service.requests[0].headers


def test_one_span_a_blocking_call(hostile: Start, options: dict[str, Any], spans: InMemorySpanExporter) -> None:
    service = hostile(feedback_after(2))
    with (
        Text2EverythingClient(base_url=service.base_url, **options | {"max_retries": 3}) as client,
        trace.get_tracer("tests").start_as_current_span("the application"),
    ):
        client.feedback.get("p", "f")
    check_spans(spans)


async def test_a_failed_call_is_a_failed_span(
    hostile: Start, options: dict[str, Any], spans: InMemorySpanExporter
) -> None:
    service = hostile(failing_first(9, 404))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(Text2EverythingError):
            await client.projects.get("p")
    (call,) = [span for span in spans.get_finished_spans() if span.name == "text2everything GET projects"]
    assert call.status.status_code is StatusCode.ERROR
    assert call.events[0].name == "exception"
    assert options["access_token"] not in call.to_json()
