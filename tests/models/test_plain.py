"""What data frames hold, in the fields of models: missing values are missing, and scalars are what they hold."""

from __future__ import annotations

import collections
import decimal
import math
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from extras import skip_without

from text2everything import ValidationError
from text2everything.models import (
    ChatPresetCreate,
    ChatToAnswerRequest,
    ConnectorCreate,
    ConnectorUpdate,
    ContextCreate,
    ExecutionCacheLookupRequest,
    FeedbackCreate,
    FeedbackUpdate,
    SchemaMetadataCreate,
    SQLExecuteRequest,
)
from text2everything.models._plain import plain, plain_json
from text2everything.resources._base import check_ids

skip_without("pandas")

import numpy as np
import pandas as pd

MISSING = [
    None,
    math.nan,
    np.float64("nan"),
    np.float32("nan"),
    np.datetime64("NaT", "ns"),
    pd.NaT,
    pd.NA,
    decimal.Decimal("NaN"),
]
IDS = [f"{type(each).__name__} {each}" for each in MISSING]


@pytest.mark.parametrize("missing", MISSING, ids=IDS)
def test_what_is_missing_is_none_or_an_error(missing: Any) -> None:
    rating = FeedbackCreate(chat_message_id="m", feedback="x", execution_id=missing)
    assert rating.execution_id is None
    assert rating == FeedbackCreate(chat_message_id="m", feedback="x")
    rating.execution_id = "e"
    rating.execution_id = missing
    assert rating.execution_id is None
    for name in ("chat_message_id", "feedback", "is_positive"):
        fields = {"chat_message_id": "m", "feedback": "x", name: missing}
        with pytest.raises(ValidationError, match=rf"^{name} is missing$"):
            FeedbackCreate(**fields)
        with pytest.raises(ValidationError, match=rf"^{name} is missing$"):
            setattr(rating, name, missing)
        with pytest.raises(ValidationError, match=rf"^{name} is missing$"):
            FeedbackUpdate(**{name: missing})
    assert FeedbackUpdate(execution_id=missing).to_dict() == {"execution_id": None}


@pytest.mark.parametrize("missing", MISSING, ids=IDS)
def test_in_every_kind_of_field(missing: Any) -> None:
    question = ChatToAnswerRequest(
        query="q", connector_id="c", llm=missing, schema_limit=missing, schema_cutoff=missing, use_agent=missing,
        auto_add_feedback=missing,
    )  # fmt: skip
    assert question == ChatToAnswerRequest(query="q", connector_id="c")
    preset = ChatPresetCreate(
        name="n", collection_name="c", chat_settings=missing, prompt_template=missing,
        share_prompt_with_usernames=missing, description=missing,
    )  # fmt: skip
    assert preset == ChatPresetCreate(name="n", collection_name="c")
    assert SQLExecuteRequest(connector_id="c", chat_message_id=missing, sql_query="SELECT 1").chat_message_id is None
    with pytest.raises(ValidationError, match=r"^db_type is missing$"):
        ConnectorCreate(name="n", db_type=missing, database="d")
    with pytest.raises(ValidationError, match=r"^host is missing$"):
        ConnectorCreate(name="n", db_type="mysql", database="d", host=missing, username="u")
    with pytest.raises(ValidationError, match=r"^schema_data is missing$"):
        SchemaMetadataCreate(name="n", schema_data=missing)
    table = SchemaMetadataCreate(
        name="n", schema_data={"table": {"columns": [{"name": "a", "description": missing}]}}
    )
    assert table.schema_data["table"]["columns"] == [{"name": "a", "description": None}]


