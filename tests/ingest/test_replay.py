"""What was refused is read again after a fix: on the path of a poll, once, and never over anything newer."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.errors import FeedError, NotFoundError, StorageError
from syndication.feeds.incoming import read
from syndication.ingest import replay as replaying
from syndication.ingest import taking
from syndication.ingest.replay import Replay, Replayed
from syndication.model.entry import Frame, ParsedFeed
from syndication.model.item import ReviewState
from syndication.model.partner import FlowState
from syndication.model.poll import Outcome, RefusedKind
from syndication.storage import agreements, events, items, partners, polls
from tests.ingest.conftest import FEED, Visits, entry_xml, feed_xml
from tests.worlds import NOW, agreement, flow, grant, partner, refused

HOUR = timedelta(hours=1)
FRENCH = entry_xml(2, "Les trains").replace("<entry>", '<entry xml:lang="fr">')
ID = "tag:trc.example,2026:"


def replay(visits: Visits, *numbers: int, now: timedelta = 3 * HOUR) -> tuple[Replayed, ...]:
    return Replay(visits.database, visits.poller.parser, visits.poller.settings).run("trc-en", numbers, "mai", NOW + now)


def kept(visits: Visits) -> list[tuple[RefusedKind, str | None]]:
    with visits.database.read() as tx:
        return [(one.kind, one.guid) for one in polls.refused(tx, "trc-en", 99)]


def french_is_granted(visits: Visits) -> None:
    with visits.database.write() as tx:
        both = replace(agreement(), version=2, grants=(grant(languages=("en", "fr")),))
        agreements.sign(tx, both, NOW, "test")
        partners.take(tx, (partner(),), (flow(url=visits.server.url(FEED), languages=("en", "fr")),), NOW)


def test_what_the_agreement_refused_comes_in_once_it_may(visits: Visits) -> None:
    """Though it left the feed long ago; by itself, with what stood around it, and not twice."""
    visits.serve(feed_xml(entry_xml(1), FRENCH, entry_xml(3)))
    assert visits.poll().counts.refused == 1
    assert kept(visits) == [(RefusedKind.AGREEMENT, f"{ID}2")]
    visits.serve(feed_xml(entry_xml(9)))
    visits.poll()
    (one,) = replay(visits)
    assert one.still is not None
    assert "language" in one.still
    assert visits.headlines() == ["Story 1", "Story 3", "Story 9"]
    french_is_granted(visits)
    (one,) = replay(visits)
    assert (one.title, one.counts.new, one.older, one.still) == ("Story 2", 1, 0, None)
    assert visits.headlines() == ["Story 1", "Story 2", "Story 3", "Story 9"]
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", f"{ID}2")
        assert item is not None
        assert items.raw(tx, item.id, 1) == FRENCH.encode()
        assert events.events(tx, 1)[0].act == "replayed what was refused"
    assert (kept(visits), replay(visits)) == ([], ())


def test_what_comes_in_by_a_poll_is_no_refusal_any_more(visits: Visits) -> None:
    visits.serve(feed_xml(FRENCH, entry_xml(3)))
    visits.poll()
    french_is_granted(visits)
    visits.poll()
    assert kept(visits) == []


def test_a_document_that_was_refused_whole(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fix of ours it is read as if it had just come; what is still refused of it is kept for itself."""
    whole = feed_xml(entry_xml(1), FRENCH)

    def broken(*_: object, **__: object) -> ParsedFeed:
        raise FeedError("the parser breaks on this document")

    with monkeypatch.context() as patch:
        patch.setattr(type(visits.poller.parser), "parse", broken)
        visits.serve(whole)
        assert visits.poll().outcome is Outcome.FAILED
        assert visits.poll().outcome is Outcome.FAILED
        assert kept(visits) == [(RefusedKind.DOCUMENT, None)]
        (one,) = replay(visits)
        assert one.still == "the parser breaks on this document"
    with visits.database.read() as tx:
        (number,) = polls.refused_numbers(tx, "trc-en")
        found = polls.refused_whole(tx, "trc-en", number)
    assert found is not None
    assert (found.raw, found.at, found.url) == (whole, NOW, visits.server.url(FEED))
    (one,) = replay(visits, number)
    assert (one.counts.new, one.counts.refused) == (1, 1)
    assert visits.headlines() == ["Story 1"]
    assert kept(visits) == [(RefusedKind.AGREEMENT, f"{ID}2")]


