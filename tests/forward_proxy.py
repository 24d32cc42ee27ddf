"""A forward proxy on a real socket: all that it tunnels and forwards goes to one service."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from typing import Any, Self


class ForwardProxy:
    """Sends all that it is asked for to `port` of this machine, and keeps what it was asked for.

    Attributes:
        asked: The first line of each request.
        headers: The headers of each request.
        url: Its URL.
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    proxy._handle(self.request, port, tls)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)

    def _handle(self, client: Any, port: int, tls: ssl.SSLContext | None) -> None:
        if tls is not None:
            client = tls.wrap_socket(client, server_side=True)
        head = b""
        while b"\r\n\r\n" not in head:
            got = client.recv(65536)
            if not got:
                return
            head += got
        text, _, rest = head.partition(b"\r\n\r\n")
        first, *lines = text.decode("latin-1").split("\r\n")
        self.asked.append(first)
        self.headers.append({name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)})
        method, target, version = first.split(" ")
        with socket.create_connection(("127.0.0.1", port)) as service:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            else:
                path = "/" + target.split("://", 1)[1].partition("/")[2]
                kept = [line for line in lines if not line.lower().startswith(("connection:", "proxy-"))]
                forwarded = "\r\n".join([f"{method} {path} {version}", *kept, "Connection: close"])
                service.sendall(forwarded.encode("latin-1") + b"\r\n\r\n" + rest)
            other = threading.Thread(target=_copy, args=(client, service), daemon=True)
            other.start()
            _copy(service, client)
        client.close()
        other.join(60)


def _copy(source: Any, target: Any) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
