"""A disk of 6 MB is polled full, read, given 1 MB back, and polled on.

    unshare -m python -m tests.ingest.filling_disk

Needs root. The last line says how it went, as JSON.
"""

import json
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from syndication.errors import StorageError
from syndication.fetch.client import Client
from syndication.ingest.poll import Poller
from syndication.ingest.taking import take
from syndication.model.entry import ParsedFeed, Tombstone
from syndication.model.item import ReviewState
from syndication.settings import Settings
from syndication.storage import items
from syndication.storage.database import Database
from tests.ingest.cutting_power import begun, run
from tests.ingest.polling_until_killed import LIMITS, ParserHere
from tests.ingest.test_killed import faults, growing, sound
from tests.worlds import NOW, flow, partner

RESERVE = 1024 * 1024
MOST = 2_000
"""Polls; the disk is full long before."""


@dataclass
class Report:
    """Items held `before` nothing more fitted, `read` then, and held `after` there was room. `refused`: how a poll was; `killed`: whether a
    kill came in, once there was room; `wrong`: what is not as it should be.
    """

    refused: str = ""
    before: int = 0
    read: int = 0
    killed: bool = False
    after: int = 0
    wrong: tuple[str, ...] = ()


def held(database: Database) -> int:
    with database.read() as tx:
        return items.counts(tx)[ReviewState.PENDING]


def polled_full(poller: Poller, report: Report) -> None:
    for _ in range(MOST):
        report.before = held(poller.database)
        try:
            poller.poll("trc-en", NOW)
        except StorageError as error:
            report.refused = str(error)
            return


def filled(disk: Path) -> Report:
    report, url, reserve = Report(), f"sqlite:///{disk / 'full.db'}", disk / "reserve"
    with growing() as feed, closing(Database(url)) as database:
        begun(url, feed)
        reserve.write_bytes(bytes(RESERVE))
        settings = Settings(allow={"trc": (f"127.0.0.1/32:{feed.port}",)})
        poller = Poller(database, Client(LIMITS, "test"), ParserHere(0), settings)
        polled_full(poller, report)
        report.read = held(database)
        report.wrong += tuple(faults(database))
        reserve.unlink()
        kill = ParsedFeed("", "en", (), (Tombstone("tag:trc.example,2026:1", NOW),))
        with database.write() as tx:
            take(tx, kill, flow(), partner(), settings, NOW)
        with database.read() as tx:
            item = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
            report.killed = item is not None and item.state is ReviewState.WITHDRAWN
        poller.poll("trc-en", NOW)
        report.after = held(database)
        report.wrong += () if sound(url) else ("the file is damaged",)
    return report


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run("mount", "-t", "tmpfs", "-o", "size=6m", "none", folder)
        try:
            report = filled(Path(folder))
        finally:
            run("umount", folder)
    sys.stdout.write(json.dumps(asdict(report)) + "\n")


if __name__ == "__main__":
    main()
