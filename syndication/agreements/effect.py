"""What a change to an agreement does to the flows: which stop, which begin, which run under another version, and when. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from syndication.agreements.calendar import first_day, last_day, utc, version_at, zone_named
from syndication.agreements.covering import grants_in
from syndication.agreements.governing import Standing
from syndication.model.agreement import Dossier, Register
from syndication.model.clearance import Governance
from syndication.model.partner import Direction, Flow


@dataclass(frozen=True, slots=True)
class Effect:
    """From `at` on, the flow runs under `after` where it would have run under `before`; either may be none, and says why."""

    flow: Flow
    at: datetime
    before: Governance
    after: Governance

    @property
    def stops(self) -> bool:
        """Nothing moves on it from then on."""
        return _moves(self.before, self.flow) and not _moves(self.after, self.flow)

    @property
    def begins(self) -> bool:
        """Something moves on it from then on."""
        return _moves(self.after, self.flow) and not _moves(self.before, self.flow)

    @property
    def why(self) -> str:
        """What the flow runs under then, or why nothing moves on it."""
        agreement = self.after.agreement
        if agreement is None or _moves(self.after, self.flow):
            return self.after.reason
        way = "from us to them" if self.flow.direction is Direction.OUTBOUND else "from them to us"
        return f"{agreement.reference} v{agreement.version} grants nothing that goes {way}"


def _moves(governance: Governance, flow: Flow) -> bool:
    """Something may move on the flow: an agreement is in force, and grants something that way."""
    return any(grant.types and grant.languages and grant.topics for grant in grants_in(governance.agreement, flow.direction))


def effects(before: Register, after: Register, reference: str, flows: Iterable[Flow], now: datetime) -> tuple[Effect, ...]:
    """Of each flow, the first difference that the change makes, now or on a day to come; nothing of a flow that goes on as it would."""
    dossiers = [dossier for register in (before, after) if (dossier := register.dossier(reference))]
    moments = sorted({utc(now), *(at for dossier in dossiers for at in _turns(dossier, now) if at > now)})
    standings = [(at, Standing(before, at), Standing(after, at)) for at in moments]
    return tuple(found for flow in flows if (found := _first(flow, standings)))


def _first(flow: Flow, standings: list[tuple[datetime, Standing, Standing]]) -> Effect | None:
    for at, old, new in standings:
        was, becomes = old.governing(flow), new.governing(flow)
        if (was.agreement, was.state) != (becomes.agreement, becomes.state):
            return Effect(flow, at, was, becomes)
    return None


def _turns(dossier: Dossier, now: datetime) -> Iterator[datetime]:
    """The moments at which the agreement's state may change: its versions' and acts' days, and the ends as they stand on those.

    Each version counts days in its own zone, also those of the acts: they are told of every zone, and are more than needed.
    """
    zones = {version.term.zone for version in dossier.versions}
    days = {act.on for act in dossier.acts}.union(*({version.since, first_day(version)} for version in dossier.versions))
    begun = [_midnight(day, zone) for day in days for zone in zones]
    yield from begun
    for at in (now, *begun):
        # Notice that came too late for this end of the term holds against the next.
        for _ in range(2):
            last = last_day(dossier, at)
            if last is None:
                break
            at = _midnight(last + timedelta(days=1), version_at(dossier, at).term.zone)
            yield at


def _midnight(day: date, zone: str) -> datetime:
    return utc(datetime.combine(day, time.min, tzinfo=zone_named(zone) or UTC))
