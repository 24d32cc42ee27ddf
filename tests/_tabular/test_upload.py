"""feedback.upload: files checked, streamed and sent, with errors by line."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from bulk_service import FeedbackService, ratings, refusing
from extras import PARQUET

from text2everything import AuthenticationError, BulkError, ValidationError
from text2everything._tabular.rating_row import parse_rating
from text2everything._tabular.upload_result import UploadFailure, UploadResult


def csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def kept(service: FeedbackService) -> list[tuple[Any, ...]]:
    fields = ("chat_message_id", "feedback", "is_positive", "execution_id")
    return sorted(tuple(item[field] for field in fields) for item in service.items)


CSV = """chat_message_id,feedback,is_positive,execution_id
m1,"two
lines",yes,e1
m2,thumbs,👎,
m3,plain,1,e3
"""
WANTED = [("m1", "two\nlines", True, "e1"), ("m2", "thumbs", False, None), ("m3", "plain", True, "e3")]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", PARQUET])
async def test_each_format(suffix, tmp_path):
    names = ("chat_message_id", "feedback", "is_positive", "execution_id")
    rows = [dict(zip(names, row, strict=True)) for row in WANTED]
    file = tmp_path / f"a{suffix}"
    match suffix:
        case ".csv":
            csv(file, CSV)
        case ".jsonl":
            jsonl(file, rows)
        case _:
            import pyarrow as pa
            import pyarrow.parquet as pq

            pq.write_table(pa.Table.from_pylist(rows), file)
    service = FeedbackService()
    async with service.client() as client:
        result = await client.feedback.upload("p", file)
    assert (result.created, result.failed, result.ok, result.resumed) == (3, 0, True, 0)
    assert kept(service) == WANTED


async def test_columns_of_other_names(tmp_path):
    file = csv(tmp_path / "a.csv", "Message,Comment,Thumb,Who\nm1,fine,up,me\n")
    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(ValidationError, match="line 2: unknown column 'Message', 'Comment', 'Thumb', 'Who'"):
            await client.feedback.upload("p", file)
        columns = {"chat_message_id": "Message", "feedback": "Comment", "is_positive": "Thumb"}
        await client.feedback.upload("p", str(file), columns=columns)
    assert kept(service) == [("m1", "fine", True, None)]


async def test_what_was_exported_can_be_uploaded(tmp_path):
    service = FeedbackService()
    for each in ratings(20):
        service.store(each | {"execution_id": None})
    before = kept(service)
    file = jsonl(tmp_path / "all.jsonl", service.items)
    service.items.clear()
    async with service.client() as client:
        await client.feedback.upload("p", file)
    assert kept(service) == before


async def test_every_wrong_line_is_reported_before_anything_is_sent(tmp_path):
    text = CSV + "m4,,true,\nm5,fine,maybe,\n,fine,true,\nm7,fine,,\n"
    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(ValidationError) as caught:
            await client.feedback.upload("p", csv(tmp_path / "a.csv", text))
    assert [problem.split(":")[0] for problem in caught.value.response_data["problems"]] == [
        "line 6",
        "line 7",
        "line 8",
        "line 9",
    ]
    assert "line 7: is_positive must be true or false, yes or no" in caught.value.message
    assert "line 9: is_positive is empty" in caught.value.message
    assert service.requests == 0


async def test_collecting_uploads_the_rest(tmp_path):
    text = CSV + "m4,fine,maybe,\nm5,rating 9,true,\n"
    service = FeedbackService(refusing(404, 9))
    async with service.client() as client:
        result = await client.feedback.upload("p", csv(tmp_path / "a.csv", text), on_error="collect")
    assert (result.created, result.failed, result.ok, result.complete) == (3, 2, False, True)
    assert [failure.line for failure in result.failures] == [6, 7]
    assert str(result.failures[0].error).startswith("line 6: is_positive must be")
    with pytest.raises(BulkError, match="2 rows failed, 3 were created; the first: line 6"):
        result.raise_for_failures()


async def test_failures_raise_and_stop(tmp_path):
    file = jsonl(tmp_path / "a.jsonl", ratings(3000))
    service = FeedbackService(refusing(404, 40))
    async with service.client() as client:
        with pytest.raises(BulkError, match="1 rows failed, 2,999 were created; the first: line 41") as caught:
            await client.feedback.upload("p", file)
        assert caught.value.result.complete
        with pytest.raises(BulkError, match="the rest was not sent") as caught:
            await client.feedback.upload("p", file, on_error="stop")
        assert caught.value.result.created < 2999
        service.before = refusing(401, 40)
        with pytest.raises(BulkError, match="stopped with") as caught:
            await client.feedback.upload("p", file)
        assert isinstance(caught.value.__cause__, AuthenticationError)
        result = await client.feedback.upload("p", file, on_error="collect")
        assert (result.complete, result.failed) == (False, 1)
        service.before = refusing(401, 0)
        with pytest.raises(AuthenticationError):
            await client.feedback.upload("p", file)


async def test_a_broken_file(tmp_path):
    text = '{"chat_message_id": "m", "feedback": "f"}\n' * 3 + "{broken\n"
    file = tmp_path / "a.jsonl"
    file.write_text(text)
    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(ValidationError, match="line 4"):
            await client.feedback.upload("p", file)
        assert service.requests == 0
        with pytest.raises(BulkError, match=r"stopped with 3 rows created: .*line 4"):
            await client.feedback.upload("p", file, on_error="collect")
        with pytest.raises(ValidationError, match="must end in"):
            await client.feedback.upload("p", tmp_path / "a.xls")
        with pytest.raises(ValidationError, match="on_error must be"):
            await client.feedback.upload("p", file, on_error="ignore")  # type: ignore[arg-type]


async def test_a_pipe_is_read_once(tmp_path):
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: jsonl(pipe, ratings(10)))
    service = FeedbackService()
    async with service.client() as client:
        writer.start()
        result = await client.feedback.upload("p", pipe)
        writer.join()
    assert result.created == len(service.items) == 10


async def test_a_journal_resumes_an_upload_whose_failures_were_mended(tmp_path):
    rows = ratings(100)
    file, journal = tmp_path / "a.jsonl", tmp_path / "journal"
    service = FeedbackService(refusing(422, 60))
    told = []
    async with service.client() as client:
        with pytest.raises(BulkError):
            await client.feedback.upload("p", jsonl(file, rows), journal=journal)
        rows[60]["feedback"] = "mended"
        result = await client.feedback.upload("p", jsonl(file, rows), journal=journal, progress=told.append)
    assert (result.created, result.resumed, len(service.items)) == (100, 99, 100)
    assert (told[-1].done, told[-1].total) == (100, 100)


async def test_failures_are_kept_up_to_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr("text2everything._tabular.upload.MAX_FAILURES", 5)
    async with FeedbackService().client() as client:
        result = await client.feedback.upload("p", jsonl(tmp_path / "a.jsonl", [{}] * 1200), on_error="collect")
    assert (result.failed, len(result.failures), result.created) == (1200, 5, 0)


@pytest.mark.parametrize(
    "word", ["true", "1", "Yes", " Y ", "t", "on", "good", "positive", "up", "+1", "👍", "1.0", True, 1, 1.0]
)
def test_words_for_good(word):
    assert parse_rating({"chat_message_id": "m", "feedback": "f", "is_positive": word}).is_positive is True


@pytest.mark.parametrize(
    "word", ["false", "0", "No", "n", "F", "off", "bad", "negative", "down", "-1", "👎", "0.0", False, 0]
)
def test_words_for_bad(word):
    assert parse_rating({"chat_message_id": "m", "feedback": "f", "is_positive": word}).is_positive is False


@pytest.mark.parametrize("word", [2, "perhaps", None, [], ""])
def test_no_words(word):
    with pytest.raises(ValidationError, match="is_positive"):
        parse_rating({"chat_message_id": "m", "feedback": "f", "is_positive": word})


def test_a_row_may_leave_out_what_has_a_default():
    found = parse_rating({"chat_message_id": "m", "feedback": "f", "execution_id": ""})
    assert (found.is_positive, found.execution_id) == (True, None)


def test_a_result_that_stopped_without_a_failure():
    with pytest.raises(BulkError, match="0 rows failed, 1 were created, and the rest was not sent"):
        UploadResult(created=1, complete=False).raise_for_failures()
    UploadResult(created=1).raise_for_failures()
    assert UploadFailure(3, ValidationError("x")).line == 3
