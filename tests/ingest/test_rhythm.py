"""When a flow has gone quiet by its own rhythm, when its clock is wrong, and what else a person should look at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.agreements.governing import Standing
from syndication.agreements.quota import Course, Progress
from syndication.ingest.health import of_flows
from syndication.ingest.rhythm import FAILING, UNLIKELY, likelihood_of_silence, shifted, troubles
from syndication.model.agreement import Measure, Obligation, Period
from syndication.model.partner import Direction
from syndication.model.poll import Counts, FlowHealth, Outcome, Sign
from syndication.storage import agreements, polls
from tests.ingest.conftest import Visits, entry_xml, feed_xml
from tests.worlds import NOW, REFERENCE, agreement, flow, outbound, poll

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = NOW.replace(hour=0) - 35 * DAY
"""A Tuesday, five weeks ago, at midnight UTC."""


def always(_: datetime) -> bool:
    return True


def office_hours(at: datetime) -> bool:
    return at.weekday() < 5 and 8 <= at.hour < 18


def at_eight(at: datetime) -> bool:
    return at.hour == 8


def on_mondays(at: datetime) -> bool:
    return at.weekday() == 0 and at.hour == 8


def now_and_then(at: datetime) -> bool:
    """About once a day, at no hour in particular."""
    return (at.timetuple().tm_yday * 7919 + at.hour * 104_729) % 24 == 0


def hours(comes: Callable[[datetime], bool], until: datetime, since: datetime = START) -> list[int]:
    """The hours in which something came, from `since` to `until`."""
    every = (since + number * HOUR for number in range(int((until - since) / HOUR)))
    return [int(at.timestamp()) // 3600 for at in every if comes(at)]


FRIDAY = START.replace(hour=18) + 24 * DAY
"""A Friday, at 18:00."""


@pytest.mark.parametrize(
    ("comes", "until", "silent", "quiet"),
    [
        pytest.param(always, NOW, timedelta(minutes=59), False, id="every hour: within the hour"),
        pytest.param(always, NOW, 2 * HOUR, False, id="every hour: two hours"),
        pytest.param(always, NOW, 3 * HOUR, True, id="every hour: three hours"),
        pytest.param(office_hours, FRIDAY, 62 * HOUR, False, id="by day: over the weekend"),
        pytest.param(office_hours, FRIDAY, 66 * HOUR, True, id="by day: over Monday morning"),
        pytest.param(office_hours, FRIDAY - 8 * HOUR, 4 * HOUR, True, id="by day: silent since the morning"),
        pytest.param(at_eight, NOW + HOUR, 23 * HOUR, False, id="once a day: until the next is due"),
        pytest.param(at_eight, NOW + HOUR, 2 * DAY, False, id="once a day: one or two did not come"),
        pytest.param(at_eight, NOW + HOUR, 3 * DAY + 2 * HOUR, True, id="once a day: three did not come"),
        pytest.param(on_mondays, NOW, 2 * 7 * DAY, False, id="once a week: two weeks"),
        pytest.param(on_mondays, NOW, 3 * 7 * DAY, True, id="once a week: three weeks"),
        pytest.param(now_and_then, NOW, 3 * DAY, False, id="now and then: three days"),
        pytest.param(now_and_then, NOW, 10 * DAY, True, id="now and then: ten days"),
    ],
)
def test_gone_quiet_by_its_own_rhythm(comes: Callable[[datetime], bool], until: datetime, silent: timedelta, quiet: bool) -> None:
    arrivals = hours(comes, until)
    now = max(datetime.fromtimestamp((arrivals[-1] + 1) * 3600, NOW.tzinfo), until) + silent
    assert (likelihood_of_silence(arrivals, now) < UNLIKELY) is quiet


@pytest.mark.parametrize(
    "arrivals",
    [
        pytest.param([], id="nothing ever came"),
        pytest.param(hours(always, NOW, NOW - 13 * DAY), id="known for less than two weeks"),
        pytest.param([int(NOW.timestamp()) // 3600], id="came once"),
    ],
)
def test_without_a_rhythm_nothing_is_said(arrivals: list[int]) -> None:
    assert likelihood_of_silence(arrivals, NOW + 60 * DAY) == 1.0


@given(
    arrivals=st.lists(st.integers(480_000, 481_000), max_size=300, unique=True).map(sorted),
    first=st.integers(0, 3_000),
    more=st.integers(0, 3_000),
)
def test_longer_silence_is_never_likelier(arrivals: list[int], first: int, more: int) -> None:
    def after(silent: int) -> float:
        return likelihood_of_silence(arrivals, datetime.fromtimestamp(((arrivals or [480_000])[-1] + silent) * 3600, NOW.tzinfo))

    assert 0 <= after(first + more) <= after(first) <= 1


MINUTES = [3, 7, 11, 2, 14, 9]


@pytest.mark.parametrize(
    ("minutes", "wrong"),
    [
        pytest.param(MINUTES, None, id="as they should be: within a poll's interval"),
        pytest.param([60 * 7 + one for one in MINUTES], -7, id="seven hours behind: a zone west of UTC left out"),
        pytest.param([one - 60 * 7 for one in MINUTES], 7, id="seven hours ahead: local time marked as UTC"),
        pytest.param([one - 60 for one in MINUTES], 1, id="one hour ahead: summer time"),
        pytest.param([60 + one for one in MINUTES], -1, id="one hour behind"),
        pytest.param([one - 20 for one in MINUTES], 1, id="ahead by less than an hour: the clock"),
        pytest.param([-1, -2, 3, 0, 1], None, id="a minute ahead: no clock is exact"),
        pytest.param([60 * 5 + one for one in MINUTES[:4]], None, id="too few to tell"),
        pytest.param([300, 20, 900, 45, 4000], None, id="late by this and that: the first document, or a slow desk"),
        pytest.param([30, 50, 20, 65, 40], None, id="half an hour late"),
    ],
)
def test_a_clock_or_zone_that_is_wrong(minutes: list[int], wrong: int | None) -> None:
    assert shifted([timedelta(minutes=one) for one in minutes]) == wrong


WELL = FlowHealth("trc-en", NOW, 0, poll(), NOW, NOW, None)
OWED = Obligation("3.1", Direction.INBOUND, Measure.OFFERED, at_least=10, period=Period.DAY)


@pytest.mark.parametrize(
    ("changes", "signs"),
    [
        pytest.param({}, [], id="well"),
        pytest.param({"failures": FAILING - 1}, [], id="failures that pass"),
        pytest.param({"failures": FAILING}, [Sign.FAILING], id="failures in a row"),
        pytest.param({"last_poll": poll(outcome=Outcome.GONE, error="gone"), "failures": 9}, [Sign.STOPPED], id="stopped by the partner"),
        pytest.param({"flipped_at": NOW - DAY}, [Sign.FLIPPED], id="its ids changed"),
        pytest.param({"arrivals": tuple(hours(always, NOW - DAY))}, [Sign.QUIET], id="gone quiet"),
        pytest.param({"shifted": 7}, [Sign.SHIFTED], id="clock or zone wrong"),
        pytest.param({"missed_at": NOW - DAY}, [Sign.MISSED], id="may have missed stories"),
        pytest.param({"missed_at": NOW - 8 * DAY}, [], id="that is a week ago"),
    ],
)
def test_what_should_be_looked_at(changes: dict[str, Any], signs: list[Sign]) -> None:
    found = list(troubles(replace(WELL, **changes), (), NOW))
    assert [one.sign for one in found] == signs
    assert all(one.said for one in found)


@pytest.mark.parametrize(
    ("progress", "behind"),
    [
        pytest.param(Progress(OWED, NOW, NOW + DAY, 3, Course.BEHIND), True, id="behind"),
        pytest.param(Progress(OWED, NOW, NOW + DAY, 3, Course.ON_COURSE), False, id="the day is young"),
        pytest.param(Progress(replace(OWED, by=Direction.OUTBOUND), NOW, NOW + DAY, 3, Course.BEHIND), False, id="what we owe"),
    ],
)
def test_behind_what_the_agreement_asks_for(progress: Progress, behind: bool) -> None:
    told = [one.said for one in troubles(WELL, (progress,), NOW)]
    assert told == (["the agreement asks for more: 3 of at least 10 in this day"] if behind else [])


def test_what_is_found_by_polling(visits: Visits) -> None:
    """Stories that all come seven hours after their dates; and an agreement that asks for ten a day."""
    with visits.database.write() as tx:
        told = agreement(version=2, since=date(2026, 11, 1), obligations=(OWED,))
        agreements.sign(tx, told, NOW, "test")
    visits.serve(feed_xml(*(entry_xml(number, updated=f"2026-11-24T06:{50 + number}:00Z") for number in range(6))))
    late = NOW + 6 * HOUR
    assert visits.poller.poll("trc-en", late).counts == Counts(new=6)
    with visits.database.read() as tx:
        health = polls.health(tx, "trc-en")
        standing = Standing(agreements.register(tx, visits.poller.settings.agency), late + 2 * HOUR)
        found = of_flows(tx, (flow(), outbound()), standing)
    assert (health.shifted, health.arrivals) == (-7, (int(late.timestamp()) // 3600,))
    assert {name: [one.sign for one in several] for name, several in found.items()} == {"trc-en": [Sign.BEHIND, Sign.SHIFTED]}
    assert standing.in_force(REFERENCE).agreement is not None
