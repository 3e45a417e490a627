"""A poller with all its real parts, in front of a partner's server that does what a test wants."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.ingest.poll import Poller
from syndication.model.poll import Poll, Validators
from syndication.settings import Settings
from syndication.storage import agreements, items, partners, polls
from syndication.storage.database import Database
from tests.fetch.faulty import Faulty, faulty, reply
from tests.worlds import NOW, agreement, flow, partner

FEED = "/en.atom"
LIMITS = Limits(wire_bytes=1_000_000, body_bytes=1_000_000, connect=0.5, read=0.5, total=0.8, redirects=3)


def entry_xml(number: int, body: str = "Trains run daily.", more: str = "", updated: str = "2026-11-24T07:00:00Z") -> str:
    """One Atom entry, about economy."""
    return (
        f"<entry><id>tag:trc.example,2026:{number}</id><title>Story {number}</title><updated>{updated}</updated>"
        f'<category term="Sport"/><content type="html">&lt;p&gt;{body}&lt;/p&gt;</content>{more}</entry>'
    )


def feed_xml(*entries: str) -> bytes:
    """An Atom feed in English."""
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="en">'
    return f"{head}<id>tag:trc.example,2026:en</id><title>TRC</title>{''.join(entries)}</feed>".encode()


@dataclass
class Visits:
    """TRC's server, our poller, and what it kept."""

    database: Database
    server: Faulty
    poller: Poller

    def serve(self, body: bytes, *headers: str, status: int = 200) -> None:
        self.server.answers[FEED] = reply(status, body, *headers)

    def poll(self) -> Poll:
        return self.poller.poll("trc-en", NOW)

    def wait(self) -> timedelta:
        """Until the next visit."""
        with self.database.read() as tx:
            due_at = polls.health(tx, "trc-en").due_at
        assert due_at is not None
        return due_at - NOW

    def headlines(self) -> list[str]:
        with self.database.read() as tx:
            numbers = (f"tag:trc.example,2026:{number}" for number in range(200))
            known = items.known(tx, "trc-en", tuple(numbers))
        return sorted(one.current.entry.content.headline for one in known.values())

    def validators(self) -> Validators:
        with self.database.read() as tx:
            return polls.last_good(tx, "trc-en")


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    one = Parser(1, 5.0)
    yield one
    one.close()


@pytest.fixture
def visits(database: Database, parser: Parser) -> Iterator[Visits]:
    with faulty() as server:
        settings = Settings(allow={"trc": (f"127.0.0.1/32:{server.port}",)})
        with database.write() as tx:
            partners.take(tx, (partner(),), (replace(flow(), url=server.url(FEED)),), NOW)
            agreements.sign(tx, agreement(), NOW, "test")
        yield Visits(database, server, Poller(database, Client(LIMITS, "test"), parser, settings))
