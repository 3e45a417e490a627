"""What becomes of a whole document: its kills first, each id once, and nothing that the partner had already taken back."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from syndication.ingest.taking import take
from syndication.model.agreement import OnwardUse, ReviewTerm
from syndication.model.entry import Entry, ParsedFeed, Tombstone
from syndication.model.item import ReviewState
from syndication.model.partner import Flow
from syndication.model.poll import Counts
from syndication.model.story import Pubstatus
from syndication.settings import Settings
from syndication.storage import agreements, items, partners
from syndication.storage.database import Database
from tests.worlds import NOW, agreement, content, entry, flow, grant, partner, terms

KILLED, HELD = Pubstatus.CANCELED, Pubstatus.WITHHELD
AUTOMATIC = agreement(grants=(grant(terms=terms(onward=OnwardUse.ANYONE, review=ReviewTerm.AUTOMATIC)),))


def said(number: int = 1, headline: str = "Rail", **changes: object) -> Entry:
    """An entry of TRC's with that number."""
    return entry(guid=f"tag:trc.example,2026:{number}", content=content(headline=headline), **changes)


def taken(database: Database, *documents: ParsedFeed) -> Counts:
    """What the last of them counted, under automatic review."""
    with database.write() as tx:
        partners.take(tx, (partner(),), (flow(),), NOW)
        agreements.sign(tx, AUTOMATIC, NOW, "test")
    for document in documents:
        with database.write() as tx:
            counts, _, _ = take(tx, document, flow(), partner(), Settings(), NOW)
    return counts


def feed(*entries: Entry, tombstones: tuple[Tombstone, ...] = ()) -> ParsedFeed:
    return ParsedFeed("", "en", entries, tombstones)


def state(database: Database, number: int) -> ReviewState | None:
    with database.read() as tx:
        item = items.by_guid(tx, "trc-en", f"tag:trc.example,2026:{number}")
    return item.state if item else None


REPLACING = said(2, replaces="tag:trc.example,2026:1")


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([feed(said(), REPLACING)], ReviewState.ACCEPTED, id="the control: what it replaces is alive"),
        pytest.param([feed(REPLACING)], ReviewState.ACCEPTED, id="what it replaces never came"),
        pytest.param(
            [feed(REPLACING, tombstones=(Tombstone("tag:trc.example,2026:1", NOW),))], ReviewState.PENDING, id="known by its kill alone"
        ),
        pytest.param([feed(said()), feed(REPLACING, said(pubstatus=KILLED))], ReviewState.PENDING, id="killed lower in the same document"),
        pytest.param([feed(said()), feed(said(pubstatus=KILLED)), feed(REPLACING)], ReviewState.PENDING, id="killed in the one before"),
    ],
)
def test_what_replaces_something_killed_waits_for_an_editor(database: Database, documents: list[ParsedFeed], expected: ReviewState) -> None:
    taken(database, *documents)
    assert state(database, 2) is expected


LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([said(headline="A"), said(headline="B")], ("A", Pubstatus.USABLE), id="S04: of two alike in age, the first"),
        pytest.param([said(headline="A"), said(headline="B", updated=LATER)], ("B", Pubstatus.USABLE), id="the newer, below"),
        pytest.param([said(headline="A", updated=LATER), said(headline="B")], ("A", Pubstatus.USABLE), id="the newer, above"),
        pytest.param([said(headline="A"), said(headline="B", updated=None)], ("A", Pubstatus.USABLE), id="one has no date"),
        pytest.param([said(headline="A", updated=LATER), said(headline="A", pubstatus=HELD)], ("A", HELD), id="a hold, though it is older"),
        pytest.param([said(headline="A"), said(headline="A", pubstatus=HELD)], ("A", HELD), id="a hold below"),
        pytest.param([said(headline="A"), said(headline="A", pubstatus=KILLED)], None, id="a kill below"),
        pytest.param([said(headline="A", pubstatus=HELD), said(headline="A", pubstatus=KILLED)], None, id="a kill before a hold"),
        pytest.param([said(headline="A", pubstatus=KILLED), said(headline="A")], None, id="a kill above"),
    ],
)
def test_of_one_id_twice_in_a_document(database: Database, entries: list[Entry], expected: tuple[str, Pubstatus] | None) -> None:
    taken(database, feed(*entries))
    with database.read() as tx:
        item = items.by_guid(tx, "trc-en", "tag:trc.example,2026:1")
        assert items.buried(tx, "trc", "tag:trc.example,2026:1") is (expected is None)
    assert (item and (item.current.entry.content.headline, item.current.entry.pubstatus)) == expected


