"""Tokens: where they come from, when they are fetched again, and that nobody waits for ever."""

from __future__ import annotations

import asyncio
import base64
import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import h2o_authn
import pytest
from hostile import PROJECT, Exchange, HostileService

from text2everything import (
    AsyncText2EverythingClient,
    AuthenticationError,
    ClientClosedError,
    Text2EverythingClient,
    TimeoutError,  # noqa: A004  # the published name
)
from text2everything._transport import auth
from text2everything._transport.auth import TokenSource

Start = Callable[..., HostileService]


def jwt(seconds: float, **claims: Any) -> str:
    """Return a token that is good for so long."""

    def part(data: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part({'exp': time.time() + seconds} | claims)}.signature"


class Provider:
    """Gives `make(n)` at the n-th call, and counts; a moment passes, as with any token service.

    While `gate` is shut it gives nothing; `kept` says of each call whether the gate was opened in time.
    """

    def __init__(self, make: Callable[[int], Any] = lambda n: f"token-{n}", pause: float = 0.01) -> None:
        self.calls = 0
        self.threads: set[str] = set()
        self.make = make
        self.pause = pause
        self.asked = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.kept: list[bool] = []

    def __call__(self) -> Any:
        self.calls += 1
        self.threads.add(threading.current_thread().name)
        self.asked.set()
        time.sleep(self.pause)
        self.kept.append(self.gate.wait(60))
        return self.make(self.calls)


class AsyncProvider(Provider):
    async def __call__(self) -> Any:
        self.calls += 1
        self.asked.set()
        await asyncio.sleep(self.pause)
        while not self.gate.is_set():  # noqa: ASYNC110  # opened by any thread
            await asyncio.sleep(0.005)
        return self.make(self.calls)


def accepting(*tokens: str) -> Any:
    """A service that knows only these tokens; the last argument may be changed while it runs."""
    good = set(tokens)

    async def behave(exchange: Exchange) -> None:
        if exchange.headers["authorization"].removeprefix("Bearer ") in good:
            await exchange.reply(200, PROJECT)
        else:
            await exchange.reply(401, {"detail": "bad token"})

    behave.good = good  # type: ignore[attr-defined]
    return behave


@pytest.fixture(params=[Provider, AsyncProvider])
def kind(request: pytest.FixtureRequest) -> type[Provider]:
    return request.param


async def test_a_callable_is_asked_once_however_many_wait(
    hostile: Start, options: dict[str, Any], kind: type[Provider]
) -> None:
    service, provider = hostile(accepting("token-1")), kind(pause=0.05)
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider}
    ) as client:
        await asyncio.gather(*(client.projects.get("p") for _ in range(50)))
        await client.with_options(max_retries=0).projects.get("p")
    assert provider.calls == 1


def test_the_blocking_client_takes_both(hostile: Start, options: dict[str, Any], kind: type[Provider]) -> None:
    service, provider = hostile(accepting("token-1", "token-2")), kind()
    with Text2EverythingClient(base_url=service.base_url, **options | {"access_token": provider}) as client:
        for _ in range(3):
            client.projects.get("p")
        service.behaviour.good.remove("token-1")
        client.projects.get("p")
    assert provider.calls == 2


def test_a_slow_plain_callable_does_not_block_the_blocking_client_s_loop(
    hostile: Start, options: dict[str, Any]
) -> None:
    service, provider = hostile(accepting("token-1")), Provider()
    provider.gate.clear()
    with Text2EverythingClient(base_url=service.base_url, **options | {"access_token": provider}) as client:
        caller = threading.Thread(target=client.projects.get, args=("p",))
        caller.start()
        assert provider.asked.wait(60)
        client._portal.call(asyncio.sleep, 0)
        assert provider.kept == []
        provider.gate.set()
        caller.join()
    assert provider.kept == [True]
    assert provider.threads == {"text2everything-token"}


