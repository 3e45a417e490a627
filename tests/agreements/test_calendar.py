"""The state of an agreement at a moment: days in its own zone, renewals, notice, grace, and what was done to it."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.agreements.calendar import (
    RENEWALS,
    add_months,
    day_of,
    first_day,
    has_begun,
    last_day,
    last_day_of_grace,
    next_midnight,
    state,
    suspension,
    termination,
    utc,
    version_at,
    zone_named,
)
from syndication.model.agreement import Act, ActKind, Agreement, AgreementState, Dossier, Term
from tests import worlds
from tests.agreements.builders import TICK, act, days, kept, local, signed, term

DRAFT, SIGNED, IN_FORCE, GRACE = AgreementState.DRAFT, AgreementState.SIGNED, AgreementState.IN_FORCE, AgreementState.GRACE
SUSPENDED, EXPIRED, TERMINATED = AgreementState.SUSPENDED, AgreementState.EXPIRED, AgreementState.TERMINATED


def at_noon(agreement: Agreement, day: str, *acts: Act) -> AgreementState:
    """How it stands at noon of that day."""
    return state(kept(agreement, *acts), local(f"{day} 12:00", agreement.term.zone))


class Zoneless(tzinfo):
    """A zone that does not say how far it is from UTC: to Python such a moment is as naive as one without a zone."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None

    def dst(self, moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        return None


@pytest.mark.parametrize(
    ("zone", "first", "after"),
    [
        pytest.param("Asia/Ho_Chi_Minh", "2025-05-05T17:00", "2026-05-05T17:00", id="Hanoi, seven hours ahead"),
        pytest.param("Asia/Almaty", "2025-05-05T19:00", "2026-05-05T19:00", id="Almaty, five hours ahead"),
        pytest.param("Asia/Baku", "2025-05-05T20:00", "2026-05-05T20:00", id="Baku, four hours ahead"),
        pytest.param("America/New_York", "2025-05-06T04:00", "2026-05-06T04:00", id="New York, four hours behind in summer"),
        pytest.param("UTC", "2025-05-06T00:00", "2026-05-06T00:00", id="UTC"),
    ],
)
def test_it_is_in_force_from_the_first_moment_of_its_first_day_to_the_last_of_its_last(zone: str, first: str, after: str) -> None:
    """T04: days are counted in the agreement's zone, whatever zone the question is asked in."""
    known = kept(signed("a", "2025-05-06", "2026-05-05", zone=zone))
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, after))
    moments = [start - TICK, start, start + TICK, end - TICK, end, end + TICK]
    assert [state(known, moment) for moment in moments] == [SIGNED, IN_FORCE, IN_FORCE, IN_FORCE, EXPIRED, EXPIRED]
    elsewhere = timezone(timedelta(hours=-9, minutes=-30))
    assert [state(known, moment.astimezone(elsewhere)) for moment in moments] == [state(known, moment) for moment in moments]


@pytest.mark.parametrize(
    ("effective", "until", "first", "after"),
    [
        pytest.param("2026-03-08", "2026-03-08", "2026-03-08T05:00", "2026-03-09T04:00", id="the clocks go forward: a day of 23 hours"),
        pytest.param("2026-11-01", "2026-11-01", "2026-11-01T04:00", "2026-11-02T05:00", id="the clocks go back: a day of 25 hours"),
        pytest.param("2026-01-01", "2026-07-31", "2026-01-01T05:00", "2026-08-01T04:00", id="begun in winter, ended in summer"),
    ],
)
def test_a_day_is_a_day_also_when_the_clocks_change(effective: str, until: str, first: str, after: str) -> None:
    """T03"""
    known = kept(signed("a", effective, until, zone="America/New_York"))
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, after))
    moments = [start - TICK, start, end - TICK, end]
    assert [state(known, moment) for moment in moments] == [SIGNED, IN_FORCE, IN_FORCE, EXPIRED]


