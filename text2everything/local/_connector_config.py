"""What the connectors of each `db_type` consist of: required fields, default port, and the keys of `config`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local._errors import field_error
from text2everything.local._request_body import NON_BLANK, check, non_blank, one_of

if TYPE_CHECKING:
    from text2everything.local._request_body import Check, FieldErrors, Location

# Of a host: white space, and what only a URL or a connection string has. A path of a Unix socket is let through.
_NO_HOST = re.compile(r"[\s@?#%=;{}\x00]|^[^/].*/")
# Of a database: a URL, a setting of a connection string, or a database of MotherDuck, whose name may hold a token.
_NO_DATABASE = re.compile(
    r"://|\b(password|passwd|pwd|token|motherduck_token)\s*=|^\s*(md|motherduck):", re.IGNORECASE
)

_SECRET_ID, _SECRET_NAME = "_secret_id", "_secret_name"


@check({"type": "string", "pattern": NON_BLANK})
def _host(value: Any, location: Location, errors: FieldErrors) -> None:
    before = len(errors)
    non_blank(value, location, errors)
    if len(errors) == before and _NO_HOST.search(value):
        # The message does not repeat the value, which may hold a password.
        message = "Give a host name or an address only; port, username, password and database have their own fields"
        errors.append(field_error(location, message))


@attrs.frozen
class ConnectorKind:
    """What a connector of one `db_type` consists of.

    Attributes:
        required: The fields it cannot do without, besides name and database.
        default_port: The port if none is given; None for databases that are files.
        config: The keys of `config` that are no secrets, and what the value of each must be.
        free_config: Those of them that do not matter to who gets to see the password.
        config_secrets: The keys of `config` that are secrets.
        needs_secret: Whether there must be a password or, instead, a private key.
    """

    required: tuple[str, ...] = ("host", "username")
    default_port: int | None = None
    config: dict[str, Check] = attrs.field(factory=dict)
    free_config: tuple[str, ...] = ()
    config_secrets: tuple[str, ...] = ()
    needs_secret: bool = False


_FIELD_CHECKS: dict[str, Check] = {"host": _host, "username": non_blank}

_MYSQL = ConnectorKind(default_port=3306, config={"ssl_ca": non_blank})
CONNECTOR_KINDS = {
    "sqlite": ConnectorKind(required=()),
    "postgres": ConnectorKind(
        default_port=5432,
        config={
            "sslmode": one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
            "sslrootcert": non_blank,
        },
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "duckdb": ConnectorKind(required=()),
    "sqlserver": ConnectorKind(default_port=1433),
    "snowflake": ConnectorKind(
        default_port=443,
        config={"account": _host, "warehouse": non_blank, "role": non_blank, "schema": non_blank},
        free_config=("warehouse", "role", "schema"),
        config_secrets=("private_key", "private_key_passphrase"),
        needs_secret=True,
    ),
}


def secret_references(config: dict[str, Any], key: str) -> list[tuple[str, Any]]:
    """Return the keys of `config` that name the stored secret of a key, with their values."""
    names = (key + _SECRET_ID, key + _SECRET_NAME)
    return [(name, config[name]) for name in names if config.get(name) is not None]


def check_connector(values: dict[str, Any], *, has_password: bool) -> FieldErrors:
    """Return what is wrong with the fields of a connector together, for its `db_type`.

    Args:
        values: The fields.
        has_password: Whether there is a stored password, which stays if no other is given.
    """
    kind = CONNECTOR_KINDS[values["db_type"]]
    errors: FieldErrors = []
    for name, field_check in _FIELD_CHECKS.items():
        if values[name] is None and name in kind.required:
            errors.append(field_error(("body", name), "Field required", "missing"))
        elif values[name] or name in kind.required:
            field_check(values[name], ("body", name), errors)
    if _NO_DATABASE.search(values["database"]):
        where = "name of the database" if kind.required else "path of the file"
        message = f"Give the {where} only, without host, username, password or token"
        errors.append(field_error(("body", "database"), message))
    _check_config(values["db_type"], values["config"] or {}, errors)
    _check_secrets(kind, values, errors, has_password=has_password)
    return errors


def _check_config(db_type: str, config: dict[str, Any], errors: FieldErrors) -> None:
    kind = CONNECTOR_KINDS[db_type]
    references = {secret + end for secret in kind.config_secrets for end in (_SECRET_ID, _SECRET_NAME)}
    texts = {*kind.config_secrets, *references}
    for key, value in config.items():
        location = ("body", "config", key)
        if key not in kind.config and key not in texts:
            known = ", ".join((*kind.config, *kind.config_secrets))
            message = f"{db_type} knows only {known}" if known else f"{db_type} takes no config"
            errors.append(field_error(location, message, "extra_forbidden"))
        elif value is not None:
            kind.config.get(key, non_blank)(value, location, errors)
    for secret in kind.config_secrets:
        given = secret_references(config, secret)
        if config.get(secret) is not None and given:
            errors.append(field_error(("body", "config", given[0][0]), f"Give {secret} or a secret, not both"))


def _check_secrets(kind: ConnectorKind, values: dict[str, Any], errors: FieldErrors, *, has_password: bool) -> None:
    password, reference = values["password"] is not None, values["password_secret_id"] is not None
    if password and reference:
        errors.append(field_error(("body", "password_secret_id"), "Give a password or a secret, not both"))
    if has_private_key(values):
        if password or reference:
            errors.append(field_error(("body", "password"), "Give a password or a private key, not both"))
    elif kind.needs_secret and not (password or reference or values["password_secret_name"] or has_password):
        errors.append(field_error(("body", "password"), "A password or a private key is required"))


def has_private_key(values: dict[str, Any]) -> bool:
    """Return whether a connector has a private key, itself or as a stored secret, in the place of a password."""
    config = values["config"] or {}
    is_known = "private_key" in CONNECTOR_KINDS[values["db_type"]].config_secrets
    return is_known and (config.get("private_key") is not None or bool(secret_references(config, "private_key")))
