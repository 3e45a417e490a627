"""So many local feeds polled by our worker, by `reader` and by a bare fetch, in turns, in one run: first, unchanged, one entry new of each.

    python -m benchmarks.polling [--flows 300] [--items 20] [--rounds 3] [--workers 8]

Prints the median seconds of each, and the ratios: above 1, we take longer. Ours and `reader` keep what they get in SQLite on the disk;
`reader` commits without waiting for it (synchronous=NORMAL), we wait (FULL). The bare fetch keeps the ETags, and nothing else. Each feed is
on an address of its own, for of one host we poll one feed at a time.
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path

import requests
import structlog
from reader import make_reader

from benchmarks.stage import AGENCY, NOW, PARTNER, exchange, inbound, serving
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.ingest.poll import Poller
from syndication.media.carrier import Carrier
from syndication.media.check import Checker
from syndication.model.item import ReviewState
from syndication.publish.pusher import Pusher
from syndication.publish.retention import Retention
from syndication.scheduler import Worker
from syndication.settings import Settings
from syndication.storage import items

MIB = 1024 * 1024
TEXT = "Railway companies of nine countries opened a forum to agree on a single waybill for freight. " * 12


def document(flow: int, count: int, first: int = 0) -> bytes:
    """An Atom feed of `count` entries, about 1.5 kB each, from the `first` on."""
    entries = "".join(
        f"<entry><id>tag:partner.example,2026:{flow}:{number}</id><title>Story {number} of feed {flow}</title>"
        f"<updated>2026-11-24T0{number % 8}:00:00Z</updated><link href='https://partner.example/{flow}/{number}'/>"
        f"<author><name>Aigerim Bek</name></author><summary>In short.</summary>"
        f"<content type='html'>&lt;p&gt;{TEXT}&lt;/p&gt;</content></entry>"
        for number in range(first, first + count)
    )
    head = "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title>Feed</title><updated>2026-11-24T08:00:00Z</updated>"
    return f"{head}<id>tag:partner.example,2026:{flow}</id>{entries}</feed>".encode()


Feeds = dict[str, bytes]


def grown(feeds: Feeds, count: int, by: int) -> None:
    """Each feed as it is when so many entries are new."""
    feeds.update({f"/{number}": document(number, count, by) for number in range(len(feeds))})


def address(port: int, number: int) -> str:
    """Of a feed."""
    return f"http://127.0.{1 + number // 250}.{1 + number % 250}:{port}/{number}"


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def ours(port: int, feeds: Feeds, count: int, workers: int) -> tuple[float, ...]:
    """Seconds of the first poll of all, of the second, with nothing changed, and of the third, with one entry new of each."""
    streams = tuple(inbound(f"flow-{number}", address(port, number)) for number in range(len(feeds)))
    limits = Limits(wire_bytes=10 * MIB, body_bytes=10 * MIB, connect=3, read=5, total=20, redirects=0)
    parser = Parser(2)
    now = [NOW]
    with exchange(streams) as database:
        settings = Settings(agency=AGENCY, allow={PARTNER: (f"127.0.0.0/8:{port}",)})
        client = Client(limits, "benchmark")
        poller, carrier = Poller(database, client, parser, settings), Carrier(database, client, Checker(), settings)
        pusher = Pusher(database, client, settings, b"", lambda: now[0], lambda: 0.0)
        retention = Retention(database, settings)
        worker = Worker(database, poller, pusher, retention, carrier, lambda: now[0], threads=workers, push_threads=2, lease_seconds=600)

        def all_due() -> None:
            under_way = set(worker.tick())
            while under_way:
                under_way = wait(under_way, return_when=FIRST_COMPLETED).not_done | set(worker.tick())

        def kept(expected: int) -> None:
            with database.read() as tx:
                found = items.counts(tx)[ReviewState.PENDING]
            if found != expected:
                raise SystemExit(f"kept {found} items of {expected}")

        try:
            first = timed(all_due)
            kept(len(feeds) * count)
            now[0] = NOW + timedelta(days=2)
            unchanged = timed(all_due)
            grown(feeds, count, 1)
            now[0] = NOW + timedelta(days=4)
            one_new = timed(all_due)
            kept(len(feeds) * (count + 1))
            return first, unchanged, one_new
        finally:
            worker.stop()
            parser.close()


def theirs(port: int, feeds: Feeds, count: int, workers: int) -> tuple[float, ...]:
    """The same of `reader`."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, make_reader(str(Path(folder) / "reader.db")) as reader:
        for number in range(len(feeds)):
            reader.add_feed(address(port, number))

        def all_due() -> None:
            reader.update_feeds(workers=workers, scheduled=False)

        first = timed(all_due)
        kept = reader.get_entry_counts().total
        if kept != len(feeds) * count:
            raise SystemExit(f"reader kept {kept} entries of {len(feeds) * count}")
        unchanged = timed(all_due)
        grown(feeds, count, 1)
        return first, unchanged, timed(all_due)


def bare(port: int, feeds: Feeds, count: int, workers: int) -> tuple[float, ...]:
    """The same of a conditional GET and nothing more: what no poller can be quicker than that uses the same library."""
    tags: dict[int, str] = {}

    def visit(number: int) -> None:
        answer = requests.get(address(port, number), headers={"If-None-Match": tags.get(number, "")}, timeout=20)
        tags[number] = answer.headers["ETag"]

    with ThreadPoolExecutor(workers) as pool:

        def all_due() -> None:
            for _ in pool.map(visit, range(len(feeds))):
                pass

        first, unchanged = timed(all_due), timed(all_due)
        grown(feeds, count, 1)
        return first, unchanged, timed(all_due)


def main(arguments: list[str]) -> int:
    """Measure in turns, print medians and ratios."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.polling")
    for name, default in (("flows", 300), ("items", 20), ("rounds", 3), ("workers", 8)):
        options.add_argument(f"--{name}", type=int, default=default)
    chosen = options.parse_args(arguments)
    # A line for each of the polls would be measured with them.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    contestants: dict[str, Callable[[int, Feeds, int, int], tuple[float, ...]]] = {"ours": ours, "reader": theirs, "bare": bare}
    results: dict[str, list[tuple[float, ...]]] = {name: [] for name in contestants}
    feeds: Feeds = {f"/{number}": b"" for number in range(chosen.flows)}
    with serving(feeds, "0.0.0.0") as port:
        for turn in range(chosen.rounds):
            for name in sorted(contestants, reverse=bool(turn % 2)):
                grown(feeds, chosen.items, 0)
                results[name].append(contestants[name](port, feeds, chosen.items, chosen.workers))
    sys.stdout.write(f"{chosen.flows} feeds of {chosen.items} items, {chosen.rounds} rounds, {datetime.now().astimezone():%Y-%m-%d}\n")
    for place, what in enumerate(("first", "unchanged", "one new")):
        took = {name: statistics.median(one[place] for one in results[name]) for name in contestants}
        ratios = f"{took['ours'] / took['reader']:.2f} of reader, {took['ours'] / took['bare']:.2f} of bare"
        sys.stdout.write(f"{what}: {', '.join(f'{name} {seconds:.2f} s' for name, seconds in took.items())}; {ratios}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
