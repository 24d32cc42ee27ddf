"""`LocalService`: the service in a thread of its own, from start to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypedDict

import attrs
from aiohttp import web

from text2everything.local._databases import Runner
from text2everything.local._errors import LocalServiceError
from text2everything.local._files import Files
from text2everything.local._seeding import Demo, Seeder
from text2everything.local._state import State
from text2everything.local._store import Store
from text2everything.local._tables import CHAT_SESSIONS, CONNECTORS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiohttp.typedefs import Middleware

    from text2everything.local._databases import Limits
    from text2everything.local.engine import Engine

_BACKLOG = 1024
# How long requests under way may still take when the service stops.
_GRACE_SECONDS = 0.25
_STOP_SECONDS = 10.0
_MOST_PORTS = 65_535


# Sockets that listen, which a forked child must not keep open: the port would stay taken, and nobody answer.
_listeners: weakref.WeakSet[socket.socket] = weakref.WeakSet()


def _close_listeners() -> None:
    for listener in list(_listeners):
        listener.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_listeners)


class ClientSettings(TypedDict):
    """The arguments that a client of a service is made with."""

    base_url: str
    access_token: str
    workspace_name: str


class LocalService:
    """Text2Everything on this machine: the same calls, kept in SQLite, for one workspace and one token.

    It runs in a daemon thread; a script that never stops it exits all the same. Stopped, it can be started again.

    Args:
        data_dir: Where everything is kept, made if it is missing. None: in memory, gone when it stops.
        demo: Whether to have a demo project, with a small shop database to ask about.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        access_token: What requests must carry; None makes a random one, which a data_dir keeps.
        workspace_name: The one workspace there is.
        engine: Turns questions into SQL; by default by rules.
        limits: How much one SQL statement may take; by default 30 s and 10,000 rows.
        middlewares: aiohttp middlewares around the service's own, for delays and faults in tests.

    Raises:
        ValueError: An argument cannot be right.
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
        self._with_demo = demo
        self._host = host
        self._port = port
        self._token = access_token
        self.workspace_name = workspace_name
        self._engine = engine
        self._limits = limits
        self._middlewares = tuple(middlewares)
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._finalizer: weakref.finalize[..., LocalService] | None = None

    @property
    def base_url(self) -> str:
        """Where the started service is reached."""
        return self._started().state.base_url

    @property
    def access_token(self) -> str:
        """What requests to the started service must carry."""
        return self._started().state.access_token

    @property
    def settings(self) -> ClientSettings:
        """What a client of the started service is made with: its three arguments."""
        state = self._started().state
        return {
            "base_url": state.base_url,
            "access_token": state.access_token,
            "workspace_name": self.workspace_name,
        }

    @property
    def demo(self) -> Demo | None:
        """Where the demo is; None without one."""
        return self._started().demo

    def start(self) -> Self:
        """Start, and return once requests are accepted; a started service is left as it is.

        Raises:
            LocalServiceError: The data_dir cannot be used, the host and port cannot be listened on, or a package
                is missing; the message says which.
        """
        with self._lock:
            if self._running is None:
                self._running = self._start()
                # Also runs when the interpreter exits, or the service is forgotten without being stopped.
                self._finalizer = weakref.finalize(self, self._running.stop)
        return self

    def stop(self) -> None:
        """Stop: requests under way are cancelled, connections closed, temporary files removed. Safe to repeat."""
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

    def _started(self) -> _Running:
        if self._running is None:
            raise LocalServiceError("the service is not started: call start(), or use it in a with statement")
        return self._running

    def _start(self) -> _Running:
        create_app = _import_app()
        with contextlib.ExitStack() as stack:
            directory = self._directory(stack)
            store = Store(directory / "service.sqlite3" if self._data_dir else None)
            stack.callback(store.close)
            files = Files(directory / "files")
            files.keep_only({row[0] for row in store.all("SELECT id FROM custom_tool_documents")})
            demo = _find_or_make_demo(store, directory / "demo") if self._with_demo else None
            listener = _listen(self._host, self._port)
            stack.callback(listener.close)
            _listeners.add(listener)
            state = State(
                store=store,
                files=files,
                runner=Runner(self._limits),
                engine=self._engine or _default_engine(),
                access_token=self._token or _kept_token(store),
                workspace_name=self.workspace_name,
                base_url=_url(self._host, listener.getsockname()[1]),
            )
            running = _Running(state, demo, listener, create_app(state, middlewares=self._middlewares))
            running.start()
            running.resources = stack.pop_all()
            return running

    def _directory(self, stack: contextlib.ExitStack) -> Path:
        if self._data_dir is None:
            # Not TemporaryDirectory: in a forked child, that would remove the parent's at exit.
            directory = Path(tempfile.mkdtemp(prefix="text2everything-"))
            stack.callback(shutil.rmtree, directory, ignore_errors=True)
            return directory
        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LocalServiceError(f"data_dir: cannot make {self._data_dir}: {error.strerror}") from None
        return self._data_dir


