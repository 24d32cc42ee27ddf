"""Rows in files: what is written is read back, and what makes no sense is said with its line."""

from __future__ import annotations

import asyncio
import csv
import errno
import json
import os
import stat
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from extras import PARQUET, needs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from text2everything._tabular import parquet_format
from text2everything._tabular import text as text_format
from text2everything._tabular.formats import check_path, read_rows
from text2everything._tabular.writer import RowWriter
from text2everything.exceptions import ValidationError

SUFFIXES = [".csv", ".jsonl", ".ndjson", PARQUET, ".CSV"]
FIELDS = {"text": str, "flag": bool, "when": datetime, "count": int, "share": float}

texts = (
    st.none()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(
        [
            "",
            " ",
            '"',
            '""',
            ",",
            "\n",
            "\r\n",
            "\r",
            " x ",
            "=1+1",
            "\ufeff",
            "\u2028",
            "\x85",
            "\x00",
            "a\tb",
            "None",
            "null",
        ]
    )
)
zones = st.just(UTC) | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
tables = st.lists(
    st.fixed_dictionaries(
        {
            "text": texts,
            "flag": st.none() | st.booleans(),
            "when": st.none() | st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28), timezones=zones),  # noqa: DTZ001
            "count": st.none() | st.integers(-(2**63), 2**63 - 1),
            "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        }
    ),
    max_size=12,
)


def write(path: Path, rows: list[dict[str, Any]], fields: dict[str, type] = FIELDS) -> None:
    with RowWriter(path, fields) as writer:
        writer.write(rows[:3])
        writer.write(rows[3:])


