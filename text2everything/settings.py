"""The settings of a client, from arguments and the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from ipaddress import IPv4Address
from numbers import Integral, Real
from operator import index
from typing import Any
from urllib.parse import urlsplit

import attrs
from yarl import URL

from text2everything._secret import Secret, secret
from text2everything.exceptions import InvalidConfigurationError

Token = str | Callable[[], str] | Callable[[], Awaitable[str]]
"""An access token, or a callable (plain or async) that returns one."""

ENVIRONMENT: dict[str, tuple[str, ...]] = {
    "base_url": ("TEXT2EVERYTHING_BASE_URL", "TEXT2EVERYTHING_URL", "T2E_BASE_URL"),
    "access_token": ("T2E_ACCESS_TOKEN",),
    "workspace_name": ("T2E_WORKSPACE_NAME",),
}

SLOW_READ_TIMEOUT = 900.0
"""Seconds a chat's reply may take where `read_timeout` was not set: an agent can think for many minutes."""

MAX_SECONDS = 7 * 24 * 3600.0
MAX_HEADER_LENGTH = 8_000


def _number(value: Any) -> Any:
    """Return a number of numpy and the like as a plain one, and anything else unchanged."""
    if isinstance(value, bool):
        return value
    try:
        if isinstance(value, Integral):
            return index(value)
        return float(value) if isinstance(value, Real | Decimal) else value
    except (OverflowError, ValueError):  # of a fraction or decimal that no float can hold
        return value


