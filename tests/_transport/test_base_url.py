"""What stands in `base_url`: the requests that are made of it, and the path that errors, logs and spans show."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from hostile import PROJECT, Exchange, HostileService

from text2everything import (
    AsyncText2EverythingClient,
    ConnectionError,  # noqa: A004  # the published name
    InvalidResponseError,
    NotFoundError,
    Text2EverythingClient,
    TimeoutError,  # noqa: A004  # the published name
)
from text2everything._transport.messages import api_path

Start = Callable[..., HostileService]


async def missing(exchange: Exchange) -> None:
    await exchange.reply(404, {"detail": "no such project"})


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("", "/api/projects/a%20b"),
        ("/", "/api/projects/a%20b"),
        ("/api", "/api/projects/a%20b"),
        ("/api/", "/api/projects/a%20b"),
        ("/api//", "/api/projects/a%20b"),
        ("/team", "/team/api/projects/a%20b"),
        ("/team/api", "/team/api/projects/a%20b"),
        ("/team/x/api/", "/team/x/api/projects/a%20b"),
        ("/myapi", "/myapi/api/projects/a%20b"),
        ("/api/team", "/api/team/api/projects/a%20b"),
        ("/api/api", "/api/api/projects/a%20b"),
        ("/tëam", "/t%C3%ABam/api/projects/a%20b"),
        ("/t%20m", "/t%20m/api/projects/a%20b"),
    ],
)
async def test_requests_and_errors_have_the_same_path(
    hostile: Start, options: dict[str, Any], caplog: pytest.LogCaptureFixture, path: str, asked: str
) -> None:
    caplog.set_level(logging.DEBUG, "text2everything")
    service = hostile(missing)
    async with AsyncText2EverythingClient(base_url=f" {service.base_url}{path} ", **options) as client:
        for each in (client, client.with_options(timeout=50), copy.copy(client)):
            with pytest.raises(NotFoundError) as caught:
                await each.projects.get("a b")
            assert caught.value.path == asked
            assert f"GET {asked}" in str(caught.value)
        await copy.copy(client).close()
    assert [exchange.target for exchange in service.requests] == [asked] * 3
    assert caplog.records[0].getMessage().startswith(f"GET {asked} -> 404 ")


@pytest.mark.parametrize("base_url", ["http://api", "http://api/", "http://api:80"])
def test_a_host_named_api_stays(base_url: str) -> None:
    assert api_path(base_url) == "/api"


def test_every_kind_of_error_has_the_path(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    with Text2EverythingClient(base_url=f"{service.base_url}/team", **options) as client:
        service.behaviour = nonsense
        with pytest.raises(InvalidResponseError) as invalid:
            client.projects.get("p")
        service.behaviour = hang
        with pytest.raises(TimeoutError) as late:
            client.with_options(timeout=0.1).projects.get("p")
        with pytest.raises(TimeoutError) as silent:
            client.with_options(read_timeout=0.1, max_retries=0).projects.get("p")
        service.stop()
        with pytest.raises(ConnectionError) as unreachable:
            client.projects.get("p")
    for caught in (invalid, late, silent, unreachable):
        assert caught.value.path == "/team/api/projects/p"


async def nonsense(exchange: Exchange) -> None:
    await exchange.reply(200, {"id": 7})


async def hang(exchange: Exchange) -> None:
    await exchange.reply(200, PROJECT, {"Content-Length": "1000"})


async def test_after_a_redirect_it_is_the_one_asked_last(hostile: Start, options: dict[str, Any]) -> None:
    async def move(exchange: Exchange) -> None:
        if exchange.target.startswith("/api/"):
            await exchange.reply(307, None, {"Location": exchange.target.replace("/api/", "/moved/", 1) + "?x=1"})
        elif exchange.path.endswith("/none"):
            await missing(exchange)
        else:
            await nonsense(exchange)

    service = hostile(move)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(NotFoundError) as caught:
            await client.projects.get("none")
        assert caught.value.path == "/moved/projects/none"
        with pytest.raises(InvalidResponseError) as invalid:
            await client.projects.get("p")
        assert invalid.value.path == "/moved/projects/p"


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("http://münchen.example", "xn--mnchen-3ya.example"),
        ("HTTP://T2E.Example/api", "t2e.example"),
        ("http://t2e.example.:80", "t2e.example"),
        ("http://[::1]:80/api", "[::1]"),
    ],
)
async def test_hosts(hostile: Start, options: dict[str, Any], base_url: str, host: str) -> None:
    service = hostile()
    connector = aiohttp.TCPConnector()

    async def connect(*_: Any, **__: Any) -> Any:
        return [{"hostname": "h", "host": "127.0.0.1", "port": service.port, "family": 2, "proto": 0, "flags": 0}]

    connector._resolve_host = connect  # type: ignore[method-assign]  # addresses are not looked up by the resolver
    async with AsyncText2EverythingClient(base_url=base_url, connector=connector, **options) as client:
        assert (await client.projects.get("p")).id == "p"
    assert service.requests[0].headers["host"] == host
    assert service.requests[0].target == "/api/projects/p"
