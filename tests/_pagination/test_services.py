"""Paging over real sockets: every style of service, through the client and its blocking facade."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from odd_services import FIELDS, OddService, rows, serving
from processes import without_slow_callbacks

from text2everything import (
    AsyncText2EverythingClient,
    ClientClosedError,
    ServerError,
    Text2EverythingClient,
    ValidationError,
)
from text2everything._pagination.pager import IncompleteListingWarning
from text2everything.local import LocalService


def options(url: str) -> dict[str, Any]:
    return {"base_url": url, "access_token": "t", "workspace_name": "workspaces/w", "max_retries": 0}


@asynccontextmanager
async def client_of(service: OddService) -> AsyncIterator[AsyncText2EverythingClient]:
    async with serving(service) as url, AsyncText2EverythingClient(**options(url)) as client:
        yield client


@contextmanager
def served_in_a_thread(service: OddService) -> Iterator[str]:
    """Serve for blocking callers."""
    url: list[str] = []
    started, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with serving(service) as found:
            url.append(found)
            started.set()
            await stop.wait()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert started.wait(60)
        yield url[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


def ids(items: list[Any]) -> list[str]:
    return [item.id for item in items]


ALL = [f"f{number}" for number in range(230)]

STYLES = {
    "skip and limit": OddService(items=rows(230)),
    "pages only": OddService(items=rows(230), style="page"),
    "ignores skip": OddService(items=rows(230), style="neither"),
    "ignores skip, bare": OddService(items=rows(230), style="neither", bare=True),
    "caps, and says so": OddService(items=rows(230), cap=50),
    "caps, and says nothing": OddService(items=rows(230), cap=50, fields=()),
    "caps pages": OddService(items=rows(230), cap=50, style="page", fields=("total",)),
    "a page size of its own": OddService(items=rows(230), cap=30, takes_size=False, style="page", fields=()),
    "larger pages of its own": OddService(items=rows(230), cap=150, takes_size=False, style="page", fields=()),
    "no total": OddService(items=rows(230), fields=("page", "page_size", "has_next")),
    "no has_next": OddService(items=rows(230), fields=("total", "page", "page_size")),
    "items only": OddService(items=rows(230), fields=()),
    "items only, pages only": OddService(items=rows(230), fields=(), style="page"),
    "bare, all at once": OddService(items=rows(230), bare=True, style="neither", takes_size=False),
    "bare, paged": OddService(items=rows(230), bare=True),
    "has_next is always true": OddService(items=rows(230), tells={"has_next": lambda _: True}),
    "has_next is always false": OddService(items=rows(230), tells={"has_next": lambda _: False}),
    "has_next is always null": OddService(items=rows(230), tells={"has_next": lambda _: None}),
    "total is that of the page": OddService(items=rows(230), fields=("total",), tells={"total": lambda _: 100}),
    "total is 0": OddService(items=rows(230), tells={"total": lambda _: 0}, fields=("total", "has_next")),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("skip", "limit"), [(0, None), (0, 2), (7, 5), (150, None), (130, 60), (200, 100), (300, None)]
)
async def test_list(style: str, skip: int, limit: int | None) -> None:
    service = STYLES[style]
    service.asked.clear()
    if style == "has_next is always true":
        service.fields = FIELDS
    async with client_of(service) as client:
        found = await client.feedback.list("p", skip=skip, limit=limit)
    assert ids(found) == ALL[skip:][:limit]
    assert len(service.asked) <= 12


@pytest.mark.parametrize("style", STYLES)
async def test_iter_pages_and_count(style: str) -> None:
    service = STYLES[style]
    service.asked.clear()
    async with client_of(service) as client:
        assert [item.id async for item in client.feedback.iter("p")] == ALL
        pages = [page async for page in client.feedback.iter("p", page_size=60).pages()]
        assert [item.id for page in pages for item in page.items] == ALL
        if not service.bare and "total" in service.fields and "total" not in service.tells:
            assert {page.total for page in pages} == {230}
            service.asked.clear()
            assert await client.feedback.count("p") == 230
            assert service.asked == [(0, 1)]
        elif style != "total is that of the page":
            assert await client.feedback.count("p") == 230


@pytest.mark.parametrize("fields", [FIELDS, ("total",), ()])
@pytest.mark.parametrize("bare", [True, False])
async def test_an_empty_listing(fields: Any, bare: bool) -> None:
    async with client_of(OddService(items=[], fields=fields, bare=bare)) as client:
        assert await client.feedback.list("p") == []
        assert await client.feedback.list("p", skip=10) == []
        assert await client.feedback.count("p") == 0
        assert [page async for page in client.feedback.iter("p").pages()] == []


async def test_the_warning_names_the_listing() -> None:
    async with client_of(OddService(items=rows(230), style="neither", cap=100)) as client:
        with pytest.warns(IncompleteListingWarning, match=r"^/projects/p/feedback: the service counts 230 items"):
            assert len(await client.feedback.list("p")) == 100


async def test_a_search_goes_with_every_page() -> None:
    searched = []

    class Service(OddService):
        def reply(self, query: Any) -> Any:
            searched.append(query.get("q"))
            return super().reply(query)

    async with client_of(Service(items=rows(1_100))) as client:
        await client.feedback.list("p", search="text")
        await client.feedback.count("p", "some")
    assert searched == ["text"] * 3 + ["some"]


async def test_list_has_many_pages_on_their_way_and_iter_one() -> None:
    service = OddService(items=rows(6_000), delay=0.5)  # time for all to be asked for, also on a busy machine
    async with client_of(service) as client:
        assert len(await client.feedback.list("p")) == 6_000
        assert 10 < service.most_at_once <= 50
        service.most_at_once, service.delay = 0, 0.02
        async for page in client.feedback.iter("p").pages():
            assert page.items
            await asyncio.sleep(0.001)
        assert service.most_at_once == 1


async def test_the_next_page_is_on_its_way_while_one_is_worked_on() -> None:
    asked_twice = asyncio.Event()
    service = OddService(items=rows(230), before=lambda number: number == 2 and asked_twice.set())
    async with client_of(service) as client:
        items = aiter(client.feedback.iter("p"))  # kept: an iterator that is dropped stops asking
        await anext(items)
        await asked_twice.wait()
        assert service.asked == [(0, 100), (100, 100)]


@pytest.fixture
def loop_errors() -> Iterator[list[str]]:
    """What asyncio says of tasks and errors that nobody looked at."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("asyncio")
    logger.addHandler(handler)
    yield said
    gc.collect()
    logger.removeHandler(handler)
    assert said == []


