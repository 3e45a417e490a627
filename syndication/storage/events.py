"""Decisions of the gate, and the log of who did what: appended, never changed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select

from syndication.model.event import Decision, Event
from syndication.model.partner import Direction
from syndication.storage.database import Transaction
from syndication.storage.schema import decisions as decision_table
from syndication.storage.schema import events as table


def record_decisions(tx: Transaction, decisions: Sequence[Decision]) -> None:
    """Keep each decision, unless the last one on the same subject and flow says the same: polls repeat themselves."""
    for decision in decisions:
        mine = (decision_table.c.subject == decision.subject, decision_table.c.flow == decision.flow)
        row = tx.row(select(decision_table).where(*mine).order_by(decision_table.c.id.desc()).limit(1))
        if row is None or _said(_decision(row)) != _said(decision):
            tx.change(insert(decision_table).values(_values(decision)))


def decisions(tx: Transaction, subject: str) -> tuple[Decision, ...]:
    """Every decision on an item, a story or a refused entry's guid, oldest first."""
    rows = tx.rows(select(decision_table).where(decision_table.c.subject == subject).order_by(decision_table.c.id))
    return tuple(_decision(row) for row in rows)


def record_event(tx: Transaction, event: Event) -> None:
    """Keep who did what."""
    tx.change(insert(table).values(at=event.at, actor=event.actor, act=event.act, subject=event.subject, detail=event.detail))


def events(tx: Transaction, limit: int, subject: str | None = None) -> tuple[Event, ...]:
    """The last events, newest first; of one subject, or of all."""
    chosen = select(table).order_by(table.c.id.desc()).limit(limit)
    if subject is not None:
        chosen = chosen.where(table.c.subject == subject)
    return tuple(Event(row.at, row.actor, row.act, row.subject, row.detail) for row in tx.rows(chosen))


def _said(decision: Decision) -> tuple[object, ...]:
    under = (decision.agreement, decision.agreement_version, decision.clause)
    return (decision.subject_version, under, decision.allowed, decision.fingerprint, decision.verdicts)


def _values(decision: Decision) -> dict[str, Any]:
    return {
        "at": decision.at,
        "subject": decision.subject,
        "subject_version": decision.subject_version,
        "headline": decision.headline,
        "fingerprint": decision.fingerprint,
        "flow": decision.flow,
        "partner": decision.partner,
        "direction": decision.direction,
        "agreement": decision.agreement,
        "agreement_version": decision.agreement_version,
        "clause": decision.clause,
        "allowed": decision.allowed,
        "verdicts": decision.verdicts,
    }


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        at=row.at,
        subject=row.subject,
        subject_version=row.subject_version,
        headline=row.headline,
        fingerprint=row.fingerprint,
        flow=row.flow,
        partner=row.partner,
        direction=Direction(row.direction),
        agreement=row.agreement,
        agreement_version=row.agreement_version,
        clause=row.clause,
        allowed=row.allowed,
        verdicts=row.verdicts,
    )
