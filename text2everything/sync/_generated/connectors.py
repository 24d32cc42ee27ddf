# Generated from text2everything.resources.connectors by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ConnectorsResource`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812
from typing import Any

from text2everything._pagination.pager import PAGE_SIZE
from text2everything.models.base import UNSET, Unset
from text2everything.models.connectors import ConnectionTest, Connector
from text2everything.resources.connectors import AsyncConnectorsResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import Pager


class ConnectorsResource(BlockingResource[AsyncConnectorsResource]):
    """Connectors: how the service connects to databases. Passwords and keys are stored as secrets, never returned."""

    def create(
        self,
        project_id: str,
        name: str,
        db_type: str,
        host: str | None = None,
        username: str | None = None,
        database: str = "",
        password: str | None = None,
        password_secret_id: str | None = None,
        port: int | None = None,
        description: str | None = None,
        config: dict[str, Any] | None = None,
    ) -> Connector:
        """Create a connector.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            db_type: `snowflake`, `sqlserver`, `postgres` or `mysql`; the embedded service also knows `mariadb`,
                `sqlite` and `duckdb`.
            host: The host name of the database; not for `sqlite` and `duckdb`.
            username: The user to connect as; not for `sqlite` and `duckdb`.
            database: The name of the database; for `sqlite` and `duckdb` its path.
            password: The password; alternatively, give `password_secret_id`.
            password_secret_id: The id of a secret that holds the password.
            port: The port; None is the default: PostgreSQL 5432, MySQL and MariaDB 3306, SQL Server 1433,
                Snowflake 443.
            description: A description.
            config: Further settings of the database; for Snowflake `warehouse`, `role` or a `private_key`.

        Raises:
            NotFoundError: There is no such project.
            ValidationError: An argument is invalid or missing, or more than one of `password`, `password_secret_id`
                and a private key is given.

        Example:
            >>> import os
            >>> connector = client.connectors.create(
            ...     project_id, "Shop", "postgres", "db.example.com", "reader", "shop", os.environ["SHOP_PASSWORD"]
            ... )
            >>> client.connectors.test_connection(project_id, connector.id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.create,
            project_id,
            name,
            db_type,
            host,
            username,
            database,
            password,
            password_secret_id,
            port,
            description,
            config,
        )

    def get(self, project_id: str, connector_id: str) -> Connector:
        """Return one connector.

        Raises:
            NotFoundError: There is no such connector.

        Example:
            >>> connector = client.connectors.get(project_id, connector_id)
            >>> connector.host, connector.port, connector.database
            ('db.example.com', 5432, 'shop')
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, connector_id)

    def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[Connector]:
        """Return the project's connectors.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only connectors whose text contains this.

        Example:
            >>> connectors = client.connectors.list(project_id, search="shop")
            >>> [(connector.name, connector.db_type) for connector in connectors]
            [('Shop', 'postgres')]
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit, search)

    def list_by_type(self, project_id: str, db_type: str) -> List[Connector]:
        """Return the connectors to one type of database, such as `postgres`.

        Raises:
            ValidationError: `db_type` is unknown.

        Example:
            >>> [connector.host for connector in client.connectors.list_by_type(project_id, "postgres")]
            ['db.example.com']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_by_type, project_id, db_type)

    def update(
        self,
        project_id: str,
        connector_id: str,
        name: str | Unset = UNSET,
        db_type: str | Unset = UNSET,
        host: str | Unset | None = UNSET,
        port: int | Unset | None = UNSET,
        username: str | Unset | None = UNSET,
        password: str | Unset | None = UNSET,
        password_secret_id: str | Unset | None = UNSET,
        database: str | Unset = UNSET,
        description: str | Unset | None = UNSET,
        config: dict[str, Any] | Unset | None = UNSET,
    ) -> Connector:
        """Change a connector; arguments that are not given keep their value, None clears it.

        A password cannot be cleared, only replaced by another one or by a private key in `config`. To replace a
        private key by a password, also give `config` without the key. On the embedded service, whatever else changes
        where the password is sent, such as `host` or `username`, needs the password again.

        Values that are not given are read first: a change that another client makes in between is overwritten.

        Raises:
            NotFoundError: There is no such connector.
            ValidationError: An argument is invalid, or none is given besides the ids.

        Example:
            >>> import os
            >>> client.connectors.update(project_id, connector_id, name="Shop, read only", description=None)
            >>> client.connectors.update(
            ...     project_id, connector_id, host="replica.example.com", password=os.environ["SHOP_PASSWORD"]
            ... )
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(
            self._async.update,
            project_id,
            connector_id,
            name,
            db_type,
            host,
            port,
            username,
            password,
            password_secret_id,
            database,
            description,
            config,
        )

    def delete(self, project_id: str, connector_id: str, delete_secrets: bool = False) -> bool:
        """Delete a connector.

        Args:
            project_id: The project.
            connector_id: The connector.
            delete_secrets: Whether to also delete the secrets that hold its password and keys; default False.

        Raises:
            NotFoundError: There is no such connector.
            ConflictError: A chat preset still uses it.

        Example:
            >>> client.connectors.delete(project_id, connector_id, delete_secrets=True)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, connector_id, delete_secrets)

    def test_connection(self, project_id: str, connector_id: str) -> bool:
        """Return whether the service can connect to the database; `test_connection_detailed` also gives the reason.

        Raises:
            NotFoundError: There is no such connector.

        Example:
            >>> client.connectors.test_connection(project_id, connector_id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.test_connection, project_id, connector_id)

    def test_connection_detailed(self, project_id: str, connector_id: str) -> ConnectionTest:
        """Test the connection to the database, and return the result, the time in milliseconds and any error.

        Raises:
            NotFoundError: There is no such connector.

        Example:
            >>> test = client.connectors.test_connection_detailed(project_id, connector_id)
            >>> print(f"connected in {test.elapsed_ms} ms" if test.ok else test.error)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.test_connection_detailed, project_id, connector_id)

    def iter(self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE) -> Pager[Connector]:
        """Return the project's items one by one, in constant memory.

        The next page is fetched in the background; items may be deleted during the iteration. `.pages()` iterates
        over whole pages, each with the total if the service reports it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> for rating in client.feedback.iter(project_id, search="year"):
            ...     print(rating.feedback)
        """
        return Pager(self._portal, self._async.iter(project_id, search, page_size=page_size))

    def count(self, project_id: str, search: str | None = None) -> int:
        """Return the number of items in the project.

        One small request, if the service reports the total; otherwise the items are fetched and counted.

        Args:
            project_id: The project.
            search: Count only items whose text contains this.

        Example:
            >>> client.feedback.count(project_id)
            1000
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.count, project_id, search)
