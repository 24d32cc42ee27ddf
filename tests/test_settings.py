"""What a client can be configured with, and how a wrong setting is reported."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from numbers import Integral
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything import (
    AsyncText2EverythingClient,
    InvalidConfigurationError,
    Settings,
    Text2EverythingClient,
    ValidationError,
)
from text2everything.settings import check_token

GOOD: dict[str, Any] = {
    "base_url": "https://t2e.example.com",
    "access_token": "a-token",
    "workspace_name": "workspaces/dev",
}


def resolve(**changes: Any) -> Settings:
    return Settings.resolve(**GOOD | changes)


def test_the_defaults() -> None:
    settings = resolve()
    assert settings.timeout == 30
    assert settings.read_timeout == 180
    assert settings.total_timeout is None
    assert settings.max_retries == 3
    assert settings.retry_delay == 1
    assert settings.is_default("timeout")
    assert not settings.is_default("base_url")
    assert not resolve(timeout=30).is_default("timeout")


@pytest.mark.parametrize("variable", ["TEXT2EVERYTHING_BASE_URL", "TEXT2EVERYTHING_URL", "T2E_BASE_URL"])
def test_the_environment(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, " https://here.example/ ")
    monkeypatch.setenv("T2E_ACCESS_TOKEN", "from-the-environment\n")
    monkeypatch.setenv("T2E_WORKSPACE_NAME", "workspaces/env")
    for client in (AsyncText2EverythingClient, Text2EverythingClient):
        settings = client().settings
        assert settings.base_url == "https://here.example"
        assert settings.access_token == "from-the-environment"
        assert settings.workspace_name == "workspaces/env"
        assert settings.sources["base_url"] == variable
    assert Settings.resolve(**GOOD).base_url == GOOD["base_url"]


def test_the_first_variable_wins_and_an_empty_one_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXT2EVERYTHING_BASE_URL", "  ")
    monkeypatch.setenv("TEXT2EVERYTHING_URL", "https://two.example")
    monkeypatch.setenv("T2E_BASE_URL", "https://three.example")
    assert Settings.resolve(access_token="t", workspace_name="workspaces/w").base_url == "https://two.example"


def test_all_that_is_missing_is_named_with_how_to_set_it() -> None:
    with pytest.raises(InvalidConfigurationError) as caught:
        AsyncText2EverythingClient()
    words = [
        "base_url=",
        "T2E_BASE_URL",
        "access_token=",
        "T2E_ACCESS_TOKEN",
        "workspace_name=",
        "T2E_WORKSPACE_NAME",
    ]
    for word in words:
        assert word in str(caught.value)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T2E_WORKSPACE_NAME", "dev")
    with pytest.raises(InvalidConfigurationError, match=r"^workspace_name .* \(from T2E_WORKSPACE_NAME\)$"):
        Settings.resolve(base_url="https://x.example", access_token="t")


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "t2e.example.com",
        "ftp://t2e.example.com",
        "https://",
        "https:///path",
        "https://host:port",
        "https://host:99999",
        "https://[::1",
        "https://a b.example",
        "https://a..b",
        "https://" + "a" * 70 + ".example",
        "https://x.example\r\nHost: evil",
        "https://user:password@x.example",
        "https://x.example/?a=1",
        "https://x.example/#a",
        "https://x.example/api?",
        "https://x.example/api#",
        7,
        b"https://x.example",
    ],
)
def test_a_wrong_base_url(base_url: Any) -> None:
    with pytest.raises(InvalidConfigurationError, match=r"^base_url") as caught:
        resolve(base_url=base_url)
    assert "password@" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost",
        "HTTPS://X.example",
        "https://[::1]:8443",
        "https://münchen.example/a/",
        "http://10.0.0.1:80",
    ],
)
def test_a_good_base_url(base_url: str) -> None:
    AsyncText2EverythingClient(**GOOD | {"base_url": base_url})


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("Bearer abc", "without 'Bearer'"),
        ("abc\r\nX-Evil:1", "not allowed in an HTTP header"),
        ("abc\x00", "not allowed"),
        ("abcé", "not allowed"),
        ("a" * 10_000, "longer than"),
        (b"abc", "got bytes"),
        (7, "got int"),
    ],
)
def test_a_wrong_token_is_refused_and_not_repeated(token: Any, said: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=rf"^access_token.*{said}") as caught:
        resolve(access_token=token)
    assert "abc" not in str(caught.value)
    assert "aaaa" not in str(caught.value)


@given(st.text())
def test_no_token_breaks_a_header_line(token: str) -> None:
    try:
        checked = check_token(token)
    except InvalidConfigurationError:
        return
    assert checked == token.strip()
    assert checked.isprintable()
    assert checked.isascii()


@pytest.mark.parametrize(
    "name", ["", "dev", "workspaces/", "Workspaces/dev", "workspaces/a\nX: 1", "workspaces/é", 7]
)
def test_a_wrong_workspace(name: Any) -> None:
    with pytest.raises(InvalidConfigurationError, match=r"^workspace_name"):
        resolve(workspace_name=name)


SECONDS = ["timeout", "read_timeout", "pool_timeout", "total_timeout", "keepalive_expiry"]


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "30", True, 1e9, object])
def test_wrong_seconds(name: str, value: Any) -> None:
    with pytest.raises(InvalidConfigurationError, match=rf"^{name} must be a number of seconds"):
        resolve(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_retries", -1),
        ("max_retries", 1.5),
        ("max_retries", True),
        ("retry_delay", -0.1),
        ("retry_delay", "1"),
        ("max_connections", 0),
        ("max_keepalive_connections", -1),
    ],
)
def test_a_wrong_number(name: str, value: Any) -> None:
    with pytest.raises(InvalidConfigurationError, match=rf"^{name} must be a"):
        AsyncText2EverythingClient(**GOOD | {name: value})


def numbers_of_others(value: int) -> list[Any]:
    numbers: list[Any] = [Fraction(value), Decimal(value)]
    if find_spec("numpy"):
        import numpy as np

        numbers += [np.int64(value), np.uint8(value), np.float32(value), np.float64(value), np.float16(value)]
    return numbers


@pytest.mark.parametrize("name", [*SECONDS, "retry_delay"])
def test_seconds_of_other_types(name: str) -> None:
    for value in numbers_of_others(5):
        found = getattr(resolve(**{name: value}), name)
        assert found == 5
        assert type(found) in {int, float}


def test_options_of_other_types() -> None:
    client = AsyncText2EverythingClient(**GOOD)
    for value in numbers_of_others(5):
        assert client.with_options(timeout=value).settings.total_timeout == 5
        assert client.with_options(read_timeout=value).settings.read_timeout == 5


@pytest.mark.parametrize("name", ["max_retries", "max_connections", "max_keepalive_connections"])
def test_counts_of_other_types(name: str) -> None:
    for value in numbers_of_others(2):
        if isinstance(value, Integral):
            assert type(getattr(resolve(**{name: value}), name)) is int
        else:
            with pytest.raises(InvalidConfigurationError, match=rf"^{name} must be a whole number"):
                resolve(**{name: value})


@pytest.mark.parametrize(
    "value", [Fraction(10**400), Decimal("sNaN"), Decimal("NaN"), Decimal("Infinity"), 1j], ids=repr
)
def test_numbers_that_are_no_seconds(value: Any) -> None:
    with pytest.raises(InvalidConfigurationError, match=r"^timeout must be a number of seconds"):
        resolve(timeout=value)


def test_a_bool_of_numpy_is_no_number() -> None:
    numpy = pytest.importorskip("numpy", reason="needs the extra pandas")
    for name in ("timeout", "max_retries"):
        with pytest.raises(InvalidConfigurationError, match=f"^{name} must be"):
            resolve(**{name: numpy.True_})


@pytest.mark.parametrize("host", ["127.1", "2130706433", "127.0.0.01", "1.2.3.4.5", "127.0.0.1."])
def test_an_address_that_is_not_whole_is_refused(host: str) -> None:
    for make in (AsyncText2EverythingClient, Text2EverythingClient):
        with pytest.raises(InvalidConfigurationError, match=rf"^base_url has no valid host: '{host}'; an IPv4"):
            make(**GOOD | {"base_url": f"http://{host}:9"})


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="time_out"):
        AsyncText2EverythingClient(**GOOD, time_out=3)


def test_settings_are_frozen_and_pickle() -> None:
    settings = resolve(timeout=3)
    with pytest.raises(AttributeError):
        settings.timeout = 4
    again = pickle.loads(pickle.dumps(settings))
    assert again == settings
    assert again.access_token == GOOD["access_token"]
    assert not again.is_default("timeout")


# with_options.


def test_with_options_changes_its_own_calls_only() -> None:
    client = AsyncText2EverythingClient(**GOOD)
    other = client.with_options(timeout=5, max_retries=0, read_timeout=2, headers={"X-Trace": "1"})
    assert other.settings.total_timeout == 5
    assert other.settings.timeout == client.settings.timeout == 30
    assert other.settings.max_retries == 0
    assert client.settings.total_timeout is None
    assert client.settings.max_retries == 3
    assert other._transport.pool is client._transport.pool
    assert other._transport.tokens is client._transport.tokens
    again = other.with_options(headers={"x-trace": "2", "X-Other": "3"})
    assert again.settings.total_timeout == 5
    assert {k.lower(): v for k, v in again._transport.headers.items()} == {"x-trace": "2", "x-other": "3"}


def test_with_options_names_its_own_argument() -> None:
    client = AsyncText2EverythingClient(**GOOD)
    with pytest.raises(InvalidConfigurationError, match=r"^timeout must be"):
        client.with_options(timeout=-1)
    with pytest.raises(InvalidConfigurationError, match=r"^max_retries must be"):
        client.with_options(max_retries=-1)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer x"},
        {"x-workspace-NAME": "workspaces/other"},
        {"Host": "evil"},
        {"Transfer-Encoding": "chunked"},
        {"X-A": "1\r\nX-B: 2"},
        {"X-A": "é"},
        {"X-A\r\nX-B": "2"},
        {"Authorization: Bearer x\r\nX": "1"},
        {"Authorization:x": "1"},
        {"X A": "1"},
        {"": "1"},
        {"X-A": 1},
        {1: "a"},
        [("X-A", "1")],
        "X-A: 1",
    ],
)
def test_headers_that_are_refused(headers: Any) -> None:
    client = AsyncText2EverythingClient(**GOOD)
    with pytest.raises(ValidationError, match=r"^headers"):
        client.with_options(headers=headers)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
def test_no_header_breaks_a_line(headers: dict[str, str]) -> None:
    client = AsyncText2EverythingClient(**GOOD)
    try:
        kept = client.with_options(headers=headers)._transport.headers
    except ValidationError:
        return
    for name, value in kept.items():
        assert not set(name) & set(" :\r\n\t")
        assert not set(value) & set("\r\n\0")
