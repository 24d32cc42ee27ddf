"""`feedback upload` and `export`: files in, files out, bars on terminals only, and Ctrl-C."""

from __future__ import annotations

import asyncio
import collections
import csv
import json
import signal
import time

import pytest
from aiohttp import web

from text2everything import Text2EverythingClient
from text2everything.local import LocalService


@pytest.fixture
def message(client, project, service):
    database = client.connectors.get(service.demo.project_id, service.demo.connector_id).database
    connector = client.connectors.create(project, "db", "sqlite", database=database)
    made = client.executions.execute_query(project, connector.id, "SELECT 1 AS one")
    return made.chat_message_id


def write(path, message, texts, header=("chat_message_id", "feedback", "is_positive")):
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(header)
        rows.writerows([message, text, "yes" if i % 2 else "no"] for i, text in enumerate(texts))
    return path


def texts_of(client, project):
    return sorted(item.feedback for item in client.feedback.list(project))


def test_every_row_is_uploaded(run, client, project, message, tmp_path):
    path = write(tmp_path / "ratings.csv", message, [f"row {i:03}" for i in range(250)])
    result = run("feedback", "upload", path, "--project", project)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "250 uploaded\n", "")
    assert texts_of(client, project) == [f"row {i:03}" for i in range(250)]


def test_json_counts(run, project, message, tmp_path):
    path = write(tmp_path / "ratings.csv", message, "abc")
    arguments = ("feedback", "upload", path, "--project", project, "--journal", tmp_path / "journal", "--json")
    counts = {"created": 3, "resumed": 0, "failed": 0, "complete": True, "failures": []}
    assert json.loads(run(*arguments).stdout) == counts
    assert json.loads(run(*arguments).stdout) == {**counts, "resumed": 3}
    assert run(*arguments[:-1]).stdout == "3 uploaded, 3 of them by an earlier run\n"


def test_columns_have_other_names(run, client, project, message, tmp_path):
    path = write(tmp_path / "ratings.csv", message, "ab", ("About", "Said", "Happy"))
    columns = [f"--column={pair}" for pair in ("chat_message_id=About", "feedback=Said", "is_positive=Happy")]
    assert run("feedback", "upload", path, "--project", project, *columns).exit_code == 0
    assert [item.is_positive for item in client.feedback.list(project)] in ([False, True], [True, False])
    wrong = run("feedback", "upload", path, "--project", project, "--column", "Said")
    assert wrong.exit_code == 2
    assert "'Said' is not FIELD=COLUMN" in wrong.stderr


def test_wrong_lines_keep_all_from_being_sent_unless_they_are_collected(run, client, project, message, tmp_path):
    path = write(tmp_path / "ratings.csv", message, ["a", "", "c", " "])
    refused = run("feedback", "upload", path, "--project", project)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert "line 3" in refused.stderr
    assert "line 5" in refused.stderr
    assert texts_of(client, project) == []
    collected = run("feedback", "upload", path, "--project", project, "--on-error", "collect")
    assert (collected.exit_code, collected.stdout) == (3, "2 uploaded\n")
    assert collected.stderr.splitlines()[0].startswith("line 3: feedback is missing")
    assert collected.stderr.splitlines()[-1] == "text2everything: 2 rows failed"
    assert texts_of(client, project) == ["a", "c"]


def test_rows_the_service_refuses_are_listed(run, client, project, message, tmp_path):
    path = tmp_path / "ratings.jsonl"
    rows = [{"chat_message_id": message if i == 0 else f"unknown-{i}", "feedback": "x"} for i in range(31)]
    path.write_text("\n".join(map(json.dumps, rows)))
    result = run("feedback", "upload", path, "--project", project)
    assert (result.exit_code, result.stdout) == (3, "1 uploaded\n")
    lines = result.stderr.splitlines()
    assert lines[0].startswith("line 2: ")
    assert lines[20] == "... and 10 more; --json has the first 30"
    assert lines[21].startswith("text2everything: 30 rows failed, 1 were created")
    none = run("feedback", "upload", path, "--project", "nowhere", "--json")
    assert none.exit_code == 1
    assert none.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["missing.csv", "ratings.doc", "."])