async def others() -> set[asyncio.Task[Any]]:
    """Return the tasks that go on, but for this one and those of the test's own service."""
    for _ in range(20):
        await asyncio.sleep(0)
    return {each for each in asyncio.all_tasks() if "_fetch" in repr(each) or ".fetch" in repr(each)}


@pytest.mark.usefixtures("loop_errors")
@pytest.mark.parametrize("how", ["break", "error", "aclose", "dropped", "next_page"])
async def test_a_consumer_that_stops_leaves_nothing_running(how: str) -> None:
    service = OddService(items=rows(1_000))
    async with client_of(service) as client:
        await client.feedback.count("p")
        service.delay = 0.05
        if how == "break":
            async for _ in client.feedback.iter("p"):
                break
        elif how == "error":
            with pytest.raises(RuntimeError):  # noqa: PT012
                async for _ in client.feedback.iter("p"):
                    raise RuntimeError
        elif how == "aclose":
            items = aiter(client.feedback.iter("p"))
            await anext(items)
            await items.aclose()  # type: ignore[attr-defined]
        elif how == "dropped":
            items = aiter(client.feedback.iter("p"))
            await anext(items)
            del items
        else:
            await client.feedback.iter("p").next_page()
        gc.collect()
        assert await others() == set()


@pytest.mark.usefixtures("loop_errors")
async def test_a_cancelled_list_leaves_nothing_running() -> None:
    service = OddService(items=rows(10_000), before=lambda number: number > 10 and many.set())
    many = asyncio.Event()
    async with client_of(service) as client:
        listing = asyncio.create_task(client.feedback.list("p"))
        await many.wait()
        service.delay = 0.05
        listing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listing
        assert await others() == set()


@pytest.mark.usefixtures("loop_errors")
async def test_an_error_ends_list_at_once_and_nothing_is_left() -> None:
    service = OddService(items=rows(10_000), status=lambda number: 500 if number > 7 else 200)
    async with client_of(service) as client:
        with pytest.raises(ServerError):
            await client.feedback.list("p")
        assert await others() == set()
    assert len(service.asked) < 60


@pytest.mark.usefixtures("loop_errors")
async def test_an_error_of_a_page_nobody_asked_for_is_nobodys_concern() -> None:
    asked_twice = asyncio.Event()
    service = OddService(items=rows(300), status=lambda number: 500 if number == 2 else 200)
    service.before = lambda number: number == 2 and asked_twice.set()
    async with client_of(service) as client:
        pager = client.feedback.iter("p")
        first = await pager.next_page()
        assert first is not None
        await asked_twice.wait()
        await asyncio.sleep(0.02)
        del pager
        gc.collect()


@pytest.mark.usefixtures("loop_errors")
def test_a_loop_may_end_while_a_page_is_on_its_way() -> None:
    service = OddService(items=rows(1_000))
    with served_in_a_thread(service) as url:
        kept = []

        async def main() -> None:
            client = AsyncText2EverythingClient(**options(url))
            kept.append(client.feedback.iter("p"))
            page = await kept[0].next_page()
            assert page is not None
            service.delay = 0.2

        asyncio.run(main())
        service.delay = 0
        # The pager may be used further in another loop; what was on its way in the old one is asked for again.
        page = asyncio.run(kept[0].next_page())
        assert page is not None
        assert page.items[0].id == "f100"
        kept.clear()
        gc.collect()