@pytest.mark.parametrize(
    ("effective", "signed_on", "since", "day", "expected"),
    [
        pytest.param("2025-05-06", None, "2025-05-06", "2025-06-01", DRAFT, id="never signed"),
        pytest.param("2025-05-06", None, "2025-05-06", "2024-06-01", DRAFT, id="never signed, and not yet effective"),
        pytest.param("2025-05-06", "2025-05-01", "2025-05-06", "2025-05-05", SIGNED, id="signed, a day before it is effective"),
        pytest.param("2025-05-06", "2025-05-01", "2025-05-06", "2025-05-06", IN_FORCE, id="signed, on the day it is effective"),
        pytest.param("2025-05-06", "2025-06-01", "2025-05-06", "2025-05-31", SIGNED, id="effective, a day before it is signed"),
        pytest.param("2025-05-06", "2025-06-01", "2025-05-06", "2025-06-01", IN_FORCE, id="effective, on the day it is signed"),
        pytest.param("2025-05-06", "2025-05-06", "2025-07-01", "2025-06-30", SIGNED, id="a day before its first version begins"),
        pytest.param("2025-05-06", "2025-05-06", "2025-07-01", "2025-07-01", IN_FORCE, id="on the day its first version begins"),
    ],
)
def test_before_it_begins(effective: str, signed_on: str | None, since: str, day: str, expected: AgreementState) -> None:
    known = signed("a", effective, signed_on=days(signed_on) if signed_on else None, since=days(since))
    assert at_noon(known, day) is expected
    assert has_begun(kept(known), local(f"{day} 12:00")) is (expected is IN_FORCE)


def test_the_first_day_is_the_latest_of_its_dates() -> None:
    assert first_day(signed("a", "2025-05-06", signed_on=days("2025-05-07"), since=days("2025-05-05"))) == days("2025-05-07")
    assert first_day(signed("a", "2025-05-06", signed_on=None)) == days("2025-05-06")


@pytest.mark.parametrize(
    ("until", "months", "day", "last"),
    [
        pytest.param("2026-05-05", 12, "2026-05-05", "2026-05-05", id="on its last day it has not renewed"),
        pytest.param("2026-05-05", 12, "2026-05-06", "2027-05-05", id="the day after, it has"),
        pytest.param("2026-05-05", 12, "2030-05-06", "2031-05-05", id="five times"),
        pytest.param("2026-05-05", 36, "2027-01-01", "2029-05-05", id="by three years"),
        pytest.param("2025-01-31", 1, "2025-02-01", "2025-02-28", id="a month after 31 January is the end of February"),
        pytest.param("2025-01-31", 1, "2025-03-01", "2025-03-31", id="and the month after that ends on the 31st again"),
        pytest.param("2025-01-31", 1, "2025-04-01", "2025-04-30", id="April has thirty days"),
        pytest.param("2023-12-31", 2, "2024-01-01", "2024-02-29", id="the end of a leap year's February"),
        pytest.param("2024-02-29", 12, "2024-03-01", "2025-02-28", id="a leap day, a year later"),
        pytest.param("2024-02-29", 12, "2027-03-01", "2028-02-29", id="a leap day, four years later"),
        pytest.param("2025-12-31", 1, "2026-01-01", "2026-01-31", id="over the turn of the year"),
        pytest.param("2026-05-05", None, "2030-01-01", "2026-05-05", id="without renewal"),
        pytest.param("2026-05-05", 0, "2030-01-01", "2026-05-05", id="renewal by no months is none"),
        pytest.param("2026-05-05", -12, "2030-01-01", "2026-05-05", id="renewal by less than nothing is none"),
        pytest.param(None, 12, "2030-01-01", None, id="without end there is nothing to renew"),
        pytest.param("9998-06-30", 12, "9999-01-01", "9999-06-30", id="into the calendar's last year"),
        pytest.param("9998-12-31", 12, "9999-12-31", "9999-12-31", id="to the calendar's end"),
        pytest.param("9999-06-30", 12, "9999-12-31", "9999-12-31", id="and not past it"),
    ],
)
def test_it_renews_itself(until: str | None, months: int | None, day: str, last: str | None) -> None:
    known = signed("a", "2014-05-12", until, renewal_months=months)
    assert last_day(kept(known), local(f"{day} 12:00")) == (days(last) if last else None)
    assert at_noon(known, day) is (EXPIRED if last and days(day) > days(last) else IN_FORCE)


