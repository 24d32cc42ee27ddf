"""`python -m text2everything` is the command line."""

from __future__ import annotations

import sys

from text2everything.cli import main

if __name__ == "__main__":
    sys.exit(main())
