"""The blocking client in a program patched by gevent or eventlet: `greenlets.py LIBRARY WHEN BASE_URL DIRECTORY`.

WHEN says whether the library is patched `before` or `after` ours is imported.
"""

from __future__ import annotations

import contextlib
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

library, when, base_url, directory = sys.argv[1:]


def patch() -> None:
    if library == "gevent":
        from gevent import monkey

        monkey.patch_all()
    else:
        warnings.simplefilter("ignore")  # it says that it is deprecated
        import eventlet

        eventlet.monkey_patch()


if when == "before":
    patch()

from text2everything import Text2EverythingClient
from text2everything.sync import _loop_thread

if when == "after":
    patch()

if library == "gevent":
    import gevent

    spawn, sleep, Timeout = gevent.spawn, gevent.sleep, gevent.Timeout
else:
    import eventlet

    spawn, sleep, Timeout = eventlet.spawn, eventlet.sleep, eventlet.Timeout


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run every call in a greenlet of its own."""
    if library == "gevent":
        running = [spawn(call) for call in calls]
        gevent.joinall(running, raise_error=True)
        return [each.value for each in running]
    return [each.wait() for each in [spawn(call) for call in calls]]


ticks = 0


def tick() -> None:
    global ticks  # noqa: PLW0603
    while True:
        ticks += 1
        sleep(0.01)


def plain_token() -> str:
    time.sleep(0.01)
    return "token"


def client(**options: Any) -> Text2EverythingClient:
    settings = {"base_url": base_url, "access_token": "token", "workspace_name": "workspaces/dev", "max_retries": 0}
    return Text2EverythingClient(**settings | options)


ticking = spawn(tick)

# Many greenlets, one client; others run meanwhile.
used = client(access_token=plain_token)
assert together([lambda: used.projects.get("brief").name] * 200) == ["brief"] * 200
assert ticks > 10

# Some clients that begin at once.
used_first = [client() for _ in range(3)]
assert together([lambda each=each: each.projects.get("a").name for each in used_first]) == ["a"] * 3
for each in used_first:
    each.close()

# A call that is given up, and one that is stopped with its greenlet: both are over before the grace is.
_loop_thread._CANCEL_GRACE = 30.0
began = time.monotonic()
with contextlib.suppress(Timeout), Timeout(0.2):
    used.projects.get("slow")
    raise AssertionError
stopped = spawn(used.projects.get, "slow")
sleep(0.2)
stopped.kill()
assert time.monotonic() - began < 20
assert used.projects.get("b").name == "b"

# The embedded service, also beside another.
folder = Path(directory)
(folder / "document.txt").write_text("text")
with Text2EverythingClient.local(demo=True) as first, Text2EverythingClient.local() as second:
    assert len(first.projects.list()) == 1
    project = second.projects.create("p").id
    items = [{"name": f"n{number}", "content": "c"} for number in range(50)]
    results = together([lambda: len(second.contexts.bulk_create(project, items))] * 5)
    assert results == [50] * 5
    assert len(list(second.contexts.iter(project, page_size=20))) == 250
    assert len(list(second.contexts.bulk_create_stream(project, iter(items)))) == 50
    assert len(second.contexts.bulk_create(project, items, journal=folder / "journal")) == 50
    assert second.feedback.export(project, folder / "ratings.csv") == 0
    assert second.custom_tools.create(project, "t", "d", [folder / "document.txt"]).name == "t"
ticking.kill()
print("done", flush=True)
