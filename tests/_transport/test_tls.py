"""The environment's TLS settings hold whenever they are set, unless the caller chose others."""

from __future__ import annotations

import asyncio
import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hostile import HostileService

from text2everything import (
    AsyncText2EverythingClient,
    ConnectionError,  # noqa: A004  # the published name
    InvalidConfigurationError,
    Text2EverythingClient,
)

Start = Callable[..., HostileService]
UNTRUSTED = "no secure connection to the service"


@pytest.fixture
def service(hostile: Start, tls: Any) -> HostileService:
    return hostile(tls=tls.server)


async def test_no_connection(
    hostile: Start, options: dict[str, Any], tls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = hostile()
    service.stop()
    for value in (str(tls.certificate), ""):
        monkeypatch.setenv("SSL_CERT_FILE", value)
        async with AsyncText2EverythingClient(base_url=f"https://127.0.0.1:{service.port}", **options) as client:
            with pytest.raises(ConnectionError, match=rf"Cannot connect to host 127\.0\.0\.1:{service.port} \["):
                await client.projects.get("p")


@pytest.fixture
def directory(tls: Any, tmp_path: Path) -> Path:
    """A directory of certificates, as OpenSSL wants it: each under the hash of its name."""
    text = ["openssl", "x509", "-hash", "-noout", "-in", str(tls.certificate)]
    name = subprocess.run(text, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / f"{name}.0").write_bytes(tls.certificate.read_bytes())
    return tmp_path


def test_a_file_of_certificates(
    service: HostileService, options: dict[str, Any], tls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiohttp was imported long ago, and the client has tried before."""
    with Text2EverythingClient(base_url=service.base_url.upper().replace("HTTPS", "Https"), **options) as client:
        for _ in range(2):
            with pytest.raises(ConnectionError, match=UNTRUSTED):
                client.projects.get("p")
            monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
            assert client.projects.get("p").id == client.projects.get("q").id == "p"
            service.drop_connections()
            monkeypatch.delenv("SSL_CERT_FILE")
    assert service.requests[0].writer is service.requests[1].writer  # one connection for both


def test_variables_that_are_set_no_longer(service: HostileService, options: dict[str, Any], tls: Any) -> None:
    script = """if True:
        import os, sys
        import aiohttp
        from text2everything import ConnectionError, Text2EverythingClient
        with Text2EverythingClient(base_url=sys.argv[1], access_token="t", workspace_name="workspaces/d") as client:
            assert client.projects.get("p").id == "p"
            del os.environ["SSL_CERT_FILE"]
        with Text2EverythingClient(base_url=sys.argv[1], access_token="t", workspace_name="workspaces/d") as client:
            try:
                client.projects.get("p")
            except ConnectionError as error:
                print(error.message)
    """
    done = subprocess.run(
        [sys.executable, "-c", script, service.base_url],
        env=os.environ | {"SSL_CERT_FILE": str(tls.certificate)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert UNTRUSTED in done.stdout


async def test_a_directory_of_certificates(
    service: HostileService, options: dict[str, Any], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(directory))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        assert (await client.projects.get("p")).id == "p"


async def test_with_a_connector_or_a_session(
    service: HostileService, options: dict[str, Any], tls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
    async with AsyncText2EverythingClient(
        base_url=service.base_url, connector=lambda: aiohttp.TCPConnector(limit=3), **options
    ) as client:
        assert (await client.projects.get("p")).id == "p"
    async with (
        aiohttp.ClientSession() as session,
        AsyncText2EverythingClient(base_url=service.base_url, session=session, **options) as client,
    ):
        assert (await client.projects.get("p")).id == "p"


async def test_what_the_caller_chose_wins(
    service: HostileService, options: dict[str, Any], tls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def get(**hooks: Any) -> str:
        async with AsyncText2EverythingClient(base_url=service.base_url, **hooks, **options) as client:
            return (await client.projects.get("p")).id

    monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
    trusting_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ConnectionError, match=UNTRUSTED):
        await get(connector=aiohttp.TCPConnector(ssl=trusting_nobody))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting_nobody)) as session:
        with pytest.raises(ConnectionError, match=UNTRUSTED):
            await get(session=session)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(ConnectionError, match=f"{UNTRUSTED}.*SSL_CERT_FILE names no file: {tmp_path}"):
        await get()
    assert await get(connector=tls.connector) == "p"
    assert await get(connector=aiohttp.TCPConnector(ssl=False)) == "p"


def test_each_loop_reads_them_anew(
    service: HostileService, options: dict[str, Any], tls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)

    async def get() -> str:
        return (await client.projects.get("p")).id

    with pytest.raises(ConnectionError, match=UNTRUSTED):
        asyncio.run(get())
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
    assert asyncio.run(get()) == "p"


async def test_a_log_of_keys(
    service: HostileService, options: dict[str, Any], tls: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.certificate))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        await client.projects.get("p")
    assert (tmp_path / "keys").stat().st_size > 0
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "no" / "keys"))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(InvalidConfigurationError, match=r"^SSLKEYLOGFILE cannot be used: No such file"):
            await client.projects.get("p")
