"""The hand-written base class of the generated blocking client."""

from __future__ import annotations

import copy
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from text2everything.sync._portal import Portal, is_exiting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from typing import Self

    from text2everything._transport.transport import Transport
    from text2everything.client import AsyncText2EverythingClient
    from text2everything.resources._base import Resource

__all__ = ["BlockingClient", "BlockingResource"]


A = TypeVar("A")


class BlockingResource(Generic[A]):
    """Base of the generated resources: an async resource, and the portal that runs its coroutines."""

    def __init__(self, portal: Portal, resource: A) -> None:
        self._portal = portal
        self._async = resource

    def __reduce__(self) -> tuple[Any, ...]:
        return _resource_of_process, (type(self), self._async)


class BlockingClient:
    """Base of the generated client: an async client, and the portal that runs its coroutines."""

    _async: AsyncText2EverythingClient
    _portal: Portal
    _owns_portal: bool

    @classmethod
    def _over(cls, client: AsyncText2EverythingClient, portal: Portal | None = None) -> Self:
        """Return a blocking client of `client`, with a new portal unless one is given."""
        self = object.__new__(cls)
        self._use(client, portal)
        return self

    def _use(self, client: AsyncText2EverythingClient, portal: Portal | None = None) -> None:
        self._async = client
        self._owns_portal = portal is None
        self._portal = Portal(partial(_shutdown, client.close), prepare=_import_aiohttp) if portal is None else portal

    def _make_resource(self, cls: type[BlockingResource[Any]], name: str) -> BlockingResource[Any]:
        return cls(self._portal, getattr(self._async, name))

    def close(self, *, wait: bool = False) -> None:
        """Close the connections, and stop the embedded service if there is one. A second close does nothing.

        If this is never called, the client is closed when the interpreter exits.

        Args:
            wait: Whether to wait for calls of other threads; otherwise (default) they raise `ClientClosedError`.

        Example:
            >>> client = Text2EverythingClient(base_url="https://t2e.example.com")
            >>> print(client.projects.list())
            >>> client.close()
        """
        if self._owns_portal:
            self._portal.close(wait=wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return type(self).__name__ + repr(self._async).removeprefix(type(self._async).__name__)

    # A copy, in this process or another, gets its own connections and portal.

    def __copy__(self) -> Self:
        return self._over(copy.copy(self._async))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), *self._async.__reduce__())


async def _shutdown(close: Callable[[], Awaitable[None]]) -> None:
    # At exit `atexit` functions may still use the client. Its connections are closed with the loop, and an embedded
    # service stops by itself.
    if not is_exiting():
        await close()


def _import_aiohttp() -> None:
    import text2everything._transport.exchange  # noqa: F401, PLC0415  # imports aiohttp, for the first call


def _rebuild(
    cls: type[BlockingClient], make: Callable[..., AsyncText2EverythingClient], arguments: tuple[Any, ...]
) -> BlockingClient:
    return cls._over(make(*arguments))  # the inverse of `__reduce__`


_portals_of_process: weakref.WeakKeyDictionary[Transport, Portal] = weakref.WeakKeyDictionary()


def _resource_of_process(cls: type[BlockingResource[Any]], resource: Resource) -> BlockingResource[Any]:
    """Return a resource that was pickled; the copies of one client in a process share one portal."""
    transport = resource._transport  # noqa: SLF001  # they belong together
    portal = _portals_of_process.get(transport)
    if portal is None or portal.closed:
        portal = _portals_of_process[transport] = Portal(
            partial(_shutdown, transport.pool.close), prepare=_import_aiohttp
        )
    return cls(portal, resource)
