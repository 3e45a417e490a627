"""The commands, as an operator types them: what is printed, where, and the exit status."""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from syndication.bootstrap import opened
from syndication.cli import main
from syndication.demo.agency import DemoAgency
from syndication.ingest.taking import take
from syndication.model.callback import Callback, CallbackState
from syndication.model.entry import ParsedFeed
from syndication.settings import Settings
from syndication.storage import callbacks, items, partners
from syndication.storage.database import Database
from tests import worlds
from tests.cli.shell import STORY, Shell
from tests.feeds.odrl_rules import faults
from tests.worlds import NOW

SOUND = {"href": "https://vna.example/a.mp3", "contenttype": "audio/mpeg"}
NEWSML = """<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:vna:8" xml:lang="en">
<contentMeta><headline>Hanoi opens a museum</headline></contentMeta>
<contentSet><inlineData>It has 40 engines.</inlineData></contentSet></newsItem>"""
NITF = """<!DOCTYPE nitf SYSTEM "nitf-3-6.dtd"><nitf xml:lang="en"><head><docdata><doc-id id-string="urn:vna:8"/></docdata></head>
<body><body.head><hedline><hl1>Hanoi opens a museum</hl1></hedline></body.head>
<body.content><p>It has 40 engines.</p></body.content></body></nitf>"""
TREE = Path(__file__).parents[2]


def test_apply_says_what_changes_and_changes_nothing_twice(tmp_path: Path) -> None:
    shell = Shell(TREE / "config", tmp_path)
    planned = shell.run("apply", "--plan").stdout
    assert "vna-azertac-2025" in planned
    assert shell.run("apply").stdout == planned
    again = shell.run("apply")
    assert (again.stdout, again.stderr) == ("", "Nothing changes.\n")