def test_an_agreement_effective_on_a_leap_day_renews_in_every_february() -> None:
    known = signed("a", "2024-02-29", "2025-02-28", renewal_months=12)
    lasts = [last_day(kept(known), local(f"{year}-03-01 00:00")) for year in range(2024, 2029)]
    assert lasts == [days(f"{year}-02-28") for year in range(2025, 2030)]
    assert state(kept(known), local("2024-02-28 23:59")) is SIGNED
    assert state(kept(known), local("2024-02-29 00:00")) is IN_FORCE


def test_the_number_of_renewals_is_bounded() -> None:
    """No value of a term makes the question endless: after the bound it has ended, and nothing moves."""
    known = kept(signed("a", "1900-01-01", "1900-01-31", renewal_months=1))
    assert last_day(known, local("9000-01-01 00:00")) == add_months(days("1900-01-31"), RENEWALS - 1)
    assert state(known, local("9000-01-01 00:00")) is EXPIRED


@pytest.mark.parametrize(
    ("notice", "day", "expected"),
    [
        pytest.param("2026-02-04", "2026-05-06", EXPIRED, id="ninety days before the end: in time"),
        pytest.param("2026-02-03", "2026-05-06", EXPIRED, id="a day earlier: in time"),
        pytest.param("2026-02-05", "2026-05-06", IN_FORCE, id="a day late: it renews"),
        pytest.param("2026-02-05", "2027-05-05", IN_FORCE, id="a day late: in force to the next end"),
        pytest.param("2026-02-05", "2027-05-06", EXPIRED, id="a day late: it works for the next end"),
        pytest.param("2026-02-04", "2026-05-05", IN_FORCE, id="in time, and still in force on the last day"),
        pytest.param("2027-02-04", "2027-05-06", EXPIRED, id="in time for the second end"),
        pytest.param("2027-02-05", "2028-05-06", EXPIRED, id="late for the second, so it works for the third"),
        pytest.param("2028-01-01", "2026-05-06", IN_FORCE, id="a notice years later does not touch the first end"),
        pytest.param("2025-05-06", "2026-05-06", EXPIRED, id="on the first day of all"),
    ],
)
def test_notice_ends_the_renewal(notice: str, day: str, expected: AgreementState) -> None:
    known = signed("a", "2025-05-06", "2026-05-05", renewal_months=12, notice_days=90)
    assert at_noon(known, day, act("notice", notice)) is expected


def test_no_notice_and_it_goes_on() -> None:
    known = signed("a", "2025-05-06", "2026-05-05", renewal_months=12, notice_days=90)
    assert at_noon(known, "2040-01-01") is IN_FORCE


def test_notice_needs_no_days_where_none_are_agreed() -> None:
    known = signed("a", "2025-05-06", "2026-05-05", renewal_months=12)
    assert at_noon(known, "2026-05-06", act("notice", "2026-05-05")) is EXPIRED
    assert at_noon(known, "2026-05-06", act("notice", "2026-05-06")) is IN_FORCE


def test_only_a_notice_is_a_notice() -> None:
    """The control: another act on the same day leaves the renewal alone."""
    known = signed("a", "2025-05-06", "2026-05-05", renewal_months=12)
    assert at_noon(known, "2026-05-06", act("resume", "2026-01-01")) is IN_FORCE


