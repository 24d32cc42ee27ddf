"""A model's service that is down, slow, busy or not one at all: the rules answer, and the key never shows."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import pytest
from extras import skip_without

skip_without("llm")

from text2everything.local import ModelEngine
from text2everything.testing import ChatCompletionsStub, StubReply

from .model_service import KEY, SQL, Asking

BY_RULES = "SELECT COUNT(*) AS customer_count FROM customers"


def completion(**changes: Any) -> StubReply:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": SQL}} | changes
    return StubReply({"id": "1", "choices": [choice]})


def said(content: Any, **more: Any) -> StubReply:
    return completion(message={"role": "assistant", "content": content, **more})


FAILURES = {
    "401": (401, "it does not accept the API key (HTTP status 401)"),
    "403": (403, "it does not accept the API key|the API key may not use it (HTTP status 403)"),
    "404": (404, "it knows no such model or path (HTTP status 404)"),
    "418": (418, "it refused the request (HTTP status 418)"),
    "429": (429, "it has too many requests, or the account is used up (HTTP status 429)"),
    "500": (500, "it failed (HTTP status 500)"),
    "code": (
        StubReply({"error": {"message": KEY, "code": "context_length_exceeded"}}, 400),
        "it does not take the request (HTTP status 400, context_length_exceeded)",
    ),
    "odd code": (StubReply({"error": {"message": KEY, "code": KEY}}, 400), "(HTTP status 400)"),
    "key repeated": (StubReply(KEY.encode(), 500, {"Retry-After": "0"}), "it failed"),
    "refusal": (said(None, refusal="I will not."), "it refused to answer"),
    "filtered": (completion(finish_reason="content_filter"), "it refused to answer"),
    "cut": (completion(finish_reason="length"), "cut off"),
    "empty": (said(""), "its reply is empty"),
    "none": (said(None), "its reply is empty"),
    "number": (said(7), "its reply is empty"),
    "tool calls": (said(None, tool_calls=[{"id": "1"}]), "its reply is empty"),
    "no choices": (StubReply({"choices": []}), "no chat completion"),
    "null choices": (StubReply({"choices": None}), "no chat completion"),
    "odd choices": (StubReply({"choices": ["SELECT 1"]}), "no chat completion"),
    "no message": (StubReply({"choices": [{}]}), "no chat completion"),
    "list": (StubReply(b"[1, 2]"), "no chat completion"),
    "html": (StubReply(b"<html>Welcome!</html>", headers={"Content-Type": "text/html"}), "no chat completion"),
    "nothing": (StubReply(b""), "no chat completion"),
    "nested": (StubReply(b"[" * 100_000), "no chat completion"),
    "not utf-8": (StubReply(b'{"choices": "\xff\xfe"}'), "no chat completion"),
    "oversized": (StubReply(b" " * (2 * 2**20 + 1)), "longer than 2,097,152 bytes"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_the_rules_answer_when_the_model_fails(asked: Asking, case: str, caplog: pytest.LogCaptureFixture) -> None:
    reply, reason = FAILURES[case]
    caplog.set_level(logging.DEBUG)
    with asked(reply) as service:
        got = service.ask("How many customers are there?")
        assert got.sql_query == BY_RULES
        assert got.explanation is not None
        assert any(each in got.explanation for each in reason.split("|")), got.explanation
        assert len(service.requests) == (3 if case in {"429", "500", "key repeated"} else 1)
        assert KEY not in got.explanation
    assert KEY not in caplog.text


def test_content_in_parts_is_read(asked: Asking) -> None:
    with asked(said([{"type": "text", "text": SQL}])) as service:
        assert service.ask().sql_query == SQL


def test_a_busy_model_is_asked_again(asked: Asking) -> None:
    with asked(429, 503, SQL) as service:
        assert service.ask().sql_query == SQL


@pytest.mark.parametrize("header", ["3600", "inf"])
def test_nobody_waits_for_a_model_that_is_busy_for_long(asked: Asking, header: str) -> None:
    began = time.monotonic()
    with asked(StubReply({}, 429, {"Retry-After": header}), timeout=30) as service:
        assert service.ask("How many customers are there?").sql_query == BY_RULES
        assert len(service.requests) == 1
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("header", ["soon", "nan", "-5", ""])
def test_an_odd_time_to_wait_is_survived(asked: Asking, header: str) -> None:
    with asked(StubReply({}, 429, {"Retry-After": header}), SQL) as service:
        assert service.ask().sql_query == SQL


def test_a_slow_model_is_given_up(asked: Asking) -> None:
    with asked(StubReply({}, delay=60), timeout=0.3) as service:
        began = time.monotonic()
        got = service.ask("How many customers are there?")
        assert time.monotonic() - began < 20
        assert got.sql_query == BY_RULES
        assert "it did not answer in time" in got.explanation


def test_a_model_that_is_not_there_leaves_the_rules(asked: Asking, unused_port: int) -> None:
    with asked(SQL, base_url=f"http://127.0.0.1:{unused_port}/v1", timeout=0.4) as service:
        got = service.ask("How many customers are there?")
        assert got.sql_query == BY_RULES
        assert "it cannot be reached" in got.explanation


def test_a_model_on_which_every_byte_takes_long_is_given_up(asked: Asking, dripping: str) -> None:
    with asked(SQL, base_url=dripping, timeout=0.5) as service:
        began = time.monotonic()
        got = service.ask("How many customers are there?")
        assert time.monotonic() - began < 20
        assert "it did not answer in time" in got.explanation


def test_other_requests_are_answered_while_the_model_thinks(asked: Asking) -> None:
    thought = threading.Event()

    def think(_: object) -> str:
        thought.wait(60)
        return SQL

    with asked(think) as service:
        question = threading.Thread(target=service.ask)
        question.start()
        while not service.requests:
            time.sleep(0.01)
        assert service.client.projects.list()
        assert question.is_alive()
        thought.set()
        question.join()


def test_the_key_is_not_in_the_repr() -> None:
    engine = ModelEngine("m", base_url="http://localhost/v1", api_key=KEY)
    assert repr(engine) == "<ModelEngine 'm' at http://localhost/v1>"
    assert KEY not in repr(vars(engine))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": ""}, "model must be"),
        ({"model": None}, "model must be"),
        ({"timeout": 0}, "timeout must be"),
        ({"timeout": float("nan")}, "timeout must be"),
        ({"timeout": True}, "timeout must be"),
        ({"max_prompt_chars": 10}, "max_prompt_chars must be"),
        ({"base_url": "localhost:11434"}, "base_url must be"),
        ({"base_url": 7}, "base_url must be"),
        ({"base_url": f"http://me:{KEY}@localhost/v1"}, "base_url must have no user"),
        ({"base_url": f"http://localhost/v1?key={KEY}"}, "base_url must have no user"),
        ({"api_key": f"{KEY}\n"}, "api_key must be"),
        ({"api_key": f"{KEY}é"}, "api_key must be"),
        ({"api_key": 7}, "api_key must be"),
        ({"base_url": None}, "api_key must be given"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("T2E_LLM_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match=f"^{message}") as error:
        ModelEngine(**{"model": "m", "base_url": "http://localhost/v1", **arguments})
    assert KEY not in str(error.value)


def test_a_key_that_cannot_be_one_is_named_after_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T2E_LLM_API_KEY", f"{KEY}\n")
    with pytest.raises(ValueError, match=r"^T2E_LLM_API_KEY must be printable ASCII without spaces$"):
        ModelEngine("m", base_url="http://localhost/v1")


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({"T2E_LLM_API_KEY": "ours", "OPENAI_API_KEY": "theirs"}, "Bearer ours"),
        ({"OPENAI_API_KEY": "theirs"}, "Bearer theirs"),
        ({}, "Bearer none"),
    ],
)
def test_key_and_url_come_from_the_environment(
    asked: Asking, variables: dict[str, str], sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatCompletionsStub([SQL]) as stub:
        for name in ("T2E_LLM_API_KEY", "OPENAI_API_KEY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base_url)
        with asked(SQL, base_url=None, api_key=None) as service:
            assert service.ask().sql_query == SQL
        assert [headers["authorization"] for headers in stub.headers] == [sent]