def refuse(visits: Visits, body: bytes, at: timedelta = timedelta(0)) -> None:
    """That document, as one that was refused then."""
    from_server = visits.server.url(FEED)
    with visits.database.write() as tx:
        told = refused(at=NOW + at, kind=RefusedKind.DOCUMENT, raw=body, head=b"", tail=b"", url=from_server)
        polls.keep_refused(tx, (told,))


@pytest.mark.parametrize("updated", ["2026-11-24T07:00:00Z", "2026-11-24T07:59:00Z"], ids=["older by its date", "newer by its date"])
def test_nothing_newer_is_overwritten(visits: Visits, updated: str) -> None:
    """What came later is newer, whatever the dates say."""
    refuse(visits, feed_xml(entry_xml(1, "Trains are late.", updated=updated), entry_xml(2)))
    visits.serve(feed_xml(entry_xml(1, "Trains run hourly.", updated="2026-11-24T07:30:00Z")))
    visits.poller.poll("trc-en", NOW + HOUR)
    (one,) = replay(visits)
    assert (one.counts.new, one.counts.corrections, one.older, one.still) == (1, 0, 1, None)
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", f"{ID}1")
    assert item is not None
    assert "hourly" in item.current.entry.content.body


def test_control_without_the_rule_it_would_be(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "_not_older", lambda _tx, feed, *_: feed)
    refuse(visits, feed_xml(entry_xml(1, "Trains are late.", updated="2026-11-24T07:59:00Z")))
    visits.serve(feed_xml(entry_xml(1, "Trains run hourly.", updated="2026-11-24T07:30:00Z")))
    visits.poller.poll("trc-en", NOW + HOUR)
    (one,) = replay(visits)
    assert one.counts.corrections == 1


def test_of_two_refusals_the_newest_is_taken(visits: Visits) -> None:
    refuse(visits, feed_xml(entry_xml(1, "First."), entry_xml(2)))
    refuse(visits, feed_xml(entry_xml(1, "Second.")), HOUR)
    newest, oldest = replay(visits)
    assert (newest.counts.new, oldest.counts.new, oldest.older) == (1, 1, 1)
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", f"{ID}1")
    assert item is not None
    assert (item.current.number, "Second" in item.current.entry.content.body) == (1, True)


def test_a_kill_in_it_holds_and_nothing_is_revived(visits: Visits) -> None:
    """However old it is, and whatever came after it; and what was killed meanwhile does not come in (S10, S11)."""
    tombstone = f'<at:deleted-entry ref="{ID}1" when="2026-11-24T07:50:00Z"/>'
    refuse(visits, feed_xml(tombstone, entry_xml(2)))
    visits.serve(feed_xml(entry_xml(1), f'<at:deleted-entry ref="{ID}2" when="2026-11-24T07:50:00Z"/>'))
    visits.poller.poll("trc-en", NOW + HOUR)
    (one,) = replay(visits)
    assert (one.counts.kills, one.counts.new, one.still) == (1, 0, None)
    with visits.database.read() as tx:
        item = items.by_guid(tx, "trc-en", f"{ID}1")
        assert items.by_guid(tx, "trc-en", f"{ID}2") is None
    assert item is not None
    assert item.state is ReviewState.WITHDRAWN
    assert kept(visits) == []


def test_on_a_flow_that_is_stopped_nothing_comes_in(visits: Visits) -> None:
    refuse(visits, feed_xml(entry_xml(1)))
    with visits.database.write() as tx:
        partners.take(tx, (partner(),), (flow(url=visits.server.url(FEED), state=FlowState.PAUSED),), NOW)
    (one,) = replay(visits)
    assert (one.counts.new, one.counts.refused) == (0, 1)
    assert kept(visits) == [(RefusedKind.AGREEMENT, f"{ID}1")]


