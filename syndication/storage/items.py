"""Items with their versions, raw bytes and reviews; and the ids that partners have killed."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, select, tuple_, update

from syndication.errors import ConflictError
from syndication.model.erasure import Perishable
from syndication.model.item import Item, ItemVersion, Review, ReviewAct, ReviewState
from syndication.model.journal import Buried
from syndication.storage import arrivals, likeness, search
from syndication.storage.database import Transaction
from syndication.storage.schema import attachments, bodies, flows, item_versions, tombstones
from syndication.storage.schema import items as table
from syndication.storage.schema import reviews as review_table

AT_ONCE = 500
"""Values in one IN (...): SQLite and PostgreSQL both bound them."""
NO_BYTES = hashlib.sha256(b"").hexdigest()


def receive(tx: Transaction, *new: Item) -> None:
    """Keep new items, each with its first version. Raises ConflictError where one of (flow, guid) is there already."""
    tx.change(
        insert(table),
        [
            {
                "id": item.id,
                "flow": item.flow,
                "partner": item.partner,
                "guid": item.guid,
                "first_seen_at": item.first_seen_at,
                **_standing(item),
            }
            for item in new
        ],
    )
    _add_versions(tx, [item.current for item in new])


def _add_versions(tx: Transaction, versions: Sequence[ItemVersion]) -> None:
    """Keep further versions of items, with their raw bytes; their renditions are to be brought home from now on."""
    digests = [hashlib.sha256(version.entry.raw).hexdigest() for version in versions]
    bytes_of = {digest: version.entry.raw for digest, version in zip(digests, versions, strict=True)}
    tx.add_missing(bodies, [{"hash": digest, "body": raw} for digest, raw in bytes_of.items()])
    tx.change(
        insert(item_versions),
        [
            {
                "item": version.item,
                "number": version.number,
                "entry": replace(version.entry, raw=b"", signature=()),
                "raw": digest,
                "stamp": version.stamp,
                "fingerprint": version.fingerprint,
                "received_at": version.received_at,
                "to_delete": version.stamp.terms.delete_at_end,
            }
            for digest, version in zip(digests, versions, strict=True)
        ],
    )
    search.note(tx, *(version.item for version in versions))
    for version in versions:
        arrivals.expect(tx, version)


def decide(tx: Transaction, before: Item, after: Item, review: Review) -> None:
    """Move an item from `before` to `after`, keep the act, and the version that came with it if there is one (a correction).

    Raises ConflictError, saying what happened meanwhile, where the item is no longer at `before.revision`.
    """
    # As with a story's version: whoever moves an item goes on to its story, so the order is asked for before the item's row is held.
    tx.in_order()
    at_revision = and_(table.c.id == before.id, table.c.revision == before.revision)
    if not tx.change(update(table).where(at_revision).values(_standing(after))):
        last = reviews(tx, before.id)[-1:]
        told = f": {last[0].by} did '{last[0].act}' at {last[0].at:%H:%M:%S} UTC" if last else ""
        raise ConflictError(f"meanwhile this item was changed{told}. Look at it again before you decide")
    if after.current.number != before.current.number:
        _add_versions(tx, (after.current,))
    if after.state is ReviewState.WITHDRAWN:
        search.forget(tx, after.id)
    tx.change(
        insert(review_table).values(
            item=review.item,
            revision=review.revision,
            act=review.act,
            by=review.by,
            at=review.at,
            from_state=review.from_state,
            to_state=review.to_state,
            reason=review.reason,
        )
    )


def get(tx: Transaction, identity: str) -> Item | None:
    """The item of that id."""
    row = tx.row(_with_version().where(table.c.id == identity))
    return _item(row) if row else None


def several(tx: Transaction, identities: Sequence[str]) -> dict[str, Item]:
    """Those of these items that there are."""
    found: dict[str, Item] = {}
    for start in range(0, len(identities), AT_ONCE):
        rows = tx.rows(_with_version().where(table.c.id.in_(identities[start : start + AT_ONCE])))
        found.update((row.id, _item(row)) for row in rows)
    return found


def by_guid(tx: Transaction, flow: str, guid: str) -> Item | None:
    """The item that the partner calls so on that flow."""
    return known(tx, flow, (guid,)).get(guid)


def known(tx: Transaction, flow: str, guids: Sequence[str]) -> dict[str, Item]:
    """Those of a flow's items that the partner calls by one of these names."""
    found: dict[str, Item] = {}
    for start in range(0, len(guids), AT_ONCE):
        rows = tx.rows(_with_version().where(table.c.flow == flow, table.c.guid.in_(guids[start : start + AT_ONCE])))
        found.update((row.guid, _item(row)) for row in rows)
    return found


