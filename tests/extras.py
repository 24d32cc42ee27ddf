"""Which tests an installation without some extra skips: those that say so by `needs` or `skip_without`."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

MODULES = {
    "cli": ["click", "rich"],
    "local": ["sqlalchemy", "sqlglot"],
    "llm": ["openai"],
    "postgres": ["psycopg"],
    "mysql": ["pymysql"],
    "duckdb": ["duckdb", "duckdb_engine"],
    "speed": ["msgspec", "uvloop"],
    "pandas": ["pandas"],
    "parquet": ["pyarrow"],
    "plot": ["matplotlib"],
}
"""What each extra installs, as far as tests need it."""

REASON = "needs the extra "


def missing(*extras: str) -> list[str]:
    """Return which of these extras are not installed."""
    return [extra for extra in extras if not all(map(find_spec, MODULES[extra]))]


def needs(*extras: str) -> pytest.MarkDecorator:
    """Return the mark of a test of what only these extras bring."""
    absent = missing(*extras)
    return pytest.mark.skipif(bool(absent), reason=REASON + ", ".join(absent))


PARQUET = pytest.param(".parquet", marks=needs("parquet"))
"""The suffix, for tests of every format."""


def skip_without(*extras: str) -> None:
    """Skip the test, or the module where this stands at its top, unless these extras are installed."""
    if absent := missing(*extras):
        pytest.skip(REASON + ", ".join(absent), allow_module_level=True)
