"""From a database to an answer: `ask --database`, `serve --database`, and the same step by step."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from extras import skip_without

skip_without("cli", "local")

from text2everything import Text2EverythingClient

SECRET = "XYZZY-secret"
NO_SERVICE = dict.fromkeys(
    ("TEXT2EVERYTHING_BASE_URL", "T2E_ACCESS_TOKEN", "T2E_WORKSPACE_NAME", "T2E_PROJECT_ID", "T2E_CONNECTOR_ID")
)

# A music shop, of a shape that many tutorials have.
SCHEMA = """
CREATE TABLE Artist (ArtistId INTEGER NOT NULL PRIMARY KEY, Name NVARCHAR(120));
CREATE TABLE Album (
    AlbumId INTEGER NOT NULL PRIMARY KEY, Title NVARCHAR(160) NOT NULL, ArtistId INTEGER NOT NULL,
    FOREIGN KEY (ArtistId) REFERENCES Artist (ArtistId)
);
CREATE TABLE Customer (
    CustomerId INTEGER NOT NULL PRIMARY KEY, FirstName NVARCHAR(40), LastName NVARCHAR(20), Company NVARCHAR(80),
    Address NVARCHAR(70), City NVARCHAR(40), State NVARCHAR(40), Country NVARCHAR(40), Email NVARCHAR(60)
);
INSERT INTO Artist VALUES (1, 'AC/DC'), (2, 'Accept');
INSERT INTO Album VALUES (1, 'Let There Be Rock', 1), (2, 'Balls to the Wall', 2), (3, 'Big Ones', 1);
INSERT INTO Customer (CustomerId, FirstName, Country) VALUES
    (1, 'Ada', 'France'), (2, 'Ben', 'USA'), (3, 'Eve', 'USA');
