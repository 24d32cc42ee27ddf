"""A bar chart of ratings over time, by matplotlib."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from text2everything._feedback.periods import Period, period_label
from text2everything._feedback.render import NEGATIVE_COLOR, POSITIVE_COLOR
from text2everything._feedback.tally import Tally

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_over_time"]

BAR_WIDTH = 0.8
MAX_LABELS = 12
MAX_MONTH_LABELS = 8  # these are longer


def plot_over_time(tallies: Mapping[date, Tally], period: Period, *, title: str, ax: Axes | None) -> Axes:
    """Draw one stacked bar for each period, positive ratings below negative ones, and return the axes.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415  # an extra
        from matplotlib.ticker import MaxNLocator  # noqa: PLC0415
    except ImportError as error:
        raise ImportError("plot() needs matplotlib: pip install matplotlib") from error
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
    positions = range(len(tallies))
    positive = [tally.positive for tally in tallies.values()]
    negative = [tally.negative for tally in tallies.values()]
    ax.bar(positions, positive, BAR_WIDTH, label="positive", color=POSITIVE_COLOR)
    ax.bar(positions, negative, BAR_WIDTH, bottom=positive, label="negative", color=NEGATIVE_COLOR)
    labels = [period_label(start, period) for start in tallies]
    step = max(1, -(-len(labels) // (MAX_MONTH_LABELS if period == "month" else MAX_LABELS)))
    ax.set_xticks(list(positions)[::step], labels[::step])
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(x=0.02)
    ax.set_ylabel(f"ratings per {period}")
    ax.set_title(title, loc="left")
    ax.spines[["top", "right"]].set_visible(b=False)
    if tallies:
        ax.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
    else:
        ax.text(0.5, 0.5, "no ratings with a time", ha="center", va="center", transform=ax.transAxes)
        ax.set_yticks([])
    return ax
