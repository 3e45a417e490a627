"""Partners and their flows, as the files last said."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from syndication.model.partner import Direction, Flow, FlowState, Partner
from syndication.storage.database import Transaction
from syndication.storage.schema import flows as flow_table
from syndication.storage.schema import partners as table
from syndication.storage.schema import schedule


def take(tx: Transaction, partners: tuple[Partner, ...], flows: tuple[Flow, ...], now: datetime) -> None:
    """Make it so: new and changed ones are written, flows no longer named are closed. Records of the closed ones stay.

    An inbound flow that is new, or that has another address, agreement or state than before, is due at once.
    """
    known = {row.id for row in tx.rows(select(table.c.id))}
    for partner in partners:
        values: dict[str, Any] = {"value": partner, "taken_at": now}
        tx.change(
            update(table).where(table.c.id == partner.id).values(values)
            if partner.id in known
            else insert(table).values(id=partner.id, **values)
        )
    # The state of its own: that a flow was closed is not in its value, which says what the files said last.
    rows = tx.rows(select(flow_table.c.id, flow_table.c.value, flow_table.c.state))
    before = {row.id: replace(row.value, state=FlowState(row.state)) for row in rows}
    for flow in flows:
        _take_flow(tx, flow, before.get(flow.id), now)
    named = {flow.id for flow in flows}
    closed = [name for name in before if name not in named]
    if closed:
        tx.change(update(flow_table).where(flow_table.c.id.in_(closed)).values(state=FlowState.CLOSED, taken_at=now))


def _take_flow(tx: Transaction, flow: Flow, before: Flow | None, now: datetime) -> None:
    values = {"partner": flow.partner, "direction": flow.direction, "state": flow.state, "value": flow, "taken_at": now}
    if before is None:
        tx.change(insert(flow_table).values(id=flow.id, **values))
    else:
        tx.change(update(flow_table).where(flow_table.c.id == flow.id).values(values))
    if flow.direction is not Direction.INBOUND:
        return
    tx.add_missing(schedule, [{"flow": flow.id, "due_at": now, "attempt": 0, "failures": 0}])
    if before is not None and (before.url, before.agreement, before.state) != (flow.url, flow.agreement, flow.state):
        tx.change(update(schedule).where(schedule.c.flow == flow.id).values(due_at=now))


def all(tx: Transaction) -> tuple[Partner, ...]:
    """Every partner, by id."""
    return tuple(row.value for row in tx.rows(select(table.c.value).order_by(table.c.id)))


def get(tx: Transaction, identity: str) -> Partner | None:
    """The partner of that id."""
    row = tx.row(select(table.c.value).where(table.c.id == identity))
    return row.value if row else None


def lock(tx: Transaction, identity: str) -> None:
    """Let one transaction at a time take what this partner sent, so that a kill on one flow meets the story on another (S10)."""
    tx.rows(select(table.c.id).where(table.c.id == identity).with_for_update())


def flows(tx: Transaction, *, direction: Direction | None = None, partner: str | None = None) -> tuple[Flow, ...]:
    """Flows that are not closed, by id."""
    chosen = select(flow_table.c.value).where(flow_table.c.state != FlowState.CLOSED).order_by(flow_table.c.id)
    if direction is not None:
        chosen = chosen.where(flow_table.c.direction == direction)
    if partner is not None:
        chosen = chosen.where(flow_table.c.partner == partner)
    return tuple(row.value for row in tx.rows(chosen))


def flow(tx: Transaction, identity: str) -> Flow | None:
    """The flow of that id, unless it is closed."""
    row = tx.row(select(flow_table.c.value).where(flow_table.c.id == identity, flow_table.c.state != FlowState.CLOSED))
    return row.value if row else None


def flow_ever(tx: Transaction, identity: str) -> Flow | None:
    """The flow of that id, also one that is closed: what was taken back from its partner is still told there."""
    row = tx.row(select(flow_table.c.value, flow_table.c.state).where(flow_table.c.id == identity))
    return replace(row.value, state=FlowState(row.state)) if row else None
