# Generated from text2everything.client by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `Text2EverythingClient`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from text2everything.client import AsyncText2EverythingClient
from text2everything.resources._attribute import resource_attribute
from text2everything.settings import Settings, Token
from text2everything.sync._base import BlockingClient
from text2everything.sync._generated.chat import ChatResource
from text2everything.sync._generated.chat_presets import ChatPresetsResource
from text2everything.sync._generated.chat_sessions import ChatSessionsResource
from text2everything.sync._generated.connectors import ConnectorsResource
from text2everything.sync._generated.contexts import ContextsResource
from text2everything.sync._generated.custom_tools import CustomToolsResource
from text2everything.sync._generated.executions import ExecutionsResource
from text2everything.sync._generated.feedback import FeedbackResource
from text2everything.sync._generated.golden_examples import GoldenExamplesResource
from text2everything.sync._generated.projects import ProjectsResource
from text2everything.sync._generated.schema_metadata import SchemaMetadataResource

if TYPE_CHECKING:
    import aiohttp

    from text2everything._transport.session import Connector
    from text2everything.local import LocalService


class Text2EverythingClient(BlockingClient):
    """A Text2Everything client whose calls block.

    Arguments that are not given are read from the environment: `TEXT2EVERYTHING_BASE_URL`, `T2E_ACCESS_TOKEN` and
    `T2E_WORKSPACE_NAME`. Connections are opened when they are first needed and reused.

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
        connector: An aiohttp connector (TLS, unix socket, proxy), or a callable that makes one in the client's loop.
        trace_configs: aiohttp trace configurations, called for every request.

    Raises:
        InvalidConfigurationError: A setting is missing or invalid; the message says how to set it.

    Example:
        >>> with Text2EverythingClient(base_url="https://t2e.example.com") as client:
        ...     print(client.projects.list())
    """

    projects: ProjectsResource = resource_attribute(ProjectsResource)
    contexts: ContextsResource = resource_attribute(ContextsResource)
    schema_metadata: SchemaMetadataResource = resource_attribute(SchemaMetadataResource)
    golden_examples: GoldenExamplesResource = resource_attribute(GoldenExamplesResource)
    connectors: ConnectorsResource = resource_attribute(ConnectorsResource)
    executions: ExecutionsResource = resource_attribute(ExecutionsResource)
    chat: ChatResource = resource_attribute(ChatResource)
    chat_sessions: ChatSessionsResource = resource_attribute(ChatSessionsResource)
    chat_presets: ChatPresetsResource = resource_attribute(ChatPresetsResource)
    feedback: FeedbackResource = resource_attribute(FeedbackResource)
    custom_tools: CustomToolsResource = resource_attribute(CustomToolsResource)

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
        __tracebackhide__ = _rich_traceback_omit = True
        self._use(
            AsyncText2EverythingClient(
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
                session=session,
                connector=connector,
                trace_configs=trace_configs,
            )
        )

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
            >>> with Text2EverythingClient.local(demo=True) as client:
            ...     print(client.projects.list())
        """
        return cls._over(AsyncText2EverythingClient.local(data_dir=data_dir, demo=demo, **options))

    @property
    def settings(self) -> Settings:
        """The settings of the client."""
        return self._async.settings

    @property
    def service(self) -> LocalService:
        """The embedded service that `local` started.

        Raises:
            AttributeError: The client was not made by `local`.
        """
        return self._async.service

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
            >>> client.with_options(timeout=5, max_retries=0).projects.get(project_id)
        """
        return self._over(
            self._async.with_options(
                timeout=timeout,
                read_timeout=read_timeout,
                pool_timeout=pool_timeout,
                max_retries=max_retries,
                retry_delay=retry_delay,
                headers=headers,
            ),
            self._portal,
        )
