"""Exceptions of aiohttp as exceptions of this package: no connection, a broken connection, a timeout."""

from __future__ import annotations

import builtins
import os
import re
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from multidict import CIMultiDict, CIMultiDictProxy

from text2everything._secret import without_frames
from text2everything._transport import retry
from text2everything._transport.errors import FailedAttempt
from text2everything._transport.retry import Failure, Outcome
from text2everything._transport.session import UnexpectedDataError
from text2everything.exceptions import (
    ConnectionError,  # noqa: A004  # the published name
    InvalidResponseError,
    Text2EverythingError,
    TimeoutError,  # noqa: A004  # the published name
)
from text2everything.settings import Settings

__all__ = ["connection_failure"]

_NO_HEADERS: Final[CIMultiDictProxy[str]] = CIMultiDictProxy(CIMultiDict())

MAX_TEXT = 300
"""Characters of aiohttp's or the system's message that an error repeats."""


def connection_failure(error: BaseException, settings: Settings, *, read_timeout: float) -> FailedAttempt:
    """Return the failure for an exception of aiohttp, which becomes the cause, without its traceback."""
    failed, failure = _meaning(error, settings, read_timeout)
    info = getattr(error, "request_info", None)
    if isinstance(error, aiohttp.ClientResponseError) and isinstance(info, aiohttp.RequestInfo):
        # Its texts show the URL of the proxy, with the password, and headers.
        error.request_info = info._replace(
            url=info.url.with_user(None), real_url=info.real_url.with_user(None), headers=_NO_HEADERS
        )
        error.args = ()
    failed.__cause__ = without_frames(error)
    return FailedAttempt(failed, Outcome(failure))


def _meaning(  # noqa: C901, PLR0911  # a table, one case for each exception
    error: BaseException, settings: Settings, read_timeout: float
) -> tuple[Text2EverythingError, Failure]:
    said = _one_line(error)
    match error:
        case aiohttp.ConnectionTimeoutError():
            return TimeoutError(f"no connection to the service within timeout={settings.timeout:g} s"), Failure.UNSENT
        case aiohttp.ServerTimeoutError() | builtins.TimeoutError(errno=None):
            return TimeoutError(f"the service sent nothing for read_timeout={read_timeout:g} s"), Failure.TIMED_OUT
        case (
            aiohttp.ClientConnectorCertificateError()
            | aiohttp.ClientConnectorSSLError()
            | aiohttp.ServerFingerprintMismatch()
        ):
            return ConnectionError(f"no secure connection to the service: {said}{_missing_file()}"), Failure.FINAL
        case UnexpectedDataError():
            return ConnectionError("the service talks before it is asked; this is no HTTP"), Failure.UNSENT
        case aiohttp.ClientProxyConnectionError():
            return ConnectionError(f"cannot connect to the proxy: {said}"), Failure.UNSENT
        case aiohttp.ClientHttpProxyError(status=status, message=message):  # its own text shows the proxy's URL
            passing = status in retry.RETRIED_STATUSES
            problem = f"the proxy refused to connect: {status} {message}"
            return ConnectionError(problem[:MAX_TEXT]), Failure.UNSENT if passing else Failure.FINAL
        case aiohttp.ClientConnectorError():
            return ConnectionError(f"cannot connect to the service at {settings.base_url}: {said}"), Failure.UNSENT
        case aiohttp.InvalidURL():
            return ConnectionError(f"base_url cannot be used: {said}"), Failure.FINAL
        case aiohttp.ClientResponseError():
            return ConnectionError(f"the reply is not proper HTTP: {said}"), Failure.LOST
        case aiohttp.ClientPayloadError(__cause__=ContentEncodingError()):
            return InvalidResponseError(f"the reply's compression is broken: {said}"), Failure.FINAL
        case _:
            return ConnectionError(f"the connection to the service broke: {said}"), Failure.LOST


def _missing_file() -> str:
    """Return what OpenSSL does not say: that the file of certificates is not there."""
    path = os.environ.get("SSL_CERT_FILE")
    return f"; SSL_CERT_FILE names no file: {path}" if path and not Path(path).is_file() else ""


def _one_line(error: BaseException) -> str:
    # What aiohttp says of a bad reply begins with the URL, query and all; its message does not.
    text = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    text = re.sub(r" ssl:(default|<[^>]*>)", "", text)  # of aiohttp's connection errors; it tells nothing
    return " ".join(text.split())[:MAX_TEXT] or type(error).__name__
