"""Tables to read, JSON to keep, and ratios against what is asked for."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import attrs

from benchmarks.rounds import Samples

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("aiohttp", "attrs", "cattrs", "msgspec", "uvloop")


@attrs.frozen
class Goal:
    """A ratio or a figure, and what it should be at most or at least."""

    what: str
    value: float
    bound: Literal["<=", ">="]
    target: float
    unit: str = "x"

    @property
    def met(self) -> bool:
        return self.value <= self.target if self.bound == "<=" else self.value >= self.target

    def __str__(self) -> str:
        sign = "≤" if self.bound == "<=" else "≥"
        verdict = "met" if self.met else "MISSED"
        return f"{verdict:6}  {self.value:8.2f} {self.unit}  (asked: {sign} {self.target:g})  {self.what}"


@attrs.frozen
class Table:
    """The rows of one comparison, all measured in turns."""

    title: str
    rows: list[Samples]
    base: str
    by: Literal["wall", "cpu"] = "wall"

    def __str__(self) -> str:
        base = next(row for row in self.rows if row.name == self.base)
        lines = [self.title, f"{'':44} {'µs each':>10} {'a second':>10} {'cpu µs':>8} {'x base':>7}"]
        for row in self.rows:
            wall, cpu = statistics.median(row.wall), statistics.median(row.cpu)
            mark = "  (base)" if row is base else ""
            lines.append(
                f"{row.name:44} {wall:10.1f} {1e6 / wall:10.0f} {cpu:8.1f} {ratio(row, base, by=self.by):7.2f}{mark}"
            )
        return "\n".join(lines)


@attrs.frozen
class Outcome:
    """What one case found."""

    name: str
    tables: list[Table] = attrs.field(factory=list)
    goals: list[Goal] = attrs.field(factory=list)
    facts: dict[str, Any] = attrs.field(factory=dict)
    details: list[str] = attrs.field(factory=list)
    """What is shown on request, and not kept."""

    def show(self, *, details: bool = False) -> None:
        for table in self.tables:
            print(f"\n{table}")
        for name, fact in self.facts.items():
            print(f"{name}: {fact}")
        for detail in self.details if details else ():
            print(f"\n{detail}")
        print()
        for goal in self.goals:
            print(goal)

    def save(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        kept = {
            "machine": machine(),
            "tables": [attrs.asdict(table) for table in self.tables],
            "goals": [attrs.asdict(goal) | {"met": goal.met} for goal in self.goals],
            "facts": self.facts,
        }
        text = _samples_on_one_line(json.dumps(_rounded(kept), indent=1, ensure_ascii=False))
        (RESULTS / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")


def _samples_on_one_line(text: str) -> str:
    """Return indented JSON with each list of numbers on one line."""
    return re.sub(r"\[\s+([-\d.e,\s]+?)\s+\]", lambda numbers: f"[{' '.join(numbers[1].split())}]", text)


def ratio(row: Samples, base: Samples, *, by: Literal["wall", "cpu"] = "wall") -> float:
    """Return how many times as long `row` took: the median over the rounds, each compared within itself.

    Where nothing is waited for, processor time (`by="cpu"`) says the same with less noise.
    """
    mine, other = (row.wall, base.wall) if by == "wall" else (row.cpu, base.cpu)
    if len(mine) != len(other):  # not measured in turns
        return statistics.median(mine) / statistics.median(other)
    return statistics.median(a / b for a, b in zip(mine, other, strict=True))


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "cpus": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        **{name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {key: _rounded(inner) for key, inner in value.items()}
        case str():
            return value
        case Iterable():
            return [_rounded(inner) for inner in value]
        case _:
            return value
