"""How a long call is going: told to a callable, or drawn as a bar."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

import attrs

from text2everything.exceptions import ValidationError

__all__ = ["Progress", "Reporter", "ShowProgress"]

logger = logging.getLogger("text2everything")

INTERVAL = 0.1
"""Seconds between two reports at least; the last one always comes."""


@attrs.frozen
class Progress:
    """How far a call has come.

    Attributes:
        done: Items finished so far, failed ones included.
        failed: Those of them that failed.
        total: How many there will be, or None where nobody knows.
        elapsed: Seconds since the call began.
    """

    done: int
    failed: int
    total: int | None
    elapsed: float


ShowProgress: TypeAlias = "Callable[[Progress], object] | bool | None"
"""A callable that is told now and then and once at the end, or True for a bar on standard error.

The callable runs in the event loop and must not block. The bar needs rich or tqdm, and vanishes where standard error
is no terminal. Whatever goes wrong in showing is logged and never breaks the call that is being shown.
"""


class _Display(Protocol):
    def __call__(self, progress: Progress, /) -> object: ...


class Reporter:
    """Counts, and shows the counts at a bounded rate; a context manager whose end shows them once more.

    Args:
        show: What the caller gave as `progress`.
        total: How many items there will be, where that is known.
        label: What a bar says is being done.
        clock: Seconds, monotonic.

    Raises:
        ValidationError: `show` is neither a callable nor a bool nor None.
        ImportError: A bar is wanted, there is a terminal to draw it on, and neither rich nor tqdm is installed.
    """

    def __init__(
        self,
        show: ShowProgress,
        total: int | None = None,
        *,
        label: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self.done = 0
        self.failed = 0
        self._clock = clock
        self._started = clock()
        self._next = self._started + INTERVAL
        self._display: _Display | None = None
        if isinstance(show, bool):
            self._display = _bar(label, total) if show and _is_terminal() else None
        elif callable(show):
            self._display = show
        elif show is not None:
            raise ValidationError(f"progress must be a callable or True, got {type(show).__name__}")

    def add(self, done: int = 1, failed: int = 0) -> None:
        """Count `done` more items as finished, `failed` of them as failed."""
        self.done += done
        self.failed += failed
        if self._display is not None and self._clock() >= self._next:
            self._show()

    def _show(self) -> None:
        if self._display is None:
            return
        now = self._clock()
        self._next = now + INTERVAL
        try:
            self._display(Progress(self.done, self.failed, self.total, now - self._started))
        except Exception:
            logger.exception("showing progress failed, and is given up")
            self._display = None

    def close(self) -> None:
        """Show the final counts; nothing is shown afterwards."""
        self._show()
        display, self._display = self._display, None
        if isinstance(display, _RichBar | _TqdmBar):
            try:
                display.close()
            except Exception:
                logger.exception("taking the progress bar away failed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # none at all (pythonw), or closed
        return False


def _bar(label: str, total: int | None) -> _Display:
    for bar in (_RichBar, _TqdmBar):
        try:
            return bar(label, total)
        except ImportError:
            continue
    raise ImportError("progress=True needs rich or tqdm: pip install 'text2everything[cli]'")


class _RichBar:
    def __init__(self, label: str, total: int | None) -> None:
        from rich import progress  # noqa: PLC0415  # an extra
        from rich.console import Console  # noqa: PLC0415

        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[failed]}"),
            progress.TimeElapsedColumn(),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True),
            auto_refresh=False,  # no thread of its own: it is drawn when there is something new
        )
        self._task = self._bar.add_task(label, total=total, failed="")
        self._started = False

    def __call__(self, progress: Progress) -> None:
        if not self._started:
            self._started = True
            self._bar.start()
        failed = f"[red]{progress.failed:,} failed[/red]" if progress.failed else ""
        self._bar.update(self._task, completed=progress.done, total=progress.total, failed=failed)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.stop()


class _TqdmBar:
    def __init__(self, label: str, total: int | None) -> None:
        import tqdm  # noqa: PLC0415  # not ours to install, used where it is there

        self._bar: Any = tqdm.tqdm(total=total, desc=label, file=sys.stderr, leave=True, mininterval=0)

    def __call__(self, progress: Progress) -> None:
        if progress.failed:
            self._bar.set_postfix(failed=progress.failed, refresh=False)
        self._bar.total = progress.total
        self._bar.update(progress.done - self._bar.n)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()
