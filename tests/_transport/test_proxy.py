"""The environment's proxies: which hosts are reached through one, and what is said of one that cannot be used."""

from __future__ import annotations

import base64
import logging
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from extras import needs
from forward_proxy import ForwardProxy
from hostile import HostileService

from text2everything import (
    AsyncText2EverythingClient,
    ConnectionError,  # noqa: A004  # the published name
    InvalidConfigurationError,
    Text2EverythingClient,
)
from text2everything._transport.proxy import environment_proxy, is_excluded, is_this_machine

Start = Callable[..., HostileService]

PASSWORD = "the-proxy-password"
CLOSED = f"http://me:{PASSWORD}@127.0.0.1:1"
SOCKS = f"socks5://me:{PASSWORD}@127.0.0.1:1"


# The embedded service, and this machine.


@needs("local")
@pytest.mark.parametrize("value", [CLOSED, SOCKS, "http://[nonsense"])
async def test_the_embedded_service_is_never_reached_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, value)
    async with AsyncText2EverythingClient.local() as client:
        assert await client.projects.list() == []
    with Text2EverythingClient.local() as blocking:
        assert blocking.projects.list() == []


@needs("cli", "local")
@pytest.mark.slow
def test_the_command_line_s_embedded_service_is_not_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", SOCKS)
    monkeypatch.setenv("http_proxy", CLOSED)
    done = subprocess.run(
        [sys.executable, "-m", "text2everything", "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "t2e.localhost", "0.0.0.0"])
async def test_loopback_is_never_reached_through_a_proxy(
    hostile: Start, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    service = hostile()
    monkeypatch.setenv("ALL_PROXY", CLOSED)
    resolved = aiohttp.TCPConnector(resolver=_Resolver(service.port)) if "t2e" in host else None
    options |= {"connector": resolved} if resolved else {}
    async with AsyncText2EverythingClient(base_url=f"http://{host}:{service.port}", **options) as client:
        assert (await client.projects.get("p")).id == "p"


class _Resolver(aiohttp.abc.AbstractResolver):
    """Resolves every name to this machine's `port`."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
        return [{"hostname": host, "host": "127.0.0.1", "port": self.port, "family": 2, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.255.255.254", True),
        ("127.1", True),
        ("0x7f.0.0.1", True),
        ("2130706433", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True),
        ("::", True),
        ("localhost", True),
        ("LocalHost.", True),
        ("a.b.localhost", True),
        ("localhost.localdomain", True),
        ("ip6-localhost", True),
        ("localhost6", True),
        ("other.localdomain", False),
        ("128.0.0.1", False),
        ("10.0.0.1", False),
        ("::2", False),
        ("fe80::1%lo", False),
        ("notlocalhost", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("127.example", False),
    ],
)
def test_what_this_machine_is(host: str, is_local: bool) -> None:
    assert is_this_machine(host) is is_local


# Which proxy.


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_the_environment_s_proxy(
    hostile: Start, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    service = hostile()
    with ForwardProxy(service.port) as proxy:
        monkeypatch.setenv(variable, f" {scheme}127.0.0.1:{proxy.port} ")
        async with AsyncText2EverythingClient(base_url="http://t2e.example/x/api", **options) as client:
            assert (await client.projects.get("p")).id == "p"
    assert proxy.asked == ["GET http://t2e.example/x/api/projects/p HTTP/1.1"]
    assert service.requests[0].target == "/x/api/projects/p"


@pytest.mark.parametrize("secure", [True, False])
@pytest.mark.parametrize("secure_proxy", [True, False])
def test_all_kinds_of_http_proxies(
    hostile: Start,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tls: Any,
    secure: bool,
    secure_proxy: bool,
) -> None:
    service = hostile(tls=tls.server if secure else None)
    scheme = "https" if secure else "http"
    with ForwardProxy(service.port, tls.server if secure_proxy else None) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url.replace("://", f"://me:{PASSWORD}@"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
        with Text2EverythingClient(base_url=f"{scheme}://t2e.example", **options) as client:
            assert client.projects.get("p").id == "p"
    assert proxy.asked == [
        "CONNECT t2e.example:443 HTTP/1.1" if secure else "GET http://t2e.example/api/projects/p HTTP/1.1"
    ]
    sent = proxy.headers[0]["proxy-authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == f"me:{PASSWORD}"
    assert "proxy-authorization" not in service.requests[0].headers
    if secure:
        assert "authorization" not in proxy.headers[0]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://a:1"}, "http://a:1"),
        ({"HTTP_PROXY": "http://a:1"}, None),
        ({"HTTPS_PROXY": "http://a:1", "ALL_PROXY": SOCKS}, "http://a:1"),
        ({"HTTPS_PROXY": "", "ALL_PROXY": "b:2"}, "http://b:2"),
        ({"HTTPS_PROXY": "http://a:1", "https_proxy": "http://c:3"}, "http://c:3"),
        ({"HTTPS_PROXY": "http://a:1", "https_proxy": ""}, "http://a:1"),
        ({"ALL_PROXY": "http://a:1", "all_proxy": " ", "https_proxy": ""}, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "example.com", "no_proxy": ""}, None),
        ({"Https_Proxy": "http://a:1"}, "http://a:1"),
        ({"HTTPS_PROXY": "HTTP://a"}, "http://a"),
        ({"HTTPS_PROXY": "me:p%40ss@a:1"}, "http://me:p%40ss@a:1"),
        ({"HTTPS_PROXY": "http://[fd00::1]:3128/"}, "http://[fd00::1]:3128/"),
        ({"HTTPS_PROXY": SOCKS, "NO_PROXY": "example.com"}, None),
        ({"HTTPS_PROXY": "http://a:1", "no_proxy": "example.com"}, None),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "example.com:8443"}, "http://a:1"),
    ],
)
def test_which_variable_holds(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str | None
) -> None:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    found = environment_proxy("https://t2e.example.com/x")
    assert (found if found is None else str(found)) == expected


def test_a_request_to_a_cgi_script_chooses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://a:1")
    assert str(environment_proxy("http://t2e.example.com")) == "http://a:1"
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert environment_proxy("http://t2e.example.com") is None
    monkeypatch.setenv("http_proxy", "http://b:2")
    assert str(environment_proxy("http://t2e.example.com")) == "http://b:2"


def test_the_system_s_proxy_where_no_variable_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://s:1"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "other.example.com")
    assert str(environment_proxy("https://t2e.example.com")) == "http://s:1"
    assert environment_proxy("https://other.example.com") is None
    monkeypatch.setenv("NO_PROXY", "nothing.example")
    assert environment_proxy("https://t2e.example.com") is None


# NO_PROXY.


@pytest.mark.parametrize(
    ("no_proxy", "excluded", "not_excluded"),
    [
        ("", [], ["example.com", "10.0.0.1"]),
        (" , ,, ", [], ["example.com"]),
        (". .. :80", [], ["example.com"]),
        ("*", ["example.com", "10.0.0.1", "fd00::1"], []),
        (" * ", ["example.com"], []),
        ("a.example,*", ["b.example"], []),
        ("*.example.com", [], ["example.com", "www.example.com"]),
        ("example.com", ["example.com", "www.example.com", "a.b.example.com"], ["nonexample.com", "example.com.org"]),
        (".example.com", ["example.com", "www.example.com"], ["nonexample.com", "com"]),
        ("example.com.", ["example.com", "www.example.com."], ["example.co"]),
        ("EXAMPLE.com", ["Example.COM"], []),
        ("a.example, b.example", ["a.example", "b.example"], ["c.example"]),
        ("a.example b.example\tc.example", ["a.example", "b.example", "c.example"], ["d.example"]),
        ("a.example ,,,  ,b.example,", ["a.example", "b.example"], []),
        ("münchen.example", ["münchen.example", "xn--mnchen-3ya.example"], ["munchen.example"]),
        ("xn--mnchen-3ya.example", ["www.münchen.example"], []),
        ("10.0.0.1", ["10.0.0.1"], ["10.0.0.10", "110.0.0.1"]),
        ("0.0.1", [], ["10.0.0.1"]),
        ("10", [], ["10.0.0.1"]),
        ("10.0.0.0/8", ["10.0.0.1", "10.255.255.255", "10.1"], ["11.0.0.1", "10.example"]),
        ("192.168.0.1/16", ["192.168.255.1"], ["192.169.0.1"]),
        ("192.168.0.0/33, 192.168.0.0/x", [], ["192.168.0.0"]),
        ("172.16.0.0/12", ["172.31.255.255"], ["172.32.0.0"]),
        ("fd00::1", ["fd00::1", "fd00:0:0::1", "FD00::1"], ["fd00::2"]),
        ("[fd00::1]", ["fd00::1"], ["fd00::2"]),
        ("fd00::/8", ["fd00::1", "fdff::"], ["fe00::1", "10.0.0.1"]),
        ("[fd00::]/8", ["fd00::1"], ["fe00::1"]),
        ("[fd00::/8]", ["fd00::1"], ["fe00::1"]),
        ("fe80::/10", ["fe80::1%eth0", "fe80::1%25eth0"], ["fd00::1"]),
        ("10.0.0.1", ["::ffff:10.0.0.1"], []),
        ("example.com:443", ["example.com", "www.example.com"], ["example.org"]),
        ("example.com:80", [], ["example.com"]),
        (".example.com:443", ["www.example.com"], []),
        ("10.0.0.1:443, 10.0.0.2:80", ["10.0.0.1"], ["10.0.0.2"]),
        ("[fd00::1]:443, [fd00::2]:80", ["fd00::1"], ["fd00::2"]),
        ("[fd00::1", [], ["fd00::1"]),
    ],
)
def test_no_proxy(no_proxy: str, excluded: list[str], not_excluded: list[str]) -> None:
    assert [host for host in excluded + not_excluded if is_excluded(host, 443, no_proxy)] == excluded


async def test_an_excluded_host_is_reached_directly(
    hostile: Start, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = hostile()
    monkeypatch.setenv("HTTP_PROXY", CLOSED)
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8, .example")
    connector = aiohttp.TCPConnector(resolver=_Resolver(service.port))
    async with AsyncText2EverythingClient(
        base_url=f"http://t2e.example:{service.port}", connector=connector, **options
    ) as client:
        assert (await client.projects.get("p")).id == "p"
    assert service.requests[0].headers["host"] == f"t2e.example:{service.port}"


# Proxies that fail, and what is none. A password is in no error, log or traceback.


def told(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    return f"{error!r} {error} {''.join(traceback.format_exception(error))} {caplog.text}"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_not_there(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, scheme: str
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("ALL_PROXY", CLOSED)
    async with AsyncText2EverythingClient(base_url=f"{scheme}://t2e.example", **options) as client:
        with pytest.raises(ConnectionError, match="cannot connect to the proxy") as caught:
            await client.projects.get("p")
    assert PASSWORD not in told(caught.value, caplog)


@pytest.mark.parametrize(("scheme", "said"), [("https", "refused to connect: 407"), ("http", "refused the request")])
async def test_a_proxy_that_refuses(
    hostile: Start,
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    scheme: str,
    said: str,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def refuse(exchange: Any) -> None:
        await exchange.reply(407)

    service = hostile(refuse)
    monkeypatch.setenv("ALL_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{service.port}")
    async with AsyncText2EverythingClient(base_url=f"{scheme}://t2e.example", **options) as client:
        with pytest.raises(ConnectionError, match=f"the proxy {said}") as caught:
            await client.projects.get("p")
        assert PASSWORD not in repr([client, client._transport.pool.opened, client.settings])
    assert caught.value.attempts == 1
    assert PASSWORD not in told(caught.value, caplog)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (SOCKS, "holds a socks5 proxy, which needs a connector"),
        ("SOCKS4a://proxy:1", "holds a socks4a proxy"),
        ("socks://proxy:1", "holds a socks proxy"),
        ("http://", "must look like http://host:port"),
        ("http://[x", "must look like"),
        ("://", "must look like"),
        ("//proxy:1", "must look like"),
        (f"ftp://me:{PASSWORD}@proxy:1", "must look like"),
        (f"http://me:/{PASSWORD}@proxy:1", "must look like"),
        (f"http://me:1#{PASSWORD}@proxy:1", "must look like"),
        (f"http://me:1?{PASSWORD}@proxy:1", "must look like"),
        (f"me:1/{PASSWORD}@proxy:1", "must look like"),
        ("proxy:port", "must look like"),
        ("http://proxy:99999", "must look like"),
        ("http://proxy:0", "must look like"),
        ("http://pro xy:1", "must look like"),
        ("http://proxy:1\r\nX: y", "must look like"),
        ("http://a..b:1", "must look like"),
    ],
)
async def test_a_proxy_that_is_none(
    options: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    variable: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(variable, value)
    async with AsyncText2EverythingClient(base_url="http://t2e.example", **options) as client:
        with pytest.raises(InvalidConfigurationError, match=f"^{variable} {said}") as caught:
            await client.projects.get("p")
    assert caught.value.attempts == 0
    assert PASSWORD not in told(caught.value, caplog)
