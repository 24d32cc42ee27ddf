"""`LocalService`: the embedded service, from start to stop."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypedDict

import attrs

from text2everything.local._app_state import AppState
from text2everything.local._databases._query_runner import QueryRunner
from text2everything.local._deletion import finish_deletions
from text2everything.local._demo import Demo, find_or_create_demo
from text2everything.local._errors import LocalServiceError
from text2everything.local._file_store import FileStore
from text2everything.local._private_files import make_private_directory
from text2everything.local._server import ServerThread, listen
from text2everything.local._store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiohttp import web
    from aiohttp.typedefs import Middleware

    from text2everything.local._limits import Limits
    from text2everything.local.engine import Engine

_MAX_PORT = 65_535


class ClientSettings(TypedDict):
    """The arguments of a client of the service."""

    base_url: str
    access_token: str
    workspace_name: str


class LocalService:
    """The Text2Everything service on this machine: the same API over SQLite, with one workspace and one token.

    It runs in a daemon thread, so a script that never stops it still exits. A stopped service can be started again.

    Args:
        data_dir: The directory for everything that is stored, created if it is missing. By default everything is in
            memory and lost when the service stops.
        demo: Whether to create a demo project, about a small shop with a database to ask about.
        host: The host name or address to listen on; by default only this machine can connect.
        port: The port to listen on; by default 0, which takes a free one.
        access_token: The bearer token that requests must carry. By default a random one is generated, once for
            each data_dir.
        workspace_name: The name of the only workspace, as `workspaces/<name>`.
        engine: Turns questions into SQL; by default `RuleEngine`, which uses rules and no language model;
            `ModelEngine` asks one.
        limits: How much one SQL statement may take; by default 30 seconds and 10,000 rows.
        middlewares: aiohttp middlewares around the service's own, the first one outermost; for delays and faults in
            tests.

    Raises:
        ValueError: An argument is invalid; the message names it.

    Example:
        >>> with LocalService(demo=True) as service:
        ...     client = Text2EverythingClient(**service.settings)
    """

    def __init__(
        self,
        data_dir: str | os.PathLike[str] | None = None,
        demo: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
        access_token: str | None = None,
        workspace_name: str = "workspaces/local",
        *,
        engine: Engine | None = None,
        limits: Limits | None = None,
        middlewares: Iterable[Middleware] = (),
    ) -> None:
        _check_arguments(data_dir, host, port, access_token, workspace_name)
        self._data_dir = None if data_dir is None else Path(data_dir).expanduser().absolute()
        self._has_demo = demo
        self._host = host
        self._port = port
        self._token = access_token
        self.workspace_name = workspace_name
        self._engine = engine
        self._limits = limits
        self._middlewares = tuple(middlewares)
        self._lock = threading.Lock()
        self._running: _RunningService | None = None
        self._finalizer: weakref.finalize[..., LocalService] | None = None

    @property
    def base_url(self) -> str:
        """The URL of the service.

        Raises:
            LocalServiceError: The service is not started.
        """
        return self._require_running().state.base_url

    @property
    def access_token(self) -> str:
        """The bearer token that requests must carry.

        Raises:
            LocalServiceError: The service is not started.
        """
        return self._require_running().state.access_token

    @property
    def settings(self) -> ClientSettings:
        """The arguments of a client: `base_url`, `access_token` and `workspace_name`.

        Raises:
            LocalServiceError: The service is not started.
        """
        state = self._require_running().state
        return {
            "base_url": state.base_url,
            "access_token": state.access_token,
            "workspace_name": self.workspace_name,
        }

    @property
    def demo(self) -> Demo:
        """The ids of the demo.

        Raises:
            LocalServiceError: The service is not started, or has no demo.
        """
        demo = self._require_running().demo
        if demo is None:
            raise LocalServiceError("the service has no demo: give demo=True")
        return demo

    def start(self) -> Self:
        """Start the service and return when it accepts requests; does nothing if it is started.

        Raises:
            LocalServiceError: The data_dir cannot be used, the service cannot listen on the host and port, or a
                package is missing; the message says which.

        Example:
            >>> service = LocalService(demo=True).start()
            >>> client = Text2EverythingClient(**service.settings)
        """
        with self._lock:
            if self._running is None:
                self._running = self._start()
                # Also stops the service at exit, and when the object is garbage-collected.
                self._finalizer = weakref.finalize(self, self._running.stop)
        return self

    def stop(self) -> None:
        """Stop the service: cancel running requests, close connections, delete temporary files; may be repeated.

        Example:
            >>> service = LocalService().start()
            >>> service.stop()
        """
        with self._lock:
            running, self._running = self._running, None
        if running is not None and self._finalizer is not None:
            self._finalizer()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        running = self._running
        where = running.state.base_url if running else "stopped"
        return f"<{type(self).__name__} {where} data_dir={str(self._data_dir) if self._data_dir else None!r}>"

    def _require_running(self) -> _RunningService:
        if self._running is None:
            raise LocalServiceError("the service is not started: call start(), or use it in a with statement")
        return self._running

    def _start(self) -> _RunningService:
        create_app = _import_app()
        with contextlib.ExitStack() as stack:
            directory = self._make_directory(stack)
            store = Store(directory / "service.sqlite3" if self._data_dir else None)
            stack.callback(store.close)
            files = FileStore(directory / "files")
            finish_deletions(store, files)
            files.delete_all_except({row[0] for row in store.fetch_all("SELECT id FROM custom_tool_documents")})
            demo = find_or_create_demo(store, directory / "demo") if self._has_demo else None
            listener = listen(self._host, self._port)
            stack.callback(listener.close)
            runner = QueryRunner(self._limits)
            stack.callback(runner.close)
            state = AppState(
                store=store,
                files=files,
                runner=runner,
                engine=self._engine or _default_engine(),
                access_token=self._token or _stored_token(store),
                workspace_name=self.workspace_name,
                base_url=_url(self._host, listener.getsockname()[1]),
            )
            server = ServerThread(create_app(state, middlewares=self._middlewares), listener)
            server.start()
            stack.callback(server.stop)
            return _RunningService(state, demo, stack.pop_all())

    def _make_directory(self, stack: contextlib.ExitStack) -> Path:
        if self._data_dir is None:
            # Not TemporaryDirectory, which a forked child would delete at its exit.
            directory = Path(tempfile.mkdtemp(prefix="text2everything-"))
            stack.callback(shutil.rmtree, directory, ignore_errors=True)
            return directory
        try:
            make_private_directory(self._data_dir)
        except OSError as error:
            raise LocalServiceError(f"data_dir: cannot make {self._data_dir}: {error.strerror}") from None
        return self._data_dir


@attrs.frozen(eq=False)
class _RunningService:
    """A started service, and the resources to release when it stops."""

    state: AppState
    demo: Demo | None
    resources: contextlib.ExitStack
    process_id: int = attrs.field(factory=os.getpid, init=False)

    def stop(self) -> None:
        """Stop the server and release everything; does nothing in a forked child, which has no server thread."""
        if os.getpid() == self.process_id:
            self.resources.close()


def _check_arguments(
    data_dir: object, host: object, port: object, access_token: object, workspace_name: object
) -> None:
    if data_dir is not None and not (isinstance(data_dir, str | os.PathLike) and str(data_dir).strip()):
        raise ValueError(f"data_dir must be a path or None, got {data_dir!r}")
    if not isinstance(host, str) or not host.strip():
        raise ValueError(f"host must be a host name or an address, got {host!r}")
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= _MAX_PORT:
        raise ValueError(f"port must be a number from 0 to {_MAX_PORT}, got {port!r}")
    if access_token is not None and not (
        isinstance(access_token, str)
        and access_token.isascii()
        and access_token.isprintable()
        and access_token
        and " " not in access_token
    ):
        raise ValueError("access_token must be None or printable ASCII without spaces")
    if not isinstance(workspace_name, str) or not _is_workspace_name(workspace_name):
        raise ValueError(f"workspace_name must be 'workspaces/<name>', got {workspace_name!r}")


def _is_workspace_name(name: str) -> bool:
    prefix, _, rest = name.partition("/")
    return prefix == "workspaces" and bool(rest.strip()) and name.isascii() and name.isprintable()


def _url(host: str, port: int) -> str:
    """Return the URL of the service for clients on this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound to
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _stored_token(store: Store) -> str:
    """Return the access token in the store, generated the first time."""
    token = store.get_setting("access_token")
    if token is None:
        token = secrets.token_urlsafe(24)
        store.set_setting("access_token", token)
    return token


def _import_app() -> Callable[..., web.Application]:
    missing = [name for name in ("sqlglot", "sqlalchemy") if not _is_installed(name)]
    if missing:
        raise LocalServiceError(f"the embedded service needs {' and '.join(missing)}: pip install sqlglot sqlalchemy")
    from text2everything.local._app import create_app  # noqa: PLC0415 - needs sqlglot, an extra

    return create_app


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # a program has put something else in its place
        return False


def _default_engine() -> Engine:
    from text2everything.local.engine import RuleEngine  # noqa: PLC0415 - not needed if an engine is given

    return RuleEngine()
