"""So many local feeds polled, first and unchanged, by our worker and by `reader`, in turns, in one run.

    python -m benchmarks.polling [--flows 300] [--items 20] [--rounds 3] [--workers 8]

Prints the median seconds of each, and the ratio: above 1, we take longer. Both keep what they get in SQLite on the disk; `reader`
commits without waiting for it (synchronous=NORMAL), we wait (FULL).
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from reader import make_reader

from benchmarks.stage import AGENCY, NOW, PARTNER, exchange, inbound, serving
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.ingest.poll import Poller
from syndication.media.carrier import Carrier
from syndication.media.check import Checker
from syndication.model.item import ReviewState
from syndication.publish.retention import Retention
from syndication.scheduler import Worker
from syndication.settings import Settings
from syndication.storage import items

MIB = 1024 * 1024
TEXT = "Railway companies of nine countries opened a forum to agree on a single waybill for freight. " * 12


def document(flow: int, count: int) -> bytes:
    """An Atom feed of `count` entries, about 1.5 kB each."""
    entries = "".join(
        f"<entry><id>tag:partner.example,2026:{flow}:{number}</id><title>Story {number} of feed {flow}</title>"
        f"<updated>2026-11-24T0{number % 8}:00:00Z</updated><link href='https://partner.example/{flow}/{number}'/>"
        f"<author><name>Aigerim Bek</name></author><summary>In short.</summary>"
        f"<content type='html'>&lt;p&gt;{TEXT}&lt;/p&gt;</content></entry>"
        for number in range(count)
    )
    head = "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title>Feed</title><updated>2026-11-24T08:00:00Z</updated>"
    return f"{head}<id>tag:partner.example,2026:{flow}</id>{entries}</feed>".encode()


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def ours(port: int, flows: int, count: int, workers: int) -> tuple[float, float]:
    """Seconds of the first poll of all, and of the second, with nothing changed."""
    streams = tuple(inbound(f"flow-{number}", f"http://127.0.0.1:{port}/{number}") for number in range(flows))
    limits = Limits(wire_bytes=10 * MIB, body_bytes=10 * MIB, connect=3, read=5, total=20, redirects=0)
    parser = Parser(2)
    now = [NOW]
    with exchange(streams) as database:
        settings = Settings(agency=AGENCY, allow={PARTNER: (f"127.0.0.1/32:{port}",)})
        client = Client(limits, "benchmark")
        poller, carrier = Poller(database, client, parser, settings), Carrier(database, client, Checker(), settings)
        worker = Worker(database, poller, Retention(database, settings), carrier, lambda: now[0], threads=workers, lease_seconds=600)

        def all_due() -> None:
            under_way = worker.tick()
            while under_way:
                for one in under_way:
                    one.result()
                under_way = worker.tick()

        try:
            first = timed(all_due)
            with database.read() as tx:
                kept = items.counts(tx)[ReviewState.PENDING]
            if kept != flows * count:
                raise SystemExit(f"kept {kept} items of {flows * count}")
            now[0] = NOW + timedelta(hours=2)
            return first, timed(all_due)
        finally:
            worker.stop()
            parser.close()


def theirs(port: int, flows: int, count: int, workers: int) -> tuple[float, float]:
    """The same of `reader`."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, make_reader(str(Path(folder) / "reader.db")) as reader:
        for number in range(flows):
            reader.add_feed(f"http://127.0.0.1:{port}/{number}")
        first = timed(lambda: reader.update_feeds(workers=workers, scheduled=False))
        kept = reader.get_entry_counts().total
        if kept != flows * count:
            raise SystemExit(f"reader kept {kept} entries of {flows * count}")
        return first, timed(lambda: reader.update_feeds(workers=workers, scheduled=False))


def main(arguments: list[str]) -> int:
    """Measure in turns, print medians and ratios."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.polling")
    for name, default in (("flows", 300), ("items", 20), ("rounds", 3), ("workers", 8)):
        options.add_argument(f"--{name}", type=int, default=default)
    chosen = options.parse_args(arguments)
    # A line for each of the polls would be measured with them.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    results: dict[str, list[tuple[float, float]]] = {"syndication": [], "reader": []}
    with serving({f"/{number}": document(number, chosen.items) for number in range(chosen.flows)}) as port:
        for turn in range(chosen.rounds):
            contestants = [("syndication", ours), ("reader", theirs)]
            for name, run in contestants if turn % 2 == 0 else reversed(contestants):
                results[name].append(run(port, chosen.flows, chosen.items, chosen.workers))
    sys.stdout.write(f"{chosen.flows} feeds of {chosen.items} items, {chosen.rounds} rounds, {datetime.now().astimezone():%Y-%m-%d}\n")
    for place, what in enumerate(("first", "unchanged")):
        mine, other = (statistics.median(one[place] for one in results[name]) for name in ("syndication", "reader"))
        sys.stdout.write(f"{what}: syndication {mine:.2f} s, reader {other:.2f} s, ratio {mine / other:.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
