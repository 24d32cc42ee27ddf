"""Statements on real databases: what each returns, and what becomes of those that fail, last, or are left."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest

from tests.extras import skip_without
from tests.local.conftest import Wire
from tests.local.databases import servers
from tests.local.databases.conftest import parameters_of
from text2everything.local import Limits
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._databases._query_runner import QueryOutcome, QueryRunner

Run = Callable[..., Awaitable[Any]]


def parsed(outcome: QueryOutcome) -> Any:
    """Return an outcome with its result as an object."""
    return attrs.evolve(outcome, result=outcome.result and json.loads(outcome.result.text))


ENDLESS = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
    "duckdb": "SELECT count(*) FROM range(1000000000000) t(i) WHERE hash(i) = 7",
    "postgres": "SELECT pg_sleep(600)",
    "mariadb": "SELECT sleep(600)",
}


@pytest.fixture
async def run() -> AsyncIterator[Run]:
    """Run a statement with a runner of its own."""
    runners: list[QueryRunner] = []

    async def run(target: ConnectionParameters, sql: str, **limits: float) -> Any:
        runners.append(QueryRunner(Limits(**limits)))
        return parsed(await runners[-1].run("connector", target, sql))

    yield run
    for runner in runners:
        runner.close()


async def test_rows_come_back_with_their_columns(run: Run, target: ConnectionParameters) -> None:
    outcome = await run(target, "SELECT name, id AS n FROM items WHERE name LIKE '%e%' ORDER BY id DESC")
    assert outcome.error is None
    assert outcome.result == {
        "columns": ["name", "n"],
        "data": [["name", "n"], ["größer", 3], ["zwei", 2], ["eins", 1]],
        "rowCount": 3,
    }


async def test_further_rows_are_cut(run: Run, target: ConnectionParameters) -> None:
    many = "SELECT a.id FROM items a, items b, items c, items d, items e, items f, items g"  # 2,187
    outcome = await run(target, many, rows=1_000)
    assert outcome.result["truncated"] is True
    assert outcome.result["rowCount"] == len(outcome.result["data"]) - 1 == 1_000
    assert (await run(target, f"{many} LIMIT 1000", rows=1_000)).result.get("truncated") is None


@pytest.mark.parametrize(
    ("sql", "message"),
    [("SELECT nothing FROM items", "nothing"), ("SELECT * FROM missing_table", "missing_table")],
)
async def test_what_the_database_says_is_the_error(
    run: Run, target: ConnectionParameters, sql: str, message: str
) -> None:
    outcome = await run(target, sql)
    assert outcome.result is None
    assert message in (outcome.error or "")
    assert "CURSOR" not in (outcome.error or "")
    assert "sqlalche.me" not in (outcome.error or "")


async def test_a_statement_without_rows_to_return_is_an_error(run: Run, target: ConnectionParameters) -> None:
    assert (await run(target, "CREATE TABLE other (a INT)")).error
    assert (await run(target, "SELECT 1; SELECT 2")).error


async def test_the_wrong_password_is_not_repeated(run: Run, postgres, mariadb) -> None:
    for server in (postgres, mariadb):
        wrong = attrs.evolve(parameters_of(server), secrets={"password": "Sesam-mach-auf"})
        outcome = await run(wrong, "SELECT 1")
        assert "clerk" in (outcome.error or "")
        assert "mach-auf" not in (outcome.error or "")


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
async def test_a_server_that_is_not_there(run: Run, name: str) -> None:
    skip_without("postgres" if name == "postgres" else "mysql")
    nowhere = ConnectionParameters(name, "d", "127.0.0.1", servers.free_port(), "u", secrets={"password": "secret-1"})
    outcome = await run(nowhere, "SELECT 1")
    assert "refused" in (outcome.error or "")
    assert "secret-1" not in (outcome.error or "")


async def test_the_time_limit(run: Run, target: ConnectionParameters) -> None:
    outcome = await run(target, ENDLESS[target.db_type], seconds=0.5)
    assert outcome.error == "stopped after 0.5 s, the time limit"


def running(server: servers.Server) -> int:
    """Return how many statements the server runs for the ordinary account."""
    query = {
        "postgres": "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clerk' AND state = 'active'",
        "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE user = 'clerk' AND info LIKE '%sleep%'",
    }[server.db_type]
    (row,) = server.run(query)
    return int(row[0])


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds, for a minute at most."""
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - the condition is a server's
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
async def test_a_statement_whose_caller_goes_away_ends_on_the_server(
    request: pytest.FixtureRequest, run: Run, name: str
) -> None:
    server = request.getfixturevalue(name)
    task = asyncio.ensure_future(run(parameters_of(server), ENDLESS[name]))
    await until(lambda: running(server) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: running(server) == 0)


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
async def test_a_statement_over_its_time_ends_on_the_server(
    request: pytest.FixtureRequest, run: Run, name: str
) -> None:
    server = request.getfixturevalue(name)
    assert (await run(parameters_of(server), ENDLESS[name], seconds=0.5)).error
    await until(lambda: running(server) == 0)


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
async def test_a_statement_whose_http_client_goes_away_ends_on_the_server(
    request: pytest.FixtureRequest, wire: Wire, name: str
) -> None:
    server = request.getfixturevalue(name)
    made = await wire.made("P/connectors", server.connector())
    body = {"connector_id": made["id"], "sql_query": ENDLESS[name]}
    async with aiohttp.ClientSession(headers=wire.session.headers) as session:
        url = f"{wire.base}/api/projects/{wire.project}/sql/execute"
        task = asyncio.ensure_future(session.post(url, json=body))
        await until(lambda: running(server) == 1)
        task.cancel()
        await asyncio.wait([task])
    await until(lambda: running(server) == 0)