async def test_a_slow_plain_callable_does_not_block_the_loop(hostile: Start, options: dict[str, Any]) -> None:
    service, provider = hostile(accepting("token-1")), Provider()
    provider.gate.clear()
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider}
    ) as client:
        call = asyncio.create_task(client.projects.get("p"))
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert provider.asked.is_set()
        provider.gate.set()
        await call
    assert provider.kept == [True]


async def test_other_shapes_of_callables(hostile: Start, options: dict[str, Any]) -> None:
    async def fetch(name: str) -> str:
        return name

    class Method:
        def token(self) -> str:
            return "t"

        async def later(self) -> str:
            return "t"

    service = hostile(accepting("t"))
    shapes = [
        lambda: "t",
        lambda: fetch("t"),
        functools.partial(fetch, "t"),
        Method().token,
        Method().later,
        lambda: " t\n",
    ]
    for shape in shapes:
        async with AsyncText2EverythingClient(
            base_url=service.base_url, **options | {"access_token": shape}
        ) as client:
            assert (await client.projects.get("p")).id == "p"


# Expiry.


async def test_a_jwt_is_fetched_once_per_expiry(
    hostile: Start, options: dict[str, Any], kind: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [time.time()]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    service = hostile()
    provider = kind(lambda n: jwt(1.0, n=n), pause=0)
    seen: set[str] = set()
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider}
    ) as client:
        for _ in range(22):
            await asyncio.gather(*(client.projects.get("p") for _ in range(5)))
            clock[0] += 0.1
    for request in service.requests:
        seen.add(request.headers["authorization"])
    assert provider.calls == len(seen) == 3


@pytest.mark.parametrize(
    ("token", "stale_in"),
    [
        (lambda: jwt(3600), 3570),
        (lambda: jwt(100), 90),
        (lambda: jwt(-5), None),
        (lambda: "opaque", None),
        (lambda: "a.b.c", None),
        (lambda: "a.W10.c", None),
        (lambda: jwt(0, exp="soon"), None),
        (lambda: jwt(0, exp=None), None),
    ],
)
async def test_when_a_token_is_stale(
    token: Callable[[], str], stale_in: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    source = TokenSource(token)
    fetched = await source.fetch()
    assert source.current == fetched
    if stale_in is None:
        assert source._refresh_at is None
    else:
        assert abs(source._refresh_at - now - stale_in) < 0.001


# A token that is refused.


async def test_a_refused_token_is_replaced_once_for_all(
    hostile: Start, options: dict[str, Any], kind: type[Provider]
) -> None:
    service, provider = hostile(accepting("token-1")), kind()
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider, "max_retries": 0}
    ) as client:
        await client.projects.get("p")
        service.behaviour.good.clear()
        service.behaviour.good.add("token-2")
        await asyncio.gather(*(client.projects.create("a project") for _ in range(30)))
    assert provider.calls == 2


async def test_a_token_refused_again_is_an_error_after_one_more_attempt(
    hostile: Start, options: dict[str, Any], kind: type[Provider]
) -> None:
    service, provider = hostile(accepting()), kind()
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider}
    ) as client:
        with pytest.raises(AuthenticationError, match="bad token") as caught:
            await client.projects.get("p")
    assert caught.value.attempts == len(service.requests) == provider.calls == 2


async def test_a_fixed_token_that_is_refused_is_not_tried_again(hostile: Start, options: dict[str, Any]) -> None:
    service = hostile(accepting())
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        with pytest.raises(AuthenticationError, match="bad token"):
            await client.projects.get("p")
    assert len(service.requests) == 1


# A callable that fails.


