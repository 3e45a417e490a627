"""Items, their versions byte for byte, their reviews, and the ids that partners have killed."""

import hashlib
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from syndication.errors import ConflictError, StorageError
from syndication.model.item import Item, ReviewAct, ReviewState
from syndication.model.story import Pubstatus
from syndication.storage import items, partners
from syndication.storage.database import Database
from syndication.storage.schema import bodies
from tests import worlds

EVERY_BYTE = bytes(range(256)) * 3
FULL = worlds.entry(
    raw=EVERY_BYTE,
    pubstatus=Pubstatus.WITHHELD,
    content=worlds.content(renditions=(worlds.rendition(),), embargo_until=worlds.NOW + timedelta(days=1), urgency=3),
    published_raw="0000-00-00",
    replaces="tag:trc.example,2026:0",
    claimed_source="Reuters",
    rights="(c) TRC",
    flags=("date '0000-00-00' cannot be read",),
)


def received(database: Database, *found: Item) -> None:
    with database.write() as tx:
        for item in found:
            items.receive(tx, item)


def as_read(item: Item) -> Item:
    """As it is read back: its bytes lie apart."""
    return replace(item, current=replace(item.current, entry=replace(item.current.entry, raw=b"")))


def test_an_item_comes_back_whole(peopled: Database) -> None:
    item = worlds.item(guid=FULL.guid, current=worlds.item_version(entry=FULL), flags=("withheld by the partner",))
    received(peopled, item)
    with peopled.read() as tx:
        assert items.get(tx, "i_1") == as_read(item)
        assert items.by_guid(tx, "trc-en", FULL.guid) == as_read(item)
        assert items.known(tx, "trc-en", (FULL.guid, "other")) == {FULL.guid: as_read(item)}
        assert items.of_partner_with_guid(tx, "trc", FULL.guid) == (as_read(item),)
        assert items.version(tx, "i_1", 1) == as_read(item).current
        assert items.versions(tx, "i_1") == (as_read(item).current,)
        assert items.get(tx, "none") is None
        assert items.version(tx, "i_1", 2) is None


def test_the_bytes_come_back_as_they_came(peopled: Database) -> None:
    received(peopled, worlds.item(current=worlds.item_version(entry=FULL)))
    with peopled.read() as tx:
        assert items.raw(tx, "i_1", 1) == EVERY_BYTE
        assert items.raw(tx, "i_1", 2) is None


def test_the_same_bytes_are_kept_once(peopled: Database) -> None:
    """An ill-formed document is the raw form of every entry in it."""
    received(peopled, worlds.item(), worlds.item(id="i_2", guid="other"))
    with peopled.read() as tx:
        kept = tx.rows(bodies.select())
    assert [(row.hash, bytes(row.body)) for row in kept] == [(hashlib.sha256(b"<entry>rail</entry>").hexdigest(), b"<entry>rail</entry>")]


def test_a_guid_is_once_on_a_flow(peopled: Database) -> None:
    received(peopled, worlds.item())
    with pytest.raises(ConflictError):
        received(peopled, worlds.item(id="i_2"))


def test_the_same_guid_on_another_flow_is_another_item(peopled: Database) -> None:
    """S01, wire 40: identity is (flow, guid)."""
    flows = (worlds.flow(), worlds.flow(id="azertac-en", partner="azertac"), worlds.flow(id="trc-ru"))
    with peopled.write() as tx:
        partners.take(tx, (worlds.partner(id="azertac"),), flows, worlds.NOW)
    theirs = worlds.item(id="i_2", flow="azertac-en", partner="azertac")
    russian = worlds.item(id="i_3", flow="trc-ru")
    received(peopled, worlds.item(), theirs, russian)
    with peopled.read() as tx:
        assert items.by_guid(tx, "azertac-en", theirs.guid) == as_read(theirs)
        assert [item.id for item in items.of_partner_with_guid(tx, "trc", theirs.guid)] == ["i_1", "i_3"]
        assert list(items.known(tx, "trc-ru", (theirs.guid,))) == [theirs.guid]


def test_a_decision_moves_it_on_and_is_kept(peopled: Database) -> None:
    before = worlds.item()
    at = worlds.NOW + timedelta(minutes=1)
    after = replace(
        before, state=ReviewState.ACCEPTED, revision=2, taken_version=1, story="s_1", decided_by="mai", decided_at=at, changed_at=at
    )
    received(peopled, before)
    with peopled.write() as tx:
        items.decide(tx, before, after, worlds.review(at=at))
    with peopled.read() as tx:
        assert items.get(tx, "i_1") == as_read(after)
        assert items.reviews(tx, "i_1") == (worlds.review(at=at),)


def test_a_correction_keeps_the_version_before(peopled: Database) -> None:
    before = worlds.item(state=ReviewState.ACCEPTED)
    second = worlds.item_version(number=2, entry=worlds.entry(content=worlds.content(headline="Two forums"), raw=b"<two/>"))
    after = replace(before, current=second, state=ReviewState.REOPENED, revision=2)
    reopened = worlds.review(act=ReviewAct.REOPEN, by="trc", from_state=ReviewState.ACCEPTED, to_state=ReviewState.REOPENED)
    received(peopled, before)
    with peopled.write() as tx:
        items.decide(tx, before, after, reopened)
    with peopled.read() as tx:
        assert items.get(tx, "i_1") == as_read(after)
        assert items.versions(tx, "i_1") == (as_read(before).current, as_read(after).current)
        assert (items.raw(tx, "i_1", 1), items.raw(tx, "i_1", 2)) == (b"<entry>rail</entry>", b"<two/>")


