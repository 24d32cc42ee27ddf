"""The journal of a bulk create: what it refuses, what it recalls, and how lost replies are settled."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from bulk_service import FeedbackService, ratings, refusing, slow
from hypothesis import given
from hypothesis import strategies as st

from text2everything import (
    AsyncText2EverythingClient,
    BulkError,
    ConflictError,
    ConnectionError,  # noqa: A004
    ServerError,
    Text2EverythingClient,
    ValidationError,
)
from text2everything._bulk import journal_file
from text2everything._bulk.job import Job
from text2everything._bulk.journal import Journal
from text2everything._bulk.resource_adapter import ResourceAdapter, digest
from text2everything.models import FeedbackCreate, FeedbackResponse, SchemaMetadataCreate

pytestmark = pytest.mark.usefixtures("each_codec")


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("text2everything._bulk.journal.GRACE", 0.05)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def stored(service: FeedbackService) -> Counter[str]:
    return Counter(item["feedback"] for item in service.items)


def losing(*indices: int, store: bool = True, times: int = 1) -> Any:
    """Store some ratings, or not, and break the connection instead of answering."""
    left = {f"rating {index}": times for index in indices}

    async def hook(service: FeedbackService, item: dict[str, Any]) -> web.StreamResponse | None:
        if left.get(item["feedback"], 0) > 0:
            left[item["feedback"]] -= 1
            raise asyncio.CancelledError  # aiohttp drops the connection
        return None

    return {"after" if store else "before": hook}


async def test_a_second_run_sends_nothing_and_returns_everything(path):
    service = FeedbackService()
    async with service.client() as client:
        first = await client.feedback.bulk_create("p", ratings(100), journal=path)
        again = await client.feedback.bulk_create("p", ratings(100), journal=path)
        more = await client.feedback.bulk_create("p", ratings(120), journal=str(path))
        outcomes = [each async for each in client.feedback.bulk_create_stream("p", ratings(120), journal=path)]
    assert list(again) == list(first)
    assert list(more)[:100] == list(first)
    assert (service.requests, service.listings) == (120, 0)
    assert [outcome.index for outcome in outcomes] == list(range(120))
    assert [outcome.created for outcome in outcomes] == list(more)


async def test_failures_are_sent_again_even_mended(path):
    service = FeedbackService(refusing(422, 3, 7))
    items = ratings(20)
    async with service.client() as client:
        with pytest.raises(BulkError):
            await client.feedback.bulk_create("p", items, journal=path)
        items[7] = items[7] | {"feedback": "mended"}
        service.before = None
        result = await client.feedback.bulk_create("p", items, journal=path)
        assert result.ok
        assert (await client.feedback.bulk_create("p", items, journal=path)).ok
    assert (service.requests, len(service.items), service.listings) == (22, 20, 0)
    assert [each.feedback for each in result][7] == "mended"


async def test_what_was_wrong_keeps_its_place_and_may_be_mended(path):
    service = FeedbackService()
    items = ratings(10)
    wrong = [*items[:4], {"feedback": "no message"}, *items[5:]]
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", iter(wrong), journal=path, on_error="collect")
        assert [failure.index for failure in result.failures] == [4]
        again = await client.feedback.bulk_create("p", iter(wrong), journal=path, on_error="collect")
        assert [failure.index for failure in again.failures] == [4]
        assert service.requests == 9
        assert (await client.feedback.bulk_create("p", items, journal=path)).ok
        assert (await client.feedback.bulk_create("p", items, journal=path)).ok
    assert (service.requests, stored(service)) == (10, Counter(item["feedback"] for item in items))


@pytest.mark.parametrize("store", [True, False])
async def test_a_lost_reply_is_settled_by_looking(path, store):
    service = FeedbackService(**losing(2, 5, 30, store=store))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(40), journal=path)
    assert result.ok
    assert [each.feedback for each in result] == [each["feedback"] for each in ratings(40)]
    assert stored(service) == Counter(each["feedback"] for each in ratings(40))
    assert len({each.id for each in result}) == 40
    assert service.requests == 40 if store else 43


async def test_without_a_journal_a_lost_reply_is_a_failure():
    service = FeedbackService(**losing(2))
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", ratings(10), on_error="collect")
    assert [type(failure.error) for failure in result.failures] == [ConnectionError]
    assert len(service.items) == 10


async def test_lost_replies_among_equal_items_are_counted_right(path):
    service = FeedbackService(**losing(1, times=3))
    items = [ratings(2)[1]] * 8
    async with service.client() as client:
        service.store(items[0])
        service.items[0]["created_at"] = (datetime.now(UTC) - timedelta(days=1)).isoformat()  # somebody else's
        result = await client.feedback.bulk_create("p", items, journal=path)
    assert result.ok
    assert len(service.items) == 9
    assert {each.id for each in result} == {f"id-{index}" for index in range(1, 9)}


async def test_what_is_lost_twice_stays_in_doubt_until_the_next_run(path):
    service = FeedbackService(**losing(3, store=False, times=2))
    async with service.client() as client:
        with pytest.raises(BulkError) as caught:
            await client.feedback.bulk_create("p", ratings(10), journal=path)
        assert [failure.index for failure in caught.value.result.failures] == [3]
        assert (await client.feedback.bulk_create("p", ratings(10), journal=path)).ok
    assert stored(service) == Counter(each["feedback"] for each in ratings(10))


async def test_a_server_error_leaves_doubt_too(path):
    async def after(_: FeedbackService, item: dict[str, Any]) -> web.Response | None:
        return web.Response(status=502) if item["feedback"] == "rating 4" else None

    service = FeedbackService(after=after)
    async with service.client() as client:
        assert (await client.feedback.bulk_create("p", ratings(10), journal=path)).ok
    assert len(service.items) == 10


async def test_many_lost_replies_of_an_endless_stream_are_settled_on_the_way(path):
    async def after(_: FeedbackService, item: dict[str, Any]) -> web.Response | None:
        return web.Response(status=502) if int(item["feedback"][7:]) % 2 else None

    service = FeedbackService(after=after)
    async with service.client() as client:
        stream = client.feedback.bulk_create_stream("p", ratings(300), journal=path, window=40)
        outcomes = [outcome async for outcome in stream]
    assert all(outcome.ok for outcome in outcomes)
    assert stored(service) == Counter(each["feedback"] for each in ratings(300))
    assert service.listings >= 3


async def test_a_lookup_that_fails_is_raised_and_nothing_is_lost(path, monkeypatch):
    service = FeedbackService(**losing(5))
    async with service.client() as client:

        async def failing(_: object) -> Any:
            raise ServerError("no listing today", 500)
            yield

        with monkeypatch.context() as patch:
            patch.setattr(type(client.feedback), "_iter_existing", lambda *_: failing(None))
            with pytest.raises(BulkError, match="no listing today") as caught:
                await client.feedback.bulk_create("p", ratings(10), journal=path)
        assert len(caught.value.result) == 9
        assert [type(each.error) for each in caught.value.result.failures] == [ConnectionError]
        assert (await client.feedback.bulk_create("p", ratings(10), journal=path)).ok
    assert len(service.items) == 10


async def test_an_interrupted_run_is_resumed(path):
    service = FeedbackService(after=slow(0.01))
    async with service.client() as client:
        call = asyncio.create_task(client.feedback.bulk_create("p", ratings(2000), journal=path))
        await service.until(300)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        service.after = None
        result = await client.feedback.bulk_create("p", ratings(2000), journal=path)
    assert len(result) == 2000
    assert stored(service) == Counter(each["feedback"] for each in ratings(2000))


async def test_stopped_early_and_resumed(path):
    service = FeedbackService(refusing(422, 50))
    async with service.client() as client:
        with pytest.raises(BulkError):
            await client.feedback.bulk_create("p", ratings(3000), journal=path, on_error="stop")
        service.before = None
        assert len(await client.feedback.bulk_create("p", ratings(3000), journal=path)) == 3000
    assert stored(service) == Counter(each["feedback"] for each in ratings(3000))


async def test_other_input_is_refused_before_anything_is_sent(path):
    service = FeedbackService()
    async with service.client() as client:
        feedback = client.feedback
        await feedback.bulk_create("p", ratings(10), journal=path)
        changed = ratings(10)
        changed[6] = changed[6] | {"is_positive": False}
        for items, problem in [
            (changed, "belongs to other input: the item at index 6 is not what it was"),
            (ratings(9), "belongs to other input: it knows 10 items, here are 9"),
            (iter(changed), "belongs to other input: the item at index 6 is not what it was"),
            (iter(ratings(9)), "belongs to other input: it knows 10 items, here are 9"),
        ]:
            with pytest.raises((ValidationError, BulkError), match=problem):
                await feedback.bulk_create("p", items, journal=path)
        with pytest.raises(ValidationError, match="belongs to project_id 'p', and this is 'other'"):
            await feedback.bulk_create("other", ratings(10), journal=path)
        with pytest.raises(ValidationError, match="belongs to kind 'feedback', and this is 'contexts'"):
            await client.contexts.bulk_create("p", [{"name": "n", "content": "c"}], journal=path)
    assert service.requests == 10


def test_other_input_of_a_blocking_stream_is_refused(path):
    items = [{"name": f"n{index}", "content": "c"} for index in range(20)]
    with Text2EverythingClient.local() as client:
        project = client.projects.create("journal").id
        made = list(client.contexts.bulk_create_stream(project, items, journal=path))
        assert all(outcome.ok for outcome in made)
        again = list(client.contexts.bulk_create_stream(project, iter(items), journal=path))
        assert [outcome.created.name for outcome in again] == [item["name"] for item in items]
        for other in (items[:5], [*items[:7], {"name": "other", "content": "c"}, *items[8:]]):
            with pytest.raises(ValidationError, match="belongs to other input"):
                list(client.contexts.bulk_create_stream(project, other, journal=path))
        assert client.contexts.count(project) == 20


async def test_two_runs_at_once_are_refused(path):
    gate = asyncio.Event()

    async def before(*_: object) -> None:
        await gate.wait()

    service = FeedbackService(before=before)
    async with service.client() as client:
        call = asyncio.create_task(client.feedback.bulk_create("p", ratings(10), journal=path))
        await service.until(1)
        with pytest.raises(ConflictError, match="journal journal is in use by another run"):
            await client.feedback.bulk_create("p", ratings(10), journal=path)
        gate.set()
        assert (await call).ok


@pytest.mark.parametrize("tail", ["c 9", "s 10 00ff", 'c 3 {"id": "x"', "x", ""])
async def test_a_last_line_cut_short_is_dropped(path, tail):
    service = FeedbackService()
    async with service.client() as client:
        await client.feedback.bulk_create("p", ratings(10), journal=path)
        with path.open("a") as file:
            file.write(tail)
        assert (await client.feedback.bulk_create("p", ratings(12), journal=path)).ok
        assert (await client.feedback.bulk_create("p", ratings(12), journal=path)).ok
    assert service.requests == 12


async def test_killed_at_birth(path):
    async with FeedbackService().client() as client:
        for start in ("", "text2every", 'text2everything journal 1 {"kind": "feedback", "project_'):
            path.write_text(start)
            assert (await client.feedback.bulk_create("p", ratings(2), journal=path)).ok


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("something else\n", "exists and is no journal"),
        ("a,b\n1,2", "exists and is no journal"),
        ("text2everything journal 2 {}\n", "is of version 2, which is not known here"),
        ("text2everything journal 1 {]\n", "damaged in line 1"),
        ('text2everything journal 1 {"kind": "feedback", "project_id": "p", "more": 1}\n', "damaged in line 1"),
        ("HEADER c 5 {}\n", "damaged in line 2"),
        ("HEADER c -1 {}\n", "damaged in line 2"),
        ("HEADER nonsense\n", "damaged in line 2"),
        ("HEADER z 1\n", "damaged in line 2"),
        ("HEADER s 0 \n", "damaged in line 2"),
        ("HEADER s 0 00000000000000ff\ns 5 00000000000000ff\n", "damaged in line 3"),
        ("HEADER s 0 00000000000000ff\nc 0 {}\n", "damaged in line 3"),
    ],
)
async def test_what_is_no_journal_is_refused_and_left_alone(path, content, problem):
    header = 'text2everything journal 1 {"kind": "feedback", "project_id": "p"}\n'
    path.write_text(content.replace("HEADER ", header))
    before = path.read_bytes()
    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(ValidationError, match=problem):
            await client.feedback.bulk_create("p", ratings(2), journal=path)
    assert (service.requests, path.read_bytes()) == (0, before)


async def test_a_journal_that_cannot_be_opened(tmp_path):
    async with FeedbackService().client() as client:
        for place in (tmp_path, tmp_path / "missing" / "journal"):
            with pytest.raises(ValidationError, match="journal: cannot open"):
                await client.feedback.bulk_create("p", ratings(2), journal=place)
        with pytest.raises(ValidationError, match="journal must be a path"):
            await client.feedback.bulk_create("p", ratings(2), journal="")


async def test_what_is_no_regular_file_is_refused(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    service = FeedbackService()
    async with service.client() as client, asyncio.timeout(60):
        for place in (pipe, link, Path("/dev/null"), "/dev/full", tmp_path):
            with pytest.raises(ValidationError, match=f"journal: cannot open {place}: it is not a regular file"):
                await client.feedback.bulk_create("p", ratings(2), journal=place)
    assert service.requests == 0


@pytest.mark.parametrize("name", ["x\0y", Path("x\0y"), "\ud800"])
async def test_a_name_that_no_file_can_have_is_refused(name):
    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(ValidationError, match=r"journal must be a path, got '.*', with characters that no path"):
            await client.feedback.bulk_create("p", ratings(2), journal=name)
    assert service.requests == 0


class BytesPath:
    """A path as `os.PathLike` allows it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> bytes:
        return bytes(self.path)


