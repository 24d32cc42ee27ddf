"""A script that calls when its main thread has ended: `last_calls.py WHERE FACADE FIRST BASE_URL TOKEN DIRECTORY`.

WHERE is `thread` (one that outlives the main thread), `atexit`, or `atexit first` (registered before the library is
imported). FIRST says whether the client was used before.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import threading
from pathlib import Path
from typing import Any

where, facade, first, base_url, token, directory = sys.argv[1:]
if os.environ.get("LOOP") == "asyncio":
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # as if it were not installed


def work() -> None:
    if where == "thread":
        threading.main_thread().join()
    if facade == "async":
        asyncio.run(async_calls())
    else:
        blocking_calls()
    print("done", flush=True)


if where == "atexit first":
    atexit.register(work)

import text2everything

settings: dict[str, Any] = {"base_url": base_url, "access_token": token, "workspace_name": "workspaces/local"}
folder = Path(directory)
(folder / "document.txt").write_text("text")
contexts = [{"name": f"n{n}", "content": "c"} for n in range(20)]
client: Any = None


def blocking_calls() -> None:
    global client  # noqa: PLW0603
    client = client or text2everything.Text2EverythingClient(**settings)
    project = client.projects.create("p").id
    assert len(client.contexts.bulk_create(project, contexts, journal=folder / "journal")) == 20
    assert len(list(client.contexts.iter(project, page_size=5))) == 20
    assert client.feedback.export(project, folder / "ratings.csv") == 0
    assert client.custom_tools.create(project, "t", "d", files=[folder / "document.txt"]).name == "t"
    client.close()


async def async_calls() -> None:
    async with text2everything.AsyncText2EverythingClient(**settings) as client:
        project = (await client.projects.create("p")).id
        assert len(await client.contexts.bulk_create(project, contexts, journal=folder / "journal")) == 20
        assert len([item async for item in client.contexts.iter(project, page_size=5)]) == 20
        assert await client.feedback.export(project, folder / "ratings.csv") == 0
        assert (await client.custom_tools.create(project, "t", "d", files=[folder / "document.txt"])).name == "t"


if first == "used":
    client = text2everything.Text2EverythingClient(**settings)
    client.projects.list()
if where == "thread":
    threading.Thread(target=work).start()
elif where == "atexit":
    atexit.register(work)
