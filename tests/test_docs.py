"""The documentation's code runs as shown; `scripts/run_page.py` tells how a page is read."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from extras import needs
from scripts.run_page import blocks, run

DOCS = Path(__file__).parent.parent / "docs"
RUN_PAGE = Path(__file__).parent / "scripts" / "run_page.py"
EXTRAS = {"feedback": ["plot"], "models": ["llm"]}
"""What a page needs besides the embedded service."""

PAGES = [
    pytest.param(page, id=page.stem, marks=needs(*EXTRAS.get(page.stem, [])))
    for page in sorted(DOCS.glob("*.md"))
    if "```python" in page.read_text()
]


def run_page(page: Path, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", RUN_PAGE, page],
        capture_output=True,
        text=True,
        timeout=110,
        cwd=directory,
        env=os.environ | {"MPLBACKEND": "agg", "PYTHONUTF8": "1"},
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_as_shown(page: Path, tmp_path: Path) -> None:
    done = run_page(page, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow  # an interpreter with pytest in it; tests/test_testing.py has another
def test_the_tests_shown_pass(tmp_path: Path) -> None:
    code = "\n".join(block.text for block in blocks(DOCS / "testing.md") if block.info == "python")
    (tmp_path / "test_page.py").write_text(code)
    options = "-q -n0 -W error -c /dev/null -o asyncio_mode=auto -o asyncio_default_fixture_loop_scope=function"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options.split(), "test_page.py"],
        capture_output=True,
        text=True,
        timeout=110,
        cwd=tmp_path,
    )
    assert "6 passed" in done.stdout, done.stdout + done.stderr


GOOD = """
```python
number = 6 * 7
print("The answer is", number)
```

It prints:

```text output
The … is 42
```

```python
import asyncio
await asyncio.sleep(0)
number += 1
```

```python no-run
import nothing_of_this_name
```
"""


def test_a_page_that_is_right_passes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(GOOD)
    assert run_page(page, tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("6 * 7", "6 * 8", "line 10: the block before prints\nThe answer is 48"),
        ("number += 1", "numbers += 1", 'page.md", line 16'),
        ("import asyncio\n", "import asyncio, warnings\nwarnings.warn('old')\n", "UserWarning: old"),
        ("import nothing_of_this_name", "import", "SyntaxError"),
        ("python no-run", "python norun", "line 19: what is 'norun'?"),
        ("of_this_name\n```", "of_this_name\n", "line 19: this block is never closed"),
    ],
)
def test_a_page_that_is_wrong_is_found_out(before: str, after: str, said: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(GOOD.replace(before, after))
    with pytest.raises((SystemExit, Exception)) as caught:
        run(page)
    assert said in "".join(traceback.format_exception(caught.value))
