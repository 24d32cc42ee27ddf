"""One request to the service and its reply: auth, headers, deadline, retries, errors."""

from __future__ import annotations

import asyncio
import builtins
import logging
from importlib.metadata import PackageNotFoundError, version
from typing import Literal
from urllib.parse import urlencode

import aiohttp
import attrs
from yarl import URL

from text2everything import retry
from text2everything.auth import TokenSource
from text2everything.exceptions import (
    AuthenticationError,
    ClientClosedError,
    ConflictError,
    ConnectionError,  # noqa: A004  # the published name
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
    ValidationError,
)
from text2everything.files import Form, body_of
from text2everything.pool import Opened, Pool
from text2everything.replies import error_data, error_message
from text2everything.retry import Failure, Outcome
from text2everything.settings import Settings

logger = logging.getLogger("text2everything")

MAX_REPLY = 256 * 2**20
"""Bytes of a reply's body at most, after decompression."""

MAX_ERROR_BODY = 64 * 2**10
"""Bytes of an error's body that are kept."""

MAX_REDIRECTS = 5

SLOW_READ_TIMEOUT = 900.0
"""Seconds a chat's reply may take where `read_timeout` was not set: an agent can think for many minutes."""

IDLE_BEFORE_CHECK = 0.5
"""Seconds without traffic after which a kept connection may have been closed without the loop knowing yet."""