@pytest.mark.slow
async def test_slots_are_the_connectors_own(sqlite_file) -> None:
    target, runner = ConnectionParameters("sqlite", str(sqlite_file)), QueryRunner(Limits(seconds=60))
    endless = [asyncio.ensure_future(runner.run("slow", target, ENDLESS["sqlite"])) for _ in range(9)]
    await asyncio.sleep(0)
    assert parsed(await runner.run("other", target, "SELECT count(*) FROM items")).result["data"][1] == [3]
    assert not any(task.done() for task in endless)
    for task in endless:
        task.cancel()
    await asyncio.gather(*endless, return_exceptions=True)
    runner.close()


@pytest.mark.parametrize(("account", "can_write"), [("boss", True), ("clerk", True), ("reader", False)])
@pytest.mark.parametrize("name", ["postgres", "mariadb"])
async def test_the_test_says_whether_the_account_could_write(
    request: pytest.FixtureRequest, name: str, account: str, can_write: bool
) -> None:
    runner = QueryRunner()
    outcome = await runner.test_connection("c", parameters_of(request.getfixturevalue(name), account))
    runner.close()
    assert (outcome.error, parsed(outcome).result) == (None, can_write)


VALUES = {
    "postgres": [
        ("1.50::numeric", "1.50"),
        ("'NaN'::numeric", "NaN"),
        ("12345678901234567890.12345678901234567890::numeric", "12345678901234567890.12345678901234567890"),
        ("1e30::numeric", "1" + 30 * "0"),
        ("9223372036854775807", 2**63 - 1),
        ("'-infinity'::float8", "-Infinity"),
        ("0.1::float8", 0.1),
        ("true", True),
        ("NULL", None),
        ("'größer 日本'", "größer 日本"),
        ("'\\x00ff'::bytea", "00ff"),
        ("timestamp '2024-02-29 01:02:03.5'", "2024-02-29T01:02:03.5"),
        ("timestamptz '2024-02-29 01:02:03+05:30' AT TIME ZONE 'UTC'", "2024-02-28T19:32:03"),
        ("'infinity'::timestamp", "infinity"),
        ("'-infinity'::date", "-infinity"),
        ("date '2024-02-29'", "2024-02-29"),
        ("'0044-03-15 BC'::date", "0044-03-15 BC"),
        ("time '24:00'", "24:00:00"),
        ("timetz '10:00+02'", "10:00:00+02:00"),
        ("interval '1 year 2 mon -3 days 04:05:06.7'", "P1Y2M-3DT4H5M6.7S"),
        ("ARRAY[[1, 2], [3, NULL]]", [[1, 2], [3, None]]),
        ("ARRAY['a,b', NULL]", ["a,b", None]),
        ("ARRAY[1.5::numeric]", ["1.5"]),
        (
            """'{"a": [1, null, true], "b": 12345678901234567890}'::jsonb""",
            {"a": [1, None, True], "b": 12345678901234567890},
        ),
        ("'[1.000000000000000000001, 1.10, 1e400]'::jsonb", ["1.000000000000000000001", 1.1, 10**400]),
        ("'[1e400, 1e999999999, 12345678901234567890.5]'::json", ["1e400", "1e999999999", "12345678901234567890.5"]),
        ("('1' || repeat('0', 5000))::jsonb", "1" + "0" * 5000),
        ("'00000000-0000-0000-0000-000000000001'::uuid", "00000000-0000-0000-0000-000000000001"),
        ("int4range(1, 5)", "[1,5)"),
        ("'10.0.0.0/8'::cidr", "10.0.0.0/8"),
        ("B'101'", "101"),
        ("ROW(1, 'a')", ["1", "a"]),
    ],
    "mariadb": [
        ("CAST(1.50 AS DECIMAL(10, 2))", "1.50"),
        ("18446744073709551615", 2**64 - 1),
        ("0.1e0", 0.1),
        ("TRUE", 1),
        ("NULL", None),
        ("'größer 日本'", "größer 日本"),
        ("X'00ff'", "00ff"),
        ("TIMESTAMP '2024-02-29 01:02:03.5'", "2024-02-29T01:02:03.500000"),
        ("DATE '9999-12-31'", "9999-12-31"),
        ("CAST('-12:30:00' AS TIME)", "-12:30:00"),
        ("CAST('838:59:59' AS TIME)", "838:59:59"),
        ("JSON_OBJECT('a', 1)", '{"a": 1}'),
        ("b'101'", "05"),
        ("'100%' LIKE '%0%'", 1),
    ],
    "duckdb": [
        ("1.50::DECIMAL(10, 2)", "1.50"),
        ("170141183460469231731687303715884105727::HUGEINT", 2**127 - 1),
        ("'nan'::DOUBLE", "NaN"),
        ("'infinity'::DOUBLE", "Infinity"),
        ("true", True),
        ("NULL", None),
        ("'größer 日本'", "größer 日本"),
        ("'\\x00\\xff'::BLOB", "00ff"),
        ("TIMESTAMP '2024-02-29 01:02:03.5'", "2024-02-29T01:02:03.5"),
        ("TIMESTAMP_NS '2024-02-29 01:02:03.123456789'", "2024-02-29T01:02:03.123456789"),
        ("TIMESTAMPTZ '2024-02-29 01:02:03+05:30' AT TIME ZONE 'UTC'", "2024-02-28T19:32:03"),
        ("'infinity'::TIMESTAMP", "infinity"),
        ("'-infinity'::DATE", "-infinity"),
        ("DATE '9999-12-31'", "9999-12-31"),
        ("DATE '290000-01-01'", "290000-01-01"),
        ("TIME '10:00:00'", "10:00:00"),
        ("'10:00:00+02'::TIMETZ", "10:00:00+02:00"),
        ("INTERVAL '14 months -3 days 04:05:06.7'", "P14M-3DT4H5M6.7S"),
        ("NULL::INTERVAL", None),
        ("[1, 2, NULL]", [1, 2, None]),
        ("{'a': 1, 'b': ['x']}", {"a": 1, "b": ["x"]}),
        ("MAP {'k': 1.5::DECIMAL(4, 2)}", {"k": "1.50"}),
        ("""'{"a": 1}'::JSON""", {"a": 1}),
        ("'[1e400, 1.10, 12345678901234567890.5]'::JSON", ["1e400", 1.1, "12345678901234567890.5"]),
        ("['infinity'::DATE]", "[infinity]"),
        ("{'i': INTERVAL 1 MONTH}", "{'i': 1 month}"),
        ("[TIMESTAMP_NS '2024-02-29 01:02:03.123456789']", "['2024-02-29 01:02:03.123456789']"),
    ],
    "sqlite": [
        ("1.5", 1.5),
        ("9223372036854775807", 2**63 - 1),
        ("9e999", "Infinity"),
        ("NULL", None),
        ("'größer 日本'", "größer 日本"),
        ("X'00ff'", "00ff"),
        ("CAST(X'ff61' AS TEXT)", "\ufffda"),
        ("datetime('2024-02-29 01:02:03')", "2024-02-29 01:02:03"),
        ("json_object('a', 1)", '{"a":1}'),
    ],
}


