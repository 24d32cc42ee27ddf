"""The databases of the tests: a SQLite file, a DuckDB file, PostgreSQL and MariaDB, with the same table `items`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.extras import skip_without
from tests.local.databases import servers
from text2everything.local._databases._parameters import ConnectionParameters

NAMES = ("sqlite", "duckdb", "postgres", "mariadb")

CREATE = "CREATE TABLE items (id INTEGER, name VARCHAR(100))"
INSERT = "INSERT INTO items VALUES (1, 'eins'), (2, 'zwei'), (3, 'größer')"


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Server]:
    skip_without("postgres")
    with servers.postgres() as server:
        server.run(CREATE, INSERT, "GRANT ALL ON items TO clerk", "CREATE TABLE secret (a INT)")
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[servers.Server]:
    skip_without("mysql")
    with servers.mariadb() as server:
        server.run(CREATE, INSERT)
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "items.db"
    with sqlite3.connect(path) as connection:
        connection.execute(CREATE)
        connection.execute(INSERT)
    connection.close()
    return path


@pytest.fixture(scope="session")
def duckdb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    skip_without("duckdb")
    import duckdb

    path: Path = tmp_path_factory.mktemp("duckdb") / "items.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(CREATE)
        connection.execute(INSERT)
    return path


def parameters_of(server: servers.Server, username: str | None = None) -> ConnectionParameters:
    """Return what leads to a server."""
    return ConnectionParameters(
        server.db_type,
        server.database,
        server.host,
        server.port,
        username or server.ordinary,
        secrets={"password": servers.PASSWORD},
    )


@pytest.fixture(params=NAMES)
def target(request: pytest.FixtureRequest) -> ConnectionParameters:
    """What leads to each of the databases."""
    name: str = request.param
    if name in {"sqlite", "duckdb"}:
        return ConnectionParameters(name, str(request.getfixturevalue(f"{name}_file")))
    return parameters_of(request.getfixturevalue(name))
