"""What is deleted at the end of its use: everywhere, along its publications, once, listed; and nothing else is touched."""

import io
import json
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from syndication.agreements import explain
from syndication.agreements.audit import Comparison, verify
from syndication.errors import ConflictError, NotFoundError, RefusedError, StorageError, SyndicationError
from syndication.intake.desk import Newsroom
from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.model.agreement import ActKind, Stamp
from syndication.model.entry import Tombstone
from syndication.model.erasure import Erasure
from syndication.model.item import ReviewState
from syndication.model.partner import Direction
from syndication.model.poll import Outcome, Poll, RefusedKind
from syndication.model.publication import PublicationKind
from syndication.model.search import Term
from syndication.model.story import Content, Pubstatus
from syndication.publish.retention import Retention
from syndication.review.desk import Desk, Edits
from syndication.review.search import Index
from syndication.settings import Settings
from syndication.storage import agreements, erasures, events, items, media, partners, polls, publications, search, stories
from syndication.storage.database import Database
from syndication.storage.schema import metadata
from tests.agreements.test_retention import must_go
from tests.media import pictures
from tests.web.exchange import AGREEMENTS, FROM_TRC, ONWARD, PARTNERS, TO_AZERTAC, Exchange, guid, story
from tests.worlds import flow, grant, refused, rendition, review

ECONOMY, SPORT, POLITICS, WEATHER = "medtop:04000000", "medtop:15000000", "medtop:11000000", "medtop:17000000"
WINDOW, KEPT, TERM, ARCHIVE = (
    grant(clause="2.1", topics=(ECONOMY,), terms=replace(ONWARD, delete_at_end=True)),
    grant(clause="2.2", topics=(SPORT,), terms=ONWARD),
    grant(clause="2.3", topics=(POLITICS,), terms=replace(ONWARD, use_days=None, delete_at_end=True)),
    grant(clause="2.4", topics=(WEATHER,), terms=replace(ONWARD, archive=True)),
)
OURS = {"type": "text", "language": "en", "headline": "From Astana", "subject": [{"code": ECONOMY}]}


def words(marker: str, topic: str = ECONOMY) -> dict[str, Any]:
    """A content with the marker wherever there is text, but for the headline, which stays."""
    return {
        "summary": f"{marker} in short.",
        "body": f"<p>Trains {marker} daily.</p>",
        "byline": (f"A. {marker}",),
        "topics": (topic,),
        "renditions": (rendition(title=marker, description=marker, url=f"https://trc.example/{marker}.jpg"),),
        "link": f"https://trc.example/{marker}",
    }


class Office(Exchange):
    """The exchange, with a second version of TRC's agreement in force that says what is deleted."""

    __slots__ = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        second = replace(AGREEMENTS[0], version=2, since=date(2026, 11, 1), grants=(WINDOW, KEPT, TERM, ARCHIVE, *AGREEMENTS[0].grants[1:]))
        with self.database.write() as tx:
            agreements.sign(tx, second, self.clock(), "test")

    def give(self, number: int, marker: str, topic: str = ECONOMY, embargo: datetime | None = None, **changes: Any) -> None:
        entry = story(number, raw=f"<entry>{marker} {number}</entry>".encode(), **words(marker, topic), embargo_until=embargo)
        self.receive(replace(entry, categories=(), **changes))

    def accept(self, number: int = 1) -> str:
        item = self.item(number)
        taken = Desk(self.database, self.settings).accept(item.id, item.revision, "mai", self.clock())
        return str(taken.story)

    def derive(self, source: str, marker: str) -> str:
        document = json.dumps({**OURS, "uri": f"urn:vna:{marker}", "body_html": f"<p>{marker}</p>"}).encode()
        return Newsroom(self.database, self.settings).add(document, "mai", self.clock(), (source,)).id

    def run(self) -> tuple[Erasure, ...]:
        return Retention(self.database, self.settings).run("clock", self.clock())

    def plan(self) -> tuple[Erasure, ...]:
        return Retention(self.database, self.settings).plan(self.clock())

    def found(self, marker: str) -> int:
        """How many items and stories are found by the word."""
        with self.database.read() as tx:
            return len(search.find(tx, (Term(marker),), 10))

    def where(self, marker: str) -> set[str]:
        """Every table and column that holds the word, in text or in bytes."""
        return {place for place, value in cells(self.database) if marker in value}


