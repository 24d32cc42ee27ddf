"""Ratings into files: all of them, as they were, or no file at all."""

from __future__ import annotations

import asyncio
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from extras import PARQUET
from odd_services import OddService, rows, serving

from text2everything import AsyncText2EverythingClient, ServerError, Text2EverythingClient, ValidationError
from text2everything._bulk.progress import Progress
from text2everything._codec import Listing
from text2everything._pagination import seen
from text2everything._pagination.pager import AsyncPager, IncompleteListingWarning
from text2everything._tabular.export import export_items
from text2everything._tabular.formats import read_rows
from text2everything.models import FeedbackResponse
from text2everything.resources.feedback import FIELDS

SUFFIXES = [".csv", ".jsonl", ".ndjson", PARQUET]


def options(url: str) -> dict[str, Any]:
    return {"base_url": url, "access_token": "t", "workspace_name": "workspaces/w", "max_retries": 0}


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def read(path: Path, **how: Any) -> list[dict[str, Any]]:
    return [row for _, row in read_rows(path, **how)]


def test_every_field_of_a_rating_is_exported() -> None:
    rating = FeedbackResponse(id="f", chat_message_id="m", feedback="x")
    assert set(FIELDS) == set(rating.to_dict())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_exported_and_uploaded_again_nothing_is_lost(suffix: str, tmp_path: Path) -> None:
    texts = ["plain", '"quoted", with a comma', "two\nlines\r\nand more", "=1+1", " blanks ", "naïve 👍", "'", ";\t"]
    with Text2EverythingClient.local(demo=True) as client:
        project = client.projects.list()[0].id
        answer = client.chat.chat_to_answer(
            project,
            client.chat_sessions.list(project)[0].id,
            "Show active customers",
            connector_id=client.connectors.list(project)[0].id,
        )
        assert answer.execution_result is not None
        client.feedback.bulk_delete(project, [each.id for each in client.feedback.list(project)] or ["none"])
        client.feedback.bulk_create(
            project,
            [
                {
                    "chat_message_id": answer.chat_message_id,
                    "feedback": f"{text}{number}",
                    "is_positive": number % 3 == 0,
                    "execution_id": answer.execution_result.execution_id if number % 2 else None,
                }
                for number, text in enumerate(texts * 20)
            ],
        )
        ratings = client.feedback.list(project)
        assert len(ratings) == 160
        path = tmp_path / f"ratings{suffix}"
        columns = {"feedback": "Comment, free", "id": "Number"}
        for how in ({}, {"columns": columns}):
            assert client.feedback.export(project, path, **how) == 160
            exported = read(path, **how)
            assert [row["id"] for row in exported] == [each.id for each in ratings]
            assert [row["execution_id"] for row in exported] == [each.execution_id for each in ratings]
            client.feedback.bulk_delete(project, [each.id for each in ratings])
            assert client.feedback.upload(project, path, max_concurrency=1, **how).created == 160
            again = client.feedback.list(project)
            assert [content(each) for each in again] == [content(each) for each in ratings]
            ratings = again
    assert names(tmp_path) == [path.name]


def content(rating: FeedbackResponse) -> tuple[Any, ...]:
    return rating.chat_message_id, rating.feedback, rating.is_positive, rating.execution_id


