"""Standard streams that are closed, full or encode little: no traceback, and the right exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TEXT = "Größe ✓ 日本"

CLOSED = """
import os, sys
for number in {numbers}:
    os.close(number)
os.execv(sys.executable, [sys.executable, "-W", "error", "-m", "text2everything", *sys.argv[1:]])
"""


@pytest.fixture
def message(client, project, service):
    database = client.connectors.get(service.demo.project_id, service.demo.connector_id).database
    connector = client.connectors.create(project, "db", "sqlite", database=database)
    return client.executions.execute_query(project, connector.id, "SELECT 1 AS one").chat_message_id


@pytest.fixture
def rated(client, project, message):
    for number in range(3):
        client.feedback.create(project, message, f"{TEXT} {number}")
    return project


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "ascii:strict"])
def test_what_cannot_be_encoded_is_replaced(start, rated, encoding):
    options = {"env": {"PYTHONIOENCODING": encoding}, "encoding": "latin-1"}
    table = start("feedback", "list", "--project", rated, **options)
    lines = start("feedback", "list", "--project", rated, "--json", **options)
    failed = start("feedback", "get", TEXT, **options)
    out, err = table.communicate(timeout=60)
    assert (table.returncode, err) == (0, "")
    assert ("Größe ? ??" if encoding == "latin-1" else "Gr??e ? ??") in out
    out = lines.communicate(timeout=60)[0]
    assert [json.loads(line)["feedback"] for line in out.splitlines()] == [f"{TEXT} {number}" for number in range(3)]
    assert failed.communicate(timeout=60)[1].startswith("text2everything: Feedback Gr")
    assert failed.returncode == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("numbers", "arguments", "status"),
    [
        ((1,), ["feedback", "list"], 0),
        ((1,), ["ask", "How many users are there?"], 0),
        ((1,), ["--version"], 0),
        ((1,), ["feedback", "get", "nothing"], 1),
        ((2,), ["feedback", "list"], 0),
        ((0, 1, 2), ["feedback", "list", "--json"], 0),
        ((0, 1, 2), ["feedback", "add"], 2),
    ],
    ids=lambda each: " ".join(map(str, each)) if isinstance(each, list | tuple) else "",
)
def test_a_closed_stream_is_no_traceback(start, rated, numbers, arguments, status):
    env = {"T2E_PROJECT_ID": rated} if arguments[0] == "feedback" else {}
    process = start(*arguments, code=CLOSED.format(numbers=numbers), env=env)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert "Traceback" not in out + err
    assert "Warning" not in out + err
    if 1 not in numbers and status == 0:
        assert out


@pytest.mark.slow
def test_a_full_disk_is_said_in_one_line(start, rated):
    with Path("/dev/full").open("w") as full:
        process = start("feedback", "list", "--project", rated, stdout=full)
        err = process.communicate(timeout=60)[1]
    assert (process.returncode, err) == (1, "text2everything: [Errno 28] No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_spinner_has_what_can_be_encoded(start, terminal, encoding):
    env = {"TERM": "xterm", "PYTHONIOENCODING": encoding}
    process = start("feedback", "stats", stderr=terminal.slave, env=env)
    process.communicate(timeout=60)
    assert process.returncode == 0
    shown = terminal.close().decode()
    assert "counting" in shown
    assert "\\u" not in shown
    assert shown.isascii() == (encoding == "ascii")


@pytest.mark.slow
def test_a_pipe_gets_no_spinner_though_colours_are_forced(start):
    process = start("feedback", "stats", env={"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"})
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


@pytest.mark.slow
def test_a_bar_is_drawn_where_little_can_be_encoded(start, terminal, project, message, tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("chat_message_id,feedback\n" + f"{message},{TEXT}\n" * 50, encoding="utf-8")
    env = {"TERM": "xterm", "PYTHONIOENCODING": "ascii:strict"}
    process = start("feedback", "upload", path, "--project", project, stderr=terminal.slave, env=env)
    assert process.stdout.read() == "50 uploaded\n"
    assert process.wait(60) == 0
    shown = terminal.close()
    assert b"50/" in shown
    assert b"Traceback" not in shown
    assert shown.isascii()
