"""The secrets of connectors: who can use them, where they may be sent, and that they can be erased."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing

import aiohttp
import pytest
from extras import needs

from text2everything.local import LocalService
from text2everything.local._connector_config import CONNECTOR_KINDS
from text2everything.local._databases._kinds import DATABASES
from text2everything.local._databases._redaction import WITHHELD
from text2everything.local._handlers.connectors import connection_parameters
from text2everything.local._tables import CONNECTORS

from .conftest import ScriptedEngine, Wire, headers

POSTGRES = {"name": "n", "db_type": "postgres", "host": "h", "username": "u", "database": "d"}
SNOWFLAKE = {**POSTGRES, "db_type": "snowflake"}
KEY = "-----BEGIN PRIVATE KEY-----\nk3y"


def problems(reply) -> list[tuple[str, str]]:
    return [(".".join(map(str, problem["loc"][1:])), problem["msg"]) for problem in reply["detail"]]


def stored(service: LocalService, wire: Wire) -> set[str]:
    store = service._running.state.store
    rows = store.fetch_all("SELECT value FROM secrets WHERE project_id = ?", wire.project)
    return {row[0].strip("\0") for row in rows}


def secret_id(connector) -> str:
    return connector["password_secret_name"].rpartition("/")[2]


# Whose a secret is


@pytest.mark.parametrize("form", ["{id}", "workspaces/local/secrets/{id}", "workspaces/other/secrets/{id}", "x/{id}"])
@pytest.mark.parametrize(
    "field",
    [
        "password_secret_id",
        "password_secret_name",
        "config.private_key_secret_id",
        "config.private_key_secret_name",
        "config.private_key_passphrase_secret_id",
        "config.private_key_passphrase_secret_name",
    ],
)
async def test_a_secret_of_another_project_is_as_if_it_did_not_exist(wire: Wire, service, form, field):
    theirs = await wire.made("P/connectors", {**SNOWFLAKE, "password": "theirs"})
    wire.project = (await wire.made("/projects", {"name": "another project"}))["id"]
    mine = await wire.made("P/connectors", {**SNOWFLAKE, "password": "mine"})
    said = []
    for name in (secret_id(theirs), "00000000-0000-4000-8000-000000000000"):
        top, _, key = field.partition(".")
        reference = form.format(id=name)
        body = {**SNOWFLAKE, top: {key: reference} if key else reference}
        if "passphrase" in key:
            body["config"]["private_key"] = KEY
        for method, path in (("POST", "P/connectors"), ("PUT", f"P/connectors/{mine['id']}")):
            status, reply = await wire(method, path, body)
            assert status == 422
            said.append(problems(reply))
    assert said == [[(field, "There is no such secret in this project")]] * 4
    assert stored(service, wire) == {"mine"}


@pytest.mark.parametrize("form", ["workspaces/other/secrets/{id}", "secrets/{id}", "/{id}", " {id}", "{id}/"])
async def test_only_the_id_and_the_whole_name_name_a_secret(wire: Wire, form):
    made = await wire.made("P/connectors", {**POSTGRES, "password": "p"})
    body = {**POSTGRES, "password_secret_id": form.format(id=secret_id(made))}
    status, reply = await wire("POST", "P/connectors", body)
    assert (status, problems(reply)) == (
        422,
        [("password_secret_id", "There is no such secret in this project")],
    )


async def test_a_connector_reads_no_secret_of_another_project_even_if_it_names_one(wire: Wire, service, database):
    theirs = await wire.made("P/connectors", {**POSTGRES, "password": "theirs"})
    wire.project = (await wire.made("/projects", {"name": "another project"}))["id"]
    mine = await wire.made("P/connectors", {**POSTGRES, "password": "mine"})
    store = service._running.state.store
    row = {**store.get(CONNECTORS, wire.project, mine["id"]), "password_secret_id": secret_id(theirs)}
    assert connection_parameters(store, row).secrets == {}


# Where it may be sent


@pytest.mark.parametrize("named", ["kept", "password_secret_id", "password_secret_name"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": "evil.example"}, "host changed"),
        ({"port": 5433}, "port changed"),
        ({"database": "other"}, "database changed"),
        ({"username": "other"}, "username changed"),
        ({"db_type": "mysql", "config": None}, "db_type, port, config.sslmode changed"),
        ({"config": {"sslmode": "disable"}}, "config.sslmode changed"),
        ({"config": {"sslmode": "verify-full", "sslrootcert": "/tmp/mine.pem"}}, "config.sslrootcert changed"),
        ({"config": None}, "config.sslmode changed"),
        ({"host": "evil.example", "username": "other"}, "host, username changed"),
    ],
    ids=str,
)
async def test_where_the_password_would_go_elsewhere_it_is_needed_again(wire: Wire, service, named, change, said):
    before = {**POSTGRES, "config": {"sslmode": "verify-full"}}
    made = await wire.made("P/connectors", {**before, "password": "p4ss"})
    reference = {} if named == "kept" else {named: made["password_secret_name"]}
    path = f"P/connectors/{made['id']}"
    status, reply = await wire("PUT", path, {**before, **reference, **change})
    assert (status, [field for field, _ in problems(reply)]) == (422, ["password"])
    assert problems(reply)[0][1].startswith(f"{said}: give the password again")
    assert (await wire("GET", path))[1] == made
    status, replaced = await wire("PUT", path, {**before, **change, "password": "n3w"})
    assert (status, stored(service, wire)) == (200, {"n3w"})
    assert replaced["password_secret_name"] != made["password_secret_name"]


@pytest.mark.parametrize("change", [{"host": "evil"}, {"username": "other"}, {"config": {"sslmode": "allow"}}])
async def test_another_connector_cannot_send_it_elsewhere_either(wire: Wire, change):
    made = await wire.made("P/connectors", {**POSTGRES, "password": "p"})
    mine = await wire.made("P/connectors", {**POSTGRES, **change, "password": "mine"})
    body = {**POSTGRES, **change, "password_secret_id": secret_id(made)}
    for method, path in (("POST", "P/connectors"), ("PUT", f"P/connectors/{mine['id']}")):
        status, reply = await wire(method, path, body)
        assert (status, [field for field, _ in problems(reply)]) == (422, ["password_secret_id"])
        assert "give the password itself" in problems(reply)[0][1]


async def test_a_deleted_connector_can_be_made_again_with_its_secret_but_for_the_same_database_only(wire: Wire):
    made = await wire.made("P/connectors", {**POSTGRES, "password": "p"})
    await wire("DELETE", f"P/connectors/{made['id']}")
    body = {**POSTGRES, "password_secret_id": secret_id(made)}
    assert (await wire("POST", "P/connectors", {**body, "host": "evil.example"}))[0] == 422
    assert (await wire.made("P/connectors", body))["password_secret_name"] == made["password_secret_name"]


async def test_a_private_key_is_bound_as_a_password_is(wire: Wire):
    config = {"private_key": KEY, "private_key_passphrase": "open", "account": "acme", "role": "reader"}
    made = await wire.made("P/connectors", {**SNOWFLAKE, "config": config})
    path = f"P/connectors/{made['id']}"
    status, freed = await wire("PUT", path, {**made, "config": {**made["config"], "role": "r2", "warehouse": "w"}})
    assert (status, freed["config"]) == (200, {**made["config"], "role": "r2", "warehouse": "w"})
    for change in ({"host": "evil"}, {"config": {**made["config"], "account": "evil"}}):
        status, reply = await wire("PUT", path, {**made, **change})
        assert status == 422
        assert {field for field, _ in problems(reply)} == {"config.private_key", "config.private_key_passphrase"}
    # Nor is it sent as what it is not.
    body = {**SNOWFLAKE, "config": {"account": "acme"}, "password_secret_id": made["config"]["private_key_secret_id"]}
    assert (await wire("POST", "P/connectors", body))[0] == 422


async def test_two_names_of_a_key_must_be_of_the_same(wire: Wire):
    config = {"private_key": KEY, "private_key_passphrase": "open"}
    made = await wire.made("P/connectors", {**SNOWFLAKE, "config": config})
    other = {**made["config"], "private_key_secret_name": made["config"]["private_key_passphrase_secret_name"]}
    status, reply = await wire("PUT", f"P/connectors/{made['id']}", {**made, "config": other})
    assert (status, [field for field, _ in problems(reply)]) == (422, ["config.private_key_secret_name"])


# What may be in clear


@pytest.mark.parametrize("db_type", CONNECTOR_KINDS)
@pytest.mark.parametrize(
    "key",
    [
        "password",
        "PASSWORD",
        "passwd",
        "pwd",
        "token",
        "passphrase",
        "sslpassword",
        "dsn",
        "url",
        "options",
        "x" * 500,
    ],
)
async def test_config_takes_only_what_the_database_knows(wire: Wire, service, db_type, key):
    body = {**POSTGRES, "db_type": db_type, "password": "p", "config": {key: "s3cret"}}
    status, reply = await wire("POST", "P/connectors", body)
    assert (status, [problem["loc"] for problem in reply["detail"]]) == (422, [["body", "config", key]])
    assert "s3cret" not in repr(reply)
    for known in (*CONNECTOR_KINDS[db_type].config, *CONNECTOR_KINDS[db_type].config_secrets):
        assert known in reply["detail"][0]["msg"]
    assert stored(service, wire) == set()


@pytest.mark.parametrize(
    ("db_type", "config", "wrong"),
    [
        ("postgres", {"sslmode": "prefered"}, "config.sslmode"),
        ("postgres", {"sslmode": {"password": "x"}}, "config.sslmode"),
        ("postgres", {"sslrootcert": ["x"]}, "config.sslrootcert"),
        ("mysql", {"ssl_ca": 1}, "config.ssl_ca"),
        ("snowflake", {"account": "evil.example/?"}, "config.account"),
        ("snowflake", {"role": ""}, "config.role"),
        ("snowflake", {"private_key": {"a": "b"}}, "config.private_key"),
        ("snowflake", {"private_key": "k", "private_key_secret_id": "i"}, "config.private_key_secret_id"),
    ],
)
async def test_values_in_config_are_checked(wire: Wire, db_type, config, wrong):
    body = {**POSTGRES, "db_type": db_type, "config": config}
    status, reply = await wire("POST", "P/connectors", body)
    assert status == 422
    assert wrong in {field for field, _ in problems(reply)}


async def test_null_in_config_is_not_given(wire: Wire):
    config = {"warehouse": "w", "role": None, "private_key": None, "private_key_secret_id": None}
    made = await wire.made("P/connectors", {**SNOWFLAKE, "password": "p", "config": config})
    assert made["config"] == {"warehouse": "w"}


@pytest.mark.parametrize("db_type", CONNECTOR_KINDS)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "postgres://user:s3cret@host/db"),
        ("host", "user:s3cret@host"),
        ("host", "host?password=s3cret"),
        ("host", "h;PWD=s3cret"),
        ("host", "h password=s3cret"),
        ("database", "postgres://user:s3cret@host/db"),
        ("database", "mysql+pymysql://user:s3cret@host/db"),
        ("database", "dbname=d password=s3cret host=evil"),
        ("database", "d;Pwd = s3cret"),
        ("database", "md:d?motherduck_token=s3cret"),
        ("database", "motherduck:s3cret"),
    ],
)
async def test_credentials_are_no_host_and_no_database(wire: Wire, db_type, field, value):
    body = {**POSTGRES, "db_type": db_type, "password": "p", field: value}
    status, reply = await wire("POST", "P/connectors", body)
    assert (status, [name for name, _ in problems(reply)]) == (422, [field])
    assert "s3cret" not in repr(reply)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "db-1.example.com"),
        ("host", "2001:db8::1"),
        ("host", "/var/run/postgresql"),
        ("host", "server\\instance"),
        ("host", "datenbank_ü"),
        ("database", "shop prod"),
        ("database", "AdventureWorks-2022"),
        ("database", "C:\\data\\shop.db"),
        ("database", "/data/token/shop=1.db"),
    ],
)
async def test_names_and_paths_are_taken_as_they_are(wire: Wire, field, value):
    assert (await wire.made("P/connectors", {**POSTGRES, "password": "p", field: value}))[field] == value


# Gone when it is deleted


@pytest.mark.parametrize("how", ["delete_secrets", "replace", "project"])
async def test_a_deleted_secret_is_in_no_file(tmp_path, how):
    marks = [f"s3cret-{n}-" + "x" * (9_000 if n % 7 == 0 else 30) for n in range(60)]
    with LocalService(tmp_path, engine=ScriptedEngine()) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            made = [await wire.made("P/connectors", {**POSTGRES, "password": mark}) for mark in marks]
            if how == "project":
                await wire("DELETE", f"/projects/{wire.project}")
            for connector in made if how != "project" else ():
                path = f"P/connectors/{connector['id']}"
                if how == "replace":
                    await wire("PUT", path, {**POSTGRES, "password": "n3w"})
                else:
                    await wire("DELETE", f"{path}?delete_secrets=true")
            files = [file for file in tmp_path.rglob("*") if file.is_file()]
            assert [file.name for file in files if b"s3cret" in file.read_bytes()] == []
            assert {file.name for file in files} >= {"service.sqlite3", "service.sqlite3-wal"}


async def test_a_store_without_targets_goes_on_working(tmp_path):
    """Secrets stored before the service kept their target stay with their connectors, and with no others."""
    body = {**POSTGRES, "password": "p"}
    with LocalService(tmp_path, engine=ScriptedEngine()) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url)
            wire.project = (await wire.made("/projects", {"name": "p"}))["id"]
            made = await wire.made("P/connectors", body)
    with closing(sqlite3.connect(tmp_path / "service.sqlite3", isolation_level=None)) as connection:
        connection.execute("UPDATE secrets SET target = NULL")  # as the upgrade from such a store leaves it
    with LocalService(tmp_path, engine=ScriptedEngine()) as service:
        async with aiohttp.ClientSession(headers=headers(service)) as session:
            wire = Wire(session, service.base_url, wire.project)
            path = f"P/connectors/{made['id']}"
            status, renamed = await wire("PUT", path, {**POSTGRES, "name": "m"})
            assert (status, renamed["password_secret_name"]) == (200, made["password_secret_name"])
            assert (await wire("PUT", path, {**POSTGRES, "host": "evil"}))[0] == 422
            reference = {"password_secret_id": secret_id(made)}
            assert (await wire("PUT", path, {**POSTGRES, **reference}))[0] == 200
            assert (await wire("POST", "P/connectors", {**POSTGRES, **reference}))[0] == 422


@needs("postgres")
@pytest.mark.parametrize(("password", "is_shown"), [("hunter2", True), ("refused", False), ("Zrefus-d", False)])
async def test_what_a_failed_connection_says_is_shown_without_secrets_only(wire: Wire, password, is_shown):
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]  # refuses, as nothing listens
        body = {**POSTGRES, "host": "127.0.0.1", "port": port, "password": password}
        made = await wire.made("P/connectors", body)
        _, tested = await wire("POST", f"P/connectors/{made['id']}/test")
        executed = await wire.execution(made["id"])
    for error in (tested["error"], executed["error"]):
        assert ("refused" in error) is is_shown
        assert (error == WITHHELD) is not is_shown


def test_each_database_has_its_fields():
    assert set(CONNECTOR_KINDS) == set(DATABASES)
