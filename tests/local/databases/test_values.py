"""Values as JSON: none is lost, none is too large, and what was cut says so."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local._databases import _results
from text2everything.local._databases._results import encode_result
from text2everything.local._databases._values import MAX_CELL, iso_date_time, to_json_value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**70, 2**70),
        (1.5, 1.5),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (b"\x00\xff", "00ff"),
        (memoryview(b"a"), "61"),
        (bytearray(b"a"), "61"),
        (decimal.Decimal("1.10"), "1.10"),
        (decimal.Decimal("1E+3"), "1000"),
        (decimal.Decimal("1E-7"), "0.0000001"),
        (decimal.Decimal("NaN"), "NaN"),
        (decimal.Decimal("sNaN"), "NaN"),
        (decimal.Decimal("-Infinity"), "-Infinity"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC), "2024-02-29T01:02:03+00:00"),
        (dt.time(1, 2), "01:02:00"),
        (dt.timedelta(0), "PT0S"),
        (dt.timedelta(days=1, seconds=1), "P1DT1S"),
        (dt.timedelta(hours=-2, minutes=-3, microseconds=-500_000), "-PT2H3M0.5S"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([1, (b"a",)], [1, ["61"]]),
        ({1: {"a": decimal.Decimal(1)}}, {"1": {"a": "1"}}),
        (b"x" * (MAX_CELL + 1), f"{'78' * MAX_CELL}… (cut: 1,048,577 bytes)"),
        ("x" * MAX_CELL, "x" * MAX_CELL),
        ("x" * (MAX_CELL + 1), f"{'x' * MAX_CELL}… (cut: 1,048,577 characters)"),
    ],
)
def test_values_become_json(value: Any, expected: Any) -> None:
    assert to_json_value(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29 01:02:03", "2024-02-29T01:02:03"),
        ("2024-02-29 01:02:03.5+00", "2024-02-29T01:02:03.5+00:00"),
        ("2024-02-29 01:02:03+05:30", "2024-02-29T01:02:03+05:30"),
        ("1900-01-01 00:00:00+00:09:21", "1900-01-01T00:00:00+00:09:21"),
        ("10:00:00-08", "10:00:00-08:00"),
        ("0044-03-15 00:00:00 BC", "0044-03-15T00:00:00 BC"),
        ("0044-03-15 00:00:00+00 BC", "0044-03-15T00:00:00+00:00 BC"),
        ("infinity", "infinity"),
    ],
)
def test_times_of_postgresql_become_iso_8601(text: str, expected: str) -> None:
    assert iso_date_time(text) == expected


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.decimals()
times = st.datetimes() | st.dates() | st.times() | st.timedeltas()
values = st.recursive(
    scalars | times, lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner)
)


def encoded(rows: list[list[Any]], max_rows: int = 10_000) -> Any:
    left = iter(rows)
    text = encode_result(
        ["a"], lambda count: [row for _, row in zip(range(count), left, strict=False)], to_json_value, max_rows
    )
    assert text.encode()
    return json.loads(text)


@given(st.lists(values))
def test_any_rows_become_a_document(cells: list[Any]) -> None:
    found = encoded([[cell] for cell in cells])
    assert found["rowCount"] == len(cells)
    assert [row[0] for row in found["data"][1:]] == json.loads(json.dumps([to_json_value(cell) for cell in cells]))


def test_a_lone_surrogate_is_kept() -> None:
    assert encoded([["\ud800"]])["data"][1] == ["\ud800"]


def test_rows_that_are_too_many_or_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["x" * 10] for _ in range(200)]
    assert (encoded(rows, 200)["rowCount"], "truncated" in encoded(rows, 200)) == (200, False)
    assert (encoded(rows, 199)["rowCount"], encoded(rows, 199)["truncated"]) == (199, True)
    monkeypatch.setattr(_results, "MAX_RESULT", 100)
    found = encoded(rows)
    assert (found["rowCount"], found["truncated"]) == (6, True)
    assert encoded([["x" * 1000]])["rowCount"] == 1  # at least one row, however long


def test_a_nested_value_is_cut_as_a_whole() -> None:
    found = encoded([[["x" * 1000] * 2000]])
    (text,) = found["data"][1]
    assert text.startswith('["xxx')
    assert text.endswith("… (cut: 2,006,001 characters)")
    assert found["truncated"] is True
    assert len(text) < MAX_CELL + 100


def test_few_rows_are_fetched_at_once_where_they_are_long() -> None:
    counts: list[int] = []
    sizes = iter([1] * 60 + [2**22] * 10)

    def fetch(count: int) -> list[list[str]]:
        counts.append(count)
        return [["x" * size] for _, size in zip(range(count), sizes, strict=False)]

    encode_result(["a"], fetch, to_json_value, 10_000)
    assert counts[:6] == [1, 2, 4, 8, 16, 32]
    assert set(counts[6:]) == {1}
