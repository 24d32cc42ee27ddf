"""Connectors: secrets kept apart, real tests of the connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from text2everything import AuthenticationError, ValidationError

from .conftest import Facade


async def test_a_password_is_never_returned_and_kept_over_updates(call: Facade, project: str) -> None:
    made = await call("connectors.create", project, "c", "mysql", "db.example.com", "u", "d", password="hunter2")
    assert made.password is None
    assert made.port == 3306
    secret = made.password_secret_name
    assert secret.startswith("workspaces/")
    renamed = await call("connectors.update", project, made.id, name="renamed")
    assert (renamed.name, renamed.password_secret_name) == ("renamed", secret)
    changed = await call("connectors.update", project, made.id, password="hunter3")
    secret = changed.password_secret_name
    shared = {"password_secret_id": secret.rsplit("/", 1)[-1]}
    same = await call("connectors.create", project, "c2", "mysql", "h", "u", "d", **shared)
    assert same.password_secret_name == secret
    everything = repr([made, renamed, changed, same, await call("connectors.list", project)])
    assert "hunter" not in everything


async def test_a_private_key_is_kept_with_the_secrets(call: Facade, project: str) -> None:
    made = await call(
        "connectors.create",
        project,
        "snow",
        "snowflake",
        "acme.snowflakecomputing.com",
        "u",
        "d",
        config={"warehouse": "w", "private_key": "-----BEGIN hunter2", "role": "r"},
    )
    assert "hunter2" not in repr(made.to_dict())
    assert made.config["warehouse"] == "w"
    renamed = await call("connectors.update", project, made.id, name="snow 2")
    assert renamed.config == made.config


async def test_by_type(call: Facade, project: str) -> None:
    for kind in ("mysql", "postgres", "mysql"):
        await call("connectors.create", project, kind, kind, "h", "u", "d", password="p")
    assert len(await call("connectors.list_by_type", project, "mysql")) == 2
    with pytest.raises(ValidationError, match="db_type must be one of"):
        await call("connectors.list_by_type", project, "oracle")


async def test_the_connection_is_really_tried(call: Facade, project: str, demo: Any, tmp_path: Path) -> None:
    assert await call("connectors.test_connection", demo.project_id, demo.connector_id)
    detailed = await call("connectors.test_connection_detailed", demo.project_id, demo.connector_id)
    assert detailed["ok"] is detailed.ok is True
    assert detailed.elapsed_ms >= 0
    missing = await call("connectors.create", project, "m", "sqlite", database=str(tmp_path / "missing.db"))
    assert not await call("connectors.test_connection", project, missing.id)
    failed = await call("connectors.test_connection_detailed", project, missing.id)
    assert not failed
    assert failed.error


async def test_a_bad_token_is_not_a_failed_connection(stranger: Facade) -> None:
    with pytest.raises(AuthenticationError):
        await stranger("connectors.test_connection", "p", "c")


async def test_two_passwords_are_refused(unreachable: Facade) -> None:
    both = {"password": "p", "password_secret_id": "s"}
    with pytest.raises(ValidationError, match="password or password_secret_id"):
        await unreachable("connectors.create", "p", "n", "mysql", "h", "u", "d", **both)
    with pytest.raises(ValidationError, match="password or password_secret_id"):
        await unreachable("connectors.update", "p", "c", **both)
