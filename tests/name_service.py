"""A service that knows one call, on a real socket in a thread of its own, and takes note of who comes and goes."""

from __future__ import annotations

import asyncio
import threading

from aiohttp import web


class NameService:
    """Answers any project by its name: at once, `brief` in half a second, `slow` in a minute, `gone` with 404.

    `after slow` is answered once a call of `slow` has come in.
    """

    def __init__(self) -> None:
        self.slow_started = threading.Event()
        self.connections: list[object] = []
        self.tokens: list[str] = []
        self.slow_dropped = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.base_url = ""
        ready = threading.Event()
        self.thread = threading.Thread(target=self._main, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(60)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(60)

    def _main(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve(ready))
        self.loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self.stopping = asyncio.Event()
        app = web.Application()
        app.router.add_get("/api/projects/{name}", self._answer)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        # A host name, so that the client's resolver thread pool is part of what has to end.
        self.base_url = f"http://localhost:{runner.addresses[0][1]}"
        ready.set()
        await self.stopping.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.connections.append(request.transport)
        self.tokens.append(request.headers.get("Authorization", ""))
        if name == "gone":
            return web.json_response({"detail": "Project not found"}, status=404)
        if name == "brief":
            await asyncio.sleep(0.5)
        while name == "after slow" and not self.slow_started.is_set():  # noqa: ASYNC110  # tests clear it
            await asyncio.sleep(0.005)
        if name == "slow":
            self.slow_started.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.slow_dropped.set()
                raise
        return web.json_response({"id": name, "name": name})
