"""Show that the wheel alone, without extras, imports and talks to a service: `bare_install.py PYTHON`.

PYTHON is an interpreter with nothing but the wheel installed; the service runs on the interpreter of this script.
"""

from __future__ import annotations

import json
import subprocess
import sys

from text2everything.local import LocalService

USE = """
import asyncio, json, sys, tempfile
import text2everything_sdk
from text2everything import AsyncText2EverythingClient, Text2EverythingClient

settings, project, connector = json.load(sys.stdin)

async def ask():
    async with AsyncText2EverythingClient(**settings) as client:
        return (await client.projects.get(project)).name

client = text2everything_sdk.Text2EverythingClient(**settings)
result = client.executions.execute_query(project, connector, "SELECT count(*) AS n FROM users")
rating = client.feedback.create_positive(project, result.chat_message_id, "right", result.execution_id)
assert rating in client.feedback.list(project)
items = [{"chat_message_id": result.chat_message_id, "feedback": f"rating {n}"} for n in range(20)]
with tempfile.TemporaryDirectory() as directory:
    made, again = (client.feedback.bulk_create(project, items, journal=f"{directory}/journal") for _ in range(2))
assert list(made) == list(again)
assert client.feedback.count(project) == 21
assert asyncio.run(ask()) == client.projects.get(project).name
for extra in ("msgspec", "sqlglot", "rich", "click", "uvloop", "pandas"):
    try:
        __import__(extra)
    except ImportError:
        continue
    sys.exit(f"{extra} is installed, so this shows nothing")
print(result.rows[0][0], "users counted with the wheel alone")
"""


def main() -> int:
    python = sys.argv[1]
    with LocalService(demo=True) as service:
        given = json.dumps([service.settings, service.demo.project_id, service.demo.connector_id])
        done = subprocess.run([python, "-W", "error", "-c", USE], input=given, text=True, timeout=60)
    if done.returncode:
        return done.returncode
    # What needs an extra says which.
    for arguments in (["serve"], ["demo"], ["feedback", "list"]):
        refused = subprocess.run(
            [python, "-m", "text2everything", *arguments], capture_output=True, text=True, timeout=60
        )
        print(refused.stderr.strip())
        if refused.returncode == 0 or refused.stderr.count("\n") != 1 or "pip install" not in refused.stderr:
            print(f"text2everything {' '.join(arguments)} should say what to install, in one line", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
