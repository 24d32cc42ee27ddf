"""bulk_delete of any number: in parts, many at once, with one result."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from bulk_service import FeedbackService, ratings, slow

from text2everything import BulkError, NotFoundError, Text2EverythingClient, ValidationError


def filled(count: int, **hooks: Any) -> FeedbackService:
    service = FeedbackService(**hooks)
    for each in ratings(count):
        service.store(each)
    return service


def ids(count: int) -> list[str]:
    return [f"id-{index}" for index in range(count)]


async def test_any_number_in_parts_with_one_result():
    service = filled(1050, before=slow(0.001))
    told = []
    async with service.client() as client:
        result = await client.feedback.bulk_delete("p", [*ids(1050), "unknown", *ids(3)], progress=told.append)
    assert (result.deleted_count, result.failed_ids) == (1050, ["unknown"])
    assert result["failed_ids"] == ["unknown"]
    assert not service.items
    assert sorted(map(len, service.deletes)) == [51, *[100] * 10]
    assert (told[-1].done, told[-1].failed, told[-1].total) == (1051, 0, 1051)


async def test_sets_and_duplicates_are_fine():
    service = filled(3)
    async with service.client() as client:
        assert (await client.feedback.bulk_delete("p", ids={"id-0", "id-1"})).deleted_count == 2
        assert (await client.feedback.bulk_delete("p", ["id-2", "id-2", "x", "x"])).failed_ids == ["x"]
        for wrong in ([], "id", None, [1], [".."]):
            with pytest.raises(ValidationError):
                await client.feedback.bulk_delete("p", wrong)  # type: ignore[arg-type]


async def test_a_part_that_fails_for_good_is_an_error_that_says_what_is_known(monkeypatch):
    monkeypatch.setattr("text2everything._bulk.health.PATIENCE", 0.1)

    async def before(_: FeedbackService, body: dict[str, Any]) -> web.Response | None:
        return web.json_response({"detail": "no"}, status=500) if "id-250" in body["ids"] else None

    service = filled(500, before=before)
    async with service.client() as client:
        with pytest.raises(BulkError, match="4 of 5 requests to delete succeeded; the first error: no") as caught:
            await client.feedback.bulk_delete("p", ids(500))
    result = caught.value.result
    assert result.deleted_count == 400
    assert result.failed_ids == [f"id-{index}" for index in range(200, 300)]


async def test_if_nothing_was_deleted_the_error_is_the_services():
    async def before(_: FeedbackService, __: dict[str, Any]) -> web.Response:
        return web.json_response({"detail": "no such project"}, status=404)

    async with filled(0, before=before).client() as client:
        with pytest.raises(NotFoundError, match="no such project"):
            await client.feedback.bulk_delete("p", ids(500))


async def test_a_refused_token_ends_the_call():
    async def before(service: FeedbackService, _: dict[str, Any]) -> web.Response | None:
        return web.json_response({}, status=401) if len(service.deletes) > 2 else None

    service = filled(3000, before=before)
    async with service.client() as client:
        with pytest.raises(BulkError) as caught:
            await client.feedback.bulk_delete("p", ids(3000), max_concurrency=1)
    assert caught.value.result.deleted_count == 200
    assert caught.value.result.failed_ids == ids(3000)[200:]
    assert len(service.deletes) == 3


def test_all_resources_on_the_blocking_side():
    with Text2EverythingClient.local() as client:
        project = client.projects.create("deletes").id
        made = client.contexts.bulk_create(project, [{"name": f"n{i}", "content": "c"} for i in range(250)])
        result = client.contexts.bulk_delete(project, [each.id for each in made], max_concurrency=4)
        assert (result.deleted_count, result.failed_ids) == (250, [])
        assert client.contexts.count(project) == 0
