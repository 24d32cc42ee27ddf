"""Cancelling, closing, and one client in several event loops."""

from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import hostile as faults
import pytest
from hostile import PROJECT, Exchange, HostileService, open_files, settled
from processes import without_slow_callbacks

from text2everything import (
    AsyncText2EverythingClient,
    ClientClosedError,
    NotFoundError,
    Text2EverythingClient,
    Text2EverythingError,
)
from text2everything.local import LocalService

Start = Callable[..., HostileService]


def slow(seconds: float, status: int = 200) -> Any:
    async def behave(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        await exchange.reply(status, PROJECT)

    return behave


def others() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def started(service: HostileService, requests: int = 1) -> None:
    while len(service.requests) < requests:  # noqa: ASYNC110  # the service is another thread's
        await asyncio.sleep(0.005)


# Cancelling.


@pytest.mark.parametrize("behaviour", [faults.silent, faults.drip_body, faults.drip_head])
async def test_cancelling_frees_connection_and_slot(hostile: Start, options: dict[str, Any], behaviour: Any) -> None:
    service = hostile(behaviour)
    async with AsyncText2EverythingClient(base_url=service.base_url, max_connections=1, **options) as client:
        call = asyncio.create_task(client.projects.get("p"))
        await started(service)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await asyncio.to_thread(service.disconnected.wait, 60)
        assert others() == set()
        service.behaviour = faults.behave
        assert (await client.projects.get("p")).id == "p"


async def test_cancelling_while_waiting_for_a_connection(hostile: Start, options: dict[str, Any]) -> None:
    release = threading.Event()
    service = hostile(faults.held(release))
    async with AsyncText2EverythingClient(base_url=service.base_url, max_connections=1, **options) as client:
        calls = [asyncio.create_task(client.projects.get("p")) for _ in range(20)]
        await started(service)
        for call in calls[1:]:
            call.cancel()
        await asyncio.gather(*calls[1:], return_exceptions=True)
        release.set()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert ended[0].id == "p"
        assert [type(end) for end in ended[1:]] == [asyncio.CancelledError] * 19
        assert (await client.projects.get("p")).id == "p"
    assert len(service.requests) == 2


async def test_cancelling_between_attempts(hostile: Start, options: dict[str, Any]) -> None:
    async def busy(exchange: Exchange) -> None:
        await exchange.reply(503, None, {"Retry-After": "50"})

    service = hostile(busy)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        call = asyncio.create_task(client.projects.get("p"))
        await started(service)
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_caller_s_own_timeout_is_the_caller_s(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(TimeoutError) as caught:
            await asyncio.wait_for(client.projects.get("p"), 0.05)
        assert not isinstance(caught.value, Text2EverythingError)
        assert asyncio.current_task().cancelling() == 0


async def test_a_task_group_s_cancelling_is_left_alone(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:

        async def fail() -> None:
            await started(service, 5)
            raise ZeroDivisionError

        async def work() -> None:
            async with asyncio.TaskGroup() as group:
                for _ in range(5):
                    group.create_task(client.projects.get("p"))
                group.create_task(fail())

        with pytest.raises(ExceptionGroup) as caught:
            await work()
        assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]


async def test_1000_cancelled_calls_leave_nothing(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(slow(0.02))
    files = open_files()
    async with AsyncText2EverythingClient(base_url=service.base_url, max_connections=20, **options) as client:
        for turn in range(20):
            calls = [asyncio.create_task(client.projects.get("p")) for _ in range(50)]
            await asyncio.sleep(0.001 * turn)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert others() == set()
        assert client._transport.pool.opened.semaphore._value == 20
        assert len(client._transport.pool.opened.deadlines) == 0
        await client.projects.get("p")
    assert settled(open_files, files) <= files


# Closing.


async def test_closing_ends_what_is_in_flight(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    client = AsyncText2EverythingClient(
        base_url=service.base_url, max_connections=5, **options | {"read_timeout": 60}
    )
    calls = [asyncio.create_task(client.projects.get("p")) for _ in range(10)]  # half of them wait for a connection
    await started(service, 5)
    await client.close()
    assert all(call.done() for call in calls)
    for call in calls:
        with pytest.raises(ClientClosedError, match="closed while the call was in flight"):
            await call
    assert others() == set()
    with pytest.raises(ClientClosedError, match="the client is closed"):
        await client.projects.get("p")
    await client.close()


async def test_closing_can_wait(hostile: Start, options: dict[str, Any]) -> None:
    release = threading.Event()
    service = hostile(faults.held(release))
    client = AsyncText2EverythingClient(base_url=service.base_url, max_connections=2, **options)
    calls = [asyncio.create_task(client.projects.get("p")) for _ in range(4)]
    await started(service, 2)
    closing = asyncio.create_task(client.close(wait=True))
    await asyncio.sleep(0.05)
    late = asyncio.create_task(client.projects.get("p"))  # as a call does that needs more than one request
    await asyncio.sleep(0)
    assert not closing.done()
    release.set()
    await closing
    assert [call.result().id for call in [*calls, late]] == ["p"] * 5
    with pytest.raises(ClientClosedError):
        await client.projects.get("p")


async def test_closing_waits_for_calls_of_many_requests() -> None:
    with LocalService() as service:
        client = AsyncText2EverythingClient(**service.settings)
        project = (await client.projects.create("p")).id
        context = await client.contexts.create(project, "n", "c")
        items = [{"name": f"n{n}", "content": "c"} for n in range(200)]
        update = asyncio.create_task(client.contexts.update(project, context.id, name="m"))
        bulk = asyncio.create_task(client.contexts.bulk_create(project, items))
        await asyncio.sleep(0)
        await client.close(wait=True)
        assert (await update).name == "m"
        assert len(await bulk) == 200


async def test_an_error_that_comes_while_closing_waits_is_itself(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(slow(0.1, 404))
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)
    call = asyncio.create_task(client.projects.get("p"))
    await started(service)
    await client.close(wait=True)
    with pytest.raises(NotFoundError):
        await call


async def test_a_second_close_does_not_wait(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    client = AsyncText2EverythingClient(base_url=service.base_url, **options | {"read_timeout": 60})
    call = asyncio.create_task(client.projects.get("p"))
    await started(service)
    patient = asyncio.create_task(client.close(wait=True))
    await asyncio.sleep(0.03)
    await client.close()
    await asyncio.wait_for(patient, 60)
    with pytest.raises(ClientClosedError):
        await call


async def test_leaving_the_block_closes(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        other = client.with_options(timeout=60)
        call = asyncio.create_task(other.projects.get("p"))
        await started(service)
        await other.close()  # it shares, and has nothing to close
        assert not call.done()
    with pytest.raises(ClientClosedError):
        await call


def test_closing_the_blocking_client(hostile: Start, options: dict[str, Any]) -> None:
    for wait in (False, True):
        release = threading.Event()
        service = hostile(faults.held(release))
        client = Text2EverythingClient(base_url=service.base_url, **options)
        ended: list[Any] = []

        def call(client: Text2EverythingClient = client, ended: list[Any] = ended) -> None:
            try:
                ended.append(client.projects.get("p").id)
            except ClientClosedError as error:
                ended.append(type(error))

        threads = [threading.Thread(target=call) for _ in range(5)]
        for thread in threads:
            thread.start()
        while len(service.requests) < 5:
            time.sleep(0.005)
        if wait:
            threading.Timer(0.1, release.set).start()
        client.close(wait=wait)  # without waiting it must end by itself
        for thread in threads:
            thread.join(60)
        assert ended == (["p"] * 5 if wait else [ClientClosedError] * 5)
        assert release.is_set() == wait
        release.set()
        with pytest.raises(ClientClosedError):
            client.projects.get("p")


# Event loops.


def test_a_client_goes_on_under_a_second_loop(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)

    async def main() -> str:
        await asyncio.gather(*(client.projects.get("p") for _ in range(5)))
        return (await client.projects.get("p")).id

    assert [asyncio.run(main()) for _ in range(3)] == ["p"] * 3
    asyncio.run(client.close())
    gc.collect()


def test_a_client_closed_by_nobody_leaves_no_warning(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()

    async def main() -> None:
        client = AsyncText2EverythingClient(base_url=service.base_url, **options)
        await client.projects.get("p")

    for _ in range(3):
        asyncio.run(main())
        gc.collect()
    assert service.accepted == 3


async def test_a_client_dropped_in_a_running_loop_closes_its_connections(
    hostile: Start, options: dict[str, Any]
) -> None:
    service = hostile()
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)
    await client.projects.get("p")
    assert len(service.connected) == 1
    del client
    gc.collect()
    await asyncio.sleep(0.05)
    assert settled(lambda: len(service.connected), 0) == 0


async def test_two_running_loops_are_refused(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        await client.projects.get("p")

        def elsewhere() -> None:
            asyncio.run(client.projects.get("p"))

        with pytest.raises(ClientClosedError, match="in use on another event loop; make one client for each loop"):
            await asyncio.to_thread(elsewhere)
        assert (await client.projects.get("p")).id == "p"


def test_a_loop_that_ends_in_the_middle_of_calls(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(faults.silent)
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)

    async def main() -> None:
        calls = [asyncio.create_task(client.projects.get("p")) for _ in range(3)]
        await started(service, 3)
        assert not any(call.done() for call in calls)

    asyncio.run(main())
    service.behaviour = faults.behave

    async def again() -> str:
        async with client:
            return (await client.projects.get("p")).id

    assert asyncio.run(again()) == "p"


def test_a_loop_closed_without_ceremony(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)
    for _ in range(2):
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(client.projects.get("p")).id == "p"
        loop.close()
    asyncio.run(client.close())


def test_closing_from_another_loop_does_not_hang(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile()
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)

    async def main() -> None:
        await client.projects.get("p")
        await asyncio.to_thread(asyncio.run, client.close())
        with pytest.raises(ClientClosedError):
            await client.projects.get("p")

    asyncio.run(main())


SCRIPT = """
import asyncio, sys
from text2everything import AsyncText2EverythingClient

async def main():
    async with AsyncText2EverythingClient(
        base_url=sys.argv[1], access_token="t", workspace_name="workspaces/w"
    ) as client:
        print("calling", flush=True)
        await client.projects.get("p")

try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c(hostile: Start) -> None:
    service = hostile(faults.silent)
    with subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", "-c", SCRIPT, service.base_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        until = time.monotonic() + 60
        while not service.requests and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert out.split() == ["calling", "interrupted"]
    assert without_slow_callbacks(err) == ""
    assert service.disconnected.wait(60)
