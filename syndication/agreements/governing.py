"""Which agreement version governs a flow at a moment: the named one, or what has succeeded it. None: nothing moves. Pure."""

from collections.abc import Iterator
from datetime import datetime

from syndication.agreements.calendar import (
    day_of,
    first_day,
    has_begun,
    last_day,
    last_day_of_grace,
    state,
    suspension,
    termination,
    utc,
    version_at,
    zone_named,
)
from syndication.model.agreement import Agreement, AgreementState, Dossier, Register
from syndication.model.clearance import Governance
from syndication.model.partner import Flow

MOVES = (AgreementState.IN_FORCE, AgreementState.GRACE)
"""The states in which content moves under an agreement."""


def governing(flow: Flow, register: Register, at: datetime) -> Governance:
    """What the flow runs under at `at`. `agreement` None: an inbound flow is not polled, an outbound one answers 403 with the reason."""
    governance = in_force(flow.agreement, register, at)
    agreement = governance.agreement
    if agreement is None:
        return governance
    for party in (register.agency, flow.partner):
        if party not in agreement.parties:
            name = f"{agreement.reference} v{agreement.version}"
            return Governance(None, governance.state, f"{party} is no party to {name}, under which the flow {flow.id} would run")
    return governance


def in_force(reference: str, register: Register, at: datetime) -> Governance:
    """The agreement of that reference at `at`, or its successor once that has begun; from then on the old one never revives."""
    moment = utc(at)
    named = register.dossier(reference)
    if named is None:
        return Governance(None, None, f"there is no agreement {reference}")
    current = current_of(named, register, moment)
    if current is None:
        return Governance(None, None, f"{reference} is succeeded in a circle: mend 'succeeds' in the agreements' files")
    standing = state(current, moment)
    agreement = version_at(current, moment)
    who = f"{agreement.reference} v{agreement.version}"
    if current is not named:
        who += f", which succeeded {named.reference},"
    reason = f"{who} {_said(current, standing, moment)}"
    return Governance(agreement if standing in MOVES else None, standing, reason)


def current_of(dossier: Dossier, register: Register, at: datetime) -> Dossier | None:
    """The last of its chain of successors that has begun by `at`; None where the chain is a circle."""
    seen = {dossier.reference}
    while (successor := register.successor(dossier.reference)) is not None and has_begun(successor, at):
        if successor.reference in seen:
            return None
        seen.add(successor.reference)
        dossier = successor
    return dossier


def in_force_between(partner: str, register: Register, at: datetime) -> Iterator[Agreement]:
    """Every agreement in force, or in grace, between us and that partner, frames too; not what has been succeeded."""
    for dossier in register.dossiers:
        agreement = version_at(dossier, at)
        if register.agency not in agreement.parties or partner not in agreement.parties:
            continue
        if state(dossier, at) in MOVES and current_of(dossier, register, at) is dossier:
            yield agreement


def _said(current: Dossier, standing: AgreementState, at: datetime) -> str:
    """How the agreement stands, with the dates that make it so, to follow its name."""
    agreement = version_at(current, at)
    term = agreement.term
    today = day_of(at, term.zone)
    last = last_day(current, at)
    if standing is AgreementState.DRAFT:
        return "is a draft: it is not signed"
    if standing is AgreementState.SIGNED:
        return f"is signed, but not in force before {first_day(agreement)}"
    if zone_named(term.zone) is None:
        return f"counts its days in the zone {term.zone!r}, which is not known: nothing moves under it"
    if ended := termination(current.acts, today):
        return f"was terminated on {ended.on} ({ended.reason}), and nothing in force succeeds it"
    if last is not None and standing is AgreementState.GRACE:
        return f"ended on {last}; its terms go on for {term.grace_days} days of grace, until {last_day_of_grace(last, term)}"
    suspended = suspension(current.acts, today)
    if last is not None and standing is AgreementState.EXPIRED:
        grace = "" if suspended or term.grace_days < 1 else f", its days of grace on {last_day_of_grace(last, term)}"
        return f"expired on {last}{grace}, and nothing in force succeeds it"
    if suspended is not None:
        return f"was suspended on {suspended.on} ({suspended.reason}), and has not been resumed"
    return f"is in force since {term.effective}, {f'until {last}' if last else 'without end'}"
