"""The limiter, against simulated services with hidden limits: no clock, no network, the same every time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random

import attrs
import pytest
from aiohttp import web
from bulk_service import FeedbackService, ratings

from text2everything._bulk.limiter import PAUSE, START, Limiter
from text2everything._bulk.options import DEFAULT_CONCURRENCY

Answer = tuple[float, bool, float | None]
"""Seconds until the answer, whether it is a yes, and the Retry-After of a no."""


@attrs.define
class AtOnce:
    """Takes so many requests at once, and refuses the others."""

    most: int
    latency: float
    retry_after: float | None = None

    @property
    def capacity(self) -> float:
        return self.most / self.latency

    def __call__(self, now: float, active: int, jitter: float) -> Answer:
        if active > self.most:
            return self.latency / 4, False, self.retry_after
        return self.latency * jitter, True, None


@attrs.define
class TokenBucket:
    """Takes so many requests a second, and a burst; refuses the others."""

    capacity: float
    latency: float
    burst: float
    retry_after: float | None = None
    tokens: float = attrs.field(init=False, default=0.0)
    last: float = attrs.field(init=False, default=0.0)

    def __call__(self, now: float, active: int, jitter: float) -> Answer:
        self.tokens = min(self.burst, self.tokens + (now - self.last) * self.capacity)
        self.last = now
        if self.tokens < 1:
            return self.latency / 2, False, self.retry_after
        self.tokens -= 1
        return self.latency * jitter, True, None


@attrs.define
class EachSecond:
    """Takes so many requests in each second of its clock, and says when the next one begins."""

    capacity: float
    latency: float
    tells: bool
    second: int = attrs.field(init=False, default=-1)
    taken: int = attrs.field(init=False, default=0)

    def __call__(self, now: float, active: int, jitter: float) -> Answer:
        if int(now) != self.second:
            self.second, self.taken = int(now), 0
        if self.taken >= self.capacity:
            return self.latency / 2, False, int(now) + 1 - now + 0.001 if self.tells else None
        self.taken += 1
        return self.latency * jitter, True, None


@attrs.define
class Queue:
    """Works on so many at once and lets the others wait; `worse` is how much queueing slows the work itself."""

    servers: int
    latency: float
    worse: float = 1.0

    @property
    def capacity(self) -> float:
        return self.servers / self.latency

    def __call__(self, now: float, active: int, jitter: float) -> Answer:
        return self.latency * max(1.0, active / self.servers) ** self.worse * jitter, True, None


@attrs.define
class Run:
    limiter: Limiter
    seconds: float = 0.0
    sent: int = 0
    refused: int = 0
    successes: int = 0
    limits: list[int] = attrs.field(factory=list)
    times: list[float] = attrs.field(factory=list)

    @property
    def throughput(self) -> float:
        return self.successes / self.seconds


def simulate(service, count: int, most: int = DEFAULT_CONCURRENCY, seed: int = 1) -> Run:
    """Send `count` requests through workers as the bulk engine has them, in simulated time."""
    rng = random.Random(seed)
    run = Run(Limiter(most))
    limiter = run.limiter
    order = itertools.count()
    events: list[tuple[float, int, tuple]] = []
    left = count - 1
    workers = 1
    active = 0

    def at(time: float, *event) -> None:
        heapq.heappush(events, (time, next(order), event))

    at(0.0, "turn")
    while events:
        now, _, (kind, *facts) = heapq.heappop(events)
        if kind == "turn":
            wait = limiter.try_acquire(now)
            if wait:
                at(now + wait, "turn")
                continue
            run.sent += 1
            delay, accepted, retry_after = service(now, active + 1, rng.uniform(0.8, 1.2))
            active += accepted
            at(now + delay, "answer", now, accepted, retry_after, limiter.in_flight)
            continue
        started, accepted, retry_after, in_flight = facts
        run.seconds = now
        if not accepted:
            run.refused += 1
            limiter.throttled(now, started, retry_after, in_flight)
            at(now, "turn")
            continue
        active -= 1
        run.successes += 1
        limiter.succeeded(now, started)
        run.limits.append(limiter.limit)
        run.times.append(now)
        workers -= 1
        while left and workers < limiter.limit:
            left -= 1
            workers += 1
            at(now, "turn")
    assert run.successes == count
    assert limiter.in_flight == 0
    return run


@pytest.mark.parametrize(
    "service",
    [
        AtOnce(1, 0.01),
        AtOnce(2, 0.02),
        AtOnce(5, 0.02),
        AtOnce(20, 0.02),
        AtOnce(50, 0.02),
        AtOnce(50, 0.1),
        AtOnce(20, 0.02, 1),
        AtOnce(30, 0.2, 2),
        AtOnce(50, 0.1, 0.5),
        TokenBucket(100, 0.005, 100),
        TokenBucket(500, 0.02, 10),
        TokenBucket(500, 0.02, 500, 1),
        TokenBucket(799, 0.005, 5),
        TokenBucket(2000, 0.001, 10),
        TokenBucket(20, 0.05, 5),
        EachSecond(100, 0.005, tells=False),
        EachSecond(100, 0.005, tells=True),
        EachSecond(500, 0.02, tells=False),
        EachSecond(500, 0.02, tells=True),
        EachSecond(1000, 0.002, tells=True),
    ],
    ids=str,
)
def test_hidden_limits_are_found(service):
    run = simulate(attrs.evolve(service), 10_000)
    assert run.throughput >= 0.8 * service.capacity
    assert run.refused < 0.02 * run.sent


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "service",
    [
        AtOnce(80, 0.02),
        AtOnce(65, 0.05, 1),
        AtOnce(10, 0.02, 1),
        TokenBucket(1000, 0.02, 100),
        TokenBucket(300, 0.1, 30),
        EachSecond(200, 0.02, tells=False),
        EachSecond(300, 0.05, tells=False),
        EachSecond(300, 0.05, tells=True),
        EachSecond(1000, 0.02, tells=False),
        EachSecond(1000, 0.02, tells=True),
        EachSecond(2000, 0.02, tells=True),
    ],
    ids=str,
)
def test_other_hidden_limits_are_found(service, seed):
    run = simulate(attrs.evolve(service), 10_000, seed=seed)
    assert run.throughput >= 0.8 * min(service.capacity, DEFAULT_CONCURRENCY / service.latency)
    assert run.refused < 0.025 * run.sent


@pytest.mark.slow
async def test_a_hidden_limit_of_a_real_service_is_found():
    async def before(service: FeedbackService, _: dict) -> web.Response | None:
        if service.active > 12:
            return web.json_response({}, status=429)
        await asyncio.sleep(0.1)
        return None

    service = FeedbackService(before)
    async with service.client(max_retries=0) as client:
        result = await client.feedback.bulk_create("p", ratings(600))
    assert len(result) == len(service.items) == 600
    assert service.requests - 600 < START - 12 + 0.02 * 600  # the first step is refused in part in any case
    assert max(service.levels) >= 12  # how much of the time it is there depends on the machine; see the simulation


@pytest.mark.parametrize(("most", "latency"), [(64, 0.005), (64, 0.1), (8, 0.02), (300, 0.05)])
def test_climbs_to_the_callers_limit_while_that_helps(most, latency):
    run = simulate(Queue(10_000, latency), 20_000, most)
    assert run.limiter.limit == most
    assert run.throughput >= 0.8 * most / latency


@pytest.mark.parametrize("latency", [0.005, 0.02, 0.1])
def test_a_short_call_has_reached_the_callers_limit_after_two_round_trips(latency):
    """One alone, 24, and the other 175 in twice 96 at most; the latency varies by a fifth."""
    run = simulate(Queue(10_000, latency), 200)
    assert max(run.limits) == DEFAULT_CONCURRENCY
    assert run.seconds <= 4.2 * 1.2 * latency


def test_does_not_climb_where_it_does_not_help():
    run = simulate(Queue(10, 0.02), 20_000, most=1000)
    assert max(run.limits) <= 384
    assert run.throughput >= 0.95 * 500


def test_settles_where_more_at_once_means_less_done():
    run = simulate(Queue(20, 0.02, worse=2.0), 20_000, most=1000)
    assert sorted(run.limits)[len(run.limits) // 2] <= 32
    assert run.throughput >= 0.6 * 1000


def test_falls_as_latency_rises_and_comes_back():
    @attrs.define
    class Changing:
        """Overloaded for a while by others: whatever is in flight makes it slower."""

        def __call__(self, now: float, active: int, jitter: float) -> Answer:
            overloaded = 5 < now < 15
            return (Queue(20, 0.02, worse=1.5) if overloaded else Queue(1000, 0.02))(now, active, jitter)

    run = simulate(Changing(), 60_000)
    during = sorted(limit for when, limit in zip(run.times, run.limits, strict=True) if 7 < when < 15)
    assert during[len(during) // 2] <= 40
    assert run.limits[-1] == DEFAULT_CONCURRENCY


@pytest.mark.parametrize("seed", range(5))
def test_a_machine_busy_with_other_things_does_not_drive_the_limit_down(seed):
    rng = random.Random(seed)
    slower = [rng.choice([1, 1, 1, 2, 4]) for _ in range(10_000)]

    def service(now: float, active: int, jitter: float) -> Answer:
        return 0.02 * jitter * slower[int(now / 0.3)], True, None

    run = simulate(service, 60_000)
    assert sorted(run.limits)[len(run.limits) // 10] >= 32
    assert sum(run.limits) / len(run.limits) >= 0.85 * 64


def test_one_goes_alone_first():
    limiter = Limiter(64)
    assert limiter.limit == 1
    assert limiter.try_acquire(0.0) == 0
    limiter.succeeded(1.0, 0.0)
    assert limiter.limit == START
    assert Limiter(4).limit == 1


def _in_flight(count: int) -> Limiter:
    limiter = Limiter(64)
    limiter.try_acquire(0.0)
    limiter.succeeded(0.1, 0.0)
    for _ in range(count):
        assert limiter.try_acquire(0.2) == 0
    return limiter


def test_a_retry_after_pauses_everybody_and_one_goes_first_afterwards():
    limiter = _in_flight(10)
    limiter.throttled(0.3, 0.2, 2.0, 9)
    assert limiter.try_acquire(0.3) == pytest.approx(2.0)
    limiter.throttled(0.4, 0.2, 5.0, 10)  # of the same burst, and it knows better
    assert limiter.try_acquire(1.4) == pytest.approx(4.0)
    for _ in range(8):
        limiter.succeeded(0.5, 0.2)
    assert limiter.try_acquire(5.5) == 0
    assert limiter.try_acquire(5.5) > 0
    limiter.succeeded(5.6, 5.5)
    assert limiter.limit == 8
    assert limiter.try_acquire(5.7) == 0


def test_without_a_retry_after_pauses_double_while_nothing_gets_through():
    limiter = _in_flight(1)
    now, pauses = 0.3, []
    limiter.throttled(now, 0.2, None, 1)
    for _ in range(12):
        pause = limiter.try_acquire(now)
        pauses.append(pause)
        now += pause
        assert limiter.try_acquire(now) == 0
        limiter.throttled(now + 0.01, now, None, 1)
        now += 0.01
    assert pauses[:4] == [pytest.approx(PAUSE * 2**power) for power in range(4)]
    assert pauses[-1] == pytest.approx(30)
    assert limiter.pauses == 13


def test_a_retry_after_is_obeyed_up_to_a_limit():
    limiter = _in_flight(1)
    limiter.throttled(0.3, 0.2, 1e9, 1)
    assert limiter.try_acquire(0.3) == pytest.approx(120)


def test_what_tells_nothing_only_ends():
    limiter = _in_flight(3)
    limiter.failed()
    assert (limiter.in_flight, limiter.limit) == (2, START)


def test_the_limit_never_falls_below_one():
    limiter = _in_flight(1)
    now = 0.3
    for _ in range(200):
        limiter.throttled(now, now - 0.1, None, 1)
        now += limiter.try_acquire(now)
        assert limiter.try_acquire(now) == 0
        now += 0.1
        limiter.succeeded(now, now - 0.1)
        while (wait := limiter.try_acquire(now)) > 0:
            now += wait
    assert limiter.limit == 1
    assert now < 1000


def test_a_slow_source_teaches_nothing():
    limiter = Limiter(64)
    for index in range(200):
        limiter.try_acquire(index * 0.1)
        limiter.succeeded(index * 0.1 + 0.01, index * 0.1)
    assert limiter.limit == START
