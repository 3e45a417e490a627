"""The agreements at the command line: read, acted upon, documented, exported."""

import csv
import hashlib
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import create_engine, text

from tests.cli.shell import STORY, Shell

SUSPEND = ("agreement", "suspend", "vna-trc-2025", "--reason", "talks on costs")


def state(shell: Shell, reference: str, *more: str) -> str:
    found: str = {row["agreement"]: row for row in shell.json("agreement", "ls", *more)}[reference]["state"]
    return found


def test_show_tells_everything(shell: Shell) -> None:
    told = shell.run("agreement", "show", "vna-azertac-2025").stdout
    for part in (
        "parties: vna, azertac",
        "signed: 2025-05-07, Baku",
        "state: in force",
        "renews by 60 months unless notice is given 180 days before; 30 days of grace",
        "succeeds: vna-azertac-2014",
        "under: oana",
        "2029-11-07\tlast day to give notice",
        "2.1\tin\ttext, picture, video\ten, az, fr, ru\t*\tmedtop:02000000\tonward use: own-subscribers; alteration: abridge",
        "4.1\tus\ttexts on Viet Nam in English, French or Russian\tat least 50 a week, offered\t0\t",
        "a report a year\t\tnot counted here",
        "Shusha Global Media Forum",
        "The obligations and their numbers.",
        "Each party bears its own costs",
    ):
        assert part in told, part
    assert "succeeded by: vna-azertac-2025" in shell.run("agreement", "show", "vna-azertac-2014").stdout
    told = shell.json("agreement", "show", "vna-trc-2025", "--version", "1")
    assert [grant["clause"] for grant in told["grants"]] == ["2.1", "2.2", "3.1"]
    assert "onward partners: azertac" in told["grants"][0]["terms"]
    assert "archive" in told["grants"][0]["terms"]


def test_an_agreement_as_it_stood(shell: Shell) -> None:
    """A moved clock: days begin in UTC unless a zone is said."""
    assert state(shell, "vna-azertac-2025", "--at", "2025-05-06") == "signed"
    assert state(shell, "vna-azertac-2025", "--at", "2025-05-07 00:00 Asia/Ho_Chi_Minh") == "in force"
    assert state(shell, "vna-azertac-2025", "--at", "2025-05-06T16:59Z") == "signed"
    assert "state: expired" in shell.run("agreement", "show", "vna-azertac-2014", "--at", "2022-01-01").stdout
    rows = {row["flow"]: row["governed by"] for row in shell.json("flow", "ls", "--at", "2016-01-01")}
    assert rows["azertac-en"] == "vna-azertac-2014 v1, in force"


def test_suspended_resumed_ended(shell: Shell) -> None:
    """Each act holds from its day, and is told with who and when; nothing moves meanwhile."""
    assert shell.run(*SUSPEND, "--on", "2026-01-01", "--by", "Director").stdout == (
        "vna-trc-2025 suspended from 2026-01-01: talks on costs (Director)\n"
    )
    assert state(shell, "vna-trc-2025") == "suspended"
    rows = {row["flow"]: row["governed by"] for row in shell.json("flow", "ls")}
    assert rows["trc-en"].startswith("none: vna-trc-2025 v1 was suspended on 2026-01-01")
    shell.run("agreement", "resume", "vna-trc-2025", "--on", "2026-02-01", "--reason", "agreed")
    assert state(shell, "vna-trc-2025") == "in force"
    shell.run("agreement", "notice", "vna-trc-2025", "--on", "2026-02-01", "--reason", "not again")
    due = [row["what"] for row in shell.json("agreement", "calendar", "--to", "2028-12-31") if row["agreement"] == "vna-trc-2025"]
    assert due == ["ended", "grace ended"]
    assert shell.run("agreement", "end", "vna-trc-2025", "--reason", "by letter").stdout.startswith("vna-trc-2025 terminated on")
    assert state(shell, "vna-trc-2025") == "terminated"
    told = shell.json("agreement", "history", "vna-trc-2025")
    assert [one["what"].get("kind", one["recorded"]) for one in told] == ["version", "suspend", "resume", "notice", "terminate"]
    assert all(one["by"].startswith("command:") for one in told)
    assert (told[1]["what"]["reason"], told[1]["what"]["by"]) == ("talks on costs", "Director")
    assert "suspended from 2026-01-01: talks on costs (Director)" in shell.run("agreement", "history", "vna-trc-2025").stdout


