"""`text2everything serve`, as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from extras import skip_without

skip_without("cli")

from click.testing import CliRunner

from text2everything.cli._commands import COMMANDS, commands
from text2everything.local import LocalService, LocalServiceError

from .conftest import ScriptedEngine

SERVE = [sys.executable, "-W", "error", "-m", "text2everything", "serve", "--port", "0"]


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts services as processes, none of which outlives its test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*options: str, **environment: str) -> subprocess.Popen[str]:
        env = {**os.environ, **environment}
        pipe = subprocess.PIPE
        processes.append(subprocess.Popen([*SERVE, *options], stdout=pipe, stderr=pipe, text=True, env=env))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def projects(facts: dict[str, str]) -> list[str]:
    sent = {"Authorization": f"Bearer {facts['access_token']}", "X-Workspace-Name": facts["workspace_name"]}
    request = urllib.request.Request(f"{facts['base_url']}/api/projects", headers=sent)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return [item["id"] for item in json.load(reply)["items"]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_line_is_json_and_a_signal_ends_it_cleanly(start, number):
    process = start("--demo", "--json")
    facts = json.loads(process.stdout.readline())
    assert set(facts) == {
        *("base_url", "access_token", "workspace_name"),
        *("project_id", "connector_id", "chat_session_id"),
    }
    assert projects(facts) == [facts["project_id"]]
    assert finish(process, number) == (0, "", "")


@pytest.mark.slow
def test_without_the_demo_three_facts_are_said(start, tmp_path):
    (tmp_path / "token").write_text("from-a-file\n")
    # What the environment holds is the token of another service, and never shown.
    process = start("--json", "--access-token-file", str(tmp_path / "token"), T2E_ACCESS_TOKEN="of-another")
    facts = json.loads(process.stdout.readline())
    assert set(facts) == {"base_url", "access_token", "workspace_name"}
    assert facts["access_token"] == "from-a-file"
    assert projects(facts) == []
    assert finish(process, signal.SIGTERM)[0] == 0


@pytest.mark.slow
def test_a_data_dir_keeps_token_and_demo(start, tmp_path):
    said = []
    for _ in range(2):
        process = start("--demo", "--json", "--data-dir", str(tmp_path / "data"))
        facts = json.loads(process.stdout.readline())
        assert projects(facts) == [facts["project_id"]]
        said.append({name: value for name, value in facts.items() if name != "base_url"})
        assert finish(process, signal.SIGTERM) == (0, "", "")
    assert said[0] == said[1]


@pytest.mark.slow
def test_people_are_told_how_to_connect(start, tmp_path):
    process = start("--demo", "--data-dir", str(tmp_path), "--workspace", "workspaces/it's")
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("Stop with"):
            break
    exports = "\n".join(line for line in lines if line.startswith("  export "))
    shell = f'{exports}\nprintf "%s\\n" "$TEXT2EVERYTHING_BASE_URL" "$T2E_ACCESS_TOKEN" "$T2E_WORKSPACE_NAME"'
    url, token, workspace = subprocess.run(
        ["/bin/sh", "-c", shell], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert workspace == "workspaces/it's"
    assert len(projects({"base_url": url, "access_token": token, "workspace_name": workspace})) == 1
    assert lines[0] == f"Text2Everything is serving at {url}"
    assert any(line.startswith("  data ") and line.endswith(str(tmp_path)) for line in lines)
    assert finish(process, signal.SIGINT) == (0, "stopped\n", "")


def test_a_signal_before_it_has_started_ends_it_too():
    code = (
        "import os, signal, sys; from text2everything.local import LocalService\n"
        "start = LocalService.start\n"
        "def early(self):\n    os.kill(os.getpid(), signal.SIGTERM)\n    return start(self)\n"
        "LocalService.start = early\n"
        "sys.argv = ['text2everything', 'serve', '--port', '0', '--json']\n"
        "from text2everything.cli import main\nsys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(json.loads(done.stdout)) == {"base_url", "access_token", "workspace_name"}


def test_errors_are_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with LocalService(engine=ScriptedEngine()) as service:
        port = service.base_url.rpartition(":")[2]
        for options, error in (
            (["--port", port], "port: cannot listen on"),
            (["--data-dir", str(tmp_path / "file" / "x")], "data_dir: cannot make"),
            (["--workspace", "x"], "workspace_name must be"),
        ):
            result = CliRunner().invoke(commands, ["serve", "--port", "0", *options])
            assert result.exit_code == 1
            assert result.output.startswith(f"text2everything: {error}")
            assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "warned"),
    [
        ("0.0.0.0", True),
        ("10.1.2.3", True),
        ("name.example", True),
        ("localhost", False),
        ("127.0.0.2", False),
        ("::1", False),
    ],
)
def test_a_host_others_can_reach_is_warned_of(monkeypatch, host, warned):
    def refuse(_):
        raise LocalServiceError("not today")

    monkeypatch.setattr(LocalService, "start", refuse)
    result = CliRunner().invoke(commands, ["serve", "--host", host])
    assert (f"warning: {host} can be reached from other machines" in result.stderr) is warned
    assert (result.exit_code, "not today" in result.stderr) == (1, True)


def test_help_is_quick_to_come_and_lists_every_command():
    code = (
        "import sys\nsys.argv = ['text2everything', '--help']\nfrom text2everything.cli import main\n"
        "try: main()\nfinally: print(sorted({'aiohttp', 'sqlglot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout.endswith("[]\n")
    for name in COMMANDS:
        assert f"  {name} " in done.stdout
    assert CliRunner().invoke(commands, ["nothing"]).exit_code == 2


def test_without_click_the_extra_is_named():
    code = (
        "import runpy, sys; sys.modules['click'] = None\n"
        "sys.argv = ['text2everything', 'serve']; runpy.run_module('text2everything', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "text2everything: the command line needs click and rich: pip install click rich\n"
