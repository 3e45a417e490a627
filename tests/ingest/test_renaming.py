"""A feed that gives all its stories other ids is found out; one that brings many stories is not taken for it (S14)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.errors import RefusedError
from syndication.ingest import document
from syndication.ingest.renaming import FEWEST, flipped, known_as, named
from syndication.ingest.replay import Replay
from syndication.model.entry import Entry, Mark, ParsedFeed, Tombstone
from syndication.model.item import ReviewState
from syndication.model.poll import Outcome, RefusedKind, Renaming
from syndication.storage import items, polls
from tests.ingest.conftest import Visits, entry_xml, feed_xml
from tests.worlds import NOW, content, entry, refused


def stories(count: int, ids: str, **changes: Any) -> list[Entry]:
    """So many, each with a title, an address and an hour of its own; `ids`: how their ids begin."""
    hours = [NOW - timedelta(hours=number) for number in range(count)]
    made = [
        entry(
            guid=f"{ids}{number}",
            content=content(headline=f"Story {number}", link=f"https://trc.example/{number}", body=f"<p>{number}</p>"),
        )
        for number in range(count)
    ]
    return [replace(one, **{"published": hour, **changes}) for one, hour in zip(made, hours, strict=True)]


def at(link: str, entries: list[Entry]) -> list[Entry]:
    """The same at other addresses: the number of each after `link`."""
    return [replace(one, content=replace(one.content, link=f"{link}{number}")) for number, one in enumerate(entries)]


OLD = stories(10, "old:")


@pytest.mark.parametrize(
    ("new", "held", "found"),
    [
        pytest.param(stories(10, "new:"), OLD, True, id="S14: all ids changed"),
        pytest.param(
            at("http://www.trc.example/x/", stories(10, "new:")), OLD, True, id="and the addresses with them: the hour is the same"
        ),
        pytest.param(stories(10, "new:", published=None), OLD, True, id="the address is the same, there is no hour"),
        pytest.param(at("/", stories(10, "new:", published=NOW)), OLD, True, id="the text is the same, the hour and the address are not"),
        pytest.param(stories(6, "new:") + [entry(guid=f"n{n}") for n in range(4)], OLD, True, id="six of ten, the others really new"),
        pytest.param(stories(5, "new:") + [entry(guid=f"n{n}") for n in range(5)], OLD, False, id="five of ten: no more than half"),
        pytest.param(
            [entry(guid=f"n{n}", content=content(headline=f"Flood {n}")) for n in range(500)], OLD, False, id="a flood of new ones"
        ),
        pytest.param(
            [
                replace(one, published=NOW + timedelta(days=1), content=content(headline=one.content.headline))
                for one in stories(10, "new:")
            ],
            OLD,
            False,
            id="columns of the same title every day",
        ),
        pytest.param(stories(2, "new:"), OLD[:2], False, id="a feed of two entries"),
        pytest.param(stories(3, "new:"), OLD, True, id="of three"),
        pytest.param(stories(10, "new:"), [], False, id="the first document"),
        pytest.param(stories(10, "new:") + OLD, OLD, False, id="the old ids are in it, too: both are meant"),
    ],
)
def test_s14_whether_a_feed_changed_its_ids(new: list[Entry], held: list[Entry], found: bool) -> None:
    there = {one.guid for one in new}
    unknown = [one for one in new if one not in held]
    elsewhere = known_as(unknown, held, there)
    assert flipped(elsewhere, len(new)) is found
    if found:
        assert all(known.partition(":")[2] == guid.partition(":")[2] for guid, known in elsewhere.items())


def test_no_two_are_known_as_the_same() -> None:
    """Two takes of one title: each has its own."""
    held = [entry(guid=f"o{n}", content=content(body="<p>same</p>")) for n in range(2)]
    new = [replace(one, guid=f"n{n}") for n, one in enumerate(held)]
    assert known_as(new, held, ()) == {"n0": "o0", "n1": "o1"}


def test_titles_are_compared_without_what_changes_with_a_system() -> None:
    """Capitals, marks, spaces and quotes."""
    (before, after, other) = (
        entry(guid=guid, content=content(headline=title))
        for guid, title in (("o", "  Hà Nội: 'mở'  cửa! "), ("n", "HA NOI — mo cua"), ("x", "Hà Nội"))
    )
    assert known_as([after, other], [before], ()) == {"n": "o"}
    assert flipped({str(n): "x" for n in range(FEWEST)}, FEWEST)


def test_a_document_is_read_by_the_ids_that_are_known() -> None:
    feed = ParsedFeed("TRC", "en", (entry(guid="n", replaces="m"),), (Tombstone("n", None),), marks=(Mark("a", "n"), Mark("b", "x")))
    read = named(feed, {"n": "o", "m": "p"})
    assert (read.entries[0].guid, read.entries[0].replaces, read.tombstones[0].ref) == ("o", "p", "o")
    assert [mark.guid for mark in read.marks] == ["o", "x"]
    assert named(feed, {}) is feed


def dated(number: int, ids: str) -> str:
    """An entry under another id, whose title and hour stay."""
    hour = f"<published>2026-11-24T07:{number:02}:00Z</published>"
    return entry_xml(number, more=hour).replace("tag:trc.example,2026:", ids)


KNOWN = [dated(number, "tag:trc.example,2026:") for number in range(6)]
CHANGED = [dated(number, "https://trc.example/?p=") for number in range(6)]


def guids(visits: Visits) -> list[str]:
    with visits.database.read() as tx:
        return sorted(item.guid for item in items.newest(tx, "trc-en", 99))


def say(visits: Visits, said: Renaming) -> None:
    with visits.database.write() as tx:
        assert polls.answer(tx, "trc-en", said, NOW)


def test_s14_what_is_new_waits_and_comes_in_under_the_known_ids(visits: Visits) -> None:
    """A correction in it comes in as one; the ids hold from then on, for kills too."""
    visits.serve(feed_xml(*KNOWN), 'ETag: "old"')
    visits.poll()
    late = CHANGED[0].replace("daily", "late")
    visits.serve(feed_xml(late, *CHANGED[1:], entry_xml(50)), 'ETag: "new"')
    poll = visits.poll()
    assert (poll.outcome, poll.counts.new, poll.counts.corrections) == (Outcome.UPDATED, 0, 0)
    assert "7 entries wait" in (poll.note or "")
    assert visits.validators().etag == '"old"'
    with visits.database.read() as tx:
        assert polls.health(tx, "trc-en").flipped_at == NOW
        kept = polls.refused(tx, "trc-en", 99)
    assert [one.kind for one in kept] == [RefusedKind.HELD] * 7
    assert len(guids(visits)) == 6
    # Also what is no more than one new story waits, while nobody has said.
    visits.serve(feed_xml(*KNOWN, entry_xml(51)))
    assert visits.poll().counts.new == 0
    say(visits, Renaming.SAME)
    visits.serve(feed_xml(late, *CHANGED[1:], entry_xml(50)))
    counts = visits.poll().counts
    assert (counts.new, counts.corrections, counts.unchanged) == (1, 1, 5)
    assert len(guids(visits)) == 7
    with visits.database.read() as tx:
        # What left the feed while it waited is there to be read again.
        assert [one.guid for one in polls.refused(tx, "trc-en", 99)] == ["tag:trc.example,2026:51"]
        marks = {mark.guid for mark in polls.known(tx, "trc-en")}
    assert "tag:trc.example,2026:1" in marks
    visits.serve(feed_xml('<at:deleted-entry ref="https://trc.example/?p=1" when="2026-11-24T09:00:00Z"/>', *CHANGED[2:]))
    assert visits.poll().counts.kills == 1
    with visits.database.read() as tx:
        killed = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
    assert killed is not None
    assert killed.state is ReviewState.WITHDRAWN


def test_s14_they_are_taken_as_new_when_someone_says_so(visits: Visits) -> None:
    visits.serve(feed_xml(*KNOWN))
    visits.poll()
    visits.serve(feed_xml(*CHANGED))
    visits.poll()
    say(visits, Renaming.NEW)
    assert visits.poll().counts.new == 6
    assert len(guids(visits)) == 12
    with visits.database.read() as tx:
        assert polls.health(tx, "trc-en").flipped_at is None
        assert polls.refused(tx, "trc-en", 9) == ()


def test_s14_control_without_the_guard_every_story_is_doubled(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "flipped", lambda *_: False)
    visits.serve(feed_xml(*KNOWN))
    visits.poll()
    visits.serve(feed_xml(*CHANGED))
    assert visits.poll().counts.new == 6


@pytest.mark.parametrize("kill", ["tombstone", "status"])
def test_s14_a_kill_does_not_wait(visits: Visits, kill: str) -> None:
    """It takes back what may be the same story, before anybody has said that it is."""
    visits.serve(feed_xml(*KNOWN))
    visits.poll()
    gone = '<pubStatus xmlns="http://iptc.org/std/nar/2006-10-01/">canceled</pubStatus></entry>'
    killed = CHANGED[1].replace("</entry>", gone)
    tombstone = '<at:deleted-entry ref="https://trc.example/?p=1" when="2026-11-24T09:00:00Z"/>'
    visits.serve(feed_xml(*CHANGED))
    visits.poll()
    visits.serve(feed_xml(CHANGED[0], killed, *CHANGED[2:]) if kill == "status" else feed_xml(CHANGED[0], tombstone, *CHANGED[2:]))
    assert visits.poll().counts.kills >= 1
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
    assert item is not None
    assert item.state is ReviewState.WITHDRAWN


def test_s14_nothing_is_replayed_before_someone_has_said(visits: Visits) -> None:
    visits.serve(feed_xml(*KNOWN))
    visits.poll()
    visits.serve(feed_xml(*CHANGED))
    visits.poller.poll("trc-en", NOW + timedelta(hours=1))
    replay = Replay(visits.database, visits.poller.parser, visits.poller.settings)
    with pytest.raises(RefusedError, match="flow ids trc-en"):
        replay.run("trc-en", (), "mai", NOW)
    say(visits, Renaming.SAME)
    done = replay.run("trc-en", (), "mai", NOW + timedelta(hours=2))
    assert len(done) == 6
    assert all((one.counts.new, one.counts.unchanged, one.still) == (0, 1, None) for one in done)
    assert len(guids(visits)) == 6


def test_s14_a_document_that_is_replayed_is_no_way_around_it(visits: Visits) -> None:
    """Refused whole when it came, and read after a fix: its stories wait, as they would have."""
    visits.serve(feed_xml(*KNOWN))
    visits.poll()
    with visits.database.write() as tx:
        whole = refused(at=NOW + timedelta(hours=1), kind=RefusedKind.DOCUMENT, raw=feed_xml(*CHANGED), head=b"", tail=b"")
        polls.keep_refused(tx, (whole,))
    replay = Replay(visits.database, visits.poller.parser, visits.poller.settings)
    (one,) = replay.run("trc-en", (), "mai", NOW + timedelta(hours=2))
    assert one.counts.new == 0
    assert "flow ids" in (one.still or "")
    assert len(guids(visits)) == 6
    with visits.database.read() as tx:
        assert polls.health(tx, "trc-en").flipped_at == NOW + timedelta(hours=2)
        assert [one.kind for one in polls.refused(tx, "trc-en", 99)] == [RefusedKind.HELD] * 6
    say(visits, Renaming.SAME)
    done = replay.run("trc-en", (), "mai", NOW + timedelta(hours=3))
    assert [(one.counts.unchanged, one.still) for one in done] == [(1, None)] * 6