def test_an_unchanged_entry_after_its_embargo_is_no_correction(database: Database) -> None:
    under = replace(said(), content=content(headline="Rail", embargo_until=NOW))
    assert taken(database, feed(under), feed(said())).unchanged == 1


def test_wire_40_one_id_on_two_flows_is_two_items(database: Database) -> None:
    """An id is its feed's."""
    other = replace(flow(), id="trc-ru")
    taken(database, feed(said()))
    with database.write() as tx:
        partners.take(tx, (partner(),), (flow(), other), NOW)
        counts, _, _ = take(tx, feed(said()), other, partner(), Settings(), NOW)
    with database.read() as tx:
        assert counts.new == len({item.id for item in items.of_partner_with_guid(tx, "trc", "tag:trc.example,2026:1")}) - 1 == 1


def test_what_we_gave_out_does_not_come_in_again(database: Database) -> None:
    """An echo: AZERTAC's story, which went from us to TRC, would come back as TRC's."""
    echo = replace(said(), guid=f"tag:{Settings().domain},2026:s_0123456789")
    counts = taken(database, feed(echo, said(2)))
    assert (counts.new, counts.unchanged) == (1, 1)
    with database.read() as tx:
        assert items.by_guid(tx, "trc-en", echo.guid) is None


def test_s06_s07_no_date_of_the_partners_pins_an_item_to_the_top_or_hides_it(database: Database) -> None:
    """The queue goes by when it came: not by the year 9999, and not by ten years ago."""
    dates = (NOW.replace(year=9999), None, NOW - timedelta(days=3650))
    with database.write() as tx:
        partners.take(tx, (partner(),), (flow(),), NOW)
        agreements.sign(tx, agreement(), NOW, "test")
        for number, date in enumerate(dates):
            came = NOW + timedelta(minutes=number)
            take(tx, feed(said(number, published=date, updated=date)), flow(), partner(), Settings(), came)
        queue = items.queue(tx, (ReviewState.PENDING,), 10)
    assert [one.guid[-1] for one in queue] == ["2", "1", "0"]


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        pytest.param((), ReviewState.ACCEPTED, id="the control: no category at all"),
        pytest.param(("flash",), ReviewState.PENDING, id="a word that asks for haste"),
        pytest.param(("auto-accept", "http://trc.example/accept"), ReviewState.PENDING, id="words that ask for leave"),
    ],
)
def test_s08_a_category_that_is_not_agreed_on_gets_nothing_past_the_editor(
    database: Database, categories: tuple[str, ...], expected: ReviewState
) -> None:
    wordless = replace(said(), categories=categories, content=content(headline="Rail", topics=()))
    taken(database, feed(wordless))
    assert state(database, 1) is expected


def test_s09_a_flood_of_flashes_pins_only_so_many_to_the_top(database: Database) -> None:
    """Of a partner's flows together thirty within the hour; the rest come in as ordinary ones; in the next hour there is room again."""
    first = agreement(grants=(grant(terms=terms(priority=True)),))
    flows = (flow(), flow(id="trc-2"))
    with database.write() as tx:
        partners.take(tx, (partner(),), flows, NOW)
        agreements.sign(tx, first, NOW, "test")

    def urgent(at: datetime, on: Flow, start: int) -> int:
        flashes = [entry(guid=f"g{start + number}", content=content(urgency=1)) for number in range(20)]
        with database.write() as tx:
            take(tx, feed(*flashes), on, partner(), Settings(), at)
            found = items.known(tx, on.id, [one.guid for one in flashes]).values()
        assert {one.current.entry.content.urgency for one in found if not one.urgent} <= {5}
        assert all(one.flags for one in found if not one.urgent)
        return sum(one.stands_first for one in found)

    counted = [urgent(NOW, flows[0], 0), urgent(NOW, flows[1], 20), urgent(NOW, flows[1], 40)]
    assert counted == [20, 10, 0]
    assert urgent(NOW + timedelta(hours=1), flows[0], 60) == 20
    with database.read() as tx:
        top = items.queue(tx, (ReviewState.PENDING,), 99)
    assert [one.stands_first for one in top] == [True] * 50 + [False] * 30
