"""One call: what is sent, sent again, for how long, and what the error tells, over real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import hostile as faults
import pytest
from hostile import PROJECT, TOKEN, WORKSPACE, Behaviour, Exchange, HostileService, settled

from text2everything import (
    AsyncText2EverythingClient,
    ConnectionError,  # noqa: A004  # the published name
    NotFoundError,
    RateLimitError,
    ServerError,
    Text2EverythingClient,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
    ValidationError,
)

Start = Callable[..., HostileService]


def in_turn(*behaviours: Behaviour | tuple[Any, ...]) -> Behaviour:
    """Treat the first request as the first says, and so on; the last one for ever. A tuple is a reply."""

    async def behave(exchange: Exchange) -> None:
        now = behaviours[min(exchange.number, len(behaviours)) - 1]
        if isinstance(now, tuple):
            await exchange.reply(*now)
        else:
            await now(exchange)

    return behave


OK = (200, PROJECT)


async def test_what_is_sent(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    async with AsyncText2EverythingClient(base_url=service.base_url + "/some/where/", **options) as client:
        await client.with_options(headers={"X-Trace": "7", "User-Agent": "mine"}).projects.create("é", "it's")
        await client.projects.get("a/b c?d#e%")
    create, get = service.requests
    assert (create.method, create.target) == ("POST", "/some/where/api/projects")
    assert json.loads(create.body) == {"name": "é", "description": "it's"}
    assert create.headers["authorization"] == f"Bearer {TOKEN}"
    assert create.headers["x-workspace-name"] == WORKSPACE
    assert create.headers["content-type"] == "application/json"
    assert create.headers["x-trace"] == "7"
    assert create.headers["user-agent"] == "mine"
    assert get.target == "/some/where/api/projects/a%2Fb%20c%3Fd%23e%25"
    assert get.headers["user-agent"].startswith("text2everything/")
    assert "x-trace" not in get.headers
    assert "content-type" not in get.headers


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_passing_status_is_tried_again(hostile: Start, options: dict[str, Any], status: int) -> None:
    service = hostile(in_turn((status, {"detail": "busy"}), OK))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        assert (await client.projects.get("p")).id == "p"
    assert len(service.requests) == 2


@pytest.mark.parametrize(
    ("first", "sent"),
    [
        ((429, None), 2),
        ((503, None, {"Retry-After": "0"}), 2),
        ((503, None), 1),
        ((500, None), 1),
        ((504, None), 1),
        ((408, None), 1),
        (faults.close_at_once, 1),
        (faults.half_body, 1),
    ],
)
async def test_a_create_is_sent_again_only_where_nothing_was_done(
    hostile: Start, options: dict[str, Any], first: Any, sent: int
) -> None:
    service = hostile(in_turn(first, OK))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        if sent == 2:
            assert (await client.projects.create("a project")).id == "p"
        else:
            with pytest.raises(Text2EverythingError) as caught:
                await client.projects.create("a project")
            assert caught.value.attempts == 1
    assert len(service.requests) == sent


async def test_posts_that_only_read_are_repeated(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(in_turn(faults.close_at_once, (200, {"deleted_count": 1, "failed_ids": []})))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        await client.feedback.bulk_delete("p", ["f"])
        service.behaviour = in_turn(*[(500, None)] * 3, (200, {"ok": True}))
        assert await client.connectors.test_connection("p", "c")
        service.behaviour = in_turn(*[(502, None)] * 5, (200, {"cache_hit": False, "matches": []}))
        assert not (await client.chat.execution_cache_lookup("p", "How many?", "c")).cache_hit


def test_a_refused_connection_is_tried_again_even_to_create(options: dict[str, Any]) -> None:
    with HostileService() as service:
        address = service.base_url
    for call in ("create", "get"):
        with (
            Text2EverythingClient(base_url=address, **options | {"max_retries": 2}) as client,
            pytest.raises(ConnectionError, match=r"cannot connect to the service at http://127.0.0.1") as caught,
        ):
            getattr(client.projects, call)("a project")
        assert caught.value.attempts == 3
        assert re.search(r"3 attempts in \d+\.\d s", str(caught.value))
        assert isinstance(caught.value, OSError)


async def test_a_name_that_does_not_resolve(options: dict[str, Any]) -> None:
    async with AsyncText2EverythingClient(base_url="http://nowhere.invalid", **options) as client:
        with pytest.raises(ConnectionError, match=r"cannot connect to the service at http://nowhere\.invalid"):
            await client.projects.create("a project")


async def test_max_retries(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(in_turn((503, None)))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        for most in (0, 1, 4):
            service.requests.clear()
            with pytest.raises(ServerError) as caught:
                await client.with_options(max_retries=most).projects.get("p")
            assert caught.value.attempts == len(service.requests) == most + 1


async def test_the_error_after_retries_tells_how_many_and_how_long(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(in_turn((503, {"detail": "closed"}, {"Retry-After": "0.1", "X-Request-Id": "r-7"})))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options | {"max_retries": 2}) as client:
        began = time.monotonic()
        with pytest.raises(ServerError) as caught:
            await client.projects.list()
        took = time.monotonic() - began
    error = caught.value
    assert error.message == "closed"
    assert (error.attempts, error.method, error.path) == (3, "GET", "/api/projects")
    assert 0.2 <= error.elapsed <= took
    taken = f"{error.elapsed:.1f}"
    assert str(error) == f"closed (HTTP 503, GET /api/projects, 3 attempts in {taken} s, request id r-7)"


# The deadline.


async def test_retries_do_not_multiply_a_timeout(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    options |= {"timeout": 0.4, "read_timeout": 0.5, "max_retries": 30}
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        began = time.monotonic()
        with pytest.raises(TimeoutError) as caught:
            await client.projects.get("p")
    assert time.monotonic() - began < 10  # 31 attempts would take 15 s
    assert caught.value.attempts == 2
    assert re.match(
        r"no success within the 0\.9 s that a call may take; the last attempt: "
        r"the service sent nothing for read_timeout=0\.5 s \(GET /api/projects/p, 2 attempts in \d+\.\d s",
        str(caught.value),
    )


async def test_with_options_timeout_is_for_the_whole_call(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match=r"within the 0\.2 s"):
            await client.with_options(timeout=0.2).projects.get("p")
        assert time.monotonic() - began < 30  # read_timeout is a minute


@pytest.mark.parametrize("status", [429, 503])
async def test_a_wait_beyond_the_deadline_is_not_begun(hostile: Start, options: dict[str, Any], status: int) -> None:
    service = hostile(in_turn((status, {"detail": "later"}, {"Retry-After": "3600"})))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        began = time.monotonic()
        with pytest.raises(RateLimitError if status == 429 else ServerError, match="later") as caught:
            await client.projects.get("p")
    assert time.monotonic() - began < 60
    assert caught.value.attempts == len(service.requests) == 1
    assert status == 503 or caught.value.retry_after == 3600


async def test_a_deadline_ends_a_wait_between_attempts(hostile: Start, options: dict[str, Any]) -> None:
    """What the waits before took counts: 0.1 s and 0.1 s leave no room for one of 59.9 s in a minute."""
    service = hostile(in_turn(*[(503, None, {"Retry-After": seconds}) for seconds in ("0.1", "0.1", "59.9")]))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options | {"max_retries": 100}) as client:
        with pytest.raises(ServerError) as caught:
            await client.with_options(timeout=60).projects.get("p")
    assert caught.value.attempts == len(service.requests) == 3


async def test_a_chat_may_take_longer(hostile: Start, options: dict[str, Any]) -> None:
    async def slow(exchange: Exchange) -> None:
        await asyncio.sleep(0.1)
        await exchange.reply(200, {"id": "m", "project_id": "p", "user_query": "q"})

    service = hostile(slow)
    del options["read_timeout"]
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        transport = client._transport
        assert transport._budget(slow=True) == 60 + 900
        assert transport._budget(slow=False) == 60 + 180
        await client.chat.chat_to_sql("p", "s", "q")
        service.behaviour = faults.silent
        with pytest.raises(TimeoutError, match=r"read_timeout=0.1"):
            await client.with_options(read_timeout=0.1).chat.chat_to_sql("p", "s", "q")


async def test_a_connection_that_is_never_made(options: dict[str, Any]) -> None:
    """An address that swallows everything."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = []
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        async with AsyncText2EverythingClient(
            base_url=f"http://127.0.0.1:{port}", **options | {"timeout": 0.2, "max_retries": 0}
        ) as client:
            with pytest.raises(TimeoutError, match=r"timeout=0\.2"):
                await client.projects.create("a project")
        for filler in fillers:
            filler.close()