def cells(database: Database) -> Iterator[tuple[str, str]]:
    """Every value in the database, by table and column, as text."""
    with database.read() as tx:
        for table in metadata.sorted_tables:
            for row in tx.rows(text(f'SELECT * FROM "{table.name}"')):
                for column, value in row._mapping.items():
                    said = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
                    yield f"{table.name}.{column}", said


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_its_pictures_go_with_it_unless_another_story_may_keep_them(database: Database, tmp_path: Path) -> None:
    """The bytes on the disk too: the last version that holds them decides. What is brought home afterwards is not asked for any more."""
    office = Office(database, Settings(data=str(tmp_path)))
    store, checker = Store.of(office.settings), Checker()
    office.give(1, "zugzwang")
    rail, ours = ({**OURS, "renditions": [{"href": f"https://vna.example/{name}.jpg", "contenttype": "image/jpeg"}]} for name in ("a", "b"))
    newsroom, now = Newsroom(database, office.settings), office.clock()
    derived = newsroom.add(json.dumps({**rail, "uri": "urn:1", "body_html": "<p>1</p>"}).encode(), "mai", now, (office.accept(),)).id
    own = newsroom.add(json.dumps({**ours, "uri": "urn:2", "body_html": "<p>2</p>"}).encode(), "mai", now).id
    both, one = (store.take(io.BytesIO(pictures.jpeg(colour=colour)), None, 10_000, checker, now) for colour in ("red", "blue"))
    checker.close()
    with database.write() as tx:
        (errand,) = media.of_version(tx, derived, 1)
        (other,) = media.of_version(tx, own, 1)
        assert media.bring(tx, errand, both, now)
        assert media.bring(tx, other, both, now)
        corrected = stories.get(tx, derived)
        assert corrected is not None
        stories.add_version(tx, derived, replace(corrected.current, number=2))
        assert media.bring(tx, replace(errand, version=2), one, now)
    office.clock.pass_by(days=31)
    office.run()
    with database.read() as tx:
        assert media.of_version(tx, derived, 1) == media.of_version(tx, derived, 2) == ()
        assert media.get(tx, one.hash) is None
        assert media.get(tx, both.hash) == both
    with store.open(both.hash), pytest.raises(NotFoundError):
        store.open(one.hash)
    with database.write() as tx:
        assert media.bring(tx, errand, both, now) is False


def test_at_the_end_of_its_window_the_text_is_gone_and_the_record_stays(office: Office) -> None:
    office.give(1, "zugzwang")
    identity = office.accept()
    derived = office.derive(identity, "zwischenzug")
    before = office.item()
    assert office.where("zugzwang") == {"arrivals.url", "bodies.body", "item_versions.entry", "story_versions.content"}
    office.clock.pass_by(days=30, seconds=-1)
    assert office.run() == ()
    office.clock.pass_by(seconds=1)
    planned = office.plan()
    assert office.where("zugzwang") != set()
    assert office.run() == planned
    assert [(one.subject, one.version, one.clause) for one in planned] == [
        (before.id, 1, "2.1"),
        *((name, 1, "2.1") for name in sorted((identity, derived))),
    ]
    assert office.where("zugzwang") == set()
    assert office.where("zwischenzug") == {"stories.uri"}
    after = office.item()
    assert (after.id, after.guid, after.state, after.story) == (before.id, before.guid, ReviewState.ACCEPTED, identity)
    assert (after.erased_at, after.revision) == (office.clock(), before.revision + 1)
    assert (after.current.stamp, after.current.fingerprint) == (before.current.stamp, before.current.fingerprint)
    assert after.current.entry.content.headline == before.current.entry.content.headline
    with office.database.read() as tx:
        kept = stories.get(tx, identity)
        assert kept is not None
        assert (kept.erased_at, kept.current.content.headline) == (office.clock(), before.current.entry.content.headline)
        assert kept.current.sources == (before.current.stamp,)
        assert items.raw(tx, before.id, 1) == b""
        listed = tuple(erasures.all(tx))
        assert listed == planned
        assert tuple(erasures.all(tx, "vna-trc-2025")) == planned
        assert tuple(erasures.all(tx, "vna-azertac-2025")) == ()
        told = [one for one in events.events(tx, 9, before.id) if one.act == "erase"]
    assert listed[0] == Erasure(
        at=office.clock(),
        subject=before.id,
        version=1,
        partner="trc",
        guid=guid(1),
        headline="Astana hosts the rail forum",
        fingerprint=before.current.fingerprint,
        agreement="vna-trc-2025",
        agreement_version=2,
        clause="2.1",
        reason="its use ended at 2026-12-24 08:00 UTC, 30 days after it came",
    )
    with office.database.read() as tx:
        assert explain.of_item(tx, before.id, "vna", office.clock()).deleted == planned[:1]
        assert explain.of_item(tx, before.id, "vna", office.clock() - timedelta(seconds=1)).deleted == ()
        on = partners.flows(tx, direction=Direction.OUTBOUND)[0].id
        assert explain.of_story_on(tx, identity, on, "vna", office.clock()).deleted == tuple(
            one for one in planned if one.subject == identity
        )
    assert [one.actor for one in told] == ["clock"]
    assert "under vna-trc-2025 v2, 2.1: its use ended" in told[0].detail
    assert office.run() == ()


