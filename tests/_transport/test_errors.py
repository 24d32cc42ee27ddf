"""Errors: a class for each status, the service's own words, and everything kept on the way to another process."""

from __future__ import annotations

import builtins
import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hostile import Exchange, HostileService
from hypothesis import given
from hypothesis import strategies as st

import text2everything
from text2everything import (
    AsyncText2EverythingClient,
    AuthenticationError,
    ConflictError,
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    Text2EverythingClient,
    Text2EverythingError,
    ValidationError,
    exceptions,
)
from text2everything._transport.errors import MAX_MESSAGE, error_data, error_message
from text2everything._transport.messages import MAX_ERROR_BODY

Start = Callable[..., HostileService]

CLASSES = [getattr(exceptions, name) for name in exceptions.__all__]


def replying(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    async def behave(exchange: Exchange) -> None:
        await exchange.reply(status, body, headers)

    return behave


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ValidationError),
        (401, AuthenticationError),
        (402, Text2EverythingError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (408, text2everything.TimeoutError),
        (409, ConflictError),
        (418, Text2EverythingError),
        (422, ValidationError),
        (429, RateLimitError),
        (500, ServerError),
        (501, ServerError),
        (503, ServerError),
        (599, ServerError),
        (304, Text2EverythingError),
    ],
)
async def test_each_status_is_its_class(
    hostile: Start, options: dict[str, Any], status: int, error: type[Text2EverythingError]
) -> None:
    service = hostile(replying(status, None if status == 304 else {"detail": "said"}, {"X-Request-Id": "r-1"}))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options | {"max_retries": 0}) as client:
        with pytest.raises(Text2EverythingError) as caught:
            await client.feedback.list("p 1", search="a search")
    found = caught.value
    assert type(found) is error
    assert found.status_code == status
    assert found.request_id == "r-1"
    assert (found.method, found.path, found.attempts) == ("GET", "/api/projects/p%201/feedback", 1)
    assert "search" not in str(found)
    if status != 304:
        assert found.message == "said"
        assert found.response_data == {"detail": "said"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "broken"}, "broken"),
        ({"error": "broken", "detail": "in two", "status_code": 418}, "broken: in two"),
        ({"error": "same", "detail": "same"}, "same"),
        ({"detail": "alone"}, "alone"),
        ({"message": "a message"}, "a message"),
        ({"error": {"message": "nested"}}, "nested"),
        (
            {"detail": [{"loc": ["body", "name"], "msg": "field required", "type": "missing"}]},
            "body.name: field required",
        ),
        (
            {"detail": [{"loc": ["query", 0, "limit"], "msg": "too large"}, {"msg": "no location"}]},
            "query.0.limit: too large; no location",
        ),
        ({"detail": {"loc": ["body"], "msg": "one problem"}}, "body: one problem"),
        (
            {"error": "body.name: too long", "detail": [{"loc": ["body", "name"], "msg": "too long"}]},
            "body.name: too long",
        ),
        (["one", "two"], "one; two"),
        ("a string", "a string"),
        (b"plain text", "plain text"),
        (b"<html><h1>502</h1></html>", None),
        (b"  \n", None),
        (b"", None),
        ({}, None),
        ([], None),
        ([1, None, {"loc": 1}], None),
        ({"detail": [{"loc": "body", "msg": 7}]}, None),
        ({"detail": 7}, None),
        (7, None),
        (True, None),
    ],
)
async def test_the_message_is_the_service_s(
    hostile: Start, options: dict[str, Any], body: Any, message: str | None
) -> None:
    service = hostile(replying(418, body if isinstance(body, bytes) else json.dumps(body).encode()))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(Text2EverythingError) as caught:
            await client.projects.get("p")
    assert caught.value.message == (message or "the service answered 418 Whatever")


async def test_a_long_body_is_cut(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(replying(418, {"detail": "no" * 10**6}))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(Text2EverythingError) as caught:
            await client.projects.get("p")
        assert len(caught.value.response_data) == MAX_ERROR_BODY
        assert caught.value.message == "the service answered 418 Whatever"
        service.behaviour = replying(418, {"detail": "no" * 10**4})
        with pytest.raises(Text2EverythingError) as caught:
            await client.projects.get("p")
        assert caught.value.response_data == {"detail": "no" * 10**4}
        assert len(caught.value.message) == MAX_MESSAGE


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("Fri, 02 Jan 2026 03:04:05 GMT", 0.0), ("soon", None)]
)
def test_a_rate_limit_says_when(hostile: Start, options: dict[str, Any], header: str, seconds: float | None) -> None:
    service = hostile(replying(429, None, {"Retry-After": header}))
    with (
        Text2EverythingClient(base_url=service.base_url, **options | {"max_retries": 0}) as client,
        pytest.raises(RateLimitError) as caught,
    ):
        client.projects.get("p")
    assert caught.value.retry_after == seconds


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["error", "detail", "msg", "loc"]), inner)
    ),
    max_leaves=20,
)


