"""Which agreement version governs a flow at a moment: the named one, or what has succeeded it. None: nothing moves. Pure."""

from datetime import datetime

from syndication.agreements.calendar import last_day, state, version_at
from syndication.model.agreement import AgreementState, Dossier, Register
from syndication.model.clearance import Governance
from syndication.model.partner import Flow

NOT_BEGUN = (AgreementState.DRAFT, AgreementState.SIGNED)
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
            return Governance(None, governance.state, f"{party} is no party to {name}, which the flow {flow.id} names")
    return governance


def in_force(reference: str, register: Register, at: datetime) -> Governance:
    """The agreement of that reference at `at`, or its successor once that has begun; from then on the old one never revives."""
    named = register.dossier(reference)
    if named is None:
        return Governance(None, None, f"there is no agreement {reference}")
    current = current_of(named, register, at)
    if current is None:
        return Governance(None, None, f"{reference} is succeeded in a circle: mend 'succeeds' in the agreements' files")
    standing = state(current, at)
    reason = _reason(named, current, standing, at)
    if standing not in MOVES:
        return Governance(None, standing, reason)
    return Governance(version_at(current, at), standing, reason)


def current_of(dossier: Dossier, register: Register, at: datetime) -> Dossier | None:
    """The last of its chain of successors that has begun by `at`; None where the chain is a circle."""
    seen = {dossier.reference}
    while (successor := register.successor(dossier.reference)) is not None and state(successor, at) not in NOT_BEGUN:
        if successor.reference in seen:
            return None
        seen.add(successor.reference)
        dossier = successor
    return dossier


def _reason(named: Dossier, current: Dossier, standing: AgreementState, at: datetime) -> str:
    agreement = version_at(current, at)
    who = f"{agreement.reference} v{agreement.version}"
    if current is not named:
        who += f", which succeeded {named.reference},"
    last = last_day(current, at)
    until = f"until {last}" if last else "without end"
    said = {
        AgreementState.IN_FORCE: f"is in force since {agreement.term.effective}, {until}",
        AgreementState.GRACE: f"ended on {last}; its terms go on for {agreement.term.grace_days} days of grace",
        AgreementState.DRAFT: "is a draft: it is not signed",
        AgreementState.SIGNED: f"is signed, but not in force before {agreement.term.effective}",
        AgreementState.SUSPENDED: "is suspended",
        AgreementState.EXPIRED: f"expired on {last}, and nothing in force succeeds it",
        AgreementState.TERMINATED: "was terminated, and nothing in force succeeds it",
    }
    return f"{who} {said[standing]}"
