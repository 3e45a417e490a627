"""The kill journal: what is in it, in what order it is written, and what comes of a damaged one."""

import json
import stat
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.errors import StorageError
from syndication.model.agreement import Act, ActKind
from syndication.model.journal import Buried, Deed, Enacted, Ending, Killed, Revoked
from syndication.model.story import Pubstatus, StoryAct
from syndication.storage import accounts, agreements, items, stories
from syndication.storage.database import Database
from syndication.storage.journal import Journal, Reading, _deed, _line, _sum
from tests import worlds
from tests.worlds import NOW

KILLED = Killed("s_1", 2, NOW, "mai", "Wrong:\n« Астана »\u2028.")
SUSPENDED = Act(ActKind.SUSPEND, date(2026, 11, 24), "unpaid", "Lan")
DEEDS: tuple[Deed, ...] = (
    KILLED,
    Buried("trc", "tag:trc.example,2026:1", NOW, None, NOW),
    Revoked("t_1", NOW),
    Ending("t_2", NOW + timedelta(hours=24)),
    Enacted("vna-trc-2025", SUSPENDED, NOW, "lan"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "syndication.journal"


def test_what_was_written_is_read_once_and_in_order(path: Path) -> None:
    assert Journal(path).read() == Reading()
    one, other = Journal(path), Journal(path)
    one.append(DEEDS)
    one.append(DEEDS[:2])  # it knows these
    other.append(DEEDS[:1])  # it does not
    assert len(path.read_bytes().splitlines()) == len(DEEDS) + 1
    assert Journal(path).read() == Reading(DEEDS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_remembered_as_written_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner may bury thousands of ids with each of its documents; what is written twice is read once."""
    monkeypatch.setattr("syndication.storage.journal.MOST_KNOWN", 3)
    one = Journal(path)
    for deed in (*DEEDS, *DEEDS):
        one.append((deed,))
    assert len(one._known) <= 3
    assert one.read() == Reading(DEEDS)
    assert len(one._known) <= 3


@given(
    st.builds(
        Killed,
        st.text(st.characters(exclude_categories=["Cs"])),
        st.integers(1, 10**9),
        st.datetimes(timezones=st.just(UTC)),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_any_kill_is_one_line_that_reads_back(deed: Killed) -> None:
    line = _line(deed)
    assert line.count(b"\n") == 1
    assert _deed(line[:-1]) == deed


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_last_line_that_was_cut_off_is_tolerated_and_said(path: Path, cut: int) -> None:
    """Whoever writes next begins a line of its own, and marks the torn one: it is never taken for damage."""
    Journal(path).append(DEEDS)
    whole = path.read_bytes()
    torn = _line(Revoked("t_9", NOW))[:cut]
    path.write_bytes(whole + torn)
    assert Journal(path).read() == Reading(DEEDS, torn=True)
    after = Revoked("t_10", NOW)
    Journal(path).append((after,))
    assert Journal(path).read() == Reading((*DEEDS, after), torn=True)


def test_a_last_line_that_lacks_its_end_alone_is_a_line(path: Path) -> None:
    Journal(path).append(DEEDS)
    path.write_bytes(path.read_bytes()[:-1])
    assert Journal(path).read() == Reading(DEEDS)
    after = Revoked("t_10", NOW)
    Journal(path).append((after,))
    assert Journal(path).read() == Reading((*DEEDS, after))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda line: line[:-9] + line[-8:], id="a byte less"),
        pytest.param(lambda line: line.replace(b"s_1", b"s_2"), id="another story, and still JSON"),
        pytest.param(lambda line: b"\0" * len(line), id="zeros, as a power cut leaves"),
        pytest.param(lambda _: b"[]", id="no object"),
        pytest.param(lambda _: b'{"sum": "00000000"}', id="nothing but a sum"),
        pytest.param(lambda line: line.replace(b'"killed"', b'"forgiven"'), id="a word of a later version"),
        pytest.param(lambda _: b"[" * 100_000, id="too deep"),
        pytest.param(lambda line: line[:-1] + b', "more": 1}', id="more than was written"),
    ],
)
def test_a_damaged_line_in_the_middle_is_named(path: Path, spoil: Any) -> None:
    Journal(path).append(DEEDS)
    first, *others = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([spoil(first), *others, b""]))
    assert Journal(path).read() == Reading(DEEDS[1:], damaged=(1,))


def test_a_line_with_a_field_that_this_version_does_not_know_is_damaged(path: Path) -> None:
    """What it says more may be what matters."""
    said = {**json.loads(_line(KILLED))["killed"], "until": 1}
    path.write_text(json.dumps({"killed": said, "sum": _sum(said)}) + "\n")
    assert Journal(path).read() == Reading(damaged=(1,))


def test_many_write_at_once_and_no_line_is_broken(path: Path) -> None:
    def write(name: str) -> None:
        for number in range(20):
            Journal(path).append((Revoked(f"t_{name}_{number}", NOW),))

    threads = [threading.Thread(target=write, args=(str(one),)) for one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Journal(path).read()
    assert len(found.deeds) == 160
    assert not found.damaged


def test_one_that_cannot_be_opened_stops_the_program(path: Path) -> None:
    """Nobody knows then which kills a restored backup lacks."""
    path.mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        Journal(path).read()


def killed_story() -> Any:
    return worlds.story_version(number=2, pubstatus=Pubstatus.CANCELED, act=StoryAct.KILL, note="Wrong.")


def test_each_repository_says_its_deeds_and_nothing_else(peopled: Database, path: Path) -> None:
    database = Database(peopled.url, Journal(path))
    with database.write() as tx:
        stories.write(tx, worlds.story())
        stories.add_version(tx, "s_1", worlds.story_version(number=2, act=StoryAct.CORRECT))
        agreements.sign(tx, worlds.agreement(), NOW, "lan")
        accounts.issue(tx, worlds.token(), "d" * 64)
        accounts.issue(tx, worlds.token(id="t_2"), "e" * 64)
    assert not path.exists()
    with database.write() as tx:
        stories.add_version(tx, "s_1", worlds.story_version(number=3, pubstatus=Pubstatus.CANCELED, act=StoryAct.KILL, note="Wrong."))
        accounts.revoke(tx, "t_1", NOW)
        accounts.revoke(tx, "t_1", NOW + timedelta(days=1))
        accounts.revoke_newsroom(tx, "none", NOW)
        accounts.end(tx, "t_2", NOW)
        accounts.end(tx, "t_2", NOW + timedelta(days=1))
        agreements.record_act(tx, "vna-trc-2025", SUSPENDED, NOW, "lan")
    database.close()
    killed = Killed("s_1", 3, NOW, "mai", "Wrong.")
    assert Journal(path).read().deeds == (killed, Revoked("t_1", NOW), Ending("t_2", NOW), Enacted("vna-trc-2025", SUSPENDED, NOW, "lan"))


def test_a_partners_kill_is_a_deed(peopled: Database, path: Path) -> None:
    database = Database(peopled.url, Journal(path))
    with database.write() as tx:
        items.bury(tx, "trc", "tag:trc.example,2026:1", NOW, "Wrong.", NOW)
    database.close()
    assert Journal(path).read().deeds == (Buried("trc", "tag:trc.example,2026:1", NOW, "Wrong.", NOW),)


class Watching(Journal):
    """Looks, when it is written, whether the database has the kill already."""

    def __init__(self, path: Path, database: Database) -> None:
        super().__init__(path)
        self.database = database
        self.alive: list[bool] = []

    def append(self, deeds: Any) -> None:
        with self.database.read() as tx:
            self.alive.append(bool(stories.alive(tx, ["s_1"])))
        super().append(deeds)


def test_the_journal_has_it_before_the_database(database: Database, path: Path) -> None:
    watching = Watching(path, database)
    writing = Database(database.url, watching)
    with writing.write() as tx:
        stories.write(tx, worlds.story())
    with writing.write() as tx:
        stories.add_version(tx, "s_1", killed_story())
    writing.close()
    assert watching.alive == [True]
    with database.read() as tx:
        assert not stories.alive(tx, ["s_1"])


def test_what_was_refused_is_in_no_journal(database: Database, path: Path) -> None:
    writing = Database(database.url, Journal(path))

    def refused() -> None:
        with writing.write() as tx:
            stories.write(tx, worlds.story())
            stories.add_version(tx, "s_1", killed_story())
            raise StorageError("refused")

    with pytest.raises(StorageError, match="refused"):
        refused()
    writing.close()
    assert not path.exists()


def test_a_kill_is_done_where_the_journal_fails_and_is_not_answered_as_done(database: Database, tmp_path: Path) -> None:
    """The story must go, whatever else is broken; whoever killed it is told that a restore would bring it back."""
    writing = Database(database.url, Journal(tmp_path))  # a folder: nobody can append to it
    with writing.write() as tx:
        stories.write(tx, worlds.story())

    def kill() -> None:
        with writing.write() as tx:
            stories.add_version(tx, "s_1", killed_story())

    with pytest.raises(StorageError, match=r"it is done.*journal.*make a new backup"):
        kill()
    writing.close()
    with database.read() as tx:
        assert not stories.alive(tx, ["s_1"])


def test_moments_keep_their_microseconds(path: Path) -> None:
    deed = Revoked("t_1", datetime(2026, 11, 24, 8, 0, 0, 1, tzinfo=UTC))
    Journal(path).append((deed,))
    assert Journal(path).read().deeds == (deed,)
