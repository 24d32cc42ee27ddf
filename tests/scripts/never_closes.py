"""A plain script: it makes clients, uses them, drops some, and never closes one."""

from __future__ import annotations

from clients import client

kept = [client() for _ in range(3)]
for each in kept:
    assert each.fetch("one") == "one"
dropped = client()
assert dropped.fetch("two") == "two"
del dropped
unused = client()
print("done", flush=True)