def test_cut_off_half_way_it_is_begun_again(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large document comes in by parts; what came in is left as it is, and the refusal stays until the last of them."""
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    refuse(visits, feed_xml(*(entry_xml(number) for number in range(5))))
    real, left = taking.take, [2]

    def full(*given: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise StorageError("the disk is full")
        return real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(replaying, "take", full)
        with pytest.raises(StorageError):
            replay(visits)
    assert (len(visits.headlines()), len(kept(visits))) == (4, 1)
    (one,) = replay(visits, now=4 * HOUR)
    assert (one.counts.new, one.older, one.still) == (1, 4, None)
    assert (len(visits.headlines()), len(kept(visits))) == (5, 0)


def test_one_that_cannot_be_read_by_itself_says_so(visits: Visits) -> None:
    """Of an ill-formed document its entries cannot be told for sure."""
    visits.serve(feed_xml(FRENCH, entry_xml(1, "c & d")))
    assert visits.poll().note
    (one,) = replay(visits)
    assert one.still is not None
    assert "by itself" in one.still
    assert len(kept(visits)) == 1


def test_a_refusal_or_a_flow_that_is_not_there(visits: Visits) -> None:
    with pytest.raises(NotFoundError, match="flow refused trc-en"):
        replay(visits, 7)
    with pytest.raises(NotFoundError, match="no inbound flow"):
        Replay(visits.database, visits.poller.parser, visits.poller.settings).run("trc", (), "mai", NOW)


ITEM = "<item><guid>g{0}</guid><title>Новость {0}</title><description>d</description></item>"
RSS = '<?xml version="1.0" encoding="{1}"?><rss version="2.0"><channel><title>TRC</title>{0}<language>ru</language></channel></rss>'
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="c">'
    "<title>TRC</title></channel>{}</rdf:RDF>"
)
RDF_ITEM = '<item rdf:about="g{0}"><title>Story {0}</title><link>https://trc.example/{0}</link></item>'
JSON_ITEMS = [{"id": f"g{n}", "title": f"Story {n}", "content_text": "Text."} for n in range(3)]
NINJS = [{"uri": f"g{n}", "headline": f"Story {n}", "body_text": "Text.", "language": "en"} for n in range(3)]
G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" standard="NewsML-G2" standardversion="2.35" guid="g{0}" version="1"><itemMeta/>'
    '<contentMeta><headline>Story {0}</headline><language tag="en"/></contentMeta><contentSet><inlineXML><html '
    'xmlns="http://www.w3.org/1999/xhtml"><body><p>Text.</p></body></html></inlineXML></contentSet></newsItem>'
)
MESSAGE = '<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>{}</itemSet></newsMessage>'


def three(form: str) -> str:
    return "".join(form.format(number) for number in range(3))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(feed_xml(*(entry_xml(number) for number in range(3))), None, id="Atom"),
        pytest.param(RSS.format(three(ITEM), "utf-8").encode(), "application/rss+xml", id="RSS"),
        pytest.param(RSS.format(three(ITEM), "windows-1251").encode("cp1251"), "text/xml", id="in an encoding of one byte a letter"),
        pytest.param(RSS.format(three(ITEM), "utf-8").encode("cp1251"), "text/xml; charset=windows-1251", id="of which HTTP alone tells"),
        pytest.param(RSS.format(three(ITEM), "utf-16").encode("utf-16"), "text/xml", id="in UTF-16"),
        pytest.param(RDF.format(three(RDF_ITEM)).encode(), None, id="RSS 1.0"),
        pytest.param(
            json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": JSON_ITEMS, "hubs": []}).encode(),
            "application/feed+json",
            id="JSON Feed",
        ),
        pytest.param(json.dumps(NINJS).encode(), "application/json", id="ninjs, a list"),
        pytest.param(json.dumps(NINJS[1]).encode(), "application/json", id="ninjs, one"),
        pytest.param(MESSAGE.format(three(G2)).encode(), "application/xml", id="NewsML-G2"),
    ],
)
def test_an_entry_and_what_is_around_it_are_a_document(body: bytes, content_type: str | None) -> None:
    """In which it says what it said in the whole."""
    whole = read(body, content_type=content_type, base_url="https://trc.example/feed", language="en", now=NOW)
    assert whole.entries
    frame = whole.frame
    assert isinstance(frame, Frame)
    for entry in whole.entries:
        alone = frame.head + entry.raw + frame.tail
        (again,) = read(alone, content_type=frame.content_type, base_url="https://trc.example/feed", language="en", now=NOW).entries
        assert (again.guid, again.content, again.pubstatus) == (entry.guid, entry.content, entry.pubstatus)
