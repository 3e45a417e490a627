"""Visits to inbound flows: when the next is due, who has the lease, how each went, and what could not be read."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update

from syndication.errors import ConflictError
from syndication.model.entry import Mark
from syndication.model.partner import Direction, FlowState
from syndication.model.poll import FlowHealth, Lease, Outcome, Poll, Refused, RefusedKind, Renaming, Validators
from syndication.storage.database import Transaction
from syndication.storage.schema import faults as fault_table
from syndication.storage.schema import flows, schedule, seen
from syndication.storage.schema import polls as table
from syndication.storage.schema import renamings as renaming_table

KEPT_POLLS = 500
KEPT_FAULTS = 200
KEPT_BYTES = 8 * 1024 * 1024
"""Of one flow's refusals; the oldest go first."""
LARGEST_FAULT = 2 * 1024 * 1024
"""Bytes of a refusal that is kept whole, so that it can be read again."""
BEGINNING = 64 * 1024
"""Bytes that are kept of a longer one."""
KEPT_ARRIVALS = 5 * 7 * 24
"""Hours in which something came."""
AT_ONCE = 500


def claim(tx: Transaction, now: datetime, limit: int, lease_seconds: int) -> tuple[Lease, ...]:
    """Lease what is due, longest due first: no two workers get the same flow, no two flows of one host are leased at a time (wire 36), and
    none waits for another. Where another is just claiming there is nothing to lease.
    """
    if not limit or not tx.alone("claim"):
        return ()
    leased = select(flows.c.value).join(schedule, flows.c.id == schedule.c.flow).where(schedule.c.lease_until > now)
    busy = {row.value.host for row in tx.rows(leased)}
    free = or_(schedule.c.lease_until.is_(None), schedule.c.lease_until <= now)
    polled = and_(flows.c.direction == Direction.INBOUND, flows.c.state == FlowState.OPEN)
    due = tx.rows(
        select(schedule.c.flow, schedule.c.attempt, flows.c.value)
        .join(flows, flows.c.id == schedule.c.flow)
        .where(schedule.c.due_at <= now, free, polled)
        .order_by(schedule.c.due_at, schedule.c.flow)
        .with_for_update(of=schedule, skip_locked=True)
    )
    until = now + timedelta(seconds=lease_seconds)
    first: dict[str, Lease] = {}
    for row in due:
        if row.value.host not in busy:
            first.setdefault(row.value.host, Lease(row.flow, row.attempt + 1, until))
    leases = tuple(first.values())[:limit]
    for lease in leases:
        tx.change(update(schedule).where(schedule.c.flow == lease.flow).values(lease_until=until, attempt=lease.attempt))
    return leases