def of_partner_with_guid(tx: Transaction, partner: str, guid: str) -> tuple[Item, ...]:
    """What a partner sent under that name, on any of its flows."""
    rows = tx.rows(_with_version().where(table.c.partner == partner, table.c.guid == guid).order_by(table.c.id))
    return tuple(_item(row) for row in rows)


def version(tx: Transaction, item: str, number: int) -> ItemVersion | None:
    """One version of an item."""
    row = tx.row(select(item_versions).where(item_versions.c.item == item, item_versions.c.number == number))
    return _version(row) if row else None


def versions(tx: Transaction, item: str) -> tuple[ItemVersion, ...]:
    """Every version of an item, oldest first."""
    return tuple(
        _version(row) for row in tx.rows(select(item_versions).where(item_versions.c.item == item).order_by(item_versions.c.number))
    )


def raw(tx: Transaction, item: str, number: int) -> bytes | None:
    """The bytes of that version as they came."""
    joined = item_versions.join(bodies, bodies.c.hash == item_versions.c.raw)
    row = tx.row(select(bodies.c.body).select_from(joined).where(item_versions.c.item == item, item_versions.c.number == number))
    return bytes(row.body) if row else None


def urgent_since(tx: Transaction, partner: str, since: datetime) -> int:
    """How many urgent items of the partner's were first seen since then."""
    mine = select(flows.c.id).where(flows.c.partner == partner)
    counted = select(func.count().label("number")).where(table.c.flow.in_(mine), table.c.first_seen_at > since, table.c.urgent)
    row = tx.row(counted)
    return row.number if row else 0


def newest(tx: Transaction, flow: str, limit: int) -> tuple[Item, ...]:
    """The items of a flow that were seen last for the first time, the newest first."""
    chosen = _with_version().where(table.c.flow == flow).order_by(table.c.first_seen_at.desc(), table.c.id.desc()).limit(limit)
    return tuple(_item(row) for row in tx.rows(chosen))


def queue(tx: Transaction, states: Sequence[ReviewState], limit: int, before: tuple[bool, datetime, str] | None = None) -> tuple[Item, ...]:
    """Items in these states that still have their text, those of priority first, then the newest change; `before`: the last one of the
    page before.

    By when it changed here, never by the partner's date, which could pin an item to the top.
    """
    columns = (table.c.priority, table.c.changed_at, table.c.id)
    with_text = (table.c.state.in_(states), table.c.erased_at.is_(None))
    chosen = _with_version().where(*with_text).order_by(*(column.desc() for column in columns)).limit(limit)
    if before is not None:
        chosen = chosen.where(tuple_(*columns) < tuple_(*before, types=[column.type for column in columns]))
    return tuple(_item(row) for row in tx.rows(chosen))


def counts(tx: Transaction) -> dict[ReviewState, int]:
    """How many items that still have their text are in each state."""
    counted = select(table.c.state, func.count().label("number")).where(table.c.erased_at.is_(None)).group_by(table.c.state)
    found = {row.state: row.number for row in tx.rows(counted)}
    return {state: found.get(state, 0) for state in ReviewState}


def reviews(tx: Transaction, item: str) -> tuple[Review, ...]:
    """Every act done to an item, oldest first."""
    rows = tx.rows(select(review_table).where(review_table.c.item == item).order_by(review_table.c.revision))
    return tuple(
        Review(
            row.item, row.revision, ReviewAct(row.act), row.by, row.at, ReviewState(row.from_state), ReviewState(row.to_state), row.reason
        )
        for row in rows
    )


def bury(tx: Transaction, partner: str, guid: str, when: datetime, comment: str | None, now: datetime) -> None:
    """Remember that the partner killed that id, whether or not it ever sent it (S10, S11)."""
    tx.add_missing(tombstones, [{"partner": partner, "guid": guid, "when": when, "comment": comment, "recorded_at": now}])
    tx.deeds.append(Buried(partner, guid, when, comment, now))


def buried(tx: Transaction, partner: str, guid: str) -> bool:
    """Whether the partner has killed that id."""
    return tx.row(select(tombstones.c.guid).where(tombstones.c.partner == partner, tombstones.c.guid == guid)) is not None


def killed(tx: Transaction, partner: str, guids: Sequence[str]) -> frozenset[str]:
    """Those of these ids that the partner has killed."""
    found: set[str] = set()
    for start in range(0, len(guids), AT_ONCE):
        mine = (tombstones.c.partner == partner, tombstones.c.guid.in_(guids[start : start + AT_ONCE]))
        found.update(row.guid for row in tx.rows(select(tombstones.c.guid).where(*mine)))
    return frozenset(found)


