"""`python -m benchmarks.run CASE`: run one case, or all of them, show it and keep it under results/."""

from __future__ import annotations

import argparse
import importlib

CASES = (
    *("create", "layers", "bulk", "short", "list", "decode", "import", "stream", "threads", "scaling", "standins"),
    *("growth", "answers"),
)
MODULES = {"list": "listing", "import": "importing", "decode": "decoding", "stream": "streaming"}


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("case", choices=[*CASES, "all"])
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that it works; nothing is kept")
    parser.add_argument("--show", action="store_true", help="answers: the mistakes, of the tuning half only")
    arguments = parser.parse_args()
    for name in CASES if arguments.case == "all" else [arguments.case]:
        case = importlib.import_module(f"benchmarks.cases.{MODULES.get(name, name)}")
        outcome = case.run(arguments.quick)
        outcome.show(details=arguments.show)
        if not arguments.quick:
            outcome.save()


if __name__ == "__main__":
    main()
