"""`agreement rehearse`, as a partner manager types it: a draft over the stories that went out."""

import csv
import io
from pathlib import Path

import pytest

from syndication import logs
from syndication.agreements.rehearsal import Outcome
from tests.cli.shell import Shell

TREE = Path(__file__).parents[2]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    # The log would be bound to the stream of this one command.
    monkeypatch.setattr("syndication.cli.configure", lambda: None)
    logs.configure()
    made = Shell(TREE / "config", tmp_path / "data")
    made.run("apply")
    return made


@pytest.fixture
def narrow(tmp_path: Path) -> str:
    """The agreement with AZERTAC, so that only sport goes out under it."""
    text = (TREE / "config/agreements/vna-azertac-2025.toml").read_text(encoding="utf-8")
    before, out, grant = text.rpartition('direction = "out"')
    assert 'topics = ["*"]' in grant
    path = tmp_path / "draft.toml"
    path.write_text(before + out + grant.replace('topics = ["*"]', 'topics = ["medtop:15000000"]', 1), encoding="utf-8")
    return str(path)


def test_item_by_item_with_totals(shell: Shell, narrow: str) -> None:
    identity = shell.add()
    told = shell.run("agreement", "rehearse", narrow)
    assert "vna-azertac-2025 v1, as though signed and in force, on azertac-az, azertac-en, azertac-fr, vna-azertac" in told.stderr
    assert f"out\t{Outcome.REFUSED}\t1\tsubject\tvna-azertac-2025 v1, " in told.stdout
    assert f"vna-azertac\t{identity}\tHanoi opens a rail museum\t{Outcome.REFUSED}\teverything is granted\tsubject" in told.stdout
    assert "medtop:01000000 is not among what is granted: medtop:15000000" in told.stdout


def test_as_json_and_from_standard_input(shell: Shell, narrow: str) -> None:
    shell.add()
    told = shell.run("agreement", "rehearse", "-", "--flow", "vna-azertac", "--json", given=Path(narrow).read_text(encoding="utf-8"))
    assert '"outcome": "newly refused"' in told.stdout
    assert '"flows": [\n    "vna-azertac"\n  ]' in told.stdout


def test_as_csv_a_headline_is_no_formula(shell: Shell, narrow: str) -> None:
    """What a spreadsheet opens was written by others."""
    shell.add(headline='=HYPERLINK("http://elsewhere.example")')
    rows = list(csv.reader(io.StringIO(shell.run("agreement", "rehearse", narrow, "--csv").stdout)))
    assert rows[0][:4] == ["moment", "flow", "piece", "headline"]
    assert rows[1][3] == '\'=HYPERLINK("http://elsewhere.example")'


def test_a_long_list_is_cut_and_says_so(shell: Shell, narrow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syndication.cli.rehearse.SHOWN", 1)
    for number in range(3):
        shell.add(uri=f"urn:vna:{number}", headline=f"Museum {number}")
    cut = shell.run("agreement", "rehearse", narrow, "--flow", "vna-azertac")
    assert "The first 1 of 3; --all lists every one" in cut.stderr
    assert "Museum 1" not in cut.stdout
    assert "Museum 1" in shell.run("agreement", "rehearse", narrow, "--flow", "vna-azertac", "--all").stdout


def test_only_the_days_that_are_named(shell: Shell, narrow: str) -> None:
    shell.add()
    told = shell.run("agreement", "rehearse", narrow, "--from", "2025-06-01", "--to", "2025-06-30")
    assert "from 2025-05-31 17:00 UTC to 2025-06-30 17:00 UTC; pieces: 0" in told.stderr
    assert "newly" not in told.stdout


@pytest.mark.parametrize(
    ("options", "exit_code", "said"),
    [
        pytest.param(("--from", "2025-07-01", "--to", "2025-06-30"), 1, "would end on 2025-06-30, before it begins", id="backwards"),
        pytest.param(("--flow", "vna-azertak"), 3, "did you mean 'vna-azertac'?", id="no such flow"),
        pytest.param(("--flow", "vna-trc"), 1, "is no party to vna-azertac-2025", id="another partner's flow"),
        pytest.param(("--from", "June"), 2, "does not match the format", id="no day"),
    ],
)
def test_what_cannot_be_rehearsed(shell: Shell, narrow: str, options: tuple[str, ...], exit_code: int, said: str) -> None:
    assert said in shell.run("agreement", "rehearse", narrow, *options, exit_code=exit_code).stderr


def test_a_draft_with_a_fault_is_told_by_file_and_key(shell: Shell, narrow: str) -> None:
    path = Path(narrow)
    path.write_text(path.read_text(encoding="utf-8").replace("onward_use", "onward_us", 1), encoding="utf-8")
    told = shell.run("agreement", "rehearse", narrow, exit_code=1)
    assert "draft.toml: grants[0].onward_us: is no key here; did you mean 'onward_use'?" in told.stderr
