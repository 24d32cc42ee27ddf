"""The results of bulk writes: what was created, what failed, and what was not sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar, overload

import attrs

from text2everything.exceptions import BulkError, Text2EverythingError
from text2everything.models._html import models_table, paragraph, table
from text2everything.models._repr import short_repr

__all__ = ["BulkFailure", "BulkOutcome", "BulkResult"]

T_co = TypeVar("T_co", covariant=True)


@attrs.define
class BulkOutcome(Generic[T_co]):
    """The outcome of one item.

    Attributes:
        index: The item's position in the input, from 0.
        item: The item as the caller gave it.
        created: What the service created, or None.
        error: Why the item failed, or None. After a lost reply (`ConnectionError`, `TimeoutError`) the service may
            have created the item nevertheless; with a journal, that is looked up before there is an outcome.
    """

    index: int
    item: Any = attrs.field(repr=short_repr)
    created: T_co | None = None
    error: Text2EverythingError | None = None

    @property
    def ok(self) -> bool:
        """Whether it was created."""
        return self.error is None


@attrs.frozen
class BulkFailure:
    """An item that was not created: its position in the input (from 0), the item as given, and the error."""

    index: int
    item: Any = attrs.field(repr=short_repr)
    error: Text2EverythingError


@attrs.frozen(repr=False)
class BulkResult(Sequence[T_co]):
    """A sequence of what was created, in input order.

    Attributes:
        indices: The position in the input of each created item.
        failures: The items that failed, in input order.
        not_sent: The positions in the input of items that were not sent, because the call stopped early.

    Example:
        >>> result = await client.feedback.bulk_create(project_id, ratings, on_error="collect")
        >>> print(len(result), "created")
        >>> for failure in result.failures:
        ...     print(failure.index, failure.error)
    """

    _created: Sequence[T_co]
    indices: Sequence[int] = ()
    failures: Sequence[BulkFailure] = ()
    not_sent: Sequence[int] = ()

    @property
    def ok(self) -> bool:
        """Whether every item was created."""
        return not self.failures and not self.not_sent

    @property
    def item_count(self) -> int:
        """How many items of the input were created; fewer than `len` if some were split, as wide tables are."""
        return len(set(self.indices))

    def raise_for_failures(self) -> None:
        """Raise an error if any item was not created.

        Raises:
            BulkError: Items failed or were not sent; its `result` is this object.

        Example:
            >>> result = await client.feedback.bulk_create(project_id, ratings, on_error="collect")
            >>> result.raise_for_failures()
        """
        if self.ok:
            return
        total = self.item_count + len(self.failures) + len(self.not_sent)
        problems = []
        if self.failures:
            problems.append(f"{len(self.failures):,} of {total:,} items failed")
        if self.not_sent:
            problems.append(f"{len(self.not_sent):,} were not sent")
        message = ", ".join(problems)
        if not self.failures:
            raise BulkError(message, self)
        first = self.failures[0]
        raise BulkError(f"{message}; the first, at index {first.index}: {first.error.message}", self) from first.error

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | Sequence[T_co]:
        return self._created[index]

    def __len__(self) -> int:
        return len(self._created)

    def __repr__(self) -> str:
        parts = [f"{len(self):,} created"]
        if self.failures:
            parts.append(f"{len(self.failures):,} failed")
        if self.not_sent:
            parts.append(f"{len(self.not_sent):,} not sent")
        return f"<BulkResult: {', '.join(parts)}>"

    def _repr_html_(self) -> str:
        failed = [(failure.index, failure.error.message, short_repr(failure.item)) for failure in self.failures]
        problems = table(("index", "error", "item"), failed, len(failed)) if failed else ""
        created = models_table(self._created) if self else ""
        return f"{paragraph(repr(self).strip('<>'))}{created}{problems}"
