"""Say how many tests ran where no extra is installed, and which extra the others need: `count_tests.py REPORT.xml`.

Fails if an extra is installed there, or if a test was skipped for another reason.
"""

from __future__ import annotations

import platform
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).parents[1]))

from extras import MODULES, REASON, missing

DRIVEN = {"local"}
"""The embedded service's own dependency is installed all the same: the tests drive that service."""


def main() -> int:
    cases = list(ET.parse(sys.argv[1]).iter("testcase"))
    skipped = Counter(case.find("skipped").get("message", "") for case in cases if case.find("skipped") is not None)
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common())
    print(f"Python {platform.python_version()}, no extras: {len(cases) - skipped.total():,} tests ran", end="; ")
    print(f"{skipped.total():,} skipped: {reasons}")
    installed = MODULES.keys() - missing(*MODULES) - DRIVEN
    others = [reason for reason in skipped if not reason.startswith(REASON)]
    if installed or others:
        print(f"installed: {sorted(installed)}; skipped for other reasons: {others}", file=sys.stderr)
    return 1 if installed or others else 0


if __name__ == "__main__":
    sys.exit(main())
