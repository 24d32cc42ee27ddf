"""Every command line in the documentation, and in the help's examples, is one that there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from extras import skip_without

skip_without("cli")

import click

from text2everything.cli._commands import commands

TOP = Path(__file__).parent.parent.parent
PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]


def command_lines(text):
    text = re.sub(r"\\\n\s*", "", text)
    for line in re.findall(r"(?:^|[$|`]|bin/)\s*(text2everything +[a-z][^`\n|#>]*)", text, re.MULTILINE):
        yield line.strip()


def examples(group, context):
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield from command_lines(command.epilog or "")
        if isinstance(command, click.Group):
            yield from examples(command, context)


LINES = {line for page in PAGES for line in command_lines(page.read_text(encoding="utf-8"))}
LINES |= set(examples(commands, click.Context(commands)))


@pytest.mark.parametrize("line", sorted(LINES))
def test_a_command_line_is_understood(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("T2E_PROJECT_ID", "p")
    _, *words = shlex.split(line)
    command, context = commands, click.Context(commands, **commands.context_settings)
    while isinstance(command, click.Group):
        command = command.get_command(context, words.pop(0))
    if not words and any(parameter.required for parameter in command.params if isinstance(parameter, click.Argument)):
        return  # the command is only named
    assert not command.make_context(command.name, words, parent=context).args


def test_there_are_such_lines():
    assert {line.split()[1] for line in LINES} == set(commands.list_commands(click.Context(commands)))
