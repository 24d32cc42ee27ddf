"""Real database servers for the tests: PostgreSQL and MariaDB, from the system's packages, each in its own directory.

Where one is not installed its tests are skipped, unless the environment variable `T2E_TEST_SERVERS` is `required`.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

PASSWORD = "Sesam-öffne-dich-3141"  # of each account


@attrs.frozen
class Server:
    """A running server.

    Attributes:
        db_type: The type of its connectors.
        superuser: The account that may do everything.
        ordinary: An account that may read and write the tables of `database`, as most that people have.
        directory: Where its files are.
        process: The server's process.
    """

    db_type: str
    port: int
    database: str
    superuser: str
    ordinary: str
    directory: Path
    process: subprocess.Popen[bytes]
    host: str = "127.0.0.1"

    def connector(self, username: str | None = None) -> dict[str, Any]:
        """Return the body of a connector to this server."""
        return {
            "name": self.db_type,
            "db_type": self.db_type,
            "host": self.host,
            "port": self.port,
            "username": username or self.ordinary,
            "password": PASSWORD,
            "database": self.database,
        }

    def connect(self, username: str | None = None) -> Any:
        """Return a DB-API connection in autocommit mode."""
        user, common = username or self.superuser, {"host": self.host, "port": self.port, "autocommit": True}
        if self.db_type == "postgres":
            import psycopg

            return psycopg.connect(user=user, dbname=self.database, password=PASSWORD, **common)
        import pymysql

        # As bytes, for it would send text in Latin-1.
        return pymysql.connect(user=user, database=self.database, password=PASSWORD.encode(), **common)

    def run(self, *statements: str, username: str | None = None) -> list[Any]:
        """Run statements, and return the rows of the last."""
        with contextlib.closing(self.connect(username)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def find(name: str, *directories: str) -> Path:
    """Return a server's program; skip the test, or fail, if it is not there."""
    places = [path for pattern in directories for path in sorted(Path("/").glob(pattern), reverse=True)]
    found = shutil.which(name) or next((str(place / name) for place in places if (place / name).exists()), None)
    if found is None:
        message = f"needs the server program {name}"
        if os.environ.get("T2E_TEST_SERVERS") == "required":
            pytest.fail(message)
        pytest.skip(message)
    return Path(found)


def as_user(name: str, directory: Path) -> dict[str, Any]:
    """Return the arguments of `subprocess` for a server, which refuses to be root's."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(name)
    os.chown(directory, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def start(command: list[Any], directory: Path, **options: Any) -> subprocess.Popen[bytes]:
    with (directory / "log").open("wb") as log:
        return subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory, **options
        )


def wait_until_ready(server: Server, username: str) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            server.run("SELECT 1", username=username)
        except Exception:  # noqa: BLE001
            if server.process.poll() is not None or time.monotonic() > until:
                raise AssertionError((server.directory / "log").read_text(errors="replace")) from None
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def own_directory() -> Iterator[Path]:
    """Make a directory for a server; not one of pytest's, which only its own account may enter."""
    with tempfile.TemporaryDirectory(prefix="server-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """Run PostgreSQL."""
    with own_directory() as directory:
        program = find("postgres", "usr/lib/postgresql/*/bin").resolve()
        options = as_user("postgres", directory)
        (directory / "password").write_text(PASSWORD)
        (directory / "password").chmod(0o644)
        data = directory / "data"
        subprocess.run(
            [
                *(program.with_name("initdb"), "-D", data, "-U", "boss", "--pwfile", directory / "password"),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            cwd=directory,
            **options,
        )
        port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "fsync": "off", "unix_socket_directories": "", "timezone": "UTC"}
        command = [program, "-D", data, "-p", port, *(f"--{name}={value}" for name, value in settings.items())]
        process = start(command, directory, **options)
        server = Server("postgres", port, "postgres", "boss", "clerk", directory, process)
        try:
            wait_until_ready(server, "boss")
            server.run(
                f"CREATE ROLE clerk LOGIN PASSWORD '{PASSWORD}'",
                f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'",
                "GRANT ALL ON SCHEMA public TO clerk",
                "GRANT pg_read_all_data TO reader",
            )
            yield server
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()


@contextlib.contextmanager
def mariadb() -> Iterator[Server]:
    """Run MariaDB."""
    with own_directory() as directory:
        program = find("mariadbd", "usr/sbin", "usr/libexec")
        install = find("mariadb-install-db", "usr/bin")
        options = as_user("mysql", directory)
        data = directory / "data"
        subprocess.run(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            capture_output=True,
            cwd=directory,
            **options,
        )
        statements = [  # a line each
            "SET NAMES utf8mb4;",
            "DELETE FROM mysql.global_priv WHERE User = '';",
            "FLUSH PRIVILEGES;",
            "CREATE DATABASE shop CHARACTER SET utf8mb4;",
            f"CREATE USER boss@'%' IDENTIFIED BY '{PASSWORD}';",
            "GRANT ALL ON *.* TO boss@'%' WITH GRANT OPTION;",
            f"CREATE USER clerk@'%' IDENTIFIED BY '{PASSWORD}';",
            "GRANT ALL ON shop.* TO clerk@'%';",
            f"CREATE USER reader@'%' IDENTIFIED BY '{PASSWORD}';",
            "GRANT SELECT ON shop.* TO reader@'%';",
        ]
        (directory / "init.sql").write_text("\n".join(statements) + "\n")
        (directory / "init.sql").chmod(0o644)
        port = free_port()
        command = [
            *(program, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1"),
            *(f"--socket={directory}/s", f"--pid-file={directory}/pid", f"--init-file={directory}/init.sql"),
            *(
                "--innodb-flush-log-at-trx-commit=0",
                "--max-allowed-packet=1G",
                "--secure-file-priv=",
                "--skip-name-resolve",
            ),
            *(
                "--default-time-zone=+00:00",
                "--skip-log-bin",
                "--innodb-buffer-pool-size=64M",
                "--innodb-use-native-aio=0",
            ),
        ]
        process = start(command, directory, **options)
        server = Server("mariadb", port, "shop", "boss", "clerk", directory, process)
        try:
            wait_until_ready(server, "boss")
            yield server
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
