"""Makes the aiohttp session: connector, proxy, TLS, and two corrections of aiohttp's requests."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiohttp

from text2everything._runtime.threads import new_socket
from text2everything._transport.proxy import environment_proxy
from text2everything._transport.resolver import Resolver
from text2everything.exceptions import ClientClosedError, InvalidConfigurationError
from text2everything.settings import Settings

__all__ = ["Connector", "EnvironmentTls", "UnexpectedDataError", "abandon", "check_hooks", "make_session"]

Connector = aiohttp.BaseConnector | Callable[[], aiohttp.BaseConnector]


def _tls_variables() -> list[str]:
    return [os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")]


TLS_AT_IMPORT: Final = _tls_variables()


class EnvironmentTls:
    """The TLS settings of a session's requests, by what the environment's variables hold at the time.

    aiohttp reads the variables once, when it is imported, which may be long before they are set.
    """

    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        proxy = session._default_proxy  # noqa: SLF001  # there is no public name, nor for the one below
        secure = settings.base_url.lower().startswith("https:") or str(proxy or "").startswith("https:")
        self._obeyed = secure and getattr(session.connector, "_ssl", False) is True  # else the caller chose others
        self._read: list[str] = []
        self._context: ssl.SSLContext | bool = True

    def current(self) -> ssl.SSLContext | bool:
        """Return the settings for the next request; True for those that aiohttp has.

        Raises:
            InvalidConfigurationError: The file that SSLKEYLOGFILE names cannot be written.
        """
        if self._obeyed and (variables := _tls_variables()) != self._read:
            self._context = _default_context() if any(variables + TLS_AT_IMPORT) else True
            self._read = variables
        return self._context


def _default_context() -> ssl.SSLContext:
    try:
        context = ssl.create_default_context()
    except OSError as error:
        raise InvalidConfigurationError(f"SSLKEYLOGFILE cannot be used: {error.strerror}") from None
    context.set_alpn_protocols(["http/1.1"])
    return context


class UnexpectedDataError(aiohttp.ClientConnectionError):
    """A kept-alive connection received bytes outside of a reply; it is closed, and the request was not sent."""


class _Request(aiohttp.ClientRequest):
    """A request that does not read earlier bytes as its reply, and that obeys its own `Connection: close`."""

    async def send(self, conn: aiohttp.connector.Connection) -> aiohttp.ClientResponse:
        protocol = conn.protocol
        if protocol is not None and protocol.should_close:
            raise UnexpectedDataError
        if protocol is not None and self.headers.get("Connection") == "close":
            protocol.force_close()
        return await super().send(conn)


def make_session(
    settings: Settings,
    connector: Connector | None,
    trace_configs: list[aiohttp.TraceConfig],
    loop: asyncio.AbstractEventLoop,
) -> aiohttp.ClientSession:
    """Return a session for the running loop, with `connector` or a new one.

    Raises:
        InvalidConfigurationError: `connector` returns something else, or the environment's proxy cannot be used.
        ClientClosedError: The connector is closed or belongs to another loop.
    """
    connector = connector() if callable(connector) else connector
    if connector is None:
        # Without a limit: the pool's semaphore limits connections, with a timeout and an error of its own.
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=settings.keepalive_expiry, resolver=Resolver(), socket_factory=new_socket
        )
        connector._resolver_owner = True  # noqa: SLF001  # else it would not be closed with the connector
    elif not isinstance(connector, aiohttp.BaseConnector):
        raise InvalidConfigurationError(
            f"connector must be or return an aiohttp connector, got {type(connector).__name__}"
        )
    elif connector.closed or connector._loop is not loop:  # noqa: SLF001  # there is no public name
        raise ClientClosedError(
            "the connector given to the client is closed or belongs to another event loop; "
            "give a callable that makes one, and it is called in each loop"
        )
    # Connectors of other classes, such as UnixConnector, decide themselves where to connect to.
    direct = type(connector) is not aiohttp.TCPConnector
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=trace_configs or None,
        request_class=_Request,
        proxy=None if direct else environment_proxy(settings.base_url),
    )
    # aiohttp would resend a DELETE unnoticed when a kept-alive connection breaks; its 404 would look like an error.
    session._retry_connection = False  # noqa: SLF001
    return session


def abandon(session: aiohttp.ClientSession) -> None:
    """Close the sockets of a session whose loop is closed: its transports cannot, and would complain.

    uvloop has closed them with the loop.
    """
    connector = session.connector
    session.detach()
    if connector is None:
        return
    kept = [protocol for protocols in connector._conns.values() for protocol, _ in protocols]  # noqa: SLF001
    for protocol in [*kept, *connector._acquired]:  # noqa: SLF001
        transport: Any = protocol.transport
        if hasattr(transport, "_ssl_protocol"):
            transport._closed = True  # noqa: SLF001
            transport = transport._ssl_protocol._transport  # noqa: SLF001
        if getattr(transport, "_sock", None) is not None:
            transport._sock.close()  # noqa: SLF001
            transport._sock = None  # noqa: SLF001
    connector._conns.clear()  # noqa: SLF001
    connector._acquired.clear()  # noqa: SLF001
    connector._closed = True  # noqa: SLF001
    resolver = getattr(connector, "_resolver", None)
    if isinstance(resolver, Resolver):
        resolver.release()


def check_hooks(session: object, connector: object, trace_configs: object) -> None:
    """Raise an `InvalidConfigurationError` if an argument is not of aiohttp's class for it."""
    if session is not None and not isinstance(session, aiohttp.ClientSession):
        raise InvalidConfigurationError(f"session must be an aiohttp.ClientSession, got {type(session).__name__}")
    if connector is not None and not isinstance(connector, aiohttp.BaseConnector) and not callable(connector):
        raise InvalidConfigurationError(
            f"connector must be an aiohttp connector or return one, got {type(connector).__name__}"
        )
    if not isinstance(trace_configs, Sequence) or not all(isinstance(t, aiohttp.TraceConfig) for t in trace_configs):
        raise InvalidConfigurationError("trace_configs must be a list of aiohttp.TraceConfig")
    if session is not None and (connector is not None or trace_configs):
        raise InvalidConfigurationError(
            "session comes with its own connector and trace_configs; give those to it instead"
        )
