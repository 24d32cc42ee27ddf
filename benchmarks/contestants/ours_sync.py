"""This package, blocking."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from turns import fields, project, serve

parser = argparse.ArgumentParser()
parser.add_argument("--no-uvloop", action="store_true")
parser.add_argument("--no-msgspec", action="store_true")
options = parser.parse_args()
# This makes their imports fail, as where they are not installed.
if options.no_uvloop:
    sys.modules["uvloop"] = None  # type: ignore[assignment]
if options.no_msgspec:
    sys.modules["msgspec"] = None  # type: ignore[assignment]

from text2everything import Text2EverythingClient  # noqa: E402  # after what it may not find


@cache
def _client(port: int) -> Text2EverythingClient:
    return Text2EverythingClient(
        base_url=f"http://127.0.0.1:{port}",
        access_token="token",
        workspace_name="workspaces/bench",
        max_connections=1000,
    )


def _create(port: int, n: int) -> None:
    feedback = _client(port).feedback
    for number in range(n):
        feedback.create("p", **fields(number))


def _concurrent(port: int, n: int, concurrency: int) -> int:
    """Single creates, from so many threads."""
    feedback, numbers = _client(port).feedback, iter(range(n))

    def work(_: int) -> int:
        return sum(1 for number in numbers if feedback.create("p", **fields(number)).id)

    with ThreadPoolExecutor(concurrency) as executor:
        return sum(executor.map(work, range(concurrency)))


serve(
    {
        "create": _create,
        "concurrent": _concurrent,
        "bulk": lambda port, n, concurrency: len(
            _client(port).feedback.bulk_create("p", map(fields, range(n)), max_concurrency=concurrency)
        ),
        "list": lambda port, items: len(_client(port).feedback.list(project(items))),
        "iter": lambda port, items: sum(1 for _ in _client(port).feedback.iter(project(items))),
    }
)
