"""Say how many tests ran where no extra is installed, and which extra the others need: `count_tests.py REPORT.xml`.

Fails if an extra is installed there, or if a test was skipped for another reason.
"""

from __future__ import annotations

import platform
import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).parents[1]))

from extras import MODULES, REASON, missing

DRIVEN = {"local"}
"""The embedded service's own dependency is installed all the same: the tests drive that service."""


def reason(skipped: ET.Element) -> str:
    """Return why a test was skipped, or a module whose import says so itself."""
    text = f"{skipped.get('message')} {skipped.text}"
    found = re.search(f"{REASON}[a-z, ]+", text)
    return text if found is None else found[0].strip()


def main() -> int:
    cases = list(ET.parse(sys.argv[1]).iter("testcase"))
    skipped = Counter(reason(each) for case in cases for each in case.iter("skipped"))
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.most_common())
    print(f"Python {platform.python_version()}, no extras: {len(cases) - skipped.total():,} tests ran", end="; ")
    print(f"{skipped.total():,} skipped: {reasons}")
    installed = MODULES.keys() - missing(*MODULES) - DRIVEN
    others = [each for each in skipped if not each.startswith(REASON)]
    if installed or others:
        print(f"installed: {sorted(installed)}; skipped for other reasons: {others}", file=sys.stderr)
    return 1 if installed or others else 0


if __name__ == "__main__":
    sys.exit(main())
