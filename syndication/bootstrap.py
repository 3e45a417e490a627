"""The one room that plugs the parts together: from Settings to a database, a poller, a worker, a web application."""

import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

from syndication import __version__
from syndication.agreements import register
from syndication.agreements.files import Files
from syndication.errors import StorageError
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.ingest.poll import Poller
from syndication.ingest.subscriber import Subscriber
from syndication.intake.desk import Newsroom
from syndication.intake.feed import OwnFeed
from syndication.intake.folder import Folder
from syndication.logs import logger
from syndication.media.carrier import Carrier
from syndication.media.check import Checker
from syndication.model.journal import Deed
from syndication.publish.pusher import Pusher
from syndication.publish.retention import Retention
from syndication.review.replay import lacking, replay
from syndication.review.search import Index
from syndication.scheduler import Worker
from syndication.settings import Settings, load
from syndication.storage.database import Database, Transaction
from syndication.storage.journal import Journal, Reading
from syndication.storage.migrate import check_migrated, migrate
from syndication.web.app import create_app
from syndication.web.front import Front
from syndication.web.parts import Parts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def system_clock() -> datetime:
    """Now, in UTC. The only place where the program asks the machine for the time of day."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """The opened parts. Close it by leaving `opened`."""

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    journal: Journal

    def apply(self, tx: Transaction, files: Files, by: str) -> tuple[register.Change, ...]:
        """See `register.apply`; with what the journal says was done since to an agreement that only the files have brought back."""
        now = self.clock()
        changes = register.apply(tx, files, now, by)
        replay(tx, self.reading().deeds, self.settings, now)
        return changes

    def reading(self, path: Path | None = None) -> Reading:
        """What this journal says, or else our own; what of it cannot be read is told to the log."""
        journal = Journal(path) if path else self.journal
        found = journal.read()
        if found.torn:
            logger.warning(
                "a line of the journal was cut off while it was written: what it was for was never answered as done",
                journal=str(journal.path),
            )
        for number in found.damaged:
            logger.error("a line of the journal cannot be read: a kill may be lost after a restore", journal=str(journal.path), line=number)
        return found

    def replay(self, reading: Reading) -> tuple[Deed, ...]:
        """Do again what the database lacks of it, see `review.replay`; returns those."""
        with self.database.read() as tx:
            if not lacking(tx, reading.deeds, self.settings.agency):
                return ()
        with self.database.write() as tx:
            return replay(tx, reading.deeds, self.settings, self.clock())

    def newsroom(self) -> Newsroom:
        """Our own newsroom."""
        return Newsroom(self.database, self.settings)

    def retention(self) -> Retention:
        """What is deleted at the end of its use."""
        return Retention(self.database, self.settings)

    def web(self) -> Front:
        """The web application, with what stands before it."""
        here = Parts(self.database, self.settings, self.clock, self.secret_key())
        return Front(create_app(here), here)

    def secret_key(self) -> bytes:
        """See `secret_key`; of this house's data folder."""
        return secret_key(data_folder(self.settings))


@contextmanager
def opened(settings: Settings, clock: Callable[[], datetime] = system_clock, *, migrating: bool = True) -> Iterator[House]:
    """The database, brought to this version's schema first (or, with `migrating` off, only checked), and to what its journal says."""
    url = database_url(settings)
    if migrating:
        migrate(url)
    else:
        check_migrated(url)
    journal = Journal(journal_path(settings))
    database = Database(url, journal)
    try:
        house = House(settings, database, clock, journal)
        house.replay(house.reading())
        yield house
    finally:
        database.close()


JOURNAL = "syndication.journal"
SQLITE = "sqlite:///"

CALLBACK_BYTES = 64 * 1024
"""Of a callback's answer, its head included: more than that says nothing to us (P11)."""


def application() -> "WSGIApplication":
    """The web application of one process among several: the settings are in its environment, as `syndication web` left them there.

    It is never closed: the process ends with it.
    """
    folder = os.environ.get("SYNDICATION_CONFIG")
    settings = load(Path(folder) if folder else None, os.environ)
    url = database_url(settings)
    check_migrated(url)
    journal = Journal(journal_path(settings))
    front: WSGIApplication = House(settings, Database(url, journal), system_clock, journal).web()
    proxies = settings.trusted_proxies
    return ProxyFix(front, x_for=proxies, x_proto=0, x_host=0) if proxies else front


