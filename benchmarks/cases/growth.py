"""The embedded service as its data grows: lookups and questions, and what others wait for meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
import attrs

from benchmarks.report import Goal, Outcome, Table, ratio
from benchmarks.rounds import Samples
from text2everything.local import _tables as tables
from text2everything.local._json import JsonDocument
from text2everything.local._store import Store

# Executions, and as many contexts, golden examples, tables and rated answers.
SIZES = ((100, 100), (1_000, 1_000), (10_000, 10_000), (50_000, 10_000))
RATINGS = 100_000
MOST_TIMES = 3
MOST_WAIT_MS = 50

_THINGS = [
    "customer",
    "order",
    "product",
    "invoice",
    "employee",
    "shipment",
    "supplier",
    "payment",
    "ticket",
    "visit",
    "session",
    "device",
    "sensor",
    "policy",
    "claim",
    "account",
    "branch",
    "loan",
    "card",
    "vehicle",
    "trip",
    "driver",
    "route",
    "store",
    "region",
    "campaign",
    "lead",
    "contract",
    "task",
    "project",
    "team",
    "member",
    "course",
    "student",
    "teacher",
    "exam",
    "grade",
    "book",
    "author",
    "patient",
    "doctor",
    "ward",
    "drug",
    "machine",
    "plant",
    "batch",
    "warehouse",
    "shelf",
    "crate",
]
_KINDS = [
    "history",
    "detail",
    "archive",
    "summary",
    "item",
    "line",
    "event",
    "daily",
    "draft",
    "plan",
    "target",
    "audit",
    "backup",
    "staging",
    "note",
]
_AREAS = [
    "north",
    "south",
    "east",
    "west",
    "retail",
    "online",
    "partner",
    "legacy",
    "test",
    "central",
    "home",
    "export",
    "rental",
    "public",
]
_COLUMNS = {
    "id": "INTEGER",
    "name": "TEXT",
    "status": "TEXT",
    "amount": "DECIMAL",
    "created_at": "TIMESTAMP",
    "country": "TEXT",
    "quantity": "INTEGER",
}
_QUESTIONS = (
    "How many {0} are there?",
    "Total amount of {0} by country",
    "Average amount of {0} per status",
    "Active {0} in Germany",
    "Top {1} {0} by amount",
    "How many {0} were created in the last {1} days?",
    "{0} with amount above {1}",
    "Show all {0} with status closed",
)


@attrs.frozen
class Place:
    """A running service, and what is in it."""

    name: str
    session: aiohttp.ClientSession
    project: str
    connector: str
    chat: str
    tables: list[str]

    async def post(self, path: str, body: Any) -> Any:
        async with self.session.post(f"/api/projects/{self.project}/{path}", json=body) as response:
            assert response.status < 300, await response.text()
            return await response.json()

    async def get(self) -> None:
        async with self.session.get(f"/api/projects/{self.project}") as response:
            assert response.status == 200
            await response.read()

    async def look_up(self, dice: random.Random) -> None:
        body = {"user_query": _question(dice, self.tables), "connector_id": self.connector}
        await self.post("execution-cache-lookup", body)

    async def ask(self, dice: random.Random) -> None:
        await self.post(f"chat-sessions/{self.chat}/chat-to-sql", {"query": _question(dice, self.tables)})


def run(quick: bool) -> Outcome:
    """Fill services with few and with many items, and ask them in turns."""
    sizes = SIZES[:2] if quick else SIZES
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        started = [_start(stack, Path(directory) / str(number), *size) for number, size in enumerate(sizes)]
        return asyncio.run(_measure(started, 3 if quick else 15, 5_000 if quick else RATINGS))


def _start(stack: ExitStack, directory: Path, executions: int, others: int) -> dict[str, Any]:
    directory.mkdir()
    found = fill(directory / "service.sqlite3", executions, others)
    command = [
        sys.executable,
        "-m",
        "text2everything",
        "serve",
        "--data-dir",
        str(directory),
        "--json",
        "--port",
        "0",
    ]
    process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    stack.callback(process.terminate)
    assert process.stdout is not None
    settings = json.loads(process.stdout.readline())
    return {**found, "settings": settings, "name": f"{executions:,} executions, {others:,} of the others"}


def fill(path: Path, executions: int, others: int) -> dict[str, Any]:
    """Write a project into a new database."""
    dice = random.Random(1)
    names = [" ".join(words) for words in itertools.product(_AREAS, _THINGS, _KINDS)]
    dice.shuffle(names)
    names = names[:others]
    store = Store(path)
    with store.transaction():
        project = store.insert(tables.PROJECTS, None, {"name": "grown"})["id"]
        connector = store.insert(
            tables.CONNECTORS, project, {"name": "c", "db_type": "sqlite", "database": "/nowhere"}
        )["id"]
        chat = store.insert(tables.CHAT_SESSIONS, project, {})["id"]
        for name in names:
            _add_item(store, project, name, names, dice)
        for number in range(executions):
            question = _question(dice, names)
            message = store.insert(
                tables.CHAT_MESSAGES, project, {"user_query": question, "sql_query": f"SELECT {number}"}
            )["id"]
            execution = _execution(store, project, connector, message)
            if number % max(1, executions // others) == 0:
                _rate(store, project, message, execution, number)
    store.close()
    return {"project": project, "connector": connector, "chat": chat, "tables": names}


def _add_item(store: Store, project: str, name: str, names: list[str], dice: random.Random) -> None:
    table = name.replace(" ", "_")
    columns: list[dict[str, Any]] = [{"name": column, "type": kind} for column, kind in _COLUMNS.items()]
    columns[2]["values"] = ["active", "closed"]
    columns.append({"name": dice.choice(names).replace(" ", "_") + "_id", "type": "INTEGER"})
    data = {"table": {"name": table, "description": f"One row for each of the {name}s", "columns": columns}}
    common = {"description": None, "is_always_displayed": False}
    store.insert(tables.SCHEMA_METADATA, project, {"name": table, "schema_data": data, **common})
    content = f"Large {name}s are {name}s with amount > {dice.randrange(1000)}. They are checked by hand."
    store.insert(tables.CONTEXTS, project, {"name": f"large {name}", "content": content, **common})
    question = f"How many large {name}s were cancelled by {dice.choice(_AREAS)}?"
    store.insert(
        tables.GOLDEN_EXAMPLES,
        project,
        {"user_query": question, "sql_query": f"SELECT count(*) FROM {table}", **common},
    )


def _execution(store: Store, project: str, connector: str, message: str) -> str:
    result = JsonDocument(json.dumps({"columns": ["n"], "data": [["n"], ["1"]], "rowCount": 1}))
    values = {
        "connector_id": connector,
        "chat_message_id": message,
        "sql_query": "SELECT 1",
        "execution_time_ms": 1,
        "is_successful": True,
        "result": result,
    }
    return str(store.insert(tables.EXECUTIONS, project, values)["id"])


def _rate(store: Store, project: str, message: str, execution: str, number: int) -> None:
    values = {
        "chat_message_id": message,
        "execution_id": execution,
        "feedback": f"Rating {number}",
        "is_positive": number % 3 > 0,
    }
    store.insert(tables.FEEDBACK, project, values)


def _question(dice: random.Random, names: list[str]) -> str:
    return dice.choice(_QUESTIONS).format(dice.choice(names) + "s", dice.randrange(2, 500))


async def _measure(started: list[dict[str, Any]], rounds: int, ratings: int) -> Outcome:
    outcome = Outcome("growth")
    sessions = [_session(found["settings"]) for found in started]
    places = [
        Place(found["name"], session, found["project"], found["connector"], found["chat"], found["tables"])
        for found, session in zip(started, sessions, strict=True)
    ]
    try:
        for what, call, times in (("cache lookup", Place.look_up, 20), ("chat_to_sql", Place.ask, 10)):
            rows = await _in_turns(places, call, rounds, times)
            outcome.tables.append(Table(f"{what}, each", rows, places[0].name))
            growth = ratio(rows[-1], rows[0])
            outcome.goals.append(Goal(f"{what}: {rows[-1].name} against {rows[0].name}", growth, "<=", MOST_TIMES))
        largest = places[-1]
        _report_waits(outcome, "while nothing else happens", sorted(await _waits(largest, _nothing)), None)
        asked = sorted(await _waits(largest, _asking_in_turn))
        _report_waits(outcome, "while another client looks up and asks", asked, 0.99)
        _report_waits(outcome, "while four others do", sorted(await _waits(largest, _asking)), None)
        project = await _rated_project(largest, ratings)
        deleted = sorted(await _waits(largest, _deleting(project)))
        _report_waits(outcome, f"while a project with {ratings:,} ratings is deleted", deleted, 1)
        _report_waits(outcome, "while lists are searched", sorted(await _waits(largest, _searching)), 0.99)
    finally:
        for session in sessions:
            await session.close()
    return outcome


def _session(settings: dict[str, str]) -> aiohttp.ClientSession:
    headers = {"Authorization": f"Bearer {settings['access_token']}", "X-Workspace-Name": settings["workspace_name"]}
    return aiohttp.ClientSession(settings["base_url"], headers=headers, timeout=aiohttp.ClientTimeout(600))


async def _in_turns(
    places: list[Place], call: Callable[[Place, random.Random], Awaitable[None]], rounds: int, times: int
) -> list[Samples]:
    """Return the median of each round at each place, after a round that does not count."""
    samples = [Samples(place.name, 1) for place in places]
    dice = random.Random(2)
    for number in range(rounds + 1):
        for place, kept in zip(places, samples, strict=True):
            took = []
            for _ in range(times):
                start = time.perf_counter()
                await call(place, dice)
                took.append(1e6 * (time.perf_counter() - start))
            if number:
                kept.wall.append(statistics.median(took))
                kept.cpu.append(statistics.median(took))
    return samples


async def _waits(place: Place, busy: Callable[[Place], Awaitable[None]]) -> list[float]:
    """Return the milliseconds of plain GETs while something else goes on, for five seconds or until it ends."""
    other = asyncio.ensure_future(asyncio.wait_for(busy(place), 60))
    end = time.perf_counter() + 5
    took = []
    while not other.done() and (time.perf_counter() < end or busy not in _ENDLESS):
        start = time.perf_counter()
        await place.get()
        took.append(1e3 * (time.perf_counter() - start))
        await asyncio.sleep(0.002)
    other.cancel()
    for result in await asyncio.gather(other, return_exceptions=True):
        if isinstance(result, Exception):
            raise result
    return took


async def _nothing(_: Place) -> None:
    await asyncio.Event().wait()


async def _asking(place: Place) -> None:
    async def worker(seed: int) -> None:
        dice = random.Random(seed)
        while True:
            await (place.ask(dice) if seed % 2 else place.look_up(dice))

    await asyncio.gather(*map(worker, range(4)))


async def _asking_in_turn(place: Place) -> None:
    dice = random.Random(3)
    while True:
        await place.look_up(dice)
        await place.ask(dice)


async def _searching(place: Place) -> None:
    while True:
        for path in ("sql/executions", "feedback", "contexts"):
            query = f"?q=nothing-{time.perf_counter()}"
            async with place.session.get(f"/api/projects/{place.project}/{path}{query}") as response:
                assert response.status == 200


_ENDLESS = (_nothing, _asking, _asking_in_turn, _searching)


def _deleting(project: str) -> Callable[[Place], Awaitable[None]]:
    async def delete(place: Place) -> None:
        async with place.session.delete(f"/api/projects/{project}") as response:
            assert response.status == 200

    return delete


async def _rated_project(place: Place, ratings: int) -> str:
    """Make a project with ratings through the service, and return its id."""
    async with place.session.post("/api/projects", json={"name": "rated"}) as response:
        project = str((await response.json())["id"])
    rated = attrs.evolve(place, project=project)
    chat = (await rated.post("chat-sessions", {}))["id"]
    messages = [
        (await rated.post(f"chat-sessions/{chat}/chat-to-sql", {"query": f"How many of {i}?"}))["id"]
        for i in range(100)
    ]

    async def worker(first: int) -> None:
        for number in range(first, ratings, 16):
            body = {"chat_message_id": messages[number % 100], "feedback": f"Rating {number}", "is_positive": True}
            await rated.post("feedback", body)

    await asyncio.gather(*map(worker, range(16)))
    return project


def _report_waits(outcome: Outcome, when: str, took: list[float], share: float | None) -> None:
    p99 = took[min(len(took) - 1, int(0.99 * len(took)))]
    text = f"p50 {statistics.median(took):.1f} ms, p99 {p99:.1f} ms, longest {took[-1]:.1f} ms, of {len(took)}"
    outcome.facts[f"a plain GET {when}"] = text
    if share is not None:
        which, value = ("longest", took[-1]) if share == 1 else ("p99", p99)
        outcome.goals.append(Goal(f"{which} plain GET {when}", value, "<=", MOST_WAIT_MS, "ms"))