def erased(tx: Transaction, partner: str, guids: Sequence[str]) -> frozenset[str]:
    """Those of these names under which the partner sent, on any of its flows, what was deleted at the end of its use."""
    found: set[str] = set()
    for start in range(0, len(guids), AT_ONCE):
        mine = (table.c.partner == partner, table.c.guid.in_(guids[start : start + AT_ONCE]))
        found.update(row.guid for row in tx.rows(select(table.c.guid).where(*mine, table.c.erased_at.is_not(None))))
    return frozenset(found)


def perishable(tx: Transaction) -> Iterator[Perishable]:
    """Every version that still has a text which is to be deleted at the end of its use."""
    key = (item_versions.c.item, item_versions.c.number)
    chosen = select(*key, item_versions.c.stamp).where(item_versions.c.to_delete).order_by(*key).limit(AT_ONCE)
    rows = tx.rows(chosen)
    while rows:
        yield from (Perishable(row.item, row.number, (row.stamp,)) for row in rows)
        rows = tx.rows(chosen.where(tuple_(*key) > (rows[-1].item, rows[-1].number)))


def erase(tx: Transaction, version: ItemVersion, now: datetime) -> bool:
    """Delete the text and the raw bytes of a version: its ids, fingerprint, headline and Stamp stay. False where there is none any more.

    With its current version the item is erased, and its revision rises: who was about to decide on what was there is refused.
    Nothing finds it by what it said.
    """
    tx.in_order()
    here = and_(item_versions.c.item == version.item, item_versions.c.number == version.number, item_versions.c.to_delete)
    row = tx.row(select(item_versions.c.raw).where(here))
    emptied = replace(version.entry, content=version.entry.content.emptied())
    tx.add_missing(bodies, [{"hash": NO_BYTES, "body": b""}])
    if row is None or not tx.change(update(item_versions).where(here).values(entry=emptied, raw=NO_BYTES, to_delete=False)):
        return False
    current = and_(table.c.id == version.item, table.c.current == version.number)
    if tx.change(update(table).where(current).values(erased_at=now, revision=table.c.revision + 1)):
        likeness.unsign(tx, (version.item,))
    _let_go(tx, row.raw, version.entry.guid)
    # Of another version the words may still be kept, or be due.
    search.forget(tx, version.item)
    search.note(tx, version.item)
    return True


def _let_go(tx: Transaction, raw: str, guid: str) -> None:
    """Delete bytes that no version refers to any more. Bytes that hold other entries too, the whole of an ill-formed document, hold the
    text that has to go as well: they go with the first of them, and the others keep their words, but not their bytes.
    """
    if raw == NO_BYTES:
        return
    joined = item_versions.join(table, table.c.id == item_versions.c.item)
    others = {row.guid for row in tx.rows(select(table.c.guid).select_from(joined).where(item_versions.c.raw == raw))}
    if others - {guid}:
        tx.change(update(item_versions).where(item_versions.c.raw == raw).values(raw=NO_BYTES))
    elif others:
        return
    kept = select(attachments.c.hash).where(attachments.c.hash == raw).exists()
    tx.change(delete(bodies).where(bodies.c.hash == raw, ~kept))


def _standing(item: Item) -> dict[str, Any]:
    return {
        "state": item.state,
        "revision": item.revision,
        "current": item.current.number,
        "changed_at": item.changed_at,
        "flags": item.flags,
        "taken_version": item.taken_version,
        "story": item.story,
        "reason": item.reason,
        "decided_by": item.decided_by,
        "decided_at": item.decided_at,
        "evolved_from": item.evolved_from,
        "priority": item.stands_first,
        "urgent": item.urgent,
        "erased_at": item.erased_at,
    }


def _with_version() -> Select[Any]:
    columns = (item_versions.c.item, item_versions.c.number, item_versions.c.entry, item_versions.c.stamp)
    more = (item_versions.c.fingerprint, item_versions.c.received_at)
    current = and_(item_versions.c.item == table.c.id, item_versions.c.number == table.c.current)
    return select(table, *columns, *more).join_from(table, item_versions, current)


def _version(row: Row[Any]) -> ItemVersion:
    return ItemVersion(row.item, row.number, row.entry, row.stamp, row.fingerprint, row.received_at)


def _item(row: Row[Any]) -> Item:
    return Item(
        id=row.id,
        flow=row.flow,
        partner=row.partner,
        guid=row.guid,
        state=ReviewState(row.state),
        revision=row.revision,
        current=_version(row),
        first_seen_at=row.first_seen_at,
        changed_at=row.changed_at,
        flags=row.flags,
        taken_version=row.taken_version,
        story=row.story,
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        evolved_from=row.evolved_from,
        erased_at=row.erased_at,
        urgent=row.urgent,
    )
