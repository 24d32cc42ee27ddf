"""Deadlines on one timer: each ends its own call, and no other."""

from __future__ import annotations

import asyncio
import time

import pytest

from text2everything._transport.deadlines import Deadlines


async def outcome(deadlines: Deadlines, seconds: float, work: float) -> str:
    loop = asyncio.get_running_loop()
    try:
        with deadlines.at(loop.time() + seconds) as deadline:
            await asyncio.sleep(work)
    except TimeoutError:
        assert deadline.expired()
        return "timed out"
    assert not deadline.expired()
    return "done"


async def test_each_call_has_its_own_deadline() -> None:
    deadlines = Deadlines(asyncio.get_running_loop())
    began = time.monotonic()
    found = await asyncio.gather(
        outcome(deadlines, 60, 0.05),
        outcome(deadlines, 0.4, 60),
        outcome(deadlines, 0.6, 60),
        outcome(deadlines, 0.3, 0),
        outcome(deadlines, -1, 60),
    )
    assert found == ["done", "timed out", "timed out", "done", "timed out"]
    assert time.monotonic() - began >= 0.6
    assert len(deadlines) == 0


async def test_a_later_and_longer_call_costs_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    made = []
    call_at = loop.call_at
    monkeypatch.setattr(loop, "call_at", lambda when, *args, **kw: made.append(when) or call_at(when, *args, **kw))
    deadlines = Deadlines(loop)
    for _ in range(100):
        with deadlines.at(loop.time() + 60):
            await asyncio.sleep(0)
    assert len(made) == 1


async def test_a_timer_that_outlived_its_call_serves_the_next() -> None:
    deadlines = Deadlines(asyncio.get_running_loop())
    assert await outcome(deadlines, 0.3, 0) == "done"
    assert await outcome(deadlines, 0.4, 60) == "timed out"


async def test_rescheduling() -> None:
    loop = asyncio.get_running_loop()
    deadlines = Deadlines(loop)
    with deadlines.at(loop.time() + 0.01) as deadline:
        deadline.reschedule(None)
        assert deadline.when() is None
        await asyncio.sleep(0.03)
        deadline.reschedule(loop.time() + 60)
        await asyncio.sleep(0.03)
    later = deadlines.at(loop.time() + 60)
    later.reschedule(loop.time())
    with pytest.raises(TimeoutError), later:
        await asyncio.sleep(60)


async def test_cancelling_from_outside_stays_a_cancellation() -> None:
    deadlines = Deadlines(asyncio.get_running_loop())
    task = asyncio.create_task(outcome(deadlines, 60, 60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(deadlines) == 0


async def test_cancelling_at_the_same_moment_wins() -> None:
    deadlines = Deadlines(asyncio.get_running_loop())
    task = asyncio.create_task(outcome(deadlines, 60, 60))
    await asyncio.sleep(0)
    for deadline in deadlines:
        deadline.expire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nested_deadlines_end_where_they_belong() -> None:
    loop = asyncio.get_running_loop()
    deadlines = Deadlines(loop)
    with deadlines.at(loop.time() + 60):
        with pytest.raises(TimeoutError), deadlines.at(loop.time() + 0.01):
            await asyncio.sleep(60)
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        with pytest.raises(TimeoutError), deadlines.at(loop.time() + 0.01):
            await asyncio.sleep(60)


async def test_an_error_of_the_work_is_passed_on() -> None:
    loop = asyncio.get_running_loop()
    deadlines = Deadlines(loop)
    with pytest.raises(KeyError), deadlines.at(loop.time() + 60):
        raise KeyError
    assert len(deadlines) == 0


async def test_outside_any_task_it_says_so() -> None:
    loop = asyncio.get_running_loop()
    said = loop.create_future()

    def begin() -> None:
        try:
            Deadlines(loop).at(0)
        except RuntimeError as error:
            said.set_result(str(error))

    loop.call_soon(begin)
    assert "task" in await said
