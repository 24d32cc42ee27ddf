"""`ask`: SQL and rows for people, one document for programs, and an exit status for both."""

from __future__ import annotations

import json

import pytest

from text2everything.local import LocalService

QUESTION = "How many customers are active?"


@pytest.fixture
def told(run, scripted):
    """Ask a service whose engine answers with the given SQL, on the demo's database."""

    def told(sql, *arguments):
        with LocalService(demo=True, engine=scripted(sql)) as other:
            return run(
                "ask",
                "?",
                *arguments,
                TEXT2EVERYTHING_BASE_URL=other.base_url,
                T2E_ACCESS_TOKEN=other.access_token,
                T2E_PROJECT_ID=other.demo.project_id,
                T2E_CONNECTOR_ID=other.demo.connector_id,
            )

    return told


def document(result):
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def test_sql_and_rows_are_on_stdout_and_the_rest_is_not(run):
    result = run("ask", QUESTION)
    assert result.exit_code == 0
    assert result.stdout.startswith("SELECT COUNT(*) AS customer_count\nFROM customers\nWHERE status = 'active'\n\n")
    assert result.stdout.split()[-1].isdecimal()
    assert "1 row\n" in result.stderr
    assert "to rate it: text2everything feedback add " in result.stderr


def test_what_the_hint_says_rates_the_answer(run, client, service):
    hint = run("ask", QUESTION).stderr.split("text2everything feedback add ")[1].split()
    added = document(run("feedback", "add", hint[0], "as counted by hand", *hint[2:], "--json"))
    assert added["is_positive"] is True
    stored = client.feedback.get(service.demo.project_id, added["id"])
    assert (stored.chat_message_id, stored.execution_id) == (hint[0], hint[-1])


def test_json_is_one_document_with_all_of_it(run, client, service):
    found = document(run("ask", "Top 5 products by price", "--json"))
    assert found["columns"] == ["id", "name", "category", "price", "stock"]
    assert found["row_count"] == len(found["rows"]) == 5
    assert found["user_query"] == "Top 5 products by price"
    assert found["sql_query"].startswith("SELECT")
    assert found["similarity_score"] is None
    execution = client.executions.get(service.demo.project_id, found["execution_id"])
    assert execution.chat_message_id == found["chat_message_id"]


def test_sql_only_runs_nothing(run):
    result = run("ask", QUESTION, "--sql-only", T2E_CONNECTOR_ID=None)
    assert result.stdout.startswith("SELECT COUNT(*)")
    assert "1 row" not in result.stderr
    found = document(run("ask", QUESTION, "--sql-only", "--json"))
    assert (found["execution_id"], found["rows"], found["row_count"]) == (None, [], None)


def test_a_rated_answer_comes_from_the_cache(run, client, service):
    question = "Average price of products per category"
    assert document(run("ask", question, "--cache", "--json"))["similarity_score"] is None
    first = document(run("ask", question, "--json", "--rate", "good", "--comment", "as printed"))
    assert client.feedback.get(service.demo.project_id, first["feedback_id"]).feedback == "as printed"
    again = document(run("ask", question, "--cache", "--json"))
    assert again["similarity_score"] == 1
    assert {k: again[k] for k in ("execution_id", "rows", "sql_query")} == {
        k: first[k] for k in ("execution_id", "rows", "sql_query")
    }
    assert again["matched_query"] == question
    said = " ".join(run("ask", f"{question}?", "--cache").stderr.split())
    assert f"from the cache: the answer to '{question}' (100%), rated good" in said
    bad = run("ask", question, "--cache", "--rate", "bad")
    assert "rated: " in bad.stderr
    assert document(run("ask", question, "--cache", "--json"))["execution_id"] != first["execution_id"]


def test_a_given_session_is_asked_in_and_else_a_new_one(run, client, service):
    demo = service.demo
    before = len(client.chat_sessions.list(demo.project_id))
    given = document(run("ask", QUESTION, "--session", demo.chat_session_id, "--json"))
    assert given["chat_session_id"] == demo.chat_session_id
    assert len(client.chat_sessions.list(demo.project_id)) == before
    made = document(run("ask", QUESTION, "--json"))["chat_session_id"]
    assert made in {session.id for session in client.chat_sessions.list(demo.project_id)}


def test_the_only_connector_needs_no_naming(run, client, service, project):
    assert run("ask", QUESTION, T2E_CONNECTOR_ID=None).exit_code == 0
    none = run("ask", QUESTION, "--project", project, T2E_CONNECTOR_ID=None)
    assert none.exit_code == 2
    assert none.stderr.startswith("text2everything: --connector is needed: the project has none")
    for name in "ab":
        client.connectors.create(project, name, "sqlite", database=f"/{name}")
    more = run("ask", QUESTION, "--project", project, T2E_CONNECTOR_ID=None)
    assert "has more than one" in more.stderr


def test_a_question_without_an_answer_fails_with_the_reason(run):
    result = run("ask", "What is the meaning of life?")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("text2everything: ")
    assert "Known tables" in result.stderr
    assert result.stderr.count("\n") == 1
    found = run("ask", "What is the meaning of life?", "--json")
    assert found.exit_code == 1
    assert document(found)["sql_query"] is None


def test_sql_that_fails_is_shown_with_the_error_of_the_database(told):
    result = told("SELECT what FROM nowhere")
    assert result.exit_code == 1
    assert result.stdout == "SELECT what\nFROM nowhere\n"
    assert "no such table: nowhere" in result.stderr.splitlines()[-1]
    found = told("SELECT what FROM nowhere", "--json")
    assert found.exit_code == 1
    assert "no such table" in document(found)["error"]


def test_values_cannot_take_over_the_terminal(told):
    result = told("SELECT 'a' || char(27) || '[31mred' || char(13) || char(10) || 'b' AS x, NULL AS y, 1.5 AS z")
    assert "\x1b" not in result.stdout
    assert "\r" not in result.stdout
    assert result.stdout.splitlines()[-1].split() == [
        "a\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}",
        "b",
        "1.50",
    ]


def test_a_pipe_gets_every_row_in_full_and_on_one_line(told):
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)"
    lines = told(f"{numbers} SELECT i, hex(zeroblob(100)) AS h FROM n").stdout.splitlines()
    assert [line.split() for line in lines[-120:]] == [[str(i), "00" * 100] for i in range(1, 121)]


def test_a_comment_needs_a_rating(run):
    result = run("ask", QUESTION, "--comment", "nice")
    assert result.exit_code == 2
    assert result.stderr == "text2everything: --comment goes with --rate; see text2everything ask --help\n"


@pytest.mark.parametrize("rate", ["fine", ""])
def test_a_rating_is_good_or_bad(run, rate):
    result = run("ask", QUESTION, "--rate", rate)
    assert result.exit_code == 2
    assert "'good', 'bad'" in result.stderr


def test_a_terminal_is_told_that_something_is_waited_for(start, terminal):
    process = start("ask", QUESTION, stderr=terminal.slave, env={"TERM": "xterm"})
    assert process.stdout.read().startswith("SELECT COUNT(*)")
    assert process.wait(60) == 0
    shown = terminal.close()
    assert b"asking" in shown
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"asking")  # the cursor is back
