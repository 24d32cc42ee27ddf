"""Connectors: databases and their credentials. No reply contains a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local import _query_string as query_string
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._errors import conflict, field_error, unprocessable
from text2everything.local._handlers.base import Resource, invalid_field, json_response
from text2everything.local._request_body import (
    BodySchema,
    integer,
    json_object,
    non_blank,
    one_of,
    optional,
    required,
)
from text2everything.local._secrets import (
    extract_config_secrets,
    find_secret_id,
    read_secret,
    secret_ids,
    store_secret,
)
from text2everything.local._tables import CONNECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._store import Store

DEFAULT_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "sqlserver": 1433, "snowflake": 443}
_PRIVATE_KEYS = ("private_key", "private_key_secret_id", "private_key_secret_name")


def connection_parameters(store: Store, connector: dict[str, Any]) -> ConnectionParameters:
    """Return what a driver needs to connect, including the secrets."""
    secrets = {name: read_secret(store, secret_id) for name, secret_id in secret_ids(connector).items()}
    return ConnectionParameters(
        db_type=connector["db_type"],
        database=connector["database"],
        host=connector["host"],
        port=connector["port"],
        username=connector["username"],
        config=connector["config"] or {},
        secrets={name: value for name, value in secrets.items() if value is not None},
    )


class Connectors(Resource):
    """The connectors of a project."""

    table = CONNECTORS
    path = "connectors"
    body_schema = BodySchema(
        (
            required("name"),
            optional("description", optional_in_replacement=True),
            required("db_type", one_of("sqlite", "postgres", "mysql", "mariadb", "sqlserver", "snowflake", "duckdb")),
            optional("host", optional_in_replacement=True),
            optional("port", integer(1, 65_535), optional_in_replacement=True),
            optional("username", optional_in_replacement=True),
            optional("password", optional_in_replacement=True),
            optional("password_secret_id", non_blank, optional_in_replacement=True),
            required("database"),
            optional("config", json_object, optional_in_replacement=True),
        )
    )

    def extra_routes(self) -> Iterable[web.RouteDef]:
        yield web.post(self.items_path + "/{id}/test", self.test_connection)

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        with self.store.transaction():
            return super().create_item(project_id, self._to_columns(project_id, values, None))

    def replace_item(self, project_id: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        with self.store.transaction():
            old = set(secret_ids(current).values())
            replaced = super().replace_item(project_id, current, self._to_columns(project_id, values, current))
            if values["password"] is not None or values["config"] is not None:
                self._delete_unused_secrets(old)
            return replaced

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in item.items() if name != "password_secret_id"}
        secret = item["password_secret_id"]
        name = None if secret is None else f"{self.state.workspace_name}/secrets/{secret}"
        return {**shown, "password": None, "password_secret_name": name}

    async def test_connection(self, request: web.Request) -> web.Response:
        """POST: connect to the database, and return whether that worked."""
        connector = self.get_or_404(self.table, self.project_id(request), request.match_info["id"])
        parameters = connection_parameters(self.store, connector)
        outcome = await self.state.runner.test_connection(connector["id"], parameters)
        report: dict[str, Any] = {"ok": outcome.error is None, "elapsed_ms": outcome.elapsed_ms}
        if outcome.error is None:
            return json_response({**report, "can_write": outcome.result})
        return json_response({**report, "error": outcome.error})

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE: delete a connector that no preset uses; with `delete_secrets`, also its secrets."""
        project_id = self.project_id(request)
        connector = self.get_or_404(self.table, project_id, request.match_info["id"])
        delete_secrets = query_string.boolean_param(request.query, "delete_secrets")
        preset = self.store.fetch_one("SELECT name FROM chat_presets WHERE connector_id = ?", connector["id"])
        if preset is not None:
            raise conflict(f"Connector {connector['id']} is used by the chat preset {preset[0]!r}; delete that first")
        with self.store.transaction():
            self.delete_item(project_id, connector["id"])
            if delete_secrets:
                self._delete_unused_secrets(set(secret_ids(connector).values()))
        return self.deleted_response()

    def _to_columns(self, project_id: str, values: dict[str, Any], current: dict[str, Any] | None) -> dict[str, Any]:
        """Check a body and return its values as columns; its secrets are moved to the table of secrets."""
        errors = _check_combinations(values, has_password=bool(current and current["password_secret_id"]))
        if errors:
            raise unprocessable(*errors)
        secret = self._password_secret_id(project_id, values, current)
        columns = {name: value for name, value in values.items() if name != "password"}
        columns["config"] = extract_config_secrets(
            self.store, project_id, values["config"], self.state.workspace_name
        )
        columns["port"] = values["port"] or DEFAULT_PORTS.get(values["db_type"])
        return {**columns, "password_secret_id": secret}

    def _password_secret_id(
        self, project_id: str, values: dict[str, Any], current: dict[str, Any] | None
    ) -> str | None:
        """Return the id of the secret with the password; without a new one, the current password is kept."""
        if values["password_secret_id"] is not None:
            secret = find_secret_id(self.store, project_id, values["password_secret_id"])
            if secret is None:
                raise invalid_field("password_secret_id", "There is no such secret")
            return secret
        if values["password"] is not None:
            return store_secret(self.store, project_id, values["password"])
        if current is None or _has_private_key(values["config"]):
            return None
        kept: str | None = current["password_secret_id"]
        return kept

    def _delete_unused_secrets(self, ids: set[str]) -> None:
        """Delete those of the secrets that no connector uses."""
        rows = self.store.fetch_all(
            f"{self.table.select_sql} WHERE config IS NOT NULL OR password_secret_id IS NOT NULL"
        )
        used = {secret for row in rows for secret in secret_ids(self.table.decode(row)).values()}
        for secret in ids - used:
            self.store.execute("DELETE FROM secrets WHERE id = ?", secret)


def _has_private_key(config: dict[str, Any] | None) -> bool:
    return any((config or {}).get(name) for name in _PRIVATE_KEYS)


def _check_combinations(values: dict[str, Any], *, has_password: bool) -> list[dict[str, Any]]:
    """Return the errors of fields that do not go together or are required for the `db_type`."""
    errors: list[dict[str, Any]] = []
    if values["db_type"] in {"sqlite", "duckdb"}:
        return errors
    for name in ("host", "username"):
        if values[name] is None:
            errors.append(field_error(("body", name), "Field required", "missing"))
        else:
            non_blank(values[name], ("body", name), errors)
    given = values["password"] is not None or values["password_secret_id"] is not None
    if values["password"] is not None and values["password_secret_id"] is not None:
        errors.append(field_error(("body", "password_secret_id"), "Give a password or a secret, not both"))
    if values["db_type"] == "snowflake":
        key = _has_private_key(values["config"])
        if key and given:
            errors.append(field_error(("body", "password"), "Give a password or a private key, not both"))
        elif not key and not given and not has_password:
            errors.append(field_error(("body", "password"), "A password or a private key is required"))
    return errors
