"""`DatabaseUrl`: a database, given as the path of a file or as a URL of SQLAlchemy; no message shows its secrets."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote_plus

import attrs

from text2everything._runtime.duckdb_files import data_files
from text2everything._schema.files import FILE_TYPES, duckdb_statements, file_type
from text2everything._secret import secret
from text2everything.exceptions import ConnectionError, ValidationError  # noqa: A004  # the published name
from text2everything.models._checks import check_text

if TYPE_CHECKING:
    import sqlalchemy as sa

T = TypeVar("T")

CONNECT_SECONDS: Final = 10


@attrs.frozen
class Kind:
    """What there is to know of a type of database.

    Attributes:
        db_type: Its name in connectors.
        driver: The dialect and driver for SQLAlchemy, where the URL names no driver.
        module: The module of that driver.
        packages: The packages to install for it.
        arguments: Arguments of that driver's `connect`.
        read_only: A statement that makes a session refuse what writes.
        config: The parameters of a URL that a connector can have in its `config`.
    """

    db_type: str
    driver: str
    module: str
    packages: str
    arguments: Mapping[str, Any] = attrs.field(factory=dict)
    read_only: str | None = None
    config: tuple[str, ...] = ()


_POSTGRES = Kind(
    "postgres",
    "postgresql+psycopg",
    "psycopg",
    "'psycopg[binary]'",
    {"connect_timeout": CONNECT_SECONDS},
    "SET default_transaction_read_only = on",
    ("sslmode", "sslrootcert"),
)
_MYSQL = Kind(
    "mysql",
    "mysql+pymysql",
    "pymysql",
    "pymysql",
    {"connect_timeout": CONNECT_SECONDS, "charset": "utf8mb4"},
    "SET SESSION TRANSACTION READ ONLY",
    ("ssl_ca",),
)
KINDS: Final = {
    "sqlite": Kind("sqlite", "sqlite+pysqlite", "sqlite3", "python", read_only="PRAGMA query_only = ON"),
    "duckdb": Kind("duckdb", "duckdb", "duckdb_engine", "duckdb duckdb-engine"),
    "postgresql": _POSTGRES,
    "postgres": _POSTGRES,  # as others write it
    "mysql": _MYSQL,
    "mariadb": attrs.evolve(_MYSQL, db_type="mariadb", driver="mariadb+pymysql"),
    "mssql": Kind("sqlserver", "mssql+pymssql", "pymssql", "pymssql", {"login_timeout": CONNECT_SECONDS}),
    "snowflake": Kind(
        "snowflake",
        "snowflake",
        "snowflake.sqlalchemy",
        "snowflake-sqlalchemy",
        {"login_timeout": CONNECT_SECONDS},
        config=("warehouse", "role"),
    ),
}
"""The types of databases, by the dialect in a URL."""

# Of a host; what else stands there is a part of a password that is not percent-encoded.
_HOST: Final = re.compile(r"[\w.\-:%\[\]]*")
_SECRET_PARAMETER: Final = re.compile(r"passw|passphrase|pwd|secret|token|credential|private_?key")


@attrs.frozen(repr=False)
class DatabaseUrl:
    """A database that can be read.

    Attributes:
        kind: Its type.
        url: Its URL, with SQLAlchemy's driver.
        path: The file or folder; None if it is on a server.
    """

    kind: Kind
    url: sa.URL
    path: Path | None = None

    @classmethod
    def parse(cls, value: object) -> DatabaseUrl:
        """Return the database at a path or URL.

        Raises:
            ValidationError: The value is neither, or there is no such file.
            ImportError: SQLAlchemy is not installed.
        """
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        value = secret(value)  # hidden in tracebacks that show local variables
        if not isinstance(value, str):
            hint = ": give url.render_as_string(hide_password=False)" if type(value).__name__ == "URL" else ""
            raise ValidationError(f"url must be a path or a URL, got {type(value).__name__}{hint}")
        check_text("url", value)
        sa = import_sqlalchemy()
        if "://" not in value:
            if "@" in value and not _path(value).exists():  # perhaps with a password: it is not repeated
                raise ValidationError("url is no file, and not dialect://user:password@host:port/database")
            return _of_file(sa, value, None)
        url = _make_url(sa, value)
        if isinstance(url, str):
            raise ValidationError(url)
        dialect, _, driver = url.drivername.partition("+")
        if dialect not in KINDS:
            known = ", ".join(dict.fromkeys(KINDS))
            raise ValidationError(f"url must be of one of {known}, got {dialect!r}, or the path of a file")
        kind = KINDS[dialect]
        if kind.db_type in FILE_TYPES:
            return _of_file(sa, url.database or "", kind)
        return cls(kind, url if driver else url.set(drivername=kind.driver))

    @property
    def name(self) -> str:
        """A short name: of the file without its suffix, or of the database."""
        return self.path.stem if self.path else self.url.database or self.url.host or self.kind.db_type

    def __str__(self) -> str:
        if self.path is not None:
            return str(self.path)
        return self.url.render_as_string(hide_password=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def read(self, action: Callable[[sa.Connection], T]) -> T:
        """Return what `action` returns for a connection that only reads.

        Raises:
            ImportError: The driver is not installed.
            ConnectionError: The database cannot be reached or read.
        """
        sa = import_sqlalchemy()
        engine = self._engine(sa)
        try:
            connection = engine.connect()
        except Exception as error:  # noqa: BLE001  # whatever the driver raises, it may show the password
            failure = self._reason(getattr(error, "orig", None) or error)
        else:
            try:
                with connection:
                    if self.kind.read_only is not None:
                        connection.exec_driver_sql(self.kind.read_only)
                    if self.path is not None and self.kind.db_type == "duckdb":
                        for statement in duckdb_statements(self.path):
                            connection.exec_driver_sql(statement)
                    return action(connection)
            except sa.exc.SQLAlchemyError as error:
                failure = self._reason(getattr(error, "orig", None) or error)
        finally:
            engine.dispose()
        raise ConnectionError(f"cannot read {self}: {failure}")  # here it has no context, whose frames hold the URL

    def connector(self) -> dict[str, Any]:
        """Return the arguments of `connectors.create`, without a name.

        Raises:
            ValidationError: The URL lacks what a connector needs, or has what none can have.
        """
        if self.path is not None:
            return {"db_type": self.kind.db_type, "database": str(self.path)}
        url = self.url
        missing = [name for name in ("host", "username", "database") if not getattr(url, name)]
        if missing:
            raise ValidationError(f"url lacks the {' and the '.join(missing)}, which a connector needs")
        unknown = [name for name in url.query if name not in self.kind.config]
        if unknown:
            raise ValidationError(f"url: a connector to {self.kind.db_type} cannot have {', '.join(unknown)}")
        database, _, schema = (
            str(url.database).partition("/") if self.kind.db_type == "snowflake" else (url.database, "", "")
        )
        config = {**url.query, **({"schema": schema} if schema else {})}
        return {
            "db_type": self.kind.db_type,
            "host": url.host,
            "port": url.port,
            "username": url.username,
            "password": secret(url.password),
            "database": database,
            "config": config or None,
        }

    def _engine(self, sa: Any) -> Any:
        arguments: dict[str, Any] = {}
        url = self.url
        if url.drivername == self.kind.driver:
            try:
                importlib.import_module(self.kind.module)
            except ImportError:
                raise ImportError(
                    f"the driver for {self.kind.db_type} is not installed: pip install {self.kind.packages}"
                ) from None
            arguments = {name: value for name, value in self.kind.arguments.items() if name not in url.query}
            if self.kind.module == "pymysql" and url.password:
                # As bytes, for it sends text in Latin-1.
                arguments["password"] = url.password.encode()
                url = url.set(password="")
        # Statements by themselves, so that one that fails takes no other with it.
        options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}
        if self.kind.db_type == "duckdb":
            arguments["read_only"] = url.database != ":memory:"
            options = {}  # its dialect does not know how
        driver = url.get_driver_name()
        try:
            engine = sa.create_engine(url, poolclass=sa.pool.NullPool, connect_args=arguments, **options)
        except (ImportError, sa.exc.NoSuchModuleError):
            raise ValidationError(
                f"url names the driver {driver}, which is not installed: leave +{driver} out"
            ) from None
        if engine.dialect.is_async:
            raise ValidationError(f"url names the asynchronous driver {driver}: leave +{driver} out")
        return engine

    def _reason(self, error: BaseException) -> str:
        """Return what an error says, in one line, unless a secret is in it."""
        text = " ".join(str(error).split()) or type(error).__name__
        password = str(self.url.password or "")
        squeezed = _squeeze(password)
        if password and (
            password in text or (squeezed and any(squeezed in _squeeze(form) for form in (text, unquote_plus(text))))
        ):
            return f"{type(error).__name__}, whose message has the password in it"
        return text


def import_sqlalchemy() -> Any:
    """Return SQLAlchemy.

    Raises:
        ImportError: It is not installed.
    """
    try:
        import sqlalchemy  # noqa: PLC0415  # an extra
    except ImportError:
        raise ImportError("reading a database needs SQLAlchemy: pip install sqlalchemy") from None
    return sqlalchemy


def _make_url(sa: Any, text: str) -> Any:
    """Return the URL of a text, or what is wrong with it: here, so that no frame of the error holds a secret."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):  # their messages may hold a part of the password
        return (
            "url cannot be read: it must look like dialect://user:password@host:port/database, where special "
            "characters of the password are percent-encoded"
        )
    secrets = [name for name in url.query if _SECRET_PARAMETER.search(name.lower())]
    if secrets:
        return f"url must have the password before the @, and no secret in its parameters: {', '.join(secrets)}"
    if not _HOST.fullmatch(url.host or ""):
        return "url: special characters of the password, such as @ and /, must be percent-encoded"
    return url


def _path(name: str) -> Path:
    if "\0" in name:
        raise ValidationError("url has a NUL character, which no file's name can have")
    try:
        return Path(name).expanduser().absolute()
    except RuntimeError:
        raise ValidationError("url begins with the name of a user that is not known here") from None


def _of_file(sa: Any, name: str, kind: Kind | None) -> DatabaseUrl:
    """Return the database in a file, or the folder of data files."""
    if name in {"", ":memory:"}:
        raise ValidationError("url names no file; a database in memory has nothing to read")
    path = _path(name)
    db_type = file_type(path)
    if kind is not None and kind.db_type != db_type:
        raise ValidationError(f"url is of {kind.db_type}, but the file is of {db_type}: {path}")
    kind = KINDS[db_type]
    if db_type == "sqlite":
        url = sa.URL.create(kind.driver, database=path.as_uri(), query={"mode": "ro", "uri": "true"})
    else:
        url = sa.URL.create(kind.driver, database=":memory:" if data_files(path) else str(path))
    return DatabaseUrl(kind, url, path)


def _squeeze(text: str) -> str:
    """Return a text without what quoting and escaping add or change."""
    return "".join(filter(str.isalnum, text.casefold()))
