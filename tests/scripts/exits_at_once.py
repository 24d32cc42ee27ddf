"""What every script here costs before it does anything: the same imports, and the exit."""

from __future__ import annotations

import clients  # noqa: F401

print("done", flush=True)
