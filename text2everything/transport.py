"""One request to the service and its reply: auth, headers, deadline, retries, errors."""

from __future__ import annotations

import asyncio
import builtins
import logging
import time
import traceback
from collections.abc import Awaitable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp
import attrs
from multidict import CIMultiDict
from yarl import URL

from text2everything import retry, telemetry
from text2everything.auth import TokenSource
from text2everything.deadlines import Deadline
from text2everything.exceptions import (
    ClientClosedError,
    ConnectionError,  # noqa: A004  # the published name
    InvalidResponseError,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
)
from text2everything.failures import Failed, broken, final, refused, request_id
from text2everything.files import Form, form_data
from text2everything.pool import Opened, Pool, UnaskedReplyError
from text2everything.replies import MAX_MESSAGE, error_data
from text2everything.secret import Secret, without_frames
from text2everything.settings import Settings

logger = logging.getLogger("text2everything")

MAX_REPLY = 128 * 2**20
"""Bytes of a reply's body at most, after decompression."""

MAX_ERROR_BODY = 64 * 2**10
"""Bytes of an error's body that are kept."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 5

SLOW_READ_TIMEOUT = 900.0
"""Seconds a chat's reply may take where `read_timeout` was not set: an agent can think for many minutes."""

IDLE_BEFORE_CHECK = 0.005
"""Seconds without traffic after which a kept connection may have been closed without the loop knowing yet."""

MAX_SPOILT = 10
"""Connections that may turn out to be spoilt in one attempt."""

TURNS_TO_NOTICE = 3
"""Turns of the loop in which it learns of what happened to its connections; under TLS it takes one more."""


