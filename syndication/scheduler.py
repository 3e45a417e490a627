"""Three ticks: poll what is due, bring renditions home, delete what has to go. The database says what is due; the clock only asks."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from syndication.errors import SyndicationError
from syndication.ingest.poll import Poller
from syndication.logs import logger
from syndication.media.carrier import Carrier
from syndication.model.poll import Lease, Outcome
from syndication.publish.retention import Retention
from syndication.storage import polls
from syndication.storage.database import Database

TICK_SECONDS = 1.0
MEDIA_TICK_SECONDS = 2.0
RETENTION_TICK_SECONDS = 60.0
RETENTION_EVERY = timedelta(days=1)


class Worker:
    """Polls what is due with a pool of threads. Any number of these, in any number of processes, share one database.

    A tick never waits for a poll: it leases only as many flows as there are threads free, so that a hung partner
    holds one thread and starves nobody's clock (X02). No embargo, expiry or kill depends on it: those are decided
    where a feed is read. Nor does the end of a use: the gate hides it at its moment; it is deleted after the start, and then once a day.
    """

    def __init__(
        self,
        database: Database,
        poller: Poller,
        retention: Retention,
        carrier: Carrier,
        clock: Callable[[], datetime],
        *,
        threads: int,
        lease_seconds: int,
        rounds: Mapping[str, Callable[[datetime], None]] | None = None,
    ) -> None:
        self._database = database
        self._poller = poller
        self._retention = retention
        self._carrier = carrier
        self._clock = clock
        self._threads = threads
        self._lease_seconds = lease_seconds
        self._rounds = dict(rounds or {})
        self._failed: dict[str, str] = {}
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="poll")
        self._free = threading.Semaphore(threads)
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._erased_at: datetime | None = None

    def start(self) -> None:
        """Start ticking, in a thread of its own."""
        self._scheduler.add_job(
            self.tick, "interval", seconds=TICK_SECONDS, id="poll what is due", coalesce=True, max_instances=1, misfire_grace_time=None
        )
        self._scheduler.add_job(
            self.carry,
            "interval",
            seconds=MEDIA_TICK_SECONDS,
            id="bring renditions home",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.add_job(
            self.erase,
            "interval",
            seconds=RETENTION_TICK_SECONDS,
            id="delete what has to go",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        for name in self._rounds:
            self._scheduler.add_job(
                self.go_round,
                "interval",
                (name,),
                seconds=TICK_SECONDS,
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop ticking and let the polls under way end; each is bounded in time by its fetch and its parser."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def tick(self) -> tuple[Future[None], ...]:
        """Lease what is due, as far as there are free threads, and start polling it. Returns what was started."""
        free = self._take_free()
        try:
            with self._database.write() as tx:
                leases = polls.claim(tx, self._clock(), free, self._lease_seconds) if free else ()
        except SyndicationError as error:
            logger.warning("tick failed", error=str(error))
            leases = ()
        for _ in range(free - len(leases)):
            self._free.release()
        return tuple(self._pool.submit(self._poll, lease) for lease in leases)

    def carry(self) -> None:
        """Bring home renditions that are due. What a failure leaves is due at a later tick."""
        try:
            self._carrier.run(self._clock())
        except SyndicationError as error:
            logger.warning("renditions not brought home", error=str(error))

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

    def _take_free(self) -> int:
        count = 0
        while count < self._threads and self._free.acquire(blocking=False):
            count += 1
        return count

    def _poll(self, lease: Lease) -> None:
        try:
            poll = self._poller.poll(lease.flow, self._clock(), lease)
            told = logger.debug if poll.outcome is Outcome.UNCHANGED else logger.info
            told("polled", flow=poll.flow, outcome=str(poll.outcome), new=poll.counts.new, kills=poll.counts.kills, error=poll.error)
        except SyndicationError as error:
            # Nothing was kept; the lease runs out and the flow is due again.
            logger.error("poll not kept", flow=lease.flow, error=str(error))
        except Exception:
            # The last line of defence of a thread: one flow's fault must not end the clock for the others.
            logger.exception("poll broke", flow=lease.flow)
        finally:
            self._free.release()