def _seconds(_: Settings, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_SECONDS:
        raise InvalidConfigurationError(
            f"{attribute.name} must be a number of seconds above 0, a week at most, got {value!r}"
        )


def _delay(_: Settings, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SECONDS:
        raise InvalidConfigurationError(
            f"{attribute.name} must be a number of seconds from 0, a week at most, got {value!r}"
        )


def _count(least: int) -> Callable[[Settings, attrs.Attribute[Any], object], None]:
    def check(_: Settings, attribute: attrs.Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidConfigurationError(
                f"{attribute.name} must be a whole number, {least} or more, got {value!r}"
            )

    return check


def check_header(name: str, value: str) -> None:
    """Raise an error if `value` could inject another header; the message does not contain the value.

    Raises:
        InvalidConfigurationError: It has characters that a header cannot have, or is too long.
    """
    if not value.isascii() or not value.isprintable():
        raise InvalidConfigurationError(f"{name} holds characters that are not allowed in an HTTP header")
    if len(value) > MAX_HEADER_LENGTH:
        raise InvalidConfigurationError(f"{name} is longer than {MAX_HEADER_LENGTH} characters")


def check_token(token: object) -> Secret:
    """Return the token, stripped, if it can be sent in the Authorization header.

    Raises:
        InvalidConfigurationError: It is not a string, is blank, or has white space or control characters.
    """
    if not isinstance(token, str):
        raise InvalidConfigurationError(
            f"access_token must be a string or a callable that returns one, got {type(token).__name__}"
        )
    token = Secret(token.strip())
    if not token:
        raise InvalidConfigurationError("access_token is empty")
    if " " in token:
        raise InvalidConfigurationError("access_token holds a space; give the bare token, without 'Bearer'")
    check_header("access_token", token)
    return token


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def _base_url(_: Settings, __: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise InvalidConfigurationError(f"base_url must be a string, got {type(value).__name__}")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # a bad port raises here, not in urlsplit
    except ValueError:  # its message may contain a password
        raise InvalidConfigurationError("base_url is not a URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidConfigurationError("base_url must look like https://host or http://host:port")
    if parts.username is not None or parts.password is not None:
        raise InvalidConfigurationError("base_url must not hold a user name or password")
    if "?" in value or "#" in value:
        raise InvalidConfigurationError("base_url must not have a query or a fragment")
    if not value.isprintable() or " " in value:
        raise InvalidConfigurationError("base_url holds white space or control characters")
    if re.fullmatch(r"[\d.]+", parts.hostname) and not _is_ipv4(parts.hostname):
        # Resolvers may take 127.1 and 2130706433, but aiohttp does not.
        raise InvalidConfigurationError(
            f"base_url has no valid host: {parts.hostname!r}; an IPv4 address has four numbers, such as 127.0.0.1"
        )
    try:
        parts.hostname.encode("idna")  # as the resolver will
        URL(value).origin()
    except ValueError:
        raise InvalidConfigurationError(f"base_url has no valid host: {parts.hostname!r}") from None


def _access_token(_: Settings, __: attrs.Attribute[Any], value: object) -> None:
    if not callable(value):
        check_token(value)


def _workspace_name(_: Settings, __: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise InvalidConfigurationError(f"workspace_name must be a string, got {type(value).__name__}")
    if not value.startswith("workspaces/") or value == "workspaces/":
        raise InvalidConfigurationError(
            f"workspace_name must start with 'workspaces/', such as 'workspaces/dev', got {value!r}"
        )
    check_header("workspace_name", value)


def _strip(value: Any) -> Any:
    return value.strip().rstrip("/") if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class Settings:
    """The validated settings of a client.

    Attributes:
        base_url: The URL of the service, with or without `/api` at its end.
        access_token: The token, or a callable that returns one; not part of the repr.
        workspace_name: `workspaces/<name>`.
        timeout: Seconds to open a connection; default 30.
        read_timeout: Seconds to wait for the next bytes of a reply; default 180, and 900 for chats, SQL and uploads.
        pool_timeout: Seconds to wait for a free connection; default 300.
        total_timeout: Seconds for a whole call, including retries, and for a bulk call as a whole; None (default) is
            `timeout` plus `read_timeout`, without the wait for a free connection, and no limit for bulk calls.
        max_retries: The maximum number of retries of a failed request; default 3.
        retry_delay: The maximum seconds before the first retry, doubled for each further one; default 1.
        max_connections: The maximum number of open connections; default 100.
        max_keepalive_connections: The maximum number of idle connections kept open; None (default) keeps all.
        keepalive_expiry: Seconds until an idle connection is closed; default 60.
        sources: The source of each value: `argument`, `default`, or the name of an environment variable.
    """

    base_url: str = attrs.field(converter=_strip, validator=_base_url)
    access_token: Token = attrs.field(repr=False, converter=secret, validator=_access_token)
    workspace_name: str = attrs.field(validator=_workspace_name)
    timeout: float = attrs.field(default=30.0, converter=_number, validator=_seconds)
    read_timeout: float = attrs.field(default=180.0, converter=_number, validator=_seconds)
    pool_timeout: float = attrs.field(default=300.0, converter=_number, validator=_seconds)
    total_timeout: float | None = attrs.field(
        default=None, converter=_number, validator=attrs.validators.optional(_seconds)
    )
    max_retries: int = attrs.field(default=3, converter=_number, validator=_count(0))
    retry_delay: float = attrs.field(default=1.0, converter=_number, validator=_delay)
    max_connections: int = attrs.field(default=100, converter=_number, validator=_count(1))
    max_keepalive_connections: int | None = attrs.field(
        default=None, converter=_number, validator=attrs.validators.optional(_count(0))
    )
    keepalive_expiry: float = attrs.field(default=60.0, converter=_number, validator=_seconds)
    sources: dict[str, str] = attrs.field(factory=dict, repr=False, eq=False)

    @classmethod
    def resolve(cls, **arguments: Any) -> Settings:
        """Return settings from `arguments` and, for those that are None, from the environment.

        Raises:
            InvalidConfigurationError: A setting is missing or invalid; the message says how to set it.

        Example:
            >>> settings = Settings.resolve(base_url="https://t2e.example.com", timeout=5)
            >>> settings.timeout, settings.sources["access_token"]
            (5, 'T2E_ACCESS_TOKEN')
        """
        sources: dict[str, str] = {}
        values: dict[str, Any] = {}
        for name in SETTINGS:
            value, source = arguments.get(name), "argument"
            if value is None:
                value, source = _from_environment(name)
                if name == "access_token":
                    value = secret(value)
            sources[name] = source
            if value is not None:
                values[name] = value
        missing = [name for name in ENVIRONMENT if name not in values]
        if missing:
            raise InvalidConfigurationError("; ".join(map(_how_to_set, missing)))
        try:
            return cls(**values, sources=sources)
        except InvalidConfigurationError as error:
            name = error.message.split(" ", 1)[0]
            if sources.get(name, "argument") == "argument":
                raise
            raise InvalidConfigurationError(f"{error.message} (from {sources[name]})") from None

    def read_timeout_for(self, *, slow: bool) -> float:
        """Return the seconds to wait for the next bytes of a reply: `read_timeout`.

        Args:
            slow: Whether it is the reply to a chat, SQL or an upload; that has 900 s unless `read_timeout` was set.

        Example:
            >>> client.settings.read_timeout_for(slow=True)
            900.0
        """
        return SLOW_READ_TIMEOUT if slow and self.is_default("read_timeout") else self.read_timeout

    def is_default(self, name: str) -> bool:
        """Return whether setting `name` has its default, from neither an argument nor the environment.

        Example:
            >>> client.settings.is_default("read_timeout")
            True
        """
        return self.sources.get(name, "argument") == "default"


SETTINGS = tuple(field.name for field in attrs.fields(Settings) if field.name != "sources")


def _from_environment(name: str) -> tuple[str | None, str]:
    for variable in ENVIRONMENT.get(name, ()):
        value = os.environ.get(variable, "").strip()
        if value:
            return value, variable
    return None, "default"


def _how_to_set(name: str) -> str:
    return f"{name} is missing: pass {name}=... or set {' or '.join(ENVIRONMENT[name])}"
