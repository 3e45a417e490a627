"""Decisions of the gate, and the log of who did what: appended, never changed."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, insert, select

from syndication.errors import StorageError
from syndication.model.clearance import Subject
from syndication.model.event import Decision, Event
from syndication.model.partner import Direction, Flow
from syndication.storage.columns import written
from syndication.storage.database import Transaction
from syndication.storage.schema import decisions as decision_table
from syndication.storage.schema import events as table
from syndication.storage.schema import facts as fact_table
from syndication.storage.schema import items
from syndication.storage.schema import unasked as unasked_table

AT_ONCE = 500


def record_decisions(tx: Transaction, decisions: Sequence[Decision]) -> None:
    """Keep each decision, unless the last one on the same subject and flow says the same: polls repeat themselves."""
    last = _last(tx, tuple(dict.fromkeys(decision.subject for decision in decisions)))
    new: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        here = (decision.subject, decision.flow)
        before = new.get(here) or last.get(here)
        if before is None or _said(before) != _said(decision):
            new[here] = decision
    facts: dict[str, dict[str, Any]] = {}
    rows = [_values(decision, facts) for decision in new.values()]
    tx.add_missing(fact_table, list(facts.values()))
    tx.change(insert(decision_table), rows)


def decisions(tx: Transaction, subject: str) -> tuple[Decision, ...]:
    """Every decision on an item, a story or a refused entry's guid, oldest first, with all that the gate was asked."""
    rows = tx.rows(_with_facts().where(decision_table.c.subject == subject).order_by(decision_table.c.id))
    return tuple(_decision(row, row.subject_facts, row.flow_facts) for row in rows)


def refused(tx: Transaction, flow: str, limit: int) -> tuple[Decision, ...]:
    """What the gate last refused on that flow, each subject once, newest first; what it has let in since is not among them."""
    # A refused entry is known by its guid; what came in is known by its item's id from then on.
    came_in = exists().where(items.c.flow == flow, items.c.guid == decision_table.c.subject)
    newest = (
        select(decision_table)
        .where(decision_table.c.flow == flow, decision_table.c.allowed.is_(False), ~came_in)
        .order_by(decision_table.c.id.desc())
        .limit(limit)
    )
    found = {row.subject: row.id for row in reversed(tx.rows(newest))}
    latest = select(func.max(decision_table.c.id)).where(decision_table.c.flow == flow, decision_table.c.subject.in_(found))
    stands = decision_table.c.id.in_(latest.group_by(decision_table.c.subject))
    rows = tx.rows(select(decision_table).where(stands, decision_table.c.allowed.is_(False)).order_by(decision_table.c.id.desc()))
    return tuple(_decision(row) for row in rows)


def asked(tx: Transaction) -> Iterator[tuple[int, Decision | str]]:
    """Every decision by its number, oldest first, with all that the gate was asked then; of one that cannot be read, why."""
    number = 0
    numbers = select(decision_table.c.id).order_by(decision_table.c.id).limit(AT_ONCE)
    while page := [row.id for row in tx.rows(numbers.where(decision_table.c.id > number))]:
        number = page[-1]
        try:
            yield from _whole(tx, page)
        except UNREADABLE:
            for one in page:
                yield one, _alone(tx, one)


def unasked(tx: Transaction) -> int:
    """The number of the last decision that was made before what the gate was given was kept; 0: there is none."""
    # Whoever adds a later one to those that cannot be changed gains nothing.
    row = tx.row(select(func.min(unasked_table.c.decision).label("last")))
    return (row.last if row else None) or 0


UNREADABLE = (StorageError, ValueError, TypeError)
"""What a row raises that was written past this program: SQLite takes anything into any column."""


def _alone(tx: Transaction, number: int) -> Decision | str:
    try:
        return _whole(tx, [number])[0][1]
    except UNREADABLE as error:
        return str(error)


def _whole(tx: Transaction, numbers: Sequence[int]) -> list[tuple[int, Decision]]:
    rows = tx.rows(select(decision_table).where(decision_table.c.id.in_(numbers)).order_by(decision_table.c.id))
    # Many share theirs: each is read once.
    hashes = {said for row in rows for said in (row.facts, row.on) if said is not None}
    told = {row.hash: row for row in tx.rows(select(fact_table).where(fact_table.c.hash.in_(hashes)))}
    found = [(row, told.get(row.facts), told.get(row.on)) for row in rows]
    return [(row.id, _decision(row, facts.subject if facts else None, on.flow if on else None)) for row, facts, on in found]


