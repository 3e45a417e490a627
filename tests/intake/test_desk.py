"""Our own stories: what is taken, what is not, and what is told."""

import json
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from syndication.errors import ConflictError, NotFoundError, RefusedError, StaleError, StorageError, StoryError
from syndication.feeds.draft import LARGEST
from syndication.feeds.submitted import read
from syndication.intake.desk import Newsroom, Taken
from syndication.model.entry import Tombstone
from syndication.model.partner import FlowState, Partner
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus, Story, StoryAct
from syndication.review import desk
from syndication.review.desk import Desk
from syndication.storage import agreements, partners, publications, stories
from syndication.storage.database import Database, Transaction
from tests.web.exchange import AGREEMENTS, FLOWS, FROM_AZERTAC, PARTNERS, TO_AZERTAC, TO_TRC, Exchange, guid
from tests.web.exchange import story as entry_of
from tests.worlds import NOW

GOOD: dict[str, Any] = {"uri": "urn:vna:1", "language": "en", "headline": "Hanoi opens a museum", "body_html": "<p>Of rail.</p>"}


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)


def newsroom(exchange: Exchange) -> Newsroom:
    return Newsroom(exchange.database, exchange.settings)


def ninjs(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_it_goes_to_every_partner_that_may_have_it(exchange: Exchange) -> None:
    story = newsroom(exchange).add(ninjs(), "mai", NOW)
    with exchange.database.read() as tx:
        assert {one.flow for one in publications.of_story(tx, story.id)} == {TO_TRC.id, TO_AZERTAC.id}


def test_a_correction_keeps_the_id_and_a_kill_is_final(exchange: Exchange) -> None:
    room = newsroom(exchange)
    story = room.add(ninjs(), "mai", NOW)
    assert room.correct("urn:vna:1", ninjs(headline="Hanoi opens the museum"), "name", "mai", NOW).current.number == 2
    assert room.kill(story.id, "it has not opened", "mai", NOW).current.pubstatus is Pubstatus.CANCELED
    with exchange.database.read() as tx:
        assert {one.kind for one in publications.holding(tx, story.id)} == {PublicationKind.WITHDRAWAL}
    with pytest.raises(RefusedError, match="final"):
        room.correct(story.id, ninjs(), None, "mai", NOW)


def test_a_story_of_a_partners_is_not_corrected_here(exchange: Exchange) -> None:
    """Here nobody asks how it may be altered, and its embargo and its hold are the partner's."""
    exchange.receive(entry_of(embargo_until=NOW + timedelta(days=1)))
    item = exchange.item()
    taken = desk.Desk(exchange.database, exchange.settings).accept(item.id, item.revision, "mai", NOW)
    with pytest.raises(RefusedError, match="accepted from a partner"):
        newsroom(exchange).correct(str(taken.story), ninjs(), None, "mai", NOW)


def test_a_hold_and_a_later_embargo_go_on_to_what_was_made_from_it(exchange: Exchange) -> None:
    room, later = newsroom(exchange), NOW + timedelta(hours=2)
    first = room.add(ninjs(), "mai", NOW)
    second = room.add(ninjs(uri="urn:vna:2"), "mai", NOW, (first.id,))
    room.correct(first.id, ninjs(embargoed=later.isoformat()), None, "mai", NOW)
    room.correct(first.id, ninjs(pubstatus="withheld"), None, "mai", NOW)
    with exchange.database.read() as tx:
        life = [(one.pubstatus, one.content.embargo_until) for one in stories.versions(tx, second.id)]
    assert life == [(Pubstatus.USABLE, None), (Pubstatus.USABLE, later), (Pubstatus.WITHHELD, later)]


def test_an_update_follows_the_take_before(exchange: Exchange) -> None:
    room = newsroom(exchange)
    first = room.add(ninjs(), "mai", NOW)
    assert room.add(ninjs(uri="urn:vna:2", evolvedfrom="urn:vna:1"), "mai", NOW).evolved_from == first.id
    with pytest.raises(StoryError, match="no story urn:vna:9"):
        room.add(ninjs(uri="urn:vna:3", evolvedfrom="urn:vna:9"), "mai", NOW)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"{", "no JSON", id="no JSON"),
        pytest.param(b"[]", "one JSON object", id="no object"),
        pytest.param(b"\xff", "not UTF-8", id="no text"),
        pytest.param(b'{"a": NaN}', "NaN", id="no number"),
        pytest.param(b'{"a": 1, "a": 2}', "twice", id="a key twice"),
        pytest.param(b"[" * 100_000, "no ninjs", id="nested without end"),
        pytest.param(b"x" * (LARGEST + 1), "bytes", id="too large"),
        pytest.param(ninjs(headline=""), "headline: is missing", id="no headline"),
        pytest.param(ninjs(language="zz_zz"), "language: 'zz_zz'", id="no language"),
        pytest.param(ninjs(type="novel"), "type: 'novel'", id="no type"),
        pytest.param(ninjs(embargoed="tomorrow"), "embargoed: 'tomorrow'", id="an hour nobody can read"),
        pytest.param(ninjs(embargoed="2026-12-01T08:00:00"), "zone", id="an hour without a zone"),
        pytest.param(ninjs(urgency=12), "urgency", id="no urgency"),
        pytest.param(ninjs(pubstatus="canceled"), "nothing to kill", id="a kill of nothing"),
        pytest.param(ninjs(renditions=[{"href": "javascript:x", "contenttype": "image/png"}]), r"renditions/0", id="no address"),
    ],
)
def test_what_is_no_story_is_refused_with_its_key(exchange: Exchange, data: bytes, said: str) -> None:
    with pytest.raises(StoryError, match=said):
        newsroom(exchange).add(data, "mai", NOW)


