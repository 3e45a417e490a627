"""What was refused, by the command line: seen, and read again; new ids; and which flows to look at."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.bootstrap import system_clock
from syndication.model.poll import Counts, Outcome, Poll, RefusedKind
from syndication.storage import polls
from syndication.storage.database import Database
from tests.cli.shell import Shell
from tests.worlds import refused

BODY = b"""<rss version="2.0"><channel><title>TRC</title><link>https://trc.example/</link><description>d</description><language>en</language>
<item><guid>g1</guid><title>Rail</title><description>Trains run daily.</description></item></channel></rss>"""


@pytest.fixture
def database(shell: Shell) -> Iterator[Database]:
    opened = Database(f"sqlite:///{shell.data / 'syndication.db'}")
    yield opened
    opened.close()


def test_the_categories_that_stand_for_nothing(shell: Shell, database: Database) -> None:
    now = system_clock()
    said = BODY.replace(b"</item>", b"<category>Ballet</category></item>")
    with database.write() as tx:
        polls.keep_refused(tx, (refused(at=now, raw=said, head=b"", tail=b""),))
    shell.run("flow", "replay", "trc-en")
    assert shell.json("flow", "categories", "trc-en") == [{"category": "Ballet", "items": 1}]
    assert "Ballet\t1" in shell.run("flow", "categories", "trc-en").stdout


def test_what_was_refused_is_seen_and_read_again(shell: Shell, database: Database) -> None:
    """Exit 4 where some of it is still refused, 1 where all of it is."""
    now = system_clock()
    whole = refused(at=now - timedelta(hours=2), raw=BODY, head=b"", tail=b"", title="Fixed", reason="a fault")
    cut = refused(at=now - timedelta(hours=1), raw=BODY[:-60], head=b"", tail=b"", title="", reason="breaks off")
    with database.write() as tx:
        polls.keep_refused(tx, (replace(cut, kind=RefusedKind.DOCUMENT), whole))
    rows = shell.json("flow", "refused", "trc-en")
    assert [(one["what"], one["entry"], one["why"]) for one in rows] == [("entry", "Fixed", "a fault"), ("document", "", "breaks off")]
    assert rows[0]["bytes"] == len(BODY)
    told = shell.run("flow", "replay", "trc-en", exit_code=4).stdout
    assert f"{rows[0]['number']}\tFixed\t1\t0\t\n" in told
    assert "the document breaks off" in told
    assert "\tRail\n" in shell.run("item", "ls").stdout
    assert [one["what"] for one in shell.json("flow", "refused", "trc-en")] == ["document"]
    shell.run("flow", "replay", "trc-en", rows[1]["number"], exit_code=1)
    assert "has the number 99" in shell.run("flow", "replay", "trc-en", "99", exit_code=3).stderr
    with database.write() as tx:
        polls.drop_refused(tx, "trc-en", int(rows[1]["number"]))
    assert "Nothing that trc-en refused is kept." in shell.run("flow", "replay", "trc-en").stderr


def test_s14_new_ids_are_said_what_they_are(shell: Shell, database: Database) -> None:
    assert "asks nothing" in shell.run("flow", "ids", "trc-en", "--same", exit_code=1).stderr
    now = system_clock()
    with database.write() as tx:
        polls.ask_about(tx, "trc-en", {"new": "old"})
        polls.record(tx, Poll("trc-en", now, now, Outcome.UPDATED), None, None, 0, (), flipped=True)
    assert shell.json("flow", "ids", "trc-en") == [{"new id": "new", "known as": "old", "headline": ""}]
    assert [one["sign"] for one in shell.json("flow", "health")] == ["ids changed"]
    assert "The next poll takes what waits" in shell.run("flow", "ids", "trc-en", "--same").stdout
    assert shell.json("flow", "ids", "trc-en") == []


def test_which_flows_a_person_should_look_at(shell: Shell, database: Database) -> None:
    assert shell.json("flow", "health") == []
    now = system_clock()
    with database.write() as tx:
        polls.record(tx, Poll("trc-en", now, now, Outcome.UPDATED, counts=Counts(new=5)), None, None, 0, (), shifted=-5)
    told = shell.run("flow", "health", "trc-en").stdout
    assert "trc-en\tclock or zone wrong\t\tits dates lie 5 hours behind the time at which its stories come" in told
    assert "did you mean 'trc-en'" in shell.run("flow", "health", "trc-emn", exit_code=3).stderr