def record(
    tx: Transaction,
    poll: Poll,
    lease: Lease | None,
    due_at: datetime | None,
    failures: int,
    refused: tuple[Refused, ...],
    marks: tuple[Mark, ...] | None = None,
    missed: bool = False,
    flipped: bool = False,
    shifted: int | None = None,
) -> None:
    """Keep how a visit went, in the transaction that keeps what it brought. `marks`: of the entries of its document that need not be read
    again; None: those that are kept stay. `missed`: before it there may have been stories that we did not get. `flipped`: all its ids
    changed. `shifted`: by how many hours the dates of what came last are wrong.

    Raises ConflictError where the lease was lost meanwhile: another worker has the flow, and nothing of this visit may be kept.
    A visit by hand (`lease` None) takes the flow from whoever has it.
    """
    values: dict[str, Any] = {"due_at": due_at, "failures": failures, "lease_until": None, "attempt": schedule.c.attempt + 1}
    if poll.outcome in (Outcome.UPDATED, Outcome.UNCHANGED):
        values |= {"validators": poll.validators, "last_good_at": poll.finished_at}
    if poll.counts.new or poll.counts.updates or poll.counts.corrections:
        values["last_new_at"] = poll.finished_at
        before = tx.row(select(schedule.c.arrivals).where(schedule.c.flow == poll.flow))
        hours = (*(before.arrivals or () if before else ()), int(poll.finished_at.timestamp()) // 3600)
        values["arrivals"] = tuple(dict.fromkeys(hours))[-KEPT_ARRIVALS:]
    if poll.counts.new:
        values["shifted"] = shifted
    if missed:
        values["missed_at"] = poll.finished_at
    if flipped:
        values["flipped_at"] = func.coalesce(schedule.c.flipped_at, poll.finished_at)
    mine = schedule.c.flow == poll.flow
    if lease is not None:
        mine = and_(mine, schedule.c.attempt == lease.attempt)
    if not tx.change(update(schedule).where(mine).values(values)):
        raise ConflictError(f"the lease on {poll.flow} was lost: another worker polls it; nothing of this visit is kept")
    _keep(tx, poll)
    keep_refused(tx, refused)
    if marks is not None and not tx.change(update(seen).where(seen.c.flow == poll.flow).values(marks=marks)):
        tx.change(insert(seen).values(flow=poll.flow, marks=marks))


def still_ours(tx: Transaction, flow: str, lease: Lease | None) -> None:
    """Raises ConflictError where the lease was lost meanwhile, as `record` does; a visit by hand has none to lose."""
    mine = select(schedule.c.flow).where(schedule.c.flow == flow, schedule.c.attempt == lease.attempt) if lease else None
    if mine is not None and tx.row(mine) is None:
        raise ConflictError(f"the lease on {flow} was lost: another worker polls it, and takes what comes from here on")


def last_good(tx: Transaction, flow: str) -> Validators:
    """What the next visit sends: the validators of the last visit that brought, or confirmed, what we hold."""
    row = tx.row(select(schedule.c.validators).where(schedule.c.flow == flow))
    return row.validators if row and row.validators else Validators()


def known(tx: Transaction, flow: str) -> tuple[Mark, ...]:
    """The marks of the entries of the last document that need not be read again."""
    row = tx.row(select(seen.c.marks).where(seen.c.flow == flow))
    return row.marks if row else ()


def health(tx: Transaction, flow: str) -> FlowHealth:
    """How a flow is doing. One that is not open is not due, whatever was planned."""
    row = tx.row(select(schedule, flows.c.state).join(flows, flows.c.id == schedule.c.flow).where(schedule.c.flow == flow))
    last = recent(tx, flow, 1)
    newest = last[0] if last else None
    if row is None:
        return FlowHealth(flow, None, 0, newest, None, None, None)
    due_at = row.due_at if row.state == FlowState.OPEN else None
    moments = (row.last_good_at, row.last_new_at, row.missed_at)
    return FlowHealth(flow, due_at, row.failures, newest, *moments, row.arrivals or (), row.flipped_at, row.shifted)


def recent(tx: Transaction, flow: str, limit: int) -> tuple[Poll, ...]:
    """The last visits, newest first."""
    return tuple(_poll(row) for row in tx.rows(select(table).where(table.c.flow == flow).order_by(table.c.id.desc()).limit(limit)))


def refused(tx: Transaction, flow: str, limit: int, kinds: Sequence[RefusedKind] = tuple(RefusedKind)) -> tuple[Refused, ...]:
    """What was refused on that flow, newest first, with the beginning of its bytes."""
    mine = (fault_table.c.flow == flow, fault_table.c.kind.in_(kinds))
    raw = func.substr(fault_table.c.raw, 1, BEGINNING).label("start")
    columns = [column for column in fault_table.c if column.name not in ("raw", "head", "tail")]
    rows = tx.rows(select(*columns, raw).where(*mine).order_by(fault_table.c.id.desc()).limit(limit))
    return tuple(_refused(row, bytes(row.start or b"")) for row in rows)


def refused_numbers(tx: Transaction, flow: str) -> tuple[int, ...]:
    """The ids of all that was refused on that flow, newest first."""
    rows = tx.rows(select(fault_table.c.id).where(fault_table.c.flow == flow).order_by(fault_table.c.at.desc(), fault_table.c.id.desc()))
    return tuple(row.id for row in rows)


def refused_whole(tx: Transaction, flow: str, identity: int) -> Refused | None:
    """One refusal of that flow, with all that is kept of its bytes."""
    row = tx.row(select(fault_table).where(fault_table.c.flow == flow, fault_table.c.id == identity))
    if row is None:
        return None
    head = bytes(row.head) if row.head is not None else None
    return replace(_refused(row, bytes(row.raw)), head=head, tail=bytes(row.tail or b""))


def keep_refused(tx: Transaction, refused: Sequence[Refused]) -> frozenset[int]:
    """Keep what was refused, each by its bytes once; what is there already gets the newer reason. Gives the ids of those."""
    again: set[int] = set()
    for flow in {one.flow for one in refused}:
        rows = {row["hash"]: row for row in (_kept(one) for one in refused if one.flow == flow)}
        there: dict[str, Row[Any]] = {}
        hashes = list(rows)
        for start in range(0, len(hashes), AT_ONCE):
            mine = (fault_table.c.flow == flow, fault_table.c.hash.in_(hashes[start : start + AT_ONCE]))
            found = select(fault_table.c.id, fault_table.c.hash, fault_table.c.at).where(*mine)
            there.update((row.hash, row) for row in tx.rows(found))
        newer = (
            update(fault_table)
            .where(fault_table.c.id == bindparam("number"))
            .values(reason=bindparam("why"), kind=bindparam("what"), at=bindparam("came"))
        )
        known = [(there[one], rows[one]) for one in hashes if one in there]
        tx.change(
            newer,
            [{"number": row.id, "why": said["reason"], "what": said["kind"], "came": max(row.at, said["at"])} for row, said in known],
        )
        tx.change(insert(fault_table), [rows[one] for one in hashes if one not in there])
        again.update(row.id for row, _ in known)
        _make_room(tx, flow)
    return frozenset(again)


def drop_refused(tx: Transaction, flow: str, identity: int) -> None:
    """Forget one refusal: it was taken, or something newer was."""
    tx.change(delete(fault_table).where(fault_table.c.flow == flow, fault_table.c.id == identity))


def came_in(tx: Transaction, flow: str, guids: Sequence[str]) -> None:
    """Forget what was refused of the entries of these ids: they were taken after all."""
    for start in range(0, len(guids), AT_ONCE):
        mine = (fault_table.c.flow == flow, fault_table.c.guid.in_(guids[start : start + AT_ONCE]))
        tx.change(delete(fault_table).where(*mine))


def forget_refused(tx: Transaction, flow: str, until: datetime, guid: str | None = None) -> int:
    """Delete what was refused of the documents up to that moment: it goes with the text of what was taken from them.

    `guid`: of an item whose text goes; then also whatever else may hold that text. Gives how many were deleted.
    """
    gone = fault_table.c.at <= until
    if guid is not None:
        several = or_(fault_table.c.kind == RefusedKind.DOCUMENT, fault_table.c.head.is_(None))
        gone = or_(gone, fault_table.c.guid == guid, several)
    return tx.change(delete(fault_table).where(fault_table.c.flow == flow, gone))


def with_refused(tx: Transaction) -> tuple[str, ...]:
    """The flows of which anything is kept that was refused."""
    return tuple(row.flow for row in tx.rows(select(fault_table.c.flow).distinct().order_by(fault_table.c.flow)))


def renamings(tx: Transaction, flow: str, guids: Sequence[str]) -> dict[str, tuple[str, Renaming]]:
    """Of these ids those that a feed gave to what is known under others: that id, and what was said of it."""
    found: dict[str, tuple[str, Renaming]] = {}
    for start in range(0, len(guids), AT_ONCE):
        mine = (renaming_table.c.flow == flow, renaming_table.c.guid.in_(guids[start : start + AT_ONCE]))
        found.update((row.guid, (row.known_as, Renaming(row.standing))) for row in tx.rows(select(renaming_table).where(*mine)))
    return found


def ask_about(tx: Transaction, flow: str, known_as: Mapping[str, str]) -> None:
    """Remember under which id each of these is known, until a person says whether it is (S14)."""
    rows = [{"flow": flow, "guid": guid, "known_as": known, "standing": Renaming.ASKED} for guid, known in known_as.items()]
    tx.add_missing(renaming_table, rows)


def wait(tx: Transaction, flow: str, at: datetime) -> None:
    """From then on what is new on the flow waits, until a person says what its new ids are."""
    tx.change(update(schedule).where(schedule.c.flow == flow, schedule.c.flipped_at.is_(None)).values(flipped_at=at))


def asked_about(tx: Transaction, flow: str, limit: int) -> tuple[tuple[str, str], ...]:
    """New ids, and those under which they are known, that nobody has said anything of."""
    mine = (renaming_table.c.flow == flow, renaming_table.c.standing == Renaming.ASKED)
    rows = tx.rows(select(renaming_table).where(*mine).order_by(renaming_table.c.guid).limit(limit))
    return tuple((row.guid, row.known_as) for row in rows)


def answer(tx: Transaction, flow: str, said: Renaming, at: datetime) -> bool:
    """What a person says of the ids that were asked about; the flow is due, and takes what waited. False where nothing was asked."""
    held = (schedule.c.flow == flow, schedule.c.flipped_at.is_not(None))
    if not tx.change(update(schedule).where(*held).values(flipped_at=None, due_at=at)):
        return False
    mine = (renaming_table.c.flow == flow, renaming_table.c.standing == Renaming.ASKED)
    if said is Renaming.SAME:
        # What was kept meanwhile goes by the id it is known by, as it does from now on.
        names = select(renaming_table.c.known_as).where(*mine, renaming_table.c.guid == fault_table.c.guid).scalar_subquery()
        tx.change(update(fault_table).where(fault_table.c.flow == flow, names.is_not(None)).values(guid=names))
    tx.change(update(renaming_table).where(*mine).values(standing=said))
    return True


def make_due(tx: Transaction, flow: str, at: datetime) -> None:
    """Let the clock visit the flow at `at`."""
    tx.change(update(schedule).where(schedule.c.flow == flow).values(due_at=at))


def hasten(tx: Transaction, flow: str, at: datetime) -> bool:
    """Let the clock visit the flow at `at`, where it would come later; not one that fails, whose pause stands, nor one that has stopped."""
    later = and_(schedule.c.flow == flow, schedule.c.due_at > at, schedule.c.failures == 0)
    return bool(tx.change(update(schedule).where(later).values(due_at=at)))


def read_whole(tx: Transaction, flow: str) -> None:
    """The next visit asks for the whole document and reads all of it, whatever was known of it."""
    tx.change(update(schedule).where(schedule.c.flow == flow).values(validators=Validators()))
    tx.change(delete(seen).where(seen.c.flow == flow))


def _keep(tx: Transaction, poll: Poll) -> None:
    tx.change(
        insert(table).values(
            flow=poll.flow,
            started_at=poll.started_at,
            finished_at=poll.finished_at,
            outcome=poll.outcome,
            validators=poll.validators,
            counts=poll.counts,
            status=poll.status,
            size=poll.size,
            url=poll.url,
            error=poll.error,
            note=poll.note,
        )
    )
    oldest = select(table.c.id).where(table.c.flow == poll.flow).order_by(table.c.id.desc()).offset(KEPT_POLLS).limit(1)
    tx.change(delete(table).where(table.c.flow == poll.flow, table.c.id <= oldest.scalar_subquery()))


def _kept(one: Refused) -> dict[str, Any]:
    """A row. What is longer than `LARGEST_FAULT` keeps its beginning, and cannot be read again."""
    document = one.document
    whole = len(document if document is not None else one.raw) <= LARGEST_FAULT
    return {
        "flow": one.flow,
        "at": one.at,
        "kind": one.kind,
        "title": one.title,
        "reason": one.reason if whole else f"{one.reason} (it is too long: only its beginning is kept)",
        "guid": one.guid,
        "raw": one.raw if whole else one.raw[:BEGINNING],
        "head": one.head if whole else None,
        "tail": one.tail if whole else None,
        "content_type": one.content_type,
        "url": one.url,
        "size": len(document if document is not None else one.raw) if whole else BEGINNING,
        "hash": hashlib.sha256(one.raw or f"without bytes: {one.title}".encode()).hexdigest(),
    }


def _make_room(tx: Transaction, flow: str) -> None:
    mine = fault_table.c.flow == flow
    rows = tx.rows(select(fault_table.c.id, fault_table.c.size).where(mine).order_by(fault_table.c.id.desc()))
    room = KEPT_BYTES
    for place, row in enumerate(rows):
        room -= row.size
        if place >= KEPT_FAULTS or room < 0:
            tx.change(delete(fault_table).where(mine, fault_table.c.id <= row.id))
            return


def _refused(row: Row[Any], raw: bytes) -> Refused:
    return Refused(
        flow=row.flow,
        at=row.at,
        kind=RefusedKind(row.kind),
        title=row.title,
        reason=row.reason,
        raw=raw,
        guid=row.guid,
        content_type=row.content_type,
        url=row.url,
        size=row.size,
        id=row.id,
    )


def _poll(row: Row[Any]) -> Poll:
    return Poll(
        row.flow,
        row.started_at,
        row.finished_at,
        Outcome(row.outcome),
        row.validators,
        row.counts,
        row.status,
        row.size,
        row.url,
        row.error,
        row.note,
    )
