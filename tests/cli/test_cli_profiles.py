"""Profiles: settings kept under a name, whose token nobody else can read, sees, or is sent."""

from __future__ import annotations

import json
import stat

import pytest
from extras import skip_without

skip_without("cli")
pytest.importorskip("platformdirs")

from text2everything.cli._profiles import profiles_path

SECRET = "secret-token-0123456789"
NO_SERVICE = dict.fromkeys(
    ("TEXT2EVERYTHING_BASE_URL", "T2E_ACCESS_TOKEN", "T2E_WORKSPACE_NAME", "T2E_PROJECT_ID", "T2E_CONNECTOR_ID")
)
LIST = ("feedback", "list")


@pytest.fixture(autouse=True)
def _own_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def work(run, service):
    """A profile of the demo."""
    options = {
        "--base-url": service.base_url,
        "--workspace": service.workspace_name,
        "--access-token-file": "-",
        "--project": service.demo.project_id,
        "--connector": service.demo.connector_id,
    }
    result = run("profiles", "add", "work", *sum(options.items(), ()), input=f"{service.access_token}\n")
    assert (result.exit_code, result.stdout) == (0, f"work added to {profiles_path()}\n")
    return "work"


def test_a_profile_is_all_that_a_command_needs(run, work):
    assert run("--profile", work, *LIST, **NO_SERVICE).exit_code == 0
    assert run(*LIST, **NO_SERVICE, T2E_PROFILE=work).exit_code == 0
    assert run("--profile", work, "ask", "How many customers are active?", **NO_SERVICE).exit_code == 0
    assert run(*LIST, **NO_SERVICE).exit_code == 2


def test_only_its_owner_can_read_the_file(run, work, service):
    path = profiles_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    run("profiles", "add", "other", "--base-url", "https://t2e.example.com")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert service.access_token in path.read_text()


def test_the_token_is_never_printed(run, work, service):
    plain, as_json = run("profiles", "list"), run("profiles", "list", "--json")
    for result in (plain, as_json):
        assert result.exit_code == 0
        assert service.access_token not in result.output
    assert plain.stdout.splitlines()[2].split() == [
        *(work, service.base_url, service.workspace_name, "yes", service.demo.project_id)
    ]
    assert json.loads(as_json.stdout)["access_token"] is True
    wrong = run("profiles", "add", "x", "--base-url", "http://x", "--access-token-file", "-", input=f"a {SECRET}")
    assert (wrong.exit_code, SECRET in wrong.output) == (2, False)


def test_the_environment_wins_over_a_profile_and_options_over_both(run, work, service):
    other = {**NO_SERVICE, "T2E_PROJECT_ID": "nope"}
    assert "Project nope not found" in run("--profile", work, *LIST, **other).stderr
    right = run("--profile", work, *LIST, "--project", service.demo.project_id, **other)
    assert right.exit_code == 0
    wrong = run("--profile", work, *LIST, **{**NO_SERVICE, "T2E_ACCESS_TOKEN": SECRET})
    assert "HTTP 401" in wrong.stderr


def test_a_token_is_for_the_service_of_its_profile_only(run, work, service):
    elsewhere = "http://127.0.0.1:9"
    for arguments, variables in (
        ((), {"TEXT2EVERYTHING_BASE_URL": elsewhere}),
        (("--base-url", elsewhere), {}),
    ):
        result = run("--profile", work, *LIST, *arguments, **{**NO_SERVICE, **variables})
        assert result.exit_code == 2
        assert "access_token is missing" in result.stderr
        assert service.access_token not in result.output


def test_a_profile_can_be_replaced_and_removed(run, work):
    run("profiles", "add", work, "--base-url", "https://t2e.example.com/api")
    replaced = json.loads(run("profiles", "list", "--json").stdout)
    assert (replaced["access_token"], replaced["project_id"]) == (False, None)
    assert run("profiles", "remove", work).stdout == "work removed\n"
    assert run("profiles", "list").stderr == "no profiles\n"
    assert "there is no profile work" in run("profiles", "remove", work).stderr


@pytest.mark.parametrize("variables", [{}, {"T2E_PROFILE": "nope"}])
def test_an_unknown_profile_is_an_error(run, work, variables):
    arguments = () if variables else ("--profile", "nope")
    result = run(*arguments, *LIST, **variables)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no profile nope; there are work" in result.stderr


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', f'{{"a": {{"nope": "{SECRET}"}}}}', ""])
def test_a_damaged_file_is_an_error_that_shows_nothing_of_it(run, work, text):
    profiles_path().write_text(text)
    result = run("--profile", work, *LIST, **NO_SERVICE)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is damaged" in result.stderr
    assert SECRET not in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["x", "--base-url", "ftp://x"], "base_url"),
        (["x", "--base-url", f"http://me:{SECRET}@x"], "base_url must not hold"),
        (["x", "--base-url", "http://x", "--workspace", "dev"], "workspace_name"),
        (["", "--base-url", "http://x"], "NAME must not be blank"),
        (["x"], "--base-url"),
    ],
)
def test_wrong_settings_are_not_kept(run, options, said):
    result = run("profiles", "add", *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert SECRET not in result.stderr
    assert not profiles_path().exists()
