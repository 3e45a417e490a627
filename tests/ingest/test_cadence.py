"""When a flow is visited again, and when no more."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.ingest.cadence import JITTER, LIVELIEST, LONGEST_WAIT, LOOKED_AT, QUIETEST, ended, next_visit, pace, share
from syndication.model.poll import Asked, Outcome

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""A Tuesday."""
QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def after(outcome: Outcome = Outcome.UNCHANGED, **given: Any) -> timedelta | None:
    """The wait after a visit that ended so, with no jitter unless it is given."""
    plain: dict[str, Any] = {"interval": QUARTER, "minimum": MINUTE, "failures": 0, "jitter": 0.0}
    due = next_visit(NOW, outcome, **{**plain, **given})
    return due - NOW if due else None


@pytest.mark.parametrize(
    ("outcome", "given", "wait"),
    [
        pytest.param(Outcome.UPDATED, {}, QUARTER, id="our own interval"),
        pytest.param(Outcome.UNCHANGED, {"asked": Asked(5 * MINUTE)}, QUARTER, id="they would allow sooner: we do not come sooner"),
        pytest.param(Outcome.UNCHANGED, {"asked": Asked(HOUR)}, HOUR, id="they ask for an hour"),
        pytest.param(Outcome.UPDATED, {"asked": Asked(400 * DAY)}, DAY, id="asked for a year: a day"),
        pytest.param(Outcome.UPDATED, {"interval": 3 * DAY}, 3 * DAY, id="our own interval may be longer than a day"),
        pytest.param(Outcome.UNGOVERNED, {}, QUARTER, id="no agreement: asked again, lest one begins"),
        pytest.param(Outcome.UPDATED, {"pace": 0.25}, QUARTER / 4, id="lively: a quarter of it"),
        pytest.param(Outcome.UPDATED, {"pace": 0.25, "asked": Asked(HOUR)}, HOUR, id="lively, but they ask for an hour"),
        pytest.param(Outcome.UPDATED, {"pace": 0.25, "interval": 2 * MINUTE}, MINUTE, id="lively: never below the minimum"),
        pytest.param(Outcome.UNCHANGED, {"pace": 2.0}, 2 * QUARTER, id="quiet: twice"),
        pytest.param(Outcome.UNCHANGED, {"pace": 2.0, "interval": 18 * HOUR}, DAY, id="quiet: not drawn out beyond a day"),
        pytest.param(Outcome.UPDATED, {"missed": True}, QUARTER / 2, id="may have missed: half"),
        pytest.param(Outcome.UPDATED, {"missed": True, "pace": 0.25}, QUARTER / 4, id="may have missed, and lively: a quarter still"),
        pytest.param(Outcome.UPDATED, {"missed": True, "asked": Asked(HOUR)}, HOUR, id="may have missed: not sooner than asked"),
        pytest.param(Outcome.FAILED, {"failures": 1}, 2 * QUARTER, id="first failure doubles"),
        pytest.param(Outcome.FAILED, {"failures": 3}, 8 * QUARTER, id="third failure: eight times"),
        pytest.param(Outcome.FAILED, {"failures": 60}, DAY, id="sixty failures: a day, no overflow"),
        pytest.param(Outcome.FAILED, {"failures": 1, "interval": 3 * DAY}, 3 * DAY, id="a failure is no reason to come sooner"),
        pytest.param(Outcome.FAILED, {"failures": 1, "retry_after": 7200}, 2 * HOUR, id="Retry-After beats our own wait"),
        pytest.param(Outcome.FAILED, {"failures": 1, "retry_after": 60}, 2 * QUARTER, id="Retry-After never makes us sooner"),
        pytest.param(Outcome.FAILED, {"failures": 1, "retry_after": 10**8}, DAY, id="Retry-After of three years: a day"),
        pytest.param(Outcome.FAILED, {"failures": 1, "asked": Asked(2 * HOUR)}, 2 * HOUR, id="its document asked for more than that"),
        pytest.param(Outcome.FAILED, {"failures": 1, "pace": 0.25}, 2 * QUARTER, id="liveliness is no reason to hammer"),
        pytest.param(Outcome.UPDATED, {"jitter": 1.0}, QUARTER * (1 + JITTER), id="all of the jitter"),
        pytest.param(Outcome.GONE, {"failures": 1}, None, id="gone: not again"),
    ],
)
def test_wire_36_the_wait(outcome: Outcome, given: dict[str, Any], wait: timedelta | None) -> None:
    assert after(outcome, **given) == wait


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        pytest.param(Asked(skip_hours=(8,)), QUARTER + HOUR, id="this hour: the same minute of the next"),
        pytest.param(Asked(skip_hours=(8, 9, 10)), QUARTER + 3 * HOUR, id="three hours"),
        pytest.param(Asked(skip_hours=(9, 10)), QUARTER, id="hours that lie ahead"),
        pytest.param(Asked(skip_days=(1,)), QUARTER + 16 * HOUR, id="today, which ends at midnight GMT"),
        pytest.param(Asked(skip_hours=(0, 1, 2), skip_days=(1,)), QUARTER + 19 * HOUR, id="today, and tomorrow's small hours"),
        pytest.param(Asked(skip_days=(1, 2)), QUARTER + 40 * HOUR, id="two days"),
        pytest.param(Asked(skip_hours=tuple(range(24))), QUARTER, id="every hour: not believed"),
        pytest.param(Asked(skip_days=tuple(range(7))), QUARTER, id="every day: not believed"),
    ],
)
def test_wire_36_hours_and_days_to_skip(asked: Asked, wait: timedelta) -> None:
    assert after(asked=asked) == wait


