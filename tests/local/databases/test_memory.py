"""Results of any size: the service hardly grows, answers others meanwhile, and says what it cut."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import aiohttp
import psutil
import pytest

from tests.extras import skip_without
from tests.local.databases.conftest import NAMES

pytestmark = pytest.mark.slow

MAX_GROWTH = 150 * 2**20

LARGE = {
    "sqlite": {
        "1,500 rows of 1 MB": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
        " SELECT i, hex(zeroblob(500000)) FROM n",
        "one cell of 200 MB": "SELECT hex(zeroblob(100000000))",
        "100 blobs of 16 MB": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
        " SELECT i, zeroblob(16000000) FROM n",
    },
    "duckdb": {
        "1,500 rows of 1 MB": "SELECT i, repeat('x', 1000000) FROM range(1500) t(i)",
        "one cell of 200 MB": "SELECT repeat('x', 200000000)",
        "100 blobs of 16 MB": "SELECT i, repeat('x', 16000000)::BLOB FROM range(100) t(i)",
        "a list of 2,000,000 numbers": "SELECT range(2000000)",
    },
    "postgres": {
        "1,500 rows of 1 MB": "SELECT i, repeat('x', 1000000) FROM generate_series(1, 1500) i",
        "one cell of 200 MB": "SELECT repeat('x', 200000000)",
        "100 blobs of 16 MB": "SELECT i, convert_to(repeat('x', 16000000), 'UTF8') FROM generate_series(1, 100) i",
        "100 small rows, then large ones": "SELECT repeat('x', CASE WHEN i < 100 THEN 1 ELSE 20000000 END)"
        " FROM generate_series(1, 150) i",
    },
    "mariadb": {
        "1,500 rows of 1 MB": "SELECT seq, repeat('x', 1000000) FROM seq_1_to_1500",
        "one cell of 200 MB": "SELECT repeat('x', 200000000)",
        "100 blobs of 16 MB": "SELECT seq, CAST(repeat('x', 16000000) AS BINARY) FROM seq_1_to_100",
    },
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[psutil.Process, dict[str, str]]]:
    """A service in a process of its own."""
    skip_without("cli")
    command = [sys.executable, "-m", "text2everything", "serve", "--json", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield psutil.Process(process.pid), json.loads(process.stdout.readline())
        process.terminate()


@pytest.mark.parametrize("name", NAMES)
async def test_a_result_of_any_size(
    request: pytest.FixtureRequest, service: tuple[psutil.Process, dict[str, str]], name: str
) -> None:
    process, settings = service
    if name in {"sqlite", "duckdb"}:
        connector = {"name": name, "db_type": name, "database": str(request.getfixturevalue(f"{name}_file"))}
    else:
        connector = request.getfixturevalue(name).connector()
    headers = {
        "Authorization": f"Bearer {settings['access_token']}",
        "X-Workspace-Name": settings["workspace_name"],
    }
    api = f"{settings['base_url']}/api/projects"
    async with aiohttp.ClientSession(headers=headers) as session:

        async def post(path: str, body: Any) -> Any:
            async with session.post(f"{api}{path}", json=body) as response:
                return await response.json()

        project = (await post("", {"name": "p"}))["id"]
        made = await post(f"/{project}/connectors", connector)
        run = {"connector_id": made["id"], "sql_query": "SELECT 1"}
        await post(f"/{project}/sql/execute", run)
        for what, sql in LARGE[name].items():
            before = process.memory_info().rss
            peak, slowest = before, 0.0
            statement = asyncio.ensure_future(post(f"/{project}/sql/execute", {**run, "sql_query": sql}))
            while not statement.done():
                began = asyncio.get_running_loop().time()
                async with session.get(f"{api}/{project}") as response:
                    assert response.status == 200
                slowest = max(slowest, asyncio.get_running_loop().time() - began)
                peak = max(peak, process.memory_info().rss)
                await asyncio.sleep(0.01)
            reply = await statement
            workers = sum(child.memory_info().rss for child in process.children())
            size = len(json.dumps(reply))
            print(
                f"{name}, {what}: service +{(peak - before) / 2**20:.0f} MiB, workers now {workers / 2**20:.0f} MiB,"
                f" others within {slowest:.2f} s, reply {size / 2**20:.1f} MiB, {reply['execution_time_ms']} ms"
            )
            assert reply["error"] is None, what
            assert reply["result"]["truncated"] is True, what
            assert size < 40 * 2**20, what
            assert peak - before < MAX_GROWTH, what
            del reply