class _Running:
    """A started service: its thread, and what is to be released when it stops."""

    def __init__(self, state: State, demo: Demo | None, listener: socket.socket, app: web.Application) -> None:
        self.state = state
        self.demo = demo
        self.resources = contextlib.ExitStack()
        self._listener = listener
        self._app = app
        self._pid = os.getpid()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="text2everything-local", daemon=True)

    def start(self) -> None:
        """Start the thread, and wait until it accepts requests."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise LocalServiceError(f"the service could not start: {self._failure}") from self._failure

    def stop(self) -> None:
        """Stop the thread and release everything."""
        if os.getpid() != self._pid:
            return  # a forked child has neither the thread nor a right to the files
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stopping.set)
        if threading.current_thread() is not self._thread:
            self._thread.join(_STOP_SECONDS)
        self.resources.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised again by start()
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        # With cancellation, a caller that goes away stops its query in the database.
        runner = web.AppRunner(self._app, handler_cancellation=True, shutdown_timeout=_GRACE_SECONDS, access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, self._listener, backlog=_BACKLOG).start()
            self._ready.set()
            await self._stopping.wait()
            # First no more connections, then what was accepted this moment gets known to the runner, which closes
            # all. In one step, the event loop would drop such a connection without closing it.
            with contextlib.suppress(NotImplementedError):  # Windows has no readers
                self._loop.remove_reader(self._listener)
            await _turns()
        finally:
            await runner.cleanup()
            await _turns()


async def _turns() -> None:
    """Let the loop do what is scheduled already, and what follows from it at once."""
    for _ in range(5):
        await asyncio.sleep(0)


def _check_arguments(
    data_dir: object, host: object, port: object, access_token: object, workspace_name: object
) -> None:
    if data_dir is not None and not (isinstance(data_dir, str | os.PathLike) and str(data_dir).strip()):
        raise ValueError(f"data_dir must be a path or None, got {data_dir!r}")
    if not isinstance(host, str) or not host.strip():
        raise ValueError(f"host must be a host name or an address, got {host!r}")
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= _MOST_PORTS:
        raise ValueError(f"port must be a number from 0 to {_MOST_PORTS}, got {port!r}")
    if access_token is not None and not (
        isinstance(access_token, str)
        and access_token.isascii()
        and access_token.isprintable()
        and access_token
        and " " not in access_token
    ):
        raise ValueError("access_token must be None or printable ASCII without spaces")
    if not isinstance(workspace_name, str) or not _is_workspace(workspace_name):
        raise ValueError(f"workspace_name must be 'workspaces/<name>', got {workspace_name!r}")


def _is_workspace(name: str) -> bool:
    prefix, _, rest = name.partition("/")
    return prefix == "workspaces" and bool(rest.strip()) and name.isascii() and name.isprintable()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise LocalServiceError(f"host: cannot resolve {host!r}: {error}") from None
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            # A port whose last connections are still closing is free; elsewhere this would share a used one.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise LocalServiceError(f"port: cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


def _url(host: str, port: int) -> str:
    """Return where to reach a service from this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound to
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _kept_token(store: Store) -> str:
    """Return the token a store has, made for it the first time."""
    token = store.setting("access_token")
    if token is None:
        token = secrets.token_urlsafe(24)
        store.keep_setting("access_token", token)
    return token


def _import_app() -> Callable[..., web.Application]:
    try:
        from text2everything.local._app import create_app  # noqa: PLC0415 - needs the engine, and that an extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlglot":
            raise
        raise LocalServiceError("the embedded service needs sqlglot: pip install 'text2everything[local]'") from None
    return create_app


def _default_engine() -> Engine:
    from text2everything.local.engine import RuleEngine  # noqa: PLC0415 - only needed without an engine given

    return RuleEngine()


def _find_or_make_demo(store: Store, directory: Path) -> Demo:
    """Return the demo a store has, or else fill in a new one."""
    kept = store.setting("demo")
    if kept is not None:
        values = json.loads(kept)
        demo = Demo(**values)
        if _is_complete(store, demo) and directory.exists():
            _move_database(store, demo, directory)
            return demo
    from text2everything.local import _demo as demo_module  # noqa: PLC0415 - only needed for a new demo

    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with store.transaction():
        made = demo_module.seed(Seeder(store), directory)
        demo = Demo(made.project_id, made.connector_id, made.chat_session_id)
        store.keep_setting("demo", json.dumps(attrs.asdict(demo)))
    return demo


def _is_complete(store: Store, demo: Demo) -> bool:
    return (
        store.has(PROJECTS, None, demo.project_id)
        and store.has(CONNECTORS, demo.project_id, demo.connector_id)
        and store.has(CHAT_SESSIONS, demo.project_id, demo.chat_session_id)
    )


def _move_database(store: Store, demo: Demo, directory: Path) -> None:
    """Let the demo's connector follow its database when the data_dir was moved."""
    connector = store.get(CONNECTORS, demo.project_id, demo.connector_id) or {}
    here = directory / Path(connector["database"]).name
    if str(here) != connector["database"] and here.exists():
        store.update(CONNECTORS, demo.project_id, demo.connector_id, {"database": str(here)})
