"""What tests of other processes share."""

from __future__ import annotations


def without_slow_callbacks(stderr: str) -> str:
    """Return what a process wrote to stderr, without asyncio's complaints of slow callbacks.

    They come with `-X dev`, and are the machine's.
    """
    return "".join(line for line in stderr.splitlines(keepends=True) if not line.startswith("Executing <"))
