"""What messages and pages say to install can be installed: this package itself is on no package index."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from text2everything._schema.url import KINDS
from text2everything.local._databases._kinds import DATABASES

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
FILES = [
    *ROOT.glob("text2everything/**/*.py"),
    *ROOT.glob("docs/**/*.md"),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
]


def package(requirement: str) -> str:
    """Return the name in a requirement such as `coverage[toml]>=7.6`."""
    return re.split(r"[\[>=; ]", requirement, maxsplit=1)[0]


KNOWN = {package(each) for extra in PROJECT["optional-dependencies"].values() for each in extra} - {PROJECT["name"]}


def hints() -> Iterator[tuple[str, str]]:
    """Give each requirement of each `pip install` in a file, and where it is."""
    for path in FILES:
        for command in re.findall(r"pip install ([^`\"\\\n&]*)", path.read_text()):
            for word in shlex.split(command):
                if not word.startswith("-"):
                    yield f"{path.relative_to(ROOT)}: {word}", word


@pytest.mark.parametrize("requirement", [pytest.param(word, id=where) for where, word in dict(hints()).items()])
def test_what_is_to_be_installed_can_be(requirement: str) -> None:
    match re.fullmatch(r"\.(?:\[(.*)\])?", requirement):
        case None:
            assert requirement in KNOWN or requirement in {"{self.packages}", "{self.kind.packages}"}
        case clone if clone[1]:
            assert set(clone[1].split(",")) <= PROJECT["optional-dependencies"].keys()


def test_the_drivers_of_databases_are_packages() -> None:
    found = {name: {package(word) for word in shlex.split(kind.packages)} for name, kind in DATABASES.items()}
    assert found == {
        "sqlite": {"python"},
        "postgres": {"psycopg"},
        "mysql": {"pymysql"},
        "mariadb": {"pymysql"},
        "sqlserver": {"pymssql"},
        "snowflake": {"snowflake-sqlalchemy"},
        "duckdb": {"duckdb", "duckdb-engine"},
    }


def test_a_database_is_read_by_the_drivers_that_connectors_use() -> None:
    assert {(kind.db_type, kind.driver, kind.packages) for kind in KINDS.values()} == {
        (kind.db_type, kind.driver, kind.packages) for kind in DATABASES.values()
    }
