"""`text2everything serve`: the embedded service, until it is told to stop."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import shlex
import signal
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from text2everything.cli._connection import read_token, token_option
from text2everything.cli._errors import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from text2everything.local import LocalService


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    default=8000,
    show_default=True,
    help="Port; 0 takes a free one.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory to keep everything in. Without it, all is in memory and gone at the end.",
)
@click.option("--demo", is_flag=True, help="Have a demo project, with a small shop database to ask about.")
@token_option(
    "Requests must carry the token in there; - is stdin.  [default: a random one, kept in the data directory]"
)
@click.option("--workspace", default="workspaces/local", show_default=True, help="Name of the one workspace.")
@click.option("--json", "as_json", is_flag=True, help="Print how to connect as one line of JSON.")
def serve(
    host: str,
    port: int,
    data_dir: Path | None,
    demo: bool,
    access_token_file: IO[str] | None,
    workspace: str,
    as_json: bool,
) -> None:
    """Run Text2Everything on this machine, without an account.

    Everything speaks the hosted service's wire: projects, schema metadata, chat, SQL executions, feedback and the
    execution cache, over SQLite. Stop it with Ctrl-C.
    """
    from text2everything.local import LocalService, LocalServiceError  # noqa: PLC0415 - slow, and not for --help

    if not _is_loopback(host):
        click.echo(f"warning: {host} can be reached from other machines; the token is all that guards it", err=True)
    with _stop_signals() as stopping:
        try:
            token = None if access_token_file is None else read_token(access_token_file)
            service = LocalService(data_dir, demo, host, port, token, workspace)
            service.start()
        except (LocalServiceError, ValueError) as error:
            raise Failure(str(error)) from None
        with service:
            click.echo(json.dumps(_facts(service)) if as_json else _summary(service, data_dir))
            # In turns: not everywhere does a signal wake a thread that waits for a lock.
            while not stopping.wait(0.5):
                pass
    if not as_json:
        click.echo("stopped")


@contextlib.contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """Give an event that is set when the process is asked to stop, however early or often."""
    stopping = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stopping.set()) for number in numbers]
    try:
        yield stopping
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _facts(service: LocalService) -> dict[str, Any]:
    facts = {
        "base_url": service.base_url,
        "access_token": service.access_token,
        "workspace_name": service.workspace_name,
    }
    if (demo := service.demo) is not None:
        facts |= {
            "project_id": demo.project_id,
            "connector_id": demo.connector_id,
            "chat_session_id": demo.chat_session_id,
        }
    return facts


def _summary(service: LocalService, data_dir: Path | None) -> str:
    lines = [
        f"Text2Everything is serving at {service.base_url}",
        "",
        f"  workspace   {service.workspace_name}",
        f"  data        {data_dir.absolute() if data_dir else 'in memory, gone when it stops'}",
    ]
    if (demo := service.demo) is not None:
        lines += [
            f"  project     {demo.project_id}",
            f"  connector   {demo.connector_id}",
            f"  session     {demo.chat_session_id}",
        ]
    lines += [
        "",
        "To connect, in another shell:",
        "",
        f"  export TEXT2EVERYTHING_BASE_URL={shlex.quote(service.base_url)}",
        f"  export T2E_ACCESS_TOKEN={shlex.quote(service.access_token)}",
        f"  export T2E_WORKSPACE_NAME={shlex.quote(service.workspace_name)}",
    ]
    if demo is not None:
        lines += [
            f"  export T2E_PROJECT_ID={demo.project_id}",
            f"  export T2E_CONNECTOR_ID={demo.connector_id}",
            '  text2everything ask "Top 5 products by price"',
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
