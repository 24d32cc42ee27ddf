"""Run a command while `text2everything serve --demo` runs: `with_demo.py COMMAND…`.

The command finds the settings in its environment: T2E_BASE_URL, T2E_ACCESS_TOKEN, T2E_WORKSPACE_NAME,
T2E_PROJECT_ID, T2E_CONNECTOR_ID and T2E_CHAT_SESSION_ID.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

SERVE = [sys.executable, "-W", "error", "-m", "text2everything", "serve", "--demo", "--json", "--port", "0"]


def main() -> int:
    with subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True) as service:
        try:
            assert service.stdout is not None
            settings = json.loads(service.stdout.readline())
            environment = os.environ | {f"T2E_{name.upper()}": value for name, value in settings.items()}
            return subprocess.run(sys.argv[1:], env=environment).returncode
        finally:
            service.terminate()


if __name__ == "__main__":
    sys.exit(main())
