"""Connectors: their defaults, their secrets, and the test that really connects."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

import aiohttp
import pytest

from text2everything.local import LocalService

from .conftest import ScriptedEngine, Wire, headers

POSTGRES = {"name": "n", "db_type": "postgres", "host": "h", "username": "u", "database": "d"}
SNOWFLAKE = {**POSTGRES, "db_type": "snowflake"}
KEY = "-----BEGIN PRIVATE KEY-----\nk3y"


@pytest.mark.parametrize(
    ("db_type", "port"), [("postgres", 5432), ("mysql", 3306), ("sqlserver", 1433), ("snowflake", 443)]
)
async def test_ports_have_defaults(wire: Wire, db_type, port):
    made = await wire.made("P/connectors", {**POSTGRES, "db_type": db_type, "password": "p"})
    assert made["port"] == port
    status, replaced = await wire("PUT", f"P/connectors/{made['id']}", {**made, "port": 99, "password": "p"})
    assert (status, replaced["port"]) == (200, 99)


async def test_sqlite_needs_a_database_only(wire: Wire, database):
    made = await wire.made("P/connectors", {"name": "n", "db_type": "sqlite", "database": str(database)})
    names = ("host", "username", "port", "password", "password_secret_name")
    assert [made[name] for name in names] == ["", "", None, None, None]
    # What has no host may say so in the same way.
    assert (await wire("PUT", f"P/connectors/{made['id']}", {**made, "name": "m"}))[0] == 200


@pytest.mark.parametrize("db_type", ["Postgres", "POSTGRES", "postgres"])
async def test_the_db_type_may_be_in_any_case(wire: Wire, db_type):
    made = await wire.made("P/connectors", {**POSTGRES, "db_type": db_type})
    assert (made["db_type"], made["port"]) == ("postgres", 5432)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"db_type": "oracle"}, ["db_type"]),
        ({"db_type": None}, ["db_type"]),
        ({"host": None, "username": " "}, ["host", "username"]),
        ({"database": ""}, ["database"]),
        ({"port": 0}, ["port"]),
        ({"port": 65_536}, ["port"]),
        ({"port": True}, ["port"]),
        ({"port": "5432"}, ["port"]),
        ({"config": []}, ["config"]),
        ({"password": "p", "password_secret_id": "s"}, ["password_secret_id"]),
        ({"password_secret_id": "unknown"}, ["password_secret_id"]),
        ({"db_type": "snowflake"}, ["password"]),
        ({"db_type": "snowflake", "password": "p", "config": {"private_key": KEY}}, ["password"]),
        ({"db_type": "snowflake", "password": "p", "config": {"private_key_secret_id": "x"}}, ["password"]),
    ],
)
async def test_wrong_connectors_are_refused(wire: Wire, change, wrong):
    status, reply = await wire("POST", "P/connectors", {**POSTGRES, **change})
    assert (status, [problem["loc"] for problem in reply["detail"]]) == (422, [["body", name] for name in wrong])
    assert (await wire("GET", "P/connectors"))[1]["total"] == 0


async def test_secrets_are_never_returned_or_logged(tmp_path, caplog):
    service = LocalService(tmp_path / "data", engine=ScriptedEngine())
    with caplog.at_level(logging.DEBUG), service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            one = await wire.made("P/connectors", {**POSTGRES, "password": "hunter2"})
            config = {"private_key": KEY, "private_key_passphrase": "hunter3", "warehouse": "w"}
            two = await wire.made("P/connectors", {**SNOWFLAKE, "config": config})
            replies = [
                one,
                two,
                await wire("GET", "P/connectors"),
                await wire("PUT", f"P/connectors/{one['id']}", {**one, "password": "hunter4"}),
                await wire("POST", f"P/connectors/{one['id']}/test"),
                await wire("POST", f"P/connectors/{two['id']}/test"),
            ]
            said = repr(replies) + caplog.text + repr(service)
            assert not [secret for secret in ("hunter", "k3y") if secret in said]
            assert one["password"] is None
            assert one["password_secret_name"].startswith("workspaces/local/secrets/")
            assert set(two["config"]) == {
                "warehouse",
                *("private_key_secret_id", "private_key_secret_name"),
                *("private_key_passphrase_secret_id", "private_key_passphrase_secret_name"),
            }
            assert service.access_token not in caplog.text
    with closing(sqlite3.connect(tmp_path / "data" / "service.sqlite3")) as stored:
        assert {row[0].strip("\0") for row in stored.execute("SELECT value FROM secrets")} == {
            "hunter4",
            KEY,
            "hunter3",
        }
        assert "hunter" not in repr(stored.execute("SELECT * FROM connectors").fetchall())
    assert (tmp_path / "data" / "service.sqlite3").stat().st_mode & 0o077 == 0


def secrets(service: LocalService, wire: Wire) -> set[str]:
    store = service._running.state.store
    rows = store.fetch_all("SELECT value FROM secrets WHERE project_id = ?", wire.project)
    return {row[0].strip("\0") for row in rows}


async def test_a_password_that_is_not_sent_again_stays(wire: Wire, service):
    made = await wire.made("P/connectors", {**POSTGRES, "password": "first"})
    status, replaced = await wire("PUT", f"P/connectors/{made['id']}", {**POSTGRES, "name": "other"})
    assert (status, replaced["name"]) == (200, "other")
    assert replaced["password_secret_name"] == made["password_secret_name"]
    assert secrets(service, wire) == {"first"}
    replaced = (await wire("PUT", f"P/connectors/{made['id']}", {**made, "password": "second"}))[1]
    assert replaced["password_secret_name"] != made["password_secret_name"]
    assert secrets(service, wire) == {"second"}


@pytest.mark.parametrize("whole_name", [False, True])
async def test_a_secret_can_be_shared_by_id_or_name_and_is_deleted_with_its_last_user(
    wire: Wire, service, whole_name
):
    one = await wire.made("P/connectors", {**POSTGRES, "password": "shared"})
    name = one["password_secret_name"]
    reference = name if whole_name else name.rpartition("/")[2]
    two = await wire.made("P/connectors", {**POSTGRES, "password_secret_id": reference})
    assert two["password_secret_name"] == name
    for connector, left in ((one, {"shared"}), (two, set())):
        assert (await wire("DELETE", f"P/connectors/{connector['id']}?delete_secrets=true"))[0] == 200
        assert secrets(service, wire) == left


async def test_secrets_are_kept_unless_their_deletion_is_asked_for(wire: Wire, service):
    made = await wire.made("P/connectors", {**POSTGRES, "password": "kept"})
    assert (await wire("DELETE", f"P/connectors/{made['id']}?delete_secrets=maybe"))[0] == 422
    assert (await wire("DELETE", f"P/connectors/{made['id']}?delete_secrets=false"))[0] == 200
    assert secrets(service, wire) == {"kept"}


async def test_a_private_key_takes_the_place_of_a_password(wire: Wire, service):
    made = await wire.made("P/connectors", {**SNOWFLAKE, "password": "old"})
    body = {**SNOWFLAKE, "config": {"private_key": KEY}}
    status, replaced = await wire("PUT", f"P/connectors/{made['id']}", body)
    assert (status, replaced["password_secret_name"]) == (200, None)
    assert secrets(service, wire) == {KEY}
    status, again = await wire("PUT", f"P/connectors/{made['id']}", {**replaced, "name": "other"})
    assert (status, again["config"]) == (200, replaced["config"])
    assert secrets(service, wire) == {KEY}


async def test_nothing_is_kept_of_a_connector_that_is_refused(wire: Wire, service):
    body = {**SNOWFLAKE, "password_secret_id": "unknown", "config": {"private_key_passphrase": "t"}}
    assert (await wire("POST", "P/connectors", body))[0] == 422
    assert secrets(service, wire) == set()


async def test_the_test_really_connects(wire: Wire, database, tmp_path):
    made = await wire.connector(database)
    status, reply = await wire("POST", f"P/connectors/{made['id']}/test")
    assert (status, reply["ok"], set(reply)) == (200, True, {"ok", "elapsed_ms", "can_write"})
    (tmp_path / "text").write_text("no database, but long enough to look at" * 50)
    for path, error in ((tmp_path / "none", "unable to open"), (tmp_path / "text", "not a database")):
        made = await wire.connector(path)
        status, reply = await wire("POST", f"P/connectors/{made['id']}/test")
        assert (status, reply["ok"]) == (200, False)
        assert error in reply["error"]
    assert not (tmp_path / "none").exists()
    assert (await wire("POST", "P/connectors/none/test"))[0] == 404
