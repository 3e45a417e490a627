"""The journal's commands, and what `apply` does with what only the files bring back."""

from pathlib import Path

from tests.cli.shell import Shell

ENDED = ("agreement", "end", "vna-trc-2025", "--reason", "over", "--on", "2026-01-01")


def test_the_journal_lists_kills_ends_and_acts(shell: Shell) -> None:
    story = shell.add()
    shell.run("story", "kill", story, "--reason", "Wrong.")
    token = shell.run("token", "issue", "trc").stderr.split()[-1]
    shell.run("token", "revoke", token)
    shell.run(*ENDED)
    rows = [(row["what"], row["of"], row["reason"]) for row in shell.json("journal", "ls")]
    assert rows == [("killed", f"{story} v2", "Wrong."), ("revoked", token, ""), ("terminate", "vna-trc-2025", "over")]
    again = shell.run("journal", "replay")
    assert "3 in the journal; 0 of them" in again.stderr


def test_a_damaged_journal_is_exit_4(shell: Shell) -> None:
    shell.run("story", "kill", shell.add(), "--reason", "Wrong.")
    path = shell.data / "syndication.journal"
    path.write_text(path.read_text().replace("Wrong", "Right"))
    assert "line 1" in shell.run("journal", "ls", exit_code=4).stderr
    assert "line 1" in shell.run("journal", "replay", exit_code=4).stderr


def test_an_end_is_done_again_where_only_the_files_bring_the_agreement_back(shell: Shell) -> None:
    """Z25: a backup of before the agreement was signed; in its file stands that it was, and not that it was ended by a command."""
    shell.run(*ENDED)
    for path in shell.data.glob("syndication.db*"):
        path.unlink()
    assert shell.json("agreement", "ls") == []
    shell.run("apply")
    (row,) = [row for row in shell.json("agreement", "ls") if row["agreement"] == "vna-trc-2025"]
    assert row["state"] == "terminated", row
    # The control: without its journal it is in force again.
    for path in (*shell.data.glob("syndication.db*"), shell.data / "syndication.journal"):
        path.unlink()
    shell.run("apply")
    (row,) = [row for row in shell.json("agreement", "ls") if row["agreement"] == "vna-trc-2025"]
    assert row["state"] != "terminated", row


def test_another_machines_journal_is_replayed_by_hand(shell: Shell, tmp_path: Path) -> None:
    story = shell.add()
    copy = shell.data / "syndication.db"
    before = copy.read_bytes()
    shell.run("story", "kill", story, "--reason", "Wrong.")
    (shell.data / "syndication.journal").rename(tmp_path / "other")
    for path in shell.data.glob("syndication.db-*"):
        path.unlink()
    copy.write_bytes(before)
    assert [row["pubstatus"] for row in shell.json("story", "ls")] == ["usable"]
    done = shell.run("journal", "replay", str(tmp_path / "other"))
    assert story in done.stdout
    assert [row["pubstatus"] for row in shell.json("story", "ls")] == ["canceled"]
