"""What obligations count: their periods, whole ones in the agreement's own zone; their ceilings; and how far along they are. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from syndication.agreements.calendar import add_months, day_of, utc, zone_named
from syndication.agreements.covering import speaks
from syndication.model.agreement import Agreement, ContentType, Measure, Obligation, Period
from syndication.model.ledger import Kind
from syndication.model.partner import Direction

CEILED = {Direction.OUTBOUND: Measure.OFFERED, Direction.INBOUND: Measure.PUBLISHED}
"""Where a ceiling holds: of ours, on what we offer, asked when it is placed; of theirs, on what we publish, asked when it is accepted."""
LATE = 0.75
"""After this share of its period, a duty that is behind is told of."""
NEAR = 0.9
"""At this share of a ceiling, it is told of."""


class Course(StrEnum):
    """How an obligation goes in its present period."""

    MET = "met"
    ON_COURSE = "on course"
    BEHIND = "behind"
    NEAR_CEILING = "near the ceiling"
    AT_CEILING = "at the ceiling"
    NOT_COUNTED = "not counted here"


@dataclass(frozen=True, slots=True)
class Progress:
    """One obligation in the period of a moment: `count` of what it asks, from `start` to `end`. None: it is not counted here."""

    obligation: Obligation
    start: datetime | None
    end: datetime | None
    count: int | None
    course: Course


def window(period: Period, at: datetime, zone: str) -> tuple[datetime, datetime]:
    """The first moment of the period that `at` lies in, and of the next, in UTC. A week begins on Monday."""
    first = _first_day(period, day_of(at, zone))
    following = first + timedelta(days={Period.DAY: 1, Period.WEEK: 7}.get(period, 0))
    if following == first:
        following = add_months(first, {Period.MONTH: 1, Period.QUARTER: 3}.get(period, 12))
    return _midnight(first, zone), _midnight(following, zone)


def counts(obligation: Obligation, kind: ContentType, language: str) -> bool:
    """Whether a piece of that type and language is among what it counts."""
    of_type = not obligation.types or kind in obligation.types
    return of_type and (not obligation.languages or speaks(obligation.languages, language))


def newly_counts(obligation: Obligation, kind: ContentType, language: str, before: Iterable[Kind]) -> bool:
    """Whether it counts a piece of that type and language which has moved in these `before`: each piece once, when it first is among it."""
    return counts(obligation, kind, language) and not any(counts(obligation, *one) for one in before)


def is_counted(obligation: Obligation) -> bool:
    """Whether it is of content, and of what we can see: what we publish of ours they alone know."""
    return obligation.period is not None and (obligation.at_least is not None or obligation.at_most is not None) and _seen(obligation)


def ceilings(agreement: Agreement, direction: Direction) -> Iterator[tuple[int, Obligation, int]]:
    """The ceilings that hold in that direction: the obligation's place in the agreement, the obligation, and the most there may be."""
    for place, obligation in enumerate(agreement.obligations):
        if obligation.by is direction and obligation.at_most is not None and obligation.measure is CEILED[direction] and obligation.period:
            yield place, obligation, obligation.at_most


def progress(obligation: Obligation, count: int, at: datetime, zone: str) -> Progress:
    """How it goes at `at`, with so many counted in the period until then."""
    if not is_counted(obligation) or obligation.period is None:
        return Progress(obligation, None, None, None, Course.NOT_COUNTED)
    start, end = window(obligation.period, at, zone)
    return Progress(obligation, start, end, count, _course(obligation, count, (utc(at) - start) / (end - start)))


def _course(obligation: Obligation, count: int, elapsed: float) -> Course:
    if obligation.at_most is not None:
        if count >= obligation.at_most:
            return Course.AT_CEILING
        if count >= obligation.at_most * NEAR:
            return Course.NEAR_CEILING
    if obligation.at_least is None or count >= obligation.at_least:
        return Course.MET
    return Course.BEHIND if elapsed >= LATE and count < obligation.at_least * elapsed else Course.ON_COURSE


def _seen(obligation: Obligation) -> bool:
    return obligation.measure is Measure.OFFERED or obligation.by is Direction.INBOUND


def _first_day(period: Period, today: date) -> date:
    match period:
        case Period.DAY:
            return today
        case Period.WEEK:
            # The first day of the calendar is a Monday: no week begins before it.
            return today - timedelta(days=today.weekday())
        case Period.MONTH:
            return today.replace(day=1)
        case Period.QUARTER:
            return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        case Period.YEAR:
            return today.replace(month=1, day=1)


def _midnight(day: date, zone: str) -> datetime:
    return utc(datetime.combine(day, time.min, tzinfo=zone_named(zone) or UTC))