async def test_values(run: Run, target: ConnectionParameters) -> None:
    cases = VALUES[target.db_type]
    columns = ", ".join(f"{sql} AS c{index}" for index, (sql, _) in enumerate(cases))
    outcome = await run(target, f"SELECT {columns}")
    assert outcome.error is None
    values = outcome.result["data"][1]
    assert dict(zip((sql for sql, _ in cases), values, strict=True)) == dict(cases)


@pytest.mark.parametrize("name", ["Größe", "two words", "SELECT", "日本", "a%b", 'a"b'])
async def test_columns_have_any_name(run: Run, target: ConnectionParameters, name: str) -> None:
    quoted = f"`{name}`" if target.db_type == "mariadb" else '"' + name.replace('"', '""') + '"'
    outcome = await run(target, f"SELECT 1 AS {quoted}, 2 AS {quoted}")
    assert (outcome.error, outcome.result and outcome.result["columns"]) == (None, [name, name])


async def test_explain_and_the_catalogue(run: Run, target: ConnectionParameters) -> None:
    catalogue = {
        "sqlite": "PRAGMA table_info(items)",
        "duckdb": "DESCRIBE items",
        "postgres": "SELECT column_name FROM information_schema.columns WHERE table_name = 'items'",
        "mariadb": "SHOW COLUMNS FROM items",
    }[target.db_type]
    for sql in ("EXPLAIN SELECT * FROM items", catalogue):
        outcome = await run(target, sql)
        assert outcome.error is None, sql
        assert outcome.result["rowCount"] >= 1


