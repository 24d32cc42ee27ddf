"""A database read as schema metadata: SQLite, DuckDB and data files; servers are in tests/local/databases."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from extras import needs, skip_without

from text2everything import ValidationError, exceptions
from text2everything._schema import values
from text2everything._schema.database import read_database
from text2everything._schema.url import DatabaseUrl
from text2everything._schema.values import looks_secret

skip_without("local")

PASSWORD = "pw-Sesam/öffne@dich"

SCHEMA = """
CREATE TABLE Customer (
    CustomerId INTEGER PRIMARY KEY, Name NVARCHAR(40) NOT NULL, Country TEXT, PasswordHash TEXT, SupportRepId INTEGER,
    FOREIGN KEY (SupportRepId) REFERENCES Employee (EmployeeId)
);
CREATE TABLE Employee (EmployeeId INTEGER PRIMARY KEY, ReportsTo INTEGER REFERENCES employee);
CREATE TABLE "Order Details" (a INTEGER, b INTEGER, note TEXT, PRIMARY KEY (a, b));
CREATE TABLE Shipment (a INTEGER, b INTEGER, FOREIGN KEY (a, b) REFERENCES "Order Details" (a, b));
CREATE VIEW Countries AS SELECT DISTINCT Country FROM Customer;
"""


def make_sqlite(path: Path, *statements: str) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.executescript(statement)
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    rows = ", ".join(f"({n}, 'Name {n}', '{('USA', 'France', '')[n % 3]}', 'h{n % 2}')" for n in range(30))
    fill = f"INSERT INTO Customer (CustomerId, Name, Country, PasswordHash) VALUES {rows};"
    return make_sqlite(tmp_path / "shop.db", SCHEMA, fill)


def read(where: object, **options: Any) -> dict[str, dict[str, Any]]:
    """Return the schema data of each item, by its name."""
    return {item.name: item.schema_data for item in read_database(DatabaseUrl.parse(where), **options)}


def columns(item: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column.pop("name"): column for column in item["table"]["columns"]}


def test_tables_views_keys_and_relationships(shop: Path) -> None:
    items = read(shop)
    assert list(items) == [
        "Countries",
        "Customer",
        "Employee",
        "Order Details",
        "Shipment",
        "Customer.SupportRepId to Employee.EmployeeId",
        "Employee.ReportsTo to Employee.EmployeeId",
    ]
    customer = columns(items["Customer"])
    assert customer["CustomerId"] == {"type": "INTEGER", "primary_key": True}
    assert customer["SupportRepId"]["foreign_key"] == {"table": "Employee", "column": "EmployeeId"}
    assert items["Employee.ReportsTo to Employee.EmployeeId"]["relationship"] == {
        "from_table": "Employee",
        "from_column": "ReportsTo",
        "to_table": "Employee",
        "to_column": "EmployeeId",
        "type": "many_to_one",
    }


def test_a_key_of_several_columns_is_described_and_no_relationship(shop: Path) -> None:
    items = read(shop)
    assert items["Shipment"]["table"]["description"] == "a, b together refer to Order Details (a, b)."
    assert not [column for column in columns(items["Shipment"]).values() if "foreign_key" in column]
    assert all(column["primary_key"] for name, column in columns(items["Order Details"]).items() if name != "note")


def test_values_are_those_of_columns_that_have_few_and_hold_no_secret(shop: Path) -> None:
    customer = columns(read(shop)["Customer"])
    assert customer["Country"]["values"] == ["France", "USA"]
    assert "values" not in customer["Name"]  # more than 20
    assert "values" not in customer["PasswordHash"]  # two
    assert not [
        c
        for item in read(shop, values=False).values()
        if "table" in item
        for c in columns(item).values()
        if "values" in c
    ]


@pytest.mark.parametrize(("count", "few"), [(20, True), (21, False)])
def test_twenty_values_are_few(tmp_path: Path, count: int, few: bool) -> None:
    rows = ", ".join(f"('v{n:02}')" for n in range(count))
    path = make_sqlite(tmp_path / "a.db", "CREATE TABLE t (c TEXT);", f"INSERT INTO t VALUES {rows}, (NULL), (NULL);")
    assert ("values" in columns(read(path)["t"])["c"]) is few


def test_long_texts_and_what_is_no_text_are_no_values(tmp_path: Path) -> None:
    path = make_sqlite(
        tmp_path / "a.db",
        "CREATE TABLE t (a TEXT, b TEXT, c TEXT, d TEXT);",
        f"INSERT INTO t VALUES ('{'x' * 100}', '{'x' * 101}', x'80ff', CAST(x'80ff' AS TEXT));",
    )
    found = columns(read(path)["t"])
    assert [name for name, column in found.items() if "values" in column] == ["a"]


@pytest.mark.slow
def test_reading_values_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT c FROM t, n"
    views = [f"CREATE VIEW v{n} AS {endless};" for n in range(9)]
    path = make_sqlite(tmp_path / "a.db", "CREATE TABLE t (c TEXT);", *views, "INSERT INTO t VALUES ('x');")
    monkeypatch.setattr(values, "COLUMN_SECONDS", 0.2)
    monkeypatch.setattr(values, "ALL_SECONDS", 0.5)
    start = time.monotonic()
    items = read(path)
    assert 0.5 <= time.monotonic() - start < 5
    assert {name: columns(item)["c"].get("values") for name, item in items.items()} == {
        "t": ["x"],
        **{f"v{n}": None for n in range(9)},
    }


@pytest.mark.parametrize(
    "name", ["password", "PasswordHash", "api_token", "userpassword", "salt", "APIKey", "client_secret", "pwd"]
)
def test_a_name_of_a_secret(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["status", "country", "monkey", "passenger_class", "keyboard_layout", "Author", "pinned"]
)
def test_a_name_of_no_secret(name: str) -> None:
    assert not looks_secret(name)


def test_nothing_is_written_or_locked(shop: Path) -> None:
    before = shop.read_bytes()
    database = DatabaseUrl.parse(shop)
    with pytest.raises(exceptions.ConnectionError, match="readonly database"):
        database.read(lambda connection: connection.exec_driver_sql("CREATE TABLE x (a)"))
    assert shop.read_bytes() == before
    assert [file.name for file in shop.parent.iterdir()] == ["shop.db"]


def test_what_cannot_be_asked_is_left_out(tmp_path: Path) -> None:
    path = make_sqlite(
        tmp_path / "a.db",
        "CREATE TABLE gone (a TEXT); CREATE VIEW stale AS SELECT * FROM gone; DROP TABLE gone;",
        "CREATE VIRTUAL TABLE words USING fts5(word);",
        """CREATE TABLE "we""ird %s :x" ("c""ol :a %s" TEXT, "" TEXT);
        INSERT INTO "we""ird %s :x" VALUES ('q', 'r');""",
        "CREATE TABLE child (a INTEGER REFERENCES nowhere (x), b TEXT REFERENCES words (nope));",
    )
    items = read(path)
    assert list(items) == ["child", 'we"ird %s :x', "words"]
    assert columns(items['we"ird %s :x']) == {'c"ol :a %s': {"type": "TEXT", "values": ["q"]}}


@needs("duckdb")
def test_duckdb(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
            CREATE TABLE a (id INTEGER PRIMARY KEY, "Full Name" VARCHAR, m mood, token VARCHAR, flag BOOLEAN);
            CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id));
            CREATE SCHEMA sales; CREATE TABLE sales.x (s VARCHAR);
            CREATE VIEW v AS SELECT * FROM a;
            COMMENT ON TABLE a IS 'All of them'; COMMENT ON COLUMN a.flag IS 'Whether it is';
            INSERT INTO a VALUES (1, 'Ada', 'sad', 't', true); INSERT INTO sales.x VALUES ('y');
        """)
    before = path.read_bytes()
    items = read(path)
    assert list(items) == ["a", "b", "v", "b.a_id to a.id"]
    assert items["a"]["table"]["description"] == "All of them"
    assert columns(items["a"]) == {
        "id": {"type": "INTEGER", "primary_key": True},
        "Full Name": {"type": "VARCHAR", "values": ["Ada"]},
        "m": {"type": "ENUM", "values": ["sad", "it's ok"]},
        "token": {"type": "VARCHAR"},
        "flag": {"type": "BOOLEAN", "description": "Whether it is"},
    }
    sales = read(f"duckdb:///{path}", schema="sales")
    assert columns(sales["sales.x"]) == {"s": {"type": "VARCHAR", "values": ["y"]}}
    with pytest.raises(ValidationError, match="no schema 'nope'"):
        read(path, schema="nope")
    with pytest.raises(exceptions.ConnectionError, match="read-only"):
        DatabaseUrl.parse(path).read(lambda connection: connection.exec_driver_sql("DROP VIEW v"))
    assert path.read_bytes() == before