def test_scalars_are_what_they_hold() -> None:
    rating = FeedbackCreate(
        chat_message_id=np.str_("m"), feedback=np.array("x"), is_positive=np.bool_(False), execution_id=np.str_("e")
    )
    assert [type(value) for value in rating.to_dict().values()] == [str, str, bool, str]
    assert rating == FeedbackCreate(chat_message_id="m", feedback="x", is_positive=False, execution_id="e")
    rating.is_positive = np.bool_(True)
    assert rating.is_positive is True
    lookup = ExecutionCacheLookupRequest(
        user_query="q", connector_id="c", limit=np.int64(7), top_n=np.float64(3), similarity_threshold=np.float32(0.5)
    )
    assert (lookup.limit, lookup.top_n, lookup.similarity_threshold) == (7, 3, 0.5)
    assert [type(each) for each in (lookup.limit, lookup.top_n, lookup.similarity_threshold)] == [int, int, float]
    kind = pd.Series(["mysql"], dtype="string").to_numpy()[0]
    assert type(ConnectorCreate(name="n", db_type=np.str_(kind), host="h", username="u", database="d").db_type) is str
    names = ChatPresetCreate(name="n", collection_name="c", share_prompt_with_usernames=np.array(["a", "b"]))
    assert names.share_prompt_with_usernames == ["a", "b"]


