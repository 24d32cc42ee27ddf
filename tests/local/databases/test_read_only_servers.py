"""Read-only on real servers: whatever is tried, as superuser or not, nothing of a server is different afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.databases import servers
from tests.local.databases.conftest import parameters_of
from tests.local.databases.refused_statements import POSTGRES_CALLS, REFUSED
from text2everything.local import Limits
from text2everything.local._databases import _statement
from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._functions import POSTGRES_HARMLESS_VOLATILE
from text2everything.local._databases._kinds import DATABASES
from text2everything.local._databases._read_only import require_read_only

_POSTGRES_STATE = (
    "SELECT relname, relkind, relacl::text FROM pg_class ORDER BY oid",
    "SELECT * FROM t",
    "SELECT last_value, is_called FROM s",
    "SELECT oid, lomowner FROM pg_largeobject_metadata ORDER BY 1",
    "SELECT name, setting FROM pg_settings WHERE name NOT IN ('transaction_read_only') ORDER BY 1",
    "SELECT rolname, rolsuper, rolconfig FROM pg_roles ORDER BY 1",
    "SELECT proname, prosrc FROM pg_proc ORDER BY oid",
    "SELECT extname FROM pg_extension ORDER BY 1",
    "SELECT datname FROM pg_database ORDER BY 1",
    "SELECT slot_name FROM pg_replication_slots",
    "SELECT roname FROM pg_replication_origin",
    "SELECT collname FROM pg_collation ORDER BY oid",
    "SELECT setdatabase, setconfig FROM pg_db_role_setting",
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
    "SELECT gid FROM pg_prepared_xacts",
    "SELECT stats_reset FROM pg_stat_bgwriter",
    "SELECT pg_postmaster_start_time(), pg_conf_load_time(), pg_is_in_recovery()",
    "SELECT setting, pg_ls_dir(setting) FROM pg_settings WHERE name = 'data_directory' ORDER BY 2",
)
_MARIADB_STATE = (
    "SELECT * FROM t",
    "SELECT next_not_cached_value FROM s",
    "SELECT table_name, create_time FROM information_schema.tables WHERE table_schema IN ('shop', 'mysql')",
    "SELECT routine_name, routine_definition FROM information_schema.routines ORDER BY routine_schema, routine_name",
    "SELECT * FROM information_schema.global_variables WHERE variable_name NOT LIKE 'gtid%' ORDER BY 1",
    "SELECT user, host, priv FROM mysql.global_priv ORDER BY 1, 2",
    "SELECT * FROM mysql.event",
    "SELECT * FROM mysql.func",
    "SELECT plugin_name, plugin_status FROM information_schema.plugins ORDER BY 1",
    "SELECT schema_name, default_character_set_name FROM information_schema.schemata ORDER BY 1",
)
_SETUP = {
    "postgres": (
        "CREATE TABLE t (a INT)",
        "INSERT INTO t VALUES (1)",
        "CREATE SEQUENCE s",
        "SELECT lo_from_bytea(16400, 'x')",
        "GRANT ALL ON t TO clerk",
        "GRANT ALL ON s TO clerk",
    ),
    "mariadb": (
        "CREATE TABLE t (a INT)",
        "INSERT INTO t VALUES (1)",
        "CREATE SEQUENCE s",
        "CREATE FUNCTION bypass_write() RETURNS INT BEGIN INSERT INTO t VALUES (2); RETURN 1; END",
        "CREATE FUNCTION bypass_set_global() RETURNS INT BEGIN SET GLOBAL max_connections = 77; RETURN 1; END",
        "CREATE PROCEDURE bypass_procedure() INSERT INTO t VALUES (2)",
        "CREATE PROCEDURE p() INSERT INTO t VALUES (2)",
    ),
}


def state(server: servers.Server) -> list[Any]:
    """Return everything that a statement could have changed."""
    queries = _POSTGRES_STATE if server.db_type == "postgres" else _MARIADB_STATE
    files = sorted(str(path) for path in Path("/tmp").glob("bypass_*"))
    return [files, *(server.run(query) for query in queries)]


@pytest.fixture(scope="module", params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[servers.Server]:
    """A server of its own: what gets through may end it."""
    start = {"postgres": servers.postgres, "mariadb": servers.mariadb}[request.param]
    with start() as started:
        started.run(*_SETUP[request.param])
        yield started


@pytest.fixture(scope="module", params=["superuser", "ordinary"])
def database(request: pytest.FixtureRequest, server: servers.Server) -> Any:
    return DATABASES[server.db_type](parameters_of(server, getattr(server, request.param)), Limits(seconds=5))


@pytest.mark.slow
def test_no_refused_statement_changes_a_server(server: servers.Server, database: Any) -> None:
    before = state(server)
    for sql in REFUSED[server.db_type]:
        with pytest.raises(DatabaseError):
            _statement.run_statement(database, sql)
    assert state(server) == before


@pytest.mark.slow
def test_writing_is_refused_by_the_server_as_well(
    server: servers.Server, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the first layer left out: the read-only transaction still guards the data."""
    monkeypatch.setattr(_statement, "require_read_only", lambda *_: None)
    before = server.run("SELECT * FROM t"), server.run("SELECT count(*) FROM information_schema.tables")
    for sql in (
        "INSERT INTO t VALUES (2)",
        "UPDATE t SET a = 2",
        "DELETE FROM t",
        "DROP TABLE t",
        "CREATE TABLE t2 (a INT)",
        "TRUNCATE TABLE t",
        "SELECT 1; DROP TABLE t",
        "COMMIT; DROP TABLE t",
        "SELECT bypass_write()",
        "CALL bypass_procedure()",
        "WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x",
    ):
        with contextlib.suppress(DatabaseError):
            _statement.run_statement(database, sql)
    after = server.run("SELECT * FROM t"), server.run("SELECT count(*) FROM information_schema.tables")
    assert after == before