"""


@pytest.fixture
def music(tmp_path) -> Path:
    path = tmp_path / "music.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    return path


@pytest.fixture
def alone(service, monkeypatch):
    """Give the environment of a project without a connector, and its client."""
    with Text2EverythingClient(**service.settings) as client:
        project = client.projects.create("Alone")
        yield {"T2E_PROJECT_ID": project.id, "T2E_CONNECTOR_ID": None}, client
        client.projects.delete(project.id)


def test_a_question_to_a_file_needs_no_service(run, music):
    result = run("ask", "--database", music, "How many customers are there?", **NO_SERVICE)
    assert result.exit_code == 0
    assert result.stdout.startswith("SELECT COUNT(*) AS customer_count\nFROM Customer\n\n")
    assert result.stdout.split()[-1] == "3"
    assert result.stderr.startswith(f"read 3 tables of {music}\n")
    assert "to rate it" not in result.stderr  # the service is gone
    assert [file.name for file in music.parent.iterdir()] == ["music.db"]


@pytest.mark.slow
def test_values_and_keys_are_known(run, music):
    url = f"sqlite:///{music}"
    found = run("ask", "--database", url, "How many customers are from the USA?", "--json", **NO_SERVICE)
    assert json.loads(found.stdout)["rows"] == [[2]]
    found = run("ask", "--database", url, "Number of albums per artist", "--json", **NO_SERVICE)
    assert sorted(json.loads(found.stdout)["rows"]) == [["AC/DC", 2], ["Accept", 1]]
    none = run(
        "ask", "--database", url, "How many customers are from the USA?", "--no-values", "--json", **NO_SERVICE
    )
    assert json.loads(none.stdout)["user_query"]


def test_the_environment_of_a_service_does_not_matter(run, music):
    options = {
        "TEXT2EVERYTHING_BASE_URL": "http://127.0.0.1:9",
        "T2E_PROJECT_ID": "other",
        "T2E_CONNECTOR_ID": "other",
    }
    assert run("ask", "--database", music, "How many customers are there?", **options).exit_code == 0


@pytest.mark.parametrize("option", ["--project", "--connector", "--session", "--base-url", "--workspace"])
def test_options_of_a_service_are_refused(run, music, option):
    result = run("ask", "--database", music, "How many?", option, "x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"leave {option} out" in result.stderr


@pytest.mark.parametrize(
    ("database", "status", "said"),
    [
        ("nope.db", 2, "--database: there is no file"),
        ("text.db", 2, "--database is no SQLite or DuckDB database"),
        (f"oracle://me:{SECRET}@h/d", 2, "--database must be of one of sqlite"),
        (f"postgresql://me:{SECRET}@h:12x/d", 2, "--database cannot be read"),
        (f"postgresql:/me:{SECRET}@h/d", 2, "--database is no file"),
        (f"postgresql://me:{SECRET}@h/d?options=x", 2, "cannot have options"),
        (f"postgresql://:{SECRET}@/d", 2, "lacks the host and the username"),
        (f"mssql://me:{SECRET}@127.0.0.1:1/d", 1, "pip install pymssql"),
        (f"mysql://me:{SECRET}@127.0.0.1:1/d", 1, "cannot read mysql+pymysql://me:***@127.0.0.1:1/d"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/d", 1, "Connection refused"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line_without_the_password(
    run, tmp_path, monkeypatch, database, status, said
):
    if database.startswith("mysql"):
        skip_without("mysql")
    if database.startswith("postgresql") and status == 1:
        skip_without("postgres")
    monkeypatch.chdir(tmp_path)
    Path("text.db").write_text("no database")
    result = run("ask", "--database", database, "How many?", **NO_SERVICE)
    assert (result.exit_code, result.stdout) == (status, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert SECRET not in result.stderr


@pytest.mark.slow
def test_a_database_without_tables_is_named_once(run, tmp_path):
    path = tmp_path / "bare.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 1")
    result = run("ask", "--database", path, "How many?", **NO_SERVICE)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"text2everything: {path} has no tables; ")


def test_a_blank_question_is_refused_before_the_database_is_read(run, music):
    result = run("ask", "--database", music, " ", **NO_SERVICE)
    assert result.exit_code == 2
    assert result.stderr.startswith("text2everything: QUESTION must not be empty or blank; ")


def test_serve_keeps_one_project_for_a_database(start, run, music, tmp_path):
    facts = []
    for statement in ("", "CREATE TABLE Genre (Name TEXT); DROP TABLE Album;"):
        with contextlib.closing(sqlite3.connect(music)) as connection:
            connection.executescript(statement)
        options = ("--database", music, "--data-dir", tmp_path / "data", "--port", 0, "--json")
        process = start("serve", *options, env=NO_SERVICE)
        facts.append(json.loads(process.stdout.readline()))
        variables = {
            "TEXT2EVERYTHING_BASE_URL": facts[-1]["base_url"],
            "T2E_ACCESS_TOKEN": facts[-1]["access_token"],
            "T2E_PROJECT_ID": None,
            "T2E_CONNECTOR_ID": None,
        }
        answer = run("ask", "How many customers are there?", "--json", **variables)
        assert json.loads(answer.stdout)["rows"] == [[3]]
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "")
    assert facts[0]["project_id"] == facts[1]["project_id"]
    assert facts[0]["connector_id"] == facts[1]["connector_id"]
    assert (
        said == f"read 3 tables of {music}\nnot in the database any more: Album, Album.ArtistId to Artist.ArtistId\n"
    )
    (tmp_path / "other").mkdir()
    other = music.rename(tmp_path / "other" / "music.db")
    process = start("serve", "--database", other, "--data-dir", tmp_path / "data", "--port", 0, env=NO_SERVICE)
    out, said = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert f"the project music is of another database, {music}" in said


def test_serve_is_for_the_demo_or_a_database(run, music):
    result = run("serve", "--demo", "--database", music)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--demo or --database" in result.stderr


def test_step_by_step(run, alone, music):
    variables, client = alone
    project = variables["T2E_PROJECT_ID"]
    added = run("connectors", "add", "Music", music, "--json", **variables)
    connector = json.loads(added.stdout)
    assert (connector["db_type"], connector["database"]) == ("sqlite", str(music))
    assert run("connectors", "test", connector["id"], **variables).stdout.startswith("connected in ")
    shown = run("connectors", "show", connector["id"], **variables).stdout
    assert shown.split()[:2] == ["id", connector["id"]]
    listed = run("connectors", "list", **variables).stdout.splitlines()
    assert listed[0].split() == ["id", "name", "type", "host", "database"]
    assert listed[2].split() == [connector["id"], "Music", "sqlite", str(music)]
    loaded = run("schema", "load", music, **variables)
    assert loaded.stderr == "4 created, 0 updated, 0 unchanged\n"
    assert loaded.stdout.count("created") == 4
    again = json.loads(run("schema", "load", music, "--json", **variables).stdout)
    assert {name: len(items) for name, items in again.items()} == {
        "created": 0, "updated": 0, "unchanged": 4, "gone": 0,
    }  # fmt: skip
    tables = run("schema", "list", **variables).stdout.splitlines()[2:]
    assert [line.split()[1:] for line in tables[:3]] == [
        ["Album", "table", "3"],
        ["Artist", "table", "2"],
        ["Customer", "table", "9"],  # one, though it is stored in two parts
    ]
    customer = run("schema", "show", tables[2].split()[0], **variables).stdout
    assert "France, USA" in customer
    assert "Email" in customer
    relationship = run("schema", "show", tables[3].split()[0], **variables).stdout.splitlines()[-1]
    assert json.loads(relationship)["relationship"]["to_table"] == "Artist"
    assert run("ask", "How many albums are there?", **variables).stdout.split()[-1] == "3"
    with contextlib.closing(sqlite3.connect(music)) as database:
        database.executescript("DROP TABLE Album")
    gone = run("schema", "load", music, **variables)
    assert gone.stderr == "0 created, 0 updated, 2 unchanged\n2 items kept that the database does not have\n"
    assert [line.split()[0] for line in gone.stdout.splitlines()[2:]] == ["gone", "gone"]
    assert [item.name for item in client.schema_metadata.list(project, search="Album")]


def test_a_connector_whose_database_is_gone(run, alone, music):
    variables, _ = alone
    connector = json.loads(run("connectors", "add", "Music", music, "--json", **variables).stdout)["id"]
    music.unlink()
    failed = run("connectors", "test", connector, **variables)
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("text2everything: ")
    told = run("connectors", "test", connector, "--json", **variables)
    assert (told.exit_code, json.loads(told.stdout)["ok"]) == (1, False)


def test_a_password_comes_from_the_environment_and_is_not_shown(run, alone):
    variables, client = alone
    variables["T2E_DATABASE_PASSWORD"] = SECRET
    for url in ("postgresql://reader@db.example.com/shop", f"mysql://reader:{SECRET}@db.example.com/shop"):
        result = run("connectors", "add", "Shop", url, "--json", **variables)
        assert SECRET not in result.output
        connector = client.connectors.get(variables["T2E_PROJECT_ID"], json.loads(result.stdout)["id"])
        assert connector.password_secret_name
    assert SECRET not in run("connectors", "list", "--json", **variables).output


def test_projects(run, client):
    made = json.loads(run("projects", "add", "Sales", "--description", "Of the shop", "--json").stdout)
    try:
        assert run("projects", "show", made["id"]).stdout.splitlines()[1].split() == ["name", "Sales"]
        assert run("projects", "list", "--search", "Sales").stdout.splitlines()[2].split() == [
            *(made["id"], "Sales", "Of", "the", "shop")
        ]
        assert json.loads(run("projects", "list", "--search", "Sales", "--json").stdout) == made
    finally:
        client.projects.delete(made["id"])
    none = run("projects", "list", "--search", "no such name")
    assert (none.exit_code, none.stdout, none.stderr) == (0, "", "no projects\n")


def test_the_project_is_only_guessed_where_there_is_one(run, alone):
    for command in (("ask", "How many?"), ("connectors", "list"), ("schema", "list")):
        result = run(*command, T2E_PROJECT_ID=None)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "--project is needed: the workspace has more than one" in result.stderr


@pytest.mark.slow
def test_without_a_question_a_terminal_prompts_for_several(start, music, terminal):
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal.slave)
    process = start(
        "ask", "--database", music, env={**NO_SERVICE, "TERM": "dumb"}, **streams, text=False, encoding=None
    )
    prompt = b"text2everything> "

    def type_and_wait(text, *said):
        before = terminal.shown.count(prompt)
        terminal.type(text)
        for each in said:
            terminal.wait_for(each)
        deadline = time.monotonic() + 60
        while terminal.shown.count(prompt) == before and time.monotonic() < deadline:
            time.sleep(0.01)

    terminal.wait_for(prompt)
    type_and_wait("+ too early\n", b"there is no answer to rate")
    type_and_wait("How many customers are there?\n", b"customer_count", b"1 row")
    type_and_wait("+ as counted\n", b"rated good: ")
    type_and_wait("What is the meaning of life?\n", b"text2everything: ")
    type_and_wait("+\n", b"there is no SQL to rate as good")
    type_and_wait("How many albums are there?\n", b"album_count")
    type_and_wait("-\n", b"rated bad: ")
    terminal.type("\x04")
    assert process.wait(60) == 0
    assert b"Traceback" not in terminal.close()


def test_without_a_terminal_there_must_be_a_question(run):
    result = run("ask")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "give a question: there is no terminal" in result.stderr
