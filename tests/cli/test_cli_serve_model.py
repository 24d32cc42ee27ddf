"""`text2everything serve` with a language model."""

from __future__ import annotations

import json
import signal
import sys

import pytest
from extras import needs

from text2everything import Text2EverythingClient
from text2everything.testing import ChatCompletionsStub

KEY = "sk-a-key-that-never-shows"
SQL = "SELECT DISTINCT city FROM customers"


@pytest.mark.slow
@needs("llm")
@pytest.mark.parametrize("as_json", [True, False])
def test_a_model_answers_the_questions_of_the_service(start, as_json: bool) -> None:
    with ChatCompletionsStub([SQL]) as stub:
        options = [
            "--demo",
            "--port",
            0,
            "--llm-model",
            "some-model",
            "--llm-url",
            stub.base_url,
            "--llm-timeout",
            30,
        ]
        process = start("serve", *options, *(["--json"] if as_json else []), env={"T2E_LLM_API_KEY": KEY})
        if as_json:
            settings = json.loads(process.stdout.readline())
            names = ("base_url", "access_token", "workspace_name")
            with Text2EverythingClient(**{name: settings[name] for name in names}) as client:
                question = "Which towns fascinate our auditors?"
                got = client.chat.chat_to_sql(settings["project_id"], settings["chat_session_id"], question)
            assert got.sql_query == SQL
            assert stub.headers[0]["authorization"] == f"Bearer {KEY}"
            assert stub.requests[0]["model"] == "some-model"
        else:
            lines = iter(process.stdout.readline, "Stop with Ctrl-C.\n")
            assert "  model       some-model\n" in list(lines)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert KEY not in out


@pytest.mark.parametrize("option", ["--llm-url=http://localhost/v1", "--llm-timeout=3"])
def test_options_of_the_model_need_a_model(run, option: str) -> None:
    result = run("serve", option)
    assert result.exit_code == 2
    assert f"{option.partition('=')[0]} needs --llm-model" in result.stderr


@needs("llm")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "give --llm-url, or set T2E_LLM_API_KEY or OPENAI_API_KEY for OpenAI"),
        (["--llm-url", "localhost:11434"], "--llm-url must be an http or https URL"),
        (["--llm-url", f"http://me:{KEY}@localhost"], "--llm-url must have no user, password"),
    ],
)
def test_what_is_wrong_is_said_in_the_names_of_options(run, options: list[str], message: str) -> None:
    missing = dict.fromkeys(("OPENAI_API_KEY", "OPENAI_BASE_URL"))
    result = run("serve", "--port", 0, "--llm-model", "m", *options, **missing)
    assert result.exit_code == 2
    assert message in result.stderr
    assert KEY not in result.stderr


def test_without_the_package_it_says_what_to_install(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    result = run("serve", "--port", 0, "--llm-model", "m", "--llm-url", "http://localhost/v1")
    assert result.exit_code == 1
    assert "pip install openai" in result.stderr