def test_objects_of_scalars_and_arrays() -> None:
    columns = np.array([{"name": np.str_("a"), "n": np.int64(1), "x": np.float64(0.5), "ok": np.bool_(True)}])
    data = {"table": {"columns": columns, "tags": np.array([1, 2]), "none": [pd.NA, np.nan]}}
    made = SchemaMetadataCreate(name="n", schema_data=data)
    assert made.schema_data["table"] == {
        "columns": [{"name": "a", "n": 1, "x": 0.5, "ok": True}],
        "tags": [1, 2],
        "none": [None, None],
    }
    same = {"table": {"columns": []}}
    assert SchemaMetadataCreate(name="n", schema_data=same).schema_data is same
    for wrong, said in ((np.inf, "finite"), (np.datetime64("2026-05-01"), "JSON: date"), ({1}, "JSON: set")):
        with pytest.raises(ValidationError, match=rf"schema_data\.a .*{said}"):
            SchemaMetadataCreate(name="n", schema_data={"a": wrong})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"is_positive": np.int64(1)}, "is_positive must be True or False, got int"),
        ({"feedback": np.float64(1.5)}, "feedback must be a string, got float"),
        ({"feedback": np.array(["a", "b"])}, "feedback must be a string, got list"),
        ({"feedback": np.str_(" ")}, "feedback must not be empty or blank"),
        ({"feedback": pd.Timestamp("2026-05-01")}, "feedback must be a string, got datetime"),
        ({"execution_id": np.str_("..")}, "execution_id must be an id"),
    ],
)
def test_a_scalar_is_checked_as_what_it_holds(value: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FeedbackCreate(**{"chat_message_id": "m", "feedback": "x", **value})
    with pytest.raises(ValidationError, match="top_n must be a whole number, got float"):
        ExecutionCacheLookupRequest(user_query="q", connector_id="c", top_n=np.float64(1.5))


def test_plain_values() -> None:
    moment = datetime(2026, 5, 1, 12, 30)  # noqa: DTZ001  # numpy knows no time zones
    cases = [
        (np.datetime64(moment, "ns"), moment),
        (pd.Timestamp(moment), moment),
        (np.array([1.0, np.nan]), [1.0, None]),
        (pd.Series(["a", None], dtype="string"), ["a", None]),
        (pd.Index(["a"]), ["a"]),
        (np.ma.masked, None),
        (1.5, 1.5),
        (decimal.Decimal("1.5"), decimal.Decimal("1.5")),
    ]
    for value, expected in cases:
        assert plain(value) == expected
        assert type(plain(value)) is type(expected)
    frame, kept = pd.DataFrame({"a": [1]}), object()
    assert plain(frame) is frame
    assert plain(kept) is kept
    assert plain_json((1, np.nan)) == [1, None]


def test_extension_arrays_of_pandas_are_lists() -> None:
    column = pd.Series(["a", None], dtype="string")
    for array in (column.unique(), column.array, column.astype("category").array, column.astype("category").unique()):
        assert plain(array) == ["a", None]
    assert plain(pd.Series([1, None], dtype="Int64").array) == [1, None]
    assert check_ids(ids=pd.Series(["a", "a"]).unique()) == ["a"]
    with pytest.raises(ValidationError, match=r"ids\[1\] is missing"):
        check_ids(ids=column.unique())


def test_ids_are_of_any_sized_iterable() -> None:
    ids = {"a": "b"}
    for given in (ids.keys(), ids.keys() | set(), ["a"], ("a",), frozenset({"a"}), collections.deque(["a"])):
        assert check_ids(ids=given) == ["a"]  # type: ignore[arg-type]
    assert check_ids(ids=ids.values()) == ["b"]  # type: ignore[arg-type]
    for wrong in ("a", b"a", ids, 5, iter(["a"]), pd.DataFrame({"a": ["b"]})):
        with pytest.raises(ValidationError, match="ids must be a list of ids"):
            check_ids(ids=wrong)  # type: ignore[arg-type]


def test_numbers_longer_than_those_of_python() -> None:
    assert plain(np.longdouble("1.5")) == 1.5
    assert type(plain(np.longdouble("1.5"))) is float
    assert plain(np.longdouble("nan")) is None
    assert plain(np.array([1.5], dtype=np.longdouble)) == [1.5]
    assert (
        ExecutionCacheLookupRequest(
            user_query="q", connector_id="c", similarity_threshold=np.longdouble(0.5)
        ).similarity_threshold
        == 0.5
    )
    with pytest.raises(ValidationError, match=r"schema_data\.a cannot be sent as JSON: clongdouble"):
        SchemaMetadataCreate(name="n", schema_data={"a": np.clongdouble(1)})


@pytest.mark.parametrize("time", ["292277026596-12-04", "20000-01-01"])
def test_times_that_python_has_no_value_for(time: str) -> None:
    far = np.datetime64(time)
    assert plain(far) is far
    assert plain(np.array([far, np.datetime64("2026-05-01")]))[1] == datetime(2026, 5, 1)  # noqa: DTZ001
    with pytest.raises(ValidationError, match=r"schema_data\.a cannot be sent as JSON: datetime64"):
        SchemaMetadataCreate(name="n", schema_data={"a": far})
    assert plain(np.timedelta64(3, "D")) == timedelta(days=3)
    assert plain(np.datetime64("2026-05-01T00:00:00.123456789")).microsecond == 123456


@pytest.mark.parametrize("missing", MISSING, ids=IDS)
@pytest.mark.parametrize("name", ["limit", "top_n", "max_age_days", "similarity_threshold"])
def test_a_number_that_cannot_be_none_is_missing(name: str, missing: Any) -> None:
    fields: dict[str, Any] = {"user_query": "q", "connector_id": "c", name: missing}
    with pytest.raises(ValidationError, match=rf"^{name} is missing$"):
        ExecutionCacheLookupRequest(**fields)
    assert ConnectorUpdate(port=missing).to_dict() == {"port": None}


def test_pyarrow_scalars() -> None:
    pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    assert plain(pa.scalar("m")) == "m"
    assert plain(pa.scalar(None)) is None
    assert plain(pa.scalar(math.nan)) is None
    assert plain(pa.array(["a", None])) == ["a", None]
    assert FeedbackCreate(chat_message_id=pa.scalar("m"), feedback="x").chat_message_id == "m"


def test_nothing_is_imported_for_it() -> None:
    code = (
        "import sys; from text2everything.models import FeedbackCreate as F; F(chat_message_id='m', feedback='x',"
        " execution_id=float('nan')); print(sorted({'numpy', 'pandas', 'pyarrow', 'pydantic'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_contexts_from_rows_of_a_frame() -> None:
    frame = pd.DataFrame({"name": ["a", "b"], "content": ["x", "y"], "description": ["d", None]})
    made = [ContextCreate(**row) for row in frame.to_dict(orient="records")]
    assert [each.description for each in made] == ["d", None]