@pytest.mark.parametrize(
    ("grace", "day", "expected"),
    [
        pytest.param(30, "2026-05-05", IN_FORCE, id="the last day is not yet grace"),
        pytest.param(30, "2026-05-06", GRACE, id="the first day of grace"),
        pytest.param(30, "2026-06-04", GRACE, id="the thirtieth"),
        pytest.param(30, "2026-06-05", EXPIRED, id="the thirty-first"),
        pytest.param(1, "2026-05-06", GRACE, id="one day of grace"),
        pytest.param(1, "2026-05-07", EXPIRED, id="and no second"),
        pytest.param(0, "2026-05-06", EXPIRED, id="no grace"),
        pytest.param(-1, "2026-05-05", IN_FORCE, id="less than no grace does not shorten the term"),
        pytest.param(10**12, "9999-12-31", GRACE, id="more days than the calendar has"),
    ],
)
def test_the_days_of_grace(grace: int, day: str, expected: AgreementState) -> None:
    assert at_noon(signed("a", "2025-05-06", "2026-05-05", grace_days=grace), day) is expected


@pytest.mark.parametrize(
    ("grace", "last"),
    [
        pytest.param(30, "2026-06-04", id="thirty days"),
        pytest.param(0, "2026-05-05", id="none"),
        pytest.param(-5, "2026-05-05", id="less than none"),
        pytest.param(10**12, "9999-12-31", id="more than the calendar has"),
    ],
)
def test_the_last_day_of_grace(grace: int, last: str) -> None:
    assert last_day_of_grace(days("2026-05-05"), term(grace_days=grace)) == days(last)


@pytest.mark.parametrize(
    ("acts", "day", "expected"),
    [
        pytest.param(("suspend 2025-08-01",), "2025-07-31", IN_FORCE, id="the day before the suspension"),
        pytest.param(("suspend 2025-08-01",), "2025-08-01", SUSPENDED, id="the day of the suspension"),
        pytest.param(("suspend 2025-08-01",), "2026-05-05", SUSPENDED, id="it stays so"),
        pytest.param(("suspend 2025-08-01", "resume 2025-09-01"), "2025-08-31", SUSPENDED, id="the day before it is resumed"),
        pytest.param(("suspend 2025-08-01", "resume 2025-09-01"), "2025-09-01", IN_FORCE, id="the day it is resumed"),
        pytest.param(
            ("suspend 2025-08-01", "resume 2025-09-01", "suspend 2025-10-01"), "2025-10-01", SUSPENDED, id="suspended a second time"
        ),
        pytest.param(("resume 2025-09-01", "suspend 2025-08-01"), "2025-09-02", IN_FORCE, id="recorded in another order: the days count"),
        pytest.param(("suspend 2025-08-01", "resume 2025-08-01"), "2025-08-01", IN_FORCE, id="taken back on the same day"),
        pytest.param(("resume 2025-08-01", "suspend 2025-08-01"), "2025-08-01", SUSPENDED, id="resumed and suspended on one day"),
        pytest.param(("suspend 2025-08-01", "notice 2025-09-01"), "2025-09-02", SUSPENDED, id="a notice does not resume it"),
        pytest.param(("resume 2025-08-01",), "2025-08-02", IN_FORCE, id="resumed without having been suspended"),
        pytest.param(("suspend 2025-01-01",), "2025-05-05", SIGNED, id="suspended before it began: not in force yet"),
        pytest.param(("suspend 2025-01-01",), "2025-05-06", SUSPENDED, id="suspended before it began: it begins suspended"),
        pytest.param(("suspend 2026-05-01",), "2026-05-06", EXPIRED, id="the end passes while suspended: no grace"),
        pytest.param(("suspend 2026-05-01", "resume 2026-05-08"), "2026-05-07", EXPIRED, id="no grace while suspended"),
        pytest.param(("suspend 2026-05-01", "resume 2026-05-08"), "2026-05-08", GRACE, id="resumed within the days of grace"),
        pytest.param(("suspend 2026-05-10",), "2026-05-10", EXPIRED, id="suspended in the days of grace"),
        pytest.param(("terminate 2025-08-01",), "2025-07-31", IN_FORCE, id="the day before it is terminated"),
        pytest.param(("terminate 2025-08-01",), "2025-08-01", TERMINATED, id="the day it is terminated"),
        pytest.param(("terminate 2025-08-01",), "2030-01-01", TERMINATED, id="terminated, not expired, ever after"),
        pytest.param(("terminate 2026-05-07",), "2026-05-07", TERMINATED, id="terminated in the days of grace: no grace"),
        pytest.param(("suspend 2025-07-01", "terminate 2025-08-01"), "2025-08-01", TERMINATED, id="terminated while suspended"),
        pytest.param(("terminate 2025-08-01", "resume 2025-09-01"), "2025-09-01", TERMINATED, id="nothing resumes what is terminated"),
        pytest.param(("terminate 2025-01-01",), "2025-05-05", SIGNED, id="terminated before it began: not in force yet"),
        pytest.param(("terminate 2025-01-01",), "2025-05-06", TERMINATED, id="terminated before it began: it never begins"),
    ],
)
def test_what_is_done_to_it(acts: tuple[str, ...], day: str, expected: AgreementState) -> None:
    known = signed("a", "2025-05-06", "2026-05-05", grace_days=10)
    assert at_noon(known, day, *(act(*one.split()) for one in acts)) is expected


