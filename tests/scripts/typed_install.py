"""Show that the installed wheel is typed for those who use it: `typed_install.py PYTHON`.

PYTHON is an interpreter with the wheel and what the examples import; mypy and pyright are those of this script's.

- `pyright --verifytypes` finds a known type for at least 99 % of the public names.
- Every Python block of README.md and docs/*.md passes `mypy --strict` and pyright's strict mode: each block of the
  README on its own, those of a page together. So do the examples in docstrings, which end in values as at a prompt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import indent

from run_page import Block, blocks

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from test_docstring_examples import module_of_examples

LEAST = 0.99
PROMPT = "# pyright: strict, reportUnusedExpression=false, reportUnusedVariable=false, reportUnusedImport=false"
PYRIGHT = [sys.executable, "-m", "pyright"]


def module_of(parts: list[Block]) -> str:
    """Return the code of blocks, each in its own lines; what awaits as in a notebook becomes a function's body."""
    lines = [""]
    for part in parts:
        lines += [""] * (part.line - 1 - len(lines)) + part.text.splitlines()
    code = "\n".join(lines) + "\n"
    try:
        compile(code, "page", "exec")
    except SyntaxError:
        return "async def page() -> None:" + indent(code, "    ")
    return code


def modules() -> dict[str, str]:
    """Return the code to check, by the name of a file."""
    found = {}
    for page in [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]:
        parts = [block for block in blocks(page) if block.info.partition(" ")[0] == "python"]
        name = str(page.relative_to(ROOT).with_suffix("")).replace("/", "_").replace("-", "_")
        if page.name == "README.md":
            found |= {f"{name}_line_{part.line}.py": module_of([part]) for part in parts}
        elif parts:
            found[f"{name}.py"] = module_of(parts)
    return found | {"docstrings.py": f"{PROMPT}\n{module_of_examples()}"}


def run(python: str, directory: Path) -> bool:
    """Check the files in the directory as they are for a user of `python`."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MYPYPATH"}}
    environment |= {"PATH": f"{Path(python).parent}:{environment['PATH']}"}
    (directory / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "."]
    passed = [
        subprocess.run(command, cwd=directory, env=environment, timeout=600).returncode == 0
        for command in (mypy, [*PYRIGHT, "--warnings", "--pythonpath", python])
    ]
    for package in ("text2everything", "text2everything_sdk"):
        command = [*PYRIGHT, "--ignoreexternal", "--outputjson", "--verifytypes", package]
        done = subprocess.run(command, cwd=directory, env=environment, timeout=600, capture_output=True, text=True)
        report = json.loads(done.stdout)
        score = report.get("typeCompleteness", {}).get("completenessScore", 0)
        print(f"{package}: {score:.1%} of the public names have a known type")
        passed.append(score >= LEAST)
        if score < LEAST:
            print(json.dumps(report["generalDiagnostics"], indent=1))
    return all(passed)


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        for name, code in modules().items():
            (Path(directory) / name).write_text(code)
        return 0 if run(sys.argv[1], Path(directory)) else 1


if __name__ == "__main__":
    sys.exit(main())