async def test_a_path_may_be_of_bytes(path):
    async with FeedbackService().client() as client:
        assert (await client.feedback.bulk_create("p", ratings(2), journal=BytesPath(path))).ok
    assert path.exists()


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def beside_another_run(path: Path) -> None:
    path.unlink()
    path.touch()


MEDDLING = [deleted, replaced, moved, beside_another_run]


@pytest.mark.parametrize("meddle", MEDDLING)
async def test_a_journal_that_vanishes_during_the_requests_ends_the_call(path, meddle):
    gate = asyncio.Event()

    async def after(*_: object) -> None:
        await gate.wait()

    service = FeedbackService(after=after)
    async with service.client() as client:
        call = asyncio.create_task(client.feedback.bulk_create("p", ratings(500), journal=path))
        await service.until(1)
        meddle(path)
        gate.set()
        with pytest.raises(BulkError, match=f"journal {path} was deleted or replaced") as caught:
            await call
    result = caught.value.result
    assert 1 <= len(result) == len(service.items) < 500
    assert len(result) + len(result.failures) + len(result.not_sent) == 500


@pytest.mark.parametrize("meddle", MEDDLING)
async def test_nothing_is_sent_once_a_journal_has_vanished(path, meddle, monkeypatch):
    """Also if it vanishes while its lines are written to disk."""
    real = os.fsync
    syncs = 0

    def fsync(file: int) -> None:
        nonlocal syncs
        real(file)
        syncs += 1
        if syncs == 2:  # of the first items; before that, of the header
            meddle(path)

    service = FeedbackService()
    async with service.client() as client:
        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(ValidationError, match=f"journal {path} was deleted or replaced"):
            await client.feedback.bulk_create("p", ratings(10), journal=path)
    assert (service.requests, syncs >= 2) == (0, True)


