"""Which flows a change stops or begins, and when."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from syndication.agreements.effect import effects
from syndication.model.agreement import Act, Agreement, Dossier, Register
from tests import worlds
from tests.agreements.builders import NOW, act, local

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