def test_a_fault_in_a_file_takes_nothing_and_names_file_and_key(tmp_path: Path) -> None:
    for folder in ("partners", "agreements"):
        (tmp_path / folder).mkdir()
        for path in (TREE / "config" / folder).glob("*.toml"):
            (tmp_path / folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    trc = tmp_path / "partners" / "trc.toml"
    trc.write_text(trc.read_text(encoding="utf-8").replace("homepage", "homepag", 1), encoding="utf-8")
    result = Shell(tmp_path, tmp_path / "data").run("apply", exit_code=1)
    assert "trc.toml" in result.stderr
    assert "homepag" in result.stderr
    assert "did you mean" in result.stderr
    assert "Traceback" not in result.output


def test_flow_ls_says_what_governs(shell: Shell) -> None:
    rows = {row["flow"]: row for row in shell.json("flow", "ls")}
    assert rows["azertac-en"]["governed by"] == "vna-azertac-2025 v1, in force"
    assert rows["vna-trc"]["governed by"].startswith("vna-trc-2025 v1")
    assert "azertac-en\tazertac\tin\topen\tvna-azertac-2025 v1" in shell.run("flow", "ls").stdout


def test_flow_show_says_what_the_hub_of_the_feed_was_asked_and_has_told(shell: Shell) -> None:
    plain = shell.json("flow", "show", "trc-en")
    assert (plain["flow"], plain["push"], plain["hub"]) == ("trc-en", "hint", None)
    until = worlds.NOW + timedelta(days=9)
    one = Callback("cb_1", "trc-en", "https://hub.example/", "https://trc.example/en", CallbackState.ACTIVE, worlds.NOW, until)
    database = Database(f"sqlite:///{shell.data / 'syndication.db'}")
    with database.write() as tx:
        callbacks.found(tx, "trc-en", one.hub, one.topic, worlds.NOW)
        callbacks.ask(tx, one)
        callbacks.pushed(tx, "trc-en", worlds.NOW)
    database.close()
    told = shell.json("flow", "show", "trc-en")
    assert (told["hub"], told["topic"], told["told"]) == (one.hub, one.topic, "active until 2026-12-03 08:00:00Z")
    said = shell.run("flow", "show", "trc-en").stdout
    assert "last push\t2026-11-24 08:00:00Z\n" in said
    assert "not asked\tbase_url is not https" in said
    assert "hub" not in shell.json("flow", "show", "vna-trc")


def test_agreement_ls_says_how_each_stands(shell: Shell) -> None:
    rows = {row["agreement"]: row for row in shell.json("agreement", "ls")}
    assert rows["vna-azertac-2025"]["state"] == "in force"
    assert rows["vna-azertac-2025"]["parties"] == "vna, azertac"
    assert "vna-azertac-2014\t1\t" in shell.run("agreement", "ls").stdout


@pytest.mark.parametrize("reference", ["oana", "vna-azertac-2014", "vna-azertac-2025", "vna-trc-2025"])
def test_agreement_export_as_odrl_is_valid_policies(shell: Shell, reference: str) -> None:
    printed = shell.run("agreement", "export", reference, "--format", "odrl").stdout
    found = json.loads(printed)
    assert found
    assert [faults(policy) for policy in found] == [[] for _ in found]
    assert len({policy["uid"] for policy in found}) == len(found)
    assert {policy["syn:agreement"] for policy in found} == {reference}
    assert shell.run("agreement", "export", reference, "--format", "odrl", "--version", "1").stdout == printed


def test_a_story_goes_out_is_corrected_and_killed(shell: Shell) -> None:
    identity = shell.add()
    explained = shell.run("explain", identity, "vna-azertac").stdout
    assert "may move" in explained
    assert "vna-azertac-2025 v1" in explained
    corrected = {**STORY, "headline": "Hanoi opens the rail museum"}
    assert shell.run("story", "correct", identity, "-", "--note", "name", given=json.dumps(corrected)).stdout.strip() == identity
    assert "withdrawal on vna-trc" in shell.run("story", "hold", identity, "--reason", "it is being checked").stderr
    assert "held already" in shell.run("story", "hold", identity, "--reason", "again", exit_code=1).stderr
    assert "story on vna-trc" in shell.run("story", "lift", identity, "--reason", "it was right").stderr
    told = shell.run("story", "kill", identity, "--reason", "it has not opened").stderr
    assert "withdrawal on vna-azertac" in told
    assert shell.json("story", "ls")[0] == {
        "story": identity,
        "version": "5",
        "pubstatus": "canceled",
        "headline": "Hanoi opens the rail museum",
    }
    assert "may not move" in shell.run("explain", identity, "vna-azertac").stdout
    assert "killed" in shell.run("story", "kill", identity, "--reason", "again", exit_code=1).stderr


def test_a_story_under_embargo_is_said_to_wait(shell: Shell) -> None:
    story = {**STORY, "embargoed": "2999-01-01T00:00:00Z"}
    told = shell.run("story", "add", "-", given=json.dumps(story)).stderr
    assert "story on vna-azertac, under vna-azertac-2025 v1; it waits there for its embargo until 2999-01-01 00:00 UTC" in told


def test_moments_in_json_are_iso_8601(shell: Shell) -> None:
    identity = shell.add()
    told = shell.json("explain", identity, "vna-azertac")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", told["at"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", told["before"][0]["at"])


def test_explain_says_which_clause_refuses(shell: Shell) -> None:
    """A language and a type that are not granted."""
    identity = shell.add(uri="urn:vna:2", language="de", type="audio", renditions=[SOUND])
    told = shell.json("explain", identity, "vna-azertac")
    refused = {one["clause"]: one["source"] for one in told["now"]["verdicts"] if not one["allowed"]}
    assert set(refused) == {"language", "type"}
    assert "vna-azertac-2025 v1" in refused["type"]


