"""The databases: what a driver is told, what may be run, and what becomes of the values."""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import json
import sqlite3
import sys
import threading
import types
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local import Limits, _query_results
from text2everything.local._database_drivers import DRIVERS, ConnectionParameters
from text2everything.local._query_results import to_json_value
from text2everything.local._query_runner import QueryRunner


class FakeCursor:
    """A cursor of SQLite that takes what psycopg's takes as well."""

    def __init__(self, connection):
        self._cursor = connection.cursor()

    def execute(self, sql, prepare=None):
        self._cursor.execute(sql)
        self.prepared = prepare

    def fetchmany(self, count):
        return self._cursor.fetchmany(count)

    @property
    def description(self):
        return self._cursor.description


class FakeConnection:
    def __init__(self, told):
        self.told = told
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)

    def cursor(self):
        return FakeCursor(self._connection)

    def cancel(self):
        self.told["cancelled"] = True

    def close(self):
        self.told["closed"] = True
        self._connection.close()


@pytest.fixture
def driver(monkeypatch):
    """Install a module under a driver's name; what it is told when connecting is returned."""

    def install(name):
        told = {}

        def connect(*positional, **named):
            told.update(named, positional=positional)
            if named.get("password") == "wrong":
                raise RuntimeError("no entry for wrong")
            told["connection"] = FakeConnection(told)
            return told["connection"]

        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = types.ModuleType(".".join(parts[:count]))
            module.connect = connect
            monkeypatch.setitem(sys.modules, module.__name__, module)
        return told

    return install


def target(db_type, **more):
    return ConnectionParameters(db_type, "shop", host="h", port=1, username="u", secrets={"password": "p"}, **more)


async def test_postgres_is_read_only_and_takes_one_statement(driver):
    told = driver("psycopg")
    outcome = await QueryRunner(Limits(seconds=7, connect_seconds=3)).run(
        target("postgres", config={"sslmode": "require", "other": 1}), "SELECT 1 AS one"
    )
    assert outcome.result == {"columns": ["one"], "data": [["one"], [1]], "rowCount": 1}
    assert {name: told[name] for name in ("host", "port", "user", "password", "dbname", "sslmode")} == {
        "host": "h",
        "port": 1,
        "user": "u",
        "password": "p",
        "dbname": "shop",
        "sslmode": "require",
    }
    assert told["options"] == "-c default_transaction_read_only=on -c statement_timeout=7000"
    assert (told["connect_timeout"], told["connection"].read_only, told["closed"]) == (3, True, True)
    assert "other" not in told


async def test_mysql_is_read_only(driver):
    told = driver("pymysql")
    assert (await QueryRunner().run(target("mysql"), "SELECT 1")).error is None
    assert told["init_command"] == "SET SESSION TRANSACTION READ ONLY"
    assert (told["read_timeout"], told["password"], told["closed"]) == (30, "p", True)


async def test_sql_server_is_reached_by_either_driver(driver, monkeypatch):
    told = driver("pymssql")
    assert (await QueryRunner().run(target("sqlserver"), "SELECT 1")).error is None
    assert (told["server"], told["port"], told["user"], told["timeout"]) == ("h", "1", "u", 30)
    monkeypatch.setitem(sys.modules, "pymssql", None)
    told = driver("pyodbc")
    evil = ConnectionParameters(
        "sqlserver", "shop", host="h", port=1, username="u", secrets={"password": "p};SERVER={evil"}
    )
    assert (await QueryRunner().run(evil, "SELECT 1")).error is None
    (text,) = told["positional"]
    assert "PWD={p}};SERVER={evil};" in text
    assert text.startswith("DRIVER={ODBC Driver 18 for SQL Server};SERVER={h,1};DATABASE={shop};UID={u};")


async def test_snowflake_takes_a_password_or_a_key(driver, monkeypatch):
    told = driver("snowflake.connector")
    where = ConnectionParameters(
        "snowflake",
        "shop",
        host="acme.snowflakecomputing.com",
        username="u",
        secrets={"password": "p"},
        config={"warehouse": "w"},
    )
    assert (await QueryRunner().run(where, "SELECT 1")).error is None
    assert (told["account"], told["password"], told["warehouse"]) == ("acme", "p", "w")
    assert told["session_parameters"] == {"STATEMENT_TIMEOUT_IN_SECONDS": 30}

    class Key:
        def private_bytes(self, *_):
            return b"der"

    def load(pem, passphrase):
        told["pem"] = (pem, passphrase)
        return Key()

    serialization = types.ModuleType("cryptography.hazmat.primitives.serialization")
    serialization.load_pem_private_key = load
    serialization.Encoding = types.SimpleNamespace(DER=1)
    serialization.PrivateFormat = types.SimpleNamespace(PKCS8=1)
    serialization.NoEncryption = object
    for name in ("cryptography", "cryptography.hazmat", "cryptography.hazmat.primitives"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, serialization.__name__, serialization)
    for passphrase in (None, "open"):
        secrets = {"private_key": "pem", **({"private_key_passphrase": passphrase} if passphrase else {})}
        where = ConnectionParameters("snowflake", "shop", username="u", secrets=secrets, config={"account": "acme-2"})
        told.pop("password", None)
        assert (await QueryRunner().run(where, "SELECT 1")).error is None
        assert (told["account"], told["private_key"], "password" in told) == ("acme-2", b"der", False)
        assert told["pem"] == (b"pem", passphrase and passphrase.encode())


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM t",
        "SELECT 1; DROP TABLE t",
        "COMMIT",
        "SELECT * INTO copy FROM t",
        "CREATE TABLE t (a INT)",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "EXEC sp_who",
        "SELECT FROM WHERE (",
        "",
    ],
)
async def test_where_connections_can_write_only_a_query_is_let_through(driver, sql):
    for db_type, module in (("sqlserver", "pymssql"), ("snowflake", "snowflake.connector")):
        told = driver(module)
        outcome = await QueryRunner().run(target(db_type), sql)
        assert outcome.result is None
        assert outcome.error
        assert told == {}


