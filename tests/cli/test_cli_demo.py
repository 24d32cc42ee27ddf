"""The demo tells the same story whatever it is shown on."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from extras import skip_without

skip_without("cli")

from text2everything.cli._demo_walkthrough import (
    BAD_COMMENT,
    GOOD_COMMENT,
    MISREAD_QUESTION,
    QUESTION,
    SIMILAR_QUESTION,
    UNRELATED_QUESTION,
)

STORY = [
    QUESTION,
    "SELECT customers.name",
    "total_amount",
    "5 rows in",
    "good",
    GOOD_COMMENT,
    QUESTION,
    "100%",
    SIMILAR_QUESTION,
    "%",
    "good",
    UNRELATED_QUESTION,
    "no match",
    "No SQL was run",
    MISREAD_QUESTION,
    "SELECT *",
    "the cache returns it",
    "bad",
    BAD_COMMENT,
    "the cache keeps it back",
    MISREAD_QUESTION,
    "SELECT name, status",
    "rated bad",
    "Text2EverythingClient.local(demo=True)",
    "serve --demo",
    "text2everything ask",
]


def tells_the_story(text: str) -> bool:
    """Return whether all of it is there, in order, however it is broken into lines."""
    letters, position = "".join(text.split()), 0
    for part in map("".join, map(str.split, STORY)):
        position = letters.find(part, position)
        assert position >= 0, f"{part!r} is missing, or too early, in:\n{text}"
        position += len(part)
    return True


@pytest.fixture
def piped(start):
    def piped(*arguments, **env):
        process = start("demo", *arguments, env=env)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        return out

    return piped


@pytest.mark.slow
def test_a_pipe_gets_plain_text(piped):
    out = piped()
    assert tells_the_story(out)
    assert "\x1b" not in out
    assert "\r" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert not [line for line in out.splitlines() if line.endswith(" ")]


def test_forced_colours_are_escape_codes_and_no_color_wins(run):
    assert "\x1b[" in run("demo", FORCE_COLOR="1").stdout
    assert "\x1b" not in run("demo", "--no-color", FORCE_COLOR="1").stdout
    assert "\x1b" not in run("demo", FORCE_COLOR="1", NO_COLOR="1").stdout


@pytest.mark.slow
def test_an_encoding_with_few_characters_gets_those(piped):
    out = piped(PYTHONIOENCODING="ascii", COLUMNS="100")
    assert tells_the_story(out)
    assert out.isascii()
    assert "?" not in out.replace(SIMILAR_QUESTION, "").replace(UNRELATED_QUESTION, "").replace(MISREAD_QUESTION, "")


@pytest.mark.parametrize("columns", [60, 40])
def test_a_narrow_terminal_loses_nothing(run, columns):
    out = run("demo", COLUMNS=str(columns)).stdout
    assert max(map(len, out.splitlines())) <= columns
    letters = "".join(out.split())
    for part in (QUESTION, "Maya Meyer", "10173.50", "100%", GOOD_COMMENT, BAD_COMMENT, "local(demo=True)"):
        assert "".join(part.split()) in letters


@pytest.mark.slow
def test_a_terminal_gets_colour(start, terminal):
    streams = dict.fromkeys(("stdout", "stderr"), terminal.slave)
    process = start("demo", **streams, text=False, encoding=None, env={"TERM": "xterm-256color"})
    assert process.wait(60) == 0
    shown = terminal.close()
    assert b"\x1b[" in shown
    assert tells_the_story(re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()))


def test_a_second_run_on_the_same_directory_tells_the_same(run, tmp_path):
    first = run("demo", "--data-dir", tmp_path / "it's here")
    second = run("demo", "--data-dir", tmp_path / "it's here")
    assert tells_the_story(first.output)
    same = [
        re.sub(r"in [\d.]+ ms|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}", "", each.output) for each in (first, second)
    ]
    assert same[0] == same[1]
    assert "serve --demo --data-dir '" in " ".join(first.output.split())


def test_a_directory_that_cannot_be_used_is_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    result = run("demo", "--data-dir", tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert re.fullmatch(r"text2everything: data_dir: .*\n", result.stderr)


def test_the_picture_is_made(run, tmp_path):
    picture = tmp_path / "demo.svg"
    assert run("demo", "--svg", picture).exit_code == 0
    root = ET.fromstring(picture.read_text(encoding="utf-8"))
    assert tells_the_story("".join(root.itertext()))


@pytest.mark.parametrize(("sql", "said"), [(None, "as told"), ("SELECT what FROM nowhere", "no such table: nowhere")])
def test_an_engine_that_fails_is_told_of_as_it_is(run, scripted, monkeypatch, sql, said):
    monkeypatch.setattr("text2everything.local._service._default_engine", lambda: scripted(sql))
    result = run("demo")
    assert result.exit_code == 0
    assert said in result.output
    assert "No SQL was run" not in result.output
    assert "no match" in result.output
