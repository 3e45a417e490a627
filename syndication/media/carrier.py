"""Brings renditions home, of our own stories and of what came in: by the guard, looked over, kept; what fails is tried again, and later."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from syndication.agreements.clearance import clear
from syndication.agreements.governing import Standing
from syndication.agreements.subject import of_entry
from syndication.errors import FetchError, MediaError, RefusedError, StorageError
from syndication.fetch.client import Client, FetchRequest
from syndication.fetch.guard import Guard
from syndication.logs import logger
from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.model.item import ItemVersion
from syndication.model.media import Arrival, Errand, Kept
from syndication.model.story import Rendition
from syndication.settings import Settings
from syndication.storage import agreements, arrivals, items, media, partners, stories
from syndication.storage.database import Database, Transaction

AT_ONCE: Final = 8
"""So many are fetched at a time by one process, one of them at least of our own stories."""
OF_ONE_PARTNER: Final = 3
"""Of them: whose servers hang must not keep the others' pictures away (X01)."""
FIRST_WAIT: Final = timedelta(minutes=1)
MOST_TRIES: Final = 12
"""With the wait doubled each time, the last is a day and a half after the first; a correction of the story, and who asks by hand, begin
anew."""
LONGEST_WAIT: Final = timedelta(days=1)
"""Whatever a server says of when to come again (wire 35)."""
ACCEPT: Final = "image/*, video/*, audio/*, */*;q=0.1"

Task = Errand | Arrival


@dataclass(frozen=True, slots=True)
class Carrier:
    """Fetches what stories and items name. Any number of these, in any number of processes, share one database."""

    database: Database
    client: Client
    checker: Checker
    settings: Settings

    def claim(self, now: datetime, free: int) -> tuple[Task, ...]:
        """Lease up to `free` of what is due: that of our own stories first."""
        # Longer than a visit can last: whoever falls silent loses it to another.
        lease = timedelta(seconds=2 * self.settings.media_total)
        with self.database.write() as tx:
            ours = media.claim(tx, now, free, lease)
            theirs = arrivals.claim(tx, now, free - max(1, len(ours)), lease, most=OF_ONE_PARTNER)
        return (*ours, *theirs)

    def carry(self, task: Task, now: datetime) -> None:
        """Bring one home, or say why not and when it is tried again."""
        try:
            done = self._carried(task, now)
            logger.info("brought home", **_named(task), held=done)
        except (FetchError, MediaError, RefusedError, StorageError) as error:
            asked = timedelta(seconds=error.retry_after or 0) if isinstance(error, FetchError) else timedelta(0)
            wait = max(FIRST_WAIT * 2**task.tries, min(asked, LONGEST_WAIT))
            next_at = now + wait if task.tries + 1 < MOST_TRIES else None
            with self.database.write() as tx:
                if isinstance(task, Errand):
                    media.fail(tx, task, str(error), next_at)
                else:
                    arrivals.fail(tx, task, str(error), next_at)
                    if asked:
                        arrivals.rest(tx, task.host, now + wait)
            logger.warning("not brought home", **_named(task), tries=task.tries + 1, error=str(error))

    def run(self, now: datetime) -> int:
        """Bring home what is due, up to AT_ONCE, and wait for it. Returns how many were asked for."""
        tasks = self.claim(now, AT_ONCE)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="media") as pool:
            for _ in pool.map(lambda one: self.carry(one, now), tasks):
                pass
        return len(tasks)

    def sweep(self, now: datetime) -> int:
        """Delete what processes that died left, and what nothing came to hold. Returns how many files."""
        with self.database.write() as tx:
            return Store.of(self.settings).sweep(tx, now)

    def _carried(self, task: Task, now: datetime) -> bool:
        if isinstance(task, Errand):
            return self._carried_out(task, now)
        return self._carried_in(task, now)

    def _carried_out(self, errand: Errand, now: datetime) -> bool:
        """Of a story of ours."""
        with self.database.read() as tx:
            version = stories.version(tx, errand.story, errand.version)
        if version is None or errand.place >= len(version.content.renditions):
            # Its text was deleted meanwhile, and the errand with it.
            return False
        kept = self._fetched(version.content.renditions[errand.place], self.settings.agency, None, now)
        with self.database.write() as tx:
            Store.of(self.settings).record(tx, kept)
            return media.bring(tx, errand, kept, now)

    def _carried_in(self, arrival: Arrival, now: datetime) -> bool:
        """Of what came in: only while the agreement lets it, and there is room for what that partner sends."""
        with self.database.read() as tx:
            version = items.version(tx, arrival.item, arrival.version)
            if version is None or arrival.place >= len(version.entry.content.renditions):
                return False
            rendition = version.entry.content.renditions[arrival.place]
            self._allowed(tx, version, rendition, now)
            room = self.settings.media_partner_bytes - arrivals.bytes_of(tx, arrival.partner)
        kept = self._fetched(rendition, arrival.partner, room, now)
        with self.database.write() as tx:
            done = arrivals.bring(tx, arrival, kept, now)
            Store.of(self.settings).record(tx, kept)
            return done

    def _allowed(self, tx: Transaction, version: ItemVersion, rendition: Rendition, now: datetime) -> None:
        """Raises RefusedError where the gate would not let the item in now, or not with renditions of this type."""
        flow = partners.flow_ever(tx, version.stamp.flow)
        if flow is None:
            raise RefusedError(f"there is no flow {version.stamp.flow}, on which it came: nothing more is fetched")
        standing = Standing(agreements.register(tx, self.settings.agency), now)
        answer = clear(of_entry(version.entry, version.stamp.origins), flow, standing)
        for verdict in answer.refusals:
            raise RefusedError(f"it may not be fetched now: {verdict.reason}")
        if rendition.type in answer.left_out:
            raise RefusedError(f"it may not be fetched now: {rendition.type} is not among what is granted")

    def _fetched(self, rendition: Rendition, partner: str, room: int | None, now: datetime) -> Kept:
        """In the store. `room`: so many bytes more may be kept of what the partner sent.

        Raises FetchError, MediaError for what is not what it is said to be (a grant speaks of types), and for what there is no room for.
        """
        store = Store.of(self.settings)
        with store.aside() as aside:
            _fits(0, room, partner)
            with aside.open("wb") as file:
                guard = Guard.of(self.settings.allow.get(partner, ()))
                self.client.get(FetchRequest(rendition.url, guard=guard, accept=ACCEPT, into=file))
            _fits(_size(aside), room, partner)
            return store.adopt(aside, rendition.media_type, self.checker, now, rendition.type)


def _fits(size: int, room: int | None, partner: str) -> None:
    """What is under way at this moment is not counted: it may go past by as much."""
    if room is not None and (room <= 0 or size > room):
        raise MediaError(
            f"as much is kept as may be of what {partner} sends (media_partner_bytes): delete, or let more be kept, and ask for it again"
        )


def _size(file: Path) -> int:
    return file.stat().st_size


def _named(task: Task) -> dict[str, object]:
    if isinstance(task, Errand):
        return {"story": task.story, "place": task.place}
    return {"item": task.item, "place": task.place, "partner": task.partner}
