"""Nothing secret in what the service says, whatever bytes it is sent: not in replies, not on stderr, not in logs."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from text2everything.local._log import describe, log, log_loop_error

# Everything that any library logs goes to stderr; asyncio is in debug mode.
SCRIPT = """
import json, logging, sys, threading
logging.basicConfig(level=logging.DEBUG)
from text2everything.local import LocalService
with LocalService(sys.argv[1], access_token="s3cret-token") as service:
    print(service.base_url, flush=True)
    sys.stdin.read()
print(repr(service), repr(service._lock), flush=True)
"""
START = b"GET /api/projects HTTP/1.1\r\nHost: x\r\n"
BODY = START.replace(b"GET", b"POST") + (
    b"Authorization: Bearer s3cret-token\r\nX-Workspace-Name: workspaces/local\r\n"
)
REQUESTS = {
    "broken over lines": START + b"Authorization: Bearer\r\n s3cret-token\r\n\r\n",
    "broken over lines by a tab": START + b"Authorization: Bearer\r\n\ts3cret-token\r\n\r\n",
    "broken without a space": START + b"Authorization: Bearer\r\ns3cret-token\r\n\r\n",
    "a lone line feed": START + b"Authorization: Bearer\ns3cret-token\r\n\r\n",
    "a lone carriage return": START + b"Authorization: Bearer \rs3cret-token\r\n\r\n",
    "not ASCII": START + b"Authorization: Bearer s3cret-token\xff\xfe\r\n\r\n",
    "tabs": START + b"Authorization:\tBearer\ts3cret-token\t\r\n\r\n",
    "a null": START + b"Authorization: Bearer \0s3cret-token\r\n\r\n",
    "a control character": START + b"Authorization: Bearer \x01s3cret-token\r\n\r\n",
    "a space before the colon": START + b"Authorization : Bearer s3cret-token\r\n\r\n",
    "no colon": START + b"Authorization Bearer s3cret-token\r\n\r\n",
    "a name with a secret": START + b"s3cret\x01token: Bearer\r\n\r\n",
    "twice": START + b"Authorization: Bearer s3cret-token\r\nAuthorization: Bearer s3cret-2\r\n\r\n",
    "too long": START + b"Authorization: Bearer " + b"s3cret" * 9_000 + b"\r\n\r\n",
    "too long a line": b"GET /" + b"s3cret" * 9_000 + b" HTTP/1.1\r\n\r\n",
    "no method": b"s3cret-token\r\n\r\n",
    "a bad version": b"GET /s3cret-token HTTP/s3cret\r\n\r\n",
    "a bad target": b"GET http://user:s3cret@\xff:x/ HTTP/1.1\r\n\r\n",
    "a bad length": START + b"Authorization: Bearer s3cret-token\r\nContent-Length: s3cret\r\n\r\n",
    "two lengths": BODY + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\ns3cret",
    "bad chunks": BODY + b"Transfer-Encoding: chunked\r\n\r\ns3cret\r\n\r\n",
    "a bad encoding": BODY + b"Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\ns3cret",
    "a bad charset": BODY + b"Content-Type: application/json; charset=s3cret\r\nContent-Length: 8\r\n\r\n\xffs3cret{",
    "a bad cookie": START + b"Cookie: s3cret=\x7f; ;=\r\n\r\n",
    "an upgrade": START + b"Upgrade: s3cret\r\nConnection: upgrade\r\nAuthorization: Bearer s3cret\r\n\r\ns3cret\0",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfcs3cret-token",
    "cut off": START + b"Authorization: Bearer s3cret-to",
    "a body that is cut off": BODY + b'Content-Length: 99\r\n\r\n{"name": "s3cret',
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], str, str]:
    """What one service replied to each request, and wrote to stdout and stderr."""
    command = [sys.executable, "-X", "dev", "-c", SCRIPT, str(tmp_path_factory.mktemp("data"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            host, _, port = process.stdout.readline().strip().removeprefix("http://").rpartition(":")
            replies = {
                name: exchange(host, int(port), sent, cut_off="cut off" in name) for name, sent in REQUESTS.items()
            }
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, err
    return replies, out, err


def exchange(host: str, port: int, sent: bytes, *, cut_off: bool) -> bytes:
    """Send a request and return the reply; that to a request that is cut off may be empty."""
    with closing(socket.create_connection((host, port), 60)) as connection:
        connection.sendall(sent)
        if cut_off:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while not is_complete(received) and (chunk := connection.recv(65_536)):
            received += chunk
        return received


def is_complete(reply: bytes) -> bool:
    head, end, body = reply.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end and length) and len(body) >= int(length[1])


@pytest.mark.parametrize("name", REQUESTS)
def test_no_reply_repeats_what_was_sent(said, name):
    reply = said[0][name]
    assert b"s3cret" not in reply
    if b" 400 " in reply[:20]:
        body = json.loads(reply.partition(b"\r\n\r\n")[2])
        assert body["error"]


def test_neither_stdout_nor_stderr_repeats_what_was_sent(said):
    replies, out, err = said
    assert [line for line in (out + err).splitlines() if "s3cret" in line] == []
    assert "DEBUG:text2everything.local:The request is not valid HTTP: " in err
    assert len([reply for reply in replies.values() if b" 400 " in reply[:20]]) > 10


def test_a_logged_error_tells_where_and_of_which_type_it_was_only(caplog):
    def fail():
        try:
            int("s3cret")
        except ValueError:
            raise OSError(28, "s3cret", "s3cret") from None
        finally:
            {}["s3cret"]

    with pytest.raises(KeyError) as caught:
        fail()
    with caplog.at_level(logging.DEBUG):
        log.error("%s failed", "it", exc_info=caught.value)
        log.debug("no error here", exc_info=True)
    assert "it failed" in caplog.text
    assert "builtins.OSError ENOSPC" in caplog.text
    assert caplog.text.count("in fail") == 2
    assert "builtins.KeyError" in caplog.text
    messages = [record.getMessage() for record in caplog.records]
    assert not [line for message in messages for line in message.splitlines() if line.startswith(("OSE", "KeyE"))]
    assert "'s3cret'" not in describe(ValueError("s3cret"))


async def test_errors_of_the_loop_are_logged_in_the_same_way(caplog):
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_error)
    done = loop.create_future()
    loop.call_soon(int, "s3cret")
    loop.call_soon(done.set_result, None)
    await done
    loop.set_exception_handler(None)
    assert "builtins.ValueError" in caplog.text
    assert "s3cret" not in caplog.text  # asyncio's own message has the arguments of the callback
