"""Which agreement version governs a flow at a moment: the named one, or what has succeeded it. None: nothing moves. Pure."""

from collections.abc import Iterator
from copy import copy
from datetime import datetime

from syndication.agreements.calendar import (
    day_of,
    first_day,
    last_day,
    last_day_of_grace,
    next_midnight,
    state,
    succeeded_by,
    suspension,
    termination,
    utc,
    version_at,
    zone_named,
)
from syndication.model.agreement import Agreement, AgreementState, Dossier, Register, Unreadable
from syndication.model.clearance import Governance
from syndication.model.partner import Flow

MOVES = (AgreementState.IN_FORCE, AgreementState.GRACE)
"""The states in which content moves under an agreement."""


class Standing:
    """The register as it stands at one moment: what each agreement's dates and acts make of it, worked out once for all who ask.

    A release to a thousand flows asks a thousand times of the same moment. Built from values, asked for values: it reads nothing.
    """

    def __init__(self, register: Register, at: datetime) -> None:
        self.register = register
        self.at = utc(at)
        self._dossiers = {dossier.reference: dossier for dossier in register.dossiers}
        self._successors: dict[str, Dossier] = {}
        self._of: dict[str, list[Dossier]] = {}
        for dossier in register.dossiers:
            for before in succeeded_by(dossier, self.at):
                self._successors.setdefault(before, dossier)
            for party in _ever_parties(dossier):
                self._of.setdefault(party, []).append(dossier)
        self._known: dict[str, Governance] = {}
        self._between: dict[str, tuple[Agreement, ...]] = {}
        self._until: datetime | None = None

    def moved(self, at: datetime) -> "Standing":
        """The same register at another moment; what is worked out already is shared with it for as long as this one holds."""
        moment = utc(at)
        if not self.at <= moment < self.holds_until():
            return Standing(self.register, moment)
        other = copy(self)
        other.at = moment
        return other

    def governing(self, flow: Flow) -> Governance:
        """What the flow runs under. `agreement` None: an inbound flow is not polled, an outbound one answers 403 with the reason."""
        governance = self.among(flow.agreement, flow.partner)
        if governance.agreement is not None and (barred := self.barred(flow.partner)):
            return Governance(None, governance.state, barred)
        return governance

    def among(self, reference: str, partner: str) -> Governance:
        """The same as `in_force`, for us and that partner: `agreement` None, with the reason, where one of the two is no party to it."""
        governance = self.in_force(reference)
        agreement = governance.agreement
        for party in (self.register.agency, partner):
            if agreement is not None and party not in agreement.parties:
                return Governance(None, governance.state, f"{party} is no party to {agreement.reference} v{agreement.version}")
        return governance

    def in_force(self, reference: str) -> Governance:
        """The agreement of that reference, or its successor once that has begun; from then on the old one never revives."""
        found = self._known.get(reference)
        if found is None:
            found = self._known[reference] = self._in_force(reference)
        return found

    def between(self, partner: str) -> tuple[Agreement, ...]:
        """Every agreement in force, or in grace, between us and that partner, frames too; not what has been succeeded."""
        found = self._between.get(partner)
        if found is None:
            found = self._between[partner] = tuple(self._in_force_between(partner))
        return found

    def barred(self, partner: str) -> str | None:
        """Why nothing of that partner's moves, whatever is in force: an agreement with it cannot be read, nor what that denies."""
        lost = next((one for one in self.register.unreadable if one.concerns(partner)), None)
        return f"{_lost(lost)}; what it denies between {partner} and us is not known, so nothing moves" if lost else None

    def holds_until(self) -> datetime:
        """Days are whole: until this moment, the next midnight of any agreement's zone, everything stands as it does now."""
        if self._until is None:
            zones = {version.term.zone for dossier in self.register.dossiers for version in dossier.versions}
            self._until = min(next_midnight(self.at, zone) for zone in zones | {"UTC"})
        return self._until

    def _in_force(self, reference: str) -> Governance:
        lost = next((one for one in self.register.unreadable if one.reference == reference), None)
        if lost is not None:
            return Governance(None, None, _lost(lost))
        named = self._dossiers.get(reference)
        if named is None:
            return Governance(None, None, f"there is no agreement {reference}")
        current = self._current_of(named)
        if current is None:
            return Governance(None, None, f"{reference} is succeeded in a circle: mend 'succeeds' in the agreements' files")
        for link in self._links(named, current):
            lost = next((one for one in self.register.unreadable if one.follows(link.reference)), None)
            if lost is not None:
                return Governance(None, None, f"{link.reference} may have been succeeded: {_lost(lost)}")
        standing = state(current, self.at)
        agreement = version_at(current, self.at)
        who = f"{agreement.reference} v{agreement.version}"
        if current is not named:
            who += f", which succeeded {named.reference},"
        reason = f"{who} {_said(current, standing, self.at)}"
        return Governance(agreement if standing in MOVES else None, standing, reason)

    def _current_of(self, dossier: Dossier) -> Dossier | None:
        """The last of its chain of successors that has begun; None where the chain is a circle."""
        seen = {dossier.reference}
        while (successor := self._successors.get(dossier.reference)) is not None:
            if successor.reference in seen:
                return None
            seen.add(successor.reference)
            dossier = successor
        return dossier

    def _links(self, dossier: Dossier, current: Dossier) -> Iterator[Dossier]:
        """From it to what has succeeded it, both included."""
        while dossier is not current:
            yield dossier
            dossier = self._successors[dossier.reference]
        yield current

    def _in_force_between(self, partner: str) -> Iterator[Agreement]:
        for dossier in self._of.get(partner, ()):
            agreement = version_at(dossier, self.at)
            if self.register.agency not in agreement.parties or partner not in agreement.parties:
                continue
            if state(dossier, self.at) in MOVES and self._current_of(dossier) is dossier:
                yield agreement


def governing(flow: Flow, register: Register, at: datetime) -> Governance:
    """What one flow runs under at `at`; who asks for many builds one `Standing`."""
    return Standing(register, at).governing(flow)


def _lost(one: Unreadable) -> str:
    return f"{one.reference} is in the database and cannot be read, so nothing flows under it ({one.why})"


def _ever_parties(dossier: Dossier) -> set[str]:
    """Whoever is or was or will be a party."""
    joined = {act.party for act in dossier.acts if act.party}
    return joined.union(*(version.parties for version in dossier.versions))


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