def test_a_party_leaves_a_frame_and_joins_again(shell: Shell) -> None:
    frame = ("oana", "--reason", "by letter", "--party", "trc")
    shell.run("agreement", "leave", *frame, "--on", "2026-01-01")
    assert "parties: vna, azertac\n" in shell.run("agreement", "show", "oana").stdout
    shell.run("agreement", "join", *frame, "--on", "2026-02-01")
    assert "parties: vna, azertac, trc\n" in shell.run("agreement", "show", "oana").stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(("show", "vna-trc"), 3, "did you mean 'vna-trc-2025'?", id="no such agreement"),
        pytest.param(("show", "vna-trc-2025", "--version", "2"), 3, "no version 2; it has 1", id="no such version"),
        pytest.param(("show", "vna-trc-2025", "--at", "soon"), 2, "no moment", id="no such moment"),
        pytest.param(("history", "oanna"), 3, "did you mean 'oana'?", id="history of none"),
        pytest.param(("obligations", "oanna"), 3, "did you mean 'oana'?", id="obligations of none"),
        pytest.param(("export", "oanna"), 3, "did you mean 'oana'?", id="an export of none"),
        pytest.param(("export", "oana", "--format", "xml"), 2, "toml", id="an export in no form"),
        pytest.param(("schema", "story"), 2, "partner", id="a schema of no file"),
        pytest.param(("calendar", "--from", "2026-01-02", "--to", "2026-01-01"), 2, "is before", id="a calendar that runs back"),
        pytest.param(("calendar", "--from", "tomorrow"), 2, "--from", id="a day that is none"),
        pytest.param(("suspend", "oanna", "--reason", "x"), 3, "did you mean 'oana'?", id="nothing to suspend"),
        pytest.param(("suspend", "oana"), 2, "--reason", id="without a reason"),
        pytest.param(("suspend", "oana", "--reason", " "), 1, "reason: must be a text that is not empty", id="an empty reason"),
        pytest.param(("suspend", "oana", "--reason", "x", "--on", "1800-01-01"), 1, "on: must lie between", id="before all time"),
        pytest.param(("resume", "oana", "--reason", "x"), 1, "oana: kind: it was not suspended", id="resumed, and not suspended"),
        pytest.param(("notice", "oana", "--reason", "x"), 1, "this term has none", id="notice where nothing renews"),
        pytest.param(("leave", "oana", "--reason", "x"), 2, "--party", id="who leaves?"),
        pytest.param(("leave", "vna-azertac-2025", "--party", "trc", "--reason", "x"), 1, "'trc' is no party", id="no party leaves"),
        pytest.param(("join", "oana", "--party", "trc", "--reason", "x"), 1, "'trc' is a party already", id="a party joins"),
        pytest.param(("join", "oana", "--party", "azerta", "--reason", "x"), 1, "did you mean 'azertac'?", id="a stranger joins"),
        pytest.param(("attach", "oana", "no.pdf"), 2, "no.pdf", id="no such file"),
        pytest.param(("documents", "oanna"), 3, "did you mean 'oana'?", id="documents of none"),
        pytest.param(("document", "oana", "abc"), 3, "agreement documents oana", id="no such document"),
    ],
)
def test_wrong_use_is_a_sentence_and_a_status(shell: Shell, arguments: tuple[str, ...], status: int, said: str) -> None:
    before = shell.run("agreement", "history", "oana").stdout
    result = shell.run("agreement", *arguments, exit_code=status)
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert shell.run("agreement", "history", "oana").stdout == before


def test_nothing_is_done_twice_or_after_the_end(shell: Shell) -> None:
    shell.run(*SUSPEND)
    assert "it is suspended already" in shell.run(*SUSPEND, exit_code=1).stderr
    shell.run("agreement", "end", "vna-trc-2025", "--reason", "by letter")
    assert "after the agreement was terminated" in shell.run(*SUSPEND, exit_code=1).stderr


