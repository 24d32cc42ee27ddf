"""The secrets of connectors: kept in a table of their own and referred to by id, so that no reply can contain one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from text2everything.local._store import new_id

if TYPE_CHECKING:
    from text2everything.local._store import Store

# The keys of a connector's `config` whose values are secrets. `<key>_secret_id` and `<key>_secret_name` replace them.
CONFIG_SECRETS = ("private_key", "private_key_passphrase", "passphrase", "password", "token")


def store_secret(store: Store, project_id: str, value: str) -> str:
    """Store a secret and return its id."""
    secret_id = new_id()
    store.execute("INSERT INTO secrets (id, project_id, value) VALUES (?, ?, ?)", secret_id, project_id, value)
    return secret_id


def find_secret_id(store: Store, project_id: str, name: str) -> str | None:
    """Return the id of a secret, given by id or as `workspaces/<name>/secrets/<id>`; None if there is none."""
    wanted = name.rpartition("/")[2]
    row = store.fetch_one("SELECT id FROM secrets WHERE id = ? AND project_id = ?", wanted, project_id)
    return None if row is None else str(row[0])


def read_secret(store: Store, id: str) -> str | None:
    """Return the value of a secret; None if it was deleted."""
    row = store.fetch_one("SELECT value FROM secrets WHERE id = ?", id)
    return None if row is None else str(row[0])


def extract_config_secrets(
    store: Store, project_id: str, config: dict[str, Any] | None, workspace_name: str
) -> dict[str, Any] | None:
    """Store the secrets in a connector's config, and return the config with references in their place."""
    if config is None:
        return None
    extracted = dict(config)
    for key in CONFIG_SECRETS:
        value = extracted.pop(key, None)
        if value is not None:
            secret_id = store_secret(store, project_id, str(value))
            extracted[f"{key}_secret_id"] = secret_id
            extracted[f"{key}_secret_name"] = f"{workspace_name}/secrets/{secret_id}"
    return extracted


def secret_ids(connector: dict[str, Any]) -> dict[str, str]:
    """Return the ids of the secrets that a connector uses: by key of its config, and its `password`."""
    ids = {"password": connector["password_secret_id"]}
    config = connector["config"] or {}
    for key in CONFIG_SECRETS:
        reference = config.get(f"{key}_secret_id") or config.get(f"{key}_secret_name")
        if isinstance(reference, str):
            ids[key] = reference.rpartition("/")[2]
    return {key: secret_id for key, secret_id in ids.items() if secret_id is not None}