def traffic(tx: Transaction, flows: Collection[str], since: datetime, until: datetime) -> Iterator[Decision]:
    """The last decision on each subject on each of these flows, from `since` to before `until`, in their order, with all that was asked.

    `used` is what was used when the subject was asked about for the first time in that period: a piece is counted once.
    """
    first, last = func.min(decision_table.c.id).label("first"), func.max(decision_table.c.id).label("last")
    within = (decision_table.c.flow.in_(flows), decision_table.c.at >= since, decision_table.c.at < until)
    spans = tx.rows(select(first, last).where(*within).group_by(decision_table.c.subject, decision_table.c.flow).order_by(last))
    chosen = _with_facts()
    for start in range(0, len(spans), AT_ONCE):
        part = spans[start : start + AT_ONCE]
        firsts = {span.last: span.first for span in part if span.first != span.last}
        used = select(decision_table.c.id, decision_table.c.used).where(decision_table.c.id.in_(firsts.values()))
        was_used = {row.id: row.used for row in tx.rows(used)} if firsts else {}
        mine = decision_table.c.id.in_([span.last for span in part])
        for row in tx.rows(chosen.where(mine).order_by(decision_table.c.id)):
            decision = _decision(row, row.subject_facts, row.flow_facts)
            yield replace(decision, used=was_used[firsts[row.id]]) if row.id in firsts else decision


def record_event(tx: Transaction, event: Event) -> None:
    """Keep who did what."""
    tx.change(insert(table).values(at=event.at, actor=event.actor, act=event.act, subject=event.subject, detail=event.detail))


def events(tx: Transaction, limit: int, subject: str | None = None) -> tuple[Event, ...]:
    """The last events, newest first; of one subject, or of all."""
    chosen = select(table).order_by(table.c.id.desc()).limit(limit)
    if subject is not None:
        chosen = chosen.where(table.c.subject == subject)
    return tuple(Event(row.at, row.actor, row.act, row.subject, row.detail) for row in tx.rows(chosen))


def _with_facts() -> Select[Any]:
    subject, flow = fact_table.alias(), fact_table.alias()
    joined = decision_table.outerjoin(subject, subject.c.hash == decision_table.c.facts).outerjoin(flow, flow.c.hash == decision_table.c.on)
    return select(decision_table, subject.c.subject.label("subject_facts"), flow.c.flow.label("flow_facts")).select_from(joined)


def _said(decision: Decision) -> tuple[object, ...]:
    under = (decision.agreement, decision.agreement_version, decision.clause)
    return (decision.subject_version, under, decision.allowed, decision.fingerprint, decision.verdicts)


def _last(tx: Transaction, subjects: Sequence[str]) -> dict[tuple[str, str], Decision]:
    """The last decision on each of these subjects, on each flow."""
    found: dict[tuple[str, str], Decision] = {}
    for start in range(0, len(subjects), AT_ONCE):
        mine = decision_table.c.subject.in_(subjects[start : start + AT_ONCE])
        newest = select(func.max(decision_table.c.id)).where(mine).group_by(decision_table.c.subject, decision_table.c.flow)
        for row in tx.rows(select(decision_table).where(and_(mine, decision_table.c.id.in_(newest)))):
            found[row.subject, row.flow] = _decision(row)
    return found


def _fact(kind: type, column: str, value: Any, facts: dict[str, dict[str, Any]]) -> str | None:
    """The hash under which a fact is kept, noted among those to be kept."""
    if value is None:
        return None
    said = hashlib.sha256(f"{column} {written(kind, value)}".encode()).hexdigest()
    facts[said] = {"hash": said, "subject": None, "flow": None, column: value}
    return said


def _values(decision: Decision, facts: dict[str, dict[str, Any]]) -> dict[str, Any]:
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
        "facts": _fact(Subject, "subject", decision.facts, facts),
        "on": _fact(Flow, "flow", decision.on, facts),
        "used": decision.used,
        "register": decision.register,
        "inputs": decision.inputs,
    }


def _decision(row: Row[Any], facts: Subject | None = None, on: Flow | None = None) -> Decision:
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
        facts=facts,
        on=on,
        used=row.used,
        register=row.register,
        inputs=row.inputs,
    )
