"""A shell on the shipped config, applied; and a log that is not bound to the stream of one command."""

from pathlib import Path

import pytest

from syndication import logs
from tests.cli.shell import Shell

TREE = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    # The log would be bound to the stream of this one command.
    monkeypatch.setattr("syndication.cli.configure", lambda: None)
    logs.configure()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(TREE / "config", tmp_path / "data")
    made.run("apply")
    return made
