"""`text2everything feedback upload|export|stats`: ratings in volume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from text2everything.cli._connection import connected, json_option, project_option
from text2everything.cli._errors import Failure, Partial
from text2everything.cli._feedback_items import confirm
from text2everything.cli._text import many

if TYPE_CHECKING:
    from text2everything import Text2EverythingClient
    from text2everything._tabular.upload_result import UploadFailure, UploadResult

MOST_FAILURES: Final = 20


def _columns(context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str] | None:
    columns = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise click.BadParameter(f"{pair!r} is not FIELD=COLUMN", context, parameter)
        columns[field] = column
    return columns or None


column_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    callback=_columns,
    help="What the file calls a field, such as feedback=Comment; may be repeated.",
)


@click.command(
    short_help="Rate answers by the rows of a file.",
    epilog="""\b
Examples:
  text2everything feedback upload ratings.csv --journal ratings.journal
  text2everything feedback upload survey.jsonl \\
    --column feedback=Comment --column is_positive=Happy
""",
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@project_option
@column_option
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Remember there what is done: run again after whatever stopped it, every row is uploaded exactly once.",
)
@click.option(
    "--on-error",
    type=click.Choice(["raise", "collect", "stop"]),
    metavar="HOW",
    default="raise",
    show_default=True,
    help="What a failure leads to: see above.",
)
@click.option(
    "--max-concurrency", type=click.IntRange(1), metavar="N", help="Requests at once, at most.  [default: 64]"
)
@json_option
@connected
def upload(
    client: Text2EverythingClient,
    path: Path,
    project: str,
    columns: dict[str, str] | None,
    journal: Path | None,
    on_error: Literal["raise", "collect", "stop"],
    max_concurrency: int | None,
    as_json: bool,
) -> None:
    """Rate answers by the rows of FILE: .csv, .jsonl, .ndjson or .parquet.

    Its columns are chat_message_id, feedback, is_positive (true/false, yes/no, 1/0, good/bad) and execution_id; the
    last two may be left out. All lines are checked first.

    \b
    A line that is wrong, or a row that the service refuses:
      --on-error raise    nothing is sent if a line is wrong; if a row is
                          refused, the others are uploaded all the same
      --on-error collect  all that is right is uploaded
      --on-error stop     nothing more is sent after the first

    Exit status 3 means that some rows are uploaded and some are not.
    """  # noqa: D301 - click wants the \b itself
    from text2everything import BulkError  # noqa: PLC0415 - not for --help
    from text2everything.cli._output import note  # noqa: PLC0415 - not for --help

    try:
        result = client.feedback.upload(
            project,
            path,
            columns=columns,
            max_concurrency=max_concurrency,
            on_error=on_error,
            progress=True,
            journal=journal,
        )
    except BulkError as error:
        _report(error.result, as_json=as_json)
        raise (Partial if error.result.created else Failure)(str(error)) from None
    except KeyboardInterrupt:
        if journal is not None:
            note(f"what is done is in {journal}: the same command goes on from there")
        else:
            note("next time, --journal FILE lets the same command go on from where it stopped")
        raise
    _report(result, as_json=as_json)
    if not result.ok:
        raise (Partial if result.created else Failure)(f"{many(result.failed, 'row')} failed")


def _report(result: UploadResult, *, as_json: bool) -> None:
    """Print what came of an upload."""
    from text2everything.cli._output import note, print_json  # noqa: PLC0415 - not for --help

    if as_json:
        failures = [{"line": failure.line, "error": _reason(failure)} for failure in result.failures]
        counts = {name: getattr(result, name) for name in ("created", "resumed", "failed", "complete")}
        print_json({**counts, "failures": failures})
        return
    earlier = f", {result.resumed:,} of them by an earlier run" if result.resumed else ""
    click.echo(f"{result.created:,} uploaded{earlier}")
    for failure in result.failures[:MOST_FAILURES]:
        note(f"line {failure.line}: {_reason(failure)}")
    if result.failed > MOST_FAILURES:
        note(f"... and {result.failed - MOST_FAILURES:,} more; --json has the first {len(result.failures):,}")


def _reason(failure: UploadFailure) -> str:
    return failure.error.message.removeprefix(f"line {failure.line}: ")


@click.command(
    short_help="Write ratings to a file.",
    epilog="""\b
Examples:
  text2everything feedback export ratings.csv
  text2everything feedback export ratings.parquet --search "wrong year" --yes
""",
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@project_option
@click.option("--search", metavar="TEXT", help="Only those whose text contains this.")
@column_option
@click.option("--yes", is_flag=True, help="Replace FILE without asking.")
@json_option
@connected
def export(
    client: Text2EverythingClient,
    path: Path,
    project: str,
    search: str | None,
    columns: dict[str, str] | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Write all ratings to FILE: .csv, .jsonl, .ndjson or .parquet.

    FILE appears when it is complete, and can be uploaded again.
    """
    from text2everything.cli._output import print_json  # noqa: PLC0415 - not for --help

    if path.exists():
        confirm(f"Replace {path}?", yes=yes)
    count = client.feedback.export(project, path, columns=columns, search=search, progress=True)
    if as_json:
        print_json({"path": str(path), "count": count})
    else:
        click.echo(f"{many(count, 'rating')} written to {path}")
