"""Slots: taken at once where free, else in turn, and none is ever lost."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything._transport.semaphore import Slots


async def waiting(slots: Slots, order: list[int], number: int) -> None:
    await slots.wait()
    order.append(number)


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_free_slots_are_taken_at_once() -> None:
    slots = Slots(2)
    assert [slots.take(), slots.take(), slots.take()] == [True, True, False]
    slots.release()
    assert (slots.free, slots.take()) == (1, True)


async def test_who_waits_gets_one_in_turn_and_is_not_overtaken() -> None:
    slots, order = Slots(1), list[int]()
    assert slots.take()
    tasks = [asyncio.create_task(waiting(slots, order, number)) for number in range(3)]
    await turns()
    for expected in ([0], [0, 1], [0, 1, 2]):
        slots.release()
        assert not slots.take()  # it is given away already
        await turns()
        assert order == expected
    slots.release()
    assert slots.free == 1
    await asyncio.gather(*tasks)


async def test_waiting_takes_a_free_slot_without_waiting() -> None:
    slots = Slots(1)
    await slots.wait()
    assert slots.free == 0


async def test_who_is_cancelled_while_its_turn_comes_passes_it_on() -> None:
    slots, order = Slots(1), list[int]()
    assert slots.take()
    first, second = (asyncio.create_task(waiting(slots, order, number)) for number in range(2))
    await turns()
    slots.release()
    first.cancel()  # it has the slot, and has not run since
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert order == [1]
    slots.release()
    assert slots.free == 1


@given(
    st.integers(1, 3), st.lists(st.tuples(st.sampled_from(["wait", "release", "cancel", "turn"]), st.integers(0, 9)))
)
def test_none_is_lost_whatever_happens(count: int, steps: list[tuple[str, int]]) -> None:
    async def run() -> None:
        slots, order = Slots(count), list[int]()
        tasks: list[asyncio.Task[None]] = []
        released = 0
        for what, which in steps:
            if what == "wait":
                tasks.append(asyncio.create_task(waiting(slots, order, len(tasks))))
            elif what == "release" and released < len(order):
                slots.release()
                released += 1
            elif what == "cancel" and tasks:
                tasks[which % len(tasks)].cancel()
            await asyncio.sleep(0)
        await turns()
        assert len(order) - released <= count
        while released < len(order):
            slots.release()
            released += 1
            await turns()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)
        assert slots.free == count

    asyncio.run(run())
