"""A client handed to multiprocessing workers, by fork and by spawn."""

from __future__ import annotations

import multiprocessing
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from clients import client

warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)


def work(given: Any, name: str) -> str:
    return given.fetch(name)


def main() -> None:
    used = client()
    assert used.fetch("before") == "before"
    context = multiprocessing.get_context(sys.argv[3])
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        names = [f"item {n}" for n in range(8)]
        assert list(pool.map(work, [used] * 8, names)) == names
    process = context.Process(target=work, args=(used, "alone"))
    process.start()
    process.join(60)
    assert process.exitcode == 0, process.exitcode
    assert used.fetch("after") == "after"
    print("done", flush=True)


if __name__ == "__main__":
    main()
