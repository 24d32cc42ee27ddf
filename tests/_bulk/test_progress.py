"""How a long call is going: told at a bounded rate, drawn on terminals only, and never in the way."""

from __future__ import annotations

import io
import logging
import sys
import types
from typing import Any, ClassVar

import pytest
from bulk_service import FeedbackService, ratings, refusing
from extras import needs

from text2everything import ValidationError
from text2everything._bulk.progress import INTERVAL, Progress, Reporter


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error a terminal: from within the test, as pytest sets it anew after the fixtures."""
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setenv("TERM", "xterm")
    return found


def test_a_callable_is_told_at_a_bounded_rate_and_at_the_end():
    told: list[Progress] = []
    clock = Clock()
    with Reporter(told.append, 1000, clock=clock) as reporter:
        for index in range(1000):
            clock.now = index * INTERVAL / 100
            reporter.add(1, index % 2)
    assert 9 <= len(told) <= 11
    assert told[-1] == Progress(done=1000, failed=500, total=1000, elapsed=pytest.approx(0.999))
    assert [each.done for each in told] == sorted(each.done for each in told)
    reporter.close()
    assert len(told) <= 11


def test_nothing_and_false_show_nothing():
    for show in (None, False):
        with Reporter(show) as reporter:
            reporter.add(5)
        assert reporter.done == 5
    with pytest.raises(ValidationError, match="progress must be a callable or True, got str"):
        Reporter("bar")  # type: ignore[arg-type]


def test_a_callable_that_fails_is_given_up_and_logged(caplog):
    told = []

    def failing(progress: Progress) -> None:
        told.append(progress)
        raise ZeroDivisionError

    clock = Clock()
    with Reporter(failing, clock=clock) as reporter:
        for _ in range(10):
            clock.now += 1
            reporter.add()
    assert len(told) == 1
    assert reporter.done == 10
    assert "showing progress failed, and is given up" in caplog.text


def drawn() -> None:
    clock = Clock()
    with Reporter(True, 200, label="feedback", clock=clock) as reporter:
        for _ in range(200):
            clock.now += 0.05
            reporter.add(1, reporter.done % 2)


@needs("cli")
def test_a_bar_of_rich(monkeypatch):
    terminal = on_terminal(monkeypatch)
    drawn()
    assert "feedback" in terminal.getvalue()
    assert "200/200" in terminal.getvalue()
    assert "100 failed" in terminal.getvalue()


class Tqdm:
    """As much of tqdm as is used."""

    made: ClassVar[list[Tqdm]] = []

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.n = 0
        self.closed = False
        self.failed: int | None = None
        self.made.append(self)

    def set_postfix(self, *, failed: int, refresh: bool) -> None:
        assert not refresh
        self.failed = failed

    def update(self, count: int) -> None:
        self.n += count

    def refresh(self) -> None:
        assert not self.closed

    def close(self) -> None:
        self.closed = True


def test_a_bar_of_tqdm_where_rich_is_missing(monkeypatch):
    on_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Tqdm))
    monkeypatch.setattr(Tqdm, "made", [])
    drawn()
    (bar,) = Tqdm.made
    assert (bar.n, bar.closed, bar.failed, bar.options["total"]) == (200, True, 100, 200)


def test_without_either_a_bar_is_refused_at_once(monkeypatch):
    on_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r"progress=True needs rich or tqdm: pip install rich$"):
        Reporter(True)


@pytest.mark.parametrize("stderr", [io.StringIO(), None])
def test_no_bar_without_a_terminal(monkeypatch, stderr):
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setitem(sys.modules, "rich", None)
    drawn()
    assert stderr is None or stderr.getvalue() == ""


def test_a_bar_that_cannot_be_taken_away_is_logged(monkeypatch, caplog):
    on_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Tqdm))

    def failing(_: Tqdm) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Tqdm, "close", failing)
    drawn()
    assert "taking the progress bar away failed" in caplog.text


async def test_bulk_calls_tell():
    told: list[Progress] = []
    service = FeedbackService(refusing(404, 3))
    async with service.client() as client:
        await client.feedback.bulk_create("p", ratings(50), on_error="collect", progress=told.append)
        assert (told[-1].done, told[-1].failed, told[-1].total) == (50, 1, 50)
        await client.feedback.bulk_create("p", iter(ratings(5)), on_error="collect", progress=told.append)
        assert (told[-1].done, told[-1].total) == (5, None)
        stream = client.feedback.bulk_create_stream("p", ratings(5), progress=told.append)
        assert len([outcome async for outcome in stream]) == 5
        assert told[-1].done == 5


class Failing(Terminal):
    """A terminal that fails after some writes, such as one that was closed."""

    def __init__(self, writes: int) -> None:
        super().__init__()
        self.writes = writes

    def write(self, text: str) -> int:
        self.writes -= 1
        if self.writes < 0:
            raise ValueError("I/O operation on closed file")
        return super().write(text)


@needs("cli")
@pytest.mark.parametrize("writes", [0, 1, 2, 3, 5, 20])
async def test_a_bar_that_fails_gives_the_streams_back(monkeypatch, writes):
    monkeypatch.setattr("text2everything._bulk.progress.INTERVAL", 0.0)
    # Without handlers, what is logged goes to the standard error that has failed.
    monkeypatch.setattr(logging.getLogger("text2everything"), "propagate", False)
    stdout, stderr = sys.stdout, Failing(writes)
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    async with FeedbackService().client() as client:
        result = await client.feedback.bulk_create("p", ratings(20), progress=True)
    assert result.ok
    assert sys.stdout is stdout
    assert sys.stderr is stderr
    assert stderr.writes < 0


@needs("cli")
async def test_a_bar_that_is_interrupted_gives_the_streams_back(monkeypatch):
    terminal = on_terminal(monkeypatch)
    stdout = sys.stdout
    clock = Clock()
    with Reporter(True, clock=clock) as reporter:
        clock.now = 1
        reporter.add()
        assert sys.stderr is not terminal
        monkeypatch.setattr("rich.progress.Progress.update", interrupt)
        clock.now = 2
        with pytest.raises(KeyboardInterrupt):
            reporter.add()
    assert (sys.stdout, sys.stderr) == (stdout, terminal)


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_bar_that_cannot_be_made_is_given_up(monkeypatch, caplog):
    on_terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=lambda **_: 1 / 0))
    drawn()
    assert "showing progress failed, and is given up" in caplog.text


@needs("cli")
async def test_a_bar_that_fails_does_not_break_the_call(monkeypatch, caplog):
    terminal = on_terminal(monkeypatch)
    monkeypatch.setattr(terminal, "write", lambda _: 1 / 0)
    monkeypatch.setattr("text2everything._bulk.progress.INTERVAL", 0.0)
    async with FeedbackService().client() as client:
        result = await client.feedback.bulk_create("p", ratings(20), progress=True)
    assert result.ok
    assert "is given up" in caplog.text
