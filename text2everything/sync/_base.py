"""The hand-written base class of the generated blocking client."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from text2everything.sync._portal import Portal, is_exiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from text2everything.client import AsyncText2EverythingClient

__all__ = ["BlockingClient"]


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
        self._portal = Portal(partial(_shutdown, client), prepare=_import_aiohttp) if portal is None else portal
        self._attach()

    def _attach(self) -> None:
        """Create the resources; the generated class overrides this."""
        raise NotImplementedError

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

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy, in this process or another, gets its own connections and portal.
        return _rebuild, (type(self), *self._async.__reduce__())


async def _shutdown(client: AsyncText2EverythingClient) -> None:
    # At exit `atexit` functions may still use the client. Its connections are closed with the loop, and an embedded
    # service stops by itself.
    if not is_exiting():
        await client.close()


def _import_aiohttp() -> None:
    import text2everything._transport.exchange  # noqa: F401, PLC0415  # imports aiohttp, for the first call


def _rebuild(
    cls: type[BlockingClient], make: Callable[..., AsyncText2EverythingClient], arguments: tuple[Any, ...]
) -> BlockingClient:
    return cls._over(make(*arguments))  # the inverse of `__reduce__`
