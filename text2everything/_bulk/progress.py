"""The progress of a long call: reported to a callable, or drawn as a bar."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

import attrs

from text2everything.exceptions import ValidationError

__all__ = ["Progress", "Reporter", "ShowProgress"]

logger = logging.getLogger("text2everything")

INTERVAL = 0.1
"""Seconds between two reports at least; the last report is always made."""


@attrs.frozen
class Progress:
    """The progress of a call.

    Attributes:
        done: Items finished so far, including failed ones.
        failed: Items that failed so far.
        total: How many items there are, or None if that is unknown.
        elapsed: Seconds since the call began.
    """

    done: int
    failed: int
    total: int | None
    elapsed: float


ShowProgress: TypeAlias = "Callable[[Progress], object] | bool | None"
"""A callable that gets a `Progress` every 0.1 s at most and once at the end, or True for a bar on standard error.

The callable runs in the event loop and must not block. The bar needs rich or tqdm, and is not drawn if standard error
is not a terminal. Errors in reporting are logged, and the call goes on.
"""


class _Display(Protocol):
    def __call__(self, progress: Progress, /) -> object: ...


class Reporter:
    """Counts finished items and reports the counts at a bounded rate.

    A context manager: at its end it reports the final counts.

    Args:
        show: The caller's argument `progress`.
        total: How many items there are, or None if that is unknown.
        label: What is being done, shown beside a bar.
        clock: Returns the seconds of a monotonic clock.

    Raises:
        ValidationError: `show` is neither a callable nor a bool nor None.
        ImportError: `show` is True, standard error is a terminal, and neither rich nor tqdm is installed.
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
        self.done: int = 0
        self.failed: int = 0
        self._clock = clock
        self._started = clock()
        self._next_report = self._started + INTERVAL
        self._display: _Display | None = None
        if isinstance(show, bool):
            self._display = _make_bar(label, total) if show and _is_terminal() else None
        elif callable(show):
            self._display = show
        elif show is not None:
            raise ValidationError(f"progress must be a callable or True, got {type(show).__name__}")

    def add(self, done: int = 1, failed: int = 0) -> None:
        """Count `done` more items as finished, `failed` of them as failed."""
        self.done += done
        self.failed += failed
        if self._display is not None and self._clock() >= self._next_report:
            self._show()

    def _show(self) -> None:
        if self._display is None:
            return
        now = self._clock()
        self._next_report = now + INTERVAL
        try:
            self._display(Progress(self.done, self.failed, self.total, now - self._started))
        except Exception as error:  # noqa: BLE001  # a bar or the caller's callable may raise anything
            self._close_display()
            _log("showing progress failed, and is given up", error)
        except BaseException:  # SystemExit of the caller's callable, who gets it once
            self._close_display()
            raise

    def close(self) -> None:
        """Report the final counts, and nothing afterwards."""
        self._show()
        self._close_display()

    def _close_display(self) -> None:
        display, self._display = self._display, None
        if isinstance(display, _RichBar | _TqdmBar):
            try:
                display.close()
            except Exception as error:  # noqa: BLE001
                _log("taking the progress bar away failed", error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _log(message: str, error: Exception) -> None:
    with suppress(Exception):  # without a handler, it is written to stderr, which may be what has failed
        logger.error(message, exc_info=error)


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # there is none (pythonw), or it is closed
        return False


def _make_bar(label: str, total: int | None) -> _Display | None:
    try:
        return _bar(label, total)
    except ImportError:
        raise
    except Exception as error:  # noqa: BLE001
        _log("showing progress failed, and is given up", error)
        return None


def _bar(label: str, total: int | None) -> _Display:
    for bar in (_RichBar, _TqdmBar):
        try:
            return bar(label, total)
        except ImportError:
            continue
    raise ImportError("progress=True needs rich or tqdm: pip install rich")


class _RichBar:
    def __init__(self, label: str, total: int | None) -> None:
        from rich import progress  # noqa: PLC0415  # an extra
        from rich.console import Console  # noqa: PLC0415
        from rich.file_proxy import FileProxy  # noqa: PLC0415

        self._bar = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TextColumn("{task.fields[failed]}"),
            progress.TimeElapsedColumn(),
            progress.TimeRemainingColumn(),
            console=Console(stderr=True),
            auto_refresh=False,  # drawn when there is something new, rather than by a thread
        )
        self._task = self._bar.add_task(label, total=total, failed="")
        self._started = False
        self._proxy: type[object] = FileProxy
        self._replaced: tuple[object, ...] = ()

    def __call__(self, progress: Progress) -> None:
        if not self._started:
            self._started = True
            self._replaced = sys.stdout, sys.stderr
            self._bar.start()
        failed = f"[red]{progress.failed:,} failed[/red]" if progress.failed else ""
        self._bar.update(self._task, completed=progress.done, total=progress.total, failed=failed)
        self._bar.refresh()

    def close(self) -> None:
        try:
            self._bar.stop()
        finally:  # rich takes back what it has put in place of these, unless it fails before
            for name, stream in zip(("stdout", "stderr"), self._replaced, strict=False):
                if isinstance(getattr(sys, name), self._proxy):
                    setattr(sys, name, stream)


class _TqdmBar:
    def __init__(self, label: str, total: int | None) -> None:
        import tqdm  # noqa: PLC0415  # optional: used if it is installed

        self._bar: Any = tqdm.tqdm(total=total, desc=label, file=sys.stderr, leave=True, mininterval=0)

    def __call__(self, progress: Progress) -> None:
        if progress.failed:
            self._bar.set_postfix(failed=progress.failed, refresh=False)
        self._bar.total = progress.total
        self._bar.update(progress.done - self._bar.n)
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()