@given(json_values)
def test_any_json_has_a_message_or_none(value: Any) -> None:
    message = error_message(error_data(json.dumps(value).encode()))
    assert message is None or 0 < len(message) <= MAX_MESSAGE


@given(st.binary())
def test_any_bytes_are_a_body(body: bytes) -> None:
    pickle.dumps(error_data(body))
    error_message(error_data(body))


# What an undecodable reply says.


async def test_a_reply_that_is_no_json(hostile: Start, options: dict[str, Any]) -> None:
    page = b"<html>" + b"Sign in, please. " * 10_000
    service = hostile(replying(200, page, {"Content-Type": "text/html", "X-Request-Id": "r-2"}))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        for call in (client.projects.get, client.projects.create, client.feedback.list, client.feedback.count):
            with pytest.raises(InvalidResponseError) as caught:
                await call("p")
            error = caught.value
            for fact in ("HTTP 200", "content type text/html", "'<html>Sign in, please.", "request id r-2"):
                assert fact in str(error)
            assert len(str(error)) < 1000
            assert len(error.response_data) == MAX_ERROR_BODY
            assert error.attempts == 1


async def test_a_reply_of_a_wrong_shape_says_where(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(replying(200, {"items": [{"id": "a"}] * 1000, "total": 1000}))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(InvalidResponseError, match=r"items|reply\[0\]|missing field") as caught:
            await client.feedback.list("p")
    assert len(str(caught.value)) < MAX_MESSAGE + 1000


# On the way to another process.


def example(kind: type[Text2EverythingError]) -> Text2EverythingError:
    error = kind("it went wrong")
    error.status_code, error.response_data = 418, {"detail": ["é"]}
    error.request_id, error.method, error.path = "r-3", "GET", "/api/projects"
    error.attempts, error.elapsed = 3, 1.5
    if isinstance(error, RateLimitError):
        error.retry_after = 2.5
    error.__cause__ = OSError(7, "the cable")
    return error


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    "through",
    [copy.copy, copy.deepcopy, *(lambda e, n=n: pickle.loads(pickle.dumps(e, n)) for n in range(2, 6))],
    ids=["copy", "deepcopy", "pickle2", "pickle3", "pickle4", "pickle5"],
)
def test_errors_keep_everything(kind: type[Text2EverythingError], through: Any) -> None:
    error = example(kind)
    again = through(error)
    assert type(again) is kind
    assert str(again) == str(error)
    assert "it went wrong" in repr(again)
    for name, value in vars(error).items():
        assert getattr(again, name) == value
    assert again.__notes__ == ["caused by OSError: [Errno 7] the cable"]
    assert not hasattr(error, "__notes__")


def test_a_real_error_pickles(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(replying(409, {"detail": "in use"}, {"X-Request-Id": "r-4"}))
    with Text2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(ConflictError) as caught:
            client.connectors.delete("p", "c")
        again = pickle.loads(pickle.dumps(caught.value))
        assert (
            str(again)
            == str(caught.value)
            == "in use (HTTP 409, DELETE /api/projects/p/connectors/c, request id r-4)"
        )
        service.stop()
        with pytest.raises(text2everything.ConnectionError) as caught:
            client.projects.get("p")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.attempts == 2
    assert "Client" in again.__notes__[0]


def test_the_hierarchy() -> None:
    for kind in CLASSES:
        assert issubclass(kind, Text2EverythingError)
        assert not issubclass(kind, BaseExceptionGroup)
    assert issubclass(text2everything.ConnectionError, builtins.ConnectionError)
    assert issubclass(text2everything.TimeoutError, builtins.TimeoutError)
    assert issubclass(ValidationError, ValueError)
    assert issubclass(exceptions.InvalidConfigurationError, ValueError)


def test_an_error_without_facts_is_its_message() -> None:
    error = ValidationError("name must not be blank")
    assert str(error) == error.message == "name must not be blank"
    assert (error.status_code, error.response_data, error.attempts, error.path) == (None, {}, 0, None)


# Lenient reading.


async def test_unknown_values_and_fields_are_kept_or_ignored(hostile: Start, options: dict[str, Any]) -> None:
    connector = {"id": 7, "name": "c", "db_type": "duckdb", "host": None, "config": {"a": [1]}, "new_field": {"x": 1}}
    service = hostile(replying(200, connector))
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        found = await client.connectors.get("p", "7")
        assert found.db_type == "duckdb"
        assert found.id == "7"
        assert found.config == {"a": [1]}
        service.behaviour = replying(200, {"items": [connector], "total": 1, "links": {"next": None}})
        assert (await client.connectors.list("p"))[0].db_type == "duckdb"
