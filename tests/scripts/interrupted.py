"""Ctrl-C comes during a slow call; the client goes on afterwards."""

from __future__ import annotations

from clients import client

used = client()
assert used.fetch("one") == "one"
print("waiting", flush=True)
try:
    used.fetch("slow")
except KeyboardInterrupt:
    assert used.fetch("two") == "two"
    print("done", flush=True)
