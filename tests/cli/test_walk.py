"""docs/walk.md is what the program prints: every command of it, on the shipped config, line by line."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.shell import Shell

WALK = Path(__file__).parents[2] / "docs" / "walk.md"
TEXT = WALK.read_text(encoding="utf-8")
STEP = re.compile(r"^    \$ syndication (?P<command>.*)\n(?P<output>(?:^    (?!\$ ).*\n)*)", re.M)
GIVEN = re.compile(r"^    \$ cat (?P<name>\S+)\n(?P<text>(?:^    (?!\$ ).*\n)*)", re.M)


def cells(text: str) -> list[list[str]]:
    """Line by line, cell by cell, whatever draws the columns; an id is any id."""
    named = re.sub(r"\bs_(?:[0-9a-f]{24}|…)", "s_", text)
    return [[cell for cell in re.split(r"\t+| {2,}", line.strip()) if cell] for line in named.splitlines() if line.strip()]


def test_the_walk_is_real(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 3: `explain` before, during and after the change from 2014 to 2025, with a moved clock."""
    monkeypatch.chdir(shell.data)
    for given in GIVEN.finditer(TEXT):
        Path(given["name"]).write_text(given["text"], encoding="utf-8")
    steps = list(STEP.finditer(TEXT))
    assert sum("--at" in step["command"] for step in steps) >= 6
    for step in steps:
        assert cells(shell.run(*shlex.split(step["command"])).output) == cells(step["output"]), step["command"]


def test_a_walk_that_is_not_real_is_seen(shell: Shell) -> None:
    """The positive control."""
    said = shell.run("agreement", "ls", "--at", "2016-01-01").output
    assert cells(said) == cells(said.replace("\t", "     "))
    assert cells(said) != cells(said.replace("2019-05-12", "2020-05-12"))
