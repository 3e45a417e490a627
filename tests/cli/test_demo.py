"""`syndication demo` as a newcomer starts it: both partners polled within seconds, ended by Ctrl-C, started again on the same data."""

import re
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from syndication.cli import main
from syndication.errors import ConflictError
from syndication.settings import Settings
from syndication.storage import partners
from syndication.storage.database import Database

TREE = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def started(data: Path, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from syndication.cli import main; main()", "--data", str(data)]
    return subprocess.Popen(
        [*command, "demo", "--listen", f"127.0.0.1:{port}"], cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(process: subprocess.Popen[str]) -> str:
    """What it prints until it says how to end it."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    return "".join(lines)


def polled(process: subprocess.Popen[str], wanted: set[str]) -> None:
    """Read its log until each of these flows has been polled with something new."""
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"polled flow=(\S+) outcome=updated", line)
        wanted.discard(found[1] if found else "")
        if not wanted:
            return
    pytest.fail(f"never polled: {wanted}")


def ended(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.slow
def test_it_starts_exchanges_ends_and_starts_again(tmp_path: Path) -> None:
    port = free_port()
    process = started(tmp_path, port)
    try:
        said = told(process)
        assert f"http://127.0.0.1:{port}/sign-in/" in said
        polled(process, {"trc-en", "trc-ru", "trc-kk", "azertac-en", "azertac-az", "azertac-fr"})
        for name, token, address in re.findall(r"curl -u (\w+):(syn_\S+) (http\S+)", said):
            basic = b64encode(f"{name}:{token}".encode()).decode()
            with urlopen(Request(address, headers={"Authorization": f"Basic {basic}"}), timeout=20) as answer:
                assert answer.status == 200
                assert b"<feed" in answer.read()
        assert len(re.findall(r"curl -u", said)) == 2
        assert ended(process) == 0
    finally:
        process.kill()
        process.communicate()
    again = started(tmp_path, port)
    try:
        assert "/sign-in/" in told(again)
        assert ended(again) == 0
    finally:
        again.kill()
        again.communicate()


@pytest.mark.slow
def test_a_second_one_says_so_and_leaves_the_first_as_it_is(tmp_path: Path) -> None:
    """On the same folder by whatever port, and on the same port in another folder: nothing is changed before that is known."""
    port = free_port()
    first = started(tmp_path / "one", port)
    try:
        told(first)
        before = addresses(tmp_path / "one")
        beside = started(tmp_path / "one", free_port())
        assert "a demo runs already" in beside.communicate(timeout=60)[1]
        assert beside.returncode == 1
        there = started(tmp_path / "two", port)
        said = there.communicate(timeout=60)[1]
        assert f"cannot answer on 127.0.0.1:{port}" in said
        assert "--listen" in said
        assert addresses(tmp_path / "one") == before
        assert addresses(tmp_path / "two") == []
        assert ended(first) == 0
    finally:
        first.kill()
        first.communicate()


def addresses(data: Path) -> list[str | None]:
    database = Database(f"sqlite:///{data / 'syndication.db'}")
    try:
        with database.read() as tx:
            return [flow.url for flow in partners.flows(tx)]
    finally:
        database.close()


def test_its_folder_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made up for the demo never gets among an agency's own data, wherever the settings keep that."""
    kept: list[Settings] = []

    def stopped(settings: Settings) -> Path:
        kept.append(settings)
        raise ConflictError("far enough")

    monkeypatch.setattr("syndication.cli.demo.data_folder", stopped)
    for given in ([], ["--data", "var/mine"]):
        real = {"SYNDICATION_DATA": "/srv/real", "SYNDICATION_DATABASE": "postgresql://real"}
        CliRunner().invoke(main, ["--config", str(TREE / "config"), *given, "demo"], env=real)
    assert [(one.data, one.database) for one in kept] == [("var/demo", None), ("var/mine", None)]