@attrs.define
class Request:
    """What to send.

    Attributes:
        method: The HTTP method.
        path: The path under `/api`, its parts already escaped.
        query: Names and values, yet to be escaped.
        body: JSON, or a form with files, or None; never shown, for it may hold a password.
        repeatable: Whether sending it twice does what sending it once does.
        slow: Whether the service may think for minutes before it answers.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    query: dict[str, str] = attrs.field(factory=dict)
    body: bytes | Form | None = attrs.field(default=None, repr=False)
    repeatable: bool = True
    slow: bool = False


@attrs.define
class Reply:
    """A successful reply; `may_have_acted` tells that an earlier attempt of the request perhaps succeeded too."""

    status: int
    body: bytes = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    request: Request
    attempts: int = 1
    may_have_acted: bool = False

    def invalid(self, problem: str) -> InvalidResponseError:
        """Return the error that says what is wrong with this reply, with the start of its body."""
        start = self.body[:200].decode(errors="replace")
        error = InvalidResponseError(
            f"the service's reply makes no sense: {problem[:MAX_MESSAGE]}; "
            f"content type {self.headers.get('Content-Type', 'missing')}, body {start!r}",
            self.status,
            error_data(self.body[:MAX_ERROR_BODY]),
        )
        error.method, error.path = self.request.method, f"/api{self.request.path}"
        error.request_id, error.attempts = request_id(self.headers), self.attempts
        return error


@attrs.define
class _Call:
    """How a call is going: `deadline` is to be rescheduled, `failures` are attempts that the retry rules judged."""

    request: Request
    opened: Opened
    deadline: Deadline
    attempts: int = 0
    failures: int = 0
    last: Text2EverythingError | None = None
    may_have_acted: bool = False


class Transport:
    """Sends requests through a pool, with one client's settings."""

    def __init__(
        self, settings: Settings, pool: Pool, tokens: TokenSource, headers: Mapping[str, str] | None = None
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.tokens = tokens
        self.headers = dict(headers or {})
        base = URL(settings.base_url)
        self._prefix = f"{str(base).rstrip('/')}/api"
        self._origin = base.origin()
        self._headers = CIMultiDict({"Accept": "application/json", "User-Agent": _user_agent()})
        self._headers.update(self.headers)
        self._headers["X-Workspace-Name"] = settings.workspace_name
        self._timeouts = {
            slow: aiohttp.ClientTimeout(connect=settings.timeout, sock_read=self._read_timeout(slow=slow))
            for slow in (False, True)
        }
        self._last_traffic = 0.0

    def send(self, request: Request) -> Awaitable[Reply]:
        """Send `request`, again where that is safe and may help, and return the reply.

        Raises:
            Text2EverythingError: The error of the last attempt; it tells how many there were and for how long.
        """
        trace = telemetry.tracing()
        return self._send(request) if trace is None else self._traced(trace, request)

    async def _traced(self, trace: Any, request: Request) -> Reply:
        with telemetry.call_span(trace, request.method, request.path):
            return await self._send(request)

    async def _send(self, request: Request) -> Reply:
        loop = asyncio.get_running_loop()
        started = loop.time()
        budget = self._budget(slow=request.slow)
        call = None
        try:
            opened = self.pool.opened or await self.pool.open()
            with opened.deadlines.at(started + budget) as deadline:
                call = _Call(request, opened, deadline)
                return await self._until_done(call)
        except Text2EverythingError as failure:
            error = failure
        except builtins.TimeoutError:
            error = _overdue(call, budget)
        except BaseException as unforeseen:  # noqa: BLE001  # cancelled, or a hook of the caller's failed
            if isinstance(unforeseen, Exception):
                unforeseen.add_note("inside the request:\n" + "".join(traceback.format_tb(unforeseen.__traceback__)))
            raise without_frames(unforeseen)  # noqa: B904  # it is the same error
        if self.pool.cut_off and isinstance(error, TimeoutError | ConnectionError):
            error = ClientClosedError("the client was closed while the call was in flight")
        error.method, error.path = request.method, f"/api{request.path}"
        error.attempts, error.elapsed = call.attempts if call else 0, loop.time() - started
        raise error.with_traceback(None)  # the frames below hold the token and the body

    def _budget(self, *, slow: bool) -> float:
        """Return the seconds a call may take: as set, or else what one attempt may take at most."""
        if self.settings.total_timeout is not None:
            return self.settings.total_timeout
        return self.settings.timeout + self._read_timeout(slow=slow)

    def _read_timeout(self, *, slow: bool) -> float:
        if slow and self.settings.is_default("read_timeout"):
            return SLOW_READ_TIMEOUT
        return self.settings.read_timeout

    async def _until_done(self, call: _Call) -> Reply:
        request, settings = call.request, self.settings
        token_replaced = False
        while True:
            token = self.tokens.current or await self.tokens.fetch()
            result = await self._attempt(call, token)
            if isinstance(result, Reply):
                result.attempts, result.may_have_acted = call.attempts, call.may_have_acted
                return result
            error, outcome = result.error, result.outcome
            call.last = error
            replayable = not isinstance(request.body, Form) or request.body.replayable
            renewable = error.status_code == 401 and self.tokens.refused(token)  # noqa: PLR2004
            if renewable and replayable and not token_replaced:
                token_replaced = True
                continue
            if error.status_code == 404 and request.method == "DELETE" and call.may_have_acted:  # noqa: PLR2004
                # It is gone: an earlier attempt deleted it, and only the answer was lost.
                return Reply(204, b"", {}, request, call.attempts)
            call.failures += 1
            call.may_have_acted |= not retry.did_nothing(outcome)
            again = retry.may_retry(outcome, repeatable=request.repeatable)
            if call.failures > settings.max_retries or not again or not replayable:
                raise error
            wait = retry.backoff(outcome, attempt=call.failures, delay=settings.retry_delay)
            if call.opened.loop.time() + wait >= (call.deadline.when() or 0.0):
                raise error  # waiting would only turn this error into a less telling one
            await asyncio.sleep(wait)

    async def _attempt(self, call: _Call, token: Secret) -> Reply | Failed:
        """Send the request once, over a connection of its own for that long."""
        opened = call.opened
        if not opened.slots.take():
            try:
                await self._wait_for_slot(call)
            except builtins.TimeoutError:
                problem = (
                    f"no free connection within pool_timeout={self.settings.pool_timeout:g} s; "
                    f"all max_connections={self.settings.max_connections} are in use"
                )
                return final(TimeoutError(problem))
        call.attempts += 1
        keep = self.pool.may_keep(opened)
        opened.keeping += keep
        started = time.monotonic()
        try:
            if started - self._last_traffic > IDLE_BEFORE_CHECK:
                # The service may have closed kept connections while the loop was busy elsewhere. Some turns let it
                # see that, so that no request, least of all one that creates, is sent down a dead connection.
                for _ in range(TURNS_TO_NOTICE):
                    await asyncio.sleep(0)
            result = await self._exchange(call, token, keep=keep)
            self._last_traffic = time.monotonic()
        except (aiohttp.ClientError, OSError, builtins.TimeoutError) as error:
            result = broken(error, self.settings, read_timeout=self._read_timeout(slow=call.request.slow))
        except RuntimeError:
            if not opened.session.closed:
                raise
            result = final(
                ClientClosedError("the session given to the client was closed while the call was in flight")
            )
        finally:
            opened.keeping -= keep
            opened.slots.release()
        if logger.isEnabledFor(logging.DEBUG):
            self._log(call.request, result, time.monotonic() - started)
        return result

    async def _wait_for_slot(self, call: _Call) -> None:
        """Wait for a free connection; unless the call has a total timeout, the wait is not counted against it."""
        opened = call.opened
        began, ends = opened.loop.time(), call.deadline.when()
        if self.settings.total_timeout is not None:
            ends = None
        if ends is not None:
            call.deadline.reschedule(None)
        async with asyncio.timeout(self.settings.pool_timeout):
            await opened.slots.wait()
        if ends is not None and not self.pool.cut_off:
            call.deadline.reschedule(ends + opened.loop.time() - began)

    async def _exchange(self, call: _Call, token: Secret, *, keep: bool) -> Reply | Failed:
        """Send the request and read its reply, through redirects, on another connection where one is spoilt."""
        request = call.request
        url = self._url(request)
        headers = self._headers.copy()
        headers["Authorization"] = Secret(f"Bearer {token}")
        if isinstance(request.body, bytes):
            headers["Content-Type"] = "application/json"
        if not keep:
            headers["Connection"] = "close"
        redirects = spoilt = 0
        while True:
            try:
                if isinstance(request.body, Form):
                    with form_data(request.body) as data:
                        result = await self._hop(call, url, headers, data)
                else:
                    result = await self._hop(call, url, headers, request.body)
            except UnaskedReplyError:  # the connection is closed now, and nothing was sent
                spoilt += 1
                if spoilt > MAX_SPOILT:
                    raise
                continue
            if not isinstance(result, URL):
                return result
            redirects += 1
            if redirects > MAX_REDIRECTS:
                return final(InvalidResponseError(f"the service redirected more than {MAX_REDIRECTS} times"))
            url = result

    async def _hop(
        self, call: _Call, url: URL, headers: CIMultiDict[str], data: bytes | aiohttp.FormData | None
    ) -> Reply | Failed | URL:
        """Send one request, and return what came back or where it is to be sent instead."""
        request = call.request
        response = await call.opened.session.request(
            request.method,
            url,
            data=data,
            headers=headers,
            allow_redirects=False,
            raise_for_status=False,
            timeout=self._timeouts[request.slow],
        )
        try:
            status = response.status
            if 200 <= status < 300:  # noqa: PLR2004
                body = await _read(response)
                return final(_too_large(response)) if body is None else Reply(status, body, response.headers, request)
            start = await _read_start(response)
            return self._redirect(response, request) if status in REDIRECTS else refused(response, start)
        finally:
            if not response.closed:  # not read to its end
                response.close()

    def _url(self, request: Request) -> URL:
        url = self._prefix + request.path
        if request.query:
            url = f"{url}?{urlencode(request.query)}"
        return URL(url, encoded=True)

    def _redirect(self, response: aiohttp.ClientResponse, request: Request) -> URL | Failed:
        """Return where to go on, or why not: the token stays with its service, and no body is dropped."""
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
        return final(InvalidResponseError(problem, response.status))

    def _log(self, request: Request, result: Reply | Failed, seconds: float) -> None:
        """Write the line of one request."""
        if isinstance(result, Reply):
            said = str(result.status)
        else:
            said = f"{result.error.status_code or type(result.error).__name__} {result.error.message}"
        logger.debug("%s /api%s -> %s in %.1f ms", request.method, request.path, said, 1000 * seconds)


def _user_agent() -> str:
    try:
        return f"text2everything/{version('text2everything')} aiohttp/{aiohttp.__version__}"
    except PackageNotFoundError:  # pragma: no cover  # run from a bare source tree
        return f"text2everything aiohttp/{aiohttp.__version__}"


def _overdue(call: _Call | None, budget: float) -> TimeoutError:
    error = f"no success within the {budget:g} s that a call may take"
    if call is None or call.attempts == 0:
        error += "; it was not sent, for want of a token or a free connection"
    elif call.last is not None:
        error += f"; the last attempt: {call.last.message}"
    return TimeoutError(error)


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the body, or None where it is larger than it may be; never more than that is held."""
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
    """Return the body of an error, cut where it is long."""
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