STATUS_ERRORS: dict[int, type[Text2EverythingError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: ValidationError,
}

REQUEST_ID_HEADERS = ("X-Request-Id", "X-Correlation-Id", "X-Amzn-Trace-Id")


def _user_agent() -> str:
    try:
        return f"text2everything/{version('text2everything')} aiohttp/{aiohttp.__version__}"
    except PackageNotFoundError:  # pragma: no cover  # run from a bare source tree
        return f"text2everything aiohttp/{aiohttp.__version__}"


@attrs.frozen
class Request:
    """What to send.

    Attributes:
        method: The HTTP method.
        path: The path under `/api`, its parts already escaped.
        query: Names and values, yet to be escaped.
        body: JSON, or a form with files, or None.
        repeatable: Whether sending it twice does what sending it once does.
        slow: Whether the service may think for minutes before it answers.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    query: dict[str, str] = attrs.field(factory=dict)
    body: bytes | Form | None = None
    repeatable: bool = True
    slow: bool = False


@attrs.frozen
class Reply:
    """A successful reply."""

    status: int
    body: bytes = attrs.field(repr=False)
    content_type: str
    request: Request
    request_id: str | None = None

    def invalid(self, problem: str) -> InvalidResponseError:
        """Return the error that says what is wrong with this reply, with the start of its body."""
        start = self.body[:200].decode(errors="replace")
        error = InvalidResponseError(
            f"the service's reply makes no sense: {problem}; "
            f"content type {self.content_type or 'missing'}, body {start!r}",
            self.status,
            error_data(self.body[:MAX_ERROR_BODY]),
        )
        error.method, error.path = self.request.method, f"/api{self.request.path}"
        error.request_id = self.request_id
        return error


@attrs.frozen
class _Failed:
    """A failed attempt: the error it would end in, and what the retry rules need to know."""

    error: Text2EverythingError
    outcome: Outcome


@attrs.define
class _Progress:
    """How a call is going."""

    started: float
    deadline: float
    attempts: int = 0
    last: Text2EverythingError | None = None


class Transport:
    """Sends requests through a pool, with one client's settings."""

    def __init__(
        self, settings: Settings, pool: Pool, tokens: TokenSource, headers: dict[str, str] | None = None
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.tokens = tokens
        self.headers = headers or {}
        self._prefix = f"{settings.base_url}/api"
        self._origin = URL(settings.base_url).origin()
        self._headers = {
            "Accept": "application/json",
            "User-Agent": _user_agent(),
            **self.headers,
            "X-Workspace-Name": settings.workspace_name,
        }
        self._timeouts = {slow: self._client_timeout(slow=slow) for slow in (False, True)}
        self._last_traffic = 0.0

    async def send(self, request: Request) -> Reply:
        """Send `request`, again where that is safe and may help, and return the reply.

        Raises:
            Text2EverythingError: The error of the last attempt; it tells how many there were and for how long.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        budget = self._budget(slow=request.slow)
        progress = _Progress(started, started + budget)
        try:
            opened = self.pool.opened or await self.pool.open()
            async with asyncio.timeout_at(progress.deadline) as timeout:
                with self.pool.in_flight(timeout):
                    return await self._until_done(request, opened, progress)
        except Text2EverythingError as failure:
            error = failure
        except builtins.TimeoutError:
            error = TimeoutError(f"no success within the {budget:g} s that a call may take")
            if progress.last is not None:
                error.message += f"; the last attempt: {progress.last.message}"
        if self.pool.closed and not isinstance(error, ClientClosedError):
            error = ClientClosedError("the client was closed while the call was in flight")
        error.method, error.path = request.method, f"/api{request.path}"
        error.attempts, error.elapsed = progress.attempts, loop.time() - started
        raise error from error.__cause__

    def _budget(self, *, slow: bool) -> float:
        """Return the seconds a call may take: as set, or else what one attempt may take at most."""
        settings = self.settings
        if settings.total_timeout is not None:
            return settings.total_timeout
        return settings.pool_timeout + settings.timeout + self._read_timeout(slow=slow)

    def _read_timeout(self, *, slow: bool) -> float:
        if slow and self.settings.is_default("read_timeout"):
            return SLOW_READ_TIMEOUT
        return self.settings.read_timeout

    def _client_timeout(self, *, slow: bool) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(
            total=None, sock_connect=self.settings.timeout, sock_read=self._read_timeout(slow=slow)
        )

    async def _until_done(self, request: Request, opened: Opened, progress: _Progress) -> Reply:
        token_replaced = False
        while True:
            token = self.tokens.current or await self.tokens.fetch()
            progress.attempts += 1
            result = await self._attempt(request, opened, token)
            if isinstance(result, Reply):
                return result
            error = progress.last = result.error
            if error.status_code == 401 and not token_replaced and self.tokens.refused(token):  # noqa: PLR2004
                token_replaced = True
                continue
            if error.status_code == 404 and request.method == "DELETE" and progress.attempts > 1:  # noqa: PLR2004
                # It is gone: an earlier attempt deleted it, and only the answer was lost.
                return Reply(status=204, body=b"", content_type="", request=request)
            if progress.attempts > self.settings.max_retries or not retry.may_retry(
                result.outcome, repeatable=request.repeatable
            ):
                raise error
            wait = retry.backoff(result.outcome, attempt=progress.attempts, delay=self.settings.retry_delay)
            if opened.loop.time() + wait >= progress.deadline:
                raise error  # waiting would only turn this error into a less telling one
            logger.debug("%s /api%s: %s; again in %.2f s", request.method, request.path, error.message, wait)
            await asyncio.sleep(wait)

    async def _attempt(self, request: Request, opened: Opened, token: str) -> Reply | _Failed:
        """Send `request` once, over a connection of its own for that long."""
        slots = opened.slots
        try:
            if slots.locked():
                async with asyncio.timeout(self.settings.pool_timeout):
                    await slots.acquire()
            else:
                await slots.acquire()
        except builtins.TimeoutError:
            problem = (
                f"no free connection within pool_timeout={self.settings.pool_timeout:g} s; "
                f"all max_connections={self.settings.max_connections} are in use"
            )
            return _Failed(TimeoutError(problem), Outcome(Failure.FINAL))
        opened.busy += 1
        try:
            if opened.loop.time() - self._last_traffic > IDLE_BEFORE_CHECK:
                # The service may have closed kept connections while the loop was busy elsewhere. Two turns let it
                # see that, so that no request, least of all one that creates, is sent down a dead connection.
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            return await self._exchange(request, opened, token)
        except (aiohttp.ClientError, OSError, builtins.TimeoutError) as error:
            return _broken(error, self.settings)
        finally:
            self._last_traffic = opened.loop.time()
            opened.busy -= 1
            slots.release()

    async def _exchange(self, request: Request, opened: Opened, token: str) -> Reply | _Failed:
        started = opened.loop.time()
        method, url = request.method, self._url(request)
        headers = {**self._headers, "Authorization": f"Bearer {token}"}
        if isinstance(request.body, bytes):
            headers["Content-Type"] = "application/json"
        if not self.pool.keeps_alive(opened):
            headers["Connection"] = "close"
        for _ in range(MAX_REDIRECTS + 1):
            with body_of(request.body) as data:
                async with opened.session.request(
                    method,
                    url,
                    data=data,
                    headers=headers,
                    allow_redirects=False,
                    timeout=self._timeouts[request.slow],
                ) as response:
                    body = await _read(response)
            if logger.isEnabledFor(logging.DEBUG):
                taken = 1000 * (opened.loop.time() - started)
                logger.debug("%s /api%s -> %d in %.1f ms", method, request.path, response.status, taken)
            if 200 <= response.status < 300:  # noqa: PLR2004
                if body is None:
                    return _too_large(response)
                return Reply(
                    status=response.status,
                    body=body,
                    content_type=response.headers.get("Content-Type", ""),
                    request=request,
                    request_id=_request_id(response),
                )
            if response.status not in {301, 302, 303, 307, 308}:
                return _refused(response, body)
            target = self._redirect(response, method)
            if isinstance(target, str):
                return _Failed(InvalidResponseError(target, response.status), Outcome(Failure.FINAL))
            url = target
        problem = f"the service redirected more than {MAX_REDIRECTS} times"
        return _Failed(InvalidResponseError(problem, response.status), Outcome(Failure.FINAL))

    def _url(self, request: Request) -> URL:
        url = self._prefix + request.path
        if request.query:
            url = f"{url}?{urlencode(request.query)}"
        return URL(url, encoded=True)

    def _redirect(self, response: aiohttp.ClientResponse, method: str) -> URL | str:
        """Return where to go on, or why not: the token stays with its service, and no body is dropped."""
        try:
            url = response.url.join(URL(response.headers.get("Location", "")))
            same = url.origin() == self._origin
        except ValueError:
            return "the service redirected to something that is no URL"
        if not same:
            return f"the service redirected to another host, {url.host}; check base_url"
        if method != "GET" and response.status not in {307, 308}:
            return f"the service redirected a {method} to {url.path}; check base_url"
        return url


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body, or None where it is larger than it may be; never more than that is held."""
    failed = response.status >= 300  # noqa: PLR2004
    limit = MAX_ERROR_BODY if failed else MAX_REPLY
    length = response.content_length
    if length is not None and length <= limit and "Content-Encoding" not in response.headers:
        return await response.read()
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        chunks.append(chunk)
        if size > limit:
            response.close()
            return b"".join(chunks)[:limit] if failed else None
    return b"".join(chunks)


def _broken(error: BaseException, settings: Settings) -> _Failed:
    """Return what an exchange that gave no reply means."""
    failed: Text2EverythingError
    match error:
        case aiohttp.ConnectionTimeoutError():
            failed = TimeoutError(f"no connection to the service within timeout={settings.timeout:g} s")
            outcome = Outcome(Failure.UNSENT)
        case builtins.TimeoutError():
            failed = TimeoutError("the service did not answer in time (read_timeout)")
            outcome = Outcome(Failure.TIMED_OUT)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            failed = ConnectionError(f"no secure connection to the service: {_first_line(error)}")
            outcome = Outcome(Failure.FINAL)
        case aiohttp.ClientConnectorError() | aiohttp.ClientProxyConnectionError():
            failed = ConnectionError(f"cannot connect to the service at {settings.base_url}: {_first_line(error)}")
            outcome = Outcome(Failure.UNSENT)
        case aiohttp.InvalidURL():
            failed = ConnectionError(f"base_url cannot be used: {_first_line(error)}")
            outcome = Outcome(Failure.FINAL)
        case aiohttp.ClientResponseError():
            failed = ConnectionError(f"the reply is not proper HTTP: {_first_line(error)}")
            outcome = Outcome(Failure.LOST)
        case _:
            failed = ConnectionError(f"the connection to the service broke: {_first_line(error)}")
            outcome = Outcome(Failure.LOST)
    failed.__cause__ = error
    return _Failed(failed, outcome)


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0][:300] if text else type(error).__name__


def _too_large(response: aiohttp.ClientResponse) -> _Failed:
    problem = f"the service's reply is larger than {MAX_REPLY // 2**20} MiB"
    return _Failed(InvalidResponseError(problem, response.status), Outcome(Failure.FINAL))


def _refused(response: aiohttp.ClientResponse, body: bytes | None) -> _Failed:
    """Return what an error status means."""
    status = response.status
    data = error_data(body or b"")
    message = error_message(data) or f"the service answered {status} {response.reason or ''}".rstrip()
    retry_after = retry.parse_retry_after(response.headers.get("Retry-After"))
    error: Text2EverythingError
    if status == 429:  # noqa: PLR2004
        error = RateLimitError(message, retry_after, status, data)
    elif status >= 500:  # noqa: PLR2004
        error = ServerError(message, status, data)
    else:
        error = STATUS_ERRORS.get(status, Text2EverythingError)(message, status, data)
    error.request_id = _request_id(response)
    return _Failed(error, Outcome(Failure.STATUS, status, retry_after))


def _request_id(response: aiohttp.ClientResponse) -> str | None:
    for name in REQUEST_ID_HEADERS:
        value = response.headers.get(name)
        if value is not None:
            return value[:200]
    return None