def test_the_second_decision_on_one_revision_says_what_happened_meanwhile(peopled: Database) -> None:
    """W15: who, what, when."""
    before = worlds.item()
    received(peopled, before)
    with peopled.write() as tx:
        items.decide(tx, before, replace(before, state=ReviewState.ACCEPTED, revision=2), worlds.review())
    rejected = worlds.review(act=ReviewAct.REJECT, by="lan", to_state=ReviewState.REJECTED)
    with pytest.raises(ConflictError, match=r"mai.*accept.*08:00"), peopled.write() as tx:
        items.decide(tx, before, replace(before, state=ReviewState.REJECTED, revision=2), rejected)
    with peopled.read() as tx:
        found = items.get(tx, "i_1")
        assert found is not None
        assert found.state is ReviewState.ACCEPTED
        assert items.reviews(tx, "i_1") == (worlds.review(),)


def test_of_many_who_decide_at_once_one_does(peopled: Database) -> None:
    before = worlds.item()
    received(peopled, before)
    won: list[str] = []
    lost: list[str] = []
    start = threading.Barrier(8)

    def decide(name: str) -> None:
        start.wait()
        try:
            with peopled.write() as tx:
                items.decide(tx, before, replace(before, state=ReviewState.ACCEPTED, revision=2, decided_by=name), worlds.review(by=name))
            won.append(name)
        except ConflictError:
            lost.append(name)

    threads = [threading.Thread(target=decide, args=(f"editor-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    with peopled.read() as tx:
        assert [review.by for review in items.reviews(tx, "i_1")] == won


def test_the_queue_newest_first_in_pages(peopled: Database) -> None:
    """Two at one moment keep an order, so that no page drops or repeats one."""
    states = (ReviewState.PENDING, ReviewState.REOPENED)
    minutes = {"i_1": 0, "i_2": 5, "i_3": 5, "i_4": 3, "i_5": 9}
    for identity, minute in minutes.items():
        state = ReviewState.REOPENED if identity == "i_4" else ReviewState.PENDING
        state = ReviewState.REJECTED if identity == "i_5" else state
        received(peopled, worlds.item(id=identity, guid=identity, state=state, changed_at=worlds.NOW + timedelta(minutes=minute)))
    with peopled.read() as tx:
        first = items.queue(tx, states, 2)
        second = items.queue(tx, states, 2, (False, first[-1].changed_at, first[-1].id))
        third = items.queue(tx, states, 2, (False, second[-1].changed_at, second[-1].id))
        assert [item.id for item in (*first, *second, *third)] == ["i_3", "i_2", "i_4", "i_1"]
        assert items.queue(tx, (), 9) == ()


def test_counts_name_every_state(peopled: Database) -> None:
    received(peopled, worlds.item(), worlds.item(id="i_2", guid="2"), worlds.item(id="i_3", guid="3", state=ReviewState.HELD))
    with peopled.read() as tx:
        found = items.counts(tx)
    assert found == {state: {ReviewState.PENDING: 2, ReviewState.HELD: 1}.get(state, 0) for state in ReviewState}


def test_a_killed_id_is_remembered_before_there_is_a_story(peopled: Database) -> None:
    """S10, S11: and the second kill changes nothing."""
    with peopled.write() as tx:
        assert not items.buried(tx, "trc", "g")
        items.bury(tx, "trc", "g", worlds.NOW, "wrong", worlds.NOW)
        items.bury(tx, "trc", "g", worlds.NOW, None, worlds.NOW)
        assert items.buried(tx, "trc", "g")
        assert not items.buried(tx, "trc", "h")
        assert not items.buried(tx, "azertac", "g")


def long_guid(length: int) -> str:
    """Of characters that do not compress: indexes would shorten others."""
    return "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(length // 64 + 1))[:length]


def test_a_guid_of_two_thousand_bytes_is_kept(peopled: Database) -> None:
    received(peopled, worlds.item(guid=long_guid(2_000)))
    with peopled.write() as tx:
        items.bury(tx, "trc", long_guid(2_000), worlds.NOW, None, worlds.NOW)
        assert items.by_guid(tx, "trc-en", long_guid(2_000)) is not None
        assert items.buried(tx, "trc", long_guid(2_000))


def test_a_longer_one_is_a_named_failure_where_it_cannot_be_kept(peopled: Database, database_url: str) -> None:
    """PostgreSQL's indexes hold some 2,700 bytes of a value; SQLite's hold all."""
    if database_url.startswith("sqlite"):
        received(peopled, worlds.item(guid=long_guid(5_000)))
        return
    with pytest.raises(StorageError):
        received(peopled, worlds.item(guid=long_guid(5_000)))


def test_many_guids_are_looked_up_at_once(peopled: Database) -> None:
    received(peopled, *(worlds.item(id=f"i_{number}", guid=f"g{number}") for number in range(30)))
    with peopled.read() as tx:
        assert len(items.known(tx, "trc-en", tuple(f"g{number}" for number in range(40_000)))) == 30
        assert items.known(tx, "trc-en", ()) == {}