def read(path: Path, **options: Any) -> list[dict[str, Any]]:
    return [row for _, row in read_rows(path, **options)]


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def typed(row: dict[str, Any], suffix: str) -> dict[str, Any]:
    """Return a row as it was before it became text, where the format has no types for it."""
    if suffix == ".parquet":
        return row
    row = row | {"when": row["when"] and datetime.fromisoformat(row["when"])}
    if suffix.lower() == ".csv":
        parse = {"flag": lambda text: text == "true", "count": int, "share": float}
        row |= {name: None if row[name] is None else each(row[name]) for name, each in parse.items()}
    return row


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(rows=tables)
def test_round_trip(suffix: str, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / f"rows{suffix}"
    write(path, rows)
    assert [typed(row, suffix) for row in read(path)] == rows
    assert list(tmp_path.iterdir()) == [path]


@settings(
    max_examples=2 * settings().max_examples,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(cells=st.lists(st.lists(texts, min_size=2, max_size=2), max_size=8))
def test_csv_is_the_csv_of_others(cells: list[list[str | None]], tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    plain = [[(cell or "").replace("\x00", "0") for cell in row] for row in cells]
    write(path, [dict(zip("ab", row, strict=True)) for row in plain], {"a": str, "b": str})
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["a", "b"], *plain]
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, lineterminator="\r\n").writerows([["a", "b"], *plain])
    # Others write an empty text and none at all alike.
    assert [[row["a"] or "", row["b"] or ""] for row in read(path)] == plain


def test_csv_tells_none_from_an_empty_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write(path, [{"a": None, "b": ""}], {"a": str, "b": str})
    assert path.read_text() == 'a,b\n,""\n'
    assert read(path) == [{"a": None, "b": ""}]


def test_csv_of_one_column_keeps_its_empty_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write(path, [{"a": None}, {"a": ""}, {"a": "x"}], {"a": str})
    assert read(path) == [{"a": None}, {"a": ""}, {"a": "x"}]


def test_values_of_other_kinds_become_json_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write(path, [{"a": {"x": [1, "é"]}}], {"a": str})
    assert json.loads(read(path)[0]["a"]) == {"x": [1, "é"]}
    with pytest.raises(TypeError, match="cannot be written as JSON: set"):
        write(path, [{"a": {1}}], {"a": str})


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b'\xef\xbb\xbfa,b\r\n1,"x\r\ny"\r\n\r\n2,z\r3,"""\n\n"""\n4,')
    assert list(read_rows(path)) == [
        (2, {"a": "1", "b": "x\r\ny"}),
        (5, {"a": "2", "b": "z"}),
        (6, {"a": "3", "b": '"\n\n"'}),
        (9, {"a": "4", "b": None}),
    ]
    path = tmp_path / "rows.jsonl"
    path.write_bytes('\ufeff{"a": 1}\r\n\n  \n{"a": "\u2028"}'.encode())
    assert list(read_rows(path)) == [(1, {"a": 1}), (4, {"a": "\u2028"})]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_are_renamed(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{suffix}"
    write(path, [{"Comment": "good", "feedback": "other", "x": "1"}], {"Comment": str, "feedback": str, "x": str})
    assert read(path, columns={"feedback": "Comment", "y": "x"}) == [{"feedback": "good", "y": "1"}]
    assert read(path, columns={}) == [{"Comment": "good", "feedback": "other", "x": "1"}]
    if suffix not in {".jsonl", ".ndjson"}:  # whose rows need not all have the same columns
        with pytest.raises(ValidationError, match=r"columns\['feedback'\]: .* has no column 'Text', only Comment"):
            read_rows(path, columns={"feedback": "Text"})
    else:
        assert read(path, columns={"feedback": "Text"}) == [{"Comment": "good", "x": "1"}]
    with pytest.raises(ValidationError, match="columns must be a mapping"):
        read_rows(path, columns=["feedback"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: the header"),
        (b"a,b\n1\n", "line 2: 1 cells, but the header has 2"),
        (b"a,b\n1,2,3\n", "line 2: 3 cells, but the header has 2"),
        (b"a,b\n1,2\n\n\n1,2,3\n", "line 5: 3 cells"),
        (b'a,b\n"x\ny",2\n1,2,3\n', "line 4: 3 cells"),
        (b"a,\n", "line 1: column 2 has no name"),
        (b",a\n0,1\n", "line 1: column 1 has no name .*index=False"),
        (b"a, a\n", "line 1: there are two columns 'a'"),
        (b'a,b\n1,"x\n\n\n', "line 2: a quote is opened and not closed"),
        (b'a,b\n1,x"y"\n', "line 2: a quote in the wrong place in cell 2"),
        (b'a,b\n1,"x"y\n', "line 2: a quote in the wrong place in cell 2"),
        (b"a,b\n1,2\n1,\xe4\n", "line 3: not UTF-8: byte 0xe4 at character 3"),
        (b"a,b\n1,\xed\xa0\x80\n", "line 2: not UTF-8: byte 0xed"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1: not UTF-8: byte 0xff at character 1"),
    ],
)
def test_bad_csv(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(ValidationError, match=f"^rows.csv, {message}"):
        list(read_rows(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": }\n', "line 2: not JSON: Expecting value"),
        (b'{"a": 1}\n\n[1]\n', "line 3: not a JSON object"),
        (b'{"a": 1}\n{"a": 1, "b": 2, "a": 1}\n', "line 2: there are two columns 'a'"),
        (b'{"a": NaN}', "line 1: not JSON: NaN is no JSON"),
        (b'{"a": ' + b"[" * 100_000, "line 1: not JSON"),
        (b'{"a": "\xff"}', "line 1: not UTF-8: byte 0xff at character 8"),
    ],
)
def test_bad_json_lines(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    with pytest.raises(ValidationError, match=f"^rows.jsonl, {message}"):
        list(read_rows(path))


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_a_row_without_an_end_is_not_read_into_memory(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_format, "MAX_RECORD", 1_000)
    path = tmp_path / name
    path.write_text('"a"\n' + "x" * 1_001)
    with pytest.raises(ValidationError, match=r"line [12]: (longer than 1000 characters|not a JSON object)"):
        list(read_rows(path))
    path = tmp_path / "open.csv"
    path.write_text('a\n"' + "x\n" * 600)
    with pytest.raises(ValidationError, match="line 2: a quote is opened and not closed"):
        list(read_rows(path))


@needs("parquet")
def test_bad_parquet(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    with pytest.raises(ValidationError, match=r"path cannot be read as Parquet: .*rows.parquet"):
        read_rows(path)
    path.write_bytes(b"PAR1 nothing")
    with pytest.raises(ValidationError, match=r"path cannot be read as Parquet: .*rows.parquet"):
        read_rows(path)
    rows = [{"text": f"row {number}" * 50} for number in range(20_000)]
    write(path, rows, {"text": str})
    whole = path.read_bytes()
    broken = bytearray(whole)
    middle = len(whole) // 2
    broken[middle : middle + 5_000] = b"\xff" * 5_000
    path.write_bytes(broken)
    seen = []
    with pytest.raises(ValidationError, match=r"rows.parquet, line \d+: cannot be read"):
        seen.extend(read_rows(path))
    assert len(seen) < 20_000


@needs("parquet")
def test_parquet_of_others(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"chat_message_id": ["m"] * 3, "is_positive": [1, None, 0]}), path)
    assert [row["is_positive"] for row in read(path)] == [1, None, 0]
    assert [number for number, _ in read_rows(path)] == [1, 2, 3]


@needs("parquet")
def test_parquet_with_two_columns_of_one_name(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table([["m"], ["one"], ["two"]], names=["id", "feedback", "feedback"]), path)
    with pytest.raises(ValidationError, match=r"^rows.parquet: there are two columns 'feedback'$"):
        read_rows(path)


@needs("parquet", "pandas")
def test_parquet_of_a_filtered_data_frame(tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "rows.parquet"
    frame = pd.DataFrame({"id": ["a", "b", "c"], "text": ["x", "y", "z"]})
    frame.iloc[[2, 0, 1]].to_parquet(path)
    assert read(path) == [{"id": "c", "text": "z"}, {"id": "a", "text": "x"}, {"id": "b", "text": "y"}]
    assert read(path, columns={"row": "__index_level_0__"}) == [
        {"id": "c", "text": "z", "row": 2},
        {"id": "a", "text": "x", "row": 0},
        {"id": "b", "text": "y", "row": 1},
    ]
    frame.set_index("id").to_parquet(path)  # its name makes it a column like others
    assert read(path) == [{"id": name, "text": text} for name, text in zip("abc", "xyz", strict=True)]


@needs("parquet")
def test_parquet_times_are_in_utc_unless_the_first_has_no_zone(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "rows.parquet"
    naive, known = datetime(2026, 1, 1, 12), datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))  # noqa: DTZ001
    write(path, [{"when": None}, {"when": naive}, {"when": known}], {"when": datetime})
    assert [row["when"] for row in read(path)] == [None, naive, datetime(2026, 1, 1, 10)]  # noqa: DTZ001
    write(path, [{"when": known}, {"when": naive}], {"when": datetime})
    assert [row["when"] for row in read(path)] == [known, naive.replace(tzinfo=UTC)]
    assert pq.read_schema(path).field("when").type == pa.timestamp("us", tz="UTC")


@needs("parquet")
def test_parquet_rows_are_written_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr(parquet_format, "PARQUET_BATCH", 10)
    path = tmp_path / "rows.parquet"
    with RowWriter(path, {"text": str}) as writer:
        for number in range(35):
            writer.write([{"text": str(number)}])
            assert len(writer._format._rows) < 10  # type: ignore[union-attr]
    assert pq.ParquetFile(path).num_row_groups == 4
    assert [row["text"] for row in read(path)] == [str(number) for number in range(35)]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", PARQUET])
def test_no_rows(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{suffix}"
    write(path, [])
    assert read(path) == []


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", PARQUET])
def test_missing_fields_are_none_and_others_are_left_out(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{suffix}"
    write(path, [{"b": "1", "c": "2"}], {"a": str, "b": str})
    assert read(path) == [{"a": None, "b": "1"}]


def test_a_lone_surrogate_goes_into_json_only(tmp_path: Path) -> None:
    rows = [{"text": "ok"}, {"text": "\ud800 é"}]
    write(tmp_path / "rows.jsonl", rows, {"text": str})
    assert read(tmp_path / "rows.jsonl") == rows
    with pytest.raises(ValidationError, match="row 2 holds a lone surrogate, which CSV cannot"):
        write(tmp_path / "rows.csv", rows, {"text": str})
    assert names(tmp_path) == ["rows.jsonl"]


# Atomic


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", PARQUET])
@pytest.mark.parametrize("written", [0, 1, 10_000])
@pytest.mark.parametrize("older", [True, False])
def test_an_error_leaves_no_trace(suffix: str, written: int, older: bool, tmp_path: Path) -> None:
    path = tmp_path / f"rows{suffix}"
    if older:
        path.write_text("older")

    def fail() -> None:
        with RowWriter(path, FIELDS) as writer:
            writer.write([{"text": "x"}] * written)
            assert len(names(tmp_path)) == 1 + older
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert names(tmp_path) == ([path.name] if older else [])
    assert not older or path.read_text() == "older"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", PARQUET])
@pytest.mark.parametrize("failing", ["fsync", "write"])
def test_a_full_disk_leaves_no_trace(
    suffix: str, failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"rows{suffix}"
    path.write_text("older")
    if failing == "fsync":

        def fsync(_file: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(OSError, match="No space left"):
            write(path, [{"text": "x"}])
    else:
        import resource

        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                write(path, [{"text": f"{number}" * 100} for number in range(1_000)])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(tmp_path) == [path.name]
    assert path.read_text() == "older"


def test_the_old_file_is_whole_until_the_new_one_is(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write(path, [{"text": "old"}], {"text": str})
    with RowWriter(path, {"text": str}) as writer:
        writer.write([{"text": "new"}] * 100_000)
        assert read(path) == [{"text": "old"}]
    assert len(read(path)) == 100_000


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "rows.csv", tmp_path / "link.csv"
    write(path, [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~current_umask()
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, [{"text": "new"}], {"text": str})
    assert link.is_symlink()
    assert read(path) == [{"text": "new"}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_cannot_be_written_to_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "pipe.csv").unlink(missing_ok=True)
    os.mkfifo(tmp_path / "pipe.csv")
    for name, message in {
        "missing/rows.csv": "path cannot be written: .*missing/rows.csv: No such file or directory",
        "folder.csv": "path must be a file",
        "pipe.csv": "path must be a file",
        "x" * 300 + ".csv": "path cannot be written: .*: File name too long",
    }.items():
        with pytest.raises(ValidationError, match=message), RowWriter(tmp_path / name, {}):
            raise AssertionError
    with pytest.raises(RuntimeError, match="not open"):
        RowWriter(tmp_path / "rows.csv", {}).write([])
    assert names(tmp_path) == ["folder.csv", "pipe.csv"]


def test_what_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"path cannot be read: .*No such file"):
        read_rows(tmp_path / "rows.csv")
    (tmp_path / "rows.jsonl").mkdir()
    with pytest.raises(ValidationError, match=r"path cannot be read: .*Is a directory"):
        read_rows(tmp_path / "rows.jsonl")


@pytest.mark.parametrize("path", ["rows", "rows.xlsx", "rows.csv.gz", "", ".csv", "a\0.csv"])
def test_other_formats_are_refused(path: Any) -> None:
    with pytest.raises(ValidationError, match=r"path must end in .csv, .jsonl, .ndjson, .parquet"):
        check_path(path)


@pytest.mark.parametrize("path", [None, 5, ["rows.csv"], b"rows.csv"])
def test_what_is_no_path_is_refused(path: Any) -> None:
    with pytest.raises(ValidationError, match="path must be a path, got"):
        check_path(path)


def test_a_path_may_be_a_string(tmp_path: Path) -> None:
    assert check_path(str(tmp_path / "rows.CSV")).name == "rows.CSV"


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"Parquet needs pyarrow: pip install pyarrow$"):
        read_rows(tmp_path / "rows.parquet")
    with pytest.raises(ImportError, match="Parquet needs pyarrow"):
        RowWriter(tmp_path / "rows.parquet", {})


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", PARQUET])
def test_a_reader_that_is_dropped_lets_go_of_the_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"rows{suffix}"
    write(path, [{"text": "x" * 100}] * 30_000, {"text": str})
    rows = read_rows(path)
    next(rows)
    del rows
    open_files = {each.readlink() for each in Path("/proc/self/fd").iterdir() if each.is_symlink()}
    assert path not in open_files


# Asynchronous


async def test_the_disk_is_waited_for_in_a_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, threads = tmp_path / "rows.csv", []
    real = os.fsync

    def fsync(file: int) -> None:
        threads.append(threading.current_thread())
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    async with RowWriter(path, {"text": str}) as writer:
        writer.write([{"text": "x"}])
    assert read(path) == [{"text": "x"}]
    assert threading.main_thread() not in threads
    assert threads


async def test_cancelled_while_the_disk_works_the_file_is_there_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, reached, go_on = tmp_path / "rows.csv", threading.Event(), threading.Event()

    def fsync(_file: int) -> None:
        reached.set()
        assert go_on.wait(60)

    monkeypatch.setattr(os, "fsync", fsync)

    async def export() -> None:
        async with RowWriter(path, {"text": str}) as writer:
            writer.write([{"text": "x"}])

    task = asyncio.create_task(export())
    await asyncio.to_thread(reached.wait, 60)
    task.cancel()
    await asyncio.sleep(0.01)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names(tmp_path) == ["rows.csv"]
    assert read(path) == [{"text": "x"}]


async def test_an_error_in_asynchronous_use_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        async with RowWriter(tmp_path / "rows.csv", {"text": str}):
            raise RuntimeError
    assert names(tmp_path) == []
