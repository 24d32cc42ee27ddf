"""What must never be shown: kept in a table of its own, referred to by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local._store import new_id

if TYPE_CHECKING:
    from text2everything.local._store import Store

# What a connector's `config` may hold that is a secret. In its place are `<name>_secret_id` and `_secret_name`.
CONFIG_SECRETS = ("private_key", "private_key_passphrase", "passphrase", "password", "token")


def keep_secret(store: Store, project_id: str, value: str) -> str:
    """Keep a secret and return its id."""
    secret = new_id()
    store.run("INSERT INTO secrets (id, project_id, value) VALUES (?, ?, ?)", secret, project_id, value)
    return secret


def find_secret(store: Store, project_id: str, name: str) -> str | None:
    """Return the id of a secret that is named by id or as `workspaces/<name>/secrets/<id>`; None if unknown."""
    wanted = name.rpartition("/")[2]
    row = store.one("SELECT id FROM secrets WHERE id = ? AND project_id = ?", wanted, project_id)
    return None if row is None else str(row[0])


def reveal(store: Store, id: str) -> str | None:
    """Return a secret, for a driver; None if it was deleted."""
    row = store.one("SELECT value FROM secrets WHERE id = ?", id)
    return None if row is None else str(row[0])


def split_config(
    store: Store, project_id: str, config: dict[str, Any] | None, workspace_name: str
) -> dict[str, Any] | None:
    """Return a connector's config with its secrets moved out."""
    if config is None:
        return None
    kept = dict(config)
    for name in CONFIG_SECRETS:
        value = kept.pop(name, None)
        if value is not None:
            secret = keep_secret(store, project_id, str(value))
            kept[f"{name}_secret_id"] = secret
            kept[f"{name}_secret_name"] = f"{workspace_name}/secrets/{secret}"
    return kept


def secret_ids(connector: dict[str, Any]) -> dict[str, str]:
    """Return which secrets a connector uses: their ids, by what they are for."""
    used = {"password": connector["password_secret_id"]}
    config = connector["config"] or {}
    for name in CONFIG_SECRETS:
        reference = config.get(f"{name}_secret_id") or config.get(f"{name}_secret_name")
        if isinstance(reference, str):
            used[name] = reference.rpartition("/")[2]
    return {name: secret for name, secret in used.items() if secret is not None}
