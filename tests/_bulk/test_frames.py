"""Data frames of pandas, polars and pyarrow as sources of a bulk create."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import sys
from contextlib import closing
from typing import Any, NamedTuple

import pytest
from bulk_service import FeedbackService
from extras import needs, skip_without

from text2everything import AsyncText2EverythingClient, Text2EverythingClient, ValidationError
from text2everything._bulk.frames import rows_of

COLUMNS: dict[str, list[Any]] = {
    "chat_message_id": ["m1", "m2", "m3"],
    "feedback": ["one", "two", "three"],
    "is_positive": [True, False, True],
    "execution_id": ["e1", None, "e3"],
}
EXPECTED = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]


def pandas(columns: dict[str, list[Any]]) -> Any:
    import pandas as pd

    return pd.DataFrame(columns)


def pandas_of_pyarrow(columns: dict[str, list[Any]]) -> Any:
    return pandas(columns).convert_dtypes(dtype_backend="pyarrow")


def pandas_of_nullable_types(columns: dict[str, list[Any]]) -> Any:
    return pandas(columns).convert_dtypes()


def pyarrow(columns: dict[str, list[Any]]) -> Any:
    import pyarrow as pa

    return pa.table(columns)


def pyarrow_batch(columns: dict[str, list[Any]]) -> Any:
    return pyarrow(columns).to_batches()[0]


def polars(columns: dict[str, list[Any]]) -> Any:
    return pytest.importorskip("polars", reason="needs the extra dev").DataFrame(columns)


KINDS = [
    pytest.param(pandas, marks=needs("pandas")),
    pytest.param(pandas_of_nullable_types, marks=needs("pandas")),
    pytest.param(pandas_of_pyarrow, marks=needs("pandas", "parquet")),
    pytest.param(pyarrow, marks=needs("parquet")),
    pytest.param(pyarrow_batch, marks=needs("parquet")),
    polars,
]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("blocking", [False, True], ids=["async", "blocking"])
async def test_a_frame_is_its_rows(make: Any, blocking: bool) -> None:
    frame = make(COLUMNS)
    service = FeedbackService()
    async with service.client() as client:
        if blocking:
            result, outcomes = await asyncio.to_thread(blocking_calls, client, frame)
        else:
            result = await client.feedback.bulk_create("p", frame)
            outcomes = [outcome async for outcome in client.feedback.bulk_create_stream("p", frame, window=2)]
    sent = [{name: item[name] for name in COLUMNS} for item in service.items]
    assert sorted(sent, key=lambda item: item["chat_message_id"]) == sorted(
        EXPECTED * 2, key=lambda item: str(item["chat_message_id"])
    )
    assert [each.feedback for each in result] == ["one", "two", "three"]
    assert sorted(outcome.index for outcome in outcomes) == [0, 1, 2]
    assert all(outcome.ok for outcome in outcomes)


def blocking_calls(other: AsyncText2EverythingClient, frame: Any) -> Any:
    names = ("base_url", "access_token", "workspace_name")
    with Text2EverythingClient(**{name: getattr(other.settings, name) for name in names}) as client:
        return client.feedback.bulk_create("p", frame), list(client.feedback.bulk_create_stream("p", frame, window=2))


@pytest.mark.parametrize("make", KINDS)
async def test_wrong_rows_are_named(make: Any) -> None:
    async with FeedbackService().client() as client:
        with pytest.raises(ValidationError) as caught:
            await client.feedback.bulk_create("p", make({**COLUMNS, "feedback": ["one", None, " "]}))
        assert str(caught.value).startswith(
            "items[1]: feedback is missing; items[2]: feedback must not be empty or blank"
        )
        with pytest.raises(ValidationError, match=r"items\[0\]: unknown field stars; the fields are chat_message_id"):
            await client.feedback.bulk_create("p", make({**COLUMNS, "stars": [1, 2, 3]}))
        missing = {name: COLUMNS[name] for name in ("feedback", "is_positive")}
        with pytest.raises(ValidationError, match=r"items\[0\]: missing field chat_message_id"):
            await client.feedback.bulk_create("p", make(missing))


class Rating(NamedTuple):
    chat_message_id: str
    feedback: str
    is_positive: bool
    execution_id: str | None


def rows_of_sqlite() -> Any:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        return [
            connection.execute("SELECT ? AS chat_message_id, ? AS feedback, ? AS execution_id", row).fetchone()
            for row in zip(COLUMNS["chat_message_id"], COLUMNS["feedback"], COLUMNS["execution_id"], strict=True)
        ]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: (row for _, row in pandas(COLUMNS).iterrows()), marks=needs("pandas"), id="iterrows"),
        pytest.param(lambda: pandas(COLUMNS).itertuples(), marks=needs("pandas"), id="itertuples"),
        pytest.param(lambda: pandas(COLUMNS).to_records(), marks=needs("pandas"), id="records"),
        pytest.param(
            lambda: pandas(COLUMNS).to_records(index=False), marks=needs("pandas"), id="records without index"
        ),
        pytest.param(lambda: itertools.starmap(Rating, zip(*COLUMNS.values(), strict=True)), id="named tuples"),
        pytest.param(rows_of_sqlite, id="sqlite3"),
    ],
)
async def test_rows_that_are_no_mappings(make: Any) -> None:
    service = FeedbackService()
    async with service.client() as client:
        result = await client.feedback.bulk_create("p", make())
    assert [(each.feedback, each.execution_id) for each in result] == [
        (row["feedback"], row["execution_id"]) for row in EXPECTED
    ]


@needs("pandas")
async def test_columns_of_ids() -> None:
    import pandas as pd

    service = FeedbackService()
    async with service.client() as client:
        made = await client.feedback.bulk_create("p", pandas(COLUMNS))
        frame = pd.DataFrame([each.to_dict() for each in made])
        for ids in (frame["id"][:1], frame["id"].to_numpy()[1:]):
            assert (await client.feedback.bulk_delete("p", ids)).deleted_count == len(ids)
        with pytest.raises(ValidationError, match=r"feedback_ids\[1\] is missing"):
            await client.feedback.bulk_delete("p", pd.Series(["a", None]))


@pytest.mark.parametrize("make", ["pandas", "table", "batch", "stream"])
async def test_two_columns_of_one_name_are_refused(make: str) -> None:
    skip_without("pandas" if make == "pandas" else "parquet")
    names = ["chat_message_id", "feedback", "feedback"]
    if make == "pandas":
        import pandas as pd

        frame: Any = pd.DataFrame([["m1", "one", "two"]], columns=names)
    else:
        import pyarrow as pa

        frame = pa.table([["m1"], ["one"], ["two"]], names=names)
        frame = {"table": frame, "batch": frame.to_batches()[0], "stream": Stream(frame)}[make]
    service = FeedbackService()
    async with service.client() as client:
        with pytest.raises(ValidationError, match="there are two columns 'feedback'"):
            await client.feedback.bulk_create("p", frame)
        with pytest.raises(ValidationError, match="there are two columns 'feedback'"):
            client.feedback.bulk_create_stream("p", frame)
        with pytest.raises(ValidationError, match="there are two columns 'feedback'"):
            await asyncio.to_thread(blocking_calls, client, frame)
    assert not service.items


class Stream:
    """A table of another library, such as a relation of DuckDB: nothing but an Arrow stream."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


