"""Which flows a change stops or begins, and when."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndication.agreements.dates import midnight
from syndication.agreements.effect import effects
from syndication.agreements.governing import Standing
from syndication.model.agreement import Act, ActKind, Agreement, Dossier, Register
from tests import worlds
from tests.agreements.builders import NOW, act, local, vna
from tests.agreements.test_dates import DAYS, FIRST, dossiers

FLOWS = (worlds.flow(), worlds.outbound())
RENEWS = worlds.agreement(term=worlds.term(until=date(2027, 5, 5), renewal_months=12, notice_days=90, grace_days=10))


def told(before: Dossier, after: Dossier) -> list[tuple[str, str, bool, bool]]:
    found = effects(Register("vna", (before,)), Register("vna", (after,)), worlds.REFERENCE, FLOWS, NOW)
    return [(one.flow.id, f"{one.at:%Y-%m-%d %H:%M}", one.stops, one.begins) for one in found]


@pytest.mark.parametrize(
    ("before", "done", "at", "stops"),
    [
        pytest.param((), act("suspend", "2026-12-01"), "2026-11-30 17:00", True, id="suspended from a day to come"),
        pytest.param((), act("suspend", "2026-11-01"), "2026-11-24 08:00", True, id="suspended since"),
        pytest.param((act("suspend", "2026-11-01"),), act("resume", "2026-12-01"), "2026-11-30 17:00", False, id="resumed"),
        pytest.param((), act("leave", "2026-12-01", "trc"), "2026-11-30 17:00", True, id="left"),
    ],
)
def test_an_act_stops_or_begins_from_its_day(before: tuple[Act, ...], done: Act, at: str, stops: bool) -> None:
    stood = Dossier((RENEWS,), before)
    assert told(stood, Dossier((RENEWS,), (*before, done))) == [("trc-en", at, stops, not stops), ("to-trc", at, stops, not stops)]


def test_notice_shows_the_end_that_comes_of_it() -> None:
    """First the days of grace, in which all goes on, marked."""
    found = told(Dossier((RENEWS,)), Dossier((RENEWS,), (act("notice", "2026-12-01"),)))
    assert found == [("trc-en", "2027-05-05 17:00", False, False), ("to-trc", "2027-05-05 17:00", False, False)]


def test_notice_that_comes_too_late_shows_the_end_after_the_renewal() -> None:
    found = told(Dossier((RENEWS,)), Dossier((RENEWS,), (act("notice", "2027-03-01"),)))
    assert found == [(flow, "2028-05-05 17:00", False, False) for flow in ("trc-en", "to-trc")]


def test_the_end_of_a_version_to_come_is_looked_for_where_the_one_that_holds_has_none() -> None:
    endless, year = worlds.agreement(), replace(RENEWS, version=2, since=date(2027, 1, 1))
    found = told(Dossier((endless, year)), Dossier((endless, year), (act("notice", "2027-01-15"),)))
    assert found == [(flow, "2027-05-05 17:00", False, False) for flow in ("trc-en", "to-trc")]


def test_a_version_takes_over_from_its_day() -> None:
    new = worlds.agreement(version=2, since=date(2026, 12, 1))
    before, after = Register("vna", (worlds.dossier(),)), Register("vna", (worlds.dossier(worlds.agreement(), new),))
    (one, _) = effects(before, after, worlds.REFERENCE, FLOWS, NOW)
    assert (one.at, one.stops, one.begins) == (local("2026-12-01 00:00"), False, False)
    assert isinstance(one.after.agreement, Agreement)
    assert one.after.agreement.version == 2


def test_what_makes_no_difference_is_not_told() -> None:
    """The same twice; and a new agreement begins at once."""
    assert told(Dossier((RENEWS,)), Dossier((RENEWS,), ())) == []
    assert effects(Register("vna", ()), Register("vna", (worlds.dossier(),)), "none", FLOWS, NOW)[0].begins


NOTHING_IN = "vna-trc-2025 v2 grants nothing that goes from them to us"
NOTHING_OUT = "vna-trc-2025 v2 grants nothing that goes from us to them"


@pytest.mark.parametrize(
    ("grants", "stops", "why"),
    [
        pytest.param((), [True, True], [NOTHING_IN, NOTHING_OUT], id="none is left"),
        pytest.param(worlds.agreement().grants[:1], [False, True], ["vna-trc-2025 v2 is in force", NOTHING_OUT], id="none that goes out"),
        pytest.param((worlds.grant(topics=()),), [True, True], [NOTHING_IN, NOTHING_OUT], id="one that names no subject"),
    ],
)
def test_a_flow_whose_grants_are_gone_stops(grants: Any, stops: list[bool], why: list[str]) -> None:
    """And begins where the version after that grants something again."""
    less = worlds.agreement(version=2, since=date(2026, 12, 1), grants=grants)
    stood, after = (Register("vna", (worlds.dossier(*versions),)) for versions in ((worlds.agreement(),), (worlds.agreement(), less)))
    found = effects(stood, after, worlds.REFERENCE, FLOWS, NOW)
    assert [one.stops for one in found] == stops
    assert [one.why.startswith(said) for one, said in zip(found, why, strict=True)] == [True, True]
    again = replace(worlds.agreement(), version=3, since=date(2026, 12, 2))
    back = effects(after, Register("vna", (Dossier((*after.dossiers[0].versions, again)),)), worlds.REFERENCE, FLOWS, NOW)
    assert [one.begins for one in back] == stops


def in_zone(number: int, since: date, zone: str) -> Agreement:
    """A version of one that renews itself with the new year."""
    year = worlds.term(until=date(2026, 12, 31), zone=zone, renewal_months=12)
    return worlds.agreement(version=number, since=since, term=year)


WEST, EAST = "Pacific/Pago_Pago", "Asia/Ho_Chi_Minh"
OF_WEST, OF_EAST = in_zone(1, date(2025, 5, 6), WEST), in_zone(2, date(2027, 6, 1), EAST)
IN_EAST, IN_WEST = in_zone(1, date(2025, 5, 6), EAST), in_zone(2, date(2026, 12, 20), WEST)


@pytest.mark.parametrize(
    ("before", "after", "at"),
    [
        pytest.param(Dossier((OF_WEST, OF_EAST)), (act("suspend", "2026-12-20"),), "2026-12-20 11:00", id="an act"),
        pytest.param(Dossier((OF_WEST, OF_EAST)), (act("notice", "2026-12-20"),), "2027-01-01 11:00", id="the end of a term"),
        pytest.param(Dossier((IN_EAST,)), (IN_WEST, OF_EAST), "2026-12-20 11:00", id="the first day of a version"),
    ],
)
def test_a_versions_days_are_read_in_its_own_zone(before: Dossier, after: Any, at: str) -> None:
    """Not in that of the last, which is 18 hours ahead."""
    added = replace(before, acts=after) if isinstance(after[0], Act) else replace(before, versions=(*before.versions, *after))
    assert [told_at for _, told_at, _, _ in told(before, added)] == [at, at]


@settings(max_examples=40, deadline=None)
@given(dossiers(), st.data())
def test_the_first_difference_is_told_in_its_hour(before: Dossier, data: st.DataObject) -> None:
    """Against the gate, asked at every midnight of 900 days in every zone; an act or a version is added."""
    kinds = st.sampled_from([ActKind.SUSPEND, ActKind.RESUME, ActKind.NOTICE, ActKind.TERMINATE])
    added = data.draw(st.builds(Act, kinds, DAYS, st.just("x")))
    version = replace(data.draw(dossiers()).versions[0], version=before.versions[-1].version + 1)
    after = data.draw(st.sampled_from([replace(before, acts=(*before.acts, added)), replace(before, versions=(*before.versions, version))]))
    zones = {one.term.zone for one in after.versions}
    flow, now = worlds.flow(agreement="a"), min(midnight(FIRST, zone) for zone in zones)
    registers = [vna(one) for one in (before, after)]

    def differ(at: datetime) -> bool:
        was, becomes = (Standing(register, at).governing(flow) for register in registers)
        return (was.agreement, was.state) != (becomes.agreement, becomes.state)

    walk = sorted(midnight(FIRST + timedelta(days=number), zone) for number in range(900) for zone in zones)
    found = effects(registers[0], registers[1], "a", (flow,), now)
    assert (found[0].at if found else None) == next(filter(differ, walk), None)
