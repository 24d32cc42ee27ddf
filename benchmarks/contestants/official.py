"""The published client, with the settings its guides show."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from text2everything_sdk import Text2EverythingClient
from turns import fields, project, serve


@cache
def _client(port: int) -> Text2EverythingClient:
    return Text2EverythingClient(
        base_url=f"http://127.0.0.1:{port}",
        access_token="token",
        workspace_name="workspaces/bench",
        max_connections=100,
        max_keepalive_connections=100,
    )


def _create(port: int, n: int) -> None:
    feedback = _client(port).feedback
    for number in range(n):
        feedback.create(project_id="p", **fields(number))


def _bulk(port: int, n: int, **options: Any) -> int:
    """Its bulk_create, which ratings have not; golden examples are as large."""
    examples = [
        {"user_query": given["feedback"], "sql_query": given["execution_id"]} for given in map(fields, range(n))
    ]
    return len(_client(port).golden_examples.bulk_create("p", examples, **options))


def _threads(port: int, n: int, concurrency: int) -> int:
    """Its single create from a pool of threads, as one would write for ratings."""
    feedback = _client(port).feedback
    with ThreadPoolExecutor(concurrency) as executor:
        return len(list(executor.map(lambda number: feedback.create(project_id="p", **fields(number)), range(n))))


serve(
    {
        "create": _create,
        "bulk": _bulk,
        "threads": _threads,
        "list": lambda port, items: len(_client(port).feedback.list(project(items))),
    }
)