@pytest.mark.parametrize("sql", ["SELECT 1", "SELECT 1;", "WITH x AS (SELECT 1 AS a) SELECT a FROM x UNION SELECT 2"])
async def test_queries_are_let_through(driver, sql):
    driver("pymssql")
    assert (await QueryRunner().run(target("sqlserver"), sql)).error is None


@pytest.mark.parametrize(
    ("db_type", "package"),
    [
        ("postgres", "psycopg[binary]"),
        ("mysql", "pymysql"),
        ("sqlserver", "pymssql"),
        ("snowflake", "snowflake-connector-python"),
    ],
)
async def test_a_missing_driver_is_named(monkeypatch, db_type, package):
    for module in DRIVERS[db_type].modules:
        monkeypatch.setitem(sys.modules, module, None)
    outcome = await QueryRunner().test_connection(target(db_type))
    assert outcome.error == f"the driver for {db_type} is not installed: pip install {package!r}"


async def test_a_driver_that_quotes_the_password_is_not_quoted(driver):
    driver("pymysql")
    where = ConnectionParameters(
        "mysql", "shop", host="h", port=1, username="u", secrets={"password": "wrong", "token": ""}
    )
    assert (await QueryRunner().test_connection(where)).error == "no entry for ***"
    assert "wrong" not in repr(where)


async def test_what_is_too_slow_is_cancelled(driver):
    told = driver("psycopg")
    entered, go_on = threading.Event(), threading.Event()

    def wait(self, sql, prepare=None):
        entered.set()
        go_on.wait(60)

    cursor = FakeCursor.execute
    FakeCursor.execute = wait
    try:
        outcome = await QueryRunner(Limits(seconds=0.1, connect_seconds=0.1)).run(target("postgres"), "SELECT 1")
    finally:
        FakeCursor.execute = cursor
        go_on.set()
    assert outcome.error == "stopped after 0.2 s, the time limit"
    assert entered.is_set()
    assert told["cancelled"] is True


async def test_sqlite_cannot_reach_other_files(database, tmp_path):
    runner, where = QueryRunner(), ConnectionParameters("sqlite", str(database))
    before = sorted(path.name for path in tmp_path.iterdir())
    for sql in (
        f"ATTACH '{tmp_path}/other' AS other",
        f"VACUUM INTO '{tmp_path}/other'",
        "CREATE TEMP TABLE t (a)",
        "SELECT load_extension('x')",
        "PRAGMA query_only = OFF",
        "SELECT randomblob(1000000000)",
    ):
        outcome = await runner.run(where, sql)
        assert outcome.error, sql
    assert sorted(path.name for path in tmp_path.iterdir()) == before


async def test_a_result_is_also_limited_in_bytes(database, monkeypatch):
    monkeypatch.setattr(_query_results, "_MAX_RESULT_BYTES", 1000)
    outcome = await QueryRunner().run(
        ConnectionParameters("sqlite", str(database)), "SELECT printf('%.300c', 'x') FROM items"
    )
    assert outcome.result["truncated"] is True
    assert outcome.result["rowCount"] == 4


async def test_cancelling_stops_the_statement(database):
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    task = asyncio.create_task(QueryRunner().run(ConnectionParameters("sqlite", str(database)), endless))
    async with asyncio.timeout(60):
        while not [thread for thread in threading.enumerate() if thread.name == "text2everything-query"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    threads = [thread for thread in threading.enumerate() if thread.name == "text2everything-query"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for thread in threads:
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (2**70, 2**70),
        (1.5, 1.5),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (b"\x00\xff", "00ff"),
        (memoryview(b"a"), "61"),
        (decimal.Decimal("1.10"), "1.10"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC), "2024-02-29T01:02:03+00:00"),
        (dt.time(1, 2), "01:02:00"),
        (dt.timedelta(days=1, seconds=1), "1 day, 0:00:01"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([1, (b"a",)], [1, ["61"]]),
        ({1: {"a": decimal.Decimal(1)}}, {"1": {"a": "1"}}),
    ],
)
def test_values_become_json(value, expected):
    assert to_json_value(value) == expected


@given(st.floats() | st.binary() | st.decimals() | st.datetimes() | st.dictionaries(st.integers(), st.floats()))
def test_any_value_becomes_json(value):
    json.dumps(to_json_value(value), allow_nan=False)
