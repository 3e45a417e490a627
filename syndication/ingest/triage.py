"""What the machine makes of one entry: new, update, correction, kill, nothing, or refused by the agreement. Pure."""

from dataclasses import dataclass
from datetime import datetime

from syndication.agreements.clearance import clear
from syndication.agreements.decision import fingerprint
from syndication.agreements.subject import of_entry
from syndication.model.agreement import Register
from syndication.model.clearance import Clearance
from syndication.model.entry import Entry
from syndication.model.item import Item, ReviewState, Triage
from syndication.model.partner import Flow
from syndication.model.story import Pubstatus
from syndication.review.difference import likeness

ALIKE = 0.2
"""Below this share of common words, an id that comes again with another text is taken to have been used twice (S03)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`clearance` is None where the gate was not asked: nothing changed, or a kill, which needs no leave. `flags`: for the editor."""

    triage: Triage
    entry: Entry
    fingerprint: str
    reason: str
    clearance: Clearance | None = None
    flags: tuple[str, ...] = ()


def judge(entry: Entry, held: Item | None, *, buried: bool, flow: Flow, register: Register, at: datetime) -> Judgement:
    """Judge one entry, its topics already mapped, against what is held under its id. `buried`: the partner has killed that id (S11)."""
    mark = fingerprint(entry.content, entry.pubstatus)
    if buried or (held is not None and held.state is ReviewState.WITHDRAWN):
        return Judgement(Triage.NOTHING, entry, mark, "killed before; a kill is final")
    if entry.pubstatus is Pubstatus.CANCELED:
        return Judgement(Triage.KILL, entry, mark, "the entry says that it is killed")
    if held is not None:
        if held.current.fingerprint == mark:
            return Judgement(Triage.NOTHING, entry, mark, "unchanged")
        if _older(entry, held.current.entry):
            return Judgement(Triage.NOTHING, entry, mark, "older than what we hold")
    clearance = clear(of_entry(entry), flow, register, at)
    if not clearance.allowed:
        reasons = "; ".join(f"{verdict.clause}: {verdict.reason}" for verdict in clearance.refusals)
        return Judgement(Triage.REFUSED, entry, mark, reasons, clearance)
    if held is None:
        triage = Triage.UPDATE if entry.replaces else Triage.NEW
        return Judgement(triage, entry, mark, f"{triage} for {flow.id}", clearance, _flags(entry))
    flags = _flags(entry)
    if likeness(held.current.entry.content, entry.content) < ALIKE:
        flags = (*flags, "the text is wholly different from the one before: the partner may have used the id twice")
    return Judgement(Triage.CORRECTION, entry, mark, "the content changed", clearance, flags)


def _older(entry: Entry, held: Entry) -> bool:
    return entry.updated is not None and held.updated is not None and entry.updated < held.updated


def _flags(entry: Entry) -> tuple[str, ...]:
    flags = entry.flags
    if entry.content.embargo_until is not None:
        flags = (*flags, f"under embargo until {entry.content.embargo_until:%Y-%m-%d %H:%M} UTC")
    if entry.pubstatus is Pubstatus.WITHHELD:
        flags = (*flags, "withheld by the partner")
    if entry.claimed_source:
        flags = (*flags, f"says it comes from: {entry.claimed_source}")
    return flags
