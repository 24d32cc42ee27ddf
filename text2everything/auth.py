"""Where the access token comes from, and for how long it is good."""

from __future__ import annotations

import asyncio
import base64
import binascii
import inspect
import json
import time
from collections.abc import Awaitable
from typing import cast

from text2everything.exceptions import AuthenticationError, InvalidConfigurationError
from text2everything.settings import Token, check_token

LEEWAY = 30.0
"""Seconds before its expiry at which a token is replaced."""


class TokenSource:
    """Gives the token, asking a callable for it once per expiry, however many calls wait.

    A JWT says when it expires; any other token from a callable is kept until the service refuses it.
    """

    def __init__(self, token: Token) -> None:
        self._provider = token if callable(token) else None
        self._token = None if callable(token) else check_token(token)
        self._expires: float | None = None
        self._refresh: asyncio.Task[str] | None = None

    @property
    def current(self) -> str | None:
        """The token at hand, or None where one must be fetched."""
        if self._expires is not None and time.time() >= self._expires - LEEWAY:
            return None
        return self._token

    async def fetch(self) -> str:
        """Return a good token, fetching one if none is at hand.

        Raises:
            AuthenticationError: The callable failed or gave something that is no token; its error is the cause.
        """
        token = self.current
        if token is not None:
            return token
        loop = asyncio.get_running_loop()
        if self._refresh is None or self._refresh.done() or self._refresh.get_loop() is not loop:
            self._refresh = loop.create_task(self._ask(), name="text2everything token refresh")
        # Shielded: one impatient caller must not fail the others that wait for the same token.
        return await asyncio.shield(self._refresh)

    def refused(self, token: str) -> bool:
        """Note that the service refused `token`; return whether another may be had."""
        if self._provider is None:
            return False
        if token == self._token:
            self._token = self._expires = None
        return True

    async def _ask(self) -> str:
        provider = self._provider
        if provider is None:  # pragma: no cover  # a fixed token is never fetched
            raise AuthenticationError("there is no token provider")
        try:
            if inspect.iscoroutinefunction(provider) or inspect.iscoroutinefunction(type(provider).__call__):
                answer: object = await cast("Awaitable[str]", provider())
            else:
                # A plain callable may block on the network, so it gets a thread of its own.
                answer = await asyncio.to_thread(provider)
                if inspect.isawaitable(answer):
                    answer = await answer
        except Exception as error:
            raise AuthenticationError(f"the access_token callable failed: {type(error).__name__}") from error
        try:
            self._token = check_token(answer)
        except InvalidConfigurationError as error:
            raise AuthenticationError(f"the access_token callable gave no usable token: {error.message}") from None
        self._expires = _expiry(self._token)
        return self._token


def _expiry(token: str) -> float | None:
    """Return a JWT's expiry in seconds since the epoch, or None. It is only a hint: nothing is verified."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expires = float(claims["exp"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
    # One that is about to expire, or whose clock is not ours, is used until it is refused.
    return expires if expires > time.time() + LEEWAY else None
