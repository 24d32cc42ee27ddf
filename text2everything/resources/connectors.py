"""Connectors, the database connections of the service: `client.connectors`."""

from __future__ import annotations

from builtins import list as List  # noqa: N812  # `list` is a method here
from typing import Any

from text2everything._secret import secret
from text2everything.exceptions import ValidationError
from text2everything.models._checks import check_bool
from text2everything.models._items import ItemList
from text2everything.models.base import UNSET, Unset
from text2everything.models.connectors import (
    PRIVATE_KEYS,
    ConnectionTest,
    Connector,
    ConnectorCreate,
    ConnectorUpdate,
    check_db_type,
    hide_secrets,
)
from text2everything.resources._base import ItemsResource


class AsyncConnectorsResource(ItemsResource[Connector, ConnectorCreate]):
    """Connectors: how the service connects to databases. Passwords and keys are stored as secrets, never returned."""

    _name = "connectors"
    _item = Connector
    _new = ConnectorCreate

    async def create(
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
            >>> connector = await client.connectors.create(
            ...     project_id, "Shop", "postgres", "db.example.com", "reader", "shop", os.environ["SHOP_PASSWORD"]
            ... )
            >>> await client.connectors.test_connection(project_id, connector.id)
            True
        """
        password, config = secret(password), hide_secrets(config)  # hidden in tracebacks that show local variables
        new = ConnectorCreate(
            name=name,
            db_type=db_type,
            host=host,
            username=username,
            database=database,
            password=password,
            password_secret_id=password_secret_id,
            port=port,
            description=description,
            config=config,
        )
        return await self._create(project_id, new)

    async def get(self, project_id: str, connector_id: str) -> Connector:
        """Return one connector.

        Raises:
            NotFoundError: There is no such connector.

        Example:
            >>> connector = await client.connectors.get(project_id, connector_id)
            >>> connector.host, connector.port, connector.database
            ('db.example.com', 5432, 'shop')
        """
        return await self._get(self._path(project_id, connector_id=connector_id))

    async def list(
        self, project_id: str, skip: int = 0, limit: int | None = None, search: str | None = None
    ) -> List[Connector]:
        """Return the project's connectors.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.
            search: Only connectors whose text contains this.

        Example:
            >>> connectors = await client.connectors.list(project_id, search="shop")
            >>> [(connector.name, connector.db_type) for connector in connectors]
            [('Shop', 'postgres')]
        """
        return await self._list(project_id, skip=skip, limit=limit, q=search)

    async def list_by_type(self, project_id: str, db_type: str) -> List[Connector]:
        """Return the connectors to one type of database, such as `postgres`.

        Raises:
            ValidationError: `db_type` is unknown.

        Example:
            >>> [connector.host for connector in await client.connectors.list_by_type(project_id, "postgres")]
            ['db.example.com']
        """
        wanted = check_db_type("db_type", db_type)
        return ItemList([found async for found in self.iter(project_id) if found.db_type.lower() == wanted])

    async def update(
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
            >>> await client.connectors.update(project_id, connector_id, name="Shop, read only", description=None)
            >>> await client.connectors.update(
            ...     project_id, connector_id, host="replica.example.com", password=os.environ["SHOP_PASSWORD"]
            ... )
        """
        password, config = secret(password), hide_secrets(config)  # hidden in tracebacks that show local variables
        if isinstance(password, str) and isinstance(password_secret_id, str):
            raise ValidationError("give password or password_secret_id, not both")
        if password is UNSET and password_secret_id is UNSET and isinstance(config, dict):
            has_key = any(config.get(name) for name in PRIVATE_KEYS)
            password_secret_id = None if has_key else UNSET
        if password is not UNSET and password_secret_id is UNSET:
            password_secret_id = None
        update = ConnectorUpdate(
            name=name,
            db_type=db_type,
            host=host,
            port=port,
            username=username,
            password=password,
            password_secret_id=password_secret_id,
            database=database,
            description=description,
            config=config,
        )
        return await self._update(self._path(project_id, connector_id=connector_id), update)

    def _current_value(self, current: Connector, name: str) -> Any:
        if name == "password_secret_id" and current.password_secret_name is not None:
            # The service never returns the password, only the name of its secret, `…/secrets/<id>`.
            return current.password_secret_name.rsplit("/", 1)[-1]
        return super()._current_value(current, name)

    async def delete(self, project_id: str, connector_id: str, delete_secrets: bool = False) -> bool:
        """Delete a connector.

        Args:
            project_id: The project.
            connector_id: The connector.
            delete_secrets: Whether to also delete the secrets that hold its password and keys; default False.

        Raises:
            NotFoundError: There is no such connector.
            ConflictError: A chat preset still uses it.

        Example:
            >>> await client.connectors.delete(project_id, connector_id, delete_secrets=True)
            True
        """
        delete_secrets = check_bool("delete_secrets", delete_secrets)
        path = self._path(project_id, connector_id=connector_id)
        return await self._delete(path, query={"delete_secrets": True} if delete_secrets else None)

    async def test_connection(self, project_id: str, connector_id: str) -> bool:
        """Return whether the service can connect to the database; `test_connection_detailed` also gives the reason.

        Raises:
            NotFoundError: There is no such connector.

        Example:
            >>> await client.connectors.test_connection(project_id, connector_id)
            True
        """
        return (await self.test_connection_detailed(project_id, connector_id)).ok

    async def test_connection_detailed(self, project_id: str, connector_id: str) -> ConnectionTest:
        """Test the connection to the database, and return the result, the time in milliseconds and any error.

        Raises:
            NotFoundError: There is no such connector.

        Example:
            >>> test = await client.connectors.test_connection_detailed(project_id, connector_id)
            >>> print(f"connected in {test.elapsed_ms} ms" if test.ok else test.error)
        """
        path = f"{self._path(project_id, connector_id=connector_id)}/test"
        reply = await self._send("POST", path, repeatable=True)
        return self._decode(reply, ConnectionTest) if reply.body.strip() else ConnectionTest(ok=True)