def test_a_file_that_will_not_do(run, tmp_path, name):
    result = run("feedback", "upload", tmp_path / name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("text2everything: path ")
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_terminal_gets_a_bar_and_a_pipe_does_not(start, terminal, project, message, tmp_path):
    path = write(tmp_path / "ratings.csv", message, map(str, range(300)))
    process = start("feedback", "upload", path, "--project", project, stderr=terminal.slave, env={"TERM": "xterm"})
    assert process.stdout.read() == "300 uploaded\n"
    assert process.wait(60) == 0
    assert b"300/" in terminal.close()
    piped = start("feedback", "upload", path, "--project", project)
    assert piped.communicate(timeout=60) == ("300 uploaded\n", "")


@pytest.fixture
def slow_service():
    """A service that answers a rating after a while, and counts them."""
    seen = collections.Counter()

    @web.middleware
    async def wait(request, handler):
        if request.method == "POST" and request.path.endswith("/feedback"):
            await asyncio.sleep(service.pause)
            seen["ratings"] += 1
        return await handler(request)

    with LocalService(demo=True, middlewares=[wait]) as service:
        service.seen, service.pause = seen, 0.02
        yield service


@pytest.mark.slow
@pytest.mark.parametrize("journal", [True, False])
def test_ctrl_c_stops_an_upload_which_a_journal_lets_go_on(start, slow_service, tmp_path, journal):
    project = slow_service.demo.project_id
    with Text2EverythingClient(
        base_url=slow_service.base_url,
        access_token=slow_service.access_token,
        workspace_name=slow_service.workspace_name,
    ) as client:
        made = client.executions.execute_query(project, slow_service.demo.connector_id, "SELECT 1")
        path = write(tmp_path / "ratings.csv", made.chat_message_id, [f"row {i:03}" for i in range(400)])
        env = {"TEXT2EVERYTHING_BASE_URL": slow_service.base_url, "T2E_ACCESS_TOKEN": slow_service.access_token}
        arguments = ["feedback", "upload", path, "--project", project, "--max-concurrency", 4, "--json"]
        arguments += ["--journal", tmp_path / "journal"] if journal else []
        process = start(*arguments, env=env, preexec_fn=listen_to_ctrl_c)
        deadline = time.monotonic() + 60
        while slow_service.seen["ratings"] < 30 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (130, "")
        hint, blank, stopped = err.splitlines()
        assert ("goes on from there" if journal else "next time, --journal FILE") in hint.replace("\n", " ")
        assert (blank, stopped) == ("", "text2everything: stopped")
        done = client.feedback.count(project)
        assert 0 < done < 400
        if journal:
            slow_service.pause = 0
            again = start(*arguments, env=env)
            out, err = again.communicate(timeout=60)
            assert (again.returncode, err) == (0, "")
            assert 0 < json.loads(out)["resumed"] <= done
            assert texts_of(client, project) == [f"row {i:03}" for i in range(400)]


def listen_to_ctrl_c():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have it ignored


def test_export_and_upload_again(run, client, project, message, tmp_path):
    client.feedback.bulk_create(
        project,
        [{"chat_message_id": message, "feedback": f"é\n{i}", "is_positive": i > 3} for i in range(9)],
    )
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    assert run("feedback", "export", first, "--project", project).stdout == f"9 ratings written to {first}\n"
    assert run("feedback", "upload", first, "--project", project).exit_code == 0
    counted = run("feedback", "export", second, "--project", project, "--json", "--search", "é")
    assert json.loads(counted.stdout) == {"path": str(second), "count": 18}
    assert len(second.read_text(encoding="utf-8").splitlines()) == 18


def test_a_file_is_not_replaced_unasked(run, project, tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("mine")
    refused = run("feedback", "export", path, "--project", project)
    assert (refused.exit_code, path.read_text()) == (2, "mine")
    assert "give --yes" in refused.stderr
    assert run("feedback", "export", path, "--project", project, "--yes").exit_code == 0
    assert path.read_text().startswith("id,")


def test_an_export_that_fails_leaves_nothing(run, project, tmp_path):
    assert run("feedback", "export", tmp_path / "ratings.csv", "--project", "nowhere").exit_code == 1
    assert run("feedback", "export", tmp_path / "no" / "ratings.csv", "--project", project).exit_code != 0
    assert run("feedback", "export", tmp_path / "ratings.csv", "--project", project, "--column", "x=y").exit_code == 2
    assert list(tmp_path.iterdir()) == []
