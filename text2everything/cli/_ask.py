"""`text2everything ask`: a question, its SQL, and the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from text2everything.cli._connection import connected, json_option, project_option
from text2everything.cli._errors import Failure
from text2everything.cli._text import many

if TYPE_CHECKING:
    from text2everything import CacheMatch, ChatResponse, SQLExecuteResponse, Text2EverythingClient

ALIKE: Final = 0.8
SESSION_NAME: Final = "text2everything ask"


@click.command(
    short_help="Ask a question; print its SQL and rows.",
    epilog="""\b
Examples:
  text2everything ask "How many customers are active?"
  text2everything ask "Top 5 products by price" --rate good
  text2everything ask "Revenue per month" --json | jq .rows
""",
)
@click.argument("question")
@project_option
@click.option(
    "--connector",
    metavar="ID",
    envvar="T2E_CONNECTOR_ID",
    help="The database to run the SQL on.  [default: the project's, if it has one only; env var: T2E_CONNECTOR_ID]",
)
@click.option(
    "--session",
    metavar="ID",
    envvar="T2E_CHAT_SESSION_ID",
    help="The chat session to ask in.  [default: a new one; env var: T2E_CHAT_SESSION_ID]",
)
@click.option("--sql-only", is_flag=True, help="Write the SQL, and do not run it.")
@click.option(
    "--cache/--no-cache",
    help=f"Take the answer from the cache where such a question ({ALIKE:.0%} alike) has one that was rated good.",
)
@click.option("--rate", type=click.Choice(["good", "bad"]), help="Rate the answer; a good one is reused.")
@click.option("--comment", metavar="TEXT", help="What is good or bad about it, with --rate.")
@json_option
@connected
def ask(
    client: Text2EverythingClient,
    question: str,
    project: str,
    connector: str | None,
    session: str | None,
    sql_only: bool,
    cache: bool,
    rate: str | None,
    comment: str | None,
    as_json: bool,
) -> None:
    """Ask a question in plain words; print its SQL and the rows that gives."""
    from text2everything.cli._output import busy, print_json  # noqa: PLC0415 - not for --help

    if comment is not None and rate is None:
        raise click.UsageError("--comment goes with --rate")
    with busy("asking"):
        if connector is None and (cache or not sql_only):
            connector = _only_connector(client, project)
        answer = _cached(client, project, connector, question) if cache and connector else None
        if answer is None:
            session = session or client.chat_sessions.create(project, SESSION_NAME).id
            answer = _ask(client, project, session, None if sql_only else connector, question)
        if rate is not None:
            feedback = client.feedback.create(
                project,
                answer.chat_message_id or "",
                comment or f"Rated {rate} on the command line",
                rate == "good",
                execution_id=answer.execution_id,
            )
            answer = attrs.evolve(answer, feedback_id=feedback.id)
    if as_json:
        print_json(attrs.asdict(answer))
    else:
        _print(answer, sql_only=sql_only)
    if answer.error is not None or answer.sql_query is None:
        raise Failure(answer.error or answer.explanation or "the service gave no SQL, and no reason")


@attrs.frozen(kw_only=True)
class Answer:
    """What `--json` prints."""

    user_query: str
    sql_query: str | None
    explanation: str | None = None
    columns: list[str] = attrs.field(factory=list)
    rows: list[list[Any]] = attrs.field(factory=list)
    row_count: int | None = None
    execution_time_ms: float | None = None
    error: str | None = None
    chat_message_id: str | None
    execution_id: str | None = None
    chat_session_id: str | None = None
    similarity_score: float | None = None
    """How like the question is to the cached one; None for a fresh answer."""
    feedback_id: str | None = None


def _ask(client: Text2EverythingClient, project: str, session: str, connector: str | None, question: str) -> Answer:
    message: ChatResponse
    result: SQLExecuteResponse | None = None
    if connector is None:
        message = client.chat.chat_to_sql(project, session, question)
    else:
        message = answer = client.chat.chat_to_answer(project, session, question, connector)
        result = answer.execution_result
    found = Answer(
        user_query=question,
        sql_query=message.sql_query,
        explanation=message.explanation,
        chat_message_id=message.chat_message_id,
        chat_session_id=session,
    )
    if result is None:
        return found
    return attrs.evolve(
        found,
        columns=result.columns,
        rows=result.rows,
        row_count=result.row_count if result.is_successful else None,
        execution_time_ms=result.execution_time_ms,
        error=None if result.is_successful else result.error or "the SQL failed, for no reason given",
        execution_id=result.execution_id,
    )


def _cached(client: Text2EverythingClient, project: str, connector: str, question: str) -> Answer | None:
    found = client.chat.execution_cache_lookup(
        project, question, connector, similarity_threshold=ALIKE, top_n=1, only_positive_feedback=True
    )
    if not found.matches:
        return None
    match: CacheMatch = found.matches[0]
    return Answer(
        user_query=question,
        sql_query=match.execution.sql_query,
        columns=match.execution.columns,
        rows=match.execution.rows,
        row_count=match.execution.row_count,
        execution_time_ms=match.execution.execution_time_ms,
        chat_message_id=match.execution.chat_message_id,
        execution_id=match.execution.id,
        similarity_score=match.similarity_score,
    )


def _only_connector(client: Text2EverythingClient, project: str) -> str:
    found = client.connectors.list(project, limit=2)
    if len(found) == 1:
        return found[0].id
    reason = "has more than one" if found else "has none"
    raise click.UsageError(f"--connector is needed: the project {reason}")


def _print(answer: Answer, *, sql_only: bool) -> None:
    from text2everything.cli._output import MOST_ROWS, make_console, note, rows_table, show, sql_text  # noqa: PLC0415

    console = make_console()
    if answer.sql_query is not None:
        show(console, sql_text(answer.sql_query))
    if answer.row_count is not None and not sql_only:
        most = MOST_ROWS if console.is_terminal else None
        show(console, "", rows_table(answer.columns, answer.rows, most=most))
        shown = len(answer.rows[:most])
        count = many(answer.row_count, "row")
        note(
            count if shown >= answer.row_count else f"{count}, the first {shown} shown; --json has {len(answer.rows)}"
        )
    if answer.similarity_score is not None:
        note(f"from the cache: such a question ({answer.similarity_score:.0%} alike) has this answer, rated good")
    elif answer.sql_query is not None and answer.explanation:
        note(answer.explanation)
    if answer.feedback_id is not None:
        note(f"rated: {answer.feedback_id}")
    elif answer.sql_query is not None and answer.chat_message_id is not None:
        execution = f" --execution {answer.execution_id}" if answer.execution_id else ""
        note(
            f'to rate it: text2everything feedback add {answer.chat_message_id} "why" --good{execution}', copied=True
        )
