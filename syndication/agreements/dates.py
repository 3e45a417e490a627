"""The days on which an agreement comes to stand otherwise, and those by which somebody has to act. Pure.

Each is held against `calendar`, which decides: a day is told only where its answer differs from that of the day before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from syndication.agreements.calendar import RENEWALS, add_months, first_day, last_day, state, version_at, zone_named
from syndication.agreements.governing import MOVES, Standing
from syndication.model.agreement import Act, ActKind, AgreementState, Dossier, Register

DAY = timedelta(days=1)
RUNNING = (*MOVES, AgreementState.SUSPENDED)
"""The states in which a term runs, and renews itself."""


class Turn(StrEnum):
    """What happens on a day, or has to be done by its end."""

    BEGINS = "in force"
    AMENDED = "amended"
    NOTICE = "last day to give notice"
    RENEWED = "renewed"
    ENDED = "ended"
    GRACE_ENDED = "grace ended"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    TERMINATED = "terminated"
    HALTED = "not in force"
    DELETION = "deletion due"


@dataclass(frozen=True, slots=True)
class Due:
    """`on`: from 00:00 of this day, in the agreement's zone, it is so; of a notice, until its 24:00 it can be given."""

    on: date
    zone: str
    agreement: str
    turn: Turn
    text: str


def due(register: Register, since: date, until: date) -> tuple[Due, ...]:
    """What comes between these days, both included, in the order of the days."""
    found = (one for dossier in register.dossiers for one in _of(dossier, register, since, until))
    return tuple(sorted(found, key=lambda one: (one.on, one.agreement, list(Turn).index(one.turn))))


def _of(dossier: Dossier, register: Register, since: date, until: date) -> Iterator[Due]:
    zone = dossier.versions[-1].term.zone
    for on in sorted(_candidates(dossier, until)):
        if not since <= on <= until or not date.min + DAY < on < date.max - 3 * DAY:
            continue
        for turn, text in (*_turns(dossier, on, zone), *_notice(dossier, on, zone)):
            yield Due(on, zone, dossier.reference, turn, text)
            if _is_over(turn) and _deletes(dossier, register, midnight(on, zone)):
                yield Due(on, zone, dossier.reference, Turn.DELETION, "the text of what was taken under it is to be deleted")


def midnight(on: date, zone: str) -> datetime:
    """The first moment of that day in that zone; in UTC where the zone is not known."""
    return datetime.combine(on, time.min, tzinfo=zone_named(zone) or UTC).astimezone(UTC)


def _candidates(dossier: Dossier, until: date) -> set[date]:
    """Every day on which something may change, and more: of versions, of acts, of each end of the term, its grace and its notice."""
    days = {act.on for act in dossier.acts}
    notices: set[date] = set()
    for version in dossier.versions:
        days |= {version.since, first_day(version)}
        for last in _ends(version.term.until, version.term.renewal_months or 0, until):
            following = date.fromordinal(min(last.toordinal() + 1, date.max.toordinal()))
            days |= {following, date.fromordinal(min(following.toordinal() + max(version.term.grace_days, 0), date.max.toordinal()))}
            notices.add(date.fromordinal(max(last.toordinal() - version.term.notice_days, 1)))
    # Versions may count in zones that are up to 25 hours apart, and it is looked at midnight in one of them.
    return notices | {date.fromordinal(on.toordinal() + step) for on in days if date.min < on < date.max - DAY for step in (-1, 0, 1, 2)}


def _ends(first: date | None, months: int, until: date) -> Iterator[date]:
    """The term's last day, and those of its renewals, until one past that day."""
    if first is None:
        return
    for renewal in range(RENEWALS if months > 0 else 1):
        last = add_months(first, renewal * months)
        yield last
        # A notice stands up to ten years before its end.
        if last > date.fromordinal(min(until.toordinal() + 4_000, date.max.toordinal())):
            return


def _turns(dossier: Dossier, on: date, zone: str) -> Iterator[tuple[Turn, str]]:
    at, earlier = midnight(on, zone), midnight(on - DAY, zone)
    before, after = state(dossier, earlier), state(dossier, at)
    last, ended = last_day(dossier, at), last_day(dossier, earlier)
    if after is AgreementState.TERMINATED and before is not after:
        yield Turn.TERMINATED, "it has ended by an act"
    elif after is AgreementState.SUSPENDED and before is not after:
        yield Turn.SUSPENDED, "nothing moves under it"
    elif after in (AgreementState.GRACE, AgreementState.EXPIRED) and before not in (AgreementState.GRACE, AgreementState.EXPIRED):
        grace = f"; its old terms go on for {version_at(dossier, at).term.grace_days} days" if after is AgreementState.GRACE else ""
        yield Turn.ENDED, f"its last day was {ended}{grace}"
    elif after is AgreementState.EXPIRED and before is AgreementState.GRACE:
        yield Turn.GRACE_ENDED, "nothing moves under it any more"
    elif after is AgreementState.IN_FORCE and before is AgreementState.SUSPENDED:
        yield Turn.RESUMED, "it is in force again"
    elif after is AgreementState.IN_FORCE and before is not after:
        yield Turn.BEGINS, f"until {last}" if last else "without end"
    elif before is not after:
        yield Turn.HALTED, f"it is {after} from here"
    version = version_at(dossier, at).version
    if version != version_at(dossier, earlier).version:
        yield Turn.AMENDED, f"version {version} holds, {f'until {last}' if last else 'without end'}"
    elif last is not None and ended is not None and last > ended and after in RUNNING:
        yield Turn.RENEWED, f"until {last}"


def _notice(dossier: Dossier, on: date, zone: str) -> Iterator[tuple[Turn, str]]:
    """Notice given on this day ends the renewal that comes next, and given a day later it does not."""
    at = midnight(on, zone)
    if version_at(dossier, at).term.renewal_months is None or state(dossier, at) not in RUNNING:
        return
    last = last_day(dossier, at)
    if last is None or last > date.max - 3 * DAY:
        return
    following = midnight(last + DAY, zone)
    if _end_with(dossier, on, following) == last and _end_with(dossier, on + DAY, following) != last:
        yield Turn.NOTICE, f"or it renews itself after {last}"


def _end_with(dossier: Dossier, on: date, at: datetime) -> date | None:
    """The end of the term as it stands at `at` if notice is given on that day."""
    return last_day(replace(dossier, acts=(*dossier.acts, Act(ActKind.NOTICE, on, ""))), at)


def _is_over(turn: Turn) -> bool:
    return turn in (Turn.TERMINATED, Turn.ENDED, Turn.GRACE_ENDED)


def _deletes(dossier: Dossier, register: Register, at: datetime) -> bool:
    """Some of its grants ask for deletion at the end, and nothing lets the use go on: no grace, no successor."""
    asks = any(grant.terms.delete_at_end for version in dossier.versions for grant in version.grants)
    return asks and Standing(register, at).in_force(dossier.reference).agreement is None
