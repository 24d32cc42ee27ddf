"""A service that does everything wrong: each fault ends in the right error, in time, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import hostile as faults
import pytest
from hostile import PROJECT, TOKEN, Behaviour, Exchange, HostileService, open_files, settled

from text2everything import (
    AsyncText2EverythingClient,
    ConnectionError,  # noqa: A004  # the published name
    InvalidResponseError,
    RateLimitError,
    ServerError,
    Text2EverythingClient,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
)
from text2everything._transport import exchange, messages

Start = Callable[..., HostileService]

# Behaviour, the error a call ends in, and what its message says.
FAULTS: list[tuple[Behaviour, type[Text2EverythingError], str]] = [
    (faults.reset_at_once, ConnectionError, "broke"),
    (faults.close_at_once, ConnectionError, "broke: Server disconnected"),
    (faults.reset_in_head, ConnectionError, "broke"),
    (faults.close_in_head, ConnectionError, "broke"),
    (faults.reset_in_body, ConnectionError, "broke"),
    (faults.half_body, ConnectionError, "broke"),
    (faults.half_chunks, ConnectionError, "broke"),
    (faults.bad_chunks, ConnectionError, ""),
    (faults.length_too_small, ConnectionError, "not proper HTTP"),
    (faults.length_absurd, ConnectionError, "not proper HTTP"),
    (faults.two_lengths, ConnectionError, "not proper HTTP"),
    (faults.endless_head, ConnectionError, "not proper HTTP"),
    (faults.not_http, ConnectionError, "not proper HTTP"),
    (faults.absurd_version, ConnectionError, "not proper HTTP"),
    (faults.deep_json, InvalidResponseError, "content type application/json"),
    (faults.deep_object, InvalidResponseError, "content type application/json"),
    (faults.deep_error, Text2EverythingError, "the service answered 418"),
    (faults.bad_utf8, InvalidResponseError, 'body \'{"id": "p"'),
    (faults.html, InvalidResponseError, "content type text/html, body '<html>"),
    (faults.empty, InvalidResponseError, "body ''"),
    (faults.wrong_shape, InvalidResponseError, "expected a string"),
    (faults.bad_gzip, InvalidResponseError, "compression"),
    (faults.cut_gzip, InvalidResponseError, "not JSON"),
    (faults.redirect_loop, InvalidResponseError, "redirected more than 5 times"),
    (faults.redirect_nowhere, InvalidResponseError, "no URL"),
    (faults.redirect_to_script, InvalidResponseError, "no URL"),
    (faults.redirect_without_location, InvalidResponseError, "redirected more than 5 times"),
    (faults.server_error, ServerError, "the service answered 500"),
    (faults.rate_limit, RateLimitError, "slow down"),
]
LARGE: list[tuple[Behaviour, type[Text2EverythingError], str]] = [
    (faults.endless_body, InvalidResponseError, "larger than"),
    (faults.huge_body_announced, InvalidResponseError, "larger than"),
    (faults.gzip_bomb, InvalidResponseError, "larger than"),
    (faults.endless_error, Text2EverythingError, "no no no"),
    (faults.deflate_bomb_in_error, Text2EverythingError, "no no no"),
]
HANGING: list[tuple[Behaviour, type[Text2EverythingError], str]] = [
    (faults.silent, TimeoutError, "read_timeout"),
    (faults.length_too_large, TimeoutError, "read_timeout"),
    (faults.drip_head, TimeoutError, "a call may take"),
    (faults.drip_body, TimeoutError, "a call may take"),
    (faults.endless_interim, TimeoutError, "a call may take"),
]


def named(rows: list[Any]) -> Any:
    return pytest.mark.parametrize(("behaviour", "error", "said"), rows, ids=[row[0].__name__ for row in rows])


@named(FAULTS)
async def test_a_fault_is_its_error(
    hostile: Start, options: dict[str, Any], behaviour: Behaviour, error: type[Text2EverythingError], said: str
) -> None:
    service = hostile(behaviour)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(Text2EverythingError) as caught:
            await client.projects.get("p")
        assert type(caught.value) is error
        assert said in str(caught.value)
        assert caught.value.path == "/api/projects/p"
        # And the client is as good as before.
        service.behaviour = faults.behave
        assert (await client.projects.get("p")).name == PROJECT["name"]


@named(HANGING)
async def test_a_service_that_takes_for_ever_is_left_in_time(
    hostile: Start, options: dict[str, Any], behaviour: Behaviour, error: type[Text2EverythingError], said: str
) -> None:
    service = hostile(behaviour)
    limit, attempts = ("read_timeout", 2) if said == "read_timeout" else ("total_timeout", 1)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options | {limit: 0.2}) as client:
        began = time.monotonic()
        with pytest.raises(TimeoutError, match=said) as caught:
            await client.projects.get("p")
        assert caught.value.attempts == len(service.requests) == attempts
        assert 0.2 * attempts <= time.monotonic() - began < 30  # the other limit is a minute
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        service.behaviour = faults.behave
        assert (await client.projects.get("p")).id == "p"


async def test_a_connection_reset_as_it_is_made(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(on_accept=faults.reset_on_accept)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(ConnectionError) as caught:
            await client.projects.get("p")
    assert caught.value.attempts == 2


@named(LARGE)
async def test_what_is_too_large_is_not_read(
    hostile: Start,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    error: type[Text2EverythingError],
    said: str,
) -> None:
    monkeypatch.setattr(exchange, "MAX_REPLY", 2**20)
    service = hostile(behaviour)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(error, match=said) as caught:
            await client.projects.get("p")
        assert len(str(caught.value)) < 3000
        assert len(caught.value.response_data) <= messages.MAX_ERROR_BODY
        service.behaviour = faults.behave
        assert (await client.projects.get("p")).id == "p"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("endless_body", marks=pytest.mark.slow),
        "huge_body_announced",
        pytest.param("gzip_bomb_of_1_gb", marks=pytest.mark.slow),
    ],
)
def test_memory_is_bounded_whatever_comes(fault: str) -> None:
    script = Path(__file__).parent.parent / "scripts" / "large_replies.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", script, fault], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["error"] == "InvalidResponseError"
    assert report["grown"] < 2.5 * exchange.MAX_REPLY


async def test_no_fault_leaves_anything_behind(
    hostile: Start, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_REPLY", 2**17)
    service = hostile()
    for behaviour, error, _ in [*FAULTS, *LARGE]:
        service.behaviour = behaviour
        await repeat(service, options | {"max_retries": 0}, error, calls=10, concurrency=5)
    for behaviour, error, _ in HANGING:
        service.behaviour = behaviour
        await repeat(service, options | WAITS_IN_VAIN, error, calls=10, concurrency=10)


@pytest.mark.slow
@named([*FAULTS, *LARGE])
async def test_1000_faults_leave_nothing_behind(
    hostile: Start,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    error: type[Text2EverythingError],
    said: str,
) -> None:
    monkeypatch.setattr(exchange, "MAX_REPLY", 2**17)
    await repeat(hostile(behaviour), options | {"max_retries": 0}, error, calls=1000, concurrency=20)


WAITS_IN_VAIN = {"max_retries": 0, "read_timeout": 0.2, "total_timeout": 0.2, "max_connections": 250}


@pytest.mark.slow
@named(HANGING)
async def test_1000_waits_in_vain_leave_nothing_behind(
    hostile: Start, options: dict[str, Any], behaviour: Behaviour, error: type[Text2EverythingError], said: str
) -> None:
    await repeat(hostile(behaviour), options | WAITS_IN_VAIN, error, calls=1000, concurrency=250)


async def repeat(
    service: HostileService,
    options: dict[str, Any],
    error: type[Text2EverythingError],
    *,
    calls: int,
    concurrency: int,
) -> None:
    """Make calls that fail; no task, connection or file may be left."""
    files, tasks = open_files(), len(asyncio.all_tasks())
    ended: list[type[BaseException]] = []

    async def work(client: AsyncText2EverythingClient) -> None:
        for _ in range(calls // concurrency):
            try:
                await client.projects.get("p")
            except Text2EverythingError as failure:
                ended.append(type(failure))

    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        await asyncio.gather(*(work(client) for _ in range(concurrency)))
        assert len(asyncio.all_tasks()) == tasks
        assert client._transport.pool.opened.keeping == 0
        kept = settled(lambda: len(service.connected), concurrency)
        assert kept <= concurrency
    assert ended == [error] * calls
    assert settled(lambda: len(service.connected), 0) == 0
    assert settled(open_files, files) <= files


# Redirects.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:{port}/api/x", "//127.0.0.1:{port}/x", "http://u:p@127.0.0.1:{port}/"]
)
async def test_a_token_never_goes_to_another_host(
    hostile: Start, options: dict[str, Any], status: int, where: str
) -> None:
    thief = hostile()

    async def away(exchange: Exchange) -> None:
        await exchange.reply(status, None, {"Location": where.format(port=thief.port)})

    service = hostile(away)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(InvalidResponseError, match="redirected to another host"):
            await client.projects.get("p")
        with pytest.raises(InvalidResponseError, match="redirected to another host"):
            await client.projects.create("a project")
    assert thief.accepted == 0
    assert len(service.requests) == 2


async def test_a_redirect_on_the_same_host_is_followed_with_the_body(hostile: Start, options: dict[str, Any]) -> None:
    async def elsewhere(exchange: Exchange) -> None:
        if exchange.path.endswith("/"):
            await exchange.reply(201, PROJECT)
        else:
            address = f"http://name:password@127.0.0.1:{exchange.service.port}{exchange.path}/"
            await exchange.reply(307, None, {"Location": address})

    service = hostile(elsewhere)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        assert (await client.projects.create("a project")).id == "p"
    first, second = service.requests
    assert first.body == second.body != b""
    assert second.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_that_would_drop_the_body_is_an_error(
    hostile: Start, options: dict[str, Any], status: int
) -> None:
    async def elsewhere(exchange: Exchange) -> None:
        await exchange.reply(status, None, {"Location": "/api/elsewhere"})

    service = hostile(elsewhere)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(InvalidResponseError, match="redirected a POST to /api/elsewhere"):
            await client.projects.create("a project")
    assert len(service.requests) == 1


# Kept connections.


async def test_bytes_after_a_reply_are_not_the_next_reply(hostile: Start, options: dict[str, Any]) -> None:
    async def smuggle(exchange: Exchange) -> None:
        genuine = json.dumps(PROJECT | {"name": exchange.path[-1]}).encode()
        forged = json.dumps(PROJECT | {"name": "forged"}).encode()
        one, two = (faults.head_of(200, {"Content-Length": str(len(body))}) + body for body in (genuine, forged))
        await exchange.raw(one + two)

    service = hostile(smuggle)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        names = [(await client.projects.get(each)).name for each in "abcdef"]
    assert names == list("abcdef")


async def test_bytes_that_come_between_calls_are_not_the_next_reply(hostile: Start, options: dict[str, Any]) -> None:
    forged = threading.Semaphore(0)

    async def smuggle(exchange: Exchange) -> None:
        await exchange.reply(200, PROJECT | {"name": exchange.path[-1]})
        await asyncio.sleep(0.02)
        await exchange.reply(200, PROJECT | {"name": "forged"})
        forged.release()

    service = hostile(smuggle)
    names = []
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        for each in "abc":
            names.append((await client.projects.get(each)).name)
            assert await asyncio.to_thread(forged.acquire, timeout=60)
            await asyncio.sleep(0.01)
    assert names == list("abc")


@pytest.mark.parametrize("busy", [0.0, 0.05, pytest.param(0.6, marks=pytest.mark.slow)])
@pytest.mark.parametrize("secure", [False, True])
async def test_a_create_survives_connections_closed_between_calls(
    hostile: Start, options: dict[str, Any], tls: Any, busy: float, secure: bool
) -> None:
    service = hostile(tls=tls.server if secure else None)
    options |= {"max_retries": 0, "connector": tls.connector} if secure else {"max_retries": 0}
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        for _ in range(5):
            await asyncio.gather(*(client.projects.create("a project") for _ in range(5)))
            service.drop_connections()  # blocks the loop meanwhile, which hears of nothing
            time.sleep(busy)  # noqa: ASYNC251  # what is tested
    assert len(service.requests) == 25


def test_a_blocking_create_survives_connections_closed_between_calls(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    with Text2EverythingClient(base_url=service.base_url, **options | {"max_retries": 0}) as client:
        for _ in range(20):
            client.projects.create("a project")
            service.drop_connections()
    assert len(service.requests) == 20


async def test_a_service_that_talks_first_is_no_service(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(on_accept=lambda writer: writer.write(b"SSH-2.0-OpenSSH_9.6\r\n"))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(ConnectionError, match=r"talks before it is asked|not proper HTTP"):
            await client.projects.get("p")


async def test_a_certificate_nobody_vouches_for(hostile: Start, options: dict[str, Any], tls: Any) -> None:
    service = hostile(tls=tls.server)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(ConnectionError, match="no secure connection to the service") as caught:
            await client.projects.get("p")
    assert caught.value.attempts == 1
    wrong = aiohttp.Fingerprint(b"x" * 32)
    options["connector"] = aiohttp.TCPConnector(ssl=wrong)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(ConnectionError, match="no secure connection to the service"):
            await client.projects.get("p")
    assert service.requests == []
    await closed_on_both_sides(service)


async def closed_on_both_sides(service: HostileService) -> None:
    """Wait until both sides are done with TLS connections that failed, which aiohttp does not wait for."""
    assert await asyncio.to_thread(settled, lambda: len(service.connected), 0) == 0
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_plain_talk_to_a_secure_port_and_the_reverse(hostile: Start, options: dict[str, Any], tls: Any) -> None:
    secure, plain = hostile(tls=tls.server), hostile()
    for address in (secure.base_url.replace("https", "http"), plain.base_url.replace("http", "https")):
        async with AsyncText2EverythingClient(
            base_url=address, **options | {"timeout": 1, "max_retries": 0}
        ) as client:
            with pytest.raises((ConnectionError, TimeoutError)):
                await client.projects.get("p")
    assert secure.requests == plain.requests == []
    await closed_on_both_sides(secure)


async def test_a_reply_that_says_close_is_believed(hostile: Start, options: dict[str, Any]) -> None:
    async def close(exchange: Exchange) -> None:
        await exchange.reply(201, PROJECT, {"Connection": "close"})
        exchange.close()

    service = hostile(close)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options | {"max_retries": 0}) as client:
        for _ in range(20):
            await client.projects.create("a project")
    assert service.accepted == 20


async def test_a_create_whose_reply_is_lost_is_not_sent_again(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.close_at_once)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(ConnectionError) as caught:
            await client.projects.create("a project")
    assert caught.value.attempts == len(service.requests) == 1


def test_every_fault_is_tested() -> None:
    text = Path(faults.__file__).read_text(encoding="utf-8")
    written = set(re.findall(r"^async def (\w+)\(\w+: Exchange\)", text, re.MULTILINE)) - {"behave"}
    assert written == {row[0].__name__ for row in [*FAULTS, *LARGE, *HANGING]}
