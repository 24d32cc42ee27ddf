"""One call that is answered with a gigabyte; prints how it ended and how far memory grew."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import hostile

from text2everything import AsyncText2EverythingClient, Text2EverythingError


async def gzip_bomb_of_1_gb(exchange: hostile.Exchange) -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    await exchange.raw(hostile.head_of(200, {"Content-Encoding": "gzip"}))
    for _ in range(2**10):
        await exchange.raw(squeeze.compress(b" " * 2**20))
    await exchange.raw(squeeze.flush())
    exchange.close()


def serve(fault: str) -> None:
    service = hostile.HostileService(globals().get(fault) or getattr(hostile, fault))
    print(service.base_url, flush=True)
    sys.stdin.read()


async def call(base_url: str) -> str:
    settings = {"access_token": "t", "workspace_name": "workspaces/w"}
    async with AsyncText2EverythingClient(base_url=base_url, **settings) as client:
        try:
            await client.projects.get("p")
        except Text2EverythingError as error:
            return type(error).__name__
    return "no error"


def main() -> None:
    if sys.argv[2:] == ["serve"]:
        serve(sys.argv[1])
        return
    service = subprocess.Popen(
        [sys.executable, __file__, sys.argv[1], "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with service:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        error = asyncio.run(call(service.stdout.readline().strip()))
        grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        print(json.dumps({"error": error, "grown": grown}), flush=True)
        service.kill()
    os._exit(0)


main()