@needs("duckdb")
def test_data_files(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("id,country\n1,France\n2,USA\n")
    (tmp_path / "o'clock.jsonl").write_text('{"a": "x"}\n{"a": "y"}\n')
    (tmp_path / "readme.txt").write_text("no data")
    assert columns(read(tmp_path / "sales.csv")["sales"])["country"]["values"] == ["France", "USA"]
    assert list(read(tmp_path)) == ["o'clock", "sales"]
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "s*.csv").write_text("other\nthis\nthat\n")
    assert columns(read(tmp_path)["s*"])["other"]["values"] == ["that", "this"]
    (tmp_path / "sales.json").write_text("[]")
    with pytest.raises(ValidationError, match="more than one data file is named sales"):
        read(tmp_path)
    (tmp_path / "bad.parquet").write_text("no parquet")
    with pytest.raises(exceptions.ConnectionError, match=r"bad\.parquet"):
        read(tmp_path / "bad.parquet")


@needs("duckdb")
def test_a_view_in_a_database_reads_no_file(tmp_path: Path) -> None:
    import duckdb

    (tmp_path / "private.csv").write_text("a\nsecret\nother\n")
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW v AS SELECT a FROM read_csv('{tmp_path}/private.csv')")
        connection.execute("CREATE TABLE t (a VARCHAR); INSERT INTO t VALUES ('x')")
    items = read(path)
    assert {name: columns(item)["a"].get("values") for name, item in items.items()} == {"t": ["x"], "v": None}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (7, "must be a path or a URL, got int"),
        ("", "must not be empty"),
        ("nope.db", "there is no file .*nope.db"),
        ("sqlite://", "names no file"),
        ("a\0b", "NUL character"),
        ("~nobody-of-this-name/shop.db", "name of a user that is not known"),
        ("sqlite:///:memory:", "names no file"),
        ("empty.db", "is an empty file"),
        ("text.db", "no SQLite or DuckDB database"),
        ("folder", "a folder without data files"),
        ("oracle://u:{}@h/d", "one of sqlite.*got 'oracle'"),
        ("postgresql:/u:{}@h/d", "is no file"),
        ("postgresql://u:{}@h:12x/d", "cannot be read"),
        ("postgresql://u:{}@rest@h/d", "percent-encoded"),
        ("duckdb:///shop.db", "is of duckdb, but the file is of sqlite"),
    ],
)
def test_what_is_no_database_is_refused(url: Any, said: str, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.parent)
    Path("empty.db").touch()
    Path("text.db").write_text("The quick brown fox jumps over the lazy dog")
    Path("folder").mkdir()
    url = url.replace("{}", "XYZZY") if isinstance(url, str) else url
    with pytest.raises(ValidationError, match=said) as caught:
        read(url)
    assert "XYZZY" not in str(caught.value)


