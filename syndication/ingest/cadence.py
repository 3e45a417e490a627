"""When to visit a flow again. Pure."""

import hashlib
from datetime import datetime, timedelta

from syndication.model.poll import Outcome

LONGEST_WAIT = timedelta(hours=24)
JITTER = 0.1
"""Of the wait, so that flows that started together drift apart."""


def next_visit(
    flow: str,
    now: datetime,
    outcome: Outcome,
    *,
    interval: timedelta,
    failures: int,
    asked: timedelta | None = None,
    retry_after: int | None = None,
) -> datetime | None:
    """The moment of the next poll, or None: not until someone says so (410, access refused).

    `interval`: our own; `asked`: the longest of what the server and the document asked for (max-age, ttl): never sooner (wire 36);
    `failures`: failed visits in a row, this one included: the wait doubles with each; `retry_after`: seconds, already bounded.
    """
    if outcome is Outcome.GONE:
        return None
    if outcome is Outcome.FAILED:
        wait: timedelta = interval * 2 ** min(failures, 10)
        wait = min(wait, LONGEST_WAIT)
        if retry_after is not None:
            wait = max(wait, timedelta(seconds=retry_after))
        return now + wait * (1 + JITTER * _share(flow, failures))
    wait = max(interval, asked or timedelta(0))
    return now + min(wait, LONGEST_WAIT)


def _share(flow: str, turn: int) -> float:
    """From 0 to 1, the same for the same flow and turn: jitter that a test can foretell."""
    return hashlib.sha256(f"{flow}:{turn}".encode()).digest()[0] / 255
