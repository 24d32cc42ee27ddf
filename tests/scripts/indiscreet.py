"""Everything that can go wrong, shown in every way there is: logs at DEBUG, reprs, tracebacks with local variables.

The secrets come out of functions, so that no frame of this script holds one.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.logging import RichHandler
from rich.pretty import pprint
from rich.traceback import Traceback

sys.path.insert(0, str(Path(__file__).parent.parent))
import hostile as faults

from text2everything import (
    AsyncText2EverythingClient,
    ConnectorCreate,
    ConnectorUpdate,
    Settings,
    Text2EverythingClient,
)

CONSOLE = Console(width=200, force_terminal=False)
# Source lines are shown as they are: finding their colours takes most of the time, and whole files are read for it.
Traceback._guess_lexer = classmethod(lambda *_: "text")  # type: ignore[method-assign,assignment]
MARK = "XYZZY"  # what every secret holds, at its beginning, middle and end


def long_secret() -> str:
    return f"{MARK}{'a' * 100}{MARK}{'b' * 100}{MARK}"


def short_secret() -> str:
    return f"p{MARK}w"


@contextmanager
def told(title: str) -> Iterator[None]:
    """Print what went wrong inside, in every way; something must."""
    CONSOLE.rule(title)
    try:
        yield
    except BaseException as error:  # whatever it is
        CONSOLE.print(Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True))
        logging.getLogger("app").exception("it failed")
        traceback.print_exception(error)
        CONSOLE.print(repr(error), str(error), vars(error) if hasattr(error, "__dict__") else "")
    else:
        raise AssertionError(f"{title}: nothing went wrong")


async def hook_that_fails(*_: object) -> None:
    raise ZeroDivisionError("in a hook")


def provider_that_fails() -> str:
    raise OSError("no token today")


def settings(**changes: Any) -> dict[str, Any]:
    return {
        "workspace_name": "workspaces/dev",
        "timeout": 0.2,
        "read_timeout": 0.2,
        "max_retries": 1,
        "retry_delay": 0.001,
    } | changes


FAULTS = [
    faults.reset_at_once,
    faults.half_body,
    faults.silent,
    faults.drip_body,
    faults.html,
    faults.bad_gzip,
    faults.server_error,
    faults.redirect_loop,
]


async def refuse(exchange: faults.Exchange) -> None:
    await exchange.reply(401, {"detail": "bad token"})


async def in_async_code(service: faults.HostileService) -> None:
    address = service.base_url
    async with AsyncText2EverythingClient(base_url=address, access_token=long_secret(), **settings()) as client:
        for fault in (*FAULTS, refuse):
            service.behaviour = fault
            with told(fault.__name__):
                await client.projects.get("p")
        service.behaviour = faults.silent
        with told("the caller's own timeout"):
            await asyncio.wait_for(client.projects.get("p"), 0.05)
        with told("a task that is cancelled"):
            task = asyncio.create_task(client.projects.get("p"))
            await asyncio.sleep(0.05)
            task.cancel()
            await task
        with told("a header"):
            client.with_options(headers={"X-A": "\n"})
        show(
            client, client.settings, client._transport, client._transport.tokens, client._transport.pool, vars(client)
        )
        show(client.with_options(timeout=3), client.settings.sources)
    with told("closed"):
        await client.projects.get("p")
    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(hook_that_fails)
    async with AsyncText2EverythingClient(
        base_url=address, access_token=long_secret, trace_configs=[config], **settings()
    ) as client:
        with told("a hook that fails"):
            await client.projects.get("p")
    for provider in (provider_that_fails, lambda: f"two {long_secret()}", lambda: f"{long_secret()}\n\nX: y"):
        async with AsyncText2EverythingClient(base_url=address, access_token=provider, **settings()) as client:
            with told("a provider that fails"):
                await client.projects.get("p")
    async with AsyncText2EverythingClient(
        base_url="http://127.0.0.1:1", access_token=long_secret(), **settings()
    ) as client:
        with told("no service"):
            await client.projects.get("p")


def in_blocking_code(service: faults.HostileService) -> None:
    with Text2EverythingClient(base_url=service.base_url, access_token=long_secret(), **settings()) as client:
        for fault in (faults.half_body, faults.silent, faults.html, refuse):
            service.behaviour = fault
            with told(fault.__name__):
                client.projects.get("p")
        show(client, client.settings, client._portal, vars(client))
    with told("closed"):
        client.projects.get("p")


def wrong_settings() -> None:
    good = settings(base_url="http://x.example")
    for wrong in (
        {"base_url": "nowhere"},
        {"workspace_name": "dev"},
        {"timeout": -1},
        {"max_retries": "three"},
        {"session": 7},
    ):
        with told(f"wrong {wrong}"):
            AsyncText2EverythingClient(access_token=long_secret(), **good | wrong)
    for prefix in ("Bearer ", "line\n", "é"):
        with told(f"a token that begins with {prefix!r}"):
            AsyncText2EverythingClient(access_token=prefix + short_secret(), **good)


def with_connectors(service: faults.HostileService) -> None:
    calls: dict[str, Callable[[Any], Any]] = {
        "a password": lambda connectors: connectors.create("p", "n", "mysql", "h", "u", "d", short_secret()),
        "a long password": lambda connectors: connectors.create("p", "n", "mysql", "h", "u", "d", long_secret()),
        "a key": lambda connectors: connectors.create("p", "n", "snowflake", "h", "u", "d", config=key()),
        "an update": lambda connectors: connectors.update("p", "c", password=short_secret()),
        "an update of a key": lambda connectors: connectors.update("p", "c", config=key()),
    }
    wrong: dict[str, Callable[[Any], Any]] = {
        "two passwords": lambda connectors: connectors.create("p", "n", "mysql", "h", "u", "d", short_secret(), "s"),
        "no host": lambda connectors: connectors.create("p", "n", "mysql", None, "u", "d", short_secret()),
        "a key and a password": lambda connectors: connectors.create(
            "p", "n", "snowflake", "h", "u", "d", short_secret(), config=key()
        ),
        "a key that is no JSON": lambda connectors: connectors.create(
            "p", "n", "snowflake", "h", "u", "d", config=key() | {"x": {1}}
        ),
        "a wrong update": lambda connectors: connectors.update("p", "c", password=short_secret(), port=-1),
        "two passwords in an update": lambda connectors: connectors.update(
            "p", "c", password=short_secret(), password_secret_id="s"
        ),
    }

    async def in_async_code() -> None:
        async with AsyncText2EverythingClient(base_url=service.base_url, access_token="t", **settings()) as client:
            for fault in (faults.half_body, faults.silent, faults.html, refuse):
                service.behaviour = fault
                for name, call in calls.items():
                    with told(f"{name}: {fault.__name__}"):
                        await call(client.connectors)
            for name, call in wrong.items():
                with told(name):
                    await call(client.connectors)
            with told("the caller's own timeout"):
                service.behaviour = faults.silent
                await asyncio.wait_for(calls["a password"](client.connectors), 0.05)

    asyncio.run(in_async_code(), debug=True)
    with Text2EverythingClient(base_url=service.base_url, access_token="t", **settings()) as client:
        service.behaviour = faults.half_body
        for name, call in {**calls, **wrong}.items():
            with told(name):
                call(client.connectors)
    show(ConnectorCreate(name="n", db_type="mysql", host="h", username="u", database="d", password=short_secret()))
    show(ConnectorUpdate(config={"deep": [key()]}))
    for kind in (AsyncText2EverythingClient, Text2EverythingClient):
        with told("a client with a wrong setting"):
            kind(access_token=long_secret(), **settings(base_url="nowhere"))


def with_databases() -> None:
    urls = [
        lambda: f"postgresql://me:{long_secret()}@127.0.0.1:1/d",
        lambda: f"mysql://me:{short_secret()}@127.0.0.1:1/d",
        lambda: f"postgresql://me:{short_secret()}@127.0.0.1:1/d?sslpassword={short_secret()}&nope=1",
        lambda: f"mysql://me:{short_secret()}@127.0.0.1:1/d?nope=1",
        lambda: f"mysql://me:pw@127.0.0.1:1/d?password={short_secret()}",
        lambda: f"mysql+nope://me:{short_secret()}@127.0.0.1:1/d",
        lambda: f"mssql://me:{short_secret()}@127.0.0.1:1/d",
        lambda: f"oracle://me:{short_secret()}@127.0.0.1:1/d",
        lambda: f"postgresql://me:{short_secret()}@{short_secret()}@127.0.0.1:1/d",
        lambda: f"postgresql://me:{short_secret()}@127.0.0.1:1x/d",
        lambda: f"postgresql:/me:{short_secret()}@127.0.0.1:1/d",
    ]
    options = settings(base_url="http://127.0.0.1:1", access_token="t")
    with Text2EverythingClient(**options) as client:
        for number, url in enumerate(urls):
            with told(f"url {number}"):
                client.projects.load_database("p", url())

    async def in_async_code() -> None:
        async with AsyncText2EverythingClient(
            base_url="http://127.0.0.1:1", access_token="t", **settings()
        ) as client:
            for number, url in enumerate(urls):
                with told(f"url {number}"):
                    await client.projects.load_database("p", url())

    asyncio.run(in_async_code(), debug=True)


def key() -> dict[str, Any]:
    return {
        "private_key": long_secret(),
        "private_key_passphrase": short_secret(),
        "deep": {"password": [short_secret()]},
    }


def wrong_environment() -> None:
    os.environ |= {"T2E_ACCESS_TOKEN": long_secret(), "T2E_BASE_URL": "http://x.example", "T2E_WORKSPACE_NAME": "dev"}
    with told("a wrong variable"):
        AsyncText2EverythingClient()
    os.environ["T2E_WORKSPACE_NAME"] = "workspaces/dev"
    show(AsyncText2EverythingClient(), Settings.resolve())


async def proxy_that_refuses(exchange: faults.Exchange) -> None:
    await exchange.reply(407, {"detail": "no"})


async def with_proxies(proxy: faults.HostileService) -> None:
    os.environ["ALL_PROXY"] = f"http://{short_secret()}:{long_secret()}@127.0.0.1:{proxy.port}"
    proxy.behaviour = proxy_that_refuses
    for base_url in ("http://t2e.example", "https://t2e.example"):
        async with AsyncText2EverythingClient(base_url=base_url, access_token=long_secret(), **settings()) as client:
            with told(f"{base_url} through a proxy that refuses"):
                await client.projects.get("p")
            with told("the same, pickled"):
                raise pickle.loads(pickle.dumps(await failure(client)))
            show(client, client._transport.pool, client._transport.pool._open)
    for fault in (faults.not_http, faults.half_body, faults.silent):
        proxy.behaviour = fault
        async with AsyncText2EverythingClient(base_url=base_url, access_token=long_secret(), **settings()) as client:
            with told(f"through a proxy: {fault.__name__}"):
                await client.projects.get("p")
            with told("the caller's own timeout"):
                await asyncio.wait_for(client.projects.get("p"), 0.01)
    for start in ("", "socks5://", "http://me:1/", "nonsense://"):
        os.environ["ALL_PROXY"] = f"{start}{short_secret()}:{long_secret()}@127.0.0.1:1"
        async with AsyncText2EverythingClient(base_url=base_url, access_token=long_secret(), **settings()) as client:
            with told("a wrong proxy"):
                await client.projects.get("p")


async def failure(client: AsyncText2EverythingClient) -> Exception:
    try:
        await client.projects.get("p")
    except Exception as error:  # noqa: BLE001  # whatever it is
        return error
    raise AssertionError("nothing went wrong")


def show(*things: object) -> None:
    for thing in things:
        print(repr(thing), str(thing), f"{thing}")
        pprint(thing, console=CONSOLE)
        logging.getLogger("app").debug("%s %r", thing, thing)


def main() -> None:
    plain = logging.StreamHandler(sys.stdout)
    rich = RichHandler(console=CONSOLE, rich_tracebacks=True, tracebacks_show_locals=True)
    logging.basicConfig(level=logging.DEBUG, handlers=[plain, rich])
    with faults.HostileService() as service:
        match sys.argv[1]:
            case "calls":
                asyncio.run(in_async_code(service), debug=True)
            case "blocking calls":
                in_blocking_code(service)
            case "proxies":
                asyncio.run(with_proxies(service), debug=True)
            case "connectors":
                with_connectors(service)
            case "databases":
                with_databases()
            case "settings":
                wrong_settings()
                wrong_environment()
    gc.collect()
    CONSOLE.rule("done")


if __name__ == "__main__":
    main()
