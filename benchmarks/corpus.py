"""Every file of a folder through the real poller: what is kept, what is refused and why, and whether an entry goes missing silently.

    python -m benchmarks.corpus DIR

Each file is served from a local server and polled into a fresh database. The entries are counted a second time by a plain expat walk,
which shares nothing with the poller. Exit status 1 where a well-formed document has entries that were neither kept, nor reported.
"""

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.parsers import expat

from rich.console import Console
from rich.table import Table

from benchmarks.stage import AGENCY, NOW, PARTNER, exchange, inbound, serving
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.ingest.poll import Poller
from syndication.model.poll import Poll
from syndication.settings import Settings

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file: how the poll went, what expat counts (None: ill-formed), and the milliseconds it took."""

    name: str
    poll: Poll
    counted: int | None
    milliseconds: float

    @property
    def kept(self) -> int:
        """Entries that came in."""
        counts = self.poll.counts
        return counts.new + counts.updates + counts.corrections

    @property
    def accounted(self) -> int:
        """Entries kept, killed, refused by the agreement, seen before in the document, or reported as unreadable."""
        counts = self.poll.counts
        return self.kept + counts.kills + counts.refused + counts.unchanged + counts.unreadable

    @property
    def missing(self) -> int:
        """Entries that expat counts and nothing accounts for."""
        return 0 if self.counted is None or self.poll.error else max(0, self.counted - self.accounted)


def counted(body: bytes) -> int | None:
    """Elements named item or entry, by a bare expat walk; None where the document is ill-formed."""
    found = 0

    def start(name: str, _: object) -> None:
        nonlocal found
        found += bool(re.fullmatch(r"(?:\w+:)?(?:item|entry)", name))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(body.lstrip(), True)
    except expat.ExpatError:
        return None
    return found


def through(folder: Path) -> list[Outcome]:
    """Poll every file below the folder once."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    bodies = {f"/{quote(str(path.relative_to(folder)))}": path.read_bytes() for path in files}
    limits = Limits(wire_bytes=10 * MIB, body_bytes=10 * MIB, connect=3, read=5, total=20, redirects=0)
    parser = Parser(1, 10)
    done: list[Outcome] = []
    try:
        with serving(bodies) as port:
            names = {f"file-{number}": path for number, path in enumerate(bodies)}
            flows = tuple(inbound(name, f"http://127.0.0.1:{port}{path}") for name, path in names.items())
            with exchange(flows) as database:
                settings = Settings(agency=AGENCY, allow={PARTNER: (f"127.0.0.1/32:{port}",)})
                poller = Poller(database, Client(limits, "benchmark"), parser, settings)
                for name, path in names.items():
                    start = time.perf_counter()
                    poll = poller.poll(name, NOW)
                    took = (time.perf_counter() - start) * 1000
                    done.append(Outcome(path.removeprefix("/"), poll, counted(bodies[path]), took))
    finally:
        parser.close()
    return done


def main(arguments: list[str]) -> int:
    """Print the table; 1 where an entry went missing."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write(f"{__doc__}\n")
        return 2
    done = through(Path(arguments[0]))
    table = Table("file", "kept", "expat", "unreadable", "missing", "ms", "said")
    for one in done:
        said = one.poll.error or one.poll.note or ""
        count = "-" if one.counted is None else str(one.counted)
        row = (one.name, str(one.kept), count, str(one.poll.counts.unreadable), str(one.missing), f"{one.milliseconds:.0f}", said)
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    refused = sum(bool(one.poll.error) for one in done)
    missing = sum(one.missing for one in done)
    kept = sum(one.kept for one in done)
    sys.stdout.write(f"{len(done)} files, {kept} items kept, {refused} files refused, {missing} entries missing\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
