"""The ticks: poll, push, bring renditions home, delete, our newsroom. The database says what is due; the clock only asks."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from apscheduler.schedulers.background import BackgroundScheduler

from syndication.errors import SyndicationError
from syndication.ingest.poll import Poller
from syndication.logs import logger
from syndication.media.carrier import AT_ONCE, Carrier
from syndication.model.poll import Lease, Outcome
from syndication.publish.pusher import Pusher
from syndication.publish.retention import Retention
from syndication.storage import polls
from syndication.storage.database import Database

TICK_SECONDS = 1.0
MEDIA_TICK_SECONDS = 2.0
RETENTION_TICK_SECONDS = 60.0
RETENTION_EVERY = timedelta(days=1)


Work = TypeVar("Work")


class Crew(Generic[Work]):
    """A pool of threads for one kind of work: `claim` leases as much as there are threads free, `do` does one piece of it.

    What hangs holds one thread and stops no tick (X02); what fails gives its thread back.
    """

    def __init__(self, name: str, threads: int, claim: Callable[[int], Sequence[Work]], do: Callable[[Work], None]) -> None:
        self._name = name
        self._threads = threads
        self._claim = claim
        self._do = do
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = threading.Semaphore(threads)

    def tick(self) -> tuple[Future[None], ...]:
        """Lease what is due, as far as there are free threads, and start on it. Returns what was started."""
        free = self._take_free()
        try:
            claims = self._claim(free) if free else ()
        except SyndicationError as error:
            logger.warning("tick failed", of=self._name, error=str(error))
            claims = ()
        for _ in range(free - len(claims)):
            self._free.release()
        return tuple(self._pool.submit(self._done, one) for one in claims)

    def stop(self) -> None:
        """Let what is under way end."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _take_free(self) -> int:
        count = 0
        while count < self._threads and self._free.acquire(blocking=False):
            count += 1
        return count

    def _done(self, one: Work) -> None:
        try:
            self._do(one)
        except SyndicationError as error:
            # Nothing was kept; the lease runs out and it is due again.
            logger.error(f"{self._name} not kept", of=str(one), error=str(error))
        except Exception:
            # The last line of defence of a thread: one fault must not end the clock for the others.
            logger.exception(f"{self._name} broke", of=str(one))
        finally:
            self._free.release()


class Worker:
    """Polls, pushes and fetches what is due, each with its threads. Any number of these, in any number of processes, share one database.

    A tick never waits for the network: a hung partner holds one thread and starves nobody's clock (X02). No embargo, expiry or kill
    depends on it: those are decided where a feed is read, and where something is sent. Nor does the end of a use: the gate hides it at its
    moment; it is deleted after the start, and then once a day.
    """

    def __init__(
        self,
        database: Database,
        poller: Poller,
        pusher: Pusher,
        retention: Retention,
        carrier: Carrier,
        clock: Callable[[], datetime],
        *,
        threads: int,
        push_threads: int,
        lease_seconds: int,
        rounds: Mapping[str, Callable[[datetime], None]] | None = None,
    ) -> None:
        self._database = database
        self._poller = poller
        self._retention = retention
        self._carrier = carrier
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._rounds = dict(rounds or {})
        self._failed: dict[str, str] = {}
        self._polls = Crew("poll", threads, self._leases, self._poll)
        self._pushes = Crew("push", push_threads, lambda free: pusher.claim(free, push_threads), pusher.work)
        self._carries = Crew(
            "media", AT_ONCE, lambda free: carrier.claim(self._clock(), free), lambda one: carrier.carry(one, self._clock())
        )
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._erased_at: datetime | None = None

    def start(self) -> None:
        """Start ticking, in a thread of its own."""
        for name, tick, seconds in (
            ("poll what is due", self.tick, TICK_SECONDS),
            ("push what is due", self.push, TICK_SECONDS),
            ("bring renditions home", self.carry, MEDIA_TICK_SECONDS),
            ("delete what has to go", self.erase, RETENTION_TICK_SECONDS),
        ):
            self._scheduler.add_job(tick, "interval", seconds=seconds, id=name, coalesce=True, max_instances=1, misfire_grace_time=None)
        for name in self._rounds:
            self._scheduler.add_job(
                self.go_round, "interval", (name,), seconds=TICK_SECONDS, id=name, coalesce=True, max_instances=1, misfire_grace_time=None
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking and let what is under way end; each is bounded in time, by its visit and its parser."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._polls.stop()
        self._pushes.stop()
        self._carries.stop()

    def tick(self) -> tuple[Future[None], ...]:
        """Poll what is due, as far as there are free threads. Returns what was started."""
        return self._polls.tick()

    def push(self) -> tuple[Future[None], ...]:
        """Push what is due, as `tick` polls it."""
        return self._pushes.tick()

    def carry(self) -> tuple[Future[None], ...]:
        """Bring home renditions that are due, as `tick` polls."""
        return self._carries.tick()

    def erase(self) -> None:
        """Delete what has to go by now, unless that was done within a day. What a failure leaves is due at the next tick."""
        now = self._clock()
        if self._erased_at is not None and now < self._erased_at + RETENTION_EVERY:
            return
        try:
            done = self._retention.run("clock", now)
            self._carrier.sweep(now)
        except SyndicationError as error:
            logger.warning("retention failed", error=str(error))
            return
        self._erased_at = now
        if done:
            logger.info("deleted at the end of their use", versions=len(done))

    def go_round(self, name: str) -> None:
        """One of the `rounds`, which get the moment and say themselves what is due. The same failure is told once, until another is."""
        try:
            self._rounds[name](self._clock())
            self._failed.pop(name, None)
        except SyndicationError as error:
            if self._failed.get(name) != str(error):
                logger.warning("round failed", round=name, error=str(error))
            self._failed[name] = str(error)
        except Exception:
            # As below: what breaks here must end no other round.
            logger.exception("round broke", round=name)

    def _leases(self, free: int) -> tuple[Lease, ...]:
        with self._database.write() as tx:
            return polls.claim(tx, self._clock(), free, self._lease_seconds)

    def _poll(self, lease: Lease) -> None:
        poll = self._poller.poll(lease.flow, self._clock(), lease)
        told = logger.debug if poll.outcome is Outcome.UNCHANGED else logger.info
        told("polled", flow=poll.flow, outcome=str(poll.outcome), new=poll.counts.new, kills=poll.counts.kills, error=poll.error)
