"""What an import brings along: little, until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

THIRD_PARTY = {
    "aiohttp",
    "anyio",
    "attr",
    "attrs",
    "cattrs",
    "click",
    "matplotlib",
    "msgspec",
    "multidict",
    "numpy",
    "opentelemetry",
    "pandas",
    "pyarrow",
    "rich",
    "sqlglot",
    "tqdm",
    "uvloop",
    "yarl",
}
SLOW = {
    "asyncio",
    "concurrent.futures",
    "email",
    "http",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "sqlite3",
    "ssl",
    "urllib.request",
}
"""Parts of the standard library that take a millisecond or more."""

MAKE = "(base_url='https://t2e.example.com', access_token='t', workspace_name='workspaces/w')"


def imported(statements: str) -> set[str]:
    """The modules that a new interpreter has after the statements and had not before, and their packages."""
    code = f"import sys\nbefore = set(sys.modules)\n{statements}\nprint(*set(sys.modules) - before, sep='\\n')"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return {".".join(parts[:end]) for parts in map(str.split, output.split(), ["."] * 10_000) for end in range(1, 4)}


@pytest.mark.parametrize(
    "statements",
    [
        "import text2everything",
        "import text2everything.exceptions",
        "from text2everything import NotFoundError, BulkError",
        "import text2everything; dir(text2everything); text2everything.__all__",
        "import text2everything_sdk",
        "from text2everything_sdk.exceptions import NotFoundError",
    ],
)
def test_the_package_and_its_errors_need_nothing(statements: str) -> None:
    found = imported(statements)
    assert "text2everything.exceptions" in found
    assert not found & (THIRD_PARTY | SLOW)
    assert {name for name in found if name.startswith("text2everything.")} <= {
        "text2everything.exceptions",
        "text2everything._alias",
        "text2everything._transport",
        "text2everything._transport.version",
    }


@pytest.mark.parametrize(
    "statements",
    ["from text2everything import Feedback", "from text2everything.models import FeedbackCreate; FeedbackCreate"],
)
def test_models_need_attrs_alone(statements: str) -> None:
    found = imported(statements)
    assert "text2everything.models.feedback" in found
    assert found & THIRD_PARTY == {"attr", "attrs"}
    assert not found & {"asyncio", "email", "http", "ssl", "urllib.request"}


@pytest.mark.parametrize("client", ["Text2EverythingClient", "AsyncText2EverythingClient"])
def test_clients_leave_the_extras_alone(client: str) -> None:
    found = imported(f"from text2everything import {client}\nclient = {client}{MAKE}\nclient.with_options(timeout=1)")
    assert not found & (THIRD_PARTY - {"attr", "attrs", "cattrs", "msgspec", "multidict", "yarl"})
    assert not found & {"text2everything.local", "text2everything.cli"}


@pytest.mark.parametrize(
    "request_",
    [
        "asyncio.run(AsyncText2EverythingClient{}.projects.list())",
        "Text2EverythingClient{}.projects.list()",
    ],
)
def test_the_first_request_pays_for_aiohttp(request_: str) -> None:
    nowhere = "(base_url='http://127.0.0.1:9', access_token='t', workspace_name='workspaces/w', max_retries=0)"
    found = imported(f"""
import asyncio, contextlib
from text2everything import AsyncText2EverythingClient, ConnectionError, Text2EverythingClient
assert "aiohttp" not in sys.modules
with contextlib.suppress(ConnectionError):
    {request_.format(nowhere)}
""")
    assert "aiohttp" in found
    assert "importlib.metadata" not in found  # for the version, and takes 9 ms


def test_a_short_timeout_does_not_count_what_the_first_request_imports() -> None:
    """Here that takes a thousand seconds, more than this call may."""
    found = imported("""
import asyncio
from text2everything import AsyncText2EverythingClient, NotFoundError

async def main():
    loop, passed = asyncio.get_running_loop(), 0
    now = loop.time
    loop.time = lambda: now() + passed  # importing takes no time on any machine, but for what is said below

    class Slow:
        def find_spec(self, name, path=None, target=None):
            nonlocal passed
            if name == "text2everything._transport.exchange":
                passed = 1_000

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    client = AsyncText2EverythingClient(
        base_url=url, access_token="t", workspace_name="workspaces/w", total_timeout=100, max_retries=0)
    import text2everything._transport.exchange
    del sys.modules["text2everything._transport.exchange"]
    sys.meta_path.insert(0, Slow())
    try:
        await client.projects.get("p")
    except NotFoundError:
        assert passed
        print("text2everything.answered")
    await client.close()

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n")
    writer.close()

asyncio.run(main())
""")
    assert "text2everything.answered" in found


def test_the_embedded_service_needs_no_client() -> None:
    found = imported("import text2everything.local")
    assert not found & {"text2everything._transport.transport", "text2everything.client", "text2everything._codec"}
