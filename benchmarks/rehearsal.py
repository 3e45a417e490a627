"""A draft agreement rehearsed on so many stored decisions, on SQLite; and the same question asked story by story, as `explain` asks it.

    python -m benchmarks.rehearsal [--stories 100000] [--rounds 5]

Half of them came in and half went out, in four languages, on eight subjects, some embargoed, some made from what a partner gave; the draft
refuses some of each and sets a ceiling. The peer asks the gate for one story at a time, from the store; of it a sample is timed. Prints
medians in seconds, and the ratio for the same number of stories.
"""

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from benchmarks.stage import AGENCY, NOW, REFERENCE, exchange, inbound, outbound
from syndication.agreements import rehearsal
from syndication.agreements.decision import ask, decision
from syndication.agreements.explain import of_story_on
from syndication.agreements.governing import Standing
from syndication.identity import entry_id
from syndication.model.agreement import Agreement, ContentType, Obligation, Period, Register, Stamp
from syndication.model.clearance import Subject, Usage
from syndication.model.event import Decision
from syndication.model.partner import Direction
from syndication.model.story import Content, Pubstatus, Story, StoryAct, StoryVersion
from syndication.storage import agreements, events, stories
from syndication.storage.database import Database

LANGUAGES = ("en", "vi", "fr", "ru")
TOPICS = tuple(f"medtop:{number:02}000000" for number in range(1, 9))
IN, OUT = replace(inbound("in", "http://partner.example/feed"), languages=LANGUAGES), replace(outbound("out"), languages=LANGUAGES)
SAMPLE = 200
MONTH = timedelta(days=30)
AT_ONCE = 1_000


def facts_of(number: int, stamp: Stamp) -> Subject:
    """One story or item of the month: each its own language, subjects and hour."""
    return Subject(
        ContentType.TEXT if number % 5 else ContentType.PICTURE,
        LANGUAGES[number % 4],
        tuple(dict.fromkeys((TOPICS[number % 8], TOPICS[number % 7]))),
        Pubstatus.USABLE,
        embargo_until=NOW - MONTH + timedelta(minutes=number) if number % 50 == 0 else None,
        credit_line="Partner",
        # What is made from an item carries a Stamp of its own moment.
        sources=(replace(stamp, at=stamp.at + timedelta(minutes=number)),) if number % 4 == 1 else (),
    )


def decisions(count: int, register: Register) -> Iterator[Decision]:
    """A month's decisions, in order."""
    granted = register.dossiers[0].versions[0].grants[0]
    stamp = Stamp(REFERENCE, 1, "1", Direction.INBOUND, "elsewhere", "in", granted.terms, NOW - MONTH)
    standing = Standing(register, NOW - MONTH)
    for number in range(count):
        standing = standing.moved(NOW - MONTH + MONTH * number / count)
        if number % 2:
            asked = ask(facts_of(number, stamp), OUT, standing, Usage((0,)))
        else:
            asked = ask(replace(facts_of(number, stamp), sources=()), IN, standing)
        yield decision(asked, subject=f"s_{number}", version=1, headline=f"Story {number} of the month", mark=f"{number:064x}")


def fill(database: Database, count: int) -> Agreement:
    """Store the month, and a sample of its stories for the peer; returns the draft."""
    with database.read() as tx:
        register = agreements.register(tx, AGENCY)
    made: list[Decision] = []
    for one in decisions(count, register):
        made.append(one)
        if len(made) == AT_ONCE:
            with database.write() as tx:
                events.record_decisions(tx, made)
            made.clear()
    with database.write() as tx:
        events.record_decisions(tx, made)
        for number in range(SAMPLE):
            content = Content(f"Story {number}", "<p>In short.</p>", LANGUAGES[number % 4], topics=(TOPICS[number % 8],))
            version = StoryVersion(f"s_{number}", 1, content, Pubstatus.USABLE, StoryAct.WRITE, NOW, "benchmark")
            stories.write(tx, Story(f"s_{number}", entry_id("vna.example", f"s_{number}", NOW), version, NOW))
    held = register.dossiers[0].versions[0]
    grants = tuple(replace(grant, languages=("en", "vi", "fr"), topics_out=(TOPICS[7],)) for grant in held.grants)
    ceiling = Obligation("2", Direction.OUTBOUND, "texts", at_most=max(count // 90, 1), period=Period.DAY, types=(ContentType.TEXT,))
    return replace(held, version=2, signed_on=None, grants=grants, obligations=(ceiling,))


def rehearsed(database: Database, draft: Agreement) -> tuple[float, rehearsal.Rehearsal]:
    """Seconds, and what was told."""
    start = time.perf_counter()
    with database.read() as tx:
        told = rehearsal.rehearse(tx, draft, agency=AGENCY, since=NOW - MONTH, until=NOW)
    return time.perf_counter() - start, told


def one_by_one(database: Database) -> float:
    """Seconds for one story, of a sample."""
    start = time.perf_counter()
    for number in range(SAMPLE):
        with database.read() as tx:
            of_story_on(tx, f"s_{number}", "out", AGENCY, NOW)
    return (time.perf_counter() - start) / SAMPLE


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.rehearsal")
    options.add_argument("--stories", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(arguments)
    with exchange((IN, OUT)) as database:
        draft = fill(database, chosen.stories)
        whole: list[float] = []
        single: list[float] = []
        for _ in range(chosen.rounds):
            took, told = rehearsed(database, draft)
            whole.append(took)
            single.append(one_by_one(database) * chosen.stories)
    outcomes = Counter(line.outcome for line in told.lines)
    sys.stdout.write(f"{len(told.lines)} pieces: " + ", ".join(f"{outcomes[one]} {one}" for one in rehearsal.Outcome) + "\n")
    ours, peer = statistics.median(whole), statistics.median(single)
    sys.stdout.write(f"rehearsed          median {ours:8.2f} s   {len(told.lines) / ours:8.0f} a second\n")
    sys.stdout.write(f"one story at a time       {peer:8.2f} s (of a sample of {SAMPLE})   ratio {peer / ours:5.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