@pytest.mark.parametrize(
    ("arguments", "given", "status", "said"),
    [
        pytest.param(("story", "add", "-"), "{", 1, "no JSON", id="a story that is no JSON"),
        pytest.param(("story", "add", "-"), '{"uri": "x"}', 1, "headline: is missing", id="a story that is no ninjs"),
        pytest.param(("story", "kill", "s_x", "--reason", "x"), None, 3, "no story s_x", id="a story that is not there"),
        pytest.param(("story", "kill", "s_x", "--reason", " \t"), None, 1, "needs a reason", id="a kill with a blank reason"),
        pytest.param(("story", "kill", "s_x"), None, 2, "--reason", id="a kill without a reason"),
        pytest.param(("story", "add", "-", "--from", "s_x"), json.dumps(STORY), 3, "no story s_x", id="made from nothing"),
        pytest.param(("explain", "i_x"), None, 3, "no item i_x", id="an item that is not there"),
        pytest.param(("explain", "i_x", "--at", "yesterday"), None, 2, "no moment", id="a moment that is none"),
        pytest.param(("explain", "i_x", "--at", "2025-01-01 09:00 Asia/Hanoi"), None, 2, "no moment", id="a zone that is none"),
        pytest.param(("explain", "i_x", "--at", "2025-01-01T00:00Z Asia/Baku"), None, 2, "twice", id="two zones"),
        pytest.param(("flow", "ls", "--format", "xml"), None, 2, "opml", id="a list in no form"),
        pytest.param(("flow", "refused", "trc-emn"), None, 3, "did you mean 'trc-en'?", id="a flow by a name that is near"),
        pytest.param(("flow", "poll", "trc-emn"), None, 3, "did you mean 'trc-en'?", id="a poll by a name that is near"),
        pytest.param(("flow", "poll", "trc-xx"), None, 3, "no open inbound flow trc-xx", id="a flow that is not there"),
        pytest.param(("flow", "refused", "trc-xx"), None, 3, "flow ls", id="refusals of no flow"),
        pytest.param(("token", "ls", "tcr"), None, 3, "no partner tcr; did you mean 'trc'?", id="tokens of a partner by a near name"),
        pytest.param(("token", "issue", "nobody"), None, 3, "no partner nobody", id="a token for nobody"),
        pytest.param(("token", "revoke", "t_x"), None, 3, "no valid token", id="a token that is not there"),
        pytest.param(("user", "link", "nobody"), None, 3, "no user nobody", id="a link for nobody"),
        pytest.param(("frobnicate",), None, 2, "No such command", id="no such command"),
    ],
)
def test_wrong_use_is_a_sentence_and_a_status(shell: Shell, arguments: tuple[str, ...], given: str | None, status: int, said: str) -> None:
    result = shell.run(*arguments, given=given, exit_code=status)
    assert said in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(NEWSML, id="NewsML-G2"),
        pytest.param(NITF, id="NITF"),
    ],
)
def test_a_story_comes_in_three_formats(shell: Shell, document: str) -> None:
    shell.run("story", "add", "-", given=document)
    shell.run("story", "correct", "urn:vna:8", "-", given=document.replace("museum", "rail museum"))
    assert [(one["version"], one["headline"]) for one in shell.json("story", "ls")] == [("2", "Hanoi opens a rail museum")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"versioncreated": "yesterday"}, "versioncreated: 'yesterday' must be a moment", id="a moment in words"),
        pytest.param({"expires": 5}, "expires: '5' must be a moment", id="a moment that is a number"),
        pytest.param({"embargoedd": "2030-01-01T00:00Z"}, "embargoedd: is no key of ninjs; did you mean 'embargoed'?", id="a mistyped key"),
        pytest.param({"body_html": " <p> </p>"}, "body_html: is missing or empty", id="a text without text"),
        pytest.param({"type": "picture"}, "renditions: a story of the type picture needs one", id="a picture without a picture"),
        pytest.param({"type": "picture", "renditions": [SOUND]}, "renditions: a story of the type picture", id="a picture that is a sound"),
    ],
)
def test_a_story_that_is_not_whole_is_refused_by_its_key(shell: Shell, changes: dict[str, object], said: str) -> None:
    told = shell.run("story", "add", "-", given=json.dumps({**STORY, **changes}), exit_code=1).stderr
    assert said in told
    assert shell.json("story", "ls") == []


def test_keys_that_a_newsroom_names_itself_are_taken(shell: Shell) -> None:
    assert shell.add(body_brief="<p>40 engines.</p>", headline_short="Rail", profile="text", slugline="RAIL")


def test_a_setting_that_cannot_be_is_named() -> None:
    result = CliRunner().invoke(main, ["settings"], env={"SYNDICATION_FEED_ENTRIES": "many"})
    assert result.exit_code == 1
    assert "feed_entries: must be a whole number" in result.stderr


def test_a_database_that_cannot_be_is_named() -> None:
    result = CliRunner().invoke(main, ["--database", "oracle://x", "story", "ls"])
    assert result.exit_code == 1
    assert "postgresql://" in result.stderr


@pytest.mark.parametrize("command", [("flow", "ls"), ("demo",)], ids=["a command", "the demo"])
def test_a_folder_that_cannot_be_is_named(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["--config", str(TREE / "config"), "--data", "/proc/x", *command])
    assert result.exit_code == 1
    assert "the data cannot be kept in /proc/x" in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_the_data_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask: also SQLite's own files beside the database, while it is open."""
    before = os.umask(0o022)
    try:
        with opened(Settings(data=str(tmp_path / "a" / "data"))) as house:
            house.web()
            with house.database.read() as tx:
                items.counts(tx)
                modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "a" / "data").iterdir()}
    finally:
        os.umask(before)
    assert oct((tmp_path / "a" / "data").stat().st_mode & 0o777) == "0o700"
    assert modes == dict.fromkeys(("syndication.db", "syndication.db-shm", "syndication.db-wal", "secret.key"), "0o600")


