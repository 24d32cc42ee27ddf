"""A client used before a fork, then on both sides of it, by generations and with calls under way."""

from __future__ import annotations

import os
import sys
import threading
import time
import warnings

from clients import client, exit_status, refused

warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)

used = client()
unused = client()
closed = client()
assert used.fetch("before") == "before"
closed.fetch("before")
closed.close()
results: list[str] = []
busy = threading.Thread(target=lambda: results.append(used.fetch("brief")))
busy.start()  # a call of another thread is under way when the fork comes
time.sleep(0.2)  # on a busy machine it may come later, which must do as well


def child() -> None:
    """Ends as a script ends, with atexit and finalizers; with status 3."""
    assert used.fetch("child") == "child"
    assert unused.fetch("child") == "child"
    assert refused(closed), "a fork reopened a closed client"
    grandchild = os.fork()
    if not grandchild:
        assert used.fetch("grandchild") == "grandchild"
        used.close()
        sys.exit(4)
    status = exit_status(grandchild)
    assert status == 4, status
    assert used.fetch("child again") == "child again"
    sys.exit(3)


children = []
for _ in range(3):
    pid = os.fork()
    if not pid:
        child()
    children.append(pid)
assert used.fetch("parent") == "parent"
statuses = [exit_status(pid) for pid in children]
assert statuses == [3, 3, 3], statuses
idle = os.fork()
if not idle:
    sys.exit(5)  # a child that never calls must end too
status = exit_status(idle)
assert status == 5, status
quick = os.fork()
if not quick:
    used.close()  # and one that closes what it never used
    sys.exit(6)
status = exit_status(quick)
assert status == 6, status
busy.join(60)
assert results == ["brief"], results
assert used.fetch("parent again") == "parent again"
print("done", flush=True)
