"""Connectors: databases and how to get in. Secrets go one way, in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from text2everything.local import _paging as paging
from text2everything.local._databases import DRIVERS, Target
from text2everything.local._errors import conflict, invalid, problem
from text2everything.local._handlers.base import Resource, reply, wrong
from text2everything.local._tables import CONNECTORS
from text2everything.local._validation import Body, document, filled, may, need, one_of, whole
from text2everything.local._vault import find_secret, keep_secret, reveal, secret_ids, split_config

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._store import Store

DEFAULT_PORTS = {"postgres": 5432, "mysql": 3306, "sqlserver": 1433, "snowflake": 443}
_PRIVATE_KEYS = ("private_key", "private_key_secret_id", "private_key_secret_name")


def target_of(store: Store, connector: dict[str, Any]) -> Target:
    """Return what a driver needs of a connector, secrets included."""
    found = {name: reveal(store, secret) for name, secret in secret_ids(connector).items()}
    return Target(
        db_type=connector["db_type"],
        database=connector["database"],
        host=connector["host"],
        port=connector["port"],
        username=connector["username"],
        config=connector["config"] or {},
        secrets={name: value for name, value in found.items() if value is not None},
    )


class Connectors(Resource):
    """The connectors of a project."""

    table = CONNECTORS
    path = "connectors"
    body = Body(
        (
            need("name"),
            may("description", kept=True),
            need("db_type", one_of(*DRIVERS)),
            may("host", kept=True),
            may("port", whole(1, 65_535), kept=True),
            may("username", kept=True),
            may("password", kept=True),
            may("password_secret_id", filled, kept=True),
            need("database"),
            may("config", document, kept=True),
        )
    )

    def more_routes(self) -> Iterable[web.RouteDef]:
        yield web.post(self.base + "/{id}/test", self.test)

    def add(self, project: Any, values: dict[str, Any]) -> Any:
        with self.store.transaction():
            return super().add(project, self._checked(project, values, None))

    def put(self, project: Any, current: dict[str, Any], values: dict[str, Any]) -> Any:
        with self.store.transaction():
            old = set(secret_ids(current).values())
            replaced = super().put(project, current, self._checked(project, values, current))
            if values["password"] is not None or values["config"] is not None:
                self._forget(old)
            return replaced

    def render(self, item: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in item.items() if name != "password_secret_id"}
        secret = item["password_secret_id"]
        name = None if secret is None else f"{self.state.workspace_name}/secrets/{secret}"
        return {**shown, "password": None, "password_secret_name": name}

    async def test(self, request: web.Request) -> web.Response:
        """POST: connect, and say how that went."""
        connector = self.require(self.table, self.project(request), request.match_info["id"])
        outcome = await self.state.runner.probe(target_of(self.store, connector))
        found: dict[str, Any] = {"ok": outcome.error is None, "elapsed_ms": outcome.elapsed_ms}
        return reply(found if outcome.error is None else {**found, "error": outcome.error})

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE: a connector that no preset uses; with `delete_secrets`, its secrets that no other one uses."""
        project = self.project(request)
        connector = self.require(self.table, project, request.match_info["id"])
        forget = paging.flag(request.query, "delete_secrets")
        user = self.store.one("SELECT name FROM chat_presets WHERE connector_id = ?", connector["id"])
        if user is not None:
            raise conflict(f"Connector {connector['id']} is used by the chat preset {user[0]!r}; delete that first")
        with self.store.transaction():
            self.remove(project, connector["id"])
            if forget:
                self._forget(set(secret_ids(connector).values()))
        return self.deleted()

    def _checked(self, project: str, values: dict[str, Any], current: dict[str, Any] | None) -> dict[str, Any]:
        """Return the columns for a body, with its secrets put away."""
        problems = _mistakes(values, has_password=bool(current and current["password_secret_id"]))
        if problems:
            raise invalid(*problems)
        secret = self._password(project, values, current)
        columns = {name: value for name, value in values.items() if name != "password"}
        columns["config"] = split_config(self.store, project, values["config"], self.state.workspace_name)
        columns["port"] = values["port"] or DEFAULT_PORTS.get(values["db_type"])
        return {**columns, "password_secret_id": secret}

    def _password(self, project: str, values: dict[str, Any], current: dict[str, Any] | None) -> str | None:
        """Return the id of the secret that holds the password; one that is not sent again stays."""
        if values["password_secret_id"] is not None:
            secret = find_secret(self.store, project, values["password_secret_id"])
            if secret is None:
                raise wrong("password_secret_id", "There is no such secret")
            return secret
        if values["password"] is not None:
            return keep_secret(self.store, project, values["password"])
        if current is None or _has_key(values["config"]):
            return None
        kept: str | None = current["password_secret_id"]
        return kept

    def _forget(self, ids: set[str]) -> None:
        """Delete secrets that no connector uses."""
        rows = self.store.all(f"{self.table.select} WHERE config IS NOT NULL OR password_secret_id IS NOT NULL")
        used = {secret for row in rows for secret in secret_ids(self.table.decode(row)).values()}
        for secret in ids - used:
            self.store.run("DELETE FROM secrets WHERE id = ?", secret)


def _has_key(config: dict[str, Any] | None) -> bool:
    return any((config or {}).get(name) for name in _PRIVATE_KEYS)


def _mistakes(values: dict[str, Any], *, has_password: bool) -> list[dict[str, Any]]:
    """Return what is wrong with a connector beyond its single fields."""
    problems: list[dict[str, Any]] = []
    if values["db_type"] == "sqlite":
        return problems
    for name in ("host", "username"):
        if values[name] is None:
            problems.append(problem(("body", name), "Field required", "missing"))
        else:
            filled(values[name], ("body", name), problems)
    given = values["password"] is not None or values["password_secret_id"] is not None
    if values["password"] is not None and values["password_secret_id"] is not None:
        problems.append(problem(("body", "password_secret_id"), "Give a password or a secret, not both"))
    if values["db_type"] == "snowflake":
        key = _has_key(values["config"])
        if key and given:
            problems.append(problem(("body", "password"), "Give a password or a private key, not both"))
        elif not key and not given and not has_password:
            problems.append(problem(("body", "password"), "A password or a private key is required"))
    return problems
