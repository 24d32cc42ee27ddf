"""Bytes to models and back: what is accepted, what is refused and how, and that msgspec changes none of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any, get_origin, get_type_hints
from uuid import UUID

import attrs
import pytest
from extras import needs
from hypothesis import given
from hypothesis import strategies as st

from text2everything import _codec as codec
from text2everything import models
from text2everything._codec import DecodeError

each_codec = pytest.mark.usefixtures("each_codec")

REPLIES = [
    models.CacheMatch,
    models.ChatPreset,
    models.ChatResponse,
    models.ChatSessionResponse,
    models.ChatToAnswerResponse,
    models.Collection,
    models.Connector,
    models.ContextResponse,
    models.CustomTool,
    models.Execution,
    models.ExecutionCacheLookupResponse,
    models.ExecutionListItem,
    models.FeedbackResponse,
    models.GoldenExampleResponse,
    models.PresetOptions,
    models.Project,
    models.PromptTemplate,
    models.SQLExecuteResponse,
    models.SchemaMetadataResponse,
    models.SplitGroup,
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
times = st.one_of(
    st.datetimes(timezones=st.none() | st.just(UTC)).map(datetime.isoformat),
    st.sampled_from(
        [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05.123Z",
            "2026-01-02T03:04:05.1234567Z",
            "2026-01-02T03:04:05.999999999Z",
            "2026-01-02T03:04:05.0000004Z",
            "2026-01-02T03:04:05.0000005Z",
            "2026-01-02T03:04:05.00000049Z",
            "2026-12-31T23:59:59.9999995Z",
            "9999-12-31T23:59:59.9999999Z",
            "2026-01-02T24:00:00Z",
            "2026-01-02T03:04:60Z",
            "2026-W01-1",
            "20260102T030405Z",
            "2026-01-02 03:04:05",
            "2026-01-02T03:04:05+02:00",
            "2026-01-02T03:04:05+0200",
            "2026-01-02",
            "yesterday",
            "2026-13-01T00:00:00Z",
        ]
    ),
)


def fitting(type_: Any) -> st.SearchStrategy[Any]:
    """Values of the JSON that `type_` mostly accepts."""
    if attrs.has(type_):
        hints = get_type_hints(type_)
        return st.fixed_dictionaries(
            {}, optional={field.name: fitting(hints[field.name]) | json_values for field in attrs.fields(type_)}
        ).flatmap(lambda some: full(type_, hints).map(lambda whole: whole | some))
    if type_ is str:
        return st.text()
    if type_ is bool:
        return st.booleans()
    if type_ is int:
        return st.integers(-(2**70), 2**70)
    if type_ is float:
        return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)
    if type_ is datetime:
        return times
    if get_origin(type_) is list:
        return st.lists(fitting(type_.__args__[0]), max_size=3)
    if get_origin(type_) is dict:
        return st.dictionaries(st.text(), json_values, max_size=3)
    if type_ is type(None):
        return st.none()
    if hasattr(type_, "__args__"):
        return st.one_of([fitting(inner) for inner in type_.__args__])
    return json_values


def full(model: Any, hints: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    needed = [field.name for field in attrs.fields(model) if field.default is attrs.NOTHING]
    return st.fixed_dictionaries({name: fitting(hints[name]) for name in needed})


def outcome(body: bytes, type_: Any, *, listing: bool = False) -> Any:
    try:
        return codec.decode_listing(body, type_) if listing else codec.decode(body, type_)
    except DecodeError as error:
        return str(error)


@needs("speed")
@pytest.mark.parametrize("model", REPLIES, ids=lambda model: model.__name__)
@given(data=st.data())
def test_msgspec_decodes_what_cattrs_decodes(model: Any, data: st.DataObject) -> None:
    value = data.draw(fitting(model))
    body = json.dumps(value).encode()
    native = outcome(body, model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "_msgspec_decoder", lambda _: None)
        assert native == outcome(body, model)


@needs("speed")
@given(
    items=st.lists(fitting(models.FeedbackResponse), max_size=3),
    rest=st.fixed_dictionaries(
        {},
        optional={
            "total": st.integers() | json_values,
            "page": st.integers(),
            "page_size": st.none() | st.integers(),
            "has_next": st.booleans() | json_values,
            "more": json_values,
        },
    ),
    bare=st.booleans(),
)
def test_msgspec_decodes_listings_as_cattrs_does(items: Any, rest: Any, bare: bool) -> None:
    body = json.dumps(items if bare else {"items": items, **rest}).encode()
    native = outcome(body, models.FeedbackResponse, listing=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codec, "_msgspec_listing_decoder", lambda _: None)
        assert native == outcome(body, models.FeedbackResponse, listing=True)


@each_codec
@pytest.mark.parametrize("model", REPLIES, ids=lambda model: model.__name__)
@given(body=st.binary(max_size=60))
def test_any_bytes_give_a_model_or_a_decode_error(model: Any, body: bytes) -> None:
    found = outcome(body, model)
    assert isinstance(found, str | model)


REQUESTS = {
    models.FeedbackCreate: {"chat_message_id": "m", "feedback": 'é "\n\x00 \U0001f44d'},
    models.ContextCreate: {"name": "n", "content": "c"},
    models.GoldenExampleCreate: {"user_query": "q", "sql_query": "s"},
    models.SchemaMetadataCreate: {"name": "n", "schema_data": {"table": {"columns": [{"name": "a", "x": [1, 2.5]}]}}},
    models.ConnectorCreate: {"name": "n", "db_type": models.ConnectorType.SQLITE, "database": "d"},
    models.SQLExecuteRequest: {"connector_id": "c", "sql_query": "SELECT 1", "chat_session_id": "s"},
    models.ChatToAnswerRequest: {"query": "q", "connector_id": "c", "auto_add_feedback": {"positive": True}},
    models.ExecutionCacheLookupRequest: {"user_query": "q", "connector_id": "c"},
    models.ChatSessionCreate: {},
    models.ProjectCreate: {"name": "n"},
}


@each_codec
@pytest.mark.parametrize(("model", "fields"), REQUESTS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_requests_are_written_with_all_their_fields(model: Any, fields: dict[str, Any]) -> None:
    request = model(**fields)
    renamed = {"chat_session_id": "h2ogpte_session_id"} if model is models.SQLExecuteRequest else {}
    written = {renamed.get(field.name, field.name): getattr(request, field.name) for field in attrs.fields(model)}
    assert json.loads(codec.encode(request)) == json.loads(json.dumps(written, default=attrs.asdict))


@each_codec
@pytest.mark.parametrize("model", REPLIES, ids=lambda model: model.__name__)
@given(data=st.data())
def test_what_was_read_can_be_written_and_read_again(model: Any, data: st.DataObject) -> None:
    found = outcome(json.dumps(data.draw(fitting(model))).encode(), model)
    if isinstance(found, model):
        assert codec.decode(codec.encode(found), model) == found


@each_codec
@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, 5), '"2026-01-02T03:04:05"'),  # noqa: DTZ001  # services may send such
        (datetime(2026, 1, 2, tzinfo=UTC), '"2026-01-02T00:00:00Z"'),
        (datetime(1, 1, 1, 0, 0, 0, 120, tzinfo=UTC), '"0001-01-01T00:00:00.000120Z"'),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-3, minutes=30))), '"2026-01-02T00:00:00-02:30"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (time(1, 2, 3, 4, tzinfo=UTC), '"01:02:03.000004Z"'),
        (timedelta(0), '"P0D"'),
        (timedelta(days=2), '"P2D"'),
        (timedelta(seconds=10), '"PT10S"'),
        (timedelta(days=1, seconds=2, microseconds=500_000), '"P1DT2.5S"'),
        (timedelta(microseconds=-20), '"-PT0.00002S"'),
        (UUID(int=5), '"00000000-0000-0000-0000-000000000005"'),
        (Decimal("1.50"), '"1.50"'),
        (b"a\xff", '"Yf8="'),
        (bytearray(b"a"), '"YQ=="'),
        (memoryview(b""), '""'),
        (models.ConnectorType.SQLITE, '"sqlite"'),
        (models.ProjectCreate(name="n"), '{"name":"n","description":null}'),
        ({"b"}, '["b"]'),
        (frozenset({1}), "[1]"),
        ((1, 2), "[1,2]"),
        (MappingProxyType({"a": MappingProxyType({})}), '{"a":{}}'),
        (float("nan"), "null"),
        (float("-inf"), "null"),
        (2**70, str(2**70)),
        ("\u2028é\x00", '"\u2028é\\u0000"'),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_values_are_written_alike(value: Any, written: str) -> None:
    assert json.loads(codec.encode(value)) == json.loads(written)
    assert json.loads(codec.encode({"a": [value]})) == {"a": [json.loads(written)]}


@each_codec
@pytest.mark.parametrize(
    ("key", "written"),
    [
        (1, "1"),
        (1.5, "1.5"),
        (date(2026, 1, 2), "2026-01-02"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (models.ConnectorType.SQLITE, "sqlite"),
    ],
)
def test_keys_are_written_alike(key: Any, written: str) -> None:
    assert json.loads(codec.encode({key: [{key: 1}, {float("nan")}]})) == {written: [{written: 1}, [None]]}


@each_codec
@pytest.mark.parametrize("value", [1j, object(), range(3), {"a": [dict]}, {(): 1}])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        codec.encode(value)


@each_codec
def test_requests_carry_their_values() -> None:
    body = json.loads(
        codec.encode(models.SQLExecuteRequest(connector_id="c", chat_message_id="m", chat_session_id="s"))
    )
    assert body == {
        "connector_id": "c",
        "chat_message_id": "m",
        "sql_query": None,
        "h2ogpte_session_id": "s",
    }


@each_codec
def test_changes_hold_what_was_given_and_none_but_that() -> None:
    update = models.FeedbackUpdate(feedback="better", execution_id=None)
    assert codec.changes(update) == {"feedback": "better", "execution_id": None}


@each_codec
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"null", "expected an object, got null"),
        (b"[]", "expected an object, got a list"),
        (b'{"id": "f", "feedback": "x"}', "missing field chat_message_id @ reply.chat_message_id"),
        (
            b'{"id": "f", "chat_message_id": "m", "feedback": {}, "is_positive": "yes"}',
            (
                "expected a string, got an object @ reply.feedback; "
                "expected true or false, got a string @ reply.is_positive"
            ),
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(body: bytes, said: str) -> None:
    with pytest.raises(DecodeError) as caught:
        codec.decode(body, models.FeedbackResponse)
    assert said in str(caught.value)


@each_codec
def test_a_bad_item_of_a_list_is_named() -> None:
    with pytest.raises(DecodeError, match=r"reply\[1\]\.feedback"):
        codec.decode_listing(
            b'{"items": [{"id": "a", "chat_message_id": "m", "feedback": "x"},'
            b'{"id": "a", "chat_message_id": "m", "feedback": 1.5}]}',
            models.FeedbackResponse,
        )


@each_codec
@pytest.mark.parametrize("body", [b'{"items": {"a": 1}}', b'{"total": 3}', b'"text"', b"7"])
def test_a_listing_is_a_list_or_has_items(body: bytes) -> None:
    with pytest.raises(DecodeError, match=r"expected a list"):
        codec.decode_listing(body, models.FeedbackResponse)


@each_codec
def test_services_may_vary_in_small_ways() -> None:
    body = b"""{"id": 7, "chat_message_id": "m", "feedback": "x", "is_positive": 1, "execution_id": null,
               "created_at": 1767322800, "new_field": {"a": []}}"""
    found = codec.decode(body, models.FeedbackResponse)
    assert found.id == "7"
    assert found.is_positive is True
    assert found.created_at == datetime(2026, 1, 2, 3, tzinfo=UTC)


@each_codec
def test_null_stands_for_a_default() -> None:
    found = codec.decode(b'{"id": "t", "name": "n", "documents": null}', models.CustomTool)
    assert found.documents == []


@each_codec
def test_a_rating_of_unknown_shape_stays_a_dict() -> None:
    found = codec.decode(b'{"id": "m", "feedback": {"positive": true}}', models.ChatToAnswerResponse)
    assert found.feedback == {"positive": True}
    known = codec.decode(
        b'{"id": "m", "feedback": {"id": "f", "chat_message_id": "m", "feedback": "x"}}', models.ChatToAnswerResponse
    )
    assert isinstance(known.feedback, models.FeedbackResponse)
