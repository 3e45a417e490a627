"""What obligations count: whole periods in the agreement's zone, also where clocks change; ceilings; and how far along a duty is."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from syndication.agreements.governing import Standing
from syndication.agreements.quota import Course, ceilings, counts, is_counted, newly_counts, progress, window
from syndication.agreements.usage import courses, used
from syndication.model.agreement import ContentType, Measure, Obligation, Period
from syndication.model.clearance import Clause, Usage
from syndication.model.ledger import Line, Movement
from syndication.model.partner import Direction
from syndication.storage import ledger
from syndication.storage.database import Database
from tests import worlds
from tests.agreements.builders import NOW, SPORT, TICK, clear, kept, local, subject, verdict, vna

HANOI, BERLIN, KIRITIMATI, NOWHERE = "Asia/Ho_Chi_Minh", "Europe/Berlin", "Pacific/Kiritimati", "Mars/Olympus"


@pytest.mark.parametrize(
    ("period", "at", "zone", "first", "following"),
    [
        pytest.param("day", "2026-11-24 08:00", HANOI, "2026-11-24", "2026-11-25", id="a day"),
        pytest.param("day", "2026-03-29 12:00", BERLIN, "2026-03-29", "2026-03-30", id="a day of 23 hours"),
        pytest.param("day", "2026-10-25 12:00", BERLIN, "2026-10-25", "2026-10-26", id="a day of 25 hours"),
        pytest.param("week", "2026-11-24 08:00", HANOI, "2026-11-23", "2026-11-30", id="a week begins on Monday"),
        pytest.param("week", "2026-11-29 23:59", HANOI, "2026-11-23", "2026-11-30", id="and ends with Sunday"),
        pytest.param("week", "2026-03-29 12:00", BERLIN, "2026-03-23", "2026-03-30", id="a week in which clocks change"),
        pytest.param("week", "2027-01-01 08:00", HANOI, "2026-12-28", "2027-01-04", id="a week over the turn of the year"),
        pytest.param("month", "2026-11-30 23:59", HANOI, "2026-11-01", "2026-12-01", id="a month"),
        pytest.param("month", "2028-02-29 08:00", HANOI, "2028-02-01", "2028-03-01", id="a leap month"),
        pytest.param("month", "2026-12-05 08:00", HANOI, "2026-12-01", "2027-01-01", id="the last month"),
        pytest.param("month", "2026-03-05 08:00", BERLIN, "2026-03-01", "2026-04-01", id="a month in which clocks change"),
        pytest.param("quarter", "2026-03-31 08:00", HANOI, "2026-01-01", "2026-04-01", id="the end of the first quarter"),
        pytest.param("quarter", "2026-04-01 00:00", HANOI, "2026-04-01", "2026-07-01", id="the beginning of the second"),
        pytest.param("quarter", "2026-09-30 08:00", HANOI, "2026-07-01", "2026-10-01", id="the third"),
        pytest.param("quarter", "2026-12-31 23:59", HANOI, "2026-10-01", "2027-01-01", id="the last"),
        pytest.param("year", "2026-12-31 23:59", HANOI, "2026-01-01", "2027-01-01", id="a year"),
        pytest.param("year", "2026-01-01 00:00", KIRITIMATI, "2026-01-01", "2027-01-01", id="a year fourteen hours ahead"),
    ],
)
def test_a_period_is_whole_in_its_zone(period: str, at: str, zone: str, first: str, following: str) -> None:
    expected = local(f"{first} 00:00", zone), local(f"{following} 00:00", zone)
    assert window(Period(period), local(at, zone), zone) == expected
    assert window(Period(period), expected[0], zone) == expected
    assert window(Period(period), expected[1] - TICK, zone) == expected
    assert window(Period(period), expected[1], zone)[0] == expected[1]


def test_where_the_zone_is_not_known_days_are_counted_in_utc() -> None:
    assert window(Period.DAY, NOW, NOWHERE) == (local("2026-11-24 00:00", "UTC"), local("2026-11-25 00:00", "UTC"))


def test_the_first_week_of_the_calendar() -> None:
    """T07: the day before the first has no date."""
    first = local("0001-01-01 00:00", "UTC")
    assert window(Period.WEEK, first, "UTC")[0] == first


def duty(**changes: Any) -> Obligation:
    """Ten pieces a day, of ours, at most."""
    return replace(Obligation("4.1", Direction.OUTBOUND, "pieces a day", at_most=10, period=Period.DAY), **changes)


@pytest.mark.parametrize(
    ("changes", "kind", "language", "expected"),
    [
        pytest.param({}, "text", "en", True, id="any type, any language"),
        pytest.param({"types": (ContentType.TEXT,)}, "text", "en", True, id="its type"),
        pytest.param({"types": (ContentType.TEXT,)}, "picture", "en", False, id="another type"),
        pytest.param({"languages": ("en",)}, "text", "en-GB", True, id="within its language"),
        pytest.param({"languages": ("en",)}, "text", "eng", False, id="another language"),
        pytest.param({"types": (ContentType.TEXT,), "languages": ("en",)}, "picture", "en", False, id="its language, another type"),
    ],
)
def test_what_is_counted(changes: dict[str, Any], kind: str, language: str, expected: bool) -> None:
    assert counts(duty(**changes), ContentType(kind), language) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="a ceiling"),
        pytest.param({"at_most": None, "at_least": 0}, True, id="a duty of none is one"),
        pytest.param({"at_most": 0}, True, id="a ceiling of none"),
        pytest.param({"at_most": None}, False, id="neither least nor most: a report"),
        pytest.param({"period": None}, False, id="without a period"),
        pytest.param({"measure": Measure.PUBLISHED}, False, id="what they publish of ours, they alone know"),
        pytest.param({"measure": Measure.PUBLISHED, "by": Direction.INBOUND}, True, id="what we publish of theirs"),
    ],
)
def test_what_can_be_counted_here(changes: dict[str, Any], expected: bool) -> None:
    assert is_counted(duty(**changes)) is expected
    if not expected:
        one = progress(duty(**changes), 3, NOW, HANOI)
        assert (one.start, one.end, one.count, one.course) == (None, None, None, Course.NOT_COUNTED)
        assert one.obligation == duty(**changes)


@pytest.mark.parametrize(
    ("changes", "direction", "holds"),
    [
        pytest.param({}, "out", True, id="of ours offered, on the way out"),
        pytest.param({}, "in", False, id="not on the way in"),
        pytest.param({"measure": Measure.PUBLISHED}, "out", False, id="of ours published: not ours to stop"),
        pytest.param({"by": Direction.INBOUND, "measure": Measure.PUBLISHED}, "in", True, id="of theirs published"),
        pytest.param({"by": Direction.INBOUND}, "in", False, id="of theirs offered: not ours to stop"),
        pytest.param({"at_most": None}, "out", False, id="no most"),
        pytest.param({"period": None}, "out", False, id="no period"),
    ],
)
def test_where_a_ceiling_holds(changes: dict[str, Any], direction: str, holds: bool) -> None:
    one = duty(**changes)
    agreement = worlds.agreement(obligations=(duty(at_most=None), one))
    assert list(ceilings(agreement, Direction(direction))) == ([(1, one, one.at_most)] if holds else [])


@pytest.mark.parametrize(
    ("changes", "count", "share", "course"),
    [
        pytest.param({}, 8, 0.5, Course.MET, id="under a ceiling"),
        pytest.param({}, 9, 0.5, Course.NEAR_CEILING, id="nine tenths of it"),
        pytest.param({}, 10, 0.5, Course.AT_CEILING, id="at it"),
        pytest.param({}, 11, 0.5, Course.AT_CEILING, id="over it"),
        pytest.param({"at_most": None, "at_least": 10}, 10, 0.1, Course.MET, id="as many as asked"),
        pytest.param({"at_most": None, "at_least": 10}, 9, 0.0, Course.ON_COURSE, id="fewer, at the beginning"),
        pytest.param({"at_most": None, "at_least": 10}, 1, 0.74, Course.ON_COURSE, id="fewer, and there is time"),
        pytest.param({"at_most": None, "at_least": 10}, 7, 0.75, Course.BEHIND, id="fewer than the share that is gone, late"),
        pytest.param({"at_most": None, "at_least": 8}, 6, 0.75, Course.ON_COURSE, id="just that share"),
        pytest.param({"at_least": 2}, 1, 0.5, Course.ON_COURSE, id="least and most"),
    ],
)
def test_how_a_duty_goes(changes: dict[str, Any], count: int, share: float, course: Course) -> None:
    start = local("2026-11-24 00:00")
    one = progress(duty(**changes), count, start + share * timedelta(days=1), HANOI)
    assert (one.course, one.count, one.start, one.end) == (course, count, start, start + timedelta(days=1))


CEILED = worlds.agreement(obligations=(duty(clause="4.0", at_most=None), duty(at_most=2)))


def quota(used_up: Usage | None, **changes: Any) -> tuple[bool, str, str]:
    """What the clause says of a text of ours in English."""
    said = verdict(clear(subject(**changes), worlds.outbound(), vna(kept(CEILED)), NOW, used_up), Clause.QUOTA)
    return said.allowed, said.reason, said.source


@pytest.mark.parametrize(
    ("used_up", "said"),
    [
        pytest.param(None, (True, "counted when it is placed", ""), id="not counted now"),
        pytest.param(Usage((0, 1)), (True, "1 of 2 a day are used", "vna-trc-2025 v1"), id="under it"),
        pytest.param(Usage((9, 0)), (True, "0 of 2 a day are used", "vna-trc-2025 v1"), id="another obligation's count is not looked at"),
        pytest.param(
            Usage((0, 2)),
            (
                False,
                "the ceiling of 2 a day is reached (pieces a day); it is free again from 2026-11-24 17:00 UTC",
                "vna-trc-2025 v1, 4.1",
            ),
            id="at it",
        ),
        pytest.param(Usage((0, 2), ((ContentType.TEXT, "fr"),)), (True, "it is counted already, and not twice", ""), id="counted already"),
    ],
)
def test_what_the_clause_says(used_up: Usage | None, said: tuple[bool, str, str]) -> None:
    assert quota(used_up) == said


def test_where_the_count_is_not_known_the_ceiling_is_reached() -> None:
    assert not quota(Usage((0,)))[0]


def test_the_clause_where_nothing_is_ceiled_or_nothing_governs() -> None:
    one = clear(subject(), worlds.outbound(), vna(kept(worlds.agreement())), NOW, Usage())
    assert verdict(one, Clause.QUOTA).reason == "the agreement sets no ceiling for it"
    none = clear(subject(), worlds.outbound(agreement="none"), vna(kept(CEILED)), NOW, Usage())
    assert verdict(none, Clause.QUOTA).reason == "no agreement is in force, so nothing is counted"
    theirs = worlds.agreement(obligations=(duty(by=Direction.INBOUND, measure=Measure.PUBLISHED, at_most=1),))
    coming = clear(subject(), worlds.flow(), vna(kept(theirs)), NOW)
    assert verdict(coming, Clause.QUOTA).reason == "counted when it is accepted"


def line(name: str, at: datetime, **changes: Any) -> Line:
    return replace(Line(Movement.OFFERED, name, worlds.out_stamp(), ContentType.TEXT, "en-GB", at), **changes)


def test_what_is_used_is_counted_from_the_ledger(database: Database) -> None:
    """Of this agreement, direction, movement, period, type and language: each piece once."""
    midnight = local("2026-11-24 00:00")
    texts = duty(at_most=5, types=(ContentType.TEXT,), languages=("en",))
    weekly = duty(clause="4.2", at_most=None, at_least=3, period=Period.WEEK)
    report = duty(clause="4.3", at_most=None)
    agreement = worlds.agreement(obligations=(weekly, texts, report))
    with database.write() as tx:
        ledger.enter(
            tx,
            [
                line("s_1", midnight),
                line("s_2", midnight - TICK),
                line("s_3", midnight + timedelta(days=1) - TICK),
                line("s_4", midnight + timedelta(days=1)),
                line("s_5", NOW, type=ContentType.PICTURE),
                line("s_6", NOW, language="fr"),
                line("s_7", NOW, movement=Movement.PUBLISHED),
                line("s_8", NOW, stamp=worlds.out_stamp(agreement="other")),
                line("i_9", NOW, stamp=worlds.stamp()),
            ],
        )
        ledger.enter(tx, [line("s_1", NOW)])
        standing = Standing(vna(kept(agreement)), NOW)
        assert used(tx, worlds.outbound(), standing, "s_0") == Usage((0, 2, 0))
        assert used(tx, worlds.outbound(), standing, "s_2") == Usage((0, 2, 0), ((ContentType.TEXT, "en-GB"),))
        assert used(tx, worlds.outbound(id="another"), standing, "s_2") == Usage((0, 2, 0))
        assert used(tx, worlds.flow(), standing, "s_7") == Usage((0, 0, 0))
        assert used(tx, worlds.outbound(agreement="none"), standing, "s_2") == Usage((), ((ContentType.TEXT, "en-GB"),))
        going = courses(tx, agreement, standing)
    assert [(one.obligation, one.count, one.course) for one in going] == [
        (weekly, 6, Course.MET),
        (texts, 2, Course.MET),
        (report, None, Course.NOT_COUNTED),
    ]


ENGLISH, FRENCH, PICTURE = (ContentType.TEXT, "en"), (ContentType.TEXT, "fr"), (ContentType.PICTURE, "en")


@pytest.mark.parametrize(
    ("changes", "before", "kind", "expected"),
    [
        pytest.param({}, (), ENGLISH, True, id="it moves for the first time"),
        pytest.param({}, (FRENCH,), ENGLISH, False, id="corrected into another language, which the same counts: once"),
        pytest.param({"languages": ("en",)}, (FRENCH,), ENGLISH, True, id="corrected into the language that is counted"),
        pytest.param({"languages": ("en",)}, (FRENCH, ENGLISH, FRENCH), ENGLISH, False, id="and back, and again: once"),
        pytest.param({"languages": ("en",)}, (), FRENCH, False, id="in another language"),
        pytest.param({"types": (ContentType.PICTURE,)}, (ENGLISH,), PICTURE, True, id="corrected into the type that is counted"),
    ],
)
def test_a_piece_is_counted_once_by_each_obligation(changes: dict[str, Any], before: Any, kind: Any, expected: bool) -> None:
    assert newly_counts(duty(**changes), kind[0], kind[1], before) is expected


@pytest.mark.parametrize(
    ("counts", "before", "allowed"),
    [
        pytest.param((9, 2), (FRENCH,), False, id="full for English, and it was French"),
        pytest.param((9, 1), (FRENCH,), True, id="a place is free"),
        pytest.param((9, 2), (FRENCH, ENGLISH), True, id="it has its place"),
    ],
)
def test_a_ceiling_that_did_not_count_it_is_asked(counts: tuple[int, ...], before: Any, allowed: bool) -> None:
    """The first ceiling counts it already, in whatever language; the second counts English."""
    both = worlds.agreement(obligations=(duty(at_most=9), duty(clause="4.2", at_most=2, languages=("en",))))
    said = verdict(clear(subject(), worlds.outbound(), vna(kept(both)), NOW, Usage(counts, before)), Clause.QUOTA)
    assert said.allowed is allowed
    assert said.source == ("vna-trc-2025 v1, 4.2" if not allowed else "vna-trc-2025 v1" if before == (FRENCH,) else "")


def test_a_correction_is_counted_by_what_did_not_count_it_before(database: Database) -> None:
    """In the period in which it first moved as that obligation counts it, under the agreement of that moment."""
    yesterday = NOW - timedelta(days=1)
    texts, english = duty(at_most=5), duty(clause="4.2", at_most=5, languages=("en",))
    agreement = worlds.agreement(obligations=(texts, english))
    with database.write() as tx:
        for one in (
            line("s_1", yesterday, language="fr"),
            line("s_1", NOW, language="en"),
            line("s_2", NOW, language="fr", stamp=worlds.out_stamp(agreement="other")),
            line("s_2", NOW, language="en"),
            line("s_3", yesterday, language="en"),
            line("s_3", NOW, language="fr"),
            line("s_4", NOW, language="vi"),
        ):
            ledger.enter(tx, [one])
        assert used(tx, worlds.outbound(), Standing(vna(kept(agreement)), NOW), "s_0").counts == (1, 2)


def test_a_topic_makes_no_difference_to_what_is_counted() -> None:
    assert quota(Usage((0, 1)), topics=(SPORT,)) == quota(Usage((0, 1)))
