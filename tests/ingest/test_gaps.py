"""What passed between two polls: older pages are read until something known is there; where there are none, a person is told (wire 44)."""

from datetime import timedelta

import pytest

from syndication.ingest.gaps import MOST_PAGES, before, joined, meets, same_host
from syndication.model.entry import FeedLinks, Mark, ParsedFeed, Tombstone, Unreadable
from syndication.model.poll import Outcome, Poll
from syndication.storage import polls
from tests.fetch.faulty import redirect, reply
from tests.ingest.conftest import FEED, Visits, entry_xml, feed_xml
from tests.worlds import entry

HERE = "https://feeds.trc.example/en.atom"


def feed(*guids: str, links: FeedLinks = FeedLinks(), same: tuple[Mark, ...] = ()) -> ParsedFeed:  # noqa: B008
    return ParsedFeed("TRC", "en", tuple(entry(guid=guid) for guid in guids), links=links, same=same)


@pytest.mark.parametrize(
    ("document", "met"),
    [
        pytest.param(feed("c", "d"), False, id="nothing known"),
        pytest.param(feed("c", "b"), True, id="one known"),
        pytest.param(feed("c", same=(Mark("0", "a"),)), True, id="one known to the byte"),
        pytest.param(feed(), True, id="no entries: there was nothing"),
        pytest.param(feed("c", links=FeedLinks(complete=True)), True, id="complete: what is not in it is not in the feed"),
    ],
)
def test_wire_44_whether_there_is_a_gap(document: ParsedFeed, met: bool) -> None:
    assert meets(document, {"a", "b"}) is met


@pytest.mark.parametrize(
    ("links", "page"),
    [
        pytest.param(FeedLinks(prev_archive="https://feeds.trc.example/1"), "https://feeds.trc.example/1", id="an archive"),
        pytest.param(FeedLinks(next_page="https://feeds.trc.example/p2"), "https://feeds.trc.example/p2", id="a page"),
        pytest.param(
            FeedLinks(prev_archive="https://feeds.trc.example/1", next_page="https://feeds.trc.example/p2"),
            "https://feeds.trc.example/1",
            id="the archive first",
        ),
        pytest.param(FeedLinks(), None, id="none"),
        pytest.param(FeedLinks(prev_archive=HERE), None, id="itself"),
        pytest.param(FeedLinks(prev_archive=f"{HERE}#older"), None, id="itself, by a fragment"),
        pytest.param(FeedLinks(prev_archive="https://feeds.trc.example/0"), None, id="one we were at"),
        pytest.param(FeedLinks(prev_archive="https://other.example/1"), None, id="another host"),
        pytest.param(FeedLinks(prev_archive="http://feeds.trc.example/1"), None, id="in the clear"),
        pytest.param(FeedLinks(prev_archive="https://feeds.trc.example:8443/1"), None, id="another port"),
        pytest.param(FeedLinks(current="https://feeds.trc.example/now"), None, id="what is newer"),
    ],
)
def test_wire_44_s24_where_the_older_page_is(links: FeedLinks, page: str | None) -> None:
    assert before(feed(links=links), HERE, {HERE, "https://feeds.trc.example/0"}) == page


def test_of_an_entry_in_both_the_newer_document_says_how_it_is() -> None:
    old = entry(guid="a", rights="as it was")
    older = ParsedFeed("TRC", "en", (old, entry(guid="b"), entry(guid="s")), (Tombstone("x", None),), (Unreadable("u", "r", b""),))
    newer = feed("a", same=(Mark("0", "s"),))
    whole = joined(newer, older)
    assert whole.entries == (*newer.entries, entry(guid="b"))
    assert (whole.tombstones, whole.unreadable, whole.marks) == (older.tombstones, older.unreadable, newer.marks)


def test_same_host() -> None:
    assert same_host(HERE, "https://feeds.trc.example/other?x")
    assert not same_host(HERE, "https://trc.example/en.atom")


def link(rel: str, href: str) -> str:
    return f'<link rel="{rel}" href="{href}"/>'


def numbered(*numbers: int, more: str = "") -> bytes:
    """A document with these entries, and links in its head."""
    return feed_xml(more, *(entry_xml(number) for number in numbers))


def missed(visits: Visits) -> bool:
    with visits.database.read() as tx:
        return polls.health(tx, "trc-en").missed_at is not None


def asked(visits: Visits) -> list[str]:
    return [head.split(" ")[1] for head in visits.server.asked]


def after_a_gap(visits: Visits, newest: bytes, **pages: bytes) -> Poll:
    """1 and 2 are known; then the document is `newest`, and the pages are at their names."""
    visits.serve(numbered(1, 2))
    assert visits.poll().counts.new == 2
    visits.server.asked.clear()
    for name, body in pages.items():
        visits.server.answers[f"/{name}"] = reply(200, body)
    visits.serve(newest)
    return visits.poll()