@pytest.mark.parametrize("suffix", SUFFIXES)
async def test_export_reads_every_page_in_order(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"ratings{suffix}"
    service = OddService(items=rows(2_345), style="page")
    async with serving(service) as url, AsyncText2EverythingClient(**options(url)) as client:
        assert await client.feedback.export("p", path) == 2_345
    assert [row["feedback"] for row in read(path)] == [f"text {number}" for number in range(2_345)]
    assert list(read(path)[0]) == list(FIELDS)


async def test_chosen_columns_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    async with serving(OddService(items=rows(2))) as url, AsyncText2EverythingClient(**options(url)) as client:
        assert await client.feedback.export("p", path, columns=["feedback", "id"]) == 2
        assert path.read_text() == "feedback,id\ntext 0,f0\ntext 1,f1\n"
        assert await client.feedback.export("p", path, columns=("is_positive",)) == 2
        assert path.read_text() == "is_positive\ntrue\ntrue\n"
        assert await client.feedback.export("p", path, columns={}) == 2
        assert path.read_text().startswith("id,chat_message_id,feedback,")


@pytest.mark.parametrize("suffix", SUFFIXES)
async def test_an_empty_listing_gives_an_empty_file(suffix: str, tmp_path: Path) -> None:
    async with serving(OddService(items=[])) as url, AsyncText2EverythingClient(**options(url)) as client:
        assert await client.feedback.export("p", tmp_path / f"ratings{suffix}") == 0
        assert read(tmp_path / f"ratings{suffix}") == []


async def test_an_error_on_the_way_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("older")
    service = OddService(items=rows(5_000), status=lambda number: 500 if number == 7 else 200)
    async with serving(service) as url, AsyncText2EverythingClient(**options(url)) as client:
        with pytest.raises(ServerError):
            await client.feedback.export("p", path)
    assert path.read_text() == "older"
    assert names(tmp_path) == ["ratings.csv"]


async def test_a_cancelled_export_leaves_no_trace(tmp_path: Path) -> None:
    many = asyncio.Event()
    service = OddService(items=rows(5_000), before=lambda number: number > 5 and many.set())
    async with serving(service) as url, AsyncText2EverythingClient(**options(url)) as client:
        task = asyncio.create_task(client.feedback.export("p", tmp_path / "ratings.jsonl"))
        await many.wait()
        service.delay = 0.05
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert names(tmp_path) == []


async def test_what_is_missing_is_said(tmp_path: Path) -> None:
    service = OddService(items=rows(300), style="neither", cap=100)
    async with serving(service) as url, AsyncText2EverythingClient(**options(url)) as client:
        with pytest.warns(IncompleteListingWarning, match="300 items, but gave only 100"):
            assert await client.feedback.export("p", tmp_path / "ratings.csv") == 100


async def test_progress_is_told_with_the_total(tmp_path: Path) -> None:
    told: list[Progress] = []
    async with serving(OddService(items=rows(230))) as url, AsyncText2EverythingClient(**options(url)) as client:
        await client.feedback.export("p", tmp_path / "ratings.csv", progress=told.append)
        await client.feedback.export("p", tmp_path / "ratings.csv", progress=True)  # no terminal, so nothing to see
    assert (told[-1].done, told[-1].failed, told[-1].total) == (230, 0, 230)


async def test_a_search_is_obeyed(tmp_path: Path) -> None:
    asked = []

    class Service(OddService):
        def reply(self, query: Any) -> Any:
            asked.append(query.get("q"))
            return super().reply(query)

    async with serving(Service(items=rows(3))) as url, AsyncText2EverythingClient(**options(url)) as client:
        await client.feedback.export("p", tmp_path / "ratings.csv", search="wrong year")
    assert asked == ["wrong year"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "ratings.xlsx"}, "path must end in"),
        ({"path": None}, "path must be a path"),
        ({"path": "/nowhere/ratings.csv"}, "path cannot be written: /nowhere/ratings.csv: No such file"),
        ({"project_id": " "}, "project_id must not be empty"),
        ({"columns": "feedback"}, "columns must be a mapping or a list of fields, got str"),
        ({"columns": 5}, "columns must be a mapping or a list of fields, got int"),
        ({"columns": []}, "columns must not be empty"),
        ({"columns": ["feedbak"]}, "columns: there is no field 'feedbak', only id, chat_message_id"),
        ({"columns": {"feedbak": "x"}}, "columns: there is no field 'feedbak'"),
        ({"columns": {"feedback": " "}}, "columns['feedback'] must be the name of a column, got ' '"),
        ({"columns": {"feedback": None}}, "columns['feedback'] must be the name of a column, got None"),
        ({"columns": {"feedback": "id"}}, "columns: two fields go to the column 'id'"),
        ({"search": 5}, "search must be a string"),
        ({"progress": "yes"}, "progress must be a callable or True"),
    ],
)
async def test_wrong_arguments_are_refused_before_any_request(
    arguments: dict[str, Any], message: str, tmp_path: Path
) -> None:
    service = OddService(items=rows(3))
    async with serving(service) as url, AsyncText2EverythingClient(**options(url)) as client:
        with pytest.raises(ValidationError) as raised:
            await client.feedback.export(**{"project_id": "p", "path": tmp_path / "ratings.csv"} | arguments)
    assert str(raised.value).startswith(message)
    assert service.asked == []
    assert names(tmp_path) == []


@pytest.mark.slow
async def test_memory_does_not_grow_with_the_ratings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "REMEMBERED", 1_000)
    peaks = []
    for total in (5_000, 40_000):

        async def fetch(skip: int, limit: int, total: int = total) -> Listing:
            await asyncio.sleep(0)
            items = [FeedbackResponse(**each) for each in rows(limit, start=skip)]
            return Listing(items, total=total, has_next=skip + limit < total)

        tracemalloc.start()
        pager = AsyncPager[FeedbackResponse](fetch, ahead=10)
        assert await export_items(pager, tmp_path / "ratings.csv", FIELDS) == total
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
