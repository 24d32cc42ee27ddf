"""`text2everything ask`: ask a question, print its SQL and the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from text2everything.cli._exit_status import CommandError
from text2everything.cli._options import json_option, project_option, with_client
from text2everything.cli._terminal_text import pluralize

if TYPE_CHECKING:
    from text2everything import CacheMatch, ChatResponse, SQLExecuteResponse, Text2EverythingClient

MIN_SIMILARITY: Final = 0.8
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
    help="The database to run the SQL on.  [default: the only one of the project; env var: T2E_CONNECTOR_ID]",
)
@click.option(
    "--session",
    metavar="ID",
    envvar="T2E_CHAT_SESSION_ID",
    help="The chat session to ask in.  [default: a new one; env var: T2E_CHAT_SESSION_ID]",
)
@click.option("--sql-only", is_flag=True, help="Print the SQL without running it.")
@click.option(
    "--cache/--no-cache",
    help=f"Use the cached answer to a similar question (at least {MIN_SIMILARITY:.0%}) if it was rated good.",
)
@click.option(
    "--rate", type=click.Choice(["good", "bad"]), help="Rate the answer; one rated good is reused from the cache."
)
@click.option("--comment", metavar="TEXT", help="The explanation of the rating, with --rate.")
@json_option
@with_client
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
    """Ask a question in plain words; print its SQL and the resulting rows."""
    from text2everything.cli._output import print_json, spinner  # noqa: PLC0415 - not needed for --help

    if comment is not None and rate is None:
        raise click.UsageError("--comment goes with --rate")
    with spinner("asking"):
        if connector is None and (cache or not sql_only):
            connector = _default_connector(client, project)
        answer = _look_up(client, project, connector, question) if cache and connector else None
        if answer is None:
            session = session or client.chat_sessions.create(project, SESSION_NAME).id
            answer = _ask_service(client, project, session, None if sql_only else connector, question)
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
        _print_answer(answer, sql_only=sql_only)
    if answer.error is not None or answer.sql_query is None:
        raise CommandError(answer.error or answer.explanation or "the service returned no SQL and no explanation")


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
    """The similarity of the question to that of the cached answer, from 0 to 1; None if the answer is new."""
    matched_query: str | None = None
    """The question of the cached answer; None if the answer is new or the service does not say it."""
    feedback_id: str | None = None


def _ask_service(
    client: Text2EverythingClient, project: str, session: str, connector: str | None, question: str
) -> Answer:
    message: ChatResponse
    result: SQLExecuteResponse | None = None
    if connector is None:
        message = client.chat.chat_to_sql(project, session, question)
    else:
        message = answer = client.chat.chat_to_answer(project, session, question, connector)
        result = answer.execution_result
    unexecuted = Answer(
        user_query=question,
        sql_query=message.sql_query,
        explanation=message.explanation,
        chat_message_id=message.chat_message_id,
        chat_session_id=session,
    )
    if result is None:
        return unexecuted
    return attrs.evolve(
        unexecuted,
        columns=result.columns,
        rows=result.rows,
        row_count=result.row_count if result.is_successful else None,
        execution_time_ms=result.execution_time_ms,
        error=None if result.is_successful else result.error or "the SQL failed without an error message",
        execution_id=result.execution_id,
    )


def _look_up(client: Text2EverythingClient, project: str, connector: str, question: str) -> Answer | None:
    lookup = client.chat.execution_cache_lookup(
        project, question, connector, similarity_threshold=MIN_SIMILARITY, top_n=1, only_positive_feedback=True
    )
    if not lookup.matches:
        return None
    match: CacheMatch = lookup.matches[0]
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
        matched_query=match.execution.user_query,
    )


def _default_connector(client: Text2EverythingClient, project: str) -> str:
    connectors = client.connectors.list(project, limit=2)
    if len(connectors) == 1:
        return connectors[0].id
    reason = "has more than one" if connectors else "has none"
    raise click.UsageError(f"--connector is needed: the project {reason}")


def _print_answer(answer: Answer, *, sql_only: bool) -> None:
    from text2everything.cli._output import (  # noqa: PLC0415
        MAX_ROWS,
        make_console,
        print_note,
        print_renderables,
        rows_table,
        sql_text,
    )

    console = make_console()
    if answer.sql_query is not None:
        print_renderables(console, sql_text(answer.sql_query))
    if answer.row_count is not None and not sql_only:
        max_rows = MAX_ROWS if console.is_terminal else None
        print_renderables(console, "", rows_table(answer.columns, answer.rows, max_rows=max_rows))
        shown = len(answer.rows[:max_rows])
        count = pluralize(answer.row_count, "row")
        print_note(
            count if shown >= answer.row_count else f"{count}, the first {shown} shown; --json has {len(answer.rows)}"
        )
    if answer.similarity_score is not None:
        matched = "a similar question" if answer.matched_query is None else repr(answer.matched_query)
        print_note(f"from the cache: the answer to {matched} ({answer.similarity_score:.0%}), rated good")
    elif answer.sql_query is not None and answer.explanation:
        print_note(answer.explanation)
    if answer.feedback_id is not None:
        print_note(f"rated: {answer.feedback_id}")
    elif answer.sql_query is not None and answer.chat_message_id is not None:
        execution = f" --execution {answer.execution_id}" if answer.execution_id else ""
        print_note(
            f'to rate it: text2everything feedback add {answer.chat_message_id} "why" --good{execution}', wrap=False
        )
