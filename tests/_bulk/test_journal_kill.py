"""Bulk creates killed with SIGKILL at random moments, and run again: every item is created exactly once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from text2everything import Text2EverythingClient

SCRIPT = Path(__file__).parent.parent / "scripts" / "resumes.py"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Text2EverythingClient]:
    with Text2EverythingClient.local(data_dir=tmp_path_factory.mktemp("data"), demo=True) as client:
        yield client


@pytest.fixture(scope="module")
def runner() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def attempt(runner: subprocess.Popen[str], order: dict[str, Any], kill_after: float | None) -> dict[str, Any] | None:
    """Run the order in a process; return what it says, or None if it was killed before."""
    assert runner.stdin is not None
    assert runner.stdout is not None
    print(json.dumps(order), file=runner.stdin, flush=True)
    pid, answer = None, None
    while True:
        line = runner.stdout.readline().strip()
        if line.isdigit():
            pid = int(line)
            if kill_after is not None:
                time.sleep(kill_after)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            continue
        said = json.loads(line)
        if "status" in said:
            return answer
        answer = said


@pytest.mark.slow
@pytest.mark.parametrize("how", ["create", "stream", "upload"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 4))])
def test_killed_at_any_moment_every_item_is_created_once(client, runner, tmp_path, how, seed):
    rng = random.Random(f"{how} {seed}")
    demo = client.service.demo
    project = demo.project_id
    answer = client.chat.chat_to_answer(project, demo.chat_session_id, "How many customers?", demo.connector_id)
    count = rng.choice([60, 250, 600])
    texts = [f"{how} {seed} {rng.randrange(count)}" for _ in range(count)]  # with repetitions, which are legitimate
    file = tmp_path / "ratings.jsonl"
    file.write_text(
        "".join(
            json.dumps({"chat_message_id": answer.chat_message_id, "feedback": text, "is_positive": index % 3 > 0})
            + "\n"
            for index, text in enumerate(texts)
        )
    )
    order = {
        "client": {
            "base_url": client.service.base_url,
            "access_token": client.service.access_token,
            "workspace_name": client.service.workspace_name,
        },
        "project": project,
        "message": answer.chat_message_id,
        "texts": texts,
        "journal": str(tmp_path / "journal"),
        "file": str(file),
        "how": how,
    }
    kills = 0
    said = None
    for _ in range(6):
        said = attempt(runner, order, rng.uniform(0.0, 0.15 + count / 2500))
        if said is not None:
            break
        kills += 1
        for _ in range(10):  # the service first has done with what the killed process had sent
            client.feedback.count(project)
    said = said or attempt(runner, order, None)
    assert said is not None
    assert said.get("count") == count, (said, kills)
    stored = [item for item in client.feedback.list(project) if item.feedback.startswith(f"{how} {seed} ")]
    wanted = Counter((text, index % 3 > 0) for index, text in enumerate(texts))
    assert Counter((item.feedback, item.is_positive) for item in stored) == wanted
    if how != "upload":
        assert sorted(said["ids"]) == sorted(item.id for item in stored)
    again = attempt(runner, order, None)  # and once more: nothing is left to do
    assert again is not None
    assert again["count"] == count
    assert client.feedback.count(project, f"{how} {seed} ") == count