def test_an_act_counts_from_the_first_moment_of_its_day_in_the_agreements_zone() -> None:
    known = kept(signed("a", "2025-05-06", zone="Asia/Almaty"), act("suspend", "2025-08-01"))
    midnight = datetime(2025, 7, 31, 19, tzinfo=UTC)
    assert [state(known, midnight - TICK), state(known, midnight)] == [IN_FORCE, SUSPENDED]


def test_a_draft_is_a_draft_whatever_is_done_to_it() -> None:
    assert at_noon(signed("a", "2025-05-06", signed_on=None), "2026-01-01", act("terminate", "2025-06-01")) is DRAFT


def test_which_act_ended_or_suspended_it() -> None:
    acts = (act("terminate", "2026-02-01"), act("terminate", "2026-01-01"), act("suspend", "2025-01-01"), act("suspend", "2025-02-01"))
    assert termination(acts, days("2026-03-01")) == acts[1]
    assert termination(acts, days("2025-12-31")) is None
    assert suspension(acts, days("2025-03-01")) == acts[3]
    assert suspension((), days("2025-03-01")) is None


FIRST = signed("a", "2025-05-06", "2026-05-05")
SECOND = worlds.agreement(
    reference="a",
    version=2,
    since=days("2026-01-01"),
    term=term("2025-05-06", "2030-12-31", zone="Asia/Baku"),
    signed_on=days("2025-12-20"),
)


@pytest.mark.parametrize(
    ("at", "version", "last"),
    [
        pytest.param(local("2025-05-05 12:00"), 1, "2026-05-05", id="before the first has begun, the first"),
        pytest.param(local("2025-05-06 00:00"), 1, "2026-05-05", id="from its first moment"),
        pytest.param(local("2026-01-01 00:00", "Asia/Baku") - TICK, 1, "2026-05-05", id="until the second begins, in the second's zone"),
        pytest.param(local("2026-01-01 00:00", "Asia/Baku"), 2, "2030-12-31", id="the second, in mid-term, with its own term"),
        pytest.param(local("2029-01-01 00:00"), 2, "2030-12-31", id="after the first would have ended"),
    ],
)
def test_the_latest_version_begun_counts(at: datetime, version: int, last: str) -> None:
    known = Dossier((FIRST, SECOND))
    assert version_at(known, at).version == version
    assert last_day(known, at) == days(last)
    assert state(known, at) is (SIGNED if at < local("2025-05-06 00:00") else IN_FORCE)


