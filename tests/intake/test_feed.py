"""Our own CMS's feed: what its entries do with our stories, and what happens when it cannot be had."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.errors import ConflictError, FeedError, FetchError, StorageError
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.intake.desk import Newsroom, Taken
from syndication.intake.feed import OwnFeed
from syndication.model.story import Pubstatus, Story
from syndication.settings import Settings
from syndication.storage import publications, stories, submissions
from syndication.storage.database import Database
from tests.fetch.faulty import Faulty, faulty, reply
from tests.web.exchange import NOW, Exchange
from tests.web.exchange import story as entry_of

FEED = "/cms.atom"
LIMITS = Limits(wire_bytes=1_000_000, body_bytes=1_000_000, connect=0.5, read=0.5, total=0.8, redirects=3)


def entry(number: int, title: str = "", more: str = "", updated: str = "07:00:00", guid: str = "") -> str:
    """One entry of our CMS."""
    return (
        f"<entry><id>{guid or f'urn:vna:{number}'}</id><title>{title or f'Story {number}'}</title><updated>2026-11-24T{updated}Z</updated>"
        f'<content type="html">&lt;p&gt;Of rail.&lt;/p&gt;</content>{more}</entry>'
    )


def feed(*entries: str, language: str = 'xml:lang="en"') -> bytes:
    """Its feed."""
    names = f'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" {language}'
    names += ' xmlns:dcterms="http://purl.org/dc/terms/"'
    return f"<feed {names}><id>urn:vna:cms</id><title>VNA</title>{''.join(entries)}</feed>".encode()


@dataclass
class Cms:
    """The server of our CMS, and the visits to it; each a minute after the one before."""

    exchange: Exchange
    server: Faulty
    own: OwnFeed
    visits: int = field(default=0)

    def serve(
        self, *entries: str, status: int = 200, headers: tuple[str, ...] = ("Content-Type: application/atom+xml",), **more: Any
    ) -> None:
        self.server.answers[FEED] = reply(status, feed(*entries, **more) if status == 200 else b"", *headers)

    def visit(self) -> Any:
        self.visits += 1
        return self.own.visit(NOW + timedelta(minutes=self.visits))

    def counts(self) -> dict[Taken, int]:
        report = self.visit()
        assert report is not None
        assert report.refused == ()
        return {what: count for what, count in report.counts.items() if count}

    def story(self, number: int) -> Story:
        with self.exchange.database.read() as tx:
            found = stories.by_uri(tx, f"urn:vna:{number}")
        assert found is not None
        return found


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    one = Parser(1, 5.0)
    yield one
    one.close()


@pytest.fixture
def cms(database: Database, parser: Parser) -> Iterator[Cms]:
    with faulty() as server:
        settings = Settings(allow={"vna": (f"127.0.0.1/32:{server.port}",)})
        exchange = Exchange(database, settings)
        newsroom = Newsroom(database, settings)
        yield Cms(exchange, server, OwnFeed(newsroom, Client(LIMITS, "test"), parser, server.url(FEED), timedelta(minutes=1)))


def test_entries_are_stories_of_our_own_and_their_changes_corrections(cms: Cms) -> None:
    cms.serve(entry(2), entry(1))
    assert cms.counts() == {Taken.ADDED: 2}
    with cms.exchange.database.read() as tx:
        assert {one.stamp.partner for one in publications.of_story(tx, cms.story(1).id)} == {"trc", "azertac"}
    cms.serve(entry(2), entry(1, "Story 1, corrected"))
    assert cms.counts() == {Taken.NOTHING: 1, Taken.CORRECTED: 1}
    assert cms.story(1).current.content.headline == "Story 1, corrected"
    assert cms.story(1).current.made_by == "feed"


def test_an_update_finds_the_take_before_though_the_newest_stands_first(cms: Cms) -> None:
    """One that was never here is not followed: the story comes all the same."""
    replaces = "<dcterms:replaces>urn:vna:{}</dcterms:replaces>"
    cms.serve(entry(2, more=replaces.format(1), updated="07:30:00"), entry(1), entry(4, more=replaces.format(3)))
    assert cms.counts() == {Taken.ADDED: 3}
    assert cms.story(2).evolved_from == cms.story(1).id
    assert cms.story(4).evolved_from is None


def test_a_tombstone_kills_and_what_is_alive_after_it_lives(cms: Cms) -> None:
    cms.serve(entry(1), entry(2), entry(3))
    cms.visit()
    dead = '<at:deleted-entry ref="urn:vna:{}" when="2026-11-24T07:10:00Z"><at:comment>It has not opened.</at:comment></at:deleted-entry>'
    cms.serve(*(dead.format(number) for number in (1, 2, 9)), entry(2, updated="07:20:00"), entry(3))
    assert cms.counts() == {Taken.KILLED: 1, Taken.NOTHING: 3}
    assert (cms.story(1).current.pubstatus, cms.story(1).current.note) == (Pubstatus.CANCELED, "It has not opened.")
    assert cms.story(2).current.pubstatus is Pubstatus.USABLE
    cms.serve(dead.format(1), entry(2, updated="07:21:00"), entry(3))
    assert Taken.KILLED not in cms.counts()


def test_what_leaves_the_feed_stays(cms: Cms) -> None:
    cms.serve(entry(1), entry(2))
    cms.visit()
    cms.serve(entry(2))
    cms.visit()
    assert cms.story(1).current.pubstatus is Pubstatus.USABLE


def test_of_one_id_twice_the_newest_counts_whichever_stands_first(cms: Cms) -> None:
    for number, more in enumerate(("", " ")):
        twice = [entry(1, "Old"), entry(1, "New", updated="07:30:00", more=more)]
        cms.serve(*(reversed(twice) if number else twice))
        cms.visit()
        assert cms.story(1).current.content.headline == "New"
    assert cms.story(1).current.number == 1


def test_what_was_seen_is_asked_for_conditionally_and_not_read_again(cms: Cms) -> None:
    cms.serve(entry(1), headers=('ETag: "v1"',))
    assert cms.visit() is not None
    cms.serve(status=304)
    assert cms.visit() is None
    assert 'If-None-Match: "v1"' in cms.server.asked[-1]
    cms.serve(entry(1))
    assert cms.visit() is None


def test_it_is_visited_when_it_is_due_and_by_one(cms: Cms) -> None:
    cms.serve(entry(1))
    assert cms.own.visit(NOW) is not None
    assert cms.own.visit(NOW + timedelta(seconds=59)) is None
    assert cms.own.visit(NOW + timedelta(seconds=60)) is None
    assert len(cms.server.asked) == 2


def test_a_failure_is_waited_out_ever_longer(cms: Cms) -> None:
    cms.serve(status=500)
    for minutes, visited in ((0, True), (1, True), (2, False), (3, True), (6, False), (7, True)):
        before = cms.server.connections
        if visited:
            with pytest.raises(FetchError):
                cms.own.visit(NOW + timedelta(minutes=minutes))
        else:
            assert cms.own.visit(NOW + timedelta(minutes=minutes)) is None
        assert (cms.server.connections > before) == visited


def test_of_an_ill_formed_document_nothing_is_taken(cms: Cms) -> None:
    """Our own CMS can mend it; a partner's is read as far as it can be."""
    cms.server.answers[FEED] = reply(200, feed(entry(1), entry(2, "A & B")), "Content-Type: application/atom+xml")
    with pytest.raises(FeedError, match="ill-formed"):
        cms.visit()
    with cms.exchange.database.read() as tx:
        assert stories.by_uri(tx, "urn:vna:1") is None