def test_people_and_tokens(shell: Shell) -> None:
    link = shell.run("user", "add", "mai", "--name", "Mai Trần", "--language", "vi").stdout
    assert re.fullmatch(r"http://127\.0\.0\.1:8800/sign-in/\S{32}\n", link)
    assert "already" in shell.run("user", "add", "mai", "--name", "Mai", exit_code=1).stderr
    assert shell.json("user", "ls") == [{"login": "mai", "name": "Mai Trần", "role": "editor", "language": "vi"}]
    assert shell.run("user", "link", "mai").stdout != link
    issued = shell.run("token", "issue", "trc", "--label", "reader")
    assert issued.stdout.startswith("syn_")
    identity = issued.stderr.split()[-1]
    assert shell.json("token", "ls", "trc")[0]["id"] == identity
    assert issued.stdout.strip() not in shell.run("token", "ls", "trc").output
    shell.run("token", "revoke", identity)
    shell.run("token", "revoke", identity, exit_code=3)
    shell.run("token", "rotate", identity, exit_code=1)


def test_a_token_of_one_flow_that_ends_and_is_rotated(shell: Shell) -> None:
    refused = shell.run("token", "issue", "trc", "--flow", "vna-azertac", exit_code=3)
    assert "vna-azertac is no flow that trc reads; did you mean 'vna-trc'?" in refused.stderr
    assert "is past" in shell.run("token", "issue", "trc", "--until", "2020-01-01", exit_code=1).stderr
    issued = shell.run("token", "issue", "trc", "--flow", "vna-trc", "--flow", "vna-trc", "--until", "2099-01-01", "--label", "one")
    identity = issued.stderr.split()[-1]
    rotated = shell.run("token", "rotate", identity, "--in", "30m")
    assert "is no length of time" in shell.run("token", "rotate", identity, "--in", "soon", exit_code=2).stderr
    new, old = {one["id"] == identity: one for one in shell.json("token", "ls", "trc")}.values()
    new, old = (new, old) if old["id"] == identity else (old, new)
    assert (new["label"], new["flows"], old["flows"]) == ("one", "vna-trc", "vna-trc")
    assert new["ends"] > "2099"
    assert old["ends"] < "2099"
    assert rotated.stdout.startswith("syn_")
    shell.run("token", "rotate", "t_none", exit_code=3)