def draft(shell: Shell, folder: Path) -> Shell:
    """The shipped config, with the frame as a draft: on a database of its own."""
    shell.run("export", str(folder))
    frame = folder / "agreements" / "oana.toml"
    frame.write_text(frame.read_text(encoding="utf-8").replace("signed_on = 1961-12-22\n", ""), encoding="utf-8")
    other = Shell(folder, folder / "data")
    other.run("apply")
    return other


def test_nothing_is_done_to_a_draft(shell: Shell, tmp_path: Path) -> None:
    said = draft(shell, tmp_path / "out").run("agreement", "suspend", "oana", "--reason", "x", exit_code=1).stderr
    assert "nothing can be done to a draft" in said


def test_documents_are_kept_by_their_hash(shell: Shell, tmp_path: Path) -> None:
    body = b"%PDF-1.7 \x00 signed"
    (tmp_path / "signed.pdf").write_bytes(body)
    digest = shell.run("agreement", "attach", "oana", str(tmp_path / "signed.pdf")).stdout.strip()
    assert digest == hashlib.sha256(body).hexdigest()
    assert shell.json("agreement", "documents", "oana")[0]["document"] == "signed.pdf"
    assert "signed.pdf" in shell.run("agreement", "show", "oana").stdout
    assert shell.run("agreement", "document", "oana", digest[:8]).stdout_bytes == body
    shell.run("agreement", "document", "oana", digest, "-o", str(tmp_path / "back.pdf"))
    assert (tmp_path / "back.pdf").read_bytes() == body
    (tmp_path / "empty.pdf").write_bytes(b"")
    assert "0 bytes" in shell.run("agreement", "attach", "oana", str(tmp_path / "empty.pdf"), exit_code=1).stderr
    assert "vna-trc-2025 has no document" in shell.run("agreement", "document", "vna-trc-2025", digest, exit_code=3).stderr


def test_activities_are_entered_and_listed(shell: Shell, tmp_path: Path) -> None:
    told = ("activity", "add", "oana", "--kind", "meeting", "--title", "General Assembly", "--on", "2026-10-01", "--who", "all")
    first = shell.run(*told, "--minutes", "-", given="Opened at nine.\nClosed at five.").stdout
    assert shell.run(*told, "--outcome", "a new chair").stdout == first
    (held,) = shell.json("activity", "ls", "oana")
    assert (held["outcome"], held["who"], held["minutes"]) == ("a new chair", ["all"], None)
    assert len(shell.json("activity", "ls")) > 1
    assert "General Assembly" in shell.run("agreement", "show", "oana").stdout
    assert "ends on" in shell.run(*told, "--until", "2026-09-01", exit_code=1).stderr
    assert "title" in shell.run("activity", "add", "oana", "--kind", "x", "--title", "", exit_code=1).stderr
    assert "did you mean" in shell.run("activity", "ls", "oanna", exit_code=3).stderr
    assert "--kind" in shell.run("activity", "add", "oana", exit_code=2).stderr


def test_obligations_of_what_governs(shell: Shell) -> None:
    shell.add()
    rows = [row for row in shell.json("agreement", "obligations") if row["by"] == "us"]
    assert {(row["agreement"], row["so far"]) for row in rows} == {
        ("vna-azertac-2025", "1"),
        ("vna-azertac-2025", ""),
        ("vna-trc-2025", "1"),
    }
    assert shell.json("agreement", "obligations", "oana") == []