def test_whoever_got_the_story_is_told_once(office: Office) -> None:
    office.give(1, "zugzwang")
    identity = office.accept()
    token = office.token("azertac")
    assert "zugzwang" in office.feed(TO_AZERTAC.id, token)
    office.clock.pass_by(days=30)
    office.run()
    with office.database.read() as tx:
        assert [one.kind for one in publications.of_story(tx, identity)] == [PublicationKind.STORY, PublicationKind.WITHDRAWAL]
    told = office.feed(TO_AZERTAC.id, token)
    assert "zugzwang" not in told
    assert "deleted-entry" in told
    office.clock.pass_by(days=1)
    office.run()
    with office.database.read() as tx:
        assert len(publications.of_story(tx, identity)) == 2


def test_at_the_end_of_the_agreement(office: Office) -> None:
    """Suspension only hides. What may be archived, and what nothing says is deleted, stays."""
    for number, topic in enumerate((POLITICS, SPORT, WEATHER), start=1):
        office.give(number, f"marker{number}", topic)
    office.act("vna-trc-2025", ActKind.SUSPEND, date(2026, 11, 25))
    office.clock.pass_by(days=2)
    assert office.run() == ()
    office.act("vna-trc-2025", ActKind.TERMINATE, date(2026, 11, 26))
    assert [(one.subject, one.reason) for one in office.run()] == [
        (office.item(1).id, "vna-trc-2025 v2 was terminated on 2026-11-26 (test), and nothing in force succeeds it")
    ]
    assert office.where("marker1") == set()
    assert office.where("marker2") == office.where("marker3") == {"arrivals.url", "bodies.body", "item_versions.entry"}
    office.clock.pass_by(days=1000)
    assert office.run() == ()


def test_each_version_goes_by_the_stamp_it_came_under(office: Office) -> None:
    office.give(1, "earlier")
    identity = office.accept()
    office.clock.pass_by(days=20)
    office.give(1, "later")
    office.accept()
    office.clock.pass_by(days=10)
    assert [(one.subject, one.version) for one in office.run()] == [(office.item().id, 1), (identity, 1)]
    assert office.where("earlier") == set()
    assert office.where("later") == {"arrivals.url", "bodies.body", "item_versions.entry", "story_versions.content"}
    assert office.item().erased_at is None
    with office.database.read() as tx:
        assert [one.kind for one in publications.holding(tx, identity)] == [PublicationKind.STORY]
    office.give(1, "third")
    assert office.item().current.number == 3
    office.clock.pass_by(days=40)
    office.run()
    assert office.where("later") == office.where("third") == set()
    assert office.item().erased_at == office.clock()


def test_a_deleted_id_does_not_come_in_again_and_its_kill_is_carried_out(office: Office) -> None:
    office.give(1, "zugzwang")
    identity = office.accept()
    office.clock.pass_by(days=30)
    office.run()
    office.give(1, "zugzwang")
    office.give(1, "another")
    assert office.where("zugzwang") == office.where("another") == set()
    elsewhere = flow(id="trc-new", languages=("en",))
    with office.database.write() as tx:
        partners.take(tx, PARTNERS, (FROM_TRC, TO_AZERTAC, elsewhere), office.clock())
    office.receive(replace(story(1, **words("zugzwang")), categories=()), on=elsewhere)
    assert office.item(1, elsewhere) is None
    office.receive(tombstones=(Tombstone(guid(1), office.clock()),))
    assert office.item().state is ReviewState.WITHDRAWN
    with office.database.read() as tx:
        killed = stories.get(tx, identity)
        assert killed is not None
        assert killed.current.pubstatus is Pubstatus.CANCELED
        assert items.buried(tx, "trc", guid(1))
    assert office.run() == ()


