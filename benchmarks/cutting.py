"""Every feed of a folder read again with 0, 1, 2 or 5 of its entries new, against reading it whole; and whether the same comes of it.

    python -m benchmarks.cutting DIR

Exit status 1 where what is read in part is not, value for value, what is read of the whole.
"""

import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.stage import NOW
from syndication.errors import FeedError
from syndication.feeds.parse import parse
from syndication.model.entry import Mark, ParsedFeed

NEW = (0, 1, 2, 5)
TIMES = 5


@dataclass(frozen=True, slots=True)
class Read:
    """One file: its entries, those that can be known again, and the milliseconds of the whole and of so many new; `differs`: how often
    the part was not the whole.
    """

    name: str
    entries: int
    marks: int
    whole: float
    parts: tuple[float, ...]
    differs: int


def read(body: bytes, known: Sequence[Mark] = ()) -> ParsedFeed:
    """The document, as the worker reads it."""
    return parse(body, content_type=None, base_url="https://partner.example/feed", language="en", now=NOW, known=known)


def without(whole: ParsedFeed, same: Sequence[Mark]) -> ParsedFeed:
    """What reading the rest must give."""
    gone = {mark.guid for mark in same}
    entries = tuple(entry for entry in whole.entries if entry.guid not in gone)
    return replace(whole, entries=entries, marks=tuple(mark for mark in whole.marks if mark.guid not in gone), same=tuple(same))


def timed(body: bytes, known: Sequence[Mark] = ()) -> tuple[float, ParsedFeed]:
    """The median of a few readings, in milliseconds, and what was read."""
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        found = read(body, known)
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took), found


def measured(name: str, body: bytes) -> Read:
    """One file, read whole and in parts. Raises FeedError where it is none that we read."""
    chance = random.Random(name)
    took, whole = timed(body)
    parts, differs = [], 0
    for new in NEW:
        known = chance.sample(whole.marks, max(0, len(whole.marks) - new))
        one, found = timed(body, known)
        parts.append(one)
        differs += found != without(whole, found.same) or len(found.same) != len(known)
    return Read(name, len(whole.entries), len(whole.marks), took, tuple(parts), differs)


def main(arguments: list[str]) -> int:
    """Print the table; 1 where a part differs from the whole."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write(f"{__doc__}\n")
        return 2
    done, refused = [], 0
    for path in sorted(path for path in Path(arguments[0]).rglob("*") if path.is_file()):
        try:
            done.append(measured(str(path.relative_to(arguments[0])), path.read_bytes()))
        except FeedError:
            refused += 1
    table = Table("file", "entries", "known again", "whole, ms", *(f"{new} new, ms" for new in NEW), "differs")
    for one in done:
        times = (f"{part:.1f}" for part in one.parts)
        table.add_row(one.name, str(one.entries), str(one.marks), f"{one.whole:.1f}", *times, str(one.differs))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    cut = [one for one in done if one.marks]
    for place, new in enumerate(NEW):
        ratio = statistics.median(one.whole / one.parts[place] for one in cut) if cut else 0
        sys.stdout.write(f"{new} new: {ratio:.1f} times faster than the whole, in the median\n")
    differs = sum(one.differs for one in done)
    sys.stdout.write(f"{len(done)} feeds, {len(cut)} of them cut, {refused} files refused, {differs} readings that differ\n")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