async def test_a_failure_is_each_caller_s_own_error(
    hostile: Start, options: dict[str, Any], kind: type[Provider]
) -> None:
    def fail(number: int) -> str:
        if number == 1:
            raise KeyError("no token today")
        return "token"

    service, provider = hostile(accepting("token")), kind(fail)
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider}
    ) as client:
        errors = await asyncio.gather(*(client.projects.get(f"p{n}") for n in range(10)), return_exceptions=True)
        assert provider.calls == 1
        assert {error.path for error in errors} == {f"/api/projects/p{n}" for n in range(10)}
        for error in errors:
            assert type(error) is AuthenticationError
            assert error.message == "the access_token callable failed: KeyError"
            assert isinstance(error.__cause__, KeyError)
            assert "in fail" in error.__cause__.__notes__[0]
        assert (await client.projects.get("p")).id == "p"
    assert provider.calls == 2


@pytest.mark.parametrize("answer", [None, "", 7, b"bytes", "two words", "line\nbreak", "Bearer x"])
async def test_an_answer_that_is_no_token(
    hostile: Start, options: dict[str, Any], kind: type[Provider], answer: Any
) -> None:
    service = hostile()
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": kind(lambda _: answer)}
    ) as client:
        with pytest.raises(AuthenticationError, match="gave no usable token: access_token"):
            await client.projects.get("p")
    assert service.accepted == 0


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (SystemExit(3), SystemExit),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (StopIteration(1), AuthenticationError),
        (asyncio.CancelledError(), AuthenticationError),
        (GeneratorExit(), GeneratorExit),
    ],
)
def test_a_callable_cannot_end_the_client(
    hostile: Start,
    options: dict[str, Any],
    kind: type[Provider],
    raised: BaseException,
    expected: type[BaseException],
) -> None:
    def fail(number: int) -> str:
        if number == 1:
            raise raised
        return "token"

    service, provider = hostile(accepting("token")), kind(fail)
    with Text2EverythingClient(base_url=service.base_url, **options | {"access_token": provider}) as client:
        with pytest.raises(expected) as caught:
            client.projects.get("p")
        assert client.projects.get("p").id == "p"
    if isinstance(raised, asyncio.CancelledError):
        assert str(caught.value) == "the access_token callable was cancelled (GET /api/projects/p)"


async def test_a_callable_that_is_cancelled_is_an_error_for_everyone(hostile: Start, options: dict[str, Any]) -> None:
    async def cancelled() -> str:
        waiting = asyncio.ensure_future(asyncio.sleep(60))
        asyncio.get_running_loop().call_later(0.01, waiting.cancel)
        await waiting
        return "token"

    async def cancels_itself() -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(60)
        return "token"

    service = hostile()
    for provider in (cancelled, cancels_itself):
        settings = options | {"access_token": provider}
        async with AsyncText2EverythingClient(base_url=service.base_url, **settings) as client:
            errors = await asyncio.gather(*(client.projects.get("p") for _ in range(3)), return_exceptions=True)
            assert [type(error) for error in errors] == [AuthenticationError] * 3
            assert {str(error) for error in errors} == {
                "the access_token callable was cancelled (GET /api/projects/p)"
            }
            # Who is cancelled meanwhile is just that.
            call = asyncio.create_task(client.projects.get("p"))
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
    assert service.accepted == 0


# A callable that hangs.


async def test_one_waiter_may_leave(hostile: Start, options: dict[str, Any], kind: type[Provider]) -> None:
    service, provider = hostile(accepting("token-1")), kind()
    provider.gate.clear()
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider}
    ) as client:
        calls = [asyncio.create_task(client.projects.get("p")) for _ in range(3)]
        assert await asyncio.to_thread(provider.asked.wait, 60)
        calls[0].cancel()
        with pytest.raises(TimeoutError, match="not sent, for want of a token"):
            await client.with_options(timeout=0.05).projects.get("p")
        with pytest.raises(asyncio.CancelledError):
            await calls[0]
        provider.gate.set()
        assert [(await call).id for call in calls[1:]] == ["p", "p"]
    assert provider.calls == 1


