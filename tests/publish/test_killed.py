"""D03: killed between commit and push, and between push and mark: every subscriber sees every version at least once, by its id once."""

import json
import os
import random
import select
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import sqlalchemy

from syndication.identity import new_id
from syndication.model.subscription import Means, Subscription
from syndication.publish.pusher import Pusher
from syndication.storage import publications, schema, stories, subscriptions
from syndication.storage.database import Database
from tests.publish.pushing_until_killed import pushing
from tests.publish.pushing_until_killed import work as push_all
from tests.publish.subscriber import sealed
from tests.web.exchange import Exchange

KILLS = 100


@dataclass
class Receiver:
    """Keeps, by path, the id and the headline of all that it took."""

    port: int = 0
    got: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0
    more: threading.Condition = field(default_factory=threading.Condition)

    def take(self, path: str, identity: str, body: bytes) -> None:
        with self.more:
            self.got[path].append((identity, str(json.loads(body)["data"]["headlines"][0]["value"])))
            self.count += 1
            self.more.notify_all()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.take(self.path, self.headers["webhook-id"], body)
            with suppress(OSError):
                self.send_response(204)
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver(database: Database) -> Iterator[Receiver]:
    """Two subscribers to each of two partners' flows."""
    exchange = Exchange(database)
    with receiving() as one:
        for partner in ("trc", "azertac"):
            exchange.token(partner)
            for number in range(2):
                url = f"http://127.0.0.1:{one.port}/{partner}/{number}"
                names = (new_id("sub"), Means.WEBHOOK, partner, f"to-{partner}", "ninjs", url, f"t_{partner}")
                with database.write() as tx:
                    subscriptions.start(tx, Subscription(*names, exchange.clock(), secret=sealed("whsec_" + "c2VjcmV0" * 5)))
        yield one


def killed(database_url: str, receiver: Receiver, times: int, *, torn: bool = False) -> None:
    """Start it and let it die, so many times: a third each by its own hand after a commit and after a push, and at any moment."""
    chance = random.Random(20261125)
    command = [sys.executable, "-m", "tests.publish.pushing_until_killed", database_url, str(receiver.port), *(["torn"] if torn else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as mother:
        assert mother.stdin is not None
        assert mother.stdout is not None
        for turn in range(times):
            kind = "push" if torn else ("commit", "push", "any")[turn % 3]
            enough = receiver.count + chance.randint(1, 9)
            mother.stdin.write(f"{kind} {chance.randint(1, 2) if kind == 'commit' else chance.randint(1, 8)}\n")
            mother.stdin.flush()
            child = int(mother.stdout.readline())
            watch = os.pidfd_open(child)
            if kind == "any":
                with receiver.more:
                    receiver.more.wait_for(lambda least=enough: receiver.count >= least, timeout=20)  # type: ignore[misc]
                select.select([watch], [], [], chance.uniform(0, 0.02))
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(watch, signal.SIGKILL)
            assert select.select([watch], [], [], 30)[0], "it did not die"
            os.close(watch)
        mother.stdin.close()


def faults(database: Database, receiver: Receiver) -> list[str]:
    """What is wrong with what each of the four got, once a pusher that lives has sent what was left."""
    push_all(pushing(database, receiver.port, Pusher, lambda: datetime(2026, 11, 25, 8, tzinfo=UTC)))
    found: list[str] = []
    with database.read() as tx:
        names = tx.rows(sqlalchemy.select(schema.publications.c.story).distinct())
        placed = sorted((one for row in names for one in publications.of_story(tx, row.story)), key=lambda one: one.sequence)
        said = {(name, one.number): one.content.headline for name in {one.story for one in placed} for one in stories.versions(tx, name)}
    for partner in ("trc", "azertac"):
        expected = [said[one.story, one.version] for one in placed if one.flow == f"to-{partner}"]
        for number in range(2):
            got = receiver.got[f"/{partner}/{number}"]
            once = dict(got)
            if sorted(once.values()) != sorted(expected):
                found.append(f"{partner}/{number}: {len(once)} ids, {len(expected)} versions")
            if len(set(got)) != len(once):
                found.append(f"{partner}/{number}: an id stands for two")
            if list(once.values()) != expected:
                found.append(f"{partner}/{number}: not in order")
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_any_moment_every_subscriber_sees_every_version(database_url: str, database: Database, receiver: Receiver) -> None:
    # The same program on the other database: a third of them shows that it holds there too.
    times = KILLS if database_url.startswith("sqlite") else KILLS // 3
    killed(database_url, receiver, times)
    assert faults(database, receiver) == []
    assert receiver.count > times
    # The control of the kills: some did come between push and mark, so that something came twice.
    assert any(len(got) > len(dict(got)) for got in receiver.got.values())


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_pusher_that_marks_first_is_found_out(database_url: str, database: Database, receiver: Receiver) -> None:
    """The control: kills between mark and push, the same look."""
    killed(database_url, receiver, 10, torn=True)
    assert faults(database, receiver) != []
