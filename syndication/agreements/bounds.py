"""What bounds the grants of an agreement version beside their own words: when it is in force, and what stands beside it. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final

from syndication.agreements.calendar import first_day, last_day, last_day_of_grace, utc, zone_named
from syndication.agreements.governing import Standing
from syndication.model.agreement import Agreement, Dossier, Register
from syndication.model.rights import Bounds

FAR: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""When every renewal has happened that can."""


def bounds(register: Register, agreement: Agreement) -> dict[str, Bounds]:
    """For each other party of that version, and each that joined while it moved something.

    A draft is taken to be signed on its first day, and nothing to be beside it.
    """
    if agreement.signed_on is None:
        register = Register(register.agency, (Dossier((replace(agreement, signed_on=agreement.since),)),))
    joined = [act.party for one in register.dossiers if one.reference == agreement.reference for act in one.acts if act.party]
    found = {party: _with(register, agreement, party) for party in (*agreement.parties, *joined) if party != register.agency}
    return {party: one for party, one in found.items() if party in agreement.parties or one.spans}


def _with(register: Register, agreement: Agreement, partner: str) -> Bounds:
    theirs = _concerning(register, agreement.reference, partner)
    standings = [Standing(theirs, at) for at in sorted(_moments(theirs))]

    def under(standing: Standing) -> Agreement | None:
        return None if standing.barred(partner) else standing.among(agreement.reference, partner).agreement

    def governs(standing: Standing) -> bool:
        found = under(standing)
        return found is not None and (found.reference, found.version) == (agreement.reference, agreement.version)

    used = tuple(_spans(standings, lambda standing: under(standing) is not None))
    beside = {
        (one.reference, one.version): one
        for standing in filter(governs, standings)
        for one in standing.between(partner)
        if one.reference != agreement.reference
    }
    return Bounds(tuple(_spans(standings, governs)), used[-1][1] if used else None, tuple(beside.values()))


def _concerning(register: Register, reference: str, partner: str) -> Register:
    """What is between us and that partner, and what has succeeded that agreement: of a large register, a small part."""
    chain = [reference]
    while (successor := register.successor(chain[-1])) is not None and successor.reference not in chain:
        chain.append(successor.reference)
    kept = (one for one in register.dossiers if one.reference in chain or any(partner in named for named in _parties(one)))
    return replace(register, dossiers=tuple(kept))


def _parties(dossier: Dossier) -> Iterator[tuple[str, ...]]:
    yield from (version.parties for version in dossier.versions)
    yield tuple(act.party for act in dossier.acts if act.party)


def _moments(register: Register) -> set[datetime]:
    """Every moment at which one of its agreements may come to stand otherwise, and more."""
    zones = {version.term.zone for dossier in register.dossiers for version in dossier.versions}
    days = {day for dossier in register.dossiers for day in _days(dossier)}
    return {_midnight(day, zone) for day in days for zone in zones}


def _days(dossier: Dossier) -> Iterator[date]:
    yield from (act.on for act in dossier.acts)
    for version in dossier.versions:
        yield from (version.since, first_day(version))
        last = last_day(Dossier((version,), dossier.acts), FAR)
        if last is not None:
            yield _after(last_day_of_grace(last, version.term))


def _after(day: date) -> date:
    return date.fromordinal(min(day.toordinal() + 1, date.max.toordinal()))


def _midnight(day: date, zone: str) -> datetime:
    """Its first moment, in UTC; of UTC where the zone is not known."""
    return utc(datetime.combine(day, time.min, tzinfo=zone_named(zone) or UTC))


def _spans(standings: list[Standing], so: Callable[[Standing], bool]) -> Iterator[tuple[datetime, datetime | None]]:
    """From each moment at which it becomes so to the one at which it no longer is."""
    since: datetime | None = None
    for standing in standings:
        if so(standing):
            since = since or standing.at
        elif since is not None:
            yield since, standing.at
            since = None
    if since is not None:
        yield since, None
