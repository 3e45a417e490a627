"""Brings the renditions of our own stories home: through the guard, looked over, kept; what fails is tried again, later and later."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syndication.errors import ConflictError, FetchError, MediaError
from syndication.fetch.client import Client, FetchRequest
from syndication.fetch.guard import Guard
from syndication.logs import logger
from syndication.media.check import Checker
from syndication.media.sniff import holds
from syndication.media.store import Store
from syndication.model.media import Errand, Kept
from syndication.model.story import Rendition
from syndication.settings import Settings
from syndication.storage import media, stories
from syndication.storage.database import Database

AT_ONCE: Final = 4
"""So many are fetched at a time by one process."""
FIRST_WAIT: Final = timedelta(minutes=1)
MOST_TRIES: Final = 12
"""With the wait doubled each time, the last is a day and a half after the first; a correction of the story begins anew."""
ACCEPT: Final = "image/*, video/*, audio/*, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Carrier:
    """Fetches what stories name. Any number of these, in any number of processes, share one database."""

    database: Database
    client: Client
    checker: Checker
    settings: Settings

    def run(self, now: datetime) -> int:
        """Bring home what is due, up to AT_ONCE. Returns how many were asked for."""
        with self.database.write() as tx:
            # Longer than a visit can last: whoever falls silent loses it to another.
            errands = media.claim(tx, now, AT_ONCE, timedelta(seconds=2 * self.settings.media_total))
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="media") as pool:
            for _ in pool.map(lambda one: self._carry(one, now), errands):
                pass
        return len(errands)

    def sweep(self, now: datetime) -> int:
        """Delete what processes that died left, and what no story came to hold. Returns how many files."""
        with self.database.write() as tx:
            return Store.of(self.settings).sweep(tx, now)

    def _carry(self, errand: Errand, now: datetime) -> None:
        with self.database.read() as tx:
            version = stories.version(tx, errand.story, errand.version)
        if version is None or errand.place >= len(version.content.renditions):
            # Its text was deleted meanwhile, and the errand with it.
            return
        try:
            kept = self._fetched(version.content.renditions[errand.place], now)
            with self.database.write() as tx:
                Store.of(self.settings).record(tx, kept)
                done = media.bring(tx, errand, kept, now)
            logger.info("brought home", story=errand.story, hash=kept.hash, held=done)
        except (FetchError, MediaError, ConflictError) as error:
            tries = errand.tries + 1
            next_at = now + FIRST_WAIT * 2**errand.tries if tries < MOST_TRIES else None
            with self.database.write() as tx:
                media.fail(tx, errand, str(error), next_at)
            logger.warning("not brought home", story=errand.story, place=errand.place, tries=tries, error=str(error))

    def _fetched(self, rendition: Rendition, now: datetime) -> Kept:
        """On the disk. Raises FetchError, and MediaError for what is not what the story says: a grant speaks of types."""
        store = Store.of(self.settings)
        guard = Guard.of(self.settings.allow.get(self.settings.agency, ()))
        with store.aside() as aside:
            with aside.open("wb") as file:
                self.client.get(FetchRequest(rendition.url, guard=guard, accept=ACCEPT, into=file))
            kept = store.adopt(aside, rendition.media_type, self.checker, now)
        if rendition.type not in holds(kept.media_type):
            raise MediaError(f"the story says that it is of type {rendition.type}, and it is {kept.media_type}")
        return kept