def test_export_writes_what_apply_takes_and_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    """With an act and an activity that no file has told before."""
    shell.run(*SUSPEND)
    shell.run("activity", "add", "oana", "--kind", "meeting", "--title", "General Assembly")
    assert shell.run("apply", "--plan").stderr == "Nothing changes.\n"
    folder = tmp_path / "out"
    assert len(shell.run("export", str(folder)).stdout.splitlines()) == 6
    assert Shell(folder, shell.data).run("apply", "--plan").stderr == "Nothing changes.\n"
    assert "--force" in shell.run("export", str(folder), exit_code=1).stderr
    (folder / "agreements" / "mine.toml").write_text("", encoding="utf-8")
    assert "mine.toml is not of the database" in shell.run("export", str(folder), "--force").stderr
    (tmp_path / "agreements").write_text("", encoding="utf-8")
    assert "name a folder that you may write into" in shell.run("export", str(tmp_path), exit_code=1).stderr
    assert shell.run("agreement", "export", "vna-trc-2025").stdout == (folder / "agreements" / "vna-trc-2025.toml").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        *(("agreement", verb) for verb in ("ls", "obligations", "calendar")),
        *(("agreement", verb, "oana") for verb in ("documents", "history")),
        *((group, "ls") for group in ("flow", "activity", "story", "item")),
    ],
    ids=" ".join,
)
def test_lists_for_spreadsheets(shell: Shell, arguments: tuple[str, ...]) -> None:
    """As many rows as in JSON, each as long as its head."""
    rows = list(csv.reader(io.StringIO(shell.run(*arguments, "--csv").stdout)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) - 1 == len(shell.json(*arguments))


def test_no_cell_is_a_formula(shell: Shell) -> None:
    """W11: a title that a spreadsheet would carry out."""
    shell.run("activity", "add", "oana", "--kind", "meeting", "--title", '=HYPERLINK("https://evil.example")')
    assert shell.json("activity", "ls", "oana")[0]["title"].startswith("=")
    _, row = csv.reader(io.StringIO(shell.run("activity", "ls", "oana", "--csv").stdout))
    assert row[2].startswith("'=")


def test_opml_names_what_we_poll(shell: Shell) -> None:
    outlines = list(ET.fromstring(shell.run("flow", "ls", "--format", "opml").stdout).iter("outline"))
    polled = {one.get("text"): one.get("xmlUrl") for one in outlines if one.get("xmlUrl")}
    assert polled["TRC in Russian"] == "https://feeds.trc.example/ru.rss"
    assert len(polled) == len([row for row in shell.json("flow", "ls") if row["direction"] == "in"])


def test_a_story_made_from_another_moves_under_its_terms_and_is_killed_with_it(shell: Shell) -> None:
    source, other = shell.add(), shell.add(uri="urn:vna:2")
    made = shell.run("story", "add", "-", "--from", source, "--from", other, given=json.dumps({**STORY, "uri": "urn:vna:3"})).stdout.strip()
    shell.run("story", "kill", source, "--reason", "wrong")
    assert {row["story"]: row["pubstatus"] for row in shell.json("story", "ls")} == {source: "canceled", made: "canceled", other: "usable"}


def test_an_agreement_that_cannot_be_read_is_shouted(shell: Shell) -> None:
    """Z18: at `agreement ls`, at `flow ls`, and wherever it is named; the others go on."""
    engine = create_engine(f"sqlite:///{shell.data / 'syndication.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE agreements SET value = replace(value, 'use_days', 'use_years') WHERE reference = 'vna-trc-2025'"))
    engine.dispose()
    told = shell.run("agreement", "ls")
    assert "vna-trc-2025\t\tCANNOT BE READ\t\ttrc, vna\t" in told.stdout
    assert "vna-trc-2025 cannot be read: nothing flows under it" in told.stderr
    rows = {row["flow"]: row["governed by"] for row in shell.json("flow", "ls")}
    assert rows["trc-en"].startswith("none: vna-trc-2025 is in the database and cannot be read, so nothing flows under it")
    assert rows["azertac-en"] == "vna-azertac-2025 v1, in force"
    for arguments in (("show", "vna-trc-2025"), ("history", "vna-trc-2025"), ("suspend", "vna-trc-2025", "--reason", "x")):
        assert "cannot be read" in shell.run("agreement", *arguments, exit_code=1).stderr
    assert re.search("vna-trc-2025: .*cannot be read", shell.run("apply", exit_code=1).stderr)
    assert "nothing is exported" in shell.run("export", str(shell.data / "out"), exit_code=1).stderr
