"""Uploads on the wire: their length is announced where it can be known, and what is sent is what was announced."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import mmap
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hostile import Exchange, HostileService

from text2everything import AsyncText2EverythingClient, ServerError, ValidationError
from text2everything._transport.multipart import CHUNK

Start = Callable[..., HostileService]
Client = AsyncText2EverythingClient

CONTENT = os.urandom(2 * CHUNK + 7)
TOOL = {"id": "t", "name": "n", "description": "d", "project_id": "p"}


async def take(exchange: Exchange) -> None:
    await exchange.reply(200, TOOL)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tool.bin"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def service(hostile: Start) -> HostileService:
    """A service that reads exactly as many bytes as were announced."""
    return hostile(take)


@pytest.fixture
async def client(service: HostileService, options: dict[str, Any]) -> AsyncIterator[Client]:
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        yield client


def contents(exchange: Exchange) -> list[bytes]:
    """Return the files of a form; the form must end where the body does."""
    boundary = exchange.headers["content-type"].partition("boundary=")[2].encode()
    first, *parts, last = exchange.body.split(b"--" + boundary)
    assert (first, last) == (b"", b"--\r\n")
    files = [part.partition(b"\r\n\r\n") for part in parts if b'name="files"' in part.partition(b"\r\n\r\n")[0]]
    return [content.removesuffix(b"\r\n") for _, _, content in files]


class Unsized:
    """What can be read once and has no size."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._left.read(size)


def positioned(file: Any, position: int) -> Any:
    file.seek(position)
    return file


def spooled(**options: Any) -> Any:
    file: Any = tempfile.SpooledTemporaryFile(**options)  # noqa: SIM115  # closed by the test
    file.write(b"spooled")
    return positioned(file, 3)


def mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def compressed(path: Path) -> Any:
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(CONTENT))
    return gzip.open(packed)


SIZED: dict[str, tuple[Callable[[Path], Any], bytes]] = {
    "path": (lambda path: path, CONTENT),
    "path as text": (str, CONTENT),
    "bytes": (lambda _: CONTENT, CONTENT),
    "no bytes": (lambda _: b"", b""),
    "bytearray": (lambda _: bytearray(CONTENT), CONTENT),
    "memoryview": (lambda _: memoryview(CONTENT)[1:], CONTENT[1:]),
    "memoryview with a name": (lambda _: ("n", memoryview(CONTENT)), CONTENT),
    "file": (lambda path: path.open("rb"), CONTENT),
    "file at a position": (lambda path: positioned(path.open("rb"), 5), CONTENT[5:]),
    "file at its end": (lambda path: positioned(path.open("rb"), len(CONTENT)), b""),
    "file beyond its end": (lambda path: positioned(path.open("rb"), len(CONTENT) + 9), b""),
    "file without a buffer": (lambda path: positioned(path.open("rb", buffering=0), 5), CONTENT[5:]),
    "file to be written too": (lambda path: path.open("r+b"), CONTENT),
    "BytesIO at a position": (lambda _: positioned(io.BytesIO(CONTENT), 9), CONTENT[9:]),
    "spooled in memory": (lambda _: spooled(), b"oled"),
    "spooled on disk": (lambda _: spooled(max_size=1), b"oled"),
    "temporary file": (lambda _: positioned(tempfile.TemporaryFile(), 0), b""),  # noqa: SIM115
    "mapped": (mapped, CONTENT),
    "compressed": (compressed, CONTENT),
}


@pytest.mark.parametrize(("make", "content"), SIZED.values(), ids=SIZED)
async def test_the_length_is_announced(
    service: HostileService, client: Client, path: Path, make: Callable[[Path], Any], content: bytes
) -> None:
    given = make(path)
    await client.custom_tools.create("p", "n", "d", [given])
    [sent] = service.requests
    assert int(sent.headers["content-length"]) == len(sent.body)
    assert "transfer-encoding" not in sent.headers
    assert contents(sent) == [content]
    if hasattr(given, "close"):
        given.close()


async def test_the_length_of_several_files(service: HostileService, client: Client, path: Path) -> None:
    with path.open("rb") as file:
        files = [path, b"", positioned(file, 7), ("ä.txt", b"two"), io.BytesIO(b"three")]
        await client.custom_tools.create("p", "ä", "d", files)
        assert not file.closed
    [sent] = service.requests
    assert int(sent.headers["content-length"]) == len(sent.body)
    assert contents(sent) == [CONTENT, b"", CONTENT[7:], b"two", b"three"]


