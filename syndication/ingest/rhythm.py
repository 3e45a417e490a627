"""How an inbound flow is doing: silent against its own rhythm, behind what is owed, its clock wrong, its ids changed. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from math import log, prod
from typing import Final

from syndication.agreements.quota import Course, Progress
from syndication.model.agreement import Measure
from syndication.model.partner import Direction
from syndication.model.poll import FlowHealth, Outcome, Sign, Trouble

HOURS_A_WEEK: Final = 7 * 24
WEEKS: Final = 4
"""Whose pattern counts, before the last arrival."""
FEWEST_WEEKS: Final = 2
SUREST: Final = 0.9
"""No hour is surer than that to bring something, whatever the weeks before say."""
UNLIKELY: Final = 0.002
"""Silence that is less likely than that is no accident: three hours that are as sure as any."""
FAILING: Final = 3
"""Failed polls in a row, from which on a person should look."""
SAMPLE: Final = 20
FEWEST: Final = 5
"""Stories by whose dates a clock is judged."""
SPREAD: Final = timedelta(minutes=45)
"""Within so much the dates of a wrong clock lie together: what was only late is late by this and that."""
HOUR: Final = timedelta(hours=1)
NOISE: Final = timedelta(minutes=5)


def likelihood_of_silence(arrivals: Sequence[int], now: datetime) -> float:
    """How likely it is that the flow has been silent since its last arrival, by its own rhythm: 1 where that cannot be told.

    `arrivals`: the hours, counted from 1970, in which something came, oldest first. Of each full hour since the last of them: in how many
    of the four weeks before the silence did the same hour of the week bring something? If in three of four, then that it did not this
    time has the likelihood 1/4. All of them together, multiplied.
    """
    if not arrivals:
        return 1.0
    last = arrivals[-1]
    weeks = min(WEEKS, (last - arrivals[0]) // HOURS_A_WEEK)
    if weeks < FEWEST_WEEKS:
        return 1.0
    first = last - weeks * HOURS_A_WEEK
    seen = [0] * HOURS_A_WEEK
    for hour in set(arrivals):
        if hour > first:
            seen[hour % HOURS_A_WEEK] += 1
    present = int(now.timestamp()) // 3600
    silent = range(last + 1, min(present, last + 1 + 2 * WEEKS * HOURS_A_WEEK))
    return prod(1 - min(SUREST, seen[hour % HOURS_A_WEEK] / weeks) for hour in silent)


def shifted(lags: Sequence[timedelta]) -> int | None:
    """By how many whole hours the dates of a flow's last stories are ahead (below 0: behind) of when they came. None: as they should be.

    `lags`: of each, how long after its date it came. A wrong clock or zone shifts all by the same; stories that were late differ.
    """
    if len(lags) < FEWEST:
        return None
    least, most = min(lags), max(lags)
    if most - least > SPREAD:
        return None
    if most < -NOISE:
        return max(1, round(-(least + (most - least) / 2) / HOUR))
    behind = int((least + NOISE) // HOUR)
    return -behind if behind >= 1 else None


def troubles(health: FlowHealth, owed: Sequence[Progress], now: datetime) -> Iterator[Trouble]:
    """What a person should look at, the worst first. `owed`: how the obligations of its agreement go."""
    last = health.last_poll
    if last is not None and last.outcome is Outcome.GONE:
        yield Trouble(Sign.STOPPED, last.finished_at, last.error or "the partner wants us no more")
    elif health.failures >= FAILING and last is not None:
        yield Trouble(Sign.FAILING, health.last_good_at, f"{health.failures} polls in a row failed, the last: {last.error}")
    if health.flipped_at is not None:
        yield Trouble(
            Sign.FLIPPED,
            health.flipped_at,
            "its entries came under new ids, with titles that are known: what is new waits until someone says whether they are the same",
        )
    likely = likelihood_of_silence(health.arrivals, now)
    if likely < UNLIKELY:
        often = f"such a silence was to be expected once in {_times(likely)}"
        yield Trouble(Sign.QUIET, health.last_new_at, f"gone quiet, by its own rhythm of the last weeks ({often})")
    for one in owed:
        if one.course is Course.BEHIND and one.obligation.by is Direction.INBOUND and one.obligation.measure is Measure.OFFERED:
            asked = f"{one.count} of at least {one.obligation.at_least} in this {one.obligation.period}"
            yield Trouble(Sign.BEHIND, one.start, f"the agreement asks for more: {asked}")
    if health.shifted is not None:
        way = "ahead of" if health.shifted > 0 else "behind"
        hours = abs(health.shifted)
        told = f"its dates lie {hours} {'hour' if hours == 1 else 'hours'} {way} the time at which its stories come"
        yield Trouble(Sign.SHIFTED, None, f"{told}: its clock or zone is wrong")
    if health.missed_at is not None and health.missed_at + timedelta(days=7) > now:
        yield Trouble(Sign.MISSED, health.missed_at, "may have missed stories: nothing of the last good poll was in a document")


def _times(likely: float) -> str:
    """Once in how many times, as a power of ten: more is not known."""
    return f"{10 ** min(9, int(-log(max(likely, 1e-9), 10))):,}".replace(",", " ")