@needs("parquet")
@pytest.mark.parametrize("make", [Stream, lambda table: table.to_reader()], ids=["stream", "reader"])
@pytest.mark.parametrize("blocking", [False, True], ids=["async", "blocking"])
async def test_an_arrow_stream_is_its_rows(make: Any, blocking: bool) -> None:
    service = FeedbackService()
    async with service.client() as client:
        if blocking:
            names = ("base_url", "access_token", "workspace_name")
            with Text2EverythingClient(**{name: getattr(client.settings, name) for name in names}) as other:
                result = await asyncio.to_thread(other.feedback.bulk_create, "p", make(pyarrow(COLUMNS)))
        else:
            result = await client.feedback.bulk_create("p", make(pyarrow(COLUMNS)))
    assert [(each.feedback, each.execution_id) for each in result] == [
        (row["feedback"], row["execution_id"]) for row in EXPECTED
    ]


def test_an_arrow_stream_needs_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"a Stream is read with pyarrow, .*: pip install pyarrow$"):
        rows_of(Stream(None))


@needs("parquet")
def test_a_single_column_is_no_frame() -> None:
    import pyarrow as pa

    column = pa.chunked_array([[1, 2]])
    assert rows_of(column) is column
    with pytest.raises(ValidationError, match="a Stream cannot be read as rows"):
        rows_of(Stream(column))


@needs("parquet", "pandas")
def test_an_index_without_a_name_is_no_column() -> None:
    import pyarrow as pa

    frame = pandas({"a": [1, 2, 3]})
    table = pa.Table.from_pandas(frame.iloc[[2, 0, 1]])
    assert table.schema.names == ["a", "__index_level_0__"]
    for source in (table, table.to_batches()[0], table.to_reader()):
        assert list(rows_of(source)) == [{"a": 3}, {"a": 1}, {"a": 2}]


def test_other_sources_stay_as_they_are() -> None:
    for source in ([1], {"a": 1}, iter([1]), object(), dict):
        assert rows_of(source) is source
