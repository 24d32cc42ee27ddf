"""Deleting many items in one call: many ids in each request, several requests at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from text2everything._bulk.health import ServiceHealth
from text2everything._bulk.limiter import Limiter
from text2everything._bulk.operation import BulkOperation
from text2everything._bulk.progress import Reporter
from text2everything._bulk.stream import AsyncBulkStream
from text2everything.exceptions import BulkError
from text2everything.models.projects import BulkDeleteResult

__all__ = ["delete_all"]

IDS_PER_REQUEST = 100


async def delete_all(
    ids: Sequence[str],
    send: Callable[[Sequence[str]], Awaitable[BulkDeleteResult]],
    *,
    limiter: Limiter,
    health: ServiceHealth,
    reporter: Reporter,
) -> BulkDeleteResult:
    """Delete items by their ids; `send` deletes up to `IDS_PER_REQUEST` of them.

    Raises:
        BulkError: Some requests failed and others did not; it carries the result.
        Text2EverythingError: All requests failed; the error of the first.
    """
    ids = list(dict.fromkeys(ids))
    reporter.total = len(ids)
    chunks = [ids[start : start + IDS_PER_REQUEST] for start in range(0, len(ids), IDS_PER_REQUEST)]
    operation = BulkOperation("ids", _identity, send, limiter, Reporter(None), health=health)
    stream = AsyncBulkStream(operation, chunks)
    deleted, failed, errors, succeeded = 0, set[str](), list[Exception](), 0
    async with stream:
        with reporter:
            try:
                while batch := await stream.next_batch():
                    for outcome in batch:
                        reporter.add(len(outcome.item), len(outcome.item) if outcome.error else 0)
                        if outcome.created is None:
                            failed.update(outcome.item)
                            errors += filter(None, [outcome.error])
                            continue
                        succeeded += 1
                        deleted += outcome.created.deleted_count
                        failed.update(outcome.created.failed_ids)
            except Exception as error:  # noqa: BLE001  # raised below, with the result until then
                errors.append(error)
    for index in (*stream.not_sent, *range(stream.count, len(chunks))):
        failed.update(chunks[index])
    result = BulkDeleteResult(deleted_count=deleted, failed_ids=[each for each in ids if each in failed])
    if not errors:
        return result
    if not succeeded:
        raise errors[0]
    message = f"{succeeded:,} of {len(chunks):,} requests to delete succeeded; the first error: {errors[0]}"
    raise BulkError(message, result) from errors[0]


def _identity(ids: Sequence[str]) -> Sequence[str]:
    return ids
