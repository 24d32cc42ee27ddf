"""`text2everything ask`: ask a question, print its SQL and the rows."""

from __future__ import annotations

import contextlib
import sys
from typing import IO, TYPE_CHECKING, Any, Final

import attrs
import click

from text2everything.cli._database import Database, database_option, embedded
from text2everything.cli._exit_status import CommandError
from text2everything.cli._options import (
    connector_option,
    default_project_option,
    json_option,
    only_project,
    open_client,
    service_options,
)
from text2everything.cli._terminal_text import pluralize

if TYPE_CHECKING:
    from text2everything import CacheMatch, ChatResponse, SQLExecuteResponse, Text2EverythingClient

MIN_SIMILARITY: Final = 0.8
SESSION_NAME: Final = "text2everything ask"


SERVICE_PARAMETERS: Final = ("project", "connector", "session", "base_url", "workspace", "access_token_file")


@click.command(
    short_help="Ask a question; print its SQL and rows.",
    epilog="""\b
Examples:
  text2everything ask "How many customers are active?"
  text2everything ask "How many orders are there?" --database shop.db
  text2everything ask "Top 5 products by price" --rate good
  text2everything ask "Revenue per month" --json | jq .rows
  text2everything ask --database shop.db
""",
)
@click.argument("question", required=False)
@database_option(
    "Ask this database: a SQLite, DuckDB, Parquet, CSV or JSON file, a folder of such data files, or a URL of "
    "SQLAlchemy. No service is needed."
)
@default_project_option
@connector_option
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
@service_options
@click.pass_context
def ask(
    context: click.Context,
    question: str | None,
    database: str | None,
    values: bool,
    project: str | None,
    connector: str | None,
    session: str | None,
    sql_only: bool,
    cache: bool,
    rate: str | None,
    comment: str | None,
    as_json: bool,
    base_url: str | None,
    workspace: str | None,
    access_token_file: IO[str] | None,
) -> None:
    """Ask a question in plain words; print its SQL and the resulting rows.

    With --database, the schema of the database is read, and the embedded service answers on this machine; nothing in
    the database is changed. The password of a URL can be in T2E_DATABASE_PASSWORD.

    Without a question, a terminal prompts for one after the other; + or - rates an answer.
    """
    if comment is not None and rate is None:
        raise click.UsageError("--comment goes with --rate")
    if question is None:
        _require_prompt(as_json=as_json, rate=rate)
    elif not question.strip():
        raise click.UsageError("QUESTION must not be empty or blank")
    with contextlib.ExitStack() as stack:
        if database is not None:
            _refuse_service_options(context)
            found = Database.parse(database)
            client, made = stack.enter_context(embedded(found, values=values))
            place = Place(client, made.project_id, made.connector_id, None)
        else:
            client = stack.enter_context(open_client(base_url, workspace, access_token_file))
            place = Place(client, project or only_project(client), connector, session)
        if question is None:
            _converse(place, sql_only=sql_only, cache=cache)
            return
        answer = _answer(place, question, sql_only=sql_only, cache=cache)
        if rate is not None and (rate == "bad" or answer.sql_query is not None):
            feedback = _rate(place, answer, rate == "good", comment or f"Rated {rate} on the command line")
            answer = attrs.evolve(answer, feedback_id=feedback)
    _print(answer, as_json=as_json, sql_only=sql_only, with_hint=database is None)


def _require_prompt(*, as_json: bool, rate: str | None) -> None:
    """Refuse to go on without a question, unless there is a terminal to prompt on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("give a question: there is no terminal to prompt on")
    if as_json or rate is not None:
        raise click.UsageError(f"{'--json' if as_json else '--rate'} needs a question")


def _converse(place: Place, *, sql_only: bool, cache: bool) -> None:
    """Prompt for questions, all in one chat session."""
    from text2everything.cli._prompt import converse  # noqa: PLC0415 - not needed for --help

    connector = place.connector if sql_only else place.connector or _default_connector(place.client, place.project)
    session = place.session or place.client.chat_sessions.create(place.project, SESSION_NAME).id
    place = attrs.evolve(place, connector=connector, session=session)
    converse(
        lambda question: _answer(place, question, sql_only=sql_only, cache=cache),
        lambda answer: _print(answer, as_json=False, sql_only=sql_only, with_hint=False),
        lambda answer, good, comment: _rate(
            place, answer, good, comment or f"Rated {'good' if good else 'bad'} at the prompt"
        ),
    )


def _refuse_service_options(context: click.Context) -> None:
    """Refuse options of a service beside `--database`; what the environment says of one does not matter."""
    for name in SERVICE_PARAMETERS:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--database needs no service: leave --{name.replace('_', '-')} out")


@attrs.frozen
class Place:
    """Where to ask; by default the connector is the only one of the project, and the session a new one."""

    client: Text2EverythingClient
    project: str
    connector: str | None
    session: str | None


def _answer(place: Place, question: str, *, sql_only: bool, cache: bool) -> Answer:
    from text2everything.cli._output import spinner  # noqa: PLC0415 - not needed for --help

    client, project, connector = place.client, place.project, place.connector
    with spinner("asking"):
        if connector is None and (cache or not sql_only):
            connector = _default_connector(client, project)
        answer = _look_up(client, project, connector, question) if cache and connector else None
        if answer is None:
            session = place.session or client.chat_sessions.create(project, SESSION_NAME).id
            answer = _ask_service(client, project, session, None if sql_only else connector, question)
    return answer


def _rate(place: Place, answer: Answer, good: bool, comment: str) -> str:
    """Rate an answer, and return the id of the rating.

    Raises:
        CommandError: There is no SQL that could be good.
    """
    if good and answer.sql_query is None:
        raise CommandError("there is no SQL to rate as good; - with a comment says what would be right")
    feedback = place.client.feedback.create(
        place.project, answer.chat_message_id or "", comment, good, execution_id=answer.execution_id
    )
    return feedback.id


def _print(answer: Answer, *, as_json: bool, sql_only: bool, with_hint: bool) -> None:
    """Print an answer; one without rows is an error."""
    from text2everything.cli._output import print_json  # noqa: PLC0415 - not needed for --help

    if as_json:
        print_json(attrs.asdict(answer))
    else:
        _print_answer(answer, sql_only=sql_only, with_hint=with_hint)
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


def _print_answer(answer: Answer, *, sql_only: bool, with_hint: bool) -> None:
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
    elif with_hint and answer.sql_query is not None and answer.chat_message_id is not None:
        execution = f" --execution {answer.execution_id}" if answer.execution_id else ""
        print_note(
            f'to rate it: text2everything feedback add {answer.chat_message_id} "why" --good{execution}', wrap=False
        )