@pytest.mark.parametrize("account", ["superuser", "ordinary"])
def test_a_stored_function_of_a_known_name_is_refused(mariadb: servers.Server, account: str) -> None:
    """MySQL has `any_value` and `is_uuid`, MariaDB does not, or not yet; whoever misses them stores their own."""
    names = ("any_value", "is_uuid")
    body = "(a INT) RETURNS INT BEGIN SET GLOBAL max_connections = 78; RETURN a; END"
    mariadb.run(*(f"CREATE OR REPLACE FUNCTION {name} {body}" for name in names))
    before = mariadb.run("SELECT @@global.max_connections")
    database = DATABASES["mariadb"](parameters_of(mariadb, getattr(mariadb, account)), Limits(seconds=5))
    for sql in (
        "SELECT any_value(1)",
        "SELECT `ANY_VALUE` (id) FROM items",
        "SHOW TABLES WHERE is_uuid(1)",
        "EXPLAIN SELECT is_uuid(1)",
    ):
        with pytest.raises(DatabaseError, match="is refused: somebody stored it in the database"):
            _statement.run_statement(database, sql)
    assert mariadb.run("SELECT @@global.max_connections") == before
    mariadb.run(*(f"DROP FUNCTION {name}" for name in names))
    assert _statement.run_statement(database, "SELECT upper(name) FROM items WHERE id IN (1)")


def test_every_volatile_function_of_the_catalogue_is_refused_or_harmless(postgres: servers.Server) -> None:
    """Those that the server has now, extensions and later versions included."""
    volatile = postgres.run("SELECT DISTINCT proname FROM pg_proc WHERE provolatile = 'v' AND pronamespace = 11")
    let_through = set()
    for (name,) in volatile:
        with contextlib.suppress(DatabaseError):
            require_read_only(f'SELECT "{name}"()', "postgres")
            let_through.add(name)
    assert let_through <= POSTGRES_HARMLESS_VOLATILE
    assert len(volatile) - len(let_through) > 100


def test_the_functions_that_are_tried_exist(postgres: servers.Server) -> None:
    names = {
        call.partition("(")[0] for call in POSTGRES_CALLS if call.startswith(("pg_read", "pg_ls", "lo_", "pg_ad"))
    }
    missing = names - {name for (name,) in postgres.run("SELECT proname FROM pg_proc")}
    assert missing == set()


def test_every_function_that_mariadb_lists_is_known_or_refused(mariadb: servers.Server) -> None:
    refused = set()
    for (name,) in mariadb.run("SELECT function FROM information_schema.sql_functions"):
        try:
            require_read_only(f"SELECT {name}(1)", "mariadb")
        except DatabaseError as error:
            if "not known" in str(error):
                refused.add(name)
    assert refused <= {
        *("GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS", "LOAD_FILE", "MASTER_POS_WAIT", "MASTER_GTID_WAIT"),
        *("WSREP_LAST_SEEN_GTID", "WSREP_LAST_WRITTEN_GTID", "WSREP_SYNC_WAIT_UPTO_GTID"),
        *("CONCAT_OPERATOR_ORACLE", "DECODE_ORACLE", "LPAD_ORACLE", "LTRIM_ORACLE", "REPLACE_ORACLE", "RPAD_ORACLE"),
        *("RTRIM_ORACLE", "SUBSTR_ORACLE", "TRIM_ORACLE", "SCHEMAS"),
    }
