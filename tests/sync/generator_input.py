"""Async classes with everything that the generator has to turn into blocking ones; input of test_generator.py."""

from __future__ import annotations

import builtins
import datetime as dt
from builtins import list as List  # noqa: N812
from collections.abc import AsyncIterable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar, overload

from text2everything._codec import Listing
from text2everything._pagination.pager import AsyncPager
from text2everything.models.base import UNSET, Unset

if TYPE_CHECKING:
    from pathlib import Path

    from text2everything._bulk.stream import AsyncBulkStream

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

MANY = 60 * 2
Name = str | None


class Base(Generic[K, V]):
    """Two type variables, for which each resource puts something else."""

    def __init__(self) -> None:
        self.calls: List[object] = []

    async def find(self, key: K, *, default: V | None = None) -> dict[K, List[V]]:
        """Return what is under `key`."""
        return {key: [] if default is None else [default]}

    async def names(self) -> list[K]:
        return []


class Middle(Base[str, V]):
    """One put in, one handed on."""

    async def overridden(self) -> V:
        raise NotImplementedError


class AsyncThingsResource(Middle[dt.date]):
    """Things, to be awaited.

    Example:
        >>> async with AsyncShopClient() as client:
        ...     async for thing in client.things.iter():
        ...         print(await client.things.find("a"), AsyncThingsResource)
    """

    async def everything(
        self,
        first: int,
        /,
        second: str = "it's",
        *rest: float,
        third: Literal["a", "b"] = "a",
        fourth: Unset | None = UNSET,
        fifth: int = MANY * 2,
        sixth: Name = None,
        **others: Any,
    ) -> tuple[Any, ...]:
        r"""Take every kind of parameter: \d+ stays as it is.

        Awaited: `await client.things.everything(1)`.
        """
        return first, second, rest, third, fourth, fifth, sixth, others

    async def positional_only(self, value: int, /) -> int:
        return value

    async def keyword_only(self, *, value: builtins.int) -> int:
        return value

    def pure(self, words: Sequence[str]) -> List[str]:
        """Join nothing."""
        self.calls.append("pure")
        return [word.upper() for word in words]

    @staticmethod
    def static(value: int) -> int:
        """Need no instance."""
        return value + 1

    @property
    def count(self) -> int:
        """How many."""
        return 3

    def iter(self, *, page_size: int = 2) -> AsyncPager[int]:
        """Return the numbers below five."""

        async def fetch(skip: int, size: int) -> Listing:
            return Listing([Number(n) for n in range(skip, min(skip + size, 5))], total=5)

        return AsyncPager(fetch, page_size=page_size)

    async def take(self, items: AsyncIterable[T] | Iterable[T], *, key: str | Iterable[str]) -> List[T]:
        """Take items from a source that is async or not."""
        self.calls.append(type(items))
        return list(items)  # type: ignore[union-attr]

    def stream(self, items: AsyncIterable[T] | Iterable[T]) -> AsyncBulkStream[T]:
        """Take items from a source that may never end."""
        self.calls.append(items)
        return None  # type: ignore[return-value]

    @overload
    async def one_or_many(self, key: str) -> int: ...
    @overload
    async def one_or_many(self, key: Sequence[str]) -> List[int]: ...
    async def one_or_many(self, key: str | Sequence[str]) -> int | List[int]:
        """Return one for one."""
        return 1 if isinstance(key, str) else [1] * len(key)

    async def overridden(self) -> dt.date:
        """Say it anew."""
        return dt.date(2024, 1, 2)

    async def load(self, path: Path) -> bool:
        """Need a name that only type checkers import."""
        return path is not None

    async def list(self, limit: int | None = None) -> List[str]:
        """Hide a builtin."""
        return ["a", "b"][:limit]

    async def _private(self) -> None: ...


class Number(int):
    """An item that is its own identity."""

    @property
    def id(self) -> str:
        return str(int(self))


class AsyncShopClient:
    """A shop client to be awaited."""

    things: AsyncThingsResource
    _hidden: AsyncThingsResource
    version: int

    def __init__(self, *, size: int | None = None) -> None:
        self.size = size
        self.closed = 0
        self.things = AsyncThingsResource()

    @classmethod
    def small(cls, **options: Any) -> Self:
        """Return a small one."""
        return cls(size=1, **options)

    def with_size(self, size: int) -> Self:
        """Return one of another size."""
        return type(self)(size=size)

    @property
    def area(self) -> int:
        """Its square."""
        return (self.size or 0) ** 2

    async def ping(self) -> str:
        """Answer."""
        return f"pong from {self.size}"

    async def close(self) -> None:
        """Close; the blocking one has its own."""
        self.closed += 1

    def __reduce__(self) -> tuple[Any, ...]:
        return _make, (self.size,)

    def __repr__(self) -> str:
        return f"AsyncShopClient({self.size})"


def _make(size: int | None) -> AsyncShopClient:
    return AsyncShopClient(size=size)
