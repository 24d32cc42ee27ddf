"""The command line, in this process with click's runner or in one of its own, against one embedded service."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from extras import skip_without

from text2everything import Text2EverythingClient
from text2everything.local import LocalService
from text2everything.local.engine import Draft

if TYPE_CHECKING:
    from click.testing import Result

# What must not come from whoever runs the tests.
FOREIGN = ("T2E_", "TEXT2EVERYTHING_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_")

Run = Callable[..., "Result"]


@pytest.fixture(scope="session", autouse=True)
def _extra() -> None:
    skip_without("cli")


class Scripted:
    """An engine with one answer to every question."""

    def __init__(self, sql: str | None) -> None:
        self.draft = lambda *_, **__: Draft(sql, "as told")


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


class Terminal:
    """A terminal, read all the time: one that nobody reads brings a program to a halt."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        self.shown = b""
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError):  # how Linux says that all programs have gone
            while found := os.read(self.master, 65_536):
                self.shown += found

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def wait_for(self, text: bytes) -> None:
        deadline = time.monotonic() + 60
        while text not in self.shown and time.monotonic() < deadline:
            time.sleep(0.01)
        assert text in self.shown

    def close(self) -> bytes:
        """Return all that was shown, once the programs on it have ended."""
        with suppress(OSError):
            os.close(self.slave)
        self._thread.join(60)
        os.close(self.master)
        return self.shown


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    with suppress(OSError):  # closed by the test
        made.close()


@pytest.fixture(scope="session")
def service() -> Iterator[LocalService]:
    with LocalService(demo=True) as service:
        yield service


@pytest.fixture(scope="session")
def client(service: LocalService) -> Iterator[Text2EverythingClient]:
    with Text2EverythingClient(
        base_url=service.base_url, access_token=service.access_token, workspace_name=service.workspace_name
    ) as client:
        yield client


@pytest.fixture
def project(client: Text2EverythingClient) -> Iterator[str]:
    """A project of its own for a test that counts."""
    made = client.projects.create("Ratings of one test")
    yield made.id
    client.projects.delete(made.id)


@pytest.fixture
def environment(service: LocalService) -> dict[str, str | None]:
    """Settings for the demo project; None takes a variable away."""
    foreign = dict.fromkeys(name for name in os.environ if name.startswith(FOREIGN))
    return {
        **foreign,
        "TEXT2EVERYTHING_BASE_URL": service.base_url,
        "T2E_ACCESS_TOKEN": service.access_token,
        "T2E_WORKSPACE_NAME": service.workspace_name,
        "T2E_PROJECT_ID": service.demo.project_id,
        "T2E_CONNECTOR_ID": service.demo.connector_id,
    }


@pytest.fixture
def run(environment: dict[str, str | None]) -> Run:
    """Run a command in this process; keyword arguments change the environment."""
    from click.testing import CliRunner

    from text2everything.cli._commands import commands

    def run(*arguments: object, input: str | None = None, **variables: str | None) -> Result:
        result = CliRunner().invoke(
            commands,
            list(map(str, arguments)),
            input=input,
            env={**environment, **variables},
            prog_name="text2everything",
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def start(environment: dict[str, str | None]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command in a process of its own, with pipes; what is left is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, code: str | None = None, **options: Any) -> subprocess.Popen[str]:
        variables = {**os.environ, **environment, **options.pop("env", {})}
        begin = ["-m", "text2everything"] if code is None else ["-c", code]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(
            [sys.executable, "-W", "error", *begin, *map(str, arguments)],
            **{**pipes, "text": True, "encoding": "utf-8", **options},
            env={name: value for name, value in variables.items() if value is not None},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