def test_a_story_is_taken_once(exchange: Exchange) -> None:
    newsroom(exchange).add(ninjs(), "mai", NOW)
    with pytest.raises(ConflictError, match="story correct"):
        newsroom(exchange).add(ninjs(), "mai", NOW)
    with pytest.raises(NotFoundError):
        newsroom(exchange).kill("urn:vna:7", "x", "mai", NOW)


def taken(exchange: Exchange, number: int = 1, **changes: Any) -> str:
    """A story of TRC's that an editor has accepted: it may be abridged, and go on to AZERTAC alone."""
    exchange.receive(entry_of(number, **changes))
    item = exchange.item(number)
    story = Desk(exchange.database, exchange.settings).accept(item.id, item.revision, "mai", exchange.clock()).story
    assert story is not None
    return story


def flows_of(exchange: Exchange, story: str, kind: PublicationKind = PublicationKind.STORY) -> set[str]:
    with exchange.database.read() as tx:
        return {one.flow for one in publications.holding(tx, story) if one.kind is kind}


def test_z15_what_is_made_of_others_moves_under_the_narrowest_of_them(exchange: Exchange) -> None:
    """Also what was made of that in turn; with the credit of its source, and its embargo. The control: of ours alone it goes to both."""
    source, until = taken(exchange), NOW + timedelta(hours=2)
    room = newsroom(exchange)
    ours = room.add(ninjs(uri="urn:vna:2", embargoed=until.isoformat()), "mai", NOW)
    digest = room.add(ninjs(uri="urn:vna:3"), "mai", NOW, (source, ours.id))
    again = room.add(ninjs(uri="urn:vna:4"), "mai", NOW, (digest.id,))
    assert flows_of(exchange, ours.id) == {TO_TRC.id, TO_AZERTAC.id}
    for made in (digest, again):
        assert flows_of(exchange, made.id) == {TO_AZERTAC.id}
        assert (made.current.content.credit_line, made.current.content.embargo_until) == ("TRC", until)


def test_z15_a_correction_does_not_shake_off_what_it_was_made_of(exchange: Exchange) -> None:
    room = newsroom(exchange)
    digest = room.add(ninjs(), "mai", NOW, (taken(exchange),))
    corrected = room.correct(digest.id, ninjs(headline="Hanoi opens two museums"), None, "mai", NOW)
    assert corrected.current.sources == digest.current.sources != ()
    assert flows_of(exchange, digest.id) == {TO_AZERTAC.id}


@pytest.mark.parametrize("how", ["killed", "withheld"])
def test_what_befalls_the_source_befalls_what_was_made_of_it(exchange: Exchange, how: str) -> None:
    """A partner's kill, and its hold, reach whoever got a translation or a compilation, at any remove, without an editor."""
    room = newsroom(exchange)
    digest = room.add(ninjs(uri="urn:vna:3"), "mai", NOW, (taken(exchange),))
    again = room.add(ninjs(uri="urn:vna:4"), "mai", NOW, (digest.id,))
    apart = room.add(ninjs(uri="urn:vna:5"), "mai", NOW)
    if how == "killed":
        exchange.receive(tombstones=(Tombstone(guid(1), NOW, "wrong"),))
    else:
        exchange.receive(replace(entry_of(1), pubstatus=Pubstatus.WITHHELD))
    for made in (digest, again):
        assert flows_of(exchange, made.id, PublicationKind.WITHDRAWAL) == {TO_AZERTAC.id}
    assert flows_of(exchange, apart.id) == {TO_TRC.id, TO_AZERTAC.id}


