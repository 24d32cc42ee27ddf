"""How alike two questions are."""

from __future__ import annotations


def similarity(a: str, b: str) -> float:
    """Compare two questions: 0 for nothing in common, 1 for the same question."""
    return float(bool(a) and a.casefold().split() == b.casefold().split())
