"""The renditions of what came in: which are to be fetched, who is on the way, what was brought home, and for whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, or_, select, tuple_, update

from syndication.model.item import ItemVersion, ReviewState
from syndication.model.media import Arrival, Kept
from syndication.model.story import Rendition, StoryVersion
from syndication.storage import media
from syndication.storage.database import Transaction
from syndication.storage.schema import arrivals as table
from syndication.storage.schema import brought, items, stories, story_versions
from syndication.storage.schema import media as kept_table

AT_ONCE: Final = 500
AT_A_LOOK: Final = 50
"""Rows that are read to find what may be fetched now."""
SET_ASIDE: Final = (ReviewState.REJECTED, ReviewState.WITHDRAWN)
"""Of items in these states nothing is fetched; of one that is taken up again, it is."""


def expect(tx: Transaction, version: ItemVersion) -> None:
    """From now on the renditions of this version are to be brought home. What an address gave to an earlier version holds for this one."""
    renditions = version.entry.content.renditions
    if not renditions:
        return
    earlier = tx.rows(select(table).where(table.c.item == version.item).order_by(table.c.version))
    before = {row.url: row for row in earlier}
    rows: list[dict[str, Any]] = []
    for place, one in enumerate(renditions):
        known = before.get(one.url)
        said = {name: getattr(known, name) if known else None for name in ("hash", "at", "why")}
        said |= {"tries": known.tries if known else 0, "next_at": known.next_at if known else version.received_at}
        this = {"item": version.item, "version": version.number, "place": place, "url": one.url, "wanted_at": version.received_at}
        rows.append({**this, **said, "partner": version.stamp.partner, "host": _host(one.url)})
    tx.change(insert(table), rows)


def of_version(tx: Transaction, item: str, number: int) -> tuple[Arrival, ...]:
    """How it stands with each rendition of that version that was to be brought home, in their order."""
    return of_versions(tx, ((item, number),)).get((item, number), ())


def of_versions(tx: Transaction, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[Arrival, ...]]:
    """The same of several versions of items."""
    found: dict[tuple[str, int], tuple[Arrival, ...]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        these = tuple_(table.c.item, table.c.version).in_(wanted[start : start + AT_ONCE])
        for row in tx.rows(_with_kept().where(these).order_by(table.c.item, table.c.version, table.c.place)):
            found[row.item, row.version] = (*found.get((row.item, row.version), ()), _whole(row))
    return found


def held(tx: Transaction, item: str, number: int, hash_: str) -> Kept | None:
    """The bytes of that hash, if that version of the item holds them."""
    this = (table.c.item == item, table.c.version == number, table.c.hash == hash_)
    row = tx.row(select(kept_table).join_from(table, kept_table).where(*this).limit(1))
    return media.kept_of(row) if row else None


def bytes_of(tx: Transaction, partner: str) -> int:
    """So many bytes are kept of what that partner sent, the same ones once (X06)."""
    hashes = select(table.c.hash).where(table.c.partner == partner, table.c.hash.is_not(None))
    row = tx.row(select(func.coalesce(func.sum(kept_table.c.length), 0)).where(kept_table.c.hash.in_(hashes)))
    return int(row[0]) if row else 0


def listed(tx: Transaction, *, partner: str | None = None, item: str | None = None, broken: bool = False) -> tuple[Arrival, ...]:
    """What is not at home yet, newest first: of one partner or item, or of all; with `broken` what was given up, and no more."""
    chosen = _with_kept().where(table.c.hash.is_(None), _asked_for()).join(items, items.c.id == table.c.item)
    if partner is not None:
        chosen = chosen.where(table.c.partner == partner)
    if item is not None:
        chosen = chosen.where(table.c.item == item)
    if broken:
        chosen = chosen.where(table.c.next_at.is_(None))
    newest_first = chosen.order_by(table.c.wanted_at.desc(), table.c.item, table.c.version, table.c.place)
    return tuple(_whole(row) for row in tx.rows(newest_first))


def claim(tx: Transaction, now: datetime, limit: int, lease: timedelta, most: int) -> tuple[Arrival, ...]:
    """What is to be fetched by now: what was never asked for first, and of that the newest. For `lease` nobody else gets the same, nor
    another one of the same host (wire 36), nor more than `most` of one partner. Where another is just claiming there is nothing to claim.
    """
    if limit < 1 or not tx.alone("arrivals"):
        return ()
    under_way = tx.rows(select(table.c.host, table.c.partner).where(table.c.lease_until > now))
    busy, of_partner = {row.host for row in under_way}, Counter(row.partner for row in under_way)
    order = (table.c.tries > 0, table.c.wanted_at.desc(), table.c.item, table.c.version, table.c.place)
    due = (
        select(table).join(items, items.c.id == table.c.item).where(table.c.next_at <= now, _asked_for()).order_by(*order).limit(AT_A_LOOK)
    )
    claimed: list[Arrival] = []
    # The first of each look is claimed. However much one partner names, no more of it is read than that.
    while len(claimed) < limit:
        full = [partner for partner, number in of_partner.items() if number >= most]
        seen = tx.rows(due.where(table.c.host.not_in(busy), table.c.partner.not_in(full)))
        for one in map(_arrival, seen):
            if len(claimed) < limit and one.host not in busy and of_partner[one.partner] < most:
                of_partner[one.partner] += 1
                busy.add(one.host)
                claimed.append(replace(one, lease_until=now + lease))
        if len(seen) < AT_A_LOOK:
            break
    for one in claimed:
        tx.change(update(table).where(_of(one)).values(lease_until=one.lease_until))
    return tuple(claimed)


def bring(tx: Transaction, arrival: Arrival, kept: Kept, now: datetime) -> bool:
    """The rendition is kept here from now on, wherever that item names the same address, and for the story made from it, which a feed
    shows with it from then on. False where it was erased meanwhile, or where the lease ran out, and somebody else may be on the way.
    """
    # Who accepts the item meanwhile takes over what is at home then, or is seen here.
    tx.in_order()
    mine = [row for row in tx.rows(_held_rows(arrival.item)) if (row.version, row.place) == (arrival.version, arrival.place)]
    media.keep(tx, kept)
    if not mine or mine[0].lease_until != arrival.lease_until:
        return False
    done = {"hash": kept.hash, "at": now, "tries": 0, "next_at": None, "lease_until": None, "why": None}
    same = (table.c.item == arrival.item, table.c.url == arrival.url, table.c.hash.is_(None))
    tx.change(update(table).where(*same).values(done))
    whole = select(story_versions).join(stories, stories.c.id == story_versions.c.story).where(stories.c.item == arrival.item)
    gained = {
        row.story for row in tx.rows(whole) if _hold(tx, row.story, row.number, row.content.renditions, {arrival.url: kept.hash}, now)
    }
    tx.change(update(stories).where(stories.c.id.in_(gained)).values(brought=stories.c.brought + 1))
    return True


def hand_over(tx: Transaction, item: str, number: int, version: StoryVersion) -> None:
    """What is at home of that version of an item, the story's version that was made from it holds too."""
    hashes = {one.url: one.kept.hash for one in of_version(tx, item, number) if one.kept}
    _hold(tx, version.story, version.number, version.content.renditions, hashes, version.made_at)