async def test_a_journal_that_vanishes_before_it_is_locked(path, monkeypatch):
    real = journal_file.lock

    def lock(file: Any) -> None:
        path.unlink()
        real(file)

    service = FeedbackService()
    async with service.client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(journal_file, "lock", lock)
            with pytest.raises(ValidationError, match=f"journal {path} was deleted or replaced"):
                await client.feedback.bulk_create("p", ratings(10), journal=path)
        assert service.requests == 0
        assert (await client.feedback.bulk_create("p", ratings(10), journal=path)).ok


async def test_a_journal_may_be_deleted_after_the_last_outcome(path):
    async with (
        FeedbackService().client() as client,
        client.feedback.bulk_create_stream("p", ratings(10), journal=path) as stream,
    ):
        assert len([outcome async for outcome in stream]) == 10
        path.unlink()


async def test_the_program_may_go_to_another_folder_meanwhile(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    async def before(*_: object) -> None:
        os.chdir("/")

    async with FeedbackService(before).client() as client:
        assert (await client.feedback.bulk_create("p", ratings(200), journal="journal")).ok
    assert (tmp_path / "journal").exists()


async def test_opening_may_be_cancelled(path):
    adapter = ResourceAdapter("feedback", "p", lambda _: 0, lambda _: None, lambda: aclosing)  # type: ignore[arg-type,return-value]
    opening = asyncio.create_task(Journal.open(path, adapter))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    async with asyncio.timeout(60):
        while True:
            try:
                journal = await Journal.open(path, adapter)  # in the end nobody holds it
                break
            except ConflictError:  # the thread that opened it has not let go yet
                await asyncio.sleep(0.01)
    assert not journal.knows(0)
    await journal.aclose()


async def test_a_full_disk_ends_the_call_with_what_was_done(path, monkeypatch):
    service = FeedbackService()

    def full(self: Journal, job: Job, created: Any) -> None:
        raise OSError(28, "No space left on device")

    async with service.client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "created", full)
            with pytest.raises(BulkError, match="No space left") as caught:
                await client.feedback.bulk_create("p", ratings(100), journal=path)
        assert 1 <= len(caught.value.result) == len(service.items) < 100
        assert len(await client.feedback.bulk_create("p", ratings(100), journal=path)) == 100
    assert stored(service) == Counter(each["feedback"] for each in ratings(100))


