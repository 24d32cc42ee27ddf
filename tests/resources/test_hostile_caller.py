"""A caller that passes anything to everything: what arrives is what was passed, or nothing is sent at all."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hostile import TOKEN, WORKSPACE, Exchange, HostileService
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from text2everything import Text2EverythingClient, Text2EverythingError, ValidationError, resources

# An answer to any GET of one thing, so that updates go on to what they send.
ANYTHING = {
    "id": "i",
    "name": "n",
    "content": "c",
    "chat_message_id": "m",
    "feedback": "f",
    "user_query": "u",
    "sql_query": "s",
    "schema_data": {"relationship": {}},
    "db_type": "mysql",
    "host": "h",
    "username": "u",
    "database": "d",
    "h2ogpte_collection_id": "i",
}

# Read from files, or in a loop: tested elsewhere.
ELSEWHERE = (
    "bulk_create",
    "bulk_create_stream",
    "create_from_directory",
    "load_directory",
    "upload",
    "export",
    "stats",
)

# Arguments that are used here and not sent, or not as they are.
LOCAL = {
    "page",
    "per_page",
    "page_size",
    "skip",
    "limit",
    "offset",
    "validate",
    "expected_type",
    "max_concurrency",
    "progress",
    "delete_secrets",
}
LOCAL_OF = {
    "projects.get_by_name": {"name"},
    "contexts.get_by_name": {"name"},
    "connectors.list_by_type": {"db_type"},
    "schema_metadata.list_by_type": {"schema_type"},
    "feedback.get_feedback_for_message": {"chat_message_id"},
    "chat_presets.get": {"collection_id"},
}


def methods() -> list[tuple[str, str]]:
    found = []
    for attribute, kind in Text2EverythingClient.__annotations__.items():
        if not str(kind).endswith("Resource"):
            continue
        client = Text2EverythingClient(base_url="http://x", access_token="t", workspace_name="workspaces/w")
        resource = type(getattr(client, attribute))
        for name, _ in inspect.getmembers(resource, inspect.isfunction):
            if not name.startswith("_") and name not in ELSEWHERE:
                found.append((attribute, name))
    return found


# What an error may name in place of the argument: what it is sent as, or made into.
NAMED_OTHERWISE = {"nothing to update"}

METHODS = methods()

# What may be passed.

tricks = st.sampled_from(
    [
        "..",
        ".",
        "",
        " ",
        "\t\n",
        "a/b",
        "../../admin",
        "%2e%2e",
        "%2F..%2F",
        "..;/x",
        "a\\..\\b",
        "a?b=c&d=e",
        "a#b",
        "a\r\nX-Evil: 1",
        "\x00",
        "\x7f\x80",
        "\ud800",
        "é",
        "e\u0301",
        "\u202egnp.exe",
        "👩‍👩‍👧",
        "\ufeff",
        "a+b",
        "a%20b",
        "a b",
        "null",
        "true",
        "'; DROP TABLE x; --",
        "{}",
        "x" * 3_000,
        "é" * 700,
    ]
)
texts = st.text() | tricks | st.text(alphabet=st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp"]), max_size=8)
ids = st.text(min_size=1, max_size=40) | tricks
huge = st.sampled_from(["y" * 200_000, "\u2028" * 50_000])
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    huge,
    st.binary(max_size=5),
    st.lists(st.integers() | texts, max_size=3),
    st.dictionaries(texts | st.integers(), json_values | st.floats() | st.binary(max_size=3), max_size=3),
    st.sampled_from(
        [object, object(), 2**70, -1, 10**400, float("nan"), float("inf"), {1, 2}, ("a",), {"a": {"b": {1}}}]
    ),
)
columns = st.lists(st.fixed_dictionaries({"name": st.text(min_size=1).filter(str.strip)}), min_size=1, max_size=3)
schemas = st.fixed_dictionaries(
    {"table": st.fixed_dictionaries({"name": st.just("t"), "columns": columns, "extra": json_values})}
)
files = st.lists(
    st.binary(max_size=100) | st.tuples(st.text(min_size=1, max_size=10), st.binary(max_size=100)),
    min_size=1,
    max_size=3,
)


def fitting(name: str, annotation: str) -> st.SearchStrategy[Any]:  # a table
    """Return what the parameter is made for, at its wildest."""
    if name == "db_type":
        return st.sampled_from(["snowflake", "sqlserver", "postgres", "mysql"])
    if name == "agent_accuracy":
        return st.sampled_from(["quick", "basic", "standard", "maximum"])
    if name == "component_type":
        return st.sampled_from(["contexts", "schema_metadata", "examples", "feedback", "custom_tools"])
    if name == "schema_data":
        return schemas
    if name == "files":
        return files
    if name == "update_data":
        return st.fixed_dictionaries({"name": texts})
    if name == "prompt_template":
        return st.fixed_dictionaries({"name": texts, "system_prompt": texts})
    if name in {"chat_settings", "auto_add_feedback"}:
        return st.none()
    if "Sequence[str]" in annotation:
        return st.none() | st.lists(ids, min_size=1, max_size=3, unique=True)
    if "dict" in annotation:
        return st.dictionaries(texts, json_values, max_size=3)
    if "bool" in annotation:
        return st.booleans()
    if "int" in annotation:
        return st.integers(1, 40)
    if "float" in annotation:
        return st.floats(0, 1)
    return ids if name.endswith("_id") else texts | huge


@st.composite
def calls(draw: st.DrawFn, method: Callable[..., Any]) -> dict[str, Any]:
    """Return arguments for `method`: all fitting, or some that may be anything."""
    given: dict[str, Any] = {}
    wild = draw(st.sampled_from([0, 0, 0, 1, 1, 2]))
    parameters = [p for p in list(inspect.signature(method).parameters.values())[1:] if p.kind is not p.VAR_KEYWORD]
    for parameter in parameters:
        if parameter.name in {"max_concurrency", "progress"}:
            continue
        if parameter.default is not parameter.empty and draw(st.booleans()):
            continue
        fits = fitting(parameter.name, str(parameter.annotation))
        if wild and draw(st.booleans()):
            wild -= 1
            fits = anything
        given[parameter.name] = draw(fits)
    return given


# What arrives.


class Arrived:
    """A request, taken apart."""

    def __init__(self, exchange: Exchange) -> None:
        path, _, query = exchange.target.partition("?")
        self.segments = [unquote(part, errors="strict") for part in path.split("/")[1:]]
        self.query = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict"))
        self.headers = exchange.headers
        self.values: list[Any] = [*self.segments, *self.query.values()]
        kind = exchange.headers.get("content-type", "")
        if kind == "application/json":
            self.values += walk(json.loads(exchange.body))
        elif kind.startswith("multipart/form-data"):
            message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + exchange.body)
            for part in message.iter_parts():
                self.values += [
                    part.get_payload(decode=True),
                    part.get_payload(decode=True).decode("utf-8", "replace"),
                ]

    def has(self, value: Any) -> bool:
        """Return whether the value is here as it was, or as a query writes it."""
        if isinstance(value, bool):
            return any(found is value for found in self.values) or str(value).lower() in self.query.values()
        if isinstance(value, int | float):
            return any(same(found, value) for found in self.values) or str(value) in self.query.values()
        return any(same(found, value) for found in self.values)


def walk(value: Any) -> Iterator[Any]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from walk(each)


def same(one: Any, other: Any) -> bool:
    if isinstance(other, tuple):
        other = list(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


async def answer(exchange: Exchange) -> None:
    if exchange.method == "GET" and "limit" not in exchange.target:
        await exchange.reply(200, ANYTHING)
    else:
        await exchange.reply(418, {"detail": "seen"})


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[HostileService, Text2EverythingClient]]:
    with (
        HostileService(answer) as service,
        Text2EverythingClient(
            base_url=service.base_url, access_token=TOKEN, workspace_name=WORKSPACE, max_retries=0
        ) as client,
    ):
        yield service, client


@pytest.mark.parametrize(("resource", "name"), METHODS, ids=[".".join(each) for each in METHODS])
@settings(max_examples=settings().max_examples // 4, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_arrives_is_what_was_passed_or_nothing_is_sent(
    echo: tuple[HostileService, Text2EverythingClient], resource: str, name: str, data: st.DataObject
) -> None:
    service, client = echo
    service.requests.clear()
    method = getattr(getattr(client, resource), name)
    arguments = data.draw(calls(getattr(type(getattr(client, resource)), name)))
    error: BaseException | None = None
    try:
        result = method(**arguments)
        if inspect.isgenerator(result) or name == "iter":
            list(result)
    except Text2EverythingError as failure:
        error = failure
    if not service.requests:
        assert error is None or isinstance(error, ValidationError)
        if error is not None:
            names = {*inspect.signature(method).parameters, *NAMED_OTHERWISE}
            for value in arguments.values():
                names |= (
                    {re.escape(key) for key in value if isinstance(key, str)} if isinstance(value, dict) else set()
                )
            assert re.search(rf"\b({'|'.join(names)})\b", str(error)), str(error)
            assert error.attempts == 0
        return
    arrived = [Arrived(exchange) for exchange in service.requests]
    for request in arrived:
        assert request.segments[:2] == ["api", "projects"]
        assert not {"", ".", ".."} & set(request.segments)
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert "x-evil" not in request.headers
    unseen = LOCAL | LOCAL_OF.get(f"{resource}.{name}", set())
    for argument, value in arguments.items():
        if argument in unseen or value is None:
            continue
        if argument == "files":
            value = [item[1] if isinstance(item, tuple) else item for item in value]  # noqa: PLW2901
            assert all(any(request.has(content) for request in arrived) for content in value)
        elif argument == "update_data":
            assert all(
                any(request.has(field) for request in arrived) for field in value.values() if field is not None
            )
        elif name == "bulk_delete" and not isinstance(value, str):
            assert any(request.has(list(dict.fromkeys(value))) for request in arrived)  # each once
        elif argument == "prompt_template":
            assert any(request.has(value["name"]) for request in arrived)
        else:
            assert any(request.has(value) for request in arrived), f"{argument}={value!r} did not arrive"


def test_every_resource_is_tried() -> None:
    assert len({resource for resource, _ in METHODS}) == len(resources.__all__)
    assert len(METHODS) > 80


@pytest.mark.parametrize(("resource", "name"), METHODS, ids=[".".join(each) for each in METHODS])
def test_an_unknown_keyword_is_refused(
    echo: tuple[HostileService, Text2EverythingClient], resource: str, name: str
) -> None:
    service, client = echo
    service.requests.clear()
    method = getattr(getattr(client, resource), name)
    needed = {
        p.name: "x"
        for p in inspect.signature(method).parameters.values()
        if p.default is p.empty and p.kind != p.VAR_KEYWORD
    }
    with pytest.raises((TypeError, ValidationError), match="no_such_argument"):
        method(**needed, no_such_argument=1)
    assert service.requests == []
