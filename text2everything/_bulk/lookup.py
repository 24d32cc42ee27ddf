"""Finding on the service what it created of items whose reply was lost."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from typing import Any

from text2everything._bulk.resource_adapter import ResourceAdapter, created_at, created_id

__all__ = ["find_created"]

MAX_AGE = timedelta(hours=1)
"""How long before the first creation that a journal recorded another of its items may have been created."""


async def find_created(
    digests: Mapping[int, int],
    adapter: ResourceAdapter,
    *,
    known_ids: Container[str],
    first_created: datetime | None,
) -> dict[int, Any]:
    """Return what the service created of these items, by index; an item that is missing was not created.

    Items of equal content cannot be told apart, and need not be: each existing one is counted for one of them.

    Args:
        digests: The digest of each item looked for, by index.
        adapter: Lists the existing items.
        known_ids: Existing items that are known to have been created from other items of the input.
        first_created: When the first item of the journal was created. What is much older is from elsewhere.
    """
    wanted: dict[int, list[int]] = {}
    for index in reversed(digests):
        wanted.setdefault(digests[index], []).append(index)
    found: dict[int, Any] = {}
    async for item in adapter.list_existing():
        indices = wanted.get(adapter.digest(item))
        if indices and created_id(item) not in known_ids and not _is_older(item, first_created):
            found[indices.pop()] = item
            if len(found) == len(digests):
                break
    return found


def _is_older(item: Any, first_created: datetime | None) -> bool:
    time = created_at(item)
    return first_created is not None and time is not None and time < first_created - MAX_AGE
