"""The hubs of partners' feeds, what they were asked to tell us, and what they sent and is not taken yet."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, delete, func, insert, or_, select, update

from syndication.model.callback import Callback, CallbackState, Hub, Push
from syndication.storage.database import Transaction
from syndication.storage.schema import callbacks as table
from syndication.storage.schema import hubs as hub_table
from syndication.storage.schema import pushes as push_table

MOST_WAITING: Final = 20
"""Pushes of one flow that wait to be taken. What comes on top is left to the poll that it asks for."""
MOST_TRIES: Final = 3


def found(tx: Transaction, flow: str, url: str | None, topic: str | None, now: datetime, retry_at: datetime | None = None) -> None:
    """What the flow's feed says now of its hub. Where that is something else than before, it is looked at now, and not asked before
    `retry_at`: a feed that names another with every answer has us ask none of them.
    """
    before = hub(tx, flow)
    if (before.url, before.topic) == (url, topic) if before else url is None:
        return
    values: dict[str, Any] = {"url": url, "topic": topic, "due_at": now, "failures": 0, "retry_at": retry_at, "error": None}
    if before is None:
        tx.add_missing(hub_table, [{"flow": flow, **values, "retry_at": None}])
    else:
        tx.change(update(hub_table).where(hub_table.c.flow == flow).values(values))


def hub(tx: Transaction, flow: str) -> Hub | None:
    """The hub of that flow; None where its feed never named one."""
    row = tx.row(select(hub_table).where(hub_table.c.flow == flow))
    return _hub(row) if row else None


def claim(tx: Transaction, now: datetime, lease_seconds: int) -> Hub | None:
    """The hub that is due longest; nobody else gets it until it is settled, or the lease is over."""
    until = now + timedelta(seconds=lease_seconds)
    due = select(hub_table).where(hub_table.c.due_at <= now, _free(hub_table, now, until))
    row = tx.row(due.order_by(hub_table.c.due_at, hub_table.c.flow).limit(1).with_for_update(skip_locked=True))
    if row is None:
        return None
    tx.change(update(hub_table).where(hub_table.c.flow == row.flow).values(claimed_until=until))
    return _hub(row)


def settle(tx: Transaction, looked_at: Hub, due_at: datetime) -> None:
    """It was looked at, and is again at `due_at`: unless something came of it meanwhile, and it is due before."""
    mine = hub_table.c.flow == looked_at.flow
    tx.change(update(hub_table).where(mine, hub_table.c.due_at <= looked_at.due_at).values(due_at=due_at))
    tx.change(update(hub_table).where(mine).values(claimed_until=None))


def failed(tx: Transaction, flow: str, retry_at: datetime, error: str) -> None:
    """It could not be asked, or does not ask back: it is let alone until then."""
    values = {"failures": hub_table.c.failures + 1, "retry_at": retry_at, "error": error}
    tx.change(update(hub_table).where(hub_table.c.flow == flow).values(values))


def pushed(tx: Transaction, flow: str, at: datetime) -> None:
    """A push came that was signed as it should be."""
    tx.change(update(hub_table).where(hub_table.c.flow == flow).values(pushed_at=at))


def missed(tx: Transaction, flow: str, at: datetime) -> None:
    """A poll brought what no push had told of."""
    tx.change(update(hub_table).where(hub_table.c.flow == flow).values(missed_at=at))


def ask(tx: Transaction, new: Callback) -> None:
    """Keep what the hub is about to be asked: it may ask back before it has answered."""
    values = {name: getattr(new, name) for name in ("id", "flow", "hub", "topic", "state", "asked_at", "lease_until", "reason")}
    tx.change(insert(table).values(values))


def get(tx: Transaction, identity: str) -> Callback | None:
    """The Callback of that id."""
    row = tx.row(select(table).where(table.c.id == identity))
    return _callback(row) if row else None


def of_flow(tx: Transaction, flow: str) -> tuple[Callback, ...]:
    """Those of that flow, the oldest first."""
    return tuple(_callback(row) for row in tx.rows(select(table).where(table.c.flow == flow).order_by(table.c.asked_at, table.c.id)))


def confirm(tx: Transaction, one: Callback, lease_until: datetime, now: datetime) -> None:
    """The hub has asked back, and tells us until then."""
    tx.change(update(table).where(table.c.id == one.id).values(state=CallbackState.ACTIVE, lease_until=lease_until))
    values = {"failures": 0, "retry_at": None, "error": None, "due_at": now}
    tx.change(update(hub_table).where(hub_table.c.flow == one.flow).values(values))


def deny(tx: Transaction, one: Callback, reason: str, now: datetime) -> None:
    """The hub does not want to tell us, or does not any more."""
    tx.change(update(table).where(table.c.id == one.id).values(state=CallbackState.DENIED, reason=reason, asked_at=now, lease_until=None))


def leave(tx: Transaction, one: Callback, now: datetime) -> None:
    """The hub is about to be told to stop."""
    tx.change(update(table).where(table.c.id == one.id).values(state=CallbackState.LEAVING, asked_at=now))


def forget(tx: Transaction, one: Callback) -> None:
    """It is over: nothing is taken there any more. Not where it has another state by now than `one` says."""
    tx.change(delete(table).where(table.c.id == one.id, table.c.state == one.state))


def keep(tx: Transaction, push: Push) -> bool:
    """Keep a push until it is taken, its number given by the database; False where too many wait already."""
    waiting = tx.row(select(func.count()).where(push_table.c.flow == push.flow))
    if waiting is not None and waiting[0] >= MOST_WAITING:
        return False
    values = {"flow": push.flow, "topic": push.topic, "body": push.body, "content_type": push.content_type, "attempt": 0}
    tx.change(insert(push_table).values(values))
    return True


def claim_push(tx: Transaction, now: datetime, lease_seconds: int) -> Push | None:
    """The oldest push that nobody has; one that was tried too often, and ended each time whoever did, is dropped."""
    until = now + timedelta(seconds=lease_seconds)
    free = _free(push_table, now, until)
    tx.change(delete(push_table).where(push_table.c.attempt >= MOST_TRIES, free))
    row = tx.row(select(push_table).where(free).order_by(push_table.c.id).limit(1).with_for_update(skip_locked=True))
    if row is None:
        return None
    tx.change(update(push_table).where(push_table.c.id == row.id).values(claimed_until=until, attempt=row.attempt + 1))
    return Push(row.id, row.flow, row.topic, bytes(row.body), row.content_type)


def taken(tx: Transaction, push: Push) -> None:
    """Nothing more is to be done with it."""
    tx.change(delete(push_table).where(push_table.c.id == push.id))


def _free(of: Table, now: datetime, until: datetime) -> ColumnElement[bool]:
    """As in `subscriptions`: a claim that reaches further than one made now was made before the clock was set back."""
    return or_(of.c.claimed_until.is_(None), of.c.claimed_until <= now, of.c.claimed_until > until)


def _hub(row: Row[Any]) -> Hub:
    return Hub(row.flow, row.url, row.topic, row.due_at, row.failures, row.retry_at, row.error, row.pushed_at, row.missed_at)


def _callback(row: Row[Any]) -> Callback:
    return Callback(row.id, row.flow, row.hub, row.topic, CallbackState(row.state), row.asked_at, row.lease_until, row.reason)