def test_an_entry_that_says_it_is_killed_kills_what_was_deleted(office: Office) -> None:
    office.give(1, "zugzwang")
    office.accept()
    office.clock.pass_by(days=30)
    office.run()
    office.give(1, "zugzwang", pubstatus=Pubstatus.CANCELED)
    assert office.item().state is ReviewState.WITHDRAWN
    assert office.where("zugzwang") == set()


def test_what_was_deleted_is_in_no_queue_and_nothing_is_made_of_it(office: Office) -> None:
    office.give(1, "pending")
    office.give(2, "taken")
    identity = office.accept(2)
    seen = office.item(1)
    office.clock.pass_by(days=30)
    office.run()
    desk, newsroom = Desk(office.database, office.settings), Newsroom(office.database, office.settings)
    with pytest.raises(ConflictError, match="meanwhile"):
        desk.accept(seen.id, seen.revision, "mai", office.clock(), Edits("Astana hosts", "", "pending"))
    with pytest.raises(RefusedError, match="deleted at the end of its use"):
        desk.accept(seen.id, seen.revision + 1, "mai", office.clock())
    with pytest.raises(RefusedError, match="deleted at the end of its use"):
        newsroom.correct(
            identity, json.dumps({**OURS, "uri": "urn:vna:x", "body_html": "<p>Rails.</p>"}).encode(), None, "mai", office.clock()
        )
    with pytest.raises(RefusedError, match="deleted at the end of its use"):
        office.derive(identity, "derived")
    with office.database.read() as tx:
        assert items.queue(tx, tuple(ReviewState), 9) == ()
        assert set(items.counts(tx).values()) == {0}


def test_who_decided_on_the_text_before_it_went_is_refused(office: Office) -> None:
    """The item as it was read before the deletion, decided on after it: nothing of it may come back."""
    office.give(1, "zugzwang")
    before = office.item()
    office.clock.pass_by(days=30)
    office.run()
    after = replace(before, revision=before.revision + 1)
    with pytest.raises(ConflictError), office.database.write() as tx:
        items.decide(tx, before, after, review(item=before.id, revision=after.revision))
    assert office.item().erased_at == office.clock()


def test_bytes_that_others_refer_to_stay_and_those_with_another_entry_in_them_go(office: Office) -> None:
    """An ill-formed document is kept whole with each of its entries."""
    twin = flow(id="trc-twin", languages=("en",))
    with office.database.write() as tx:
        partners.take(tx, PARTNERS, (FROM_TRC, TO_AZERTAC, twin), office.clock())
    same = replace(story(1, raw=b"<entry>once</entry>", **words("once")), categories=())
    office.receive(same)
    whole = b"<rss>both due and kept"
    office.receive(replace(story(2, raw=whole, **words("due")), categories=()))
    office.receive(replace(story(3, raw=whole, **words("stays", SPORT)), categories=()))
    office.clock.pass_by(days=10)
    office.receive(same, on=twin)
    office.clock.pass_by(days=20)
    office.run()
    assert office.where("<entry>once") == {"bodies.body"}
    assert office.where("<rss>both") == set()
    assert office.where("Trains stays") == {"item_versions.entry"}
    with office.database.read() as tx:
        assert items.raw(tx, office.item(1, twin).id, 1) == b"<entry>once</entry>"
        assert items.raw(tx, office.item(3).id, 1) == b""
    office.clock.pass_by(days=10)
    office.run()
    assert office.where("once") == set()


def test_what_could_not_be_read_goes_with_what_could(office: Office) -> None:
    office.give(1, "zugzwang")
    for day in (0, 1):
        with office.database.write() as tx:
            at = office.clock() + timedelta(days=day)
            poll = Poll(FROM_TRC.id, at, at, Outcome.UPDATED)
            fault = refused(at=at, raw=f"fault{day}".encode())
            several = replace(fault, raw=f"several{day}".encode(), head=None)
            whole = replace(fault, raw=f"whole{day}".encode(), head=b"", kind=RefusedKind.DOCUMENT)
            again = replace(fault, raw=f"again{day}".encode(), guid=office.item().guid)
            polls.record(tx, poll, None, None, 0, (fault, several, whole, again))
    office.clock.pass_by(days=30)
    office.run()
    assert office.where("fault0") == set()
    assert office.where("fault1") == {"faults.raw"}
    # Whatever came later, and may hold the same text.
    assert office.where("several1") | office.where("whole1") | office.where("again1") == set()


