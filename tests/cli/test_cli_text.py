"""Text made fit for a terminal, SQL laid out, tables filled."""

from __future__ import annotations

import io

import pytest
from extras import skip_without
from hypothesis import given
from hypothesis import strategies as st

skip_without("cli")

from rich.console import Console

from text2everything.cli._output import print_renderables, rows_table
from text2everything.cli._terminal_text import break_before_clauses, one_line, replace_control_characters

TOKENS = st.sampled_from(
    [
        "SELECT",
        "a",
        ",",
        "FROM",
        "t",
        "LEFT  JOIN",
        "(",
        ")",
        "'x FROM y'",
        '"WHERE"',
        "WHERE",
        "--",
        "\n",
        " ",
        "ORDER BY",
    ]
)


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text):
    shown = replace_control_characters(text)
    assert all(c == "\n" or c.isprintable() or not c.isascii() for c in shown)
    assert not set("\x1b\r\x9b\u202e") & set(shown)
    assert "\n" not in one_line(text)
    shown.encode()


@given(st.lists(TOKENS).map(" ".join) | st.text())
def test_only_white_space_of_sql_changes(sql):
    assert "".join(break_before_clauses(sql).split()) == "".join(sql.split())


@given(st.lists(TOKENS).map(" ".join))
def test_quoted_text_stays_as_it_is(sql):
    assert break_before_clauses(sql).count("'x FROM y'") == sql.count("'x FROM y'")


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT a FROM t WHERE b = ' FROM '", ["SELECT a", "FROM t", "WHERE b = ' FROM '"]),
        ("SELECT a FROM (SELECT b FROM u) GROUP BY a", ["SELECT a", "FROM (SELECT b FROM u)", "GROUP BY a"]),
        ("SELECT a from t left join u on 1", ["SELECT a", "from t", "left join u on 1"]),
        ("SELECT a -- all FROM t\nFROM t", ["SELECT a -- all FROM t", "FROM t"]),
        ("SELECT limits, from_x FROM t", ["SELECT limits, from_x", "FROM t"]),
    ],
)
def test_each_clause_begins_a_line(sql, lines):
    assert break_before_clauses(sql).splitlines() == lines


@pytest.mark.parametrize("part", [" ", "'", '"', "(", "left ", "a ", "''", "\t'"])
def test_hostile_sql_is_laid_out_in_its_stride(part):
    sql = part * 100_000
    assert "".join(break_before_clauses(sql).split()) == "".join(sql.split())


def shown(columns, rows, **options):
    console = Console(file=io.StringIO(), width=1000, color_system=None)
    print_renderables(console, rows_table(columns, rows, **options))
    return console.file.getvalue().splitlines()[2:]


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([1, 22], ["1", "22"]),
        ([1.0, 22.125, None], ["1.00", "22.12", ""]),
        ([0.25, 0.001], ["0.25", "0.001"]),
        ([True, False], ["True", "False"]),
        ([None, "x"], ["", "x"]),
        ([None, None], ["", ""]),
        (["[red]", "a\nb"], ["[red]", "a b"]),
    ],
)
def test_cells(values, cells):
    lines = shown(["column", "last"], [[value, "."] for value in values])
    assert [line.removesuffix(".").strip() for line in lines] == cells
    assert len({line.rindex(".") for line in lines}) == 1


def test_rows_shorter_than_the_heading_are_filled_up():
    assert shown(["a", "b", "c"], [[1, 2, 3], [4], []]) == ["1  2  3", "4", ""]


def test_only_the_first_are_shown():
    assert len(shown(["a"], [[i] for i in range(9)], max_rows=4)) == 4
