"""The command line, `text2everything`; it needs the extra `cli`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line on `sys.argv`, and return the exit status of a missing extra; else click exits itself."""
    try:
        import click  # noqa: F401, PLC0415 - only to say what is missing
        import rich  # noqa: F401, PLC0415 - only to say what is missing
    except ImportError:
        sys.stderr.write("text2everything: the command line needs more: pip install 'text2everything[cli]'\n")
        return 1
    from text2everything.cli._group import commands  # noqa: PLC0415 - needs click

    commands(prog_name="text2everything")
    return 0  # pragma: no cover - click has exited
