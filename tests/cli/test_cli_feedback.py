"""`feedback list|add|get|delete`."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import termios
from contextlib import suppress

import pytest


@pytest.fixture
def message(client, service):
    """A message and its execution in the demo project."""
    demo = service.demo
    made = client.executions.execute_query(demo.project_id, demo.connector_id, "SELECT 1 AS one")
    return made.chat_message_id, made.execution_id


@pytest.fixture
def rated(client, project, service):
    """Seven ratings in a project of their own: 0 to 6, the even ones good."""
    connector = client.connectors.create(project, "db", "sqlite", database=client_database(client, service))
    made = client.executions.execute_query(project, connector.id, "SELECT 1 AS one")
    return [
        client.feedback.create(project, made.chat_message_id, f"rating\n number {i}", i % 2 == 0) for i in range(7)
    ]


def client_database(client, service):
    return client.connectors.get(service.demo.project_id, service.demo.connector_id).database


def documents(result):
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_add_get_delete(run, message):
    added = run("feedback", "add", message[0], "Right", "--good", "--execution", message[1], "--json")
    (made,) = documents(added)
    assert (made["feedback"], made["is_positive"], made["execution_id"]) == ("Right", True, message[1])
    assert documents(run("feedback", "get", made["id"], "--json")) == [made]
    shown = run("feedback", "get", made["id"]).stdout
    for part in (made["id"], "good", "Right", *message):
        assert part in shown
    assert documents(run("feedback", "delete", made["id"], "--yes", "--json")) == [
        {"deleted_count": 1, "failed_ids": []}
    ]
    gone = run("feedback", "get", made["id"])
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert "HTTP 404" in gone.stderr


def test_a_bad_rating_is_one_too(run, message):
    result = run("feedback", "add", message[0], "Wrong", "--bad")
    assert result.exit_code == 0
    assert "bad" in result.stdout


def test_a_rating_needs_a_direction(run, message):
    result = run("feedback", "add", message[0], "Hm")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "text2everything: give --good or --bad; see text2everything feedback add --help\n"


@pytest.mark.parametrize(("arguments", "named"), [(["", "text"], "chat_message_id"), (["id", " "], "feedback")])
def test_a_blank_argument_is_named_and_nothing_is_sent(run, arguments, named):
    result = run("feedback", "add", *arguments, "--good", TEXT2EVERYTHING_BASE_URL="http://127.0.0.1:9")
    assert result.exit_code == 2
    assert result.stderr == f"text2everything: {named} must not be empty or blank\n"


def test_a_list_in_a_pipe_is_a_line_each_with_whole_ids(run, rated, project):
    result = run("feedback", "list", "--project", project)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()[-7:]
    for item, line in zip(rated, lines, strict=True):
        assert line.startswith(item.id)
        assert " ".join(item.feedback.split()) in line
        assert ("good" if item.is_positive else "bad") in line
    assert result.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables", [{"COLUMNS": "0"}, {"COLUMNS": "20"}, {"COLUMNS": "\xb2"}, {"FORCE_COLOR": "1"}]
)
def test_a_list_in_a_pipe_is_the_same_whatever_the_terminal_is(start, run, client, project, rated, variables):
    made = client.feedback.create(project, rated[0].chat_message_id, "long " * 300)
    process = start("feedback", "list", "--project", project, env=variables)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
    assert [line.rstrip() for line in lines] == run("feedback", "list", "--project", project).stdout.splitlines()
    assert len([line for line in lines if line.startswith(made.id) and line.count("long") == 200]) == 1
    assert len(lines) == 2 + len(rated) + 1


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 40, 8])
def test_a_narrow_list_keeps_ids_whole(start, terminal, rated, project, columns):
    env = {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    process = start("feedback", "list", "--project", project, stdout=terminal.slave, env=env)
    assert process.wait(60) == 0
    lines = terminal.close().decode().splitlines()
    assert max(map(len, lines)) <= max(columns, 60)
    assert [item.id for item in rated] == [line[:36] for line in lines if re.match(r"[0-9a-f]{8}-", line)]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [8, 40])
def test_a_narrow_rating_keeps_ids_whole(start, terminal, rated, columns):
    env = {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    item = rated[0]
    process = start("feedback", "get", item.id, "--project", item.project_id, stdout=terminal.slave, env=env)
    assert process.wait(60) == 0
    shown = terminal.close().decode()
    assert item.id in shown
    assert item.chat_message_id in shown
    assert "chat_message_id" in shown


def test_a_terminal_of_no_width_has_the_usual_one(start, terminal, rated, project):
    env = {"COLUMNS": "0", "TERM": "xterm", "NO_COLOR": "1"}
    process = start("feedback", "list", "--project", project, stdout=terminal.slave, env=env)
    assert process.wait(60) == 0
    lines = terminal.close().decode().splitlines()
    assert 60 < max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], range(7)),
        (["--good"], [0, 2, 4, 6]),
        (["--bad"], [1, 3, 5]),
        (["--search", "number 3"], [3]),
        (["--limit", "2"], [0, 1]),
        (["--skip", "5"], [5, 6]),
        (["--bad", "--skip", "1", "--limit", "1"], [3]),
        (["--limit", "0"], range(7)),
        (["--skip", "9"], []),
        (["--message", "another"], []),
    ],
)
def test_what_is_listed(run, rated, project, options, expected):
    found = documents(run("feedback", "list", "--project", project, "--json", *options))
    assert [item["id"] for item in found] == [rated[i].id for i in expected]
    shown = run("feedback", "list", "--project", project, *options).stdout
    assert [item.id for item in rated if item.id in shown] == [rated[i].id for i in expected]


def test_a_list_says_what_it_leaves_out(run, rated, project):
    assert (
        "the first 2; more with --skip 3"
        in run("feedback", "list", "--project", project, "--skip", 1, "--limit", 2).stderr
    )
    assert run("feedback", "list", "--project", project, "--limit", 7).stderr == ""
    assert run("feedback", "list", "--project", project, "--search", "nothing like it").stderr == "no ratings\n"
    assert "after the first 9" in run("feedback", "list", "--project", project, "--skip", 9).stderr


def test_many_are_deleted_from_stdin(run, rated, project, client):
    listed = run("feedback", "list", "--project", project, "--bad", "--json")
    ids = "".join(f"{item['id']}\n\n" for item in documents(listed))
    assert run("feedback", "delete", "--project", project, "--yes", "-", input=ids).exit_code == 0
    assert [item.id for item in client.feedback.list(project)] == [rated[i].id for i in (0, 2, 4, 6)]


def test_some_that_are_not_there_are_named(run, rated, project):
    result = run("feedback", "delete", "--project", project, "--yes", rated[0].id, "no", "nor", "this", "either")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == ["1 deleted", "text2everything: 4 not deleted: no, nor, this, ..."]
    none = run("feedback", "delete", "--project", project, "--yes", "no", "--json")
    assert none.exit_code == 1
    assert json.loads(none.stdout) == {"deleted_count": 0, "failed_ids": ["no"]}


def test_nothing_is_deleted_unasked(run, rated, project, client):
    result = run("feedback", "delete", "--project", project, rated[0].id)
    assert result.exit_code == 2
    assert "give --yes" in result.stderr
    assert len(client.feedback.list(project)) == 7
    assert "no ID on stdin" in run("feedback", "delete", "--project", project, "--yes", "-", input="\n").stderr


@pytest.mark.parametrize(("said", "status", "left"), [("y\n", 0, 6), ("n\n", 1, 7), ("\x03", 130, 7)])
def test_on_a_terminal_it_asks(start, terminal, rated, project, client, said, status, left):
    process = start(
        *("feedback", "delete", "--project", project, rated[0].id),
        **dict.fromkeys(("stdin", "stdout", "stderr"), terminal.slave),
        text=False,
        encoding=None,
        preexec_fn=take_terminal,
    )
    terminal.wait_for(b"[y/N]")
    for _ in range(60):  # a key that is pressed before the process listens for it is pressed again
        terminal.type(said)
        with suppress(subprocess.TimeoutExpired):
            process.wait(2)
            break
    assert process.returncode == status
    assert b"Delete 1 rating?" in terminal.close()
    assert len(client.feedback.list(project)) == left


def take_terminal():
    """Make it the process's own, so that Ctrl-C typed there is meant for it."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