def test_of_two_versions_that_begin_on_one_day_the_later_counts() -> None:
    known = Dossier((FIRST, worlds.agreement(reference="a", version=2)))
    assert version_at(known, local("2025-06-01 00:00")).version == 2


def test_a_draft_of_the_next_version_holds_up_nothing() -> None:
    """Talks may go on past the day they were meant for: what was signed is in force until something else is signed."""
    known = Dossier((FIRST, worlds.agreement(reference="a", version=2, since=days("2025-08-01"), signed_on=None)))
    moment = local("2025-08-01 00:00")
    assert [state(known, moment - TICK), state(known, moment)] == [IN_FORCE, IN_FORCE]
    assert version_at(known, moment).version == 1
    assert has_begun(known, moment)
    assert not has_begun(known, local("2025-05-06 00:00") - TICK)


@pytest.mark.parametrize("zone", ["Mars/Phobos", "", "../../etc/passwd", "America", "Asia/\0Baku", "Zürich"])
def test_under_a_zone_that_is_not_known_nothing_moves(zone: str) -> None:
    """Z18"""
    assert zone_named(zone) is None
    known = kept(signed("a", "2025-05-06", zone=zone))
    assert state(known, local("2025-06-01 00:00")) is SUSPENDED
    assert has_begun(known, local("2025-01-01 00:00"))
    draft = kept(signed("a", "2025-05-06", zone=zone, signed_on=None))
    assert state(draft, local("2025-06-01 00:00")) is DRAFT
    assert not has_begun(draft, local("2025-06-01 00:00"))


def test_a_known_zone_is_found() -> None:
    assert str(zone_named("Asia/Baku")) == "Asia/Baku"


@pytest.mark.parametrize("moment", [datetime(2025, 6, 1), datetime(2025, 6, 1, tzinfo=Zoneless())])  # noqa: DTZ001
def test_a_moment_without_a_zone_is_not_judged(moment: datetime) -> None:
    """T04"""
    known = kept(signed("a", "2025-05-06"))
    for ask in (state, version_at, last_day, has_begun):
        with pytest.raises(ValueError, match="without a zone"):
            ask(known, moment)
    with pytest.raises(ValueError, match="without a zone"):
        day_of(moment, "UTC")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        pytest.param(datetime.max.replace(tzinfo=UTC), date.max, id="the last moment, asked in a zone ahead"),
        pytest.param(datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), date.max, id="the last moment of a zone behind"),
        pytest.param(datetime.min.replace(tzinfo=timezone(timedelta(hours=5))), date.min, id="the first moment of a zone ahead"),
    ],
)
def test_the_calendars_ends_are_no_failure(moment: datetime, day: date) -> None:
    """T07"""
    assert day_of(moment, "Asia/Ho_Chi_Minh") == day
    assert utc(moment).tzinfo is UTC


def test_the_first_moment_is_no_failure_in_a_zone_behind() -> None:
    """T07"""
    assert day_of(datetime.min.replace(tzinfo=UTC), "America/New_York") == date.min


@given(
    term=st.builds(
        Term,
        effective=st.dates(),
        until=st.none() | st.dates(),
        zone=st.sampled_from(["UTC", "Asia/Baku", "America/New_York", "Mars/Phobos"]),
        renewal_months=st.none() | st.integers(),
        notice_days=st.integers(),
        grace_days=st.integers(),
    ),
    signed_on=st.none() | st.dates(),
    since=st.dates(),
    acts=st.lists(st.builds(Act, st.sampled_from(ActKind), st.dates(), st.just("by letter")), max_size=4),
    at=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])),
)
def test_every_agreement_has_a_state_at_every_moment(
    term: Term, signed_on: date | None, since: date, acts: list[Act], at: datetime
) -> None:
    known = kept(worlds.agreement(term=term, signed_on=signed_on, since=since), *acts)
    standing = state(known, at)
    assert has_begun(known, at) is (standing not in (DRAFT, SIGNED))
    last = last_day(known, at)
    if zone_named(term.zone) is not None and standing in (IN_FORCE, SUSPENDED, GRACE):
        today = day_of(at, term.zone)
        assert last is None or (today > last) is (standing is GRACE)
        assert first_day(known.versions[0]) <= today


