"""Bodies that are not what their headers say, and those that would be too large once they are decompressed."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zlib

import pytest

from text2everything.local import LocalService

from .conftest import Wire
from .test_service_pressure import HEAD, Raw, authorized

BODY = json.dumps({"name": "n" * 1000}).encode()


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


async def post(wire: Wire, body: bytes, **sent: str) -> tuple[int, str]:
    names = {name.replace("_", "-"): value for name, value in sent.items()}
    status, reply = await wire("POST", "/projects", data=io.BytesIO(body), headers=names)
    return status, reply.get("detail", reply.get("name"))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("GZIP", gzip.compress(BODY, mtime=0)),
        ("x-gzip", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
        ("identity", BODY),
    ],
)
async def test_compressed_bodies_are_read(wire: Wire, encoding, body):
    assert await post(wire, body, Content_Encoding=encoding) == (201, "n" * 1000)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b""),
        ("gzip", BODY),
        ("gzip", gzip.compress(BODY, mtime=0)[:-9]),
        ("gzip", gzip.compress(BODY, mtime=0)[:-8] + b"12345678"),
        ("gzip", gzip.compress(BODY, mtime=0) + b"more"),
        ("deflate", b"\xff\xff" + BODY),
        ("deflate", zlib.compress(BODY)[:-1]),
        ("deflate", raw_deflate(BODY)[:-1]),
    ],
)
async def test_a_body_that_is_not_compressed_as_it_says_is_refused(wire: Wire, encoding, body):
    assert await post(wire, body, Content_Encoding=encoding) == (400, f"The body is not valid {encoding}")


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "nonsense"])
async def test_other_compressions_are_refused(wire: Wire, encoding):
    status, detail = await post(wire, BODY, Content_Encoding=encoding)
    assert (status, "gzip, deflate" in detail) == (415, True)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"\xff\xfe"),
        ("application/json", b'{"name": "\xe9"}'),
        ("application/json; charset=latin-1", '{"name": "é"}'.encode()),
        ("application/json; charset=utf-16", '{"name": "e"}'.encode("utf-16")),
        ("application/json; charset=nonsense", b'{"name": "e"}'),
    ],
)
async def test_a_body_that_is_not_utf_8_is_refused(wire: Wire, content_type, body):
    status, detail = await post(wire, body, Content_Type=content_type)
    assert (status, "UTF-8" in detail) == (400, True)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=\xff"),
        ("application/x-www-form-urlencoded", b"name=%ff"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"name=n"),
        (
            "multipart/form-data; boundary=b",
            (
                b'--b\r\nContent-Disposition: form-data; name="name"\r\n'
                b"Content-Type: text/plain; charset=nonsense\r\n\r\nn\r\n--b--\r\n"
            ),
        ),
        (
            "multipart/form-data; boundary=b",
            (
                b'--b\r\nContent-Disposition: form-data; name="name"\r\n'
                b"Content-Transfer-Encoding: base64\r\n\r\nbg==\r\n--b--\r\n"
            ),
        ),
        ("multipart/form-data; boundary=" + "b" * 71, b"--" + b"b" * 71 + b"--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"A: b\r\n" * 200 + b"\r\nn\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\nA: " + b"b" * 10_000 + b"\r\n\r\nn\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b"x" * 1_000_000 + b"\r\n--b--\r\n"),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(wire: Wire, content_type, body):
    sent = {"Content-Type": content_type}
    assert (await wire("POST", "P/custom-tools", data=body, headers=sent))[0] == 400


async def test_a_text_field_has_the_charset_it_states(wire: Wire):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\nContent-Type: text/plain; charset=latin-1\r\n\r\n'
        b'\xe9\r\n--b\r\nContent-Disposition: form-data; name="description"\r\n\r\nd\r\n'
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="f"\r\n\r\nf\r\n--b--\r\n'
    ) % b"name"
    sent = {"Content-Type": "multipart/form-data; boundary=b"}
    status, tool = await wire("POST", "P/custom-tools", data=body, headers=sent)
    assert (status, tool["name"]) == (201, "é")


async def test_a_compressed_form_is_refused(wire: Wire):
    sent = {"Content-Type": "multipart/form-data; boundary=b", "Content-Encoding": "gzip"}
    assert (await wire("POST", "P/custom-tools", data=gzip.compress(b"--b--\r\n"), headers=sent))[0] == 400


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"Content-Length: 99999999999\r\n\r\n{", 413),
        (b"Content-Length: 99999999999\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b", 413),
        (b"Content-Length: 99999999999999999999\r\n\r\n{", 400),
        (b"Content-Length: -1\r\n\r\n{", 400),
        (b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: gzip\r\n\r\n{}", 400),
        (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}!!\r\n", 400),
        (b"\r\n", 422),
    ],
)
async def test_a_body_with_a_length_that_is_wrong_is_refused(service: LocalService, wire: Wire, sent, status):
    path = f"/api/projects/{wire.project}/custom-tools" if b"multipart" in sent else "/api/projects"
    async with Raw(service) as raw:
        raw.writer.write(HEAD.replace(b"/api/projects", path.encode()) + authorized(service) + sent)
        assert int((await raw.reader.readline()).split()[1]) == status


async def test_a_body_that_breaks_while_it_is_read_is_refused(service: LocalService):
    async with Raw(service) as raw:
        raw.writer.write(HEAD + authorized(service) + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert await raw.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"  # it is being read
        raw.writer.write(b"zz\r\n")
        assert int((await raw.reader.readline()).split()[1]) == 400


async def test_a_shorter_body_than_announced_is_never_taken(service: LocalService, wire: Wire):
    before = (await wire("GET", "/projects"))[1]["total"]
    async with Raw(service) as raw:
        raw.writer.write(HEAD + authorized(service) + b'Content-Length: 100\r\n\r\n{"name": "cut"}')
        raw.writer.write_eof()
        assert await raw.rest() == b""
    assert (await wire("GET", "/projects"))[1]["total"] == before


BOMB = """
import resource, sys, zlib, aiohttp, asyncio
from text2everything.local import LocalService

packer = zlib.compressobj(wbits=31)
bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(4000)) + packer.flush()

async def send(service):
    sent = {"Authorization": f"Bearer {service.access_token}", "X-Workspace-Name": service.workspace_name}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with aiohttp.ClientSession(headers={**sent, "Content-Encoding": "gzip"}) as session:
        for _ in range(3):
            async with session.post(f"{service.base_url}/api/projects", data=bomb) as response:
                print(response.status)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)

with LocalService() as service:
    asyncio.run(send(service))
"""


@pytest.mark.slow
def test_four_gigabytes_in_four_megabytes_cost_little_memory():
    command = [sys.executable, "-c", BOMB]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    *statuses, mebibytes = done.stdout.split()
    assert statuses == ["413"] * 3
    assert int(mebibytes) < 100