@pytest.mark.parametrize("kind", ["pipe", "unsized", "unseekable", "proc"])
async def test_what_has_no_size_is_sent_in_chunks(
    service: HostileService, client: Client, path: Path, kind: str
) -> None:
    class Unseekable(io.BytesIO):
        def seek(self, *_: int) -> int:
            raise OSError(29, "Illegal seek")

    content = CONTENT[: 2**15]  # less than a pipe holds
    given: Any
    match kind:
        case "pipe":
            source, sink = os.pipe()
            os.write(sink, content)
            os.close(sink)
            given = os.fdopen(source, "rb")
        case "unsized":
            given = Unsized(content)
        case "unseekable":
            given = Unseekable(content)
        case _:
            given, content = "/proc/version", Path("/proc/version").read_bytes()  # noqa: ASYNC240
    await client.custom_tools.create("p", "n", "d", [path, given])
    [sent] = service.requests
    assert sent.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in sent.headers
    assert contents(sent) == [CONTENT, content]
    if kind == "pipe":
        given.close()


async def test_a_large_body_is_announced_without_a_warning(service: HostileService, client: Client) -> None:
    async def answer(exchange: Exchange) -> None:
        if exchange.number == 1:
            await exchange.reply(429, None, {"Retry-After": "0"})
        else:
            await exchange.reply(200, {"id": "c", "name": "n", "content": "c", "project_id": "p"})

    service.behaviour = answer
    await client.contexts.create("p", "n", "x" * 3 * 2**20)
    first, second = service.requests
    assert first.body == second.body
    assert json.loads(second.body)["content"] == "x" * 3 * 2**20
    assert second.headers["content-type"] == "application/json"
    assert int(second.headers["content-length"]) == len(second.body)


# Retries, and files that change.


def failing_once(then: Callable[[Exchange], Any] = take, headers: dict[str, str] | None = None) -> Any:
    async def behave(exchange: Exchange) -> None:
        if exchange.number == 1:
            await exchange.reply(503, None, {"Retry-After": "0"} | (headers or {}))
        else:
            await then(exchange)

    return behave


async def test_a_retry_begins_where_the_file_was(service: HostileService, client: Client, path: Path) -> None:
    service.behaviour = failing_once()
    with path.open("rb") as file:
        files = [positioned(file, 7), spooled(), path, positioned(io.BytesIO(b"0123"), 2), b"5"]
        await client.custom_tools.create("p", "n", "d", files)
        files[1].close()
    wanted = [CONTENT[7:], b"oled", CONTENT, b"23", b"5"]
    assert [contents(sent) for sent in service.requests] == [wanted, wanted]


async def test_a_retry_measures_again(service: HostileService, client: Client, path: Path) -> None:
    async def shorten(exchange: Exchange) -> None:
        path.write_bytes(b"short")  # noqa: ASYNC240
        await exchange.reply(503, None, {"Retry-After": "0"})

    service.behaviour = lambda exchange: shorten(exchange) if exchange.number == 1 else take(exchange)
    await client.custom_tools.create("p", "n", "d", [path])
    assert [contents(sent) for sent in service.requests] == [[CONTENT], [b"short"]]


async def test_what_can_be_read_once_is_not_sent_again(service: HostileService, client: Client) -> None:
    service.behaviour = failing_once()
    with pytest.raises(ServerError):
        await client.custom_tools.create("p", "n", "d", [Unsized(b"once")])
    assert len(service.requests) == 1


class Changing(io.BytesIO):
    """A file whose size changes once the first chunk is read."""

    def __init__(self, size: int, change: int) -> None:
        super().__init__(b"x" * size)
        self.change = size + change

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        if size and chunk:
            position = self.tell()
            if self.change < position:
                self.truncate(self.change)
            else:
                self.seek(0, io.SEEK_END)
                self.write(b"y" * (self.change - self.tell()))
                self.truncate(self.change)
            self.seek(position)
        return chunk


