"""Run the code of one page of the documentation, as a reader would who copies block after block.

    python tests/scripts/run_page.py docs/feedback.md

- A block whose fence says `python` is run, all of a page in one namespace; it may `await` as in a notebook.
- `python no-run` is compiled only: it needs something that is not here.
- `text output` after a block is what that block prints; `…` stands for anything.

The environment leads to an embedded service with the demo, the way `text2everything serve --demo` says to set it.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text2everything.local import LocalService

FENCE = re.compile(r"(?P<fence>`{3,})(?P<info>.*)\n?")


@dataclass
class Block:
    """A fenced block: what its fence says, its text, and the number of its first line."""

    info: str
    text: str
    line: int

    def compiled(self, page: Path) -> Any:
        """Compile it so that a traceback shows the page's own lines."""
        source = "\n" * (self.line - 1) + self.text
        return compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def blocks(page: Path) -> Iterator[Block]:
    """Give the fenced blocks of a page, in order."""
    info, fence, start, lines = "", "", 0, list[str]()
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(keepends=True), 1):
        found = FENCE.fullmatch(line)
        if not fence and found:
            fence, info, start, lines = found["fence"], found["info"].strip(), number + 1, []
        elif fence and line.rstrip() == fence:
            yield Block(info, "".join(lines), start)
            fence = ""
        elif fence:
            lines.append(line)
    if fence:
        raise SystemExit(f"{page.name}, line {start - 1}: this block is never closed")


def check_output(page: Path, block: Block, printed: str) -> None:
    pattern = ".*?".join(map(re.escape, block.text.strip().split("…")))
    if not re.fullmatch(pattern, printed.strip(), re.DOTALL):
        raise SystemExit(f"{page.name}, line {block.line}: the block before prints\n{printed}")


def run(page: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    printed: str | None = None
    with asyncio.Runner() as runner:
        for block in list(blocks(page)):
            match block.info.split():
                case ["python"]:
                    with contextlib.redirect_stdout(io.StringIO()) as out:
                        waiting = eval(block.compiled(page), namespace)
                        if inspect.iscoroutine(waiting):
                            runner.run(waiting)
                    printed = out.getvalue()
                case ["python", "no-run"]:
                    block.compiled(page)
                    printed = None
                case ["python", *more]:
                    raise SystemExit(f"{page.name}, line {block.line - 1}: what is {' '.join(more)!r}?")
                case ["text", "output"]:
                    if printed is None:
                        raise SystemExit(f"{page.name}, line {block.line}: no block before this output was run")
                    check_output(page, block, printed)


def main() -> None:
    page = Path(sys.argv[1])
    with LocalService(demo=True) as service:
        os.environ |= {
            "TEXT2EVERYTHING_BASE_URL": service.base_url,
            "T2E_ACCESS_TOKEN": service.access_token,
            "T2E_WORKSPACE_NAME": service.workspace_name,
            "T2E_PROJECT_ID": service.demo.project_id,
            "T2E_CONNECTOR_ID": service.demo.connector_id,
        }
        run(page)


if __name__ == "__main__":
    main()
