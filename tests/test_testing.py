"""The fixtures for users' own tests, used the way a user would."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from text2everything.testing import ChatCompletionsStub, StubReply

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


def post(stub: ChatCompletionsStub, body: bytes, path: str = "/chat/completions") -> tuple[int, Any]:
    request = urllib.request.Request(stub.base_url + path, body, {"Authorization": "Bearer key"})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_stub_of_a_model_answers_as_told() -> None:
    def repeat(body: dict[str, Any]) -> str:
        return str(body["messages"][0]["content"]).upper()

    with ChatCompletionsStub(["one", 429, StubReply({"a": 1}, 201), repeat]) as stub:
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "said"}]}).encode()
        status, completion = post(stub, body)
        assert (status, completion["model"]) == (200, "m")
        assert completion["choices"][0]["message"] == {"role": "assistant", "content": "one"}
        assert post(stub, body)[0] == 429
        assert post(stub, body) == (201, {"a": 1})
        for _ in range(2):
            assert post(stub, body)[1]["choices"][0]["message"]["content"] == "SAID"
        assert post(stub, b"no JSON")[0] == 400
        assert post(stub, body, "/models")[0] == 404
        assert len(stub.requests) == len(stub.headers) == 5
        assert stub.requests[0] == json.loads(body)
        assert stub.headers[0]["authorization"] == "Bearer key"
        stub.stop()
        stub.stop()
        with pytest.raises(RuntimeError, match="not started"):
            stub.base_url  # noqa: B018


def test_without_pytest_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['pytest'] = None; import text2everything.testing"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "text2everything.testing needs pytest: pip install pytest" in result.stderr


def test_the_stub_needs_a_reply() -> None:
    with pytest.raises(ValueError, match="replies"):
        ChatCompletionsStub([])
