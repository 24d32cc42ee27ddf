"""What a journal needs to know of the resource whose items it records."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import attrs

from text2everything import _codec as codec

__all__ = ["ResourceAdapter", "created_at", "created_id", "digest"]


@attrs.frozen
class ResourceAdapter:
    """How items of one resource are identified, stored as JSON, and listed.

    Attributes:
        kind: The resource's name, such as `feedback`.
        project_id: The project they are in.
        digest: Returns the digest of an item to be sent, or of a created one.
        decode: Returns a created item from the JSON that the journal holds.
        list_existing: Iterates over all items of this kind in the project.
    """

    kind: str
    project_id: str
    digest: Callable[[Any], int]
    decode: Callable[[bytes], Any]
    list_existing: Callable[[], AsyncIterator[Any]]


def digest(item: Any, fields: Sequence[str]) -> int:
    """Return the first 64 bits of a hash over `fields` of an item.

    It is the same for an item to be sent and for the item that the service created from it. An empty text counts as
    None: some services return one for the other.
    """
    content = {name: codec.unstructure(getattr(item, name)) for name in fields}
    text = json.dumps(
        {name: None if value == "" else value for name, value in content.items()}, sort_keys=True, ensure_ascii=False
    )
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def created_id(created: Any) -> str:
    """Return the id of a created item; of its first part, where one item became several."""
    return str((created[0] if isinstance(created, list) else created).id)


def created_at(created: Any) -> datetime | None:
    """Return when an item was created, by the service's clock, as a time with a timezone."""
    time: datetime | None = (created[0] if isinstance(created, list) else created).created_at
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time