@pytest.mark.parametrize(
    ("size", "change", "said"),
    [
        (4 * CHUNK, -1, "became shorter while it was being sent"),
        (4 * CHUNK, -2 * CHUNK, "became shorter while it was being sent"),
        (4 * CHUNK, 1, "grew while it was being sent"),
        (3 * CHUNK - 1, 2, "grew while it was being sent"),
        (10, 1, "grew while it was being sent"),
    ],
)
async def test_a_file_that_changes(
    service: HostileService, client: Client, size: int, change: int, said: str
) -> None:
    with pytest.raises(ValidationError, match=rf"^files: log\.txt {said}") as caught:
        await asyncio.wait_for(client.custom_tools.create("p", "n", "d", [("log.txt", Changing(size, change))]), 60)
    assert caught.value.attempts == 1
    assert service.requests == []  # the body never ended
    assert "x" * 100 not in repr(caught.value.__cause__)
    await client.custom_tools.create("p", "n", "d", [b"another"])  # the client still works


async def test_a_file_that_breaks(service: HostileService, client: Client) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= CHUNK:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(ValidationError, match=r"^files: cannot read a\.txt: Input/output error"):
        await client.custom_tools.create("p", "n", "d", [("a.txt", Broken(CONTENT))])
    file = io.BytesIO(CONTENT)
    upload = client.custom_tools.create("p", "n", "d", [("a.txt", file)])
    task = asyncio.ensure_future(upload)
    await asyncio.sleep(0)
    file.close()
    with pytest.raises(ValidationError, match=r"^files: cannot read a\.txt: .*closed file"):
        await task
    assert service.requests == []


@pytest.mark.parametrize("type_", [bytearray, memoryview])
async def test_a_read_that_gives_other_bytes(service: HostileService, client: Client, type_: Any) -> None:
    class Other(io.BytesIO):
        def read(self, size: int | None = -1) -> Any:
            return type_(super().read(size))

    await client.custom_tools.create("p", "n", "d", [Other(CONTENT)])
    assert contents(service.requests[0]) == [CONTENT]


async def test_a_named_pipe_is_read_to_its_end(service: HostileService, client: Client, tmp_path: Path) -> None:
    pipe = tmp_path / "tool.py"
    os.mkfifo(pipe)
    await asyncio.gather(
        client.custom_tools.create("p", "n", "d", [pipe]), asyncio.to_thread(pipe.write_bytes, CONTENT)
    )
    assert contents(service.requests[0]) == [CONTENT]
    assert b'filename="tool.py"' in service.requests[0].body


async def test_what_a_shell_substitutes_is_read_to_its_end(service: HostileService, client: Client) -> None:
    source, sink = os.pipe()
    os.write(sink, b"print(1)")
    os.close(sink)
    try:
        await client.custom_tools.create("p", "n", "d", [f"/dev/fd/{source}", "/dev/null"])
    finally:
        os.close(source)
    assert contents(service.requests[0]) == [b"print(1)", b""]


async def test_a_read_that_gives_no_bytes(service: HostileService, client: Client) -> None:
    class NothingYet:
        def read(self, size: int = -1) -> bytes | None:
            return None if size else b""

    with pytest.raises(ValidationError, match=r"cannot read file1: its read\(\) returned NoneType, not bytes"):
        await client.custom_tools.create("p", "n", "d", [NothingYet()])  # type: ignore[list-item]
    assert service.requests == []


async def test_a_file_that_is_read_asynchronously(service: HostileService, client: Client) -> None:
    class Asynchronous:
        async def read(self, size: int = -1) -> bytes:
            return b""

    with pytest.raises(ValidationError, match=re.escape("files[0] is read asynchronously; give its contents")):
        await client.custom_tools.create("p", "n", "d", [Asynchronous()])  # type: ignore[list-item]
    assert service.requests == []


async def test_an_attempt_that_was_broken_off_does_not_disturb_the_next(options: dict[str, Any]) -> None:
    reading: list[int] = []  # how many threads are, at each read

    class Slow(io.BytesIO):
        threads = 0

        def read(self, size: int | None = -1) -> bytes:
            self.threads += 1
            reading.append(self.threads)
            time.sleep(0.2 if len(reading) == 2 else 0)  # the first chunk
            self.threads -= 1
            return super().read(size)

    bodies: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if not bodies:  # refused while the file is being read
            while len(reading) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            bodies.append(b"")
            writer.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
            await reader.read()
        else:
            bodies.append(await reader.readexactly(int(re.findall(r"Content-Length: (\d+)", head)[0])))
            reply = json.dumps(TOOL).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(reply), reply))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=2**20)
    base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, Client(base_url=base_url, **options) as client:
        await client.custom_tools.create("p", "n", "d", [Slow(CONTENT)])
    assert len(bodies) == 2
    assert CONTENT in bodies[1]
    assert max(reading) == 1
