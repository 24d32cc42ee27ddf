"""`text2everything feedback upload|export`: ratings from and to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from text2everything.cli._exit_status import CommandError, PartialFailureError
from text2everything.cli._feedback_items import confirm
from text2everything.cli._options import json_option, project_option, with_client
from text2everything.cli._terminal_text import pluralize

if TYPE_CHECKING:
    from text2everything import Text2EverythingClient
    from text2everything._tabular.upload_result import UploadFailure, UploadResult

MAX_FAILURES: Final = 20


def _parse_columns(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, str] | None:
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
    callback=_parse_columns,
    help="The column of the file with a field, such as feedback=Comment; may be repeated.",
)


@click.command(
    short_help="Upload ratings from a file.",
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
    help="Record the progress in this file: the same command, run again after a stop, uploads only the other rows.",
)
@click.option(
    "--on-error",
    type=click.Choice(["raise", "collect", "stop"]),
    metavar="HOW",
    default="raise",
    show_default=True,
    help="What to do if a line or row fails: see above.",
)
@click.option(
    "--max-concurrency",
    type=click.IntRange(1),
    metavar="N",
    help="The most requests at the same time.  [default: 96]",
)
@json_option
@with_client
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
    """Upload ratings from FILE: .csv, .jsonl, .ndjson or .parquet.

    Its columns are chat_message_id, feedback, is_positive (true/false, yes/no, 1/0, good/bad) and execution_id; the
    last two are optional. All lines are checked before the first request.

    \b
    If a line is invalid, or the service refuses a row:
      --on-error raise    if a line is invalid, nothing is uploaded; if a
                          row is refused, the other rows are uploaded
      --on-error collect  all other rows are uploaded
      --on-error stop     the upload stops there

    Exit status 3 means that some rows were uploaded and some were not.
    """  # noqa: D301 - \b is for click
    from text2everything import BulkError  # noqa: PLC0415 - not needed for --help
    from text2everything.cli._output import print_note  # noqa: PLC0415 - not needed for --help

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
        _print_result(error.result, as_json=as_json)
        raise (PartialFailureError if error.result.created else CommandError)(str(error)) from None
    except KeyboardInterrupt:
        if journal is not None:
            print_note(f"the progress is in {journal}: the same command goes on from there")
        else:
            print_note("next time, --journal FILE lets the same command go on from where it stopped")
        raise
    _print_result(result, as_json=as_json)
    if not result.ok:
        raise (PartialFailureError if result.created else CommandError)(f"{pluralize(result.failed, 'row')} failed")


def _print_result(result: UploadResult, *, as_json: bool) -> None:
    """Print the result of an upload."""
    from text2everything.cli._output import print_json, print_note  # noqa: PLC0415 - not needed for --help

    if as_json:
        failures = [{"line": failure.line, "error": _error_message(failure)} for failure in result.failures]
        counts = {name: getattr(result, name) for name in ("created", "resumed", "failed", "complete")}
        print_json({**counts, "failures": failures})
        return
    by_earlier_run = f", {result.resumed:,} of them by an earlier run" if result.resumed else ""
    click.echo(f"{result.created:,} uploaded{by_earlier_run}")
    for failure in result.failures[:MAX_FAILURES]:
        print_note(f"line {failure.line}: {_error_message(failure)}")
    if result.failed > MAX_FAILURES:
        print_note(f"... and {result.failed - MAX_FAILURES:,} more; --json has the first {len(result.failures):,}")


def _error_message(failure: UploadFailure) -> str:
    return failure.error.message.removeprefix(f"line {failure.line}: ")


@click.command(
    short_help="Export ratings to a file.",
    epilog="""\b
Examples:
  text2everything feedback export ratings.csv
  text2everything feedback export ratings.parquet --search "wrong year" --yes
""",
)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@project_option
@click.option("--search", metavar="TEXT", help="Only ratings whose text contains this.")
@column_option
@click.option("--yes", is_flag=True, help="Replace an existing FILE without asking.")
@json_option
@with_client
def export(
    client: Text2EverythingClient,
    path: Path,
    project: str,
    search: str | None,
    columns: dict[str, str] | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Export ratings to FILE: .csv, .jsonl, .ndjson or .parquet.

    FILE is created when the export is complete. It can be uploaded again.
    """
    from text2everything.cli._output import print_json  # noqa: PLC0415 - not needed for --help

    if path.exists():
        confirm(f"Replace {path}?", yes=yes)
    count = client.feedback.export(project, path, columns=columns, search=search, progress=True)
    if as_json:
        print_json({"path": str(path), "count": count})
    else:
        click.echo(f"{pluralize(count, 'rating')} written to {path}")