def test_what_was_refused_goes_without_anything_else_having_to_go(office: Office) -> None:
    """After the shortest use that the agreement grants, though nothing was taken."""
    with office.database.write() as tx:
        polls.record(tx, Poll(FROM_TRC.id, office.clock(), office.clock(), Outcome.UPDATED), None, None, 0, (refused(at=office.clock()),))
    office.clock.pass_by(days=29)
    office.run()
    assert office.where("<item>rail") == {"faults.raw"}
    office.clock.pass_by(days=1)
    office.run()
    assert office.where("<item>rail") == set()


def test_two_that_run_at_once_list_it_once(office: Office) -> None:
    """Both have found it; the second finds it done."""
    office.give(1, "zugzwang")
    office.accept()
    office.clock.pass_by(days=30)
    with office.database.read() as tx:
        version = items.version(tx, office.item().id, 1)
        told = stories.version(tx, office.item().story, 1)
    assert version is not None
    assert told is not None
    assert len(office.run()) == 2
    with office.database.write() as tx:
        assert not items.erase(tx, version, office.clock())
        assert not stories.erase(tx, told, office.clock())
        assert len(tuple(erasures.all(tx))) == 2


def test_what_fails_in_the_middle_is_due_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text and its line in the list are one fact."""
    office.give(1, "zugzwang")
    office.clock.pass_by(days=30)

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(erasures, "record", full)
        with pytest.raises(StorageError):
            office.run()
    assert office.where("zugzwang") == {"arrivals.url", "bodies.body", "item_versions.entry"}
    assert len(office.run()) == 1


@pytest.mark.parametrize("act", ["UPDATE erasures SET headline = 'x'", "DELETE FROM erasures"])
def test_the_list_is_only_added_to(office: Office, act: str) -> None:
    office.give(1, "zugzwang")
    office.clock.pass_by(days=30)
    office.run()
    with pytest.raises(StorageError, match="only added to"), office.database.write() as tx:
        tx.rows(text(act))
    with office.database.read() as tx:
        assert [one.headline for one in erasures.all(tx)] == ["Astana hosts the rail forum"]


def test_beside_editors_and_the_partner_nothing_comes_back(office: Office) -> None:
    """While texts are deleted, an editor accepts them and the partner corrects and kills them: each act is whole, or refused."""
    numbers = range(1, 13)
    for number in numbers:
        office.give(number, f"old{number}x")
    office.clock.pass_by(days=30)
    failed: list[BaseException] = []
    together = threading.Barrier(3)

    def run(work: Callable[[int], object]) -> None:
        together.wait()
        for number in numbers:
            try:
                work(number)
            except RefusedError:
                continue
            except SyndicationError as error:
                failed.append(error)

    def partner(number: int) -> None:
        if number % 2:
            office.receive(tombstones=(Tombstone(guid(number), office.clock()),))
        else:
            office.give(number, f"new{number}x", embargo=office.clock() + timedelta(days=1))

    works = (lambda _: office.run(), lambda number: office.accept(13 - number), partner)
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    office.run()
    for number in numbers:
        assert office.where(f"old{number}x") == set()
        if number % 2:
            assert office.item(number).state is ReviewState.WITHDRAWN


def history(office: Office, seed: int) -> None:
    """Sixty days of traffic, by chance: entries under all four clauses, accepted, corrected, killed and derived from."""
    chance = random.Random(seed)
    made: list[str] = []
    for turn in range(45):
        office.clock.pass_by(hours=chance.choice([1, 20, 40]))
        number, marker = chance.randint(1, 12), f"marker{seed}x{turn}x"
        held = office.item(number)
        act = chance.choice(["give", "give", "give", "accept", "accept", "derive", "kill", "run"])
        if act == "give":
            office.give(number, marker, chance.choice([ECONOMY, SPORT, POLITICS, WEATHER]), updated=office.clock())
        elif act == "accept" and held and held.state in (ReviewState.PENDING, ReviewState.REOPENED) and not held.erased_at:
            made.append(office.accept(number))
        elif act == "derive" and made:
            try:
                made.append(office.derive(chance.choice(made), marker))
            except RefusedError:
                continue
        elif act == "kill" and number < 4:
            office.receive(tombstones=(Tombstone(guid(number), office.clock()),))
        elif act == "run" and turn > 20:
            office.run()
    office.clock.pass_by(days=12)
    if chance.random() < 0.5:
        office.act("vna-trc-2025", ActKind.TERMINATE, office.clock().date())
        office.clock.pass_by(days=1)


def versions(database: Database) -> dict[tuple[str, int], tuple[tuple[Stamp, ...], Content, bytes | None]]:
    """Every version of every item and story: its stamps, its content, its bytes."""
    found: dict[tuple[str, int], tuple[tuple[Stamp, ...], Content, bytes | None]] = {}
    with database.read() as tx:
        for row in tx.rows(text("SELECT item, number FROM item_versions")):
            version = items.version(tx, row.item, row.number)
            assert version is not None
            found[row.item, row.number] = ((version.stamp,), version.entry.content, items.raw(tx, row.item, row.number))
        for row in tx.rows(text("SELECT story, number FROM story_versions")):
            told = stories.version(tx, row.story, row.number)
            assert told is not None
            found[row.story, row.number] = (told.sources, told.content, None)
    return found


@pytest.mark.parametrize("seed", range(1, 7))
def test_nothing_that_is_due_is_left_anywhere_and_nothing_else_is_touched(office: Office, seed: int) -> None:
    """Judged by the model of the rule, over everything that the database holds."""
    history(office, seed)
    now: datetime = office.clock()
    with office.database.read() as tx:
        register = agreements.register(tx, "vna")
    before = versions(office.database)
    with_text = {key: stamps for key, (stamps, content, _) in before.items() if content != content.emptied()}
    goes = {key for key, stamps in with_text.items() if any(must_go(stamp, register, now) for stamp in stamps)}
    assert goes
    assert len(goes) < len(before)
    done = office.run()
    after = versions(office.database)
    left = {key: value for key, value in before.items() if key not in goes}
    assert {key: after[key] for key in left} == left
    staying = " ".join(f"{content.body} {content.summary}" for _, content, _ in left.values())
    with office.database.read() as tx:
        listed = {(one.subject, one.version) for one in erasures.all(tx)}
        assert {one.comparison for one in verify(tx, "vna")} == {Comparison()}
    assert goes <= listed
    assert {(one.subject, one.version) for one in done} == goes
    for key in goes:
        stamps, content, _ = before[key]
        assert after[key] == (stamps, content.emptied(), b"" if key[0].startswith("i_") else None)
    for turn in range(45):
        marker = f"marker{seed}x{turn}x"
        if marker not in staying:
            assert office.where(marker) <= {"stories.uri"}


def test_a_run_that_forgets_the_bytes_is_seen(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the look over everything."""
    office.give(1, "zugzwang")
    office.clock.pass_by(days=30)
    monkeypatch.setattr("syndication.storage.items._let_go", lambda *_: None)
    office.run()
    assert office.where("zugzwang") == {"bodies.body"}


