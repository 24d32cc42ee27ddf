"""The kept results as pictures: `python -m benchmarks.plots` writes PNG files beside them."""

from __future__ import annotations

import json
import re
import statistics
from typing import Any

import matplotlib as mpl

from benchmarks.report import RESULTS

mpl.use("Agg")
import matplotlib.pyplot as plt  # after the choice of a backend that needs no screen

OURS, FLOOR, PEER = "#0b6e99", "#8a8a8a", "#c9a227"


def _load(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def _rate(row: dict[str, Any]) -> float:
    wall: list[float] = row["wall"]
    return 1e6 / statistics.median(wall)


def _colour(name: str) -> str:
    return OURS if name.startswith("text2everything") else FLOOR if name.startswith("aiohttp") else PEER


def rates() -> None:
    """Draw items a second of every contestant, for single creates, bulk creates, threads and listing."""
    tables = [
        table for name in ("create", "threads", "bulk", "list") for table in (_load(name) or {"tables": []})["tables"]
    ]
    if not tables:
        return
    rows = -(-len(tables) // 2)
    figure, axes = plt.subplots(rows, 2, figsize=(14, 3.6 * rows), layout="constrained", squeeze=False)
    for axis, table in zip(axes.flat, tables, strict=False):
        found = sorted(table["rows"], key=_rate)
        names, values = [row["name"] for row in found], [_rate(row) for row in found]
        bars = axis.barh(names, values, color=[_colour(name) for name in names])
        axis.bar_label(bars, [f" {value:,.0f}" for value in values], fontsize=8)
        axis.set_xlim(0, 1.15 * max(values))
        axis.set_title(table["title"].replace(", per item", ""), fontsize=10)
        axis.set_xlabel("a second")
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(tables) :]:
        axis.set_axis_off()
    figure.savefig(RESULTS / "rates.png", dpi=110)
    plt.close(figure)


def scaling() -> None:
    """Draw throughput over concurrency, a panel for each latency."""
    kept = _load("scaling")
    if kept is None:
        return
    points: dict[int, dict[str, dict[int, float]]] = {}
    for table in kept["tables"]:
        concurrency, latency = map(int, re.findall(r"\d+", table["title"]))
        for row in table["rows"]:
            points.setdefault(latency, {}).setdefault(row["name"], {})[concurrency] = _rate(row)
    figure, axes = plt.subplots(1, len(points), figsize=(15, 4.2), sharey=True, layout="constrained", squeeze=False)
    styles = {"aiohttp alone": (FLOOR, "-"), "text2everything async": (OURS, "--")}
    for axis, (latency, lines) in zip(axes.flat, sorted(points.items()), strict=True):
        for name, line in lines.items():
            colour, style = styles.get(name, (OURS, "-"))
            axis.plot(list(line), list(line.values()), style, color=colour, marker="o", markersize=3, label=name)
        if latency:
            most = max(next(iter(lines.values())))
            axis.plot(
                [1, most],
                [1000 / latency, 1000 * most / latency],
                ":",
                color="#bbbbbb",
                label="concurrency / latency",
            )
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.set_ylim(5, 20_000)
        axis.set_title(f"latency {latency} ms")
        axis.set_xlabel("requests at once")
        axis.grid(alpha=0.3)
    axes.flat[0].set_ylabel("creates a second")
    axes.flat[-1].legend(fontsize=8, loc="upper left")
    figure.savefig(RESULTS / "scaling.png", dpi=110)
    plt.close(figure)


def streaming() -> None:
    """Draw microseconds per item over the number of items streamed."""
    kept = _load("stream")
    if kept is None:
        return
    figure, axis = plt.subplots(figsize=(6.5, 4), layout="constrained")
    for table, colour in zip(kept["tables"], (OURS, PEER), strict=True):
        sizes = [row["n"] for row in table["rows"]]
        costs = [statistics.median(row["cpu"]) for row in table["rows"]]
        axis.plot(sizes, costs, color=colour, marker="o", label=table["title"].partition(",")[0])
        memory = max(table["rows"][-1]["grown"])
        axis.annotate(f"+{memory:.1f} MiB", (sizes[-1], costs[-1]), xytext=(-48, 8), textcoords="offset points")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_ylim(1, 1000)
    axis.set_xlabel("items")
    axis.set_ylabel("µs of processor time per item")
    axis.grid(alpha=0.3)
    axis.legend()
    figure.savefig(RESULTS / "stream.png", dpi=110)
    plt.close(figure)


def growth() -> None:
    """Draw milliseconds of lookups and questions over the number of executions."""
    kept = _load("growth")
    if kept is None:
        return
    figure, axis = plt.subplots(figsize=(6.5, 4), layout="constrained")
    for table, colour in zip(kept["tables"], (OURS, PEER), strict=True):
        sizes = [int(re.findall(r"[\d,]+", row["name"])[0].replace(",", "")) for row in table["rows"]]
        costs = [statistics.median(row["wall"]) / 1000 for row in table["rows"]]
        name = table["title"].partition(",")[0]
        axis.plot(sizes, costs, color=colour, marker="o", label=name)
        limit = {"label": "three times the first"} if table is kept["tables"][-1] else {}
        axis.plot(sizes, [3 * costs[0]] * len(sizes), ":", color="#bbbbbb", **limit)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("executions (and up to 10,000 tables, contexts and examples)")
    axis.set_ylabel("ms, median")
    axis.set_ylim(0.5, 200)
    axis.grid(alpha=0.3)
    axis.legend()
    figure.savefig(RESULTS / "growth.png", dpi=110)
    plt.close(figure)


def main() -> None:
    """Draw what there are results for."""
    rates()
    scaling()
    streaming()
    growth()


if __name__ == "__main__":
    main()