async def test_large_values_and_results_are_cut(run: Run, target: ConnectionParameters) -> None:
    large = {
        "sqlite": "replace(hex(zeroblob(1000000)), '0', 'x')",
        "duckdb": "repeat('x', 2000000)",
        "postgres": "repeat('x', 2000000)",
        "mariadb": "repeat('x', 2000000)",
    }[target.db_type]
    outcome = await run(target, f"SELECT {large} AS c, id FROM items ORDER BY id")
    assert outcome.error is None
    text, number = outcome.result["data"][1]
    assert text == 2**20 * "x" + "… (cut: 2,000,000 characters)"
    assert (number, outcome.result["truncated"], outcome.result["rowCount"]) == (1, True, 3)


async def test_data_files_are_views(run: Run, tmp_path: Path) -> None:
    skip_without("duckdb")
    (tmp_path / "größe und so.csv").write_text("id,w\n1,a\n2,b\n")
    (tmp_path / "ragged.csv").write_text("id,w\n1,2\n3\n4,5,6\n")
    (tmp_path / "empty.parquet").write_bytes(b"")
    (tmp_path / "twice.csv").write_text("id\n1\n")
    (tmp_path / "TWICE.tsv").write_text("id\n1\n")
    (tmp_path / "within.csv").mkdir()
    (tmp_path / "within.csv" / "a.csv").write_text("id\n1\n")
    (tmp_path / "year [1].csv").write_text("id\n7\n")
    (tmp_path / "year 1.csv").write_text("id\n8\n")
    (tmp_path / "twice.json").write_text('{"id": 1}')
    (tmp_path / "other.txt").write_text("no data")
    folder = ConnectionParameters("duckdb", str(tmp_path))
    assert (await run(folder, 'SELECT w FROM "größe und so" ORDER BY id')).result["data"] == [["w"], ["a"], ["b"]]
    assert (await run(folder, "SELECT count(*) AS n FROM ragged")).result["data"][1] >= [2]
    assert "empty.parquet cannot be read" in (await run(folder, "SELECT * FROM empty")).error
    assert "TWICE.tsv, twice.csv, twice.json" in (await run(folder, "SELECT * FROM twice")).error
    assert "does not exist" in (await run(folder, "SELECT * FROM within")).error
    assert "does not exist" in (await run(folder, "SELECT * FROM other")).error
    assert (await run(folder, 'SELECT id FROM "year [1]"')).result["data"] == [["id"], [7]]
    one = ConnectionParameters("duckdb", str(tmp_path / "twice.csv"))
    assert (await run(one, "SELECT * FROM twice")).result["data"] == [["id"], [1]]


