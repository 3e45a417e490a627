"""One tick: what is due is leased, as far as there are free threads; a hung partner holds one thread and nothing else."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from syndication.errors import StorageError
from syndication.ingest.poll import Poller
from syndication.media.carrier import Carrier
from syndication.model.erasure import Erasure
from syndication.model.poll import Lease, Outcome, Poll
from syndication.model.subscription import Claim
from syndication.publish.pusher import Pusher
from syndication.publish.retention import Retention
from syndication.scheduler import Worker
from syndication.settings import Settings
from syndication.storage import partners, polls
from syndication.storage.database import Database
from tests.worlds import NOW, flow, partner

FLOWS = tuple(replace(flow(), id=f"trc-{number}", url=f"https://feeds{number}.trc.example/") for number in range(4))


@dataclass
class Poller4Test:
    """Keeps a record as the real one does; a flow in `hangs` waits until it is let go, one in `breaks` fails as told."""

    database: Database
    hangs: dict[str, threading.Event] = field(default_factory=dict)
    breaks: dict[str, Exception] = field(default_factory=dict)
    polled: list[str] = field(default_factory=list)

    def poll(self, flow: str, now: datetime, lease: Lease | None = None) -> Poll:
        if flow in self.hangs:
            assert self.hangs[flow].wait(20)
        if flow in self.breaks:
            raise self.breaks[flow]
        poll = Poll(flow, now, now, Outcome.UNCHANGED)
        with self.database.write() as tx:
            polls.record(tx, poll, lease, now + timedelta(minutes=15), 0, ())
        self.polled.append(flow)
        return poll


@dataclass
class Carrier4Test:
    """Brings nothing; notes when it was asked, and breaks the first time, if told so."""

    breaks: bool = False
    ran: list[datetime] = field(default_factory=list)
    swept: list[datetime] = field(default_factory=list)

    def claim(self, now: datetime, free: int) -> tuple[str, ...]:
        return ("one",)

    def carry(self, task: str, now: datetime) -> None:
        if self.breaks:
            self.breaks = False
            raise StorageError("the disk is full")
        self.ran.append(now)

    def sweep(self, now: datetime) -> int:
        self.swept.append(now)
        return 0


@dataclass
class Pusher4Test:
    """Has so many claims left; one of those in `hangs` waits until it is let go."""

    left: list[str] = field(default_factory=list)
    hangs: dict[str, threading.Event] = field(default_factory=dict)
    pushed: list[str] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def claim(self, free: int, threads: int) -> tuple[Claim, ...]:
        self.asked.append((free, threads))
        claims, self.left = self.left[:free], self.left[free:]
        return tuple(Claim(one, 1) for one in claims)

    def work(self, claim: Claim) -> None:
        if claim.of in self.hangs:
            assert self.hangs[claim.of].wait(20)
        if claim.of == "breaks":
            raise ZeroDivisionError
        self.pushed.append(claim.of)


@pytest.fixture
def pusher() -> Pusher4Test:
    return Pusher4Test()


@pytest.fixture
def poller(database: Database) -> Poller4Test:
    with database.write() as tx:
        partners.take(tx, (partner(),), FLOWS, NOW)
    return Poller4Test(database)


@pytest.fixture
def worker(database: Database, poller: Poller4Test, pusher: Pusher4Test) -> Iterator[Worker]:
    one = Worker(
        database,
        cast(Poller, poller),
        cast(Pusher, pusher),
        Retention(database, Settings()),
        cast(Carrier, Carrier4Test()),
        lambda: NOW,
        threads=2,
        push_threads=2,
        lease_seconds=120,
    )
    yield one
    for event in (*poller.hangs.values(), *pusher.hangs.values()):
        event.set()
    one.stop()


def done(worker: Worker) -> int:
    """One tick, waited for; how many polls it started."""
    started = worker.tick()
    for one in started:
        one.result(20)
    return len(started)


def test_all_that_is_due_is_polled_once(worker: Worker, poller: Poller4Test) -> None:
    assert [done(worker) for _ in range(3)] == [2, 2, 0]
    assert sorted(poller.polled) == [one.id for one in FLOWS]


def test_a_hung_partner_starves_nobody(worker: Worker, poller: Poller4Test) -> None:
    """X02: it holds one thread; the others go on with the one that is left, and the tick does not wait."""
    poller.hangs["trc-0"] = threading.Event()
    first = worker.tick()
    first[1].result(20)
    assert [done(worker) for _ in range(3)] == [1, 1, 0]
    poller.hangs["trc-0"].set()
    first[0].result(20)
    assert sorted(poller.polled) == [one.id for one in FLOWS]


@pytest.mark.parametrize("error", [StorageError("the disk is full"), ZeroDivisionError("a fault of ours")], ids=["named", "unforeseen"])
def test_one_that_breaks_gives_its_thread_back(worker: Worker, poller: Poller4Test, error: Exception) -> None:
    poller.breaks["trc-0"] = error
    assert [done(worker) for _ in range(3)] == [2, 2, 0]
    assert sorted(poller.polled) == ["trc-1", "trc-2", "trc-3"]


def test_two_workers_never_share_a_flow(database: Database, worker: Worker, poller: Poller4Test) -> None:
    other = Worker(
        database,
        cast(Poller, poller),
        cast(Pusher, Pusher4Test()),
        Retention(database, Settings()),
        cast(Carrier, Carrier4Test()),
        lambda: NOW,
        threads=4,
        push_threads=2,
        lease_seconds=120,
    )
    try:
        started = [*worker.tick(), *other.tick()]
        for one in started:
            one.result(20)
    finally:
        other.stop()
    assert sorted(poller.polled) == [one.id for one in FLOWS]


def test_pushes_have_threads_of_their_own(worker: Worker, poller: Poller4Test, pusher: Pusher4Test) -> None:
    """X02: a subscriber that hangs holds one of them, and no poll; one that breaks gives it back."""
    poller.hangs = {one.id: threading.Event() for one in FLOWS}
    worker.tick()
    pusher.hangs["slow"] = threading.Event()
    pusher.left = ["slow", "breaks", "a", "b", "c"]
    for _ in range(5):
        for one in worker.push()[-1:]:
            one.result(20)
    assert pusher.pushed == ["a", "b", "c"]
    assert pusher.asked == [(2, 2), (1, 2), (1, 2), (1, 2), (1, 2)]


@dataclass
class Retention4Test:
    """Keeps when it ran; breaks the first time, if it is told to."""

    ran: list[datetime] = field(default_factory=list)
    breaks: bool = False

    def run(self, by: str, now: datetime) -> tuple[Erasure, ...]:
        assert by == "clock"
        if self.breaks:
            self.breaks = False
            raise StorageError("the disk is full")
        self.ran.append(now)
        return ()


def test_what_has_to_go_is_deleted_at_the_start_and_once_a_day(database: Database, poller: Poller4Test) -> None:
    """By the clock it is given; what a failure left is tried again at the next tick."""
    now = [NOW]
    kept = Retention4Test(breaks=True)
    carrier = Carrier4Test()
    worker = Worker(
        database,
        cast(Poller, poller),
        cast(Pusher, Pusher4Test()),
        cast(Retention, kept),
        cast(Carrier, carrier),
        lambda: now[0],
        threads=1,
        push_threads=2,
        lease_seconds=120,
    )
    for hours in (0, 1, 2, 24.99, 25, 26, 49):
        now[0] = NOW + timedelta(hours=hours)
        worker.erase()
    worker.stop()
    assert [at - NOW for at in kept.ran] == [timedelta(hours=hours) for hours in (1, 25, 49)]
    assert carrier.swept == kept.ran


def test_renditions_are_brought_home_and_a_failure_ends_nothing(database: Database, poller: Poller4Test) -> None:
    carrier = Carrier4Test(breaks=True)
    worker = Worker(
        database,
        cast(Poller, poller),
        cast(Pusher, Pusher4Test()),
        Retention(database, Settings()),
        cast(Carrier, carrier),
        lambda: NOW,
        threads=1,
        push_threads=2,
        lease_seconds=120,
    )
    for _ in range(2):
        for one in worker.carry():
            one.result(5)
    worker.stop()
    assert carrier.ran == [NOW]


@pytest.mark.parametrize("error", [StorageError("the disk is full"), ZeroDivisionError("a fault of ours")], ids=["named", "unforeseen"])
def test_a_round_that_breaks_is_gone_again(database: Database, poller: Poller4Test, error: Exception) -> None:
    """It gets the moment; and costs none of the others."""
    went: list[tuple[str, datetime]] = []

    def broken(now: datetime) -> None:
        went.append(("broken", now))
        raise error

    rounds = {"broken": broken, "whole": lambda now: went.append(("whole", now))}
    worker = Worker(
        database,
        cast(Poller, poller),
        cast(Pusher, Pusher4Test()),
        Retention(database, Settings()),
        cast(Carrier, Carrier4Test()),
        lambda: NOW,
        threads=1,
        push_threads=2,
        lease_seconds=120,
        rounds=rounds,
    )
    for _ in range(2):
        for name in rounds:
            worker.go_round(name)
    worker.stop()
    assert went == [("broken", NOW), ("whole", NOW)] * 2


def test_it_ticks_by_itself_and_stops(worker: Worker, poller: Poller4Test) -> None:
    last = threading.Event()
    poller.hangs = {one.id: last for one in FLOWS}
    worker.start()
    last.set()
    worker.stop()
    assert set(poller.polled) <= {one.id for one in FLOWS}
