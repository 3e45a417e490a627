"""D01, D10: the process is killed at any moment; no item is lost, doubled or half kept, and the validators never run ahead of the items."""

import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from syndication.storage import agreements, items, partners, polls
from syndication.storage.database import Database
from tests.ingest.conftest import FEED, entry_xml, feed_xml
from tests.worlds import NOW, agreement, flow, partner

EACH = 3
"""New entries in each document; a document holds the last `WINDOW` of them, so that a visit that is killed loses none."""
WINDOW = 120
CORRECTED_AFTER = 4
LAST = 30
"""Entries looked at after each kill; all of them are at the end."""


def text(number: int, document: int) -> str:
    """What entry `number` says in that document: some documents later it is corrected."""
    return f"entry {number}, take {2 if document >= number // EACH + CORRECTED_AFTER else 1}."


@dataclass
class Growing:
    """A feed that has grown whenever it is asked for. `ETag`: the number of the document."""

    documents: int = 0
    grown: threading.Condition = field(default_factory=threading.Condition)
    port: int = 0

    def next(self) -> tuple[int, bytes]:
        with self.grown:
            self.documents += 1
            self.grown.notify_all()
            now = self.documents
        last = now * EACH
        return now, feed_xml(*(entry_xml(number, text(number, now)) for number in range(max(0, last - WINDOW), last)))


@contextmanager
def growing() -> Iterator[Growing]:
    feed = Growing()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number, body = feed.next()
            self.send_response(200)
            self.send_header("ETag", f'"{number}"')
            self.send_header("Content-Type", "application/atom+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    feed.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield feed
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def faults(database: Database, confirmed: int = 0, looked_at: int | None = None) -> list[str]:
    """Where what is held is not exactly what the document of the validators says, or is older than what was confirmed. `looked_at`: only so
    many of the last entries.
    """
    with database.read() as tx:
        etag = polls.last_good(tx, "trc-en").etag
        document = int(etag.strip('"')) if etag else 0
        first = max(0, document * EACH - looked_at) if looked_at else 0
        expected = {f"tag:trc.example,2026:{number}": number for number in range(first, document * EACH)}
        held = items.known(tx, "trc-en", tuple(f"tag:trc.example,2026:{number}" for number in range(first, document * EACH + WINDOW)))
        found = [f"document {confirmed} was confirmed, and {document} is held"] if document < confirmed else []
        found += [f"{guid} is missing" for guid in expected.keys() - held.keys()]
        found += [f"{guid} is ahead of the validators" for guid in held.keys() - expected.keys()]
        for guid, number in expected.items():
            item = held.get(guid)
            if item is None:
                continue
            if text(number, document) not in item.current.entry.content.body:
                found.append(f"{guid} is not as the document has it")
            if [one.number for one in items.versions(tx, item.id)] != list(range(1, item.current.number + 1)):
                found.append(f"{guid} lacks a version")
            if not items.raw(tx, item.id, item.current.number):
                found.append(f"{guid} lacks its bytes")
    return found


def sound(database_url: str) -> bool:
    """What SQLite finds of its own file."""
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@dataclass
class Child:
    """The poller's mother process, and what was confirmed by her children: the last document that one said it kept."""

    mother: subprocess.Popen[bytes]
    confirmed: int = 0
    confirmations: int = 0

    def start(self) -> int:
        """The pid of another child."""
        assert self.mother.stdin is not None
        self.mother.stdin.write(b"\n")
        self.mother.stdin.flush()
        while True:
            if (pid := self.said()) is not None:
                return pid

    def said(self) -> int | None:
        """Take in one line of the children; a pid is given."""
        assert self.mother.stdout is not None
        word, _, etag = self.mother.stdout.readline().decode().strip().partition(" ")
        if word != "kept":
            return int(word)
        self.confirmations += 1
        self.confirmed = max(self.confirmed, int(etag.strip('"')))
        return None

    def hear(self) -> None:
        """Take in all that was said until now."""
        assert self.mother.stdout is not None
        while select.select([self.mother.stdout], [], [], 0)[0]:
            self.said()


@contextmanager
def polling(database_url: str, feed: Growing, *how: str) -> Iterator[Child]:
    command = [sys.executable, "-m", "tests.ingest.polling_until_killed", database_url, str(feed.port), *how]
    root = Path(__file__).parents[2]
    # Not buffered: what a child said is looked for in the pipe.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=root) as mother:
        try:
            yield Child(mother)
        finally:
            mother.kill()


def killed(database_url: str, feed: Growing, times: int, *, torn: bool = False) -> int:
    """Start the poller and kill it, so many times; returns after how many kills something was wrong, or 0."""
    chance = random.Random(20261124)
    database = Database(database_url)
    with polling(database_url, feed, *(["torn"] if torn else [])) as poller:
        for turn in range(1, times + 1):
            enough = feed.documents + chance.randint(1, 4)
            watch = os.pidfd_open(poller.start())
            with feed.grown:
                # Let it get to work; a torn one may have died before that.
                feed.grown.wait_for(lambda least=enough: feed.documents >= least, timeout=2 if torn else 20)  # type: ignore[misc]
            select.select([watch], [], [], chance.uniform(0, 0.03))
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(watch, signal.SIGKILL)
            select.select([watch], [], [])
            os.close(watch)
            poller.hear()
            if faults(database, poller.confirmed, LAST):
                database.close()
                return turn
        sys.stdout.write(f"{times} kills, {feed.documents} documents asked for, {poller.confirmations} confirmed, none lost or half kept\n")
    database.close()
    return 0


@pytest.fixture
def feed(database: Database) -> Iterator[Growing]:
    with growing() as one:
        with database.write() as tx:
            partners.take(tx, (partner(),), (replace(flow(), url=f"http://127.0.0.1:{one.port}{FEED}"),), NOW)
            agreements.sign(tx, agreement(), NOW, "test")
        yield one


@pytest.fixture
def kills(request: pytest.FixtureRequest, database_url: str) -> int:
    """On PostgreSQL a kill of ours is a closed connection to it: a third of them is enough."""
    asked = int(request.config.getoption("--kills"))
    return asked if database_url.startswith("sqlite") else asked // 3


@pytest.mark.faults
@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_doubled_or_half_kept(
    database_url: str, database: Database, feed: Growing, kills: int
) -> None:
    """What was confirmed is there, what was not is whole or not there, and the file is sound."""
    assert killed(database_url, feed, kills) == 0
    assert faults(database) == []
    with database.read() as tx:
        assert polls.last_good(tx, "trc-en").etag is not None
    assert feed.documents >= kills
    assert not database_url.startswith("sqlite") or sound(database_url)


@pytest.mark.faults
@pytest.mark.slow
def test_a_poller_that_keeps_the_validators_first_is_found_out(database_url: str, feed: Growing, kills: int) -> None:
    """The control: the same kills, the same look."""
    assert killed(database_url, feed, kills, torn=True) > 0