WIDE = {
    "sqlite": "SELECT " + ", ".join(["x"] * 100) + " FROM (SELECT hex(zeroblob(500000)) AS x)",
    "duckdb": "SELECT " + ", ".join(["repeat('x', 1000000)"] * 100),
    "postgres": "SELECT " + ", ".join(["repeat('x', 1000000)"] * 100),
    "mariadb": "SELECT " + ", ".join(["repeat('x', 1000000)"] * 100),
}


@pytest.mark.slow
async def test_one_row_is_not_longer_than_a_result(run: Run, target: ConnectionParameters) -> None:
    outcome = await run(target, WIDE[target.db_type])
    assert outcome.error is None
    assert len(outcome.result["data"][1]) == 100
    assert all("(cut: 1,000,000 characters)" in value for value in outcome.result["data"][1])
    assert len(json.dumps(outcome.result)) < 2**25
    assert outcome.result["truncated"] is True


async def test_neither_names_nor_errors_are_long(run: Run, target: ConnectionParameters) -> None:
    if target.db_type in {"sqlite", "duckdb"}:
        named = "SELECT " + ", ".join(["*"] * 200) + f' FROM (SELECT 1 AS "{9_000 * "y"}")'
        assert "too long" in (await run(target, named)).error
    failing = {
        "sqlite": "SELECT json_extract('{}', '$' || hex(zeroblob(100000)))",
        "duckdb": "SELECT error(repeat('a', 200000))",
        "postgres": "SELECT repeat('a', 200000)::int",
        "mariadb": "SELECT (SELECT 1 UNION SELECT 2)",
    }[target.db_type]
    outcome = await run(target, failing)
    assert outcome.error
    assert len(outcome.error) < 11_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "sql",
    [f"SELECT {'ARRAY[' * 50}1{']' * 50}", f"SELECT {'date(' * 30}1{')' * 30}", f"SELECT a{'[1]' * 6000} FROM t"],
)
async def test_what_takes_long_to_read_is_refused(run: Run, postgres: servers.Server, sql: str) -> None:
    assert (await run(parameters_of(postgres), sql)).error


async def test_a_statement_is_quick(sqlite_file) -> None:
    target, runner = ConnectionParameters("sqlite", str(sqlite_file)), QueryRunner()
    await runner.run("c", target, "SELECT 1")
    before = time.process_time()
    for _ in range(20):
        assert (await runner.run("c", target, "SELECT 1")).error is None
    assert time.process_time() - before < 5  # a worker is kept: 20 new ones would take longer
    runner.close()
