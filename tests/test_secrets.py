"""Secrets appear nowhere: not in logs, reprs, errors, or tracebacks with local variables."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from extras import missing, needs

from text2everything import _codec as codec
from text2everything._secret import Secret, secret, without_frames

SCRIPT = Path(__file__).parent / "scripts" / "indiscreet.py"
MARK = "XYZZY"


@pytest.mark.slow
@needs("cli")
@pytest.mark.parametrize("part", ["calls", "blocking calls", "settings", "connectors", "databases", "proxies"])
def test_nothing_that_a_failing_run_prints_holds_a_secret(part: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", SCRIPT, part],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "─ done ─" in done.stdout
    assert "─ locals ─" in done.stdout
    assert [line for line in done.stdout.splitlines() if MARK in line] == []


def test_a_secret_works_like_its_text() -> None:
    hidden = Secret("the text")
    assert hidden == "the text"
    assert f"{hidden}" == str(hidden) == "the text"
    assert type(str(hidden)) is str
    assert {"the text": 1}[hidden] == 1
    assert codec.encode({"a": hidden}) == b'{"a":"the text"}'


def test_a_secret_is_not_shown() -> None:
    hidden = Secret("the text" * 100)
    shown = [
        repr(hidden),
        repr([hidden]),
        f"{hidden!r}",
        repr(hidden[:3]),
        repr(hidden[0]),
    ]
    if not missing("cli"):
        from rich.pretty import pretty_repr

        shown.append(pretty_repr({"a": hidden}, max_string=20))
    for text in shown:
        assert "the" not in text
        assert "***" in text
    for again in (copy.copy(hidden), copy.deepcopy(hidden), pickle.loads(pickle.dumps(hidden))):
        assert again == hidden
        assert type(again) is Secret


def test_only_text_is_hidden() -> None:
    assert type(secret("a")) is Secret
    assert secret(None) is None
    assert secret(len) is len


def test_an_error_without_frames_keeps_its_causes() -> None:
    def fail() -> None:
        try:
            Path("/nowhere").read_text(encoding="utf-8")
        except OSError as error:
            raise ValueError("the error") from error

    with pytest.raises(ValueError, match="the error") as caught:
        fail()
    error = without_frames(caught.value)
    assert error is caught.value
    assert error.__traceback__ is None
    assert isinstance(error.__cause__, FileNotFoundError)
    assert error.__cause__.__traceback__ is None
    error.__cause__.__cause__ = error
    without_frames(error)
