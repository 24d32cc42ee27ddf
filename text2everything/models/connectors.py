"""Connectors: how the service connects to a database."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import attrs

from text2everything._secret import secret
from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_text
from text2everything.models._fields import int_field, optional_id, optional_object, optional_text, text_field
from text2everything.models._plain import plain
from text2everything.models.base import UNSET, KeyAccess, Model, Stored, Unset


class ConnectorType(enum.StrEnum):
    """The types of databases; only the embedded service supports `MARIADB`, `SQLITE` and `DUCKDB`."""

    SNOWFLAKE = "snowflake"
    SQLSERVER = "sqlserver"
    POSTGRES = "postgres"
    MYSQL = "mysql"
    MARIADB = "mariadb"
    SQLITE = "sqlite"
    DUCKDB = "duckdb"


DEFAULT_PORTS = {
    ConnectorType.SNOWFLAKE: 443,
    ConnectorType.SQLSERVER: 1433,
    ConnectorType.POSTGRES: 5432,
    ConnectorType.MYSQL: 3306,
    ConnectorType.MARIADB: 3306,
}

FILES = (ConnectorType.SQLITE, ConnectorType.DUCKDB)
"""Databases that are files, and have neither a host nor users."""

PRIVATE_KEYS = ("private_key", "private_key_secret_id", "private_key_secret_name")


SECRET_WORDS = ("key", "password", "passphrase", "secret", "token", "credential", "pwd")


def hide_secrets(config: Any, *, secretive: bool = False) -> Any:
    """Return a copy of `config` in which the repr of every value that may be secret is masked.

    Args:
        config: The settings; values may be nested.
        secretive: Whether all values may be secret; otherwise only those whose name suggests it.
    """
    if isinstance(config, Mapping):
        return {
            name: hide_secrets(value, secretive=secretive or any(word in str(name).lower() for word in SECRET_WORDS))
            for name, value in config.items()
        }
    if isinstance(config, list | tuple):
        return [hide_secrets(value, secretive=secretive) for value in config]
    return secret(config) if secretive else config


def redact_config(config: Mapping[str, Any] | Unset | None) -> str:
    """Return the repr of `config`, with every value that may be secret masked."""
    return repr(hide_secrets(config))


def check_db_type(name: str, value: Any) -> str:
    """Return the type of a database, in lower case, if it is one of `ConnectorType` in any case."""
    check_text(name, value)
    known = [kind.value for kind in ConnectorType]
    if value.lower() not in known:
        raise ValidationError(f"{name} must be one of {', '.join(known)}, got {value!r}")
    return str(value.lower())


def _db_type(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is not UNSET:
        check_db_type(attribute.name, value)


def _plain_db_type(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, enum.Enum) and not isinstance(value, Unset):
        value = value.value
    return value.lower() if isinstance(value, str) else value


@attrs.define(kw_only=True, repr=False)
class ConnectorCreate(Model):
    """A connector to create, with `password`, `password_secret_id`, or (Snowflake) a private key in `config`."""

    name: str = text_field()
    db_type: str = attrs.field(converter=_plain_db_type, validator=_db_type)
    host: str | None = optional_text()
    port: int | None = int_field(1, 65_535, default=None)
    username: str | None = optional_text()
    password: str | None = optional_text(None, repr=False)
    password_secret_id: str | None = optional_id()
    database: str = text_field()
    description: str | None = optional_text()
    config: dict[str, Any] | None = optional_object(None, repr=redact_config)

    def __attrs_post_init__(self) -> None:
        if self.db_type not in FILES:
            for name in ("host", "username"):
                check_text(name, getattr(self, name))
        if self.password is not None and self.password_secret_id is not None:
            raise ValidationError("give password or password_secret_id, not both")
        if self.port is None:
            self.port = DEFAULT_PORTS.get(ConnectorType(self.db_type))
        key = next((name for name in PRIVATE_KEYS if (self.config or {}).get(name)), None)
        if key is not None and (self.password or self.password_secret_id):
            raise ValidationError(f"give a password or config[{key!r}], not both")


@attrs.define(kw_only=True, repr=False)
class ConnectorUpdate(Model):
    """The fields of a connector to change; fields that are not set keep their value, None clears it."""

    name: str | Unset = text_field(default=UNSET)
    db_type: str | Unset = attrs.field(default=UNSET, converter=_plain_db_type, validator=_db_type)
    host: str | Unset | None = optional_text(UNSET)
    port: int | Unset | None = int_field(1, 65_535, default=UNSET)
    username: str | Unset | None = optional_text(UNSET)
    password: str | Unset | None = optional_text(UNSET, repr=False)
    password_secret_id: str | Unset | None = optional_text(UNSET)
    database: str | Unset = text_field(default=UNSET)
    description: str | Unset | None = optional_text(UNSET)
    config: dict[str, Any] | Unset | None = optional_object(UNSET, repr=redact_config)


@attrs.define(kw_only=True, repr=False)
class Connector(Stored):
    """A connector as the service returns it: instead of its password, the name of the secret that holds it.

    A database that is a file has neither `host` nor `username`; they are empty strings, or None.
    """

    name: str
    db_type: str
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    password_secret_name: str | None = None
    database: str | None = None
    description: str | None = None
    config: dict[str, Any] | None = attrs.field(default=None, repr=redact_config)
    project_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class ConnectionTest(KeyAccess, Model):
    """The result of a connection test; true if it succeeded.

    Attributes:
        ok: Whether the database could be reached.
        elapsed_ms: The time in milliseconds.
        error: The error, or None.
    """

    ok: bool
    elapsed_ms: float | None = None
    error: str | None = None

    def __bool__(self) -> bool:
        return self.ok
