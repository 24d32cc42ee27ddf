"""The service that everybody is measured against: feedback and golden examples, at several latencies.

Written on bare asyncio protocols, so that it is never what a run waits for. It keeps nothing: a create is answered
with what was sent plus an id, and the project `items-1000` has a thousand ratings.

    python -m benchmarks.stub 0 5 20 100

prints one line of JSON, the port of each latency in milliseconds, and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from functools import lru_cache, partial
from typing import cast
from urllib.parse import parse_qs

import uvloop

WHEN = "2026-01-02T03:04:05.678901Z"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
BAD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NUMBERS = itertools.count(1)
ADDED = (
    '{"id":"5f6b9a52-0000-4000-8000-%012d","created_at":"' + WHEN + '","updated_at":"' + WHEN + '",'
    '"project_id":"p","h2ogpte_doc_id":"9d1c7c1e-2f5b-4a62-8a5e-6f0f3a1f2b3c",'
    '"collection_id":"1b0f9d7e-7a43-4c43-9f0e-b1b5f0a9a9aa",'
)
ITEM = (
    '{"id":"5f6b9a52-0000-4000-8000-@%02d","created_at":"' + WHEN + '","updated_at":"' + WHEN + '",'
    '"project_id":"p","h2ogpte_doc_id":"9d1c7c1e-2f5b-4a62-8a5e-6f0f3a1f2b3c",'
    '"collection_id":"1b0f9d7e-7a43-4c43-9f0e-b1b5f0a9a9aa",'
    '"chat_message_id":"0c7a1c9e-3333-4444-8555-@%02d",'
    '"feedback":"The total leaves out refunds, row %d of the report",'
    '"is_positive":%s,"execution_id":"77d0a7a0-1111-4222-8333-@%02d"}'
)
CHUNK = 50
CHUNKS = [ITEM % (number, number, number, "true" if number % 3 else "false", number) for number in range(CHUNK)]
WHOLE_CHUNK = ",".join(CHUNKS)


def items(first: int, last: int) -> str:
    """Return ratings as the service writes them; fifty at a time, so that a million cost little."""
    found = []
    while first < last:
        chunk, offset = divmod(first, CHUNK)
        some = min(CHUNK - offset, last - first)
        template = WHOLE_CHUNK if some == CHUNK else ",".join(CHUNKS[offset : offset + some])
        found.append(template.replace("@", f"{chunk:010d}"))
        first += some
    return ",".join(found)


@lru_cache(maxsize=512)
def page(total: int, skip: int, size: int) -> bytes:
    """Return the reply with the items from `skip` on."""
    rest = {"total": total, "page": skip // size + 1, "page_size": size, "has_next": skip + size < total}
    body = f'{{"items":[{items(skip, min(skip + size, total))}],{json.dumps(rest)[1:]}'.encode()
    return OK % (len(body), body)


def answer(method: bytes, target: bytes, body: bytes) -> bytes:
    """Return the whole reply to one request."""
    path, _, query = target.partition(b"?")
    if method == b"POST" and body.startswith(b"{") and path.endswith((b"/feedback", b"/golden-examples")):
        created = (ADDED % next(NUMBERS)).encode() + body.lstrip(b"{ \n")
        return CREATED % (len(created), created)
    if method == b"GET" and path.endswith(b"/feedback"):
        total = int(path.rpartition(b"/items-")[2].partition(b"/")[0])
        asked = {name: int(values[0]) for name, values in parse_qs(query.decode()).items()}
        if "page" in asked:
            size = asked["per_page"]
            return page(total, (asked["page"] - 1) * size, size)
        return page(total, asked["skip"], asked["limit"])
    return BAD


class Connection(asyncio.Protocol):
    """One keep-alive connection; the next request comes after the reply."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        lines = head.split(b"\r\n")
        length = 0
        for line in lines:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        method, target, _ = lines[0].split(b" ")
        reply = answer(method, target, rest[:length])
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._write, reply)
        else:
            self._write(reply)

    def _write(self, reply: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(reply)


async def serve(latencies: list[str]) -> None:
    """Serve each latency on a port of its own until standard input ends."""
    loop = asyncio.get_running_loop()
    ports = {}
    for latency in latencies:
        server = await loop.create_server(
            partial(Connection, float(latency) / 1000), "127.0.0.1", 0, backlog=1024, start_serving=True
        )
        ports[latency] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve what the command line says."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1:] or ["0"]))


if __name__ == "__main__":
    main()
