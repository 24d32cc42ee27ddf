"""What the service writes to disk is readable by its own user only, whatever the umask."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import os, sys, urllib.request
from pathlib import Path
from text2everything.local import LocalService

os.umask(int(sys.argv[1], 8))
top = Path(sys.argv[2])
with LocalService(top / "a" / "b", demo=True) as service:
    form = b"".join(
        b'--x\\r\\nContent-Disposition: form-data; name="%s"\\r\\n\\r\\nv\\r\\n' % name
        for name in (b"name", b"description", b'files"; filename="f.txt')
    )
    sent = {"Authorization": f"Bearer {service.access_token}", "X-Workspace-Name": service.workspace_name,
            "Content-Type": "multipart/form-data; boundary=x"}
    url = f"{service.base_url}/api/projects/{service.demo.project_id}/custom-tools"
    urllib.request.urlopen(urllib.request.Request(url, form + b"--x--\\r\\n", sent), timeout=60).read()
    for path in sorted(top.rglob("*")):
        print(path.relative_to(top), oct(path.stat().st_mode & 0o777), "dir" if path.is_dir() else "file")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("umask", ["000", "022", "277"])
def test_files_are_0600_and_directories_0700(tmp_path, umask):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, umask, str(tmp_path)], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = [line.rsplit(" ", 2) for line in done.stdout.splitlines()]
    assert {mode for _, mode, kind in found if kind == "file"} == {"0o600"}
    assert {mode for _, mode, kind in found if kind == "dir"} == {"0o700"}
    names = {name for name, _, _ in found}
    assert {
        "a",
        "a/b",
        "a/b/files",
        "a/b/service.sqlite3",
        "a/b/service.sqlite3-wal",
        "a/b/demo/shop.sqlite3",
    } < names
    assert len([name for name in names if name.startswith("a/b/files/")]) == 1
