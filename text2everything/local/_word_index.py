"""Finding the items that share the most words with a question, in time that depends little on how many there are."""

from __future__ import annotations

import functools
import itertools
import json
import math
from typing import TYPE_CHECKING, Final

from text2everything.local._slices import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from text2everything.local._store import Store

# How many of the newest items with a term are looked at.
_DEPTH: Final = 64
# Of the rarest terms of a question, how many are looked for together.
_MOST_TOGETHER: Final = 5
_RAREST: Final = 3


async def index_rest(store: Store, index: str) -> None:
    """Index the items that are not in an index yet."""
    pace = Pace()
    while store.indexer.index_some(index):
        await pace.rest_if_due()


def newest(store: Store, index: str, terms: Sequence[str], limit: int, since: int = 0) -> list[int]:
    """Return the `seq` of the newest items that have all terms, the newest first, from `since` on."""
    return _find(store, index, " AND ".join(f'"{term}"' for term in terms), limit, since)


def having_any(store: Store, index: str, terms: Sequence[str], limit: int) -> list[int]:
    """Return the `seq` of the newest items that have at least one of the terms, the newest first."""
    return _find(store, index, " OR ".join(f'"{term}"' for term in terms), limit, 0) if terms else []


def _find(store: Store, index: str, match: str, limit: int, since: int) -> list[int]:
    # In one row: with each row that sqlite3 fetches, another thread that computes gets its turn.
    (found,) = store.fetch_one(
        f"SELECT json_group_array(rowid) FROM (SELECT rowid FROM {index} WHERE {index} MATCH ? AND rowid >= ?"  # noqa: S608 - a name in the code
        " ORDER BY rowid DESC LIMIT ?)",
        *(match, since, limit),
    ) or ("[]",)
    items: list[int] = json.loads(found)
    return items


async def most_shared(store: Store, index: str, terms: Sequence[str], limit: int, since: int = 0) -> list[int]:
    """Return the `seq` of up to `limit` items that share terms with a question, those that share the most first.

    Rare terms count more than common ones; of items that share the same, the newest are first. Of a term that many
    items have only the newest count, and those that have the rarest of the other terms, too: so that common terms
    cost hardly more than others.
    """
    depth, pace = max(limit, _DEPTH), Pace()
    await index_rest(store, index)
    found: dict[str, list[int]] = {}
    for term in dict.fromkeys(terms):
        if items := newest(store, index, [term], depth, since):
            found[term] = items
        await pace.rest_if_due()
    if not found:
        return []
    top = max(items[0] for items in found.values())
    # The farther back the newest items with a term reach, the rarer it is.
    weights = {
        term: math.log(1 + (top - (items[-1] if len(items) == depth else since) + 1) / len(items))
        for term, items in found.items()
    }
    rarest = sorted(weights, key=lambda term: -weights[term])
    bits = {term: 1 << place for place, term in enumerate(rarest)}
    shared: dict[int, int] = {}
    for term, items in found.items():
        for seq in items:
            shared[seq] = shared.get(seq, 0) | bits[term]
    for group in _groups([term for term in rarest if len(found[term]) == depth], rarest):
        mask = sum(bits[term] for term in group)
        items = newest(store, index, group, depth, since)
        for seq in items:
            shared[seq] = shared.get(seq, 0) | mask
        await pace.rest_if_due()
        if len(group) == _RAREST and len(items) < depth:
            break  # all that have these were found, and with them those that have more

    @functools.cache
    def weight(mask: int) -> float:
        return math.fsum(weights[term] for term, bit in bits.items() if mask & bit)

    return sorted(shared, key=lambda seq: (-weight(shared[seq]), -seq))[:limit]


def _groups(common: list[str], rarest: list[str]) -> Iterator[list[str]]:
    """Yield the terms to look for together: pairs of common ones, the three rarest, and last some more of these."""
    yield from map(list, itertools.combinations(common[:_RAREST], 2))
    if common and len(rarest) >= _RAREST:
        yield rarest[:_RAREST]
    if common and len(rarest) > _RAREST:
        yield rarest[:_MOST_TOGETHER]
