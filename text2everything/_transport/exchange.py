"""One request and its reply over aiohttp: URL, headers, redirects, and the errors they end in."""

from __future__ import annotations

import builtins
import io
import ssl
from collections.abc import Mapping
from urllib.parse import urlencode

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from text2everything._secret import Secret, without_frames
from text2everything._transport.connection_errors import connection_failure
from text2everything._transport.errors import FailedAttempt, final_failure, request_id, status_failure
from text2everything._transport.files import Form
from text2everything._transport.messages import MAX_ERROR_BODY, Reply, Request, api_path
from text2everything._transport.multipart import LeavingError, form_data
from text2everything._transport.session import UnexpectedDataError
from text2everything._transport.version import __version__
from text2everything.exceptions import ClientClosedError, InvalidResponseError, ValidationError
from text2everything.settings import Settings

__all__ = ["MAX_REPLY", "Exchange"]

USER_AGENT = f"text2everything/{__version__} aiohttp/{aiohttp.__version__}"

MAX_REPLY = 128 * 2**20
"""Bytes of a reply's body at most, after decompression."""

MAX_PLAIN_BODY = 2**20
"""Bytes of a body that are sent at once, at most."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 5

MAX_UNUSABLE = 10
"""Connections that may turn out to be unusable in one attempt."""


class Exchange:
    """Sends one request and reads its reply; `headers` are sent in addition to its own."""

    def __init__(self, settings: Settings, headers: Mapping[str, str]) -> None:
        self._settings = settings
        self._origin = URL(settings.base_url).origin()
        self._root = f"{self._origin}{api_path(settings.base_url)}"
        self._headers = CIMultiDict({"Accept": "application/json", "User-Agent": USER_AGENT})
        self._headers.update(headers)
        self._headers["X-Workspace-Name"] = settings.workspace_name
        self._timeouts = {
            slow: aiohttp.ClientTimeout(connect=settings.timeout, sock_read=settings.read_timeout_for(slow=slow))
            for slow in (False, True)
        }

    async def send(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        token: Secret,
        *,
        tls: ssl.SSLContext | bool,
        keep: bool,
    ) -> Reply | FailedAttempt:
        """Send the request and read its reply, through redirects, and on another connection where one is unusable.

        Failures are returned, not raised; their errors have the path that was asked for last.

        Args:
            session: The session of the running loop.
            request: What to send.
            token: The access token.
            tls: The TLS settings; True for those of the session's connector.
            keep: Whether the connection may be kept alive.
        """
        url = self._url(request)
        headers = self._headers.copy()
        headers["Authorization"] = Secret(f"Bearer {token}")
        if isinstance(request.body, bytes):
            headers["Content-Type"] = "application/json"
        if not keep:
            headers["Connection"] = "close"
        redirects = unusable = 0
        result: Reply | FailedAttempt | URL
        while True:
            try:
                if isinstance(request.body, Form):
                    async with form_data(request.body) as data:
                        result = await self._send_once(session, request, url, headers, data, tls)
                else:
                    result = await self._send_once(session, request, url, headers, request.body, tls)
            except UnexpectedDataError as error:  # the connection is closed now, and nothing was sent
                unusable += 1
                if unusable <= MAX_UNUSABLE:
                    continue
                result = self._connection_failure(error, request)
            if isinstance(result, URL):
                redirects += 1
                if redirects <= MAX_REDIRECTS:
                    url = result
                    continue
                result = final_failure(
                    InvalidResponseError(f"the service redirected more than {MAX_REDIRECTS} times")
                )
            if isinstance(result, FailedAttempt):
                result.error.path = url.raw_path
            return result

    async def _send_once(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        url: URL,
        headers: CIMultiDict[str],
        body: bytes | aiohttp.FormData | None,
        tls: ssl.SSLContext | bool,
    ) -> Reply | FailedAttempt | URL:
        """Send one request; return its reply, its failure, or the URL that it is redirected to."""
        # aiohttp warns of large bytes, and sends a stream in pieces.
        data = io.BytesIO(body) if isinstance(body, bytes) and len(body) > MAX_PLAIN_BODY else body
        try:
            response = await session.request(
                request.method,
                url,
                data=data,
                headers=headers,
                allow_redirects=False,
                raise_for_status=False,
                timeout=self._timeouts[request.slow],
                ssl=tls,
            )
            try:
                status = response.status
                if 200 <= status < 300:  # noqa: PLR2004
                    body = await _read(response)
                    if body is None:
                        return final_failure(_too_large(response))
                    return Reply(status, body, response.headers, request, url.raw_path)
                start = await _read_start(response)
            finally:
                if not response.closed:  # not read completely
                    response.close()
        except UnexpectedDataError:
            raise
        except (aiohttp.ClientError, OSError, builtins.TimeoutError) as error:
            if isinstance(error.__cause__, LeavingError):
                raise error.__cause__.left from None
            if isinstance(error.__cause__, ValidationError):  # a file could not be read to its end
                return final_failure(without_frames(error.__cause__))
            return self._connection_failure(error, request)
        except RuntimeError:
            if not session.closed:
                raise
            return final_failure(
                ClientClosedError("the session given to the client was closed while the call was in flight")
            )
        return self._redirect(response, request) if status in REDIRECTS else status_failure(response, start)

    def _connection_failure(self, error: Exception, request: Request) -> FailedAttempt:
        return connection_failure(
            error, self._settings, read_timeout=self._settings.read_timeout_for(slow=request.slow)
        )

    def _url(self, request: Request) -> URL:
        url = self._root + request.path
        if request.query:
            url = f"{url}?{urlencode(request.query)}"
        return URL(url, encoded=True)

    def _redirect(self, response: aiohttp.ClientResponse, request: Request) -> URL | FailedAttempt:
        """Return the URL of a redirect, or a failure if it leads to another host or would drop the body."""
        try:
            url = response.url.join(URL(response.headers.get("Location", ""))).with_user(None)
            same = url.origin() == self._origin
        except ValueError:
            problem = "the service redirected to something that is no URL"
        else:
            if not same:
                problem = f"the service redirected to another host, {url.origin()}; check base_url"
            elif request.method != "GET" and response.status not in {307, 308}:
                problem = f"the service redirected a {request.method} to {url.raw_path}; check base_url"
            elif isinstance(request.body, Form) and not request.body.replayable:
                problem = "the service redirected an upload whose file cannot be read twice; check base_url"
            else:
                return url
        return final_failure(InvalidResponseError(problem, response.status))


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body, or None if it is larger than `MAX_REPLY`, of which no more is kept in memory."""
    length = response.content_length
    if length is not None and length > MAX_REPLY:
        response.close()
        return None
    if length is not None and "Content-Encoding" not in response.headers:
        return await response.read()
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_REPLY:
            response.close()
            return None
        chunks.append(chunk)
    return b"".join(chunks)


async def _read_start(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an error, truncated to `MAX_ERROR_BODY` bytes."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ERROR_BODY:
            response.close()
            break
    return bytes(body[:MAX_ERROR_BODY])


def _too_large(response: aiohttp.ClientResponse) -> InvalidResponseError:
    error = InvalidResponseError(
        f"the service's reply is larger than {MAX_REPLY // 2**20} MiB; ask for less at a time", response.status
    )
    error.request_id = request_id(response.headers)
    return error