def test_what_cannot_be_a_story_of_ours_is_refused_and_the_rest_taken(cms: Cms) -> None:
    """What this server gave out itself is not taken for what our newsroom writes; nor what says no language."""
    cms.serve(entry(1, guid="tag:vna.example,2026:s_1"), entry(2), language="")
    assert {guid: why.split(":")[0] for guid, why in cms.visit().refused} == {
        "tag:vna.example,2026:s_1": "this entry was given out by this server",
        "urn:vna:2": "neither the entry nor the feed says its language",
    }
    cms.serve(entry(2), entry(3))
    cms.visit()
    newsroom = cms.own.newsroom
    newsroom.kill("urn:vna:2", "wrong", "mai", NOW)
    cms.serve(entry(2, "Again"), entry(3, "Three"))
    report = cms.visit()
    assert "final" in dict(report.refused)["urn:vna:2"]
    assert report.counts[Taken.CORRECTED] == 1


def test_a_partners_story_of_that_id_is_another(cms: Cms) -> None:
    """The uri is our newsroom's; what a partner calls so is an item."""
    cms.exchange.receive(replace(entry_of(), guid="urn:vna:1"))
    cms.serve(entry(1))
    assert cms.counts() == {Taken.ADDED: 1}


def test_a_visit_that_broke_off_is_made_again(cms: Cms, monkeypatch: pytest.MonkeyPatch) -> None:
    cms.serve(entry(1), entry(2), headers=('ETag: "v1"',))
    record = submissions.record
    done: list[int] = []

    def full(*args: Any) -> None:
        if done:
            raise StorageError("the disk is full")
        done.append(1)
        record(*args)

    with monkeypatch.context() as patched:
        patched.setattr(submissions, "record", full)
        with pytest.raises(StorageError):
            cms.visit()
    assert cms.counts() == {Taken.NOTHING: 1, Taken.ADDED: 1}
    assert "If-None-Match" not in cms.server.asked[-1]


def test_a_visit_that_was_overtaken_takes_nothing_more(cms: Cms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its document is older. The control: the visit that overtook it took the newer one, which stands."""
    cms.serve(entry(1, "Old"))
    read = OwnFeed._read

    def slow(self: OwnFeed, *args: Any) -> Any:
        found = read(self, *args)
        if not cms.visits:
            cms.visits = 2
            cms.serve(entry(1, "New", updated="07:30:00"))
            cms.visit()
        return found

    monkeypatch.setattr(OwnFeed, "_read", slow)
    with pytest.raises(ConflictError, match="visited again"):
        cms.own.visit(NOW)
    assert cms.story(1).current.content.headline == "New"
    assert cms.visit() is None


def test_nobody_else_may_be_reached_there(cms: Cms) -> None:
    """The guard stands before it as before a partner's: what is opened for a partner is not opened for us, and the other way round."""
    other = replace(cms.own.newsroom, settings=Settings(allow={"trc": cms.exchange.settings.allow["vna"]}))
    with pytest.raises(FetchError):
        replace(cms.own, newsroom=other).visit(NOW)
    assert cms.server.connections == 0


def test_it_is_told_in_the_log(cms: Cms) -> None:
    cms.serve(entry(1), entry(2, guid="tag:vna.example,2026:s_1"))
    cms.own.tick(NOW)
    cms.own.tick(NOW)
    assert cms.story(1).current.number == 1
