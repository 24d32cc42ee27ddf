"""What every test may use: a clean environment, a client's settings, services that misbehave."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import aioresponses.core
import pytest
from extras import skip_without
from hostile import TOKEN, WORKSPACE, HostileService
from hypothesis import HealthCheck, settings

from text2everything import _codec
from text2everything.settings import ENVIRONMENT

# Where the suite runs in the background of a shell, SIGINT is ignored, also in the processes that tests start to
# interrupt them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
TLS = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


class _Response(aiohttp.ClientResponse):
    """A reply that aioresponses can still make: aiohttp 3.14 wants to know what was written for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **kwargs)


aioresponses.core.ClientResponse = _Response

# `quick` is the default; `--hypothesis-profile=thorough` tries more. Neither has a time limit: a machine may be busy.
for name, max_examples in {"quick": 20, "thorough": 100}.items():
    settings.register_profile(
        name, max_examples=max_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("quick")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more process than there are processors: a good part of the tests wait."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, proxy or certificates of whoever runs the tests."""
    for variable in (name for names in ENVIRONMENT.values() for name in names):
        monkeypatch.delenv(variable, raising=False)
    for variable in PROXIES:
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    for variable in TLS:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def options() -> dict[str, Any]:
    """A client's arguments but for its base_url: one retry, soon; a test of a timeout sets its own."""
    return {
        "access_token": TOKEN,
        "workspace_name": WORKSPACE,
        "timeout": 60,
        "read_timeout": 60,
        "max_retries": 1,
        "retry_delay": 0.001,
    }


@pytest.fixture
def hostile() -> Iterator[Callable[..., HostileService]]:
    """Start services that misbehave; they are stopped after the test."""
    services: list[HostileService] = []

    def start(*args: Any, **kwargs: Any) -> HostileService:
        services.append(HostileService(*args, **kwargs))
        return services[-1]

    yield start
    for each in services:
        each.stop()


@pytest.fixture(params=["cattrs", "msgspec"], scope="module")
def each_codec(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each codec in turn: cattrs alone, as in an installation without extras, and msgspec before it."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "msgspec":
            skip_without("speed")
        else:
            patch.setattr(_codec, "msgspec", None)
        for cached in (_codec._msgspec_decoder, _codec._msgspec_listing_decoder):
            cached.cache_clear()
        yield request.param
    for cached in (_codec._msgspec_decoder, _codec._msgspec_listing_decoder):
        cached.cache_clear()


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A certificate for 127.0.0.1 and t2e.example, a server's context with it, and a connector that trusts it."""
    tmp_path = tmp_path_factory.mktemp("tls")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1,DNS:t2e.example", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=certificate)
    return SimpleNamespace(
        server=server, certificate=certificate, connector=lambda: aiohttp.TCPConnector(ssl=client, limit=0)
    )
