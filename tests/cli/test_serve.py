"""How the program ends, and what it says before it begins (D12, D15)."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from syndication.cli import serve
from tests.cli.shell import Shell

HUNG = """
import sys
from threading import Event, Thread
from syndication.cli import serve
serve.PATIENCE = float(sys.argv[1])
told = serve.ending()
Thread(target=Event().wait, args=(float(sys.argv[2]),)).start()
print("ready", flush=True)
serve.until(told)
"""


@pytest.mark.parametrize(("patience", "work", "finished"), [(30.0, 0.2, True), (0.2, 600.0, False)], ids=["soon done", "hung"])
def test_d15_a_sigterm_ends_it_whatever_is_under_way(patience: float, work: float, finished: bool) -> None:
    """The thread of a poll that hangs would be waited for; what is done soon is waited for."""
    command = [sys.executable, "-c", HUNG, str(patience), str(work)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
        assert program.stderr is not None
        assert f"within {patience:g} s" in program.stderr.read()


@pytest.mark.parametrize(
    ("version", "database", "said"),
    [
        pytest.param((3, 40, 1), None, True, id="an older one"),
        pytest.param((3, 51, 3), None, False, id="the first without the fault"),
        pytest.param((3, 40, 1), "postgresql://127.0.0.1:1/none", False, id="PostgreSQL"),
    ],
)
def test_d12_a_sqlite_that_several_processes_may_spoil_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], database: str | None, said: bool
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    monkeypatch.setattr(serve, "ending", lambda: None)
    monkeypatch.setattr(serve, "until", lambda told: None)
    shell.run("migrate")
    if database:
        monkeypatch.setenv("SYNDICATION_DATABASE", database)
    told = shell.run("worker", exit_code=1 if database else 0).stderr
    assert ("may damage" in told) is said
