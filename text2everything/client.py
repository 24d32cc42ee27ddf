"""`AsyncText2EverythingClient`: the settings, the connection pool and the resources."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import attrs

from text2everything._secret import secret
from text2everything._transport.auth import TokenSource
from text2everything._transport.pool import Pool
from text2everything._transport.running_loop import running_loop
from text2everything._transport.transport import Transport
from text2everything.exceptions import InvalidConfigurationError, ValidationError
from text2everything.resources import (
    AsyncChatPresetsResource,
    AsyncChatResource,
    AsyncChatSessionsResource,
    AsyncConnectorsResource,
    AsyncContextsResource,
    AsyncCustomToolsResource,
    AsyncExecutionsResource,
    AsyncFeedbackResource,
    AsyncGoldenExamplesResource,
    AsyncProjectsResource,
    AsyncSchemaMetadataResource,
)
from text2everything.resources._attribute import resource_attribute
from text2everything.settings import Settings, Token, check_header

if TYPE_CHECKING:
    import aiohttp

    from text2everything._transport.session import Connector
    from text2everything.local import LocalService

RESERVED_HEADERS = {
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "upgrade",
    "x-workspace-name",
}
C = TypeVar("C", bound="AsyncText2EverythingClient")

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")


class AsyncText2EverythingClient:
    """A Text2Everything client to be awaited.

    Arguments that are not given are read from the environment: `TEXT2EVERYTHING_BASE_URL`, `T2E_ACCESS_TOKEN` and
    `T2E_WORKSPACE_NAME`. Connections are opened when they are first needed, in the running event loop, and reused.

    Args:
        base_url: The URL of the service, such as `https://t2e.example.com`, with or without `/api` at its end.
        access_token: The token, or a callable, plain or async, that returns one; it is called again when the token
            expires or is rejected.
        workspace_name: `workspaces/<name>`.
        timeout: Seconds to open a connection; default 30.
        read_timeout: Seconds to wait for the next bytes of a reply; default 180, and 900 for chats, SQL and uploads.
        pool_timeout: Seconds to wait for a free connection; default 300.
        total_timeout: Seconds for a whole call, including retries, and for a bulk call as a whole; None (default) is
            `timeout` plus `read_timeout`, and no limit for bulk calls.
        max_retries: The maximum number of retries of a failed request that is safe to repeat; default 3.
        retry_delay: The maximum seconds before the first retry, doubled for each further one; default 1.
        max_connections: The maximum number of open connections; default 100.
        max_keepalive_connections: The maximum number of idle connections kept open; None (default) keeps all.
        keepalive_expiry: Seconds until an idle connection is closed; default 60.
        session: An aiohttp session to use; the client does not close it.
        connector: An aiohttp connector (TLS, unix socket, proxy), or a callable that makes one in the running loop.
        trace_configs: aiohttp trace configurations, called for every request.

    Raises:
        InvalidConfigurationError: A setting is missing or invalid; the message says how to set it.

    Example:
        >>> async with AsyncText2EverythingClient(base_url="https://t2e.example.com") as client:
        ...     print(await client.projects.list())
    """

    projects: AsyncProjectsResource = resource_attribute(AsyncProjectsResource)
    contexts: AsyncContextsResource = resource_attribute(AsyncContextsResource)
    schema_metadata: AsyncSchemaMetadataResource = resource_attribute(AsyncSchemaMetadataResource)
    golden_examples: AsyncGoldenExamplesResource = resource_attribute(AsyncGoldenExamplesResource)
    connectors: AsyncConnectorsResource = resource_attribute(AsyncConnectorsResource)
    executions: AsyncExecutionsResource = resource_attribute(AsyncExecutionsResource)
    chat: AsyncChatResource = resource_attribute(AsyncChatResource)
    chat_sessions: AsyncChatSessionsResource = resource_attribute(AsyncChatSessionsResource)
    chat_presets: AsyncChatPresetsResource = resource_attribute(AsyncChatPresetsResource)
    feedback: AsyncFeedbackResource = resource_attribute(AsyncFeedbackResource)
    custom_tools: AsyncCustomToolsResource = resource_attribute(AsyncCustomToolsResource)

    def __init__(
        self,
        *,
        base_url: str | None = None,
        access_token: Token | None = None,
        workspace_name: str | None = None,
        timeout: float | None = None,
        read_timeout: float | None = None,
        pool_timeout: float | None = None,
        total_timeout: float | None = None,
        max_retries: int | None = None,
        retry_delay: float | None = None,
        max_connections: int | None = None,
        max_keepalive_connections: int | None = None,
        keepalive_expiry: float | None = None,
        session: aiohttp.ClientSession | None = None,
        connector: Connector | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
    ) -> None:
        access_token = secret(access_token)  # from here on hidden in tracebacks that show local variables
        settings = Settings.resolve(
            base_url=base_url,
            access_token=access_token,
            workspace_name=workspace_name,
            timeout=timeout,
            read_timeout=read_timeout,
            pool_timeout=pool_timeout,
            total_timeout=total_timeout,
            max_retries=max_retries,
            retry_delay=retry_delay,
            max_connections=max_connections,
            max_keepalive_connections=max_keepalive_connections,
            keepalive_expiry=keepalive_expiry,
        )
        pool = Pool(settings, session=session, connector=connector, trace_configs=trace_configs)
        self._service: LocalService | None = None
        self._owns_pool = True
        self._use(Transport(settings, pool, TokenSource(settings.access_token)))

    @classmethod
    def local(cls, *, data_dir: str | os.PathLike[str] | None = None, demo: bool = False, **options: Any) -> Self:
        """Start an embedded service and return a client of it; closing the client stops the service.

        Args:
            data_dir: The directory for the data of the service; None (default) keeps it in memory.
            demo: Whether to create a demo project with a small shop database; its ids are in `client.service.demo`.
            options: Any other argument of the client, such as `timeout`.

        Raises:
            LocalServiceError: The service cannot start; where sqlglot is missing, `pip install sqlglot`.

        Example:
            >>> async with AsyncText2EverythingClient.local(demo=True) as client:
            ...     print(await client.projects.list())
        """
        from text2everything.local import LocalService  # noqa: PLC0415  # an extra

        service = LocalService(data_dir=data_dir, demo=demo)
        service.start()
        try:
            client = cls(
                base_url=service.base_url,
                access_token=service.access_token,
                workspace_name=service.workspace_name,
                **options,
            )
        except BaseException:
            service.stop()
            raise
        client._service = service
        return client

    def _use(self, transport: Transport) -> None:
        self._transport = transport

    def _make_resource(self, cls: type[Any], name: str) -> Any:
        del name
        return cls(self._transport)

    @property
    def settings(self) -> Settings:
        """The settings of the client."""
        return self._transport.settings

    @property
    def service(self) -> LocalService:
        """The embedded service that `local` started.

        Raises:
            AttributeError: The client was not made by `local`.
        """
        if self._service is None:
            raise AttributeError("this client has no embedded service: local() starts one")
        return self._service

    def with_options(
        self,
        *,
        timeout: float | None = None,
        read_timeout: float | None = None,
        pool_timeout: float | None = None,
        max_retries: int | None = None,
        retry_delay: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client with other settings and the same connections; it need not be closed.

        Args:
            timeout: Seconds for a whole call, including retries, and for a bulk call as a whole.
            read_timeout: Seconds to wait for the next bytes of a reply.
            pool_timeout: Seconds to wait for a free connection.
            max_retries: The maximum number of retries.
            retry_delay: The maximum seconds before the first retry.
            headers: Headers to add to those of this client.

        Raises:
            InvalidConfigurationError: A setting is invalid.
            ValidationError: A header is invalid, or reserved for the client.

        Example:
            >>> await client.with_options(timeout=5, max_retries=0).projects.get(project_id)
        """
        given: dict[str, Any] = {
            "total_timeout": timeout,
            "read_timeout": read_timeout,
            "pool_timeout": pool_timeout,
            "max_retries": max_retries,
            "retry_delay": retry_delay,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        old = self._transport
        sources = old.settings.sources | dict.fromkeys(changes, "argument")
        try:
            settings = attrs.evolve(old.settings, **changes, sources=sources)
        except InvalidConfigurationError as error:
            raise InvalidConfigurationError(error.message.removeprefix("total_")) from None
        clone = object.__new__(type(self))
        clone._service = self._service
        clone._owns_pool = False
        clone._use(Transport(settings, old.pool, old.tokens, _with_headers(old.headers, headers or {})))
        return clone

    async def close(self, *, wait: bool = False) -> None:
        """Close the connections, and stop the embedded service if there is one. A second close does nothing.

        Args:
            wait: Whether to wait for calls in flight; otherwise (default) they raise `ClientClosedError`.

        Example:
            >>> client = AsyncText2EverythingClient(base_url="https://t2e.example.com")
            >>> print(await client.projects.list())
            >>> await client.close()
        """
        if not self._owns_pool:
            return
        try:
            await self._transport.pool.close(wait=wait)
        finally:
            self._transport.tokens.close()
        if self._service is not None:
            self._service.stop()

    async def __aenter__(self) -> Self:
        running_loop()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        state = ", closed" if self._transport.pool.closed else ""
        return f"{type(self).__name__}({self.settings.base_url!r}, {self.settings.workspace_name!r}{state})"

    def __copy__(self) -> Self:
        return _rebuild(type(self), *self._transport.recipe())

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), *self._transport.recipe(pickled=True))


def _rebuild(cls: type[C], settings: Settings, headers: dict[str, str]) -> C:
    """Return a copy of a client, with its own connections: the inverse of `__reduce__`."""
    client = object.__new__(cls)
    client._service = None
    client._owns_pool = True
    client._use(Transport.make(settings, headers))
    return client


def _with_headers(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Return `headers` with `more` added.

    Raises:
        ValidationError: A header is invalid, or reserved for the client.
    """
    if not isinstance(more, Mapping):
        raise ValidationError(f"headers must be a mapping, got {type(more).__name__}")
    merged = dict(headers)
    for name, value in more.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ValidationError("headers must be strings, names and values")
        if not HEADER_NAME.fullmatch(name):
            raise ValidationError(f"headers: {name[:100]!r} is no name of a header")
        if name.lower() in RESERVED_HEADERS:
            raise ValidationError(f"headers must not set {name}: the client does")
        try:
            check_header(f"headers[{name!r}]", value)
        except InvalidConfigurationError as error:
            raise ValidationError(error.message) from None
        merged = {old: kept for old, kept in merged.items() if old.lower() != name.lower()}
        merged[name] = value
    return merged