@pytest.mark.usefixtures("loop_errors")
async def test_closing_the_client_ends_the_iteration() -> None:
    service = OddService(items=rows(1_000))
    async with serving(service) as url:
        client = AsyncText2EverythingClient(**options(url))
        items = aiter(client.feedback.iter("p", page_size=10))
        await anext(items)
        service.delay = 0.2
        await client.close()
        with pytest.raises(ClientClosedError):  # noqa: PT012
            while True:
                await anext(items)


@pytest.mark.usefixtures("loop_errors")
def test_blocking_iteration() -> None:
    service = OddService(items=rows(230))
    with served_in_a_thread(service) as url, Text2EverythingClient(**options(url)) as client:
        assert ids(list(client.feedback.iter("p", page_size=50))) == ALL
        assert ids(client.feedback.list("p", skip=7, limit=5)) == ALL[7:12]
        assert [(len(page.items), page.total) for page in client.feedback.iter("p").pages()] == [
            (100, 230),
            (100, 230),
            (30, 230),
        ]
        assert client.feedback.count("p") == 230
        for item in client.feedback.iter("p"):
            assert item.id == "f0"
            break
        service.delay = 0.2
        page = client.feedback.iter("p").next_page()
        assert page is not None
        gc.collect()


SCRIPT = """
import sys
from text2everything import Text2EverythingClient
client = Text2EverythingClient(base_url=sys.argv[1], access_token="t", workspace_name="workspaces/w")
pager = client.feedback.iter("p", page_size=10)
for item in pager:
    print(item.id)
    break
again = client.feedback.iter("p", page_size=10)
again.next_page()
"""


def test_a_script_that_stops_in_the_middle_ends_cleanly() -> None:
    service = OddService(items=rows(230), before=lambda number: setattr(service, "delay", (number + 1) % 2))
    with served_in_a_thread(service) as url:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-c", SCRIPT, url], capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stdout, without_slow_callbacks(done.stderr)) == (0, "f0\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"skip": -1}, "skip must be"),
        ({"skip": "0"}, "skip must be a whole number"),
        ({"skip": 2**31}, "skip must be"),
        ({"limit": -1}, "limit must be"),
        ({"limit": True}, "limit must be a whole number"),
        ({"search": 5}, "search must be a string"),
        ({"search": float("nan")}, "search is missing"),
    ],
)
async def test_wrong_bounds_are_refused_before_any_request(arguments: Any, message: str) -> None:
    service = OddService(items=rows(10))
    async with client_of(service) as client:
        with pytest.raises(ValidationError, match=message):
            await client.feedback.list("p", **arguments)
        for size in (0, 1_001, "7", None):
            with pytest.raises(ValidationError, match=r"page_size (must be|is missing)"):
                client.feedback.iter("p", page_size=size)
    assert service.asked == []


async def test_a_service_that_refuses_large_pages_is_asked_for_usual_ones() -> None:
    from aiohttp import web

    sizes = []

    @web.middleware
    async def no_large_pages(request: web.Request, handler: Any) -> web.StreamResponse:
        size = int(request.query.get("limit", "0"))
        sizes.append(size)
        if size > 100:
            return web.json_response({"detail": [{"loc": ["query", "limit"], "msg": "at most 100"}]}, status=422)
        return await handler(request)

    with LocalService(middlewares=[no_large_pages]) as service:
        async with AsyncText2EverythingClient(**service.settings) as client:
            project = (await client.projects.create("p")).id
            made = await client.contexts.bulk_create(project, [{"name": f"n{n}", "content": "c"} for n in range(230)])
            found = {context.id for context in await client.contexts.list_always_displayed(project)}
            assert found == set()
            assert sizes.pop() == 100  # of this listing's own, after 500 had been refused
            sizes.clear()
            assert await client.contexts.list_always_displayed(project) == []
            assert sizes == [100]  # which is known from now on
            assert {context.id async for context in client.contexts.iter(project, page_size=1_000)} == {
                context.id for context in made
            }
            assert len(await client.golden_examples.list(project)) == 0
            assert len(await client.contexts.list(project, page=2, per_page=110)) == 110
    assert max(sizes) == 500  # of golden examples


async def test_a_refusal_for_another_reason_is_not_taken_for_one_of_large_pages() -> None:
    from aiohttp import web

    sizes = []

    @web.middleware
    async def no_searching(request: web.Request, handler: Any) -> web.StreamResponse:
        sizes.append(int(request.query.get("limit", "0")))
        if "q" in request.query:
            return web.json_response({"detail": "no searching today"}, status=422)
        return await handler(request)

    with LocalService(middlewares=[no_searching]) as service:
        async with AsyncText2EverythingClient(**service.settings) as client:
            project = (await client.projects.create("p")).id
            sizes.clear()
            with pytest.raises(ValidationError, match="no searching today"):
                await client.feedback.list(project, search="refunds")
            await client.feedback.list(project)
    assert sizes == [500, 100, 500]