@pytest.mark.parametrize(
    ("acts", "on", "parties"),
    [
        pytest.param((), "2026-01-01", "vna trc", id="as its version says"),
        pytest.param((act("join", "2026-02-01", "bta"),), "2026-01-31", "vna trc", id="the day before it joins"),
        pytest.param((act("join", "2026-02-01", "bta"),), "2026-02-01", "vna trc bta", id="the day on which it joins"),
        pytest.param((act("leave", "2026-02-01", "trc"),), "2026-01-31", "vna trc", id="the day before it leaves"),
        pytest.param((act("leave", "2026-02-01", "trc"),), "2026-02-01", "vna", id="the day on which it leaves"),
        pytest.param((act("leave", "2025-05-06", "trc"),), "2026-02-01", "vna", id="on the first day of the version"),
        pytest.param((act("leave", "2025-05-05", "trc"),), "2026-02-01", "vna trc", id="before it: the version has counted that"),
        pytest.param((act("leave", "2026-02-01", "bta"),), "2026-02-01", "vna trc", id="who is not in cannot leave"),
        pytest.param((act("leave", "2026-02-01", "trc"), act("join", "2026-03-01", "trc")), "2026-03-01", "vna trc", id="left, and back"),
        pytest.param(
            (act("join", "2026-03-01", "trc"), act("leave", "2026-02-01", "trc")), "2026-03-01", "vna trc", id="told in another order"
        ),
        pytest.param((act("suspend", "2026-02-01"),), "2026-02-01", "vna trc", id="another act"),
        pytest.param((act("suspend", "2026-02-01", "trc"),), "2026-02-01", "vna trc", id="another act that names a party"),
    ],
)
def test_the_parties_are_those_of_the_day(acts: tuple[Act, ...], on: str, parties: str) -> None:
    frame = signed("oana", "2025-05-06", parties=("vna", "trc"))
    assert version_at(kept(frame, *acts), local(f"{on} 12:00")).parties == tuple(parties.split())


def test_a_version_begins_when_it_is_effective_though_it_counts_from_before() -> None:
    assert first_day(signed("vna-trc-2025", "2025-05-06", term=term("2025-06-01"))) == days("2025-06-01")


@pytest.mark.parametrize(
    ("at", "zone", "midnight"),
    [
        pytest.param(local("2026-11-24 12:00"), "Asia/Ho_Chi_Minh", local("2026-11-25 00:00"), id="the next one"),
        pytest.param(local("2026-11-24 00:00"), "Asia/Ho_Chi_Minh", local("2026-11-25 00:00"), id="at midnight, the one after"),
        pytest.param(local("2026-11-25 00:00") - TICK, "Asia/Ho_Chi_Minh", local("2026-11-25 00:00"), id="the instant before"),
        pytest.param(
            local("2026-03-29 01:00", "Europe/Berlin"),
            "Europe/Berlin",
            local("2026-03-30 00:00", "Europe/Berlin"),
            id="of a day of 23 hours",
        ),
        pytest.param(local("2026-11-24 12:00", "UTC"), "Mars/Olympus", local("2026-11-25 00:00", "UTC"), id="of UTC, where none is known"),
        pytest.param(local("9999-12-28 12:00", "UTC"), "UTC", local("9999-12-29 00:00", "UTC"), id="near the end of the calendar"),
        pytest.param(local("9999-12-29 12:00", "UTC"), "UTC", datetime.max.replace(tzinfo=UTC), id="at its end: for good"),
    ],
)
def test_the_next_midnight(at: datetime, zone: str, midnight: datetime) -> None:
    assert next_midnight(at, zone) == midnight
