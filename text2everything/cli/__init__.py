"""The command line `text2everything`, which needs the extra `cli`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line with `sys.argv` and exit; return 1 only if the extra is not installed."""
    try:
        import click  # noqa: F401, PLC0415 - only to check that it is installed
        import rich  # noqa: F401, PLC0415 - only to check that it is installed
    except ImportError:
        sys.stderr.write("text2everything: the command line needs click and rich: pip install click rich\n")
        return 1
    from text2everything.cli._commands import commands  # noqa: PLC0415 - needs click
    from text2everything.cli._standard_streams import prepare_streams  # noqa: PLC0415 - only needed when run

    prepare_streams()
    commands(prog_name="text2everything")
    return 0  # pragma: no cover - click has exited
