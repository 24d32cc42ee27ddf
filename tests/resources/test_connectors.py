"""Connectors: secrets kept apart, real tests of the connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from text2everything import AuthenticationError, ConnectorType, ValidationError
from text2everything.models import ConnectorCreate

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
    same = await call("connectors.create", project, "c2", "mysql", "db.example.com", "u", "d", **shared)
    assert same.password_secret_name == secret
    with pytest.raises(ValidationError, match="host changed: give the password again"):
        await call("connectors.update", project, made.id, host="other.example.com")
    moved = await call("connectors.update", project, made.id, host="other.example.com", password="hunter4")
    assert moved.host == "other.example.com"
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
    for kind in ("mysql", "postgres", "MySQL"):
        made = await call("connectors.create", project, kind, kind, "h", "u", "d", password="p")
        assert made.db_type == kind.lower()
    for spelling in ("mysql", "MYSQL"):
        assert len(await call("connectors.list_by_type", project, spelling)) == 2
    with pytest.raises(ValidationError, match="db_type must be one of"):
        await call("connectors.list_by_type", project, "oracle")


async def test_a_file_has_no_host_and_no_user(call: Facade, project: str) -> None:
    made = await call("connectors.create", project, "c", "sqlite", database="shop.db")
    assert not any((made.host, made.username, made.port, made.password_secret_name))
    renamed = await call("connectors.update", project, made.id, name="renamed", description="why")
    assert (renamed.name, renamed.description, renamed.host) == ("renamed", "why", made.host)


@pytest.mark.parametrize("kind", ConnectorType)
def test_what_a_connector_of_each_type_needs(kind: ConnectorType) -> None:
    is_file = kind in {"sqlite", "duckdb"}
    if not is_file:
        with pytest.raises(ValidationError, match="host"):
            ConnectorCreate(name="n", db_type=kind, database="d")
    made = ConnectorCreate(name="n", db_type=kind.upper(), database="d", host="h", username="u")
    assert made.db_type == kind.value
    assert (made.port is None) is is_file


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
