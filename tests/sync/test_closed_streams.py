"""A program whose standard streams are closed: a socket that gets such a number must not abort the process."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from name_service import NameService

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import os, sys
for number in {numbers}:
    os.close(number)
code = '''
import sys
from text2everything import Text2EverythingClient
with Text2EverythingClient(base_url=sys.argv[1], access_token="token", workspace_name="workspaces/test") as client:
    name = client.projects.get("one").name
with open(sys.argv[2], "w") as found:
    found.write(name)
'''
os.execv(sys.executable, [sys.executable, "-W", "error", "-c", code, *sys.argv[1:]])
"""


@pytest.mark.parametrize("numbers", [(1,), (0, 1, 2)])
def test_calls_work_with_closed_streams(numbers: tuple[int, ...], tmp_path: Path) -> None:
    service = NameService()
    command = [sys.executable, "-c", PROGRAM.format(numbers=numbers), service.base_url, tmp_path / "found"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    service.stop()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "found").read_text() == "one"
