"""Which stored secrets a connector uses, from what a request gives: new values, names of stored ones, or neither.

A secret is given for one target, such as a user on a host, and is sent to no other. Otherwise, whoever may edit
connectors could have a password that he does not know sent to a host of his own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from text2everything.local._connector_config import CONNECTOR_KINDS, has_private_key, secret_references
from text2everything.local._errors import field_error, unprocessable
from text2everything.local._secrets import PASSWORD, find_secret, secret_ids, store_secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from text2everything.local._request_body import FieldErrors, Location
    from text2everything.local._store import Store


def target_of(connector: dict[str, Any]) -> dict[str, Any]:
    """Return what decides where the secrets of a connector are sent, and how well they are protected on the way."""
    kind = CONNECTOR_KINDS[connector["db_type"]]
    config = connector["config"] or {}
    return {
        **{name: connector[name] or None for name in ("db_type", "host", "port", "username", "database")},
        **{f"config.{key}": config.get(key) for key in kind.config if key not in kind.free_config},
    }


def store_or_find_secrets(
    store: Store,
    workspace_name: str,
    project_id: str,
    values: dict[str, Any],
    current: dict[str, Any] | None,
) -> dict[str, str]:
    """Store the new secrets of a connector, and return the ids of all that it uses, by name.

    Args:
        store: The store of the service, in a transaction.
        workspace_name: The workspace, as `workspaces/<name>`.
        project_id: The project.
        values: The fields of the connector, which were checked.
        current: The connector that they replace, if they do; without a new password it keeps its own.

    Raises:
        ApiError: 422: a secret does not exist in this project, or was given for another target.
    """
    resolver = _Resolver(store, workspace_name, project_id, values, current)
    config = values["config"] or {}
    ids = {PASSWORD: resolver.resolve(PASSWORD, ("body", PASSWORD), values[PASSWORD], _password_references(values))}
    for name in CONNECTOR_KINDS[values["db_type"]].config_secrets:
        references = [(("body", "config", key), value) for key, value in secret_references(config, name)]
        ids[name] = resolver.resolve(name, ("body", "config", name), config.get(name), references)
    if resolver.errors:
        raise unprocessable(*resolver.errors)
    return {name: secret_id for name, secret_id in ids.items() if secret_id is not None}


def _password_references(values: dict[str, Any]) -> list[tuple[Location, str]]:
    # Replies have password_secret_name, so it comes back in requests made from replies: anything else goes before it.
    if values["password_secret_id"] is not None:
        return [(("body", "password_secret_id"), values["password_secret_id"])]
    if values["password_secret_name"] and not has_private_key(values):
        return [(("body", "password_secret_name"), values["password_secret_name"])]
    return []


@attrs.define
class _Resolver:
    store: Store
    workspace_name: str
    project_id: str
    values: dict[str, Any] = attrs.field(repr=False)
    current: dict[str, Any] | None
    errors: FieldErrors = attrs.field(factory=list)

    def resolve(
        self, name: str, location: Location, value: str | None, references: Iterable[tuple[Location, str]]
    ) -> str | None:
        """Return the id of one secret: of its new value, of the stored one that is named, or of the one it was."""
        if value is not None:
            return store_secret(self.store, self.project_id, value, self._target_text(name))
        found = None
        for referring, reference in references:
            secret_id = reference.removeprefix(f"{self.workspace_name}/secrets/")
            row = find_secret(self.store, self.project_id, secret_id)
            if row is None:
                self.errors.append(field_error(referring, "There is no such secret in this project"))
            elif found not in {None, secret_id}:
                self.errors.append(field_error(referring, f"It is not the secret that {name}_secret_id names"))
            elif row[0] != self._target_text(name) and not self._stays(name, secret_id, location):
                message = f"This secret was not given as {name} for this database; give the {name} itself"
                self.errors.append(field_error(referring, message))
            found = secret_id
        if found is None and name == PASSWORD and self.current is not None and not has_private_key(self.values):
            found = secret_ids(self.current).get(PASSWORD)
            if found is not None:
                self._stays(name, found, location)
        return found

    def _stays(self, name: str, secret_id: str, location: Location) -> bool:
        """Return whether the connector uses this secret already; if its target changed, that is an error."""
        if self.current is None or secret_ids(self.current).get(name) != secret_id:
            return False
        before, after = target_of(self.current), target_of(self.values)
        changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        if changed:
            message = f"{', '.join(changed)} changed: give the {name} again, which was given for the old value"
            self.errors.append(field_error(location, message))
        return True

    def _target_text(self, name: str) -> str:
        return json.dumps([name, target_of(self.values)], sort_keys=True)
