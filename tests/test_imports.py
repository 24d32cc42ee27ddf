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
    found = imported(f"from text2everything import {client}\nclient = {client}{MAKE}")
    assert not found & (THIRD_PARTY - {"aiohttp", "attr", "attrs", "cattrs", "msgspec", "multidict", "yarl"})
    assert not found & {"text2everything.local", "text2everything.cli"}


def test_the_embedded_service_needs_no_client() -> None:
    found = imported("import text2everything.local")
    assert not found & {"text2everything.transport", "text2everything.client", "text2everything.codec"}
