"""The program of `test_killed`: a poller that visits its flow again and again, until someone kills it.

    python -m tests.ingest.polling_until_killed DATABASE PORT [torn] [NORMAL | OFF]

It imports everything once and then, for each line on its standard input, forks a child that polls, and prints the child's pid: so fifty
kills cost fifty forks, and not fifty starts of Python. A child prints `kept ETAG` when a poll has said that it is kept. `torn`, and
SQLite's `synchronous` set to what it must not be, are for the controls.
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from syndication.feeds.parse import parse
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.ingest.poll import Brief, Poller, Visit
from syndication.ingest.taking import take
from syndication.model.entry import Mark, ParsedFeed
from syndication.model.poll import Lease, Outcome, Poll
from syndication.settings import Settings
from syndication.storage import database as storage
from syndication.storage.database import Database

LIMITS = Limits(wire_bytes=1_000_000, body_bytes=1_000_000, connect=2, read=2, total=5, redirects=0)


class ParserHere(Parser):
    """Parses in this process: a child that is killed within milliseconds has no time to start another."""

    def parse(
        self, body: bytes, *, content_type: str | None, base_url: str, language: str, now: datetime, known: Sequence[Mark] = ()
    ) -> ParsedFeed:
        """As the parser in its own process does."""
        return parse(body, content_type=content_type, base_url=base_url, language=language, now=now, known=known)


class TornPoller(Poller):
    """A poller as it must not be: it keeps the validators first and the items after them, and now and then dies between. The control."""

    def _keep(self, brief: Brief, visit: Visit, now: datetime, lease: Lease | None) -> Poll:
        poll = Poll(brief.flow.id, now, now, Outcome.UPDATED, visit.validators)
        with self.database.write() as tx:
            self._write(tx, brief, poll, lease)
        if now.microsecond % 3 == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        with self.database.write() as tx:
            if visit.feed is not None:
                take(tx, visit.feed, brief.flow, brief.partner, self.settings, now)
        return poll


def poll_for_ever(database: str, port: int, kind: type[Poller]) -> None:
    """Visit `trc-en`, again and again."""
    settings = Settings(allow={"trc": (f"127.0.0.1/32:{port}",)})
    poller = kind(Database(database), Client(LIMITS, "test"), ParserHere(0), settings)
    while True:
        poll = poller.poll("trc-en", datetime.now(UTC))
        os.write(1, f"kept {poll.validators.etag}\n".encode())


def careless(level: str) -> None:
    """SQLite waits for the disk less than it has to."""
    opened = storage._open_sqlite

    def open_carelessly(connection: sqlite3.Connection, _record: object) -> None:
        opened(connection, _record)
        connection.execute(f"PRAGMA synchronous = {level}")

    storage._open_sqlite = open_carelessly


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for argument in sys.argv[3:]:
        if argument in ("NORMAL", "OFF"):
            careless(argument)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            poll_for_ever(sys.argv[1], int(sys.argv[2]), TornPoller if "torn" in sys.argv[3:] else Poller)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