@contextmanager
def polling(house: House) -> Iterator[Poller]:
    """A poller, with its parsers running in processes of their own."""
    settings = house.settings
    limits = Limits(
        wire_bytes=settings.fetch_wire_bytes,
        body_bytes=settings.fetch_body_bytes,
        connect=settings.fetch_connect,
        read=settings.fetch_read,
        total=settings.fetch_total,
        redirects=settings.fetch_redirects,
    )
    with ExitStack() as stack:
        parser = Parser()
        stack.callback(parser.close)
        yield Poller(house.database, Client(limits, user_agent(settings)), parser, settings)


@contextmanager
def carrying(house: House) -> Iterator[Carrier]:
    """What brings renditions home, with its checker running in a process of its own."""
    settings = house.settings
    limits = Limits(
        wire_bytes=settings.media_bytes,
        body_bytes=settings.media_bytes,
        connect=settings.fetch_connect,
        read=settings.fetch_read,
        total=settings.media_total,
        redirects=settings.fetch_redirects,
    )
    with ExitStack() as stack:
        checker = Checker()
        stack.callback(checker.close)
        yield Carrier(house.database, Client(limits, user_agent(settings)), checker, settings)


def user_agent(settings: Settings) -> str:
    """Product, version and whom to write to (wire 32)."""
    return f"syndication/{__version__} (+{settings.contact})"


def pushing(house: House) -> Pusher:
    """What sends to subscribers."""
    settings = house.settings
    limits = Limits(
        wire_bytes=CALLBACK_BYTES,
        body_bytes=CALLBACK_BYTES,
        connect=settings.fetch_connect,
        read=settings.fetch_read,
        total=settings.fetch_total,
        redirects=0,
    )
    return Pusher(house.database, Client(limits, user_agent(settings)), settings, house.secret_key(), house.clock, random.random)


@contextmanager
def working(house: House) -> Iterator[Worker]:
    """A worker that ticks until the block is left."""
    with polling(house) as poller, carrying(house) as carrier:
        worker = Worker(
            house.database,
            poller,
            pushing(house),
            house.retention(),
            carrier,
            house.clock,
            threads=house.settings.poll_workers,
            push_threads=house.settings.push_workers,
            lease_seconds=house.settings.lease_seconds,
            rounds=rounds(house, poller),
        )
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()


def rounds(house: House, poller: Poller) -> dict[str, Callable[[datetime], None]]:
    """What a worker does besides: search, what partners' hubs are asked and send; and of our newsroom, as far as it is set."""
    settings = house.settings
    found: dict[str, Callable[[datetime], None]] = {
        "keep the words of what has changed": Index(house.database).round,
        "keep up with partners' hubs": Subscriber(poller, house.secret_key(), random.random).tick,
    }
    if settings.newsroom_folder:
        found["take from the newsroom's folder"] = Folder(house.newsroom(), Path(settings.newsroom_folder)).tick
    if settings.newsroom_feed:
        interval = timedelta(seconds=settings.newsroom_interval)
        own = OwnFeed(house.newsroom(), poller.client, poller.parser, settings.newsroom_feed, interval)
        found["visit the newsroom's feed"] = own.tick
    return found


def database_url(settings: Settings) -> str:
    """The database of the settings; without one, SQLite in the data directory, which is made."""
    if settings.database:
        return settings.database
    path = data_folder(settings).resolve() / "syndication.db"
    try:
        # SQLite gives its -wal and -shm the mode of the file itself, which it would make readable by all.
        path.touch(mode=0o600)
    except OSError as error:
        raise _unusable(path, error) from error
    return f"sqlite:///{path}"


def journal_path(settings: Settings) -> Path:
    """Where the kill journal is. Raises StorageError where the settings name a folder that is not there: its disk may not be mounted."""
    if settings.journal:
        path = Path(settings.journal)
        if not path.parent.is_dir():
            raise StorageError(f"the folder of the journal {path} is not there; mount its disk, or name another with the setting 'journal'")
        return path
    if settings.database and settings.database.startswith(SQLITE):
        return Path(settings.database.removeprefix(SQLITE)).parent / JOURNAL
    return Path(settings.data) / JOURNAL


def data_folder(settings: Settings) -> Path:
    """The data folder; made, for its owner only, where it is not there. Raises StorageError where it cannot be."""
    folder = Path(settings.data)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    return folder


def _unusable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"the data cannot be kept in {path}: {error.strerror}; name a folder that can be written to, with --data")


def secret_key(folder: Path) -> bytes:
    """The key that signs sessions and validators, made once and kept beside the data, readable by its owner only."""
    path = folder / "secret.key"
    if not path.exists():
        fresh = folder / f"secret.key.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(32))
        try:
            # A link fails where another process was first; its key is the one then.
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
