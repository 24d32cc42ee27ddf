"""`text2everything serve`: run the embedded service until it is stopped."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import shlex
import signal
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import attrs
import click

from text2everything.cli._database import Database, DatabaseProject, database_option, set_up
from text2everything.cli._exit_status import CommandError
from text2everything.cli._token import read_token, token_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from text2everything.local import Demo, LocalService, ModelEngine

# The names in error messages of the engine, and what to write instead of them here.
_MODEL_HINTS: Final = {
    "model must": "--llm-model must",
    "base_url must": "--llm-url must",
    "timeout must": "--llm-timeout must",
    "api_key must be given, or T2E_LLM_API_KEY or": "give --llm-url, or set T2E_LLM_API_KEY or",
    "be set, for OpenAI": "for OpenAI",
    "the key is api_key": "the key is T2E_LLM_API_KEY",
}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    default=8000,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="The directory for everything that is stored.  [default: in memory, lost when it stops]",
)
@click.option("--demo", is_flag=True, help="Create a demo project, with a small shop database to ask about.")
@database_option("Create a project to ask about this database: a file, or a URL of SQLAlchemy; see ask --help.")
@token_option(
    "A file with the token that requests must carry; - is stdin.  [default: a random one, kept in the data directory]"
)
@click.option("--workspace", default="workspaces/local", show_default=True, help="The name of the only workspace.")
@click.option(
    "--llm-model",
    metavar="NAME",
    help="Have this language model answer questions.  [key: env var T2E_LLM_API_KEY, or else OPENAI_API_KEY]",
)
@click.option(
    "--llm-url",
    metavar="URL",
    help="Where the model is: a URL that /chat/completions is added to.  [default: OPENAI_BASE_URL, or else OpenAI]",
)
@click.option(
    "--llm-timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="How long a question waits for the model.  [default: 60]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the settings to connect with as one line of JSON.")
def serve(
    host: str,
    port: int,
    data_dir: Path | None,
    demo: bool,
    database: str | None,
    values: bool,
    access_token_file: IO[str] | None,
    workspace: str,
    llm_model: str | None,
    llm_url: str | None,
    llm_timeout: float | None,
    as_json: bool,
) -> None:
    """Run Text2Everything on this machine, without an account.

    It has the API of the hosted service (projects, schema metadata, chat, SQL executions, feedback and the execution
    cache) over SQLite. Stop it with Ctrl-C.
    """
    from text2everything import Text2EverythingClient  # noqa: PLC0415 - not needed for --help
    from text2everything.local import LocalService, LocalServiceError  # noqa: PLC0415 - not needed for --help

    for option, value in (("--llm-url", llm_url), ("--llm-timeout", llm_timeout)):
        if value is not None and llm_model is None:
            raise click.UsageError(f"{option} needs --llm-model")
    if demo and database is not None:
        raise click.UsageError("give --demo or --database, not both")
    found = None if database is None else Database.parse(database)
    if not _is_loopback(host):
        click.echo(f"warning: {host} can be reached from other machines; only the token protects it", err=True)
    with _stop_event() as stopping:
        try:
            token = None if access_token_file is None else read_token(access_token_file)
            engine = None if llm_model is None else _model_engine(llm_model, llm_url, llm_timeout)
            service = LocalService(data_dir, demo, host, port, token, workspace, engine=engine)
            service.start()
        except (ImportError, LocalServiceError, ValueError) as error:
            raise CommandError(str(error)) from None
        with service:
            ids: Demo | DatabaseProject | None = service.demo if demo else None
            if found is not None:
                with Text2EverythingClient(**service.settings) as client:
                    ids = set_up(client, found, values=values)
            if as_json:
                click.echo(json.dumps({**service.settings, **({} if ids is None else attrs.asdict(ids))}))
            else:
                click.echo(_startup_message(service, ids, data_dir, llm_model))
            # With a timeout, because on Windows a signal does not interrupt a wait without one.
            while not stopping.wait(0.5):
                pass
    if not as_json:
        click.echo("stopped")


def _model_engine(model: str, url: str | None, timeout: float | None) -> ModelEngine:
    from text2everything.local import ModelEngine  # noqa: PLC0415 - not needed for --help

    try:
        return ModelEngine(model, base_url=url, timeout=60.0 if timeout is None else timeout)
    except ValueError as error:
        message = str(error)
        for name, hint in _MODEL_HINTS.items():
            message = message.replace(name, hint)
        raise click.UsageError(message) from None


@contextlib.contextmanager
def _stop_event() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set, from the start of the block to its end."""
    stopping = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = [signal.signal(number, lambda *_: stopping.set()) for number in numbers]
    try:
        yield stopping
    finally:
        for number, handler in zip(numbers, previous, strict=True):
            signal.signal(number, handler)


def _startup_message(
    service: LocalService, ids: Demo | DatabaseProject | None, data_dir: Path | None, model: str | None
) -> str:
    lines = [
        f"Text2Everything is serving at {service.base_url}",
        "",
        f"  workspace   {service.workspace_name}",
        f"  data        {data_dir.absolute() if data_dir else 'in memory, lost when the service stops'}",
    ]
    if model is not None:
        lines.append(f"  model       {model}")
    if ids is not None:
        names = {"project_id": "project", "connector_id": "connector", "chat_session_id": "session"}
        lines += [f"  {names[name]:<12}{value}" for name, value in attrs.asdict(ids).items()]
    lines += [
        "",
        "To connect, in another shell:",
        "",
        f"  export TEXT2EVERYTHING_BASE_URL={shlex.quote(service.base_url)}",
        f"  export T2E_ACCESS_TOKEN={shlex.quote(service.access_token)}",
        f"  export T2E_WORKSPACE_NAME={shlex.quote(service.workspace_name)}",
    ]
    if ids is not None:
        question = (
            "What tables are available in the database?"
            if isinstance(ids, DatabaseProject)
            else "Top 5 products by price"
        )
        lines += [
            f"  export T2E_PROJECT_ID={ids.project_id}",
            f"  export T2E_CONNECTOR_ID={ids.connector_id}",
            f'  text2everything ask "{question}"',
        ]
    lines += ["", "Stop with Ctrl-C."]
    return "\n".join(lines)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
