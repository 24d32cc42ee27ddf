"""One async client over many short-lived loops: `many_loops.py HOW BASE_URL`; prints how many more files are open."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from text2everything import AsyncText2EverythingClient

how, base_url = sys.argv[1:]
new_loop: Any = asyncio.new_event_loop
if how == "uvloop":
    import uvloop

    new_loop = uvloop.new_event_loop


async def main() -> None:
    calls = [asyncio.create_task(client.projects.get("p")) for _ in range(5)]
    if how == "in the middle":
        calls.append(asyncio.create_task(client.projects.get("slow")))
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        return
    await asyncio.gather(*calls)


def run() -> None:
    if how == "closed plainly":
        loop = new_loop()
        loop.run_until_complete(main())
        loop.close()
    else:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(main())


client = AsyncText2EverythingClient(base_url=base_url, access_token="token", workspace_name="workspaces/dev")
counts = []
for _ in range(102):
    run()
    counts.append(len(list(Path("/proc/self/fd").iterdir())))
if how == "client closed":
    asyncio.run(client.close())
print(counts[-1] - counts[1], flush=True)
