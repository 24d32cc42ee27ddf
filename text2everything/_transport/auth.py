"""The access token: fixed, or fetched from a callable and cached until shortly before it expires."""

from __future__ import annotations

import asyncio
import base64
import binascii
import inspect
import json
import pickle
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import cast

from text2everything._secret import Secret, without_frames
from text2everything._transport.threads import in_own_thread
from text2everything.exceptions import AuthenticationError, ClientClosedError, InvalidConfigurationError
from text2everything.settings import Token, check_token

REFRESH_MARGIN = 30.0
"""A token is replaced so many seconds before it expires, or after nine tenths of its lifetime if that is later."""

REFRESH_TIMEOUT = 60.0
"""Seconds a callable may take to return a token."""

ABLE_PICKLERS = {"cloudpickle", "dill"}


CANCELLED = "the access_token callable was cancelled"


class TokenSource:
    """Returns the token; a callable is called once per expiry, however many requests wait for the token.

    A JWT states when it expires; any other token from a callable is cached until the service rejects it with a 401.
    """

    def __init__(self, token: Token) -> None:
        self._provider = token if callable(token) else None
        self._token = None if callable(token) else check_token(token)
        self._refresh_at: float | None = None
        self._refresh: asyncio.Task[Secret | BaseException] | None = None

    @property
    def current(self) -> Secret | None:
        """The cached token, or None if one must be fetched."""
        if self._refresh_at is not None and time.time() >= self._refresh_at:
            return None
        return self._token

    async def fetch(self) -> Secret:
        """Return the cached token, or fetch one.

        Raises:
            AuthenticationError: The callable failed, timed out, was cancelled, or returned something other than a
                token; its error is the cause.
            ClientClosedError: The client was closed meanwhile.
            SystemExit: The callable raised it; the same for `KeyboardInterrupt`.
        """
        token = self.current
        if token is not None:
            return token
        refresh, loop = self._refresh, asyncio.get_running_loop()
        if refresh is None or refresh.done() or refresh.get_loop() is not loop:
            refresh = self._refresh = loop.create_task(self._try_provider(), name="text2everything token refresh")
            refresh.add_done_callback(_retrieve_exception)
        task = asyncio.current_task()
        cancelled = task.cancelling() if task is not None else 0
        try:
            # Shielded: if one waiting request is cancelled, the others still get the token.
            answer = await asyncio.shield(refresh)
        except AuthenticationError as failure:
            error = failure
        except asyncio.CancelledError:
            if not refresh.cancelled() or (task is not None and task.cancelling() > cancelled):
                raise  # it is this request that was cancelled
            if self._refresh is not refresh:
                raise ClientClosedError("the client was closed while its token was fetched") from None
            error = AuthenticationError(CANCELLED)
        else:
            if isinstance(answer, BaseException):
                raise answer
            return answer
        # Each request gets an exception of its own, because method and path are added to it.
        raise AuthenticationError(error.message) from error.__cause__

    def reject(self, token: str) -> bool:
        """Drop `token`, which the service rejected; return whether another one can be fetched."""
        if self._provider is None:
            return False
        if token == self._token:
            self._token = self._refresh_at = None
        return True

    def close(self) -> None:
        """Cancel a fetch in progress."""
        refresh, self._refresh = self._refresh, None
        if refresh is not None and not refresh.get_loop().is_closed():
            refresh.cancel()

    async def _try_provider(self) -> Secret | BaseException:
        try:
            return await self._call_provider()
        except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:  # raised in the call, not here by the loop
            return error

    async def _call_provider(self) -> Secret:
        provider = self._provider
        if provider is None:  # pragma: no cover  # a fixed token is never fetched
            raise AuthenticationError("there is no token provider")
        try:
            async with asyncio.timeout(REFRESH_TIMEOUT) as timeout:
                if inspect.iscoroutinefunction(provider) or inspect.iscoroutinefunction(type(provider).__call__):
                    answer: object = await cast("Awaitable[str]", provider())
                else:
                    answer = await in_own_thread(provider)
                    if inspect.isawaitable(answer):
                        answer = await answer
        except Exception as error:  # noqa: BLE001  # a caller's callable may raise anything
            if timeout.expired():
                problem = f"gave no token within {REFRESH_TIMEOUT:g} s"
            else:
                problem = f"failed: {type(error).__name__}"
                error.add_note("in the access_token callable:\n" + "".join(traceback.format_tb(error.__traceback__)))
            raise AuthenticationError(f"the access_token callable {problem}") from without_frames(error)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise AuthenticationError(CANCELLED) from without_frames(error)
        try:
            token = check_token(answer)
        except InvalidConfigurationError as error:
            raise AuthenticationError(f"the access_token callable gave no usable token: {error.message}") from None
        self._token, self._refresh_at = token, _refresh_at(token)
        return token


def check_pickles(provider: Callable[[], object]) -> None:
    """Raise an error if the callable cannot be pickled: pickle's own names neither the client nor the argument.

    Raises:
        TypeError: It cannot.
    """
    if any(name.rpartition(".")[2] in ABLE_PICKLERS for name in tuple(sys.modules)):
        return  # which pickler asks is unknown, and these take functions that pickle itself does not
    try:
        pickle.dumps(provider)
    except Exception:  # noqa: BLE001  # an object's own methods may raise anything
        raise TypeError(  # without the error, whose message may show what the callable holds
            "this client cannot be pickled, because its access_token is a callable that cannot be; "
            "use a function of a module, or an object that can be pickled"
        ) from None


def _retrieve_exception(refresh: asyncio.Task[Secret | BaseException]) -> None:
    """Retrieve the exception of a refresh: asyncio logs it otherwise if no request waits for the token any more."""
    if not refresh.cancelled():
        refresh.exception()


def _refresh_at(token: str) -> float | None:
    """Return when to replace a JWT, in seconds since the epoch, or None; its signature is not verified.

    A JWT that has expired by this machine's clock is used until the service rejects it: the clocks may differ.
    """
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expires = float(claims["exp"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
    left = expires - time.time()
    return expires - min(REFRESH_MARGIN, left / 10) if left > 0 else None
