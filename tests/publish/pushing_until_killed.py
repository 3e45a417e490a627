"""The program of `test_killed`: it publishes a story and pushes what is due, again and again, and is killed at a moment it was told.

    python -m tests.publish.pushing_until_killed DATABASE PORT [torn]

It imports everything once and then, for each line on its standard input, forks a child and prints its pid. The line says when the child
dies: `commit N`, by its own hand after the N-th commit and before any push of it; `push N`, after the N-th push and before it is marked;
`any`, when someone kills it.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import structlog

from syndication.fetch.client import Client, Limits
from syndication.fetch.guard import Guard
from syndication.identity import entry_id, new_id
from syndication.model.story import Story
from syndication.publish.pusher import Pusher, _Parcel
from syndication.publish.release import release
from syndication.settings import Settings
from syndication.storage import stories, subscriptions
from syndication.storage.database import Database, Transaction
from tests.publish.subscriber import KEY
from tests.worlds import content, story_version

LIMITS = Limits(wire_bytes=65_536, body_bytes=65_536, connect=2, read=2, total=5, redirects=0)
LEASE = 30


def die() -> None:
    """As if someone had pulled the plug."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingPusher(Pusher):
    """Dies after so many pushes, before the last of them is marked."""

    left = 0

    def _taken(self, tx: Transaction, parcel: Any, now: datetime) -> None:
        if DyingPusher.left:
            DyingPusher.left -= 1
            if not DyingPusher.left:
                die()
        super()._taken(tx, parcel, now)


class TornPusher(DyingPusher):
    """A pusher as it must not be: it marks first and sends then; what it dies on the way to is lost. The control."""

    def _next_parcel(self, tx: Transaction, *rest: Any) -> Any:
        parcel = super()._next_parcel(tx, *rest)
        if isinstance(parcel, _Parcel):
            subscriptions.dropped(tx, parcel.delivery)
        return parcel

    def _guard(self, partner: str) -> Guard:
        # Asked for between the mark and the sending.
        DyingPusher.left -= 1
        if not DyingPusher.left:
            die()
        return super()._guard(partner)

    def _taken(self, tx: Transaction, parcel: Any, now: datetime) -> None:
        Pusher._taken(self, tx, parcel, now)


class Hours:
    """A clock that runs on from where the child before it died, a lease later: nobody waits for the lease to run out."""

    def __init__(self, first: datetime) -> None:
        self.now = first

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now


def made(number: int, now: datetime, before: Story | None) -> Story:
    """The next version of a story, or a new one; no two versions have the same headline."""
    identity = before.id if before else new_id("s")
    said = content(headline=f"{identity} {number}")
    version = story_version(story=identity, number=before.current.number + 1 if before else 1, content=said, made_at=now)
    return replace(before, current=version) if before else Story(identity, entry_id("vna.example", identity, now), version, now)


def publish(database: Database, story: Story, now: datetime) -> None:
    """A version of a story of our own, to all flows."""
    with database.write() as tx:
        if story.current.number == 1:
            stories.write(tx, story)
        else:
            stories.add_version(tx, story.id, story.current)
        release(tx, story, agency="vna", now=now)


def pushing(database: Database, port: int, kind: type[Pusher], clock: Callable[[], datetime]) -> Pusher:
    """A pusher to the receiver on that port."""
    settings = Settings(allow=dict.fromkeys(("trc", "azertac"), (f"127.0.0.1/32:{port}",)), lease_seconds=LEASE)
    return kind(database, Client(LIMITS, "test"), settings, KEY, clock, lambda: 0.0)


def work(pusher: Pusher) -> None:
    """All that is due."""
    while claims := pusher.claim(8, 8):
        for one in claims:
            pusher.work(one)


def live(address: str, port: int, kind: type[Pusher], when: str, after: int, first: datetime) -> None:
    """Publish and push until it is over; each second story is corrected at once, while its first version may still wait."""
    clock = Hours(first)
    database = Database(address)
    DyingPusher.left = after if when == "push" else 0
    pusher = pushing(database, port, kind, clock)
    work(pusher)
    story: Story | None = None
    for number in count(1):
        story = made(number, clock(), story if story and story.current.number == 1 else None)
        publish(database, story, clock())
        if when == "commit":
            after -= 1
            if not after:
                die()
        if number % 3:
            work(pusher)


if __name__ == "__main__":
    # Standard output is for the pids.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for number, line in enumerate(sys.stdin):
        # Each child begins hours after the last one's death.
        begins = datetime(2026, 11, 24, 8, tzinfo=UTC) + timedelta(minutes=2 * number)
        child = os.fork()
        if child == 0:
            what, _, many = line.strip().partition(" ")
            torn = "torn" in sys.argv[3:]
            live(sys.argv[1], int(sys.argv[2]), TornPusher if torn else DyingPusher, what, int(many or 0), begins)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