def test_what_may_only_be_abridged_is_not_translated_and_what_may_not_be_altered_is_not_compiled(exchange: Exchange) -> None:
    room, source = newsroom(exchange), taken(exchange)
    with pytest.raises(RefusedError, match=r"vna-trc-2025 v1, 2\.1.* not translated into vi"):
        room.add(ninjs(language="vi"), "mai", NOW, (source,))
    exchange.receive(entry_of(2), on=FROM_AZERTAC)
    item = exchange.item(2, FROM_AZERTAC)
    whole = Desk(exchange.database, exchange.settings).accept(item.id, item.revision, "mai", NOW).story
    assert whole is not None
    with pytest.raises(RefusedError, match="no word of it"):
        room.add(ninjs(), "mai", NOW, (whole,))


def test_nothing_is_made_of_what_was_killed(exchange: Exchange) -> None:
    room = newsroom(exchange)
    ours = room.add(ninjs(), "mai", NOW)
    room.kill(ours.id, "wrong", "mai", NOW)
    with pytest.raises(RefusedError, match="is canceled"):
        room.add(ninjs(uri="urn:vna:2"), "mai", NOW, (ours.id,))


def test_z17_corrected_into_what_is_excluded_it_is_taken_back_and_that_is_told(exchange: Exchange) -> None:
    with exchange.database.write() as tx:
        barred = replace(AGREEMENTS[0].grants[1], topics_out=("medtop:15000000",))
        narrower = replace(AGREEMENTS[0], version=2, since=NOW.date(), grants=(AGREEMENTS[0].grants[0], barred))
        agreements.sign(tx, narrower, NOW, "test")
    room = newsroom(exchange)
    economy = [{"name": "economy", "code": "medtop:04000000"}]
    story = room.add(ninjs(subjects=economy), "mai", NOW)
    assert flows_of(exchange, story.id) == {TO_TRC.id, TO_AZERTAC.id}
    room.correct(story.id, ninjs(subjects=[{"name": "sport", "code": "medtop:15000000"}]), None, "mai", NOW)
    assert flows_of(exchange, story.id, PublicationKind.WITHDRAWAL) == {TO_TRC.id}
    assert flows_of(exchange, story.id) == {TO_AZERTAC.id}


def test_z24_who_becomes_a_partner_gets_nothing_from_before(exchange: Exchange) -> None:
    """Signing places nothing: a story goes out when it is released. The control: what is written after that goes."""
    room = newsroom(exchange)
    before = room.add(ninjs(), "mai", NOW)
    newcomer = replace(TO_TRC, id="to-anadolu", partner="anadolu", agreement="vna-anadolu-2026", title="VNA for Anadolu")
    with exchange.database.write() as tx:
        signed = replace(AGREEMENTS[0], reference="vna-anadolu-2026", parties=("vna", "anadolu"))
        agreements.sign(tx, signed, NOW, "test")
        partners.take(tx, (*PARTNERS, Partner("anadolu", "Anadolu", "TR")), (*FLOWS, newcomer), NOW)
    token = exchange.token("anadolu")
    assert before.entry_id not in exchange.feed("to-anadolu", token)
    after = room.add(ninjs(uri="urn:vna:2"), "mai", NOW)
    assert after.entry_id in exchange.feed("to-anadolu", token)


def test_a_further_take_of_a_partners_story_moves_under_its_terms_and_dies_with_it(exchange: Exchange) -> None:
    """Whatever the newsroom calls it: the control is a take that follows our own, which goes to both."""
    room, source = newsroom(exchange), taken(exchange)
    ours = room.add(ninjs(uri="urn:vna:2"), "mai", NOW)
    take = room.add(ninjs(uri="urn:vna:3", evolvedfrom=source), "mai", NOW)
    control = room.add(ninjs(uri="urn:vna:4", evolvedfrom=ours.id), "mai", NOW)
    assert (take.evolved_from, take.derived_from) == (source, (source,))
    assert (control.evolved_from, control.derived_from) == (ours.id, ())
    assert flows_of(exchange, take.id) == {TO_AZERTAC.id}
    assert flows_of(exchange, control.id) == {TO_TRC.id, TO_AZERTAC.id}
    exchange.receive(tombstones=(Tombstone(guid(1), NOW, "wrong"),))
    assert flows_of(exchange, take.id, PublicationKind.WITHDRAWAL) == {TO_AZERTAC.id}