@pytest.mark.parametrize("rel", ["prev-archive", "next"])
def test_wire_44_older_pages_are_read_until_something_known_is_there(visits: Visits, rel: str) -> None:
    poll = after_a_gap(
        visits,
        numbered(8, 7, more=link(rel, "/a")),
        a=numbered(6, 5, more=link(rel, "/b")),
        b=numbered(4, 3, 2, more=link(rel, "/c")),
        c=numbered(1),
    )
    assert asked(visits) == [FEED, "/a", "/b"]
    assert (poll.outcome, poll.counts.new, poll.counts.unchanged) == (Outcome.UPDATED, 6, 1)
    assert visits.headlines() == [f"Story {number}" for number in range(1, 9)]
    assert "older pages were read, 2 of them" in (poll.note or "")
    assert not missed(visits)
    visits.server.asked.clear()
    assert visits.poll().outcome is Outcome.UNCHANGED
    assert asked(visits) == [FEED]


def test_wire_44_where_something_known_is_there_no_page_is_read(visits: Visits) -> None:
    """The control: also where it was changed meanwhile."""
    changed = feed_xml(link("next", "/a"), entry_xml(3), entry_xml(2, body="Otherwise.", updated="2026-11-24T07:30:00Z"))
    poll = after_a_gap(visits, changed, a=numbered(1))
    assert asked(visits) == [FEED]
    assert (poll.counts.new, poll.note, missed(visits)) == (1, None, False)


def test_wire_44_without_older_pages_it_may_have_missed_and_comes_sooner(visits: Visits) -> None:
    poll = after_a_gap(visits, numbered(8, 7))
    assert (poll.outcome, poll.counts.new) == (Outcome.UPDATED, 2)
    assert "may have missed stories" in (poll.note or "")
    assert missed(visits)
    assert timedelta(minutes=7.5) <= visits.wait() <= timedelta(minutes=8.25)
    visits.serve(numbered(9, 8))
    assert visits.poll().note is None
    assert timedelta(minutes=15) <= visits.wait() <= timedelta(minutes=16.5)


def test_wire_44_s24_no_more_than_five_pages(visits: Visits) -> None:
    pages = {f"p{number}": numbered(10 + number, more=link("next", f"/p{number + 1}")) for number in range(9)}
    poll = after_a_gap(visits, numbered(9, more=link("next", "/p0")), **pages)
    assert asked(visits) == [FEED, *(f"/p{number}" for number in range(MOST_PAGES))]
    assert poll.counts.new == 1 + MOST_PAGES
    assert "may have missed stories" in (poll.note or "")


@pytest.mark.parametrize("back", [FEED, "/a", "/b"])
def test_wire_44_s24_pages_that_go_round_in_a_circle_end(visits: Visits, back: str) -> None:
    poll = after_a_gap(
        visits, numbered(9, more=link("next", "/a")), a=numbered(8, more=link("next", "/b")), b=numbered(7, more=link("next", back))
    )
    assert asked(visits) == [FEED, "/a", "/b"]
    assert poll.counts.new == 3
    assert missed(visits)


def test_wire_44_a_page_that_fails_costs_nothing_of_the_others(visits: Visits) -> None:
    poll = after_a_gap(visits, numbered(9, more=link("next", "/a")), a=numbered(8, more=link("next", "/nowhere")))
    assert (poll.outcome, poll.counts.new) == (Outcome.UPDATED, 2)
    assert "404" in (poll.note or "")
    assert missed(visits)


def test_wire_44_a_page_that_leads_elsewhere_is_not_taken(visits: Visits) -> None:
    """Through the guard, and then by its host."""
    visits.server.answers["/away"] = redirect(visits.server.url("/b", host="localhost"))
    visits.server.answers["/b"] = reply(200, numbered(8))
    poll = after_a_gap(visits, numbered(9, more=link("next", "/away")))
    assert (poll.counts.new, missed(visits)) == (1, True)
    assert "leads to another host" in (poll.note or "")


def test_wire_44_a_kill_in_the_newest_document_holds_for_the_older_pages(visits: Visits) -> None:
    dead = '<at:deleted-entry ref="tag:trc.example,2026:8" when="2026-11-24T07:30:00Z"/>'
    poll = after_a_gap(visits, numbered(9, more=link("next", "/a") + dead), a=numbered(8, 2))
    assert poll.counts.kills == 1
    assert visits.headlines() == ["Story 1", "Story 2", "Story 9"]


def test_wire_44_what_was_refused_before_is_known_too(visits: Visits) -> None:
    """No mark is kept of it, and there is no gap where it is still there."""
    foreign = entry_xml(3).replace("<entry>", '<entry xml:lang="fr">')
    visits.serve(feed_xml(foreign, entry_xml(1)))
    assert visits.poll().counts.refused == 1
    visits.serve(feed_xml(entry_xml(9), foreign))
    visits.poll()
    assert not missed(visits)
    visits.serve(feed_xml(entry_xml(10), foreign.replace("2026:3<", "2026:4<")))
    visits.poll()
    assert missed(visits)