def test_a_folder_is_taken_by_hand(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    said = {"a.json": {**STORY}, "b.json": {**STORY, "urgency": 12}, "c.json": {**STORY, "headline": "Two"}}
    for name, story in said.items():
        (folder / name).write_text(json.dumps(story))
        os.utime(folder / name, (1_000_000_000, 1_000_000_000))
    (folder / "d.json").write_text(json.dumps(STORY))
    os.utime(folder / "d.json", (4_000_000_000, 4_000_000_000))
    done = shell.run("story", "take", str(folder), exit_code=4)
    assert [line.split("\t")[:2] for line in done.stdout.splitlines()[1:]] == [
        ["a.json", "added"],
        ["b.json", "refused"],
        ["c.json", "corrected"],
    ]
    assert "b.json: /urgency: must be a whole number" in done.stderr
    assert "1 changed within the last 2 s" in done.stderr
    shell.run("story", "take", str(folder))
    (folder / "e.json").write_text("{")
    os.utime(folder / "e.json", (1_000_000_000, 1_000_000_000))
    shell.run("story", "take", str(folder), exit_code=1)


def test_the_tokens_of_our_own_newsroom(shell: Shell) -> None:
    """A10: shown once."""
    issued = shell.run("newsroom-token", "issue", "--label", "CMS")
    assert issued.stdout.startswith("synroom_")
    identity = issued.stderr.split()[-1]
    assert [(one["id"], one["label"], one["last used"]) for one in shell.json("newsroom-token", "ls")] == [(identity, "CMS", "")]
    assert issued.stdout.strip() not in shell.run("newsroom-token", "ls").output
    shell.run("newsroom-token", "revoke", identity)
    shell.run("newsroom-token", "revoke", identity, exit_code=3)
    shell.run("token", "revoke", identity, exit_code=3)


def test_what_was_refused_is_seen_and_explained(shell: Shell) -> None:
    """An entry that the agreement keeps out is no item; it is known by its decisions. What came in is found by the partner's id too."""
    database = Database(f"sqlite:///{shell.data / 'syndication.db'}")
    with database.write() as tx:
        flow, trc = partners.flow(tx, "trc-en"), partners.get(tx, "trc")
        assert flow is not None
        assert trc is not None
        entries = (worlds.entry(guid="tag:x:1", content=worlds.content(language="de", headline="Bahnforum")), worlds.entry(guid="tag:x:2"))
        take(tx, ParsedFeed("", "en", entries), flow, trc, Settings(), worlds.NOW)
    database.close()
    told = shell.json("flow", "refused", "trc-en")
    assert [(one["what"], one["entry"], one["id"]) for one in told] == [("agreement", "Bahnforum", "tag:x:1")]
    assert "language: " in told[0]["why"]
    assert "agreement\tBahnforum\ttag:x:1\t" in shell.run("flow", "refused", "trc-en").stdout
    for arguments in (("tag:x:1",), ("tag:x:1", "trc-en")):
        said = shell.run("explain", *arguments).stdout
        assert "tag:x:1  Bahnforum\non trc-en, now: may not move\n" in said
        assert "decided 2026-11-24 08:00:00Z, version 1: refused: language: de is not among what is granted" in said
    assert "may move" in shell.run("explain", "tag:x:2").stdout
    assert shell.run("explain", "tag:x:2", "trc-en").stdout == shell.run("explain", "tag:x:2").stdout
    assert "nothing that a partner sent under that id" in shell.run("explain", "tag:x:1", "trc-ru", exit_code=3).stderr


def test_a_story_is_explained_on_a_flow(shell: Shell) -> None:
    identity = shell.add()
    said = shell.run("explain", identity, exit_code=3).stderr
    assert "name an outbound flow" in said
    assert "vna-azertac" in said


def test_retention_plans_deletes_and_lists(shell: Shell) -> None:
    """One text, under terms that delete it after no days at all."""
    terms = replace(worlds.terms(), use_days=0, delete_at_end=True)
    item = worlds.item(current=worlds.item_version(stamp=worlds.stamp(terms=terms)))
    database = Database(f"sqlite:///{shell.data / 'syndication.db'}")
    with database.write() as tx:
        items.receive(tx, item)
    database.close()
    planned = shell.json("retention", "plan")
    assert [(one["subject"], one["version"], one["agreement"], one["clause"]) for one in planned] == [("i_1", 1, "vna-trc-2025", "2.1")]
    assert shell.json("retention", "ls") == []
    assert "i_1\t1\ttrc\tvna-trc-2025 v1, 2.1\tAstana hosts the rail forum\tits use ended" in shell.run("retention", "run").stdout
    assert shell.json("retention", "plan") == shell.json("retention", "run") == []
    assert [one["subject"] for one in shell.json("retention", "ls", "vna-trc-2025")] == ["i_1"]
    said = shell.run("explain", "i_1").stdout
    assert re.search(r"deleted \S+ \S+Z, the text of version 1, under vna-trc-2025 v1, 2.1: its use ended", said)
    assert "the credit line is obligatory, after the text: TRC" in said
    assert shell.json("retention", "ls", "vna-azertac-2025") == []
    assert "agreement ls" in shell.run("retention", "ls", "nothing", exit_code=3).stderr


def test_audit_asks_every_decision_again(shell: Shell) -> None:
    """Exit 1 where one differs: here an agreement was altered behind the program's back, and the decision under it stands out."""
    identity = shell.add()
    told = shell.json("audit", "verify")
    assert told == {"checked": 2, "agree": 2, "differ": 0, "reworded": 0, "not kept": 0, "differences": []}
    assert shell.run("audit", "verify").stdout == "checked\tagree\tdiffer\treworded\tnot kept\n2\t2\t0\t0\t0\n"
    database = Database(f"sqlite:///{shell.data / 'syndication.db'}")
    with database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE agreements SET value = replace(value, '3.1', '9.9') WHERE reference = 'vna-azertac-2025'")
    database.close()
    found = shell.run("audit", "verify", exit_code=1).stdout.splitlines()
    assert found[1] == "2\t1\t1\t0\t0"
    assert found[3].split("\t")[2:4] == [identity, "vna-azertac"]
    assert "under: kept vna-azertac-2025 v1, 3.1; asked again, vna-azertac-2025 v1, 9.9; " in found[3]
    told = json.loads(shell.run("audit", "verify", "--json", exit_code=1).stdout)
    assert [one["subject"] for one in told["differences"]] == [identity]


def test_audit_says_what_it_could_not_ask(shell: Shell) -> None:
    """One row that cannot be read is a difference, by its number; one without what was asked is counted, and the count is explained."""
    shell.add()
    database = Database(f"sqlite:///{shell.data / 'syndication.db'}")
    with database.write() as tx:
        tx.connection.exec_driver_sql("DROP TRIGGER decisions_update")
        gone = 'facts = NULL, "on" = NULL, used = NULL, register = NULL, inputs = NULL'
        tx.connection.exec_driver_sql(f"UPDATE decisions SET {gone} WHERE id = 1")
    assert "made after decision 0, the last that was made without it" in shell.run("audit", "verify", exit_code=1).stdout
    with database.write() as tx:
        tx.connection.exec_driver_sql("DROP TRIGGER unasked_update")
        tx.connection.exec_driver_sql("UPDATE unasked SET decision = 1")
    told = shell.run("audit", "verify").stdout.splitlines()
    assert told[1] == "1\t1\t0\t0\t1"
    assert told[2].startswith("not kept: ")
    with database.write() as tx:
        tx.connection.exec_driver_sql("UPDATE decisions SET verdicts = 'garbage' WHERE id = 2")
    database.close()
    told = shell.run("audit", "verify", exit_code=1).stdout.splitlines()
    assert told[1] == "1\t0\t1\t0\t1"
    assert told[4].startswith("2\t\t\t\tcannot be read: ")


def test_a_link_for_nobody_says_where_the_users_are(shell: Shell) -> None:
    assert "syndication user ls" in shell.run("user", "link", "nobody", exit_code=3).stderr


def test_every_setting_is_listed(shell: Shell) -> None:
    assert "feed_entries\t50\t" in shell.run("settings").stdout
    assert ("feed_entries", "50") in [(one["setting"], one["value"]) for one in shell.json("settings")]
    assert "feed_entries,50," in shell.run("settings", "--csv").stdout


@pytest.fixture
def partner_agency(tmp_path: Path) -> Iterator[Callable[[], str]]:
    agency = DemoAgency(TREE / "fixtures" / "partners" / "trc", tmp_path / "state", lambda: NOW)
    yield lambda: agency.start(0)
    agency.stop()


def test_polling_by_hand(shell: Shell, tmp_path: Path, partner_agency: Callable[[], str]) -> None:
    """All, some, what is due; the exit status says whether all, some or none of it worked."""
    origin = partner_agency()
    config = tmp_path / "config"
    for folder in ("partners", "agreements"):
        (config / folder).mkdir(parents=True)
        for path in (TREE / "config" / folder).glob("*.toml"):
            text = path.read_text(encoding="utf-8").replace("https://feeds.trc.example", origin)
            text = text.replace("https://feeds.azertac.example", "http://127.0.0.1:9")
            (config / folder / path.name).write_text(text, encoding="utf-8")
    port = origin.rpartition(":")[2]
    (config / "settings.toml").write_text(f'[allow]\ntrc = ["127.0.0.1/32:{port}"]\n', encoding="utf-8")
    here = Shell(config, tmp_path / "fresh")
    here.run("apply")
    assert "trc-en\tupdated" in here.run("flow", "poll", "trc-en").stdout
    polls = json.loads(here.run("flow", "poll", "trc-en", "trc-ru", "azertac-en", "--json", exit_code=4).stdout)
    assert [poll["outcome"] for poll in polls] == ["unchanged", "updated", "failed"]
    assert "127.0.0.1" in polls[2]["error"]
    here.run("flow", "poll", "azertac-en", exit_code=1)
    assert "trc-en" not in here.run("flow", "poll", "--due", exit_code=4).stdout
    item = here.json("item", "ls")[0]["item"]
    assert "came in" in here.run("explain", item).stdout or "may move" in here.run("explain", item).stdout


def test_help_names_every_command() -> None:
    told = CliRunner().invoke(main, ["--help"]).output
    assert all(name in told for name in main.commands)