async def test_a_hanging_callable_is_given_up(
    hostile: Start, options: dict[str, Any], kind: type[Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "REFRESH_TIMEOUT", 0.1)
    service, provider = hostile(accepting("token-2")), kind(pause=1.5)
    async with AsyncText2EverythingClient(
        base_url=service.base_url, **options | {"access_token": provider}
    ) as client:
        with pytest.raises(AuthenticationError, match=r"gave no token within 0\.1 s"):
            await client.projects.get("p")
        provider.pause = 0
        monkeypatch.setattr(auth, "REFRESH_TIMEOUT", 60)
        assert (await client.projects.get("p")).id == "p"


async def test_closing_ends_a_fetch(hostile: Start, options: dict[str, Any], kind: type[Provider]) -> None:
    service, provider = hostile(), kind()
    provider.gate.clear()
    client = AsyncText2EverythingClient(base_url=service.base_url, **options | {"access_token": provider})
    call = asyncio.create_task(client.projects.get("p"))
    assert await asyncio.to_thread(provider.asked.wait, 60)
    await client.close()
    with pytest.raises(ClientClosedError):
        await call
    for _ in range(10):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    provider.gate.set()


def test_a_hanging_callable_keeps_no_loop_from_closing(options: dict[str, Any]) -> None:
    provider = Provider()
    provider.gate.clear()

    async def main() -> None:
        client = AsyncText2EverythingClient(base_url="http://127.0.0.1:1", **options | {"access_token": provider})
        with pytest.raises(TimeoutError):
            await client.with_options(timeout=0.05).projects.get("p")

    asyncio.run(main())
    assert provider.asked.wait(60)
    assert provider.kept == []  # it hangs still
    provider.gate.set()


# h2o-authn, as it is.


@pytest.fixture
def token_service(hostile: Start) -> HostileService:
    """An OAuth token endpoint that knows one refresh token."""

    async def behave(exchange: Exchange) -> None:
        if b"refresh_token=the-refresh-token" not in exchange.body:
            await exchange.reply(400, {"error": "invalid_grant", "error_description": "no such token"})
            return
        body = {"access_token": jwt(300, n=exchange.number), "expires_in": 300, "token_type": "bearer"}
        await exchange.reply(200, body)

    return hostile(behave)


def provider_of(service: HostileService, kind: Any, refresh_token: str = "the-refresh-token") -> Any:
    return kind(refresh_token=refresh_token, client_id="c", token_endpoint_url=f"{service.base_url}/token")


@pytest.mark.parametrize("kind", [h2o_authn.TokenProvider, h2o_authn.AsyncTokenProvider])
async def test_h2o_authn(hostile: Start, options: dict[str, Any], token_service: HostileService, kind: Any) -> None:
    service = hostile()
    options["access_token"] = provider_of(token_service, kind)
    async with AsyncText2EverythingClient(base_url=service.base_url, **options) as client:
        await asyncio.gather(*(client.projects.get("p") for _ in range(10)))
    assert len(token_service.requests) == 1
    assert service.requests[0].headers["authorization"].count(".") == 2


@pytest.mark.parametrize("kind", [h2o_authn.TokenProvider, h2o_authn.AsyncTokenProvider])
def test_h2o_authn_in_the_blocking_client(
    hostile: Start, options: dict[str, Any], token_service: HostileService, kind: Any
) -> None:
    service = hostile()
    options["access_token"] = provider_of(token_service, kind)
    with Text2EverythingClient(base_url=service.base_url, **options) as client:
        for _ in range(3):
            client.projects.get("p")
    assert len(token_service.requests) == 1


@pytest.mark.parametrize("kind", [h2o_authn.TokenProvider, h2o_authn.AsyncTokenProvider])
async def test_h2o_authn_that_fails(
    hostile: Start, options: dict[str, Any], token_service: HostileService, kind: Any
) -> None:
    options["access_token"] = provider_of(token_service, kind, "a-stolen-token")
    async with AsyncText2EverythingClient(base_url=hostile().base_url, **options) as client:
        with pytest.raises(AuthenticationError, match="failed: TokenEndpointError") as caught:
            await client.projects.get("p")
    assert "invalid_grant" in str(caught.value.__cause__)
