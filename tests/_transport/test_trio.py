"""The async client under trio: a clear error, before anything is sent or written."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hostile import HostileService

from text2everything import AsyncText2EverythingClient, Text2EverythingClient, Text2EverythingError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Start = Callable[..., HostileService]

RATING = {"chat_message_id": "m", "feedback": "f", "is_positive": True}


async def with_block(client: AsyncText2EverythingClient, _: Path) -> None:
    async with client:
        pass


async def loop_over(client: AsyncText2EverythingClient, _: Path) -> None:
    async for _rating in client.feedback.iter("p"):
        pass


async def stream(client: AsyncText2EverythingClient, _: Path) -> None:
    async for _outcome in client.feedback.bulk_create_stream("p", [RATING]):
        pass


async def stream_block(client: AsyncText2EverythingClient, _: Path) -> None:
    async with client.feedback.bulk_create_stream("p", [RATING]) as stream:
        await stream.next_batch()


async def upload(client: AsyncText2EverythingClient, folder: Path) -> None:
    path = folder / "ratings.csv"
    path.write_text("chat_message_id,feedback,is_positive\n" + "m,f,true\n" * 2_000)
    await client.feedback.upload("p", path)


CALLS: dict[str, Callable[[AsyncText2EverythingClient, Path], Awaitable[Any]]] = {
    "call": lambda client, _: client.projects.get("p"),
    "list": lambda client, _: client.feedback.list("p"),
    "create": lambda client, _: client.projects.create("p"),
    "with": with_block,
    "pager": loop_over,
    "next_page": lambda client, _: client.feedback.iter("p").next_page(),
    "collect": lambda client, _: client.feedback.iter("p").collect(),
    "stream": stream,
    "stream with": stream_block,
    "bulk": lambda client, _: client.feedback.bulk_create("p", [RATING]),
    "bulk delete": lambda client, _: client.contexts.bulk_delete("p", ["c"]),
    "journal": lambda client, folder: client.feedback.bulk_create("p", [RATING], journal=folder / "journal"),
    "export": lambda client, folder: client.feedback.export("p", folder / "out.csv"),
    "upload": upload,
    "directory": lambda client, folder: client.projects.load_directory("p", folder),
    "file": lambda client, _: client.custom_tools.create("p", "t", "d", [b"text"]),
    "stats": lambda client, _: client.feedback.stats("p"),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_kind_of_call_says_what_it_needs(
    hostile: Start, options: dict[str, Any], tmp_path: Path, name: str
) -> None:
    trio = pytest.importorskip("trio")
    service = hostile()
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)
    with pytest.raises(Text2EverythingError, match=r"needs asyncio.*trio.*asyncio\.run.*anyio's backend asyncio"):
        trio.run(CALLS[name], client, tmp_path)
    trio.run(client.close)  # nothing was opened
    assert service.requests == []
    assert {path.name for path in tmp_path.iterdir()} <= {"ratings.csv"}


def test_guests_on_asyncio_too(hostile: Start, options: dict[str, Any]) -> None:
    trio = pytest.importorskip("trio")
    service = hostile()
    client = AsyncText2EverythingClient(base_url=service.base_url, **options)

    async def host() -> Any:
        loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        trio.lowlevel.start_guest_run(
            client.projects.get,
            "p",
            run_sync_soon_threadsafe=loop.call_soon_threadsafe,
            done_callback=done.set_result,
        )
        return (await done).unwrap()

    with pytest.raises(Text2EverythingError, match="needs asyncio"):
        asyncio.run(host())
    assert service.requests == []


def test_the_blocking_client_works_under_trio(hostile: Start, options: dict[str, Any]) -> None:
    trio = pytest.importorskip("trio")
    service = hostile()

    async def main() -> str:
        with Text2EverythingClient(base_url=service.base_url, **options) as client:
            return (await trio.to_thread.run_sync(client.projects.get, "p")).id

    assert trio.run(main) == "p"