def fail(tx: Transaction, arrival: Arrival, why: str, next_at: datetime | None) -> None:
    """It could not be brought home, and is asked for again at `next_at`; None: not any more."""
    said = {"tries": arrival.tries + 1, "why": why, "next_at": next_at, "lease_until": None}
    tx.change(update(table).where(_of(arrival), table.c.lease_until == arrival.lease_until).values(said))


def rest(tx: Transaction, host: str, until: datetime) -> None:
    """Nothing is asked of that host before then: it said so (wire 35)."""
    tx.change(update(table).where(table.c.host == host, table.c.next_at < until).values(next_at=until))


def ask_again(tx: Transaction, arrival: Arrival, now: datetime) -> bool:
    """It is asked for from now on as if it never had been; the last reason stays until it is. False where there is nothing to ask for."""
    here = (_of(arrival), table.c.hash.is_(None))
    return tx.change(update(table).where(*here).values(tries=0, next_at=now, wanted_at=now)) > 0


def let_go(tx: Transaction, item: str, number: int | None = None) -> tuple[str, ...]:
    """That version of the item, or every one, holds no renditions any more. Returns the hashes that nothing holds now, and that are written
    down no longer.
    """
    these = table.c.item == item if number is None else and_(table.c.item == item, table.c.version == number)
    hashes = {row.hash for row in tx.rows(_held_rows(item).where(these)) if row.hash is not None}
    tx.change(delete(table).where(these))
    return media.forgotten(tx, hashes)


def _held_rows(item: str) -> Select[Any]:
    """All of an item, for this transaction alone: in one order, and before the bytes, so that of two who change them one waits."""
    return select(table).where(table.c.item == item).order_by(table.c.version, table.c.place).with_for_update()


def _hold(tx: Transaction, story: str, number: int, renditions: Sequence[Rendition], hashes: dict[str, str], now: datetime) -> bool:
    """Whether the version came to hold any that it had not held."""
    had = {row.place: row.hash for row in tx.rows(select(brought).where(brought.c.story == story, brought.c.version == number))}
    gained = {place: hashes[one.url] for place, one in enumerate(renditions) if one.url in hashes and had.get(place) is None}
    for place, hash_ in gained.items():
        said: dict[str, Any] = {"hash": hash_, "at": now, "tries": 0, "next_at": None, "why": None}
        if place in had:
            here = and_(brought.c.story == story, brought.c.version == number, brought.c.place == place)
            tx.change(update(brought).where(here).values(said))
        else:
            tx.change(insert(brought).values(story=story, version=number, place=place, url=renditions[place].url, **said))
    return bool(gained)


def _asked_for() -> ColumnElement[bool]:
    """Of an item that is before an editor, or was taken: the version that is, and the one that was."""
    wanted = or_(table.c.version == items.c.current, table.c.version == items.c.taken_version)
    return and_(wanted, items.c.state.not_in(SET_ASIDE), items.c.erased_at.is_(None))


def _with_kept() -> Select[Any]:
    columns = (one for one in kept_table.c if one is not kept_table.c.hash)
    return select(table, *columns).join_from(table, kept_table, kept_table.c.hash == table.c.hash, isouter=True)


def _host(url: str) -> str:
    """In small letters; empty where there is none, or it cannot be read: the visit will say so."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _of(arrival: Arrival) -> ColumnElement[bool]:
    return and_(table.c.item == arrival.item, table.c.version == arrival.version, table.c.place == arrival.place)


def _whole(row: Row[Any]) -> Arrival:
    return replace(_arrival(row), kept=media.kept_of(row) if row.hash is not None else None)


def _arrival(row: Row[Any]) -> Arrival:
    """Of what may not be at home."""
    return Arrival(row.item, row.version, row.place, row.partner, row.host, row.url, None, row.tries, row.next_at, row.lease_until, row.why)