# Connections.


async def test_no_more_connections_than_allowed(hostile: Start, options: dict[str, Any]) -> None:
    async def slow(exchange: Exchange) -> None:
        await asyncio.sleep(0.01)
        await exchange.reply(200, PROJECT)

    service = hostile(slow)
    async with AsyncText2EverythingClient(base_url=service.base_url, max_connections=3, **options) as client:
        await asyncio.gather(*(client.projects.get("p") for _ in range(30)))
    assert service.accepted == 3


async def test_waiting_for_a_connection_has_its_own_timeout(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    options |= {"max_connections": 1, "pool_timeout": 0.2, "read_timeout": 60, "max_retries": 5}
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        first = asyncio.create_task(client.projects.get("p"))
        while not service.requests:  # noqa: ASYNC110  # the service is another thread's
            await asyncio.sleep(0.005)
        with pytest.raises(TimeoutError, match=r"pool_timeout=0\.2 s; all max_connections=1 are in use") as caught:
            await client.projects.get("p")
        assert caught.value.attempts == 0
        with pytest.raises(TimeoutError, match=r"within the 0\.1 s .* not sent"):
            await client.with_options(timeout=0.1, pool_timeout=60).projects.get("p")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        service.behaviour = faults.behave
        assert (await client.projects.get("p")).id == "p"


async def test_waiting_for_a_connection_costs_the_call_no_time(hostile: Start, options: dict[str, Any]) -> None:
    release = threading.Event()
    service = hostile(faults.held(release))
    options |= {"max_connections": 1, "timeout": 0.3, "read_timeout": 0.5}
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        first = asyncio.create_task(client.with_options(read_timeout=60).projects.get("p"))
        while not service.requests:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        second = asyncio.create_task(client.projects.get("p"))
        await asyncio.sleep(1.2)  # longer than the second call may take
        assert not second.done()
        release.set()
        assert [(await call).id for call in (first, second)] == ["p", "p"]


async def test_max_keepalive_connections(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    async with AsyncText2EverythingClient(
        base_url=service.base_url, max_keepalive_connections=2, **options
    ) as client:
        await asyncio.gather(*(client.projects.get("p") for _ in range(10)))
        assert await asyncio.to_thread(settled, lambda: len(service.connected), 2) == 2
        accepted = service.accepted
        await client.projects.get("p")
        assert service.accepted == accepted


async def test_keepalive_expiry(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    async with AsyncText2EverythingClient(base_url=service.base_url, keepalive_expiry=0.05, **options) as client:
        await client.projects.get("p")
        await asyncio.sleep(0.15)
        await client.projects.get("p")
    assert service.accepted == 2


# A delete that was done already.


@pytest.mark.parametrize(
    ("first", "done"),
    [
        (faults.close_at_once, True),
        (faults.half_body, True),
        ((500, None), True),
        ((502, None), True),
        ((504, None), True),
        ((503, None), True),
        ((503, None, {"Retry-After": "0"}), False),
        ((429, None), False),
    ],
)
async def test_a_delete_repeated_into_404(hostile: Start, options: dict[str, Any], first: Any, done: bool) -> None:
    """It is done where the first attempt may have done it; where that was turned away, there was never anything."""
    service = hostile(in_turn(first, (404, {"detail": "no such feedback"})))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        if done:
            assert await client.feedback.delete("p", "f") is True
        else:
            with pytest.raises(NotFoundError, match="no such feedback"):
                await client.feedback.delete("p", "f")
        with pytest.raises(NotFoundError, match="no such feedback"):
            await client.feedback.delete("p", "f")
    assert len(service.requests) == 3


async def test_a_delete_refused_at_connect_is_not_taken_for_done(options: dict[str, Any]) -> None:
    with HostileService() as stopped:
        port = stopped.port
    options |= {"max_retries": 50, "retry_delay": 0.05}

    async def not_found(exchange: Exchange) -> None:
        await exchange.reply(404, None)

    refused = asyncio.Event()

    async def note(*_: object) -> None:
        refused.set()

    trace = aiohttp.TraceConfig()
    trace.on_request_exception.append(note)
    async with AsyncText2EverythingClient(
        base_url=f"http://127.0.0.1:{port}", trace_configs=[trace], **options
    ) as client:
        call = asyncio.create_task(client.feedback.delete("p", "f"))
        await refused.wait()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(faults.head_of(404, {"Content-Length": "0"}))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", port)
        with pytest.raises(NotFoundError) as caught:
            await call
        server.close()
    assert caught.value.attempts > 1


# Files.


async def test_a_file_is_read_again_for_another_attempt(
    hostile: Start, options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "tool.py"
    path.write_bytes(b"print(1)")
    service = hostile(in_turn((429, None), (201, {"id": "t", "name": "n", "description": "d"})))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with path.open("rb") as file:
            file.read(6)
            await client.custom_tools.create("p", "n", "d", [path, b"some bytes", file])
            assert not file.closed
    first, second = service.requests
    for request in (first, second):
        assert request.body.count(b"print(1)") == 1
        assert request.body.count(b"some bytes") == 1
        assert b"\r\n\r\n1)\r\n" in request.body
        assert str(tmp_path).encode() not in request.body


async def test_a_file_that_cannot_be_read_twice_is_sent_once(hostile: Start, options: dict[str, Any]) -> None:
    source, sink = os.pipe()
    os.write(sink, b"from a pipe")
    os.close(sink)
    service = hostile(in_turn((429, {"detail": "busy"}), OK))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with os.fdopen(source, "rb") as pipe, pytest.raises(RateLimitError):
            await client.custom_tools.create("p", "n", "d", [("pipe.txt", pipe)])
    (request,) = service.requests
    assert b"from a pipe" in request.body


async def test_a_file_that_vanishes(
    hostile: Start, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tool.py"
    path.write_bytes(b"print(1)")
    service = hostile()
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        upload = client.custom_tools.create("p", "n", "d", [path])
        monkeypatch.setattr(
            "text2everything._transport.exchange.Exchange._url", lambda *_: path.unlink() or "http://x"
        )
        with pytest.raises(ValidationError, match=r"files: cannot read tool\.py: No such file"):
            await upload
    assert service.requests == []
