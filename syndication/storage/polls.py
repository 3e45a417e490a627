"""Visits to inbound flows: when the next is due, who has the lease, how each went, and what could not be read."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update

from syndication.errors import ConflictError
from syndication.model.entry import Mark, Unreadable
from syndication.model.partner import Direction, FlowState
from syndication.model.poll import FlowHealth, Lease, Outcome, Poll, Validators
from syndication.storage.database import Transaction
from syndication.storage.schema import faults as fault_table
from syndication.storage.schema import flows, schedule, seen
from syndication.storage.schema import polls as table

KEPT_POLLS = 500
KEPT_FAULTS = 200
LARGEST_FAULT = 64 * 1024
"""Bytes kept of an entry that could not be read."""


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
    unreadable: tuple[Unreadable, ...],
    marks: tuple[Mark, ...] | None = None,
    missed: bool = False,
) -> None:
    """Keep how a visit went, in the transaction that keeps what it brought. `marks`: of the entries of its document that need not be read
    again; None: those that are kept stay. `missed`: before it there may have been stories that we did not get.

    Raises ConflictError where the lease was lost meanwhile: another worker has the flow, and nothing of this visit may be kept.
    A visit by hand (`lease` None) takes the flow from whoever has it.
    """
    values: dict[str, Any] = {"due_at": due_at, "failures": failures, "lease_until": None, "attempt": schedule.c.attempt + 1}
    if poll.outcome in (Outcome.UPDATED, Outcome.UNCHANGED):
        values |= {"validators": poll.validators, "last_good_at": poll.finished_at}
    if poll.counts.new or poll.counts.updates or poll.counts.corrections:
        values["last_new_at"] = poll.finished_at
    if missed:
        values["missed_at"] = poll.finished_at
    mine = schedule.c.flow == poll.flow
    if lease is not None:
        mine = and_(mine, schedule.c.attempt == lease.attempt)
    if not tx.change(update(schedule).where(mine).values(values)):
        raise ConflictError(f"the lease on {poll.flow} was lost: another worker polls it; nothing of this visit is kept")
    _keep(tx, poll)
    _keep_faults(tx, poll, unreadable)
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
    return FlowHealth(flow, due_at, row.failures, newest, row.last_good_at, row.last_new_at, row.missed_at)


def recent(tx: Transaction, flow: str, limit: int) -> tuple[Poll, ...]:
    """The last visits, newest first."""
    return tuple(_poll(row) for row in tx.rows(select(table).where(table.c.flow == flow).order_by(table.c.id.desc()).limit(limit)))


def faults(tx: Transaction, flow: str, limit: int) -> tuple[Unreadable, ...]:
    """What the last documents held that could not be taken, newest first."""
    rows = tx.rows(select(fault_table).where(fault_table.c.flow == flow).order_by(fault_table.c.id.desc()).limit(limit))
    return tuple(Unreadable(row.title, row.reason, bytes(row.raw)) for row in rows)


def forget_faults(tx: Transaction, flow: str, until: datetime) -> None:
    """Delete what could not be taken of the documents up to that moment: it goes with the text of what could."""
    tx.change(delete(fault_table).where(fault_table.c.flow == flow, fault_table.c.at <= until))


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


def _keep_faults(tx: Transaction, poll: Poll, unreadable: tuple[Unreadable, ...]) -> None:
    for fault in unreadable:
        tx.change(
            insert(fault_table).values(
                flow=poll.flow, at=poll.finished_at, title=fault.title, reason=fault.reason, raw=fault.raw[:LARGEST_FAULT]
            )
        )
    mine = fault_table.c.flow == poll.flow
    oldest = select(fault_table.c.id).where(mine).order_by(fault_table.c.id.desc()).offset(KEPT_FAULTS).limit(1)
    tx.change(delete(fault_table).where(mine, fault_table.c.id <= oldest.scalar_subquery()))


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