@pytest.mark.parametrize("overwriting", [True, pytest.param(False, id="the control: SQLite as it comes")])
def test_the_text_is_not_left_in_the_file(migrated_sqlite: Path, tmp_path: Path, overwriting: bool) -> None:
    """SQLite leaves what was deleted in its pages, unless it is told to overwrite it."""
    path = tmp_path / "syndication.db"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    office = Office(database)
    office.give(1, "zugzwang")
    office.accept()
    office.clock.pass_by(days=30)
    if not overwriting:
        for opened in (database.read, database.write):
            with opened() as tx:
                tx.connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    office.run()
    assert office.where("zugzwang") == set()
    database.close()
    assert [file for file in tmp_path.iterdir() if file.name.startswith("syndication.db")] == [path]
    assert (b"zugzwang" in path.read_bytes()) is not overwriting


@pytest.mark.parametrize("overwriting", [True, pytest.param(False, id="the control: FTS5 as it comes")])
def test_nothing_is_found_by_it_and_its_words_are_not_left_in_the_file(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwriting: bool
) -> None:
    """FTS5 only marks what is deleted, and writes the word again to do so, until its index is written anew."""
    path = tmp_path / "syndication.db"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    office = Office(database)
    office.give(1, "zugzwang")
    office.accept()
    office.give(2, "rochade", SPORT)
    Index(database).round(office.clock())
    assert [office.found("zugzwang"), office.found("rochade")] == [2, 1]
    office.clock.pass_by(days=30)
    if not overwriting:
        monkeypatch.setattr(Retention, "_overwrite", lambda _: None)
    office.run()
    assert [office.found("zugzwang"), office.found("rochade")] == [0, 1]
    Index(database).round(office.clock())
    assert [office.found("zugzwang"), office.found("rochade")] == [0, 1]
    database.close()
    assert (b"zugzwang" in path.read_bytes()) is not overwriting
    assert b"rochade" in path.read_bytes()
