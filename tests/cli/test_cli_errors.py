"""Settings, errors of one line, exit statuses, help: what all commands have in common."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from extras import skip_without

skip_without("cli")

import click

from text2everything.cli._commands import commands
from text2everything.cli._exit_status import FAILURE, INTERRUPTED, OK, PARTIAL, USAGE, exit_status
from text2everything.exceptions import BulkError, InvalidConfigurationError, ServerError, ValidationError

LIST = ("feedback", "list")
SECRET = "secret-token-0123456789"


def only_line(result, status):
    assert (result.exit_code, result.stdout) == (status, "")
    assert result.stderr.startswith("text2everything: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert SECRET not in result.stderr
    return result.stderr


@pytest.mark.parametrize("arguments", [LIST, ("ask", "How many users are active?"), ("feedback", "get", "id")])
def test_a_wrong_token(run, arguments):
    assert "HTTP 401" in only_line(run(*arguments, T2E_ACCESS_TOKEN=SECRET), 1)


def test_an_unknown_project(run):
    assert "Project nope not found" in only_line(run(*LIST, "--project", "nope"), 1)
    assert "must be an id" in only_line(run(*LIST, "--project", ".."), 2)


def test_another_workspace(run):
    assert "HTTP 40" in only_line(run(*LIST, "--workspace", "workspaces/other"), 1)


@pytest.mark.slow
def test_a_service_that_is_not_there(start):
    process = start(*LIST, "--base-url", "http://127.0.0.1:9")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("text2everything: cannot connect to the service at http://127.0.0.1:9")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "option"),
    [
        ("TEXT2EVERYTHING_BASE_URL", "--base-url"),
        ("T2E_ACCESS_TOKEN", "--access-token-file"),
        ("T2E_WORKSPACE_NAME", "--workspace"),
        ("T2E_PROJECT_ID", "--project"),
    ],
)
def test_a_missing_setting_is_named_as_option_and_as_variable(run, variable, option):
    said = only_line(run(*LIST, **{variable: None}), 2)
    assert option in said
    assert variable in said
    assert "feedback list --help" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--frob"], "No such option '--frob'"),
        (["--limit", "-1"], "'--limit'"),
        (["--limit", "many"], "'--limit'"),
        (["--base-url", "ftp://x"], "base_url must look like"),
        (["--base-url", f"http://me:{SECRET}@x"], "base_url must not hold a user name"),
        (["--workspace", "x"], "workspace_name must start with"),
        (["--access-token-file", "/nowhere"], "'--access-token-file': '/nowhere': No such file"),
        (["extra"], "unexpected extra argument"),
    ],
)
def test_wrong_usage(run, options, said):
    assert said in only_line(run(*LIST, *options), 2)


def test_a_token_is_read_from_a_file_or_stdin_and_never_shown(run, service, tmp_path):
    (tmp_path / "token").write_text(f"{service.access_token}\n")
    (tmp_path / "wrong").write_text(f"Bearer {SECRET}")
    assert run(*LIST, "--access-token-file", tmp_path / "token", T2E_ACCESS_TOKEN=SECRET).exit_code == 0
    assert run(*LIST, "--access-token-file", "-", input=f"{service.access_token}\n").exit_code == 0
    assert "holds a space" in only_line(run(*LIST, "--access-token-file", tmp_path / "wrong"), 2)
    assert "empty" in only_line(run(*LIST, "--access-token-file", "-", input=""), 2)
    assert "No such option" in only_line(run(*LIST, "--access-token", SECRET), 2)


def test_a_token_typed_on_a_terminal_is_not_shown(start, service, terminal):
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal.slave)
    process = start(*LIST, "--access-token-file", "-", **streams, text=False, encoding=None)
    terminal.wait_for(b"Access token:")
    terminal.type(f"{service.access_token}\n")
    assert process.wait(60) == 0
    assert service.access_token.encode() not in terminal.close()


def test_options_win_over_the_environment(run, service):
    result = run(
        *LIST,
        *(
            "--base-url",
            service.base_url,
            "--workspace",
            service.workspace_name,
            "--project",
            service.demo.project_id,
        ),
        TEXT2EVERYTHING_BASE_URL="http://127.0.0.1:9",
        T2E_WORKSPACE_NAME="workspaces/other",
        T2E_PROJECT_ID="other",
    )
    assert result.exit_code == 0


def every_command(group=commands, path=()):
    context = click.Context(group)
    yield path
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_help_reads_well(run, path):
    result = run(*path, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: {' '.join(('text2everything', *path))} ")
    assert "..." not in result.stdout.partition("Commands:")[2]  # no summary that is cut short
    assert "INTEGER" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    short = run(*path, "-h")
    assert short.stdout == result.stdout
    options = [line.split("  ")[1] for line in result.stdout.splitlines() if line.startswith("  -")]
    assert options[-1] == "-h, --help"


@pytest.mark.parametrize("path", [(), ("feedback",)])
def test_a_group_alone_shows_its_help_as_an_error(run, path):
    result = run(*path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Commands:" in result.stderr


def test_the_version(run):
    assert run("--version").stdout.startswith("text2everything, version ")


def test_an_unknown_command(run):
    assert "No such command 'frob'" in only_line(run("frob"), 2)


@pytest.mark.parametrize("arguments", [["--help"], ["feedback", "--help"], ["ask", "--help"], ["demo", "--help"]])
def test_help_imports_nothing_slow(start, arguments):
    code = (
        "import sys; from text2everything.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    out, err = start(*arguments, code=code).communicate(timeout=60)
    assert out.startswith("Usage: text2everything ")
    assert not {"aiohttp", "sqlglot", "cattrs", "rich.console", "pygments"} & set(eval(err))


@pytest.mark.parametrize("hidden", ["click", "rich"])
def test_without_the_extra_it_is_named(start, hidden):
    code = f"import sys; sys.modules[{hidden!r}] = None; from text2everything.cli import main; sys.exit(main())"
    process = start("--help", code=code)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert "pip install click rich" in err


def test_without_the_local_extra_the_demo_names_it(start):
    code = "import sys; sys.modules['sqlglot'] = None; from text2everything.cli import main; sys.exit(main())"
    process = start("demo", code=code)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert "pip install sqlglot" in err


def test_a_reader_who_has_seen_enough_is_no_error(start, client, service):
    made = client.executions.execute_query(service.demo.project_id, service.demo.connector_id, "SELECT 1")
    client.feedback.bulk_create(
        service.demo.project_id,
        [{"chat_message_id": made.chat_message_id, "feedback": "x" * 1000, "is_positive": True}] * 300,
    )
    process = start(*LIST, "--json", "--limit", 0)
    assert json.loads(process.stdout.readline())["id"]
    process.stdout.close()
    assert (process.wait(60), process.stderr.read()) == (1, "")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ServerError("down", 503), FAILURE, "down (HTTP 503)"),
        (ServerError("a\nb\x1b[31m c", 500), FAILURE, "a b\N{REPLACEMENT CHARACTER}[31m c (HTTP 500)"),
        (ValidationError("refused", 422), FAILURE, "refused (HTTP 422)"),
        (ValidationError("query must be a string"), USAGE, "query must be a string"),
        (InvalidConfigurationError("base_url is missing"), USAGE, "base_url is missing"),
        (BulkError("2 of 3 failed"), PARTIAL, "2 of 3 failed"),
        (FileNotFoundError(2, "No such file", "x.csv"), FAILURE, "x.csv: No such file"),
        (OSError("odd"), FAILURE, "odd"),
        (ImportError("needs x: pip install x"), FAILURE, "needs x: pip install x"),
        (ServerError("x" * 5000), FAILURE, "x" * 1000 + " ..."),
    ],
)
def test_errors_and_their_statuses(capsys, error, status, said):
    def fail():
        raise error

    assert exit_status(fail) == status
    assert capsys.readouterr() == ("", f"text2everything: {said}\n")


def test_a_bug_keeps_its_traceback():
    def fail():
        raise ModuleNotFoundError("no such module")

    with pytest.raises(ModuleNotFoundError):
        exit_status(fail)


def test_an_interrupt_is_told_from_an_answer_not_given(capsys):
    def interrupted():
        raise click.Abort from KeyboardInterrupt()

    def refused():
        raise click.Abort

    assert (exit_status(interrupted), exit_status(refused), exit_status(lambda: None)) == (INTERRUPTED, FAILURE, OK)
    assert capsys.readouterr().err == "text2everything: stopped\ntext2everything: aborted\n"


def test_a_closed_stdout_is_found_before_the_end():
    code = (
        "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1)\n"
        "from text2everything.cli._exit_status import exit_status; sys.exit(exit_status(lambda: print('x')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
