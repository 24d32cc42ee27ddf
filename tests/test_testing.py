"""The fixtures for users' own tests, used the way a user would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = 'pytest_plugins = ["text2everything.testing"]\n'

TESTS = """
import asyncio
from text2everything import AsyncText2EverythingClient


def test_a_query(t2e_client, t2e_demo):
    result = t2e_client.executions.execute_query(t2e_demo.project_id, t2e_demo.connector_id, "SELECT 1 AS one")
    assert result.rows == [[1]]
    t2e_client.projects.create("seen by this test only")


def test_each_test_has_its_own_service(t2e_client):
    assert len(t2e_client.projects.list()) == 1


def test_async(t2e_service):
    async def main():
        async with AsyncText2EverythingClient(**t2e_service.settings) as client:
            return await client.projects.list()

    assert len(asyncio.run(main())) == 1
"""


@pytest.mark.slow
def test_a_users_tests_run_on_a_real_service(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio", "-c", "/dev/null", "."],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