def test_wire_36_hours_to_skip_are_of_gmt() -> None:
    """15:00 in Hanoi is 08:00 GMT."""
    hanoi = NOW.astimezone(timezone(7 * HOUR))
    for hour, wait in ((8, QUARTER + HOUR), (15, QUARTER)):
        due = next_visit(hanoi, Outcome.UPDATED, interval=QUARTER, minimum=MINUTE, failures=0, jitter=0.0, asked=Asked(skip_hours=(hour,)))
        assert due == NOW + wait


@pytest.mark.parametrize(
    ("statuses", "over"),
    [
        pytest.param([410], True, id="410, once"),
        pytest.param([410, 200, None], True, id="410 after all went well"),
        pytest.param([401], False, id="a first refusal"),
        pytest.param([403, 401], False, id="a second"),
        pytest.param([401, 403, 401], True, id="a third, whichever"),
        pytest.param([403, 401, 200], False, id="one was let in between"),
        pytest.param([403, 503, 403, 403], False, id="another trouble between"),
        pytest.param([404, 404, 404, 404], False, id="404 backs off"),
        pytest.param([500, 503, 500, 500], False, id="5xx backs off"),
        pytest.param([None, None, None], False, id="the network backs off"),
        pytest.param([200, 410], False, id="it is back"),
    ],
)
def test_wire_35_after_which_answers_we_come_no_more(statuses: list[int | None], over: bool) -> None:
    assert ended(statuses) is over


@pytest.mark.parametrize(
    ("brought", "jitter", "expected"),
    [
        pytest.param([True], 0.0, 0.25, id="after the first visit: spread from a quarter"),
        pytest.param([False], 1.0, 1.0, id="to the whole of it"),
        pytest.param([True] * 7, 0.5, 1.0, id="too few to tell"),
        pytest.param([True] * 8, 0.5, 0.25, id="something new each time"),
        pytest.param([False] * 8, 0.5, 2.0, id="never anything"),
        pytest.param([True, False] * 4, 0.5, 1.0, id="every other time: that is its rhythm"),
        pytest.param([False] * 8 + [True] * 8, 0.5, 2.0, id="what is long past does not count"),
        pytest.param([True] * 6 + [False] * 2, 0.5, 0.5, id="three of four"),
    ],
)
def test_how_lively_it_is(brought: list[bool], jitter: float, expected: float) -> None:
    assert pace(brought, jitter) == expected


waits = st.timedeltas(timedelta(0), 20 * DAY)
asks = st.builds(
    Asked,
    st.none() | waits,
    st.sets(st.integers(0, 23), max_size=23).map(tuple),
    st.sets(st.integers(0, 6), max_size=6).map(tuple),
)
shares = st.floats(0, 1)


@given(
    outcome=st.sampled_from([one for one in Outcome if one is not Outcome.GONE]),
    interval=st.timedeltas(MINUTE, 7 * DAY),
    minimum=st.timedeltas(timedelta(seconds=1), DAY),
    failures=st.integers(0, 10**6),
    jitter=shares,
    asked=asks,
    retry_after=st.none() | st.integers(60, 86_400),
    brought=st.lists(st.booleans(), max_size=2 * LOOKED_AT),
    missed=st.booleans(),
)
def test_wire_36_never_sooner_than_the_minimum_nor_than_asked_and_never_lost(
    outcome: Outcome,
    interval: timedelta,
    minimum: timedelta,
    failures: int,
    jitter: float,
    asked: Asked,
    retry_after: int | None,
    brought: list[bool],
    missed: bool,
) -> None:
    """Whatever comes together: not too soon, not in an hour or on a day to be skipped, and not later than all of that explains."""
    due = next_visit(
        NOW,
        outcome,
        interval=interval,
        minimum=minimum,
        failures=failures,
        jitter=jitter,
        asked=asked,
        retry_after=retry_after if outcome is Outcome.FAILED else None,
        pace=pace(brought, jitter),
        missed=missed,
    )
    assert due is not None
    wait = due - NOW
    assert wait >= minimum
    assert wait >= min(asked.wait or timedelta(0), LONGEST_WAIT)
    assert wait >= interval / 4
    if outcome is Outcome.FAILED:
        assert wait >= max(interval, timedelta(seconds=retry_after or 0))
    assert (due.hour in asked.skip_hours, due.weekday() in asked.skip_days) == (False, False)
    assert wait <= max(interval, minimum, LONGEST_WAIT) * (1 + JITTER) + 8 * DAY


@given(brought=st.lists(st.booleans(), max_size=3 * LOOKED_AT), jitter=shares)
def test_the_pace_stays_within_a_quarter_and_twice(brought: list[bool], jitter: float) -> None:
    assert LIVELIEST <= pace(brought, jitter) <= QUIETEST


@given(brought=st.lists(st.booleans(), min_size=LOOKED_AT, max_size=LOOKED_AT), place=st.integers(0, LOOKED_AT - 1))
def test_one_more_visit_that_brought_something_never_slows(brought: list[bool], place: int) -> None:
    more = [*brought[:place], True, *brought[place + 1 :]]
    assert pace(more, 0.0) <= pace(brought, 0.0)


def test_flows_that_began_together_are_spread() -> None:
    """A hundred of them, polled in the same second: no tenth of the interval gets more than a third of them."""
    jitters = [share(f"flow-{number}", NOW) for number in range(100)]
    waits = [after(jitter=jitter, pace=pace([True], jitter)) for jitter in jitters]
    tenths = [int(wait / QUARTER * 10) for wait in waits if wait]
    assert len(tenths) == 100
    assert max(tenths.count(tenth) for tenth in set(tenths)) <= 33
    assert share("flow-1", NOW) == jitters[1]
    assert share("flow-1", NOW + MINUTE) != jitters[1]
