"""When to visit a flow again, and when no more. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from syndication.model.poll import Asked, Outcome

LONGEST_WAIT = timedelta(hours=24)
JITTER = 0.1
"""Of the wait, so that flows that started together drift apart."""
REFUSED = frozenset({401, 403})
REFUSALS = 3
"""So many refusals in a row are no mishap of the partner's."""
LOOKED_AT = 8
"""Visits by which a flow is called lively or quiet."""
LIVELIEST, QUIETEST = 0.25, 2.0
"""Of our own interval. A quiet flow may bring the next flash all the same: it is never left for longer than twice as long."""


def next_visit(
    now: datetime,
    outcome: Outcome,
    *,
    interval: timedelta,
    minimum: timedelta,
    failures: int,
    jitter: float,
    asked: Asked | None = None,
    retry_after: int | None = None,
    pace: float = 1.0,
    missed: bool = False,
) -> datetime | None:
    """The moment of the next poll, or None: not until someone says so (410, access refused).

    `interval`: the flow's own, times `pace` where a visit succeeds; `minimum`: never sooner than that, nor than the partner asks, by its
    answer or its document (wire 36), at most for a day; `failures`: failed visits in a row, this one included: the wait doubles with each;
    `retry_after`: seconds; `jitter`: from 0 to 1; `missed`: it may have had more than we saw, so we come twice as soon (wire 44).
    """
    if outcome is Outcome.GONE:
        return None
    said = asked or Asked()
    if outcome is Outcome.FAILED:
        wait = max(min(interval * 2 ** min(failures, 10), LONGEST_WAIT), interval)
        wait = max(wait, min(timedelta(seconds=retry_after or 0), LONGEST_WAIT))
    else:
        haste = max(LIVELIEST, pace / 2) if missed else pace
        wait = min(interval * haste, max(interval, LONGEST_WAIT))
    wait = max(wait, minimum, min(said.wait or timedelta(0), LONGEST_WAIT))
    return _open(now + wait * (1 + JITTER * jitter), said)


def pace(brought: Sequence[bool], jitter: float) -> float:
    """By how much our own interval is shortened or drawn out, from 1/4 to 2. `brought`: of each good visit, the last first, whether it
    brought anything. After the first one anything up to the interval, so that flows that began together are spread over it.
    """
    if len(brought) == 1:
        return LIVELIEST + (1 - LIVELIEST) * jitter
    if len(brought) < LOOKED_AT:
        return 1.0
    lively = 2 * sum(brought[:LOOKED_AT]) / LOOKED_AT - 1
    return float(LIVELIEST**lively if lively > 0 else QUIETEST**-lively)


def ended(statuses: Sequence[int | None]) -> bool:
    """Whether the partner wants us no more (wire 35): 410, or three refusals in a row. `statuses`: of the last visits, the last first."""
    last = statuses[:REFUSALS]
    return statuses[:1] == [410] or (len(last) == REFUSALS and all(status in REFUSED for status in last))


def share(flow: str, moment: datetime) -> float:
    """From 0 to 1, the same for the same flow and moment: jitter that a test can foretell."""
    return hashlib.sha256(f"{flow}:{moment.isoformat()}".encode()).digest()[0] / 255


def _open(due: datetime, asked: Asked) -> datetime:
    """The first hour from then on that the document does not tell us to skip (GMT); one that skips all of them is not believed."""
    found = due.astimezone(UTC)
    for _ in range(7 * 24):
        if found.hour not in asked.skip_hours and found.weekday() not in asked.skip_days:
            return found
        found += timedelta(hours=1)
    return due
