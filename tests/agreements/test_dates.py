"""What the calendar of the agreements tells: exactly the days on which `calendar` says something else than the day before."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from syndication.agreements.calendar import last_day, state, version_at
from syndication.agreements.dates import RUNNING, Due, Turn, due, midnight
from syndication.model.agreement import Act, ActKind, Agreement, AgreementState, Dossier
from tests import worlds
from tests.agreements.builders import act, days, kept, signed, vna

ACTING = (Turn.NOTICE, Turn.DELETION)
TERM = {"renewal_months": 12, "notice_days": 30, "grace_days": 5}
DELETING = (worlds.grant(terms=worlds.terms(delete_at_end=True)),)


def told(*dossiers: Agreement | Dossier, since: str = "2020-01-01", until: str = "2029-12-31") -> list[tuple[str, str, str]]:
    """Day, agreement and turn."""
    return [(str(one.on), one.agreement, str(one.turn)) for one in due(vna(*dossiers), days(since), days(until))]


def lines(*dossiers: Agreement | Dossier, until: str = "2029-12-31") -> list[str]:
    """Day and turn, of one agreement."""
    return [f"{on} {turn}" for on, _, turn in told(*dossiers, until=until)]


@pytest.mark.parametrize(
    ("dossier", "expected"),
    [
        pytest.param(kept(signed("a", "2025-05-06")), ["2025-05-06 in force"], id="without end"),
        pytest.param(
            kept(signed("a", "2025-05-06", "2026-05-05", grace_days=10)),
            ["2025-05-06 in force", "2026-05-06 ended", "2026-05-16 grace ended"],
            id="an end, and grace",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", "2027-05-05", **{**TERM, "renewal_months": 24})),
            [
                "2025-05-06 in force",
                "2027-04-05 last day to give notice",
                "2027-05-06 renewed",
                "2029-04-05 last day to give notice",
                "2029-05-06 renewed",
            ],
            id="renewals, and the notice before each",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", "2026-05-05", **TERM), act("notice", "2026-04-05")),
            ["2025-05-06 in force", "2026-05-06 ended", "2026-05-11 grace ended"],
            id="notice given on the last day",
        ),
        pytest.param(
            kept(signed("a", "2028-05-06", "2029-05-05", **TERM), act("notice", "2029-04-06")),
            ["2028-05-06 in force", "2029-04-05 last day to give notice", "2029-05-06 renewed"],
            id="notice given a day late ends the term after",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", grants=DELETING), act("suspend", "2026-01-01"), act("resume", "2026-02-01")),
            ["2025-05-06 in force", "2026-01-01 suspended", "2026-02-01 resumed"],
            id="suspended and resumed",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", grants=DELETING), act("terminate", "2026-01-01")),
            ["2025-05-06 in force", "2026-01-01 terminated", "2026-01-01 deletion due"],
            id="terminated, with a duty to delete",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", "2026-05-05", grace_days=10, grants=DELETING)),
            ["2025-05-06 in force", "2026-05-06 ended", "2026-05-16 grace ended", "2026-05-16 deletion due"],
            id="the duty to delete comes after grace",
        ),
        pytest.param(kept(signed("a", "2025-05-06", signed_on=None)), [], id="a draft"),
        pytest.param(
            Dossier((signed("a", "2025-05-06"), replace(signed("a", "2025-05-06", "2027-05-05"), version=2, since=date(2026, 1, 1)))),
            ["2025-05-06 in force", "2026-01-01 amended", "2027-05-06 ended"],
            id="an amendment brings the end",
        ),
        pytest.param(
            Dossier((signed("a", "2025-05-06"), replace(signed("a", "2025-05-06", signed_on=None), version=2, since=date(2026, 1, 1)))),
            ["2025-05-06 in force"],
            id="an amendment that nobody has signed",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", "2026-05-05", **TERM), act("terminate", "2026-01-01")),
            ["2025-05-06 in force", "2026-01-01 terminated"],
            id="terminated, it renews no more",
        ),
        pytest.param(
            kept(signed("a", "2029-09-01", "2029-10-31", renewal_months=1)),
            [
                "2029-09-01 in force",
                *("2029-10-31 last day to give notice", "2029-11-01 renewed"),
                *("2029-11-30 last day to give notice", "2029-12-01 renewed"),
                "2029-12-31 last day to give notice",
            ],
            id="renewed by the month",
        ),
        pytest.param(kept(signed("a", "2025-05-06", renewal_months=12)), ["2025-05-06 in force"], id="renewals of what has no end"),
    ],
)
def test_the_days_of_an_agreement(dossier: Dossier, expected: list[str]) -> None:
    assert lines(dossier) == expected


GRACE = {"grace_days": 10, "grants": DELETING}


@pytest.mark.parametrize(
    ("dossier", "said"),
    [
        pytest.param(
            kept(signed("a", "2025-05-06"), act("suspend", "2026-01-01"), act("resume", "2026-02-01"), act("terminate", "2026-03-01")),
            [
                "2025-05-06 without end",
                "2026-01-01 nothing moves under it",
                "2026-02-01 it is in force again",
                "2026-03-01 it has ended by an act",
            ],
            id="acts",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", "2026-05-05", **GRACE)),
            [
                "2025-05-06 until 2026-05-05",
                "2026-05-06 its last day was 2026-05-05; its old terms go on for 10 days",
                "2026-05-16 nothing moves under it any more",
                "2026-05-16 the text of what was taken under it is to be deleted",
            ],
            id="an end, and grace",
        ),
        pytest.param(
            kept(signed("a", "2025-05-06", "2026-05-05")),
            ["2025-05-06 until 2026-05-05", "2026-05-06 its last day was 2026-05-05"],
            id="an end without grace",
        ),
        pytest.param(
            kept(signed("a", "2028-05-06", "2029-05-05", **TERM)),
            ["2028-05-06 until 2029-05-05", "2029-04-05 or it renews itself after 2029-05-05", "2029-05-06 until 2030-05-05"],
            id="a renewal",
        ),
        pytest.param(
            Dossier(
                (
                    signed("a", "2025-05-06"),
                    replace(signed("a", "2025-05-06", "2030-05-05"), version=2, since=date(2026, 1, 1)),
                    replace(signed("a", "2025-05-06"), version=3, since=date(2026, 6, 1)),
                )
            ),
            ["2025-05-06 without end", "2026-01-01 version 2 holds, until 2030-05-05", "2026-06-01 version 3 holds, without end"],
            id="amendments",
        ),
    ],
)
def test_what_is_said_of_a_day(dossier: Dossier, said: list[str]) -> None:
    found = due(vna(dossier), days("2020-01-01"), days("2029-12-31"))
    assert [f"{one.on} {one.text}" for one in found] == said
    assert {one.zone for one in found} == {"Asia/Ho_Chi_Minh"}


WEST, EAST = "Pacific/Pago_Pago", "Pacific/Kiritimati"


@pytest.mark.parametrize(
    ("its", "last", "expected"),
    [
        pytest.param(WEST, EAST, ["2026-05-08 ended", "2026-05-13 grace ended"], id="counted 25 hours west of it"),
        pytest.param("UTC", "Asia/Ho_Chi_Minh", ["2026-05-07 ended", "2026-05-12 grace ended"], id="counted seven hours west of it"),
        pytest.param(EAST, WEST, ["2026-05-05 ended", "2026-05-10 grace ended"], id="counted 25 hours east of it"),
        pytest.param(EAST, EAST, ["2026-05-06 ended", "2026-05-11 grace ended"], id="in its own zone"),
    ],
)
def test_a_day_of_another_zone(its: str, last: str, expected: list[str]) -> None:
    """The days are told in the zone of the last version; the version that ends counts its own."""
    ending = signed("a", "2025-05-06", "2026-05-05", grace_days=5, zone=its)
    later = replace(signed("a", "2027-05-06", zone=last), version=2)
    assert lines(Dossier((ending, later)), until="2026-12-31")[1:] == expected


@pytest.mark.parametrize(
    ("agreement", "expected"),
    [
        pytest.param(signed("a", "0001-01-01", "9999-12-31"), [], id="all there is"),
        pytest.param(signed("a", "0001-01-02"), [], id="from the second day"),
        pytest.param(signed("a", "9999-01-01", "9999-12-26"), ["9999-01-01 in force", "9999-12-27 ended"], id="the last end that is told"),
        pytest.param(signed("a", "9999-01-01", "9999-12-27"), ["9999-01-01 in force"], id="too near the end of the calendar"),
        pytest.param(
            signed("a", "9999-01-01", "9999-12-28", **TERM),
            ["9999-01-01 in force", "9999-11-28 last day to give notice"],
            id="the last notice that is told",
        ),
        pytest.param(signed("a", "9999-01-01", "9999-12-29", **TERM), ["9999-01-01 in force"], id="its end too near"),
    ],
)
def test_the_edges_of_the_calendar(agreement: Agreement, expected: list[str]) -> None:
    """No zone leads past them."""
    assert [f"{on} {turn}" for on, _, turn in told(agreement, since="0001-01-01", until="9999-12-31")] == expected


def test_who_is_succeeded_deletes_nothing() -> None:
    """What came in under it goes on under its successor."""
    old = signed("old", "2020-05-06", "2025-05-05", grants=DELETING)
    new = signed("new", "2025-05-06", succeeds="old")
    assert (("2025-05-06", "old", "deletion due") in told(old), ("2025-05-06", "old", "deletion due") in told(old, new)) == (True, False)


def test_only_what_lies_between_the_days_in_their_order() -> None:
    both = (signed("b", "2025-05-06", "2026-05-05"), signed("a", "2025-05-06"))
    assert told(*both, since="2025-05-06", until="2026-05-05") == [("2025-05-06", "a", "in force"), ("2025-05-06", "b", "in force")]
    assert told(*both, since="2026-05-06", until="2026-05-06") == [("2026-05-06", "b", "ended")]


def test_the_first_moment_of_a_day_is_in_the_agreements_zone() -> None:
    assert f"{midnight(days('2025-05-07'), 'Asia/Ho_Chi_Minh'):%d %H:%M}" == "06 17:00"
    assert f"{midnight(days('2025-05-07'), 'Nowhere/Land'):%d %H:%M}" == "07 00:00"


FIRST = date(2025, 1, 1)
DAYS = st.integers(0, 700).map(lambda number: FIRST + timedelta(days=number))


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """Up to three versions with terms of their own, in zones a day apart, and acts in any order."""
    zones = st.sampled_from(("Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "Pacific/Pago_Pago"))
    versions = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        effective, since = draw(DAYS), draw(DAYS)
        length = draw(st.none() | st.integers(0, 200))
        until = None if length is None else effective + timedelta(days=length)
        told = {"zone": draw(zones), "renewal_months": draw(st.none() | st.integers(1, 7)), "notice_days": draw(st.integers(0, 60))}
        told["grace_days"] = draw(st.integers(0, 40))
        one = signed("a", str(effective), str(until) if until else None, **told)
        versions.append(replace(one, version=number, since=since, signed_on=draw(st.none() | DAYS), grants=DELETING))
    kinds = st.sampled_from((ActKind.SUSPEND, ActKind.RESUME, ActKind.NOTICE, ActKind.TERMINATE))
    acts = draw(st.lists(st.builds(Act, kinds, DAYS, st.just("x")), max_size=4))
    return Dossier(tuple(versions), tuple(acts))


@settings(max_examples=40, deadline=None)
@given(dossiers())
def test_every_day_that_is_told_is_one_of_change_and_none_is_missing(dossier: Dossier) -> None:
    """Against `calendar`, asked of every day of 900."""
    zone, last = dossier.versions[-1].term.zone, FIRST + timedelta(days=900)
    found = due(vna(dossier), FIRST, last)

    def stands(on: date) -> tuple[AgreementState, int, date | None]:
        at = midnight(on, zone)
        now = state(dossier, at)
        return now, version_at(dossier, at).version, last_day(dossier, at) if now in RUNNING else None

    walk = [FIRST + timedelta(days=number) for number in range(901)]
    changes = {on for on in walk if stands(on) != stands(on - timedelta(days=1))}
    assert {one.on for one in found if one.turn not in ACTING} == changes
    for one in found:
        event(str(one.turn))
        if one.turn is Turn.NOTICE:
            assert _matters(dossier, one)


def _matters(dossier: Dossier, one: Due) -> bool:
    """Notice on that day ends the term with its last day; a day later, it does not."""
    at = midnight(one.on, one.zone)
    last = last_day(dossier, at)
    assert last is not None
    after = midnight(last + timedelta(days=1), one.zone)
    given = [replace(dossier, acts=(*dossier.acts, Act(ActKind.NOTICE, on, "x"))) for on in (one.on, one.on + timedelta(days=1))]
    return [last_day(each, after) == last for each in given] == [True, False]