def test_an_empty_database_is_refused(tmp_path: Path) -> None:
    path = make_sqlite(tmp_path / "a.db", "CREATE TABLE t (a); DROP TABLE t;")
    with pytest.raises(ValidationError, match="has no tables"):
        read(path)


def test_a_url_of_sqlalchemy_is_taken_as_text() -> None:
    import sqlalchemy as sa

    url: Any = sa.URL.create("postgresql", "u", PASSWORD, "h", database="d")
    with pytest.raises(ValidationError, match=r"hide_password=False") as caught:
        DatabaseUrl.parse(url)
    assert PASSWORD not in str(caught.value)
    assert repr(DatabaseUrl.parse(url.render_as_string(hide_password=False))) == (
        "DatabaseUrl('postgresql+psycopg://u:***@h/d')"
    )


def test_secrets_among_the_parameters_are_refused() -> None:
    with pytest.raises(ValidationError, match="no secret in its parameters: token") as caught:
        DatabaseUrl.parse("snowflake://u@account/d/s?warehouse=w&token=XYZZY")
    assert "XYZZY" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "connector"),
    [
        ("postgres://u:p%40@h:5/d?sslmode=require", ("postgres", "h", 5, "u", "p@", "d", {"sslmode": "require"})),
        ("postgresql+psycopg2://u@h/d", ("postgres", "h", None, "u", None, "d", None)),
        ("mysql://u:p@h/d", ("mysql", "h", None, "u", "p", "d", None)),
        ("mariadb+pymysql://u:p@h/d?ssl_ca=/x", ("mariadb", "h", None, "u", "p", "d", {"ssl_ca": "/x"})),
        ("mssql://u:p@h/d", ("sqlserver", "h", None, "u", "p", "d", None)),
        ("snowflake://u:p@a/d/s?role=r", ("snowflake", "a", None, "u", "p", "d", {"role": "r", "schema": "s"})),
    ],
)
def test_the_connector_of_a_url(url: str, connector: tuple[Any, ...]) -> None:
    names = ("db_type", "host", "port", "username", "password", "database", "config")
    found = DatabaseUrl.parse(url).connector()
    assert tuple(found[name] for name in names) == connector
    assert repr(found["password"]) in {"'***'", "None"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql:///d", "lacks the host and the username"),
        ("mysql://u@h/", "lacks the database"),
        ("postgresql://u@h/d?options=x", "a connector to postgres cannot have options"),
    ],
)
def test_a_url_that_makes_no_connector(url: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DatabaseUrl.parse(url).connector()


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, shop: Path) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(ImportError, match="pip install pymysql"):
        read("mysql://u:XYZZY@h/d")
    with pytest.raises(ValidationError, match="url names the driver nope, which is not installed"):
        read("mysql+nope://u:XYZZY@h/d")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ImportError, match="pip install sqlalchemy"):
        read(shop)