async def test_wide_tables_are_recognised_by_their_parts(path):
    columns = [{"name": f"c{index}", "type": "int"} for index in range(20)]
    tables = [
        {"name": name, "schema_data": {"table": {"name": name, "columns": columns[:width]}}}
        for name, width in (("narrow", 3), ("wide", 20), ("wide", 20))
    ]
    async with AsyncText2EverythingClient.local() as client:
        project = (await client.projects.create("tables")).id
        made = await client.schema_metadata.bulk_create(project, tables, journal=path)
        assert len(made) == 7
        assert list(await client.schema_metadata.bulk_create(project, tables, journal=path)) == list(made)
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(line for line in lines if not line.startswith(b"c ")))  # killed before it knew
        again = await client.schema_metadata.bulk_create(project, tables, journal=path)
        assert sorted(each.id for each in again) == sorted(each.id for each in made)
        assert await client.schema_metadata.count(project) == 7


texts = st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1)


@given(message=texts, feedback=texts, positive=st.booleans(), execution=st.none() | texts)
def test_the_digest_is_the_same_before_and_after(message, feedback, positive, execution):
    fields = ("chat_message_id", "feedback", "is_positive", "execution_id")
    content = dict(zip(fields, (message, feedback, positive, execution), strict=True))
    try:
        new = FeedbackCreate(**content)
    except ValidationError:
        return
    made = FeedbackResponse(id="1", **content)
    assert digest(new, fields) == digest(made, fields)
    for field, other in (("feedback", feedback + "x"), ("is_positive", not positive), ("chat_message_id", "é")):
        if content[field] != other:
            assert digest(new, fields) != digest(FeedbackResponse(id="1", **content | {field: other}), fields)


def test_the_digest_does_not_mind_the_order_of_keys_or_an_empty_description():
    fields = ("name", "schema_data", "description")
    one = SchemaMetadataCreate(name="n", schema_data={"a": 1, "b": {"c": 2, "d": 3}})
    two = SchemaMetadataCreate(name="n", schema_data={"b": {"d": 3, "c": 2}, "a": 1}, description="")
    assert digest(one, fields) == digest(two, fields)
