"""Every file of a folder through the real poller: what is kept, what is refused and why, and whether an entry goes missing silently.

    python -m benchmarks.corpus DIR

Each file is served from a local server and polled into a fresh database. The entries are counted a second time by a plain expat walk,
which shares nothing with the poller. Then ids, links, titles and dates are held against those that fastfeedparser reads: each difference
has a reason, or is listed as without one. Exit status 1 where a well-formed document has entries that were neither kept, nor reported.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urljoin
from xml.parsers import expat

import fastfeedparser
from rich.console import Console
from rich.table import Table

from benchmarks.stage import AGENCY, NOW, PARTNER, exchange, inbound, serving
from syndication.errors import FeedError
from syndication.feeds.dates import EARLIEST
from syndication.feeds.parse import LONGEST_TITLE
from syndication.feeds.sanitize import clean_text, text_of
from syndication.feeds.worker import Parser
from syndication.fetch.client import Client, Limits
from syndication.ingest.poll import Poller
from syndication.model.poll import Poll
from syndication.settings import Settings

MIB = 1024 * 1024
HERE = "https://partner.example/feed"


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


@dataclass(frozen=True, slots=True)
class Pair:
    """What ours and theirs say of one thing; `beside`: of a date, the other date of the same entry, ours and theirs."""

    ours: Any
    theirs: Any
    beside: tuple[Any, Any] = (None, None)


REASONS: Final[tuple[tuple[str, str, Callable[[Pair], bool]], ...]] = (
    ("id", "the document gives none: ours is a hash of the text", lambda it: it.ours.startswith("urn:sha256:")),
    ("id", "spaces within it or around it", lambda it: " ".join(str(it.theirs).split()) == it.ours),
    ("link", "ours is resolved, as browsers do", lambda it: it.theirs and it.ours == urljoin(HERE, it.theirs)),
    ("link", "ours is none: no http or https address", lambda it: it.ours is None),
    ("title", "theirs keeps HTML's references as they stand", lambda it: _words(unescape(str(it.theirs))) == it.ours),
    ("title", "runs of spaces, or what cannot be seen", lambda it: _words(str(it.theirs)) == it.ours),
    ("title", "theirs keeps markup", lambda it: _words(text_of(str(it.theirs))) == it.ours),
    ("title", "theirs is empty: ours is made of the text, or says that there is none", lambda it: not it.theirs),
    ("date", "ours is whole seconds", lambda it: it.ours and it.theirs and it.ours == it.theirs.replace(microsecond=0)),
    ("date", "ours is none: no news item is of before 1990", lambda it: it.ours is None and it.theirs < EARLIEST),
    ("date", "theirs takes one for the other, of which the document gives one", lambda it: it.ours is None and it.theirs == it.beside[1]),
    ("date", "ours takes one for the other, of which RSS gives one", lambda it: it.theirs is None and it.ours == it.beside[0]),
)
"""Why ours may differ from theirs, by what it is of; the first that holds is told."""


def _words(text: str) -> str:
    return clean_text(text, LONGEST_TITLE)


@dataclass(slots=True)
class Comparison:
    """Entries held against fastfeedparser's; differences by what of, and why; those without a reason; files it could not be done for."""

    entries: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def hold(self, name: str, what: str, pair: Pair) -> None:
        if (pair.ours or None) == (pair.theirs or None):
            return
        reason = next((why for of, why, holds in REASONS if of == what and holds(pair)), None)
        if reason is None:
            self.unexplained.append(f"{name}: {what}: {pair.ours!r}, theirs {pair.theirs!r}")
        else:
            self.reasons[(what, reason)] += 1


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def compared(folder: Path) -> Comparison:
    """Every file below the folder, read by both."""
    done, parser = Comparison(), Parser(1, 10)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        body = path.read_bytes()
        try:
            ours = parser.parse(body, content_type=None, base_url=HERE, language="en", now=datetime.now(UTC)).entries
            theirs = fastfeedparser.parse(body).entries
        except (FeedError, ValueError) as error:
            done.files.append(f"{path.name}: {error}")
            continue
        if len(ours) != len(theirs):
            done.files.append(f"{path.name}: {len(ours)} entries, theirs {len(theirs)}")
            continue
        for mine, other in zip(ours, theirs, strict=True):
            done.entries += 1
            done.hold(path.name, "id", Pair(mine.guid, other.get("id")))
            done.hold(path.name, "link", Pair(mine.content.link, other.get("link")))
            done.hold(path.name, "title", Pair(mine.content.headline, other.get("title")))
            published, updated = (_moment(other.get(which)) for which in ("published", "updated"))
            done.hold(path.name, "date", Pair(mine.published, published, (mine.updated, updated)))
            done.hold(path.name, "date", Pair(mine.updated, updated, (mine.published, published)))
    parser.close()
    return done


def tell(done: Comparison) -> None:
    """Print what differs."""
    sys.stdout.write(f"held against fastfeedparser: {done.entries} entries\n")
    for (what, why), count in done.reasons.most_common():
        sys.stdout.write(f"{count:6} {what}: {why}\n")
    for line in (*done.files, *done.unexplained):
        sys.stdout.write(f"  {line}\n")
    sys.stdout.write(f"{sum(done.reasons.values())} differences with a reason, {len(done.unexplained)} without\n")


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
    tell(compared(Path(arguments[0])))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