def test_nothing_is_made_from_what_is_killed_at_the_same_moment(exchange: Exchange) -> None:
    """Whichever comes first, what was made from it does not stay out."""
    room, source = newsroom(exchange), taken(exchange)
    barrier = threading.Barrier(2)

    def make() -> None:
        barrier.wait()
        with suppress(RefusedError):
            room.add(ninjs(uri="urn:vna:3"), "mai", NOW, (source,))

    def kill() -> None:
        barrier.wait()
        room.kill(source, "wrong", "mai", NOW)

    threads = [threading.Thread(target=one) for one in (make, kill)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with exchange.database.read() as tx:
        made = stories.by_uri(tx, "urn:vna:3")
    assert made is None or made.current.pubstatus is Pubstatus.CANCELED


def test_what_is_released_while_a_flow_is_paused_is_read_when_it_opens(exchange: Exchange) -> None:
    """In the pause its partner reads nothing; after it, the correction and the new story, and no word that the story is gone."""
    room, token = newsroom(exchange), exchange.token("azertac")
    first = room.add(ninjs(), "mai", NOW)
    assert "Hanoi opens a museum" in exchange.feed(TO_AZERTAC.id, token)
    for state in (FlowState.PAUSED, FlowState.OPEN):
        with exchange.database.write() as tx:
            partners.take(tx, PARTNERS, tuple(replace(one, state=state) if one is TO_AZERTAC else one for one in FLOWS), NOW)
        if state is FlowState.PAUSED:
            room.correct(first.id, ninjs(headline="Hanoi opens two museums"), None, "mai", NOW)
            room.add(ninjs(uri="urn:vna:2", headline="A third museum"), "mai", NOW)
            sent = {"Authorization": f"Bearer {token}"}
            assert exchange.app().test_client().get(f"/feeds/{TO_AZERTAC.id}.atom", headers=sent).status_code == 403
    seen = exchange.feed(TO_AZERTAC.id, token)
    assert [said in seen for said in ("two museums", "A third museum", "<at:deleted-entry")] == [True, True, False]


def test_a_hold_is_withheld_everywhere_until_it_is_lifted(exchange: Exchange) -> None:
    """No correction lets it out, whatever its pubstatus says; what was made from it is held with it, and lifted by itself."""
    room = newsroom(exchange)
    first = room.add(ninjs(), "mai", NOW)
    second = room.add(ninjs(uri="urn:vna:2"), "mai", NOW, (first.id,))
    held = room.hold(first.id, "the name is being checked", "mai", NOW)
    assert (held.current.pubstatus, held.current.act, held.current.note) == (Pubstatus.WITHHELD, StoryAct.HOLD, "the name is being checked")
    assert room.correct(first.id, ninjs(headline="Another", pubstatus="usable"), None, "mai", NOW).current.pubstatus is Pubstatus.WITHHELD
    with exchange.database.read() as tx:
        for one in (first, second):
            assert {standing.kind for standing in publications.holding(tx, one.id)} == {PublicationKind.WITHDRAWAL}
    with pytest.raises(RefusedError, match="held already"):
        room.hold(first.id, "again", "mai", NOW)
    with pytest.raises(RefusedError, match="is withheld: nothing can be made"):
        room.lift(second.id, "it was right", "mai", NOW)
    lifted = room.lift(first.id, "it was right", "mai", NOW)
    assert (lifted.current.pubstatus, lifted.current.act, lifted.current.content.headline) == (Pubstatus.USABLE, StoryAct.LIFT, "Another")
    with exchange.database.read() as tx:
        assert {standing.kind for standing in publications.holding(tx, first.id)} == {PublicationKind.STORY}
        assert {standing.kind for standing in publications.holding(tx, second.id)} == {PublicationKind.WITHDRAWAL}
    room.lift(second.id, "the first is free again", "mai", NOW)
    with exchange.database.read() as tx:
        assert {standing.kind for standing in publications.holding(tx, second.id)} == {PublicationKind.STORY}
    with pytest.raises(RefusedError, match="not held"):
        room.lift(first.id, "again", "mai", NOW)


def test_what_a_document_withheld_a_document_lifts(exchange: Exchange) -> None:
    """Until someone holds it as well: then the document does not."""
    room = newsroom(exchange)
    story = room.add(ninjs(pubstatus="withheld"), "mai", NOW)
    assert room.correct(story.id, ninjs(), None, "mai", NOW).current.pubstatus is Pubstatus.USABLE
    assert room.correct(story.id, ninjs(pubstatus="withheld"), None, "mai", NOW).current.note is None
    room.hold(story.id, "we hold it too", "mai", NOW)
    assert room.correct(story.id, ninjs(), None, "mai", NOW).current.pubstatus is Pubstatus.WITHHELD


def test_a_hold_and_its_end_need_a_reason_and_a_story_of_our_own(exchange: Exchange) -> None:
    room = newsroom(exchange)
    story = room.add(ninjs(), "mai", NOW)
    for act in (room.hold, room.lift, room.kill):
        with pytest.raises(StoryError):
            act(story.id, " \u200b", "mai", NOW)
    room.kill(story.id, "wrong", "mai", NOW)
    theirs = taken(exchange)
    for act in (room.hold, room.lift):
        with pytest.raises(RefusedError, match="final"):
            act(story.id, "why", "mai", NOW)
        with pytest.raises(RefusedError, match="accepted from a partner"):
            act(theirs, "why", "mai", NOW)


def test_another_version_than_the_one_that_was_meant_is_left_alone(exchange: Exchange) -> None:
    room = newsroom(exchange)
    story = room.add(ninjs(), "mai", NOW)
    room.correct(story.id, ninjs(headline="Two"), None, "lan", NOW, expected={1})
    for expected in ({1}, {3, 4}, ()):
        with pytest.raises(StaleError, match="version 2 by now, by lan"):
            room.correct(story.id, ninjs(), None, "mai", NOW, expected)
    with exchange.database.read() as tx:
        assert len(stories.versions(tx, story.id)) == 2


def test_what_is_kept_with_an_act_is_kept_together_or_not_at_all(exchange: Exchange) -> None:
    room = newsroom(exchange)

    def broken(_tx: Transaction, _story: Story) -> None:
        raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        room.add(ninjs(), "mai", NOW, also=broken)
    story = room.add(ninjs(), "mai", NOW)
    for act in (room.hold, room.kill):
        with pytest.raises(StorageError):
            act(story.id, "why", "mai", NOW, also=broken)
    with pytest.raises(StorageError):
        room.correct(story.id, ninjs(headline="Two"), None, "mai", NOW, also=broken)
    with exchange.database.read() as tx:
        assert [one.number for one in stories.versions(tx, story.id)] == [1]


def handed(exchange: Exchange, **changes: Any) -> tuple[Taken, Story | None]:
    """What a document of the folder does. Its digest is of its words."""
    note = changes.pop("note", None)
    data = ninjs(**changes)
    said = replace(read(data, NOW), note=note)
    return newsroom(exchange).take(said, sha256(data).hexdigest(), "folder", NOW)


def test_a_document_does_what_it_says(exchange: Exchange) -> None:
    assert handed(exchange)[0] is Taken.ADDED
    assert handed(exchange)[0] is Taken.NOTHING
    assert handed(exchange, versioncreated="2026-11-24T08:00:00Z")[0] is Taken.NOTHING
    what, story = handed(exchange, headline="Two", note="The headline was wrong.")
    assert story is not None
    assert (what, story.current.note) == (Taken.CORRECTED, "The headline was wrong.")
    what, story = handed(exchange, headline="Two", pubstatus="withheld")
    assert story is not None
    assert (what, story.current.pubstatus) == (Taken.CORRECTED, Pubstatus.WITHHELD)
    assert handed(exchange, headline="Two")[0] is Taken.CORRECTED
    assert handed(exchange)[0] is Taken.CORRECTED
    what, story = handed(exchange, pubstatus="canceled", note="It has not opened.")
    assert story is not None
    assert (what, story.current.note) == (Taken.KILLED, "It has not opened.")
    assert handed(exchange, pubstatus="canceled", headline="Three")[0] is Taken.NOTHING
    with pytest.raises(RefusedError, match="final"):
        handed(exchange, headline="Four")
    with pytest.raises(StoryError, match="nothing to kill"):
        handed(exchange, uri="urn:vna:2", pubstatus="canceled")


def test_a_kill_without_a_word_has_one_of_ours(exchange: Exchange) -> None:
    handed(exchange)
    _, story = handed(exchange, pubstatus="canceled")
    assert story is not None
    assert story.current.note == "Killed by the newsroom: do not use."


def test_an_embargo_whose_hour_has_come_is_no_correction(exchange: Exchange) -> None:
    hour = NOW + timedelta(hours=1)
    data = ninjs(embargoed=hour.isoformat())
    room = newsroom(exchange)
    room.take(read(data, NOW), "a", "folder", NOW)
    later = hour + timedelta(minutes=1)
    assert room.take(read(data, later), "b", "folder", later)[0] is Taken.NOTHING
    assert room.take(read(ninjs(headline="Two"), later), "c", "folder", later)[0] is Taken.CORRECTED
