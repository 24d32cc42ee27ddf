"""Connectors: databases and their credentials. No reply contains a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from aiohttp import web

from text2everything.local import _query_string as query_string
from text2everything.local._connector_config import CONNECTOR_KINDS, check_connector
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._errors import conflict, unprocessable
from text2everything.local._handlers.base import ReplyShape, Resource, json_response
from text2everything.local._operations import BOOLEAN, INTEGER, TEXT, TEXT_OR_NULL, Operation, object_with
from text2everything.local._request_body import (
    BodySchema,
    check,
    integer,
    json_object,
    non_blank,
    one_of,
    optional,
    required,
)
from text2everything.local._secret_references import store_or_find_secrets
from text2everything.local._secrets import PASSWORD, delete_secrets, erasing, read_secrets, secret_ids
from text2everything.local._tables import CONNECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._request_body import FieldErrors, Location
    from text2everything.local._store import Store

_require_known_type = one_of(*CONNECTOR_KINDS)


@check({"enum": list(CONNECTOR_KINDS)})
def _db_type(value: Any, location: Location, errors: FieldErrors) -> None:
    _require_known_type(value.lower() if isinstance(value, str) else value, location, errors)


def connection_parameters(store: Store, connector: dict[str, Any]) -> ConnectionParameters:
    """Return what a driver needs to connect, including the secrets."""
    return ConnectionParameters(
        db_type=connector["db_type"],
        database=connector["database"],
        host=connector["host"] or None,
        port=connector["port"],
        username=connector["username"] or None,
        config=connector["config"] or {},
        secrets=read_secrets(store, connector),
    )


class Connectors(Resource):
    """The connectors of a project."""

    table = CONNECTORS
    path = "connectors"
    body_schema = BodySchema(
        (
            required("name"),
            optional("description"),
            required("db_type", _db_type),
            optional("host"),
            optional("port", integer(1, 65_535)),
            optional("username"),
            optional("password"),
            optional("password_secret_id", non_blank),
            optional("password_secret_name"),
            required("database"),
            optional("config", json_object),
        )
    )

    shape = ReplyShape(
        CONNECTORS,
        hidden=("password_secret_id",),
        added={
            "host": TEXT,
            "username": TEXT,
            "password": {"type": "null"},
            "password_secret_name": TEXT_OR_NULL,
        },
    )

    def extra_operations(self) -> Iterable[Operation]:
        reply = object_with(ok=BOOLEAN, elapsed_ms=INTEGER)
        yield Operation("POST", self.items_path + "/{id}/test", self.test_connection, reply)

    def delete_operation(self) -> Operation:
        return attrs.evolve(super().delete_operation(), query=(query_string.DELETE_SECRETS,))

    def create_item(self, project_id: Any, values: dict[str, Any]) -> Any:
        with self.store.transaction():
            return super().create_item(project_id, self._to_columns(project_id, values, None))

    def replace_item(self, project_id: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        with erasing(self.store):
            columns = self._to_columns(project_id, values, current)
            replaced = super().replace_item(project_id, current, columns)
            self._delete_unused_secrets(current)
        return replaced

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in item.items() if name != "password_secret_id"}
        if item["config"] is not None:
            names = {
                f"{name}_secret_name": self._secret_name(secret_id)
                for name, secret_id in secret_ids(item).items()
                if name != PASSWORD
            }
            shown["config"] = {**item["config"], **names}
        return {
            **shown,
            "host": item["host"] or "",
            "username": item["username"] or "",
            "password": None,
            "password_secret_name": self._secret_name(item["password_secret_id"]),
        }

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
        also_secrets = query_string.boolean_param(request.query, query_string.DELETE_SECRETS)
        preset = self.store.fetch_one("SELECT name FROM chat_presets WHERE connector_id = ?", connector["id"])
        if preset is not None:
            raise conflict(f"Connector {connector['id']} is used by the chat preset {preset[0]!r}; delete that first")
        with erasing(self.store) if also_secrets else self.store.transaction():
            self.delete_item(project_id, connector["id"])
            if also_secrets:
                self._delete_unused_secrets(connector)
        return self.deleted_response()

    def _secret_name(self, secret_id: str | None) -> str | None:
        return None if secret_id is None else f"{self.state.workspace_name}/secrets/{secret_id}"

    def _to_columns(self, project_id: str, values: dict[str, Any], current: dict[str, Any] | None) -> dict[str, Any]:
        """Check a body and return its values as columns; its secrets are moved to the table of secrets."""
        db_type = values["db_type"].lower()
        config = values["config"]
        values = {
            **values,
            "db_type": db_type,
            "port": values["port"] or CONNECTOR_KINDS[db_type].default_port,
            "password": values["password"] or None,
            "config": config and {key: value for key, value in config.items() if value is not None},
        }
        has_password = current is not None and current["password_secret_id"] is not None
        if errors := check_connector(values, has_password=has_password):
            raise unprocessable(*errors)
        ids = store_or_find_secrets(self.store, self.state.workspace_name, project_id, values, current)
        names = ("name", "description", "db_type", "host", "port", "username", "database")
        return {
            **{name: values[name] for name in names},
            "config": _with_references(values, ids),
            "password_secret_id": ids.get(PASSWORD),
        }

    def _delete_unused_secrets(self, before: dict[str, Any]) -> None:
        """Delete those secrets of a connector that was deleted or replaced which no other connector uses."""
        connectors = self.store.list_all(self.table, before["project_id"])
        used = {secret for connector in connectors for secret in secret_ids(connector).values()}
        delete_secrets(self.store, set(secret_ids(before).values()) - used)


def _with_references(values: dict[str, Any], ids: dict[str, str]) -> dict[str, Any] | None:
    """Return the config of a connector with the ids of its secrets in the place of the secrets."""
    if values["config"] is None:
        return None
    kind = CONNECTOR_KINDS[values["db_type"]]
    return {
        **{key: value for key, value in values["config"].items() if key in kind.config},
        **{f"{name}_secret_id": ids[name] for name in kind.config_secrets if name in ids},
    }
