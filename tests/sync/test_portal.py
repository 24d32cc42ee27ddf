"""The portal within one process: results, errors, threads, interrupts and closing."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import signal
import sys
import threading
import time
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from text2everything.exceptions import ClientClosedError, Text2EverythingError
from text2everything.sync import _loop_thread as portal_module
from text2everything.sync import _portal as exits
from text2everything.sync._portal import Portal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    yield portal
    portal.close()


@pytest.fixture(params=["uvloop", "asyncio"])
def either_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "asyncio":
        monkeypatch.setitem(sys.modules, "text2everything.sync._uvloop", None)  # as if it were not installed


async def echo(value: object, *, pause: float = 0) -> object:
    await asyncio.sleep(pause)
    return value


async def thread_name() -> str:
    return threading.current_thread().name


class Slow:
    """A coroutine function that says when it started and how it ended."""

    def __init__(self, when_started: Callable[[], None] = lambda: None) -> None:
        self.when_started = when_started
        self.started = threading.Event()
        self.ended = threading.Event()
        self.how = ""

    async def __call__(self) -> None:
        self.started.set()
        self.when_started()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # taking leave of a service takes a moment
            self.how = "cancelled"
            raise
        finally:
            self.ended.set()


def test_a_call_returns_what_the_coroutine_returns(portal: Portal) -> None:
    assert portal.call(echo, 1) == 1
    assert portal.call(echo, "two", pause=0.001) == "two"


def test_all_calls_run_on_one_thread_which_is_not_the_callers(portal: Portal) -> None:
    assert portal.call(thread_name) == portal.call(thread_name) == "text2everything-portal"


def test_no_thread_before_the_first_call() -> None:
    before = threading.active_count()
    portal = Portal()
    assert threading.active_count() == before
    portal.call(echo, 1)
    assert threading.active_count() == before + 1
    portal.close()
    assert threading.active_count() == before


def test_the_caller_s_context_is_seen(portal: Portal) -> None:
    tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="nobody")

    async def who() -> str:
        tenant.set(tenant.get() + ", seen")
        return tenant.get()

    tenant.set("alice")
    assert portal.call(who) == "alice, seen"
    assert tenant.get() == "alice"


def portal_threads() -> int:
    return [thread.name for thread in threading.enumerate()].count("text2everything-portal")


def test_64_threads_share_one_loop(portal: Portal, either_loop: None) -> None:
    before = portal_threads()
    barrier = threading.Barrier(64)

    def work(number: int) -> list[object]:
        barrier.wait()
        return [portal.call(echo, (number, turn), pause=0.001) for turn in range(20)]

    with ThreadPoolExecutor(64) as pool:
        results = list(pool.map(work, range(64)))
    assert results == [[(number, turn) for turn in range(20)] for number in range(64)]
    assert portal_threads() == before + 1  # there are others where a client outlives its test


def test_calls_of_several_threads_overlap(portal: Portal) -> None:
    barrier = asyncio.Barrier(8)

    async def meet() -> int:
        return await barrier.wait()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(lambda _: portal.call(meet), range(8))) == list(range(8))


# --- where it is called from


async def test_works_inside_a_running_loop(portal: Portal) -> None:
    assert asyncio.get_running_loop() is not None  # as in Jupyter
    assert portal.call(echo, "from within") == "from within"


def test_refused_from_its_own_thread(portal: Portal) -> None:
    async def inner() -> object:
        return portal.call(echo, 1)

    with pytest.raises(RuntimeError, match="use AsyncText2EverythingClient in async code"):
        portal.call(inner)
    assert portal.call(echo, "still there") == "still there"


def test_closing_from_its_own_thread_is_refused(portal: Portal) -> None:
    async def inner() -> None:
        portal.close()

    with pytest.raises(RuntimeError, match="cannot be closed from its own event loop thread"):
        portal.call(inner)
    assert portal.call(echo, "still there") == "still there"


# --- errors


def fail_deep() -> None:
    raise LookupError("deep")


async def fail() -> None:
    await asyncio.sleep(0)
    fail_deep()


def test_the_traceback_shows_the_caller_and_the_core_and_no_machinery(portal: Portal, either_loop: None) -> None:
    with pytest.raises(LookupError, match="deep") as caught:
        portal.call(fail)
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    test = "test_the_traceback_shows_the_caller_and_the_core_and_no_machinery"
    assert frames == [test, "call", "fail", "fail_deep"]
    assert caught.value.__context__ is None
    hidden = caught.value.__traceback__
    assert hidden is not None
    assert hidden.tb_next is not None
    assert hidden.tb_next.tb_frame.f_locals["__tracebackhide__"] is True


def test_a_failed_call_leaves_no_cycle_behind(portal: Portal) -> None:
    class Marker:
        pass

    async def fail_with(marker: Marker) -> None:
        raise LookupError(marker)

    def run() -> weakref.ref[Marker]:
        marker = Marker()
        with suppress(LookupError):
            portal.call(fail_with, marker)
        return weakref.ref(marker)

    gc.disable()
    try:
        ref = run()
        portal.call(echo, 1)  # by now the loop has dropped its own references
        assert ref() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()])
def test_what_would_end_the_loop_ends_only_the_call(portal: Portal, either_loop: None, error: BaseException) -> None:
    async def leave() -> None:
        raise error

    thread = portal.call(threading_ident)
    with pytest.raises(type(error)) as caught:
        portal.call(leave)
    assert caught.value is error
    assert portal.call(threading_ident) == thread


async def threading_ident() -> int:
    return threading.get_ident()


def test_a_function_that_fails_before_its_coroutine_exists(portal: Portal) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'value'"):
        portal.call(echo)  # type: ignore[call-arg]


def test_a_thread_that_cannot_start_is_no_hang(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            portal.call(echo, 1)
    assert portal.call(echo, 1) == 1


# --- interrupts


class Interrupted(Exception):  # noqa: N818
    pass


@pytest.fixture
def interrupt() -> Iterator[Callable[[], None]]:
    """Raises Interrupted in the main thread when called in any, as Ctrl-C raises KeyboardInterrupt."""

    raised = threading.Event()

    def handler(*_: object) -> None:
        if not raised.is_set():
            raised.set()
            raise Interrupted

    def send() -> None:
        while not raised.wait(0.05):  # one that comes just before a thread waits for a lock does not wake it
            signal.pthread_kill(main, signal.SIGALRM)

    main = threading.main_thread().ident
    before = signal.signal(signal.SIGALRM, handler)
    sender = threading.Thread(target=send)
    yield sender.start
    raised.set()
    sender.join(60)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("either_loop")
def test_an_interrupted_wait_cancels_the_call_and_sees_it_out(
    portal: Portal, interrupt: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_module, "_CANCEL_GRACE", 60)
    slow = Slow(interrupt)
    with pytest.raises(Interrupted):
        portal.call(slow)
    assert slow.how == "cancelled"
    assert portal.call(echo, "next") == "next"


def test_an_interrupt_before_the_call_has_begun_keeps_it_from_beginning(
    portal: Portal, interrupt: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_module, "_CANCEL_GRACE", 60)
    began = threading.Event()
    release = threading.Event()

    async def block_the_loop() -> None:
        began.set()
        release.wait(60)

    slow = Slow()
    blocker = threading.Thread(target=portal.call, args=(block_the_loop,))
    blocker.start()
    assert began.wait(60)
    loop = portal._loop
    assert loop is not None
    signal_loop = loop._signal

    def interrupt_once_it_is_submitted() -> None:
        while not loop._arrived:
            time.sleep(0.001)
        interrupt()

    def cancel_and_release(*args: Any) -> bool:
        try:
            return signal_loop(*args)
        finally:
            release.set()

    monkeypatch.setattr(loop, "_signal", cancel_and_release)
    threading.Thread(target=interrupt_once_it_is_submitted).start()
    with pytest.raises(Interrupted):
        portal.call(slow)
    blocker.join(60)
    assert portal.call(echo, "next") == "next"
    assert not slow.started.is_set()


def test_a_call_that_ignores_its_cancelling_does_not_hold_the_interrupt(
    portal: Portal, interrupt: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_module, "_CANCEL_GRACE", 0.05)
    ended = threading.Event()
    over = threading.Event()

    async def stubborn() -> None:
        interrupt()
        while not ended.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
        over.set()

    with pytest.raises(Interrupted):
        portal.call(stubborn)
    assert not over.is_set()
    ended.set()
    assert over.wait(60)


# --- closing


def in_thread(portal: Portal, slow: Slow) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            portal.call(slow)
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert slow.started.wait(60)
    return thread, errors


def test_after_closing_every_call_says_so(either_loop: None) -> None:
    portal = Portal()
    assert portal.call(echo, 1) == 1
    assert not portal.closed
    portal.close()
    portal.close()
    assert portal.closed
    for _ in range(2):
        with pytest.raises(ClientClosedError, match=r"^the client is closed$"):
            portal.call(echo, 1)


def test_closed_before_the_first_call() -> None:
    portal = Portal()
    portal.close()
    portal.close()
    with pytest.raises(ClientClosedError, match=r"^the client is closed$"):
        portal.call(echo, 1)


def test_closing_ends_what_is_under_way(either_loop: None) -> None:
    portal = Portal()
    slow = Slow()
    thread, errors = in_thread(portal, slow)
    portal.close()
    thread.join(60)
    assert slow.how == "cancelled"
    assert [(type(error), str(error)) for error in errors] == [(ClientClosedError, "the client is closed")]
    assert isinstance(errors[0], Text2EverythingError)


def test_what_a_closed_call_makes_of_its_cancelling_is_still_the_one_error() -> None:
    started = threading.Event()

    async def converts() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise OSError("connection lost") from None

    portal = Portal()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(portal.call, converts)
        assert started.wait(60)
        portal.close()
        with pytest.raises(ClientClosedError):
            future.result(60)


def test_closing_may_wait_for_what_is_under_way() -> None:
    portal = Portal()
    started, ended = threading.Event(), threading.Event()

    async def finish() -> str:
        started.set()
        while not ended.is_set():  # noqa: ASYNC110  # set by another thread
            await asyncio.sleep(0.005)
        return "finished"

    with ThreadPoolExecutor(2) as pool:
        future = pool.submit(portal.call, finish)
        assert started.wait(60)
        closing = pool.submit(portal.close, wait=True)
        while not portal.closed:
            time.sleep(0.001)
        assert not wait([future, closing], timeout=0.05).done
        ended.set()
        closing.result(60)
        assert future.result(60) == "finished"


def test_a_call_that_ignores_its_cancelling_does_not_hold_the_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_module, "_CANCEL_GRACE", 0.05)
    started = threading.Event()
    ended = threading.Event()

    async def stubborn() -> str:
        started.set()
        while not ended.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
        return "done after all"

    async def shutdown() -> None:
        ended.set()  # so that the test leaves no task behind
        await asyncio.sleep(0.1)

    portal = Portal(shutdown)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(portal.call, stubborn)
        assert started.wait(60)
        portal.close()
        assert future.result(60) == "done after all"


def test_shutdown_runs_once_on_the_loop_when_no_call_is_left() -> None:
    seen: list[object] = []

    async def shutdown() -> None:
        seen.append((threading.current_thread().name, slow.how))

    portal = Portal(shutdown)
    slow = Slow()
    thread, _ = in_thread(portal, slow)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: portal.close(), range(4)))
    thread.join(60)
    assert seen == [("text2everything-portal", "cancelled")]


def test_shutdown_runs_even_if_nothing_was_called() -> None:
    seen = []

    async def shutdown() -> None:
        seen.append(1)

    Portal(shutdown).close()
    assert seen == [1]


def test_close_raises_what_shutdown_raises() -> None:
    async def shutdown() -> None:
        raise OSError("will not close")

    portal = Portal(shutdown)
    portal.call(echo, 1)
    with pytest.raises(OSError, match="will not close"):
        portal.close()
    portal.close()
    with pytest.raises(ClientClosedError):
        portal.call(echo, 1)


def test_tasks_left_behind_by_calls_are_cancelled_at_the_end() -> None:
    slow = Slow()
    tasks = []

    async def leave_behind() -> None:
        tasks.append(asyncio.ensure_future(slow()))

    portal = Portal()
    portal.call(leave_behind)
    assert slow.started.wait(60)
    portal.close()
    assert slow.how == "cancelled"


def test_calls_racing_close_complete_or_say_that_the_client_is_closed(either_loop: None) -> None:
    outcomes: list[str] = []
    for turn in range(30):
        portal = Portal()
        barrier = threading.Barrier(9)

        def work(portal: Portal = portal, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            for number in range(50):
                try:
                    outcomes.append("right" if portal.call(echo, number) == number else "wrong")
                except BaseException as error:  # noqa: BLE001
                    outcomes.append(f"{type(error).__name__}: {error}")

        threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
        for thread in threads:
            thread.start()
        if turn % 2:
            portal.call(echo, 0)
        barrier.wait()
        portal.close()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
    assert len(outcomes) == 30 * 8 * 50
    assert set(outcomes) <= {"right", "ClientClosedError: the client is closed"}
    assert "ClientClosedError: the client is closed" in outcomes


def test_a_call_that_comes_as_the_loop_stops_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_module, "_CANCEL_GRACE", 60)
    portal = Portal()
    portal.call(echo, 1)
    loop = portal._loop
    assert loop is not None
    monkeypatch.setattr(loop, "_shut", True)
    monkeypatch.setattr(loop, "_signal", lambda *_: True)  # taken by a loop that does not run any more
    began = time.monotonic()
    with pytest.raises(ClientClosedError):
        portal.call(echo, 2)
    assert time.monotonic() - began < 30
    monkeypatch.undo()
    portal.close()


def test_a_portal_dropped_unclosed_lets_its_thread_go() -> None:
    shut = threading.Event()

    async def shutdown() -> None:
        shut.set()

    portal = Portal(shutdown)
    portal.call(echo, 1)
    assert portal._loop is not None
    loop = portal._loop
    del portal
    assert loop.join(60)
    assert shut.is_set()


def test_the_exit_waits_for_closing_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = threading.Event()
    quick_shut = threading.Event()

    async def hang() -> None:
        await asyncio.to_thread(leave.wait, 60)

    async def shut() -> None:
        quick_shut.set()

    quick, stuck = Portal(shut), Portal(hang)
    quick.call(echo, 1)
    stuck.call(echo, 1)
    loops = quick._loop, stuck._loop
    assert loops[0] is not None
    assert loops[1] is not None
    monkeypatch.setattr(exits, "_EXIT_GRACE", 1)
    monkeypatch.setattr(exits, "_exiting", False)  # what it is set to is taken back after the test
    exits._close_all_at_exit()
    assert quick_shut.is_set()
    assert loops[0].join(0)
    assert not loops[1].join(0)
    leave.set()
    assert loops[1].join(60)
    # `atexit` functions that are called later may still call.
    assert quick.call(echo, 1) == 1
    assert quick.call(threading_ident) == threading.get_ident()
    quick.close()
    with pytest.raises(ClientClosedError):
        quick.call(echo, 1)
