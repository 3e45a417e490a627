"""Which agreement governs a flow at a moment: the named one, what has succeeded it, or none; and the sentence that says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndication.agreements.governing import Standing, governing
from syndication.model.agreement import Agreement, AgreementState, Dossier, Register, Unreadable
from syndication.model.clearance import Governance
from syndication.model.partner import Flow
from tests import worlds
from tests.agreements.builders import AZERTAC, FRAME, NOW, TICK, TO_AZERTAC, act, days, in_force, kept, local, signed, term, vna

OLD = signed("vna-azertac-2014", "2014-05-12", "2019-05-12", zone="Asia/Baku", grace_days=3650, parties=("vna", "azertac"))
NEW = replace(AZERTAC, succeeds="vna-azertac-2014", since=days("2025-05-07"), signed_on=days("2025-05-07"))
NEW = replace(NEW, term=replace(NEW.term, effective=days("2025-05-07")))
IN_FORCE, GRACE = AgreementState.IN_FORCE, AgreementState.GRACE
SUSPENDED, EXPIRED, TERMINATED = AgreementState.SUSPENDED, AgreementState.EXPIRED, AgreementState.TERMINATED
BEGINS = local("2025-05-07 00:00", "Asia/Baku")


def governs(reference: str, register: Register, at: datetime) -> str | None:
    """The reference of what governs, or None."""
    found = in_force(reference, register, at).agreement
    return found.reference if found else None


@pytest.mark.parametrize(
    ("successor", "at", "expected", "state"),
    [
        pytest.param(kept(NEW), BEGINS - TICK, "vna-azertac-2014", GRACE, id="the instant before the successor begins"),
        pytest.param(kept(NEW), BEGINS, "vna-azertac-2025", IN_FORCE, id="the instant it begins"),
        pytest.param(kept(NEW), BEGINS + TICK, "vna-azertac-2025", IN_FORCE, id="the instant after"),
        pytest.param(kept(NEW), local("2016-01-01 00:00"), "vna-azertac-2014", IN_FORCE, id="years before"),
        pytest.param(
            kept(NEW, act("suspend", "2025-08-01")),
            local("2025-07-31 12:00"),
            "vna-azertac-2025",
            IN_FORCE,
            id="not suspended yet",
        ),
        pytest.param(kept(NEW, act("suspend", "2025-08-01")), NOW, None, SUSPENDED, id="a suspended successor means suspended"),
        pytest.param(kept(NEW, act("terminate", "2025-08-01")), NOW, None, TERMINATED, id="a terminated successor revives nothing"),
        pytest.param(kept(replace(NEW, signed_on=None)), NOW, "vna-azertac-2014", GRACE, id="a draft succeeds nothing"),
        pytest.param(kept(replace(NEW, signed_on=days("2027-01-01"))), NOW, "vna-azertac-2014", GRACE, id="to be signed next year"),
        pytest.param(
            kept(replace(NEW, term=replace(NEW.term, until=days("2025-12-31")))),
            NOW,
            None,
            EXPIRED,
            id="expired in its turn",
        ),
        pytest.param(
            Dossier((NEW, replace(NEW, version=2, since=days("2026-01-01"), signed_on=None))),
            NOW,
            "vna-azertac-2025",
            IN_FORCE,
            id="a draft of the successor's second version holds up nothing",
        ),
    ],
)
def test_the_successor_governs_from_the_moment_it_begins(
    successor: Dossier, at: datetime, expected: str | None, state: AgreementState
) -> None:
    register = vna(OLD, successor)
    governance = in_force("vna-azertac-2014", register, at)
    assert (governs("vna-azertac-2014", register, at), governance.state) == (expected, state)
    assert governance.grace is (state is GRACE)


THIRD = replace(NEW, succeeds=None)


@pytest.mark.parametrize(
    ("successor", "expected"),
    [
        pytest.param(
            Dossier((THIRD, replace(NEW, version=2, since=days("2026-01-01"), signed_on=None))),
            "vna-azertac-2014",
            id="a draft that names it",
        ),
        pytest.param(
            Dossier((THIRD, replace(NEW, version=2, since=days("2027-01-01"), signed_on=days("2026-01-01")))),
            "vna-azertac-2014",
            id="signed, and its day has not come",
        ),
        pytest.param(
            Dossier((THIRD, replace(NEW, version=2, since=days("2026-01-01"), signed_on=days("2026-01-01")))),
            "vna-azertac-2025",
            id="signed, and begun",
        ),
        pytest.param(
            Dossier((NEW, replace(THIRD, version=2, since=days("2027-01-01"), signed_on=None))),
            "vna-azertac-2025",
            id="a draft that leaves it out",
        ),
        pytest.param(
            Dossier((NEW, replace(THIRD, version=2, since=days("2026-01-01"), signed_on=days("2026-01-01")))),
            "vna-azertac-2025",
            id="left out later, signed: what has been succeeded never revives",
        ),
    ],
)
def test_a_version_succeeds_from_its_first_day_and_no_draft_does(successor: Dossier, expected: str) -> None:
    register = vna(OLD, successor)
    assert governs("vna-azertac-2014", register, NOW) == expected
    between = {one.reference for one in Standing(register, NOW).between("azertac")}
    assert ("vna-azertac-2014" in between) is (expected == "vna-azertac-2014")


def test_a_successor_that_is_named_is_not_governed_by_what_it_succeeds() -> None:
    assert governs("vna-azertac-2025", vna(OLD, NEW), BEGINS - TICK) is None
    assert governs("vna-azertac-2025", vna(OLD, NEW), BEGINS) == "vna-azertac-2025"


def test_the_order_of_the_register_does_not_matter() -> None:
    assert governs("vna-azertac-2014", vna(NEW, OLD), BEGINS) == "vna-azertac-2025"


def test_a_chain_of_three_is_walked_to_the_last_that_has_begun() -> None:
    third = signed("vna-azertac-2026", "2026-06-01", succeeds="vna-azertac-2025", parties=("vna", "azertac"))
    register = vna(third, OLD, NEW)
    moments = [local("2018-01-01 00:00"), local("2026-05-31 00:00"), local("2026-06-01 00:00")]
    assert [governs("vna-azertac-2014", register, moment) for moment in moments] == [
        "vna-azertac-2014",
        "vna-azertac-2025",
        "vna-azertac-2026",
    ]


@pytest.mark.parametrize(
    "agreements",
    [
        pytest.param((replace(OLD, succeeds="vna-azertac-2014"),), id="an agreement succeeds itself"),
        pytest.param((replace(OLD, succeeds="vna-azertac-2025"), NEW), id="two succeed each other"),
        pytest.param(
            (OLD, replace(NEW, reference="b", succeeds="c"), replace(NEW, reference="c", succeeds="b")),
            id="a circle that does not touch it",
        ),
    ],
)
def test_a_circle_of_successors_governs_nothing(agreements: tuple[Agreement, ...]) -> None:
    register = vna(*agreements)
    circle = agreements[-1].reference
    governance = in_force(circle, register, NOW)
    assert (governance.agreement, governance.state) == (None, None)
    assert governance.reason == f"{circle} is succeeded in a circle: mend 'succeeds' in the agreements' files"


def test_a_way_into_a_circle_that_does_not_come_back_to_where_it_began_ends_too() -> None:
    """`b` succeeds two, by two of its versions: the old agreement, and `c`, which succeeds it."""
    b = Dossier((replace(NEW, reference="b"), replace(NEW, reference="b", version=2, succeeds="c")))
    governance = in_force(OLD.reference, vna(OLD, b, replace(NEW, reference="c", succeeds="b")), NOW)
    assert governance.reason == f"{OLD.reference} is succeeded in a circle: mend 'succeeds' in the agreements' files"


def test_a_circle_that_has_not_begun_is_no_circle_yet() -> None:
    register = vna(replace(OLD, succeeds="vna-azertac-2025"), NEW)
    assert governs("vna-azertac-2014", register, BEGINS - TICK) == "vna-azertac-2014"


@pytest.mark.parametrize(
    ("flow", "register", "reason"),
    [
        pytest.param(
            worlds.flow(agreement="vna-trc-2035"),
            vna(worlds.agreement()),
            "there is no agreement vna-trc-2035",
            id="it is not in the register",
        ),
        pytest.param(worlds.flow(), vna(), "there is no agreement vna-trc-2025", id="there is none at all"),
        pytest.param(
            worlds.flow(partner="azertac"),
            vna(worlds.agreement()),
            "azertac is no party to vna-trc-2025 v1",
            id="the flow's partner is no party",
        ),
        pytest.param(
            worlds.flow(),
            vna(worlds.agreement(parties=("ptv", "trc"))),
            "vna is no party to vna-trc-2025 v1",
            id="we are no party",
        ),
        pytest.param(
            worlds.flow(),
            vna(worlds.agreement(parties=())),
            "vna is no party to vna-trc-2025 v1",
            id="there are no parties",
        ),
        pytest.param(
            worlds.flow(agreement="vna-trc-2014"),
            vna(signed("vna-trc-2014", "2014-01-01"), worlds.agreement(succeeds="vna-trc-2014", parties=("vna", "ktk"))),
            "trc is no party to vna-trc-2025 v1",
            id="the partner is a party to the old agreement, not to its successor",
        ),
    ],
)
def test_nothing_governs(flow: Flow, register: Register, reason: str) -> None:
    """Deny by default: no agreement, no poll, no item, no publication."""
    governance = governing(flow, register, NOW)
    assert governance.agreement is None
    assert governance.reason == reason


def test_a_flow_runs_under_what_it_names() -> None:
    governance = governing(worlds.flow(), vna(worlds.agreement()), NOW)
    assert (governance.agreement, governance.state) == (worlds.agreement(), IN_FORCE)
    assert governance.reason == "vna-trc-2025 v1 is in force since 2025-05-06, without end"


@pytest.mark.parametrize("partner", ["trc", "azertac"])
def test_a_frame_governs_among_all_its_parties(partner: str) -> None:
    assert governing(worlds.flow(partner=partner, agreement="oana"), vna(FRAME), NOW).agreement == FRAME
    assert governing(worlds.flow(partner="bta", agreement="oana"), vna(FRAME), NOW).agreement is None


def test_the_version_of_the_moment_governs() -> None:
    second = worlds.agreement(version=2, since=days("2026-01-01"), grants=(), parties=("vna", "ktk"))
    register = Register("vna", (worlds.dossier(worlds.agreement(), second),))
    moment = local("2026-01-01 00:00")
    assert governing(worlds.flow(), register, moment - TICK).agreement == worlds.agreement()
    assert in_force("vna-trc-2025", register, moment).agreement == second
    assert governing(worlds.flow(), register, moment).agreement is None


LIMITED = signed("a", "2025-05-06", "2026-05-05", grace_days=30)


@pytest.mark.parametrize(
    ("dossier", "day", "reason"),
    [
        pytest.param(kept(LIMITED), "2025-06-01", "a v1 is in force since 2025-05-06, until 2026-05-05", id="in force"),
        pytest.param(kept(replace(LIMITED, signed_on=None)), "2025-06-01", "a v1 is a draft: it is not signed", id="a draft"),
        pytest.param(
            kept(replace(LIMITED, signed_on=days("2025-07-01"))),
            "2025-06-01",
            "a v1 is signed, but not in force before 2025-07-01",
            id="signed, not begun",
        ),
        pytest.param(
            kept(LIMITED, act("suspend", "2025-05-20")),
            "2025-06-01",
            "a v1 was suspended on 2025-05-20 (by letter), and has not been resumed",
            id="suspended",
        ),
        pytest.param(
            kept(LIMITED, act("terminate", "2025-05-20")),
            "2025-06-01",
            "a v1 was terminated on 2025-05-20 (by letter), and nothing in force succeeds it",
            id="terminated",
        ),
        pytest.param(
            kept(LIMITED),
            "2026-05-06",
            "a v1 ended on 2026-05-05; its terms go on for 30 days of grace, until 2026-06-04",
            id="in grace",
        ),
        pytest.param(
            kept(LIMITED),
            "2026-06-05",
            "a v1 expired on 2026-05-05, its days of grace on 2026-06-04, and nothing in force succeeds it",
            id="expired, and its grace with it",
        ),
        pytest.param(
            kept(LIMITED, act("suspend", "2026-05-01")),
            "2026-05-06",
            "a v1 expired on 2026-05-05, and nothing in force succeeds it",
            id="expired while suspended",
        ),
        pytest.param(
            kept(signed("a", "2014-05-12", "2019-05-12")),
            "2025-06-01",
            "a v1 expired on 2019-05-12, and nothing in force succeeds it",
            id="expired without grace",
        ),
        pytest.param(
            kept(signed("a", "2014-05-12", "2019-05-12", grace_days=1)),
            "2025-06-01",
            "a v1 expired on 2019-05-12, its days of grace on 2019-05-13, and nothing in force succeeds it",
            id="expired after one day of grace",
        ),
        pytest.param(
            kept(signed("a", "2014-05-12", zone="Mars/Phobos")),
            "2025-06-01",
            "a v1 counts its days in the zone 'Mars/Phobos', which is not known: nothing moves under it",
            id="its zone is not known",
        ),
    ],
)
def test_the_reason_says_how_it_stands_with_its_dates(dossier: Dossier, day: str, reason: str) -> None:
    assert in_force("a", vna(dossier), local(f"{day} 12:00")).reason == reason


def test_the_reason_names_what_was_succeeded() -> None:
    assert in_force("vna-azertac-2014", vna(OLD, NEW), NOW).reason == (
        "vna-azertac-2025 v1, which succeeded vna-azertac-2014, is in force since 2025-05-07, without end"
    )


def between(partner: str, register: Register, at: datetime = NOW) -> list[str]:
    """The references of what is in force between us and the partner."""
    return [agreement.reference for agreement in Standing(register, at).between(partner)]


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        pytest.param(vna(FRAME, AZERTAC, worlds.agreement()), ["oana", "vna-azertac-2025"], id="its own and the frame, not another's"),
        pytest.param(vna(replace(FRAME, parties=("trc", "azertac"))), [], id="we are no party to it"),
        pytest.param(vna(replace(FRAME, parties=("vna", "trc"))), [], id="the partner is no party to it"),
        pytest.param(vna(replace(FRAME, signed_on=None)), [], id="a draft"),
        pytest.param(vna(kept(FRAME, act("suspend", "2026-01-01"))), [], id="suspended"),
        pytest.param(vna(OLD), ["vna-azertac-2014"], id="in grace"),
        pytest.param(vna(OLD, NEW), ["vna-azertac-2025"], id="in grace, but succeeded"),
        pytest.param(vna(OLD, replace(NEW, parties=("vna", "trc"))), [], id="succeeded by an agreement without the partner"),
    ],
)
def test_what_is_in_force_between_us_and_a_partner(register: Register, expected: list[str]) -> None:
    assert between("azertac", register) == expected


def test_a_moment_without_a_zone_is_not_judged() -> None:
    """T04: also where there is no agreement to judge by."""
    with pytest.raises(ValueError, match="without a zone"):
        in_force("vna-trc-2035", vna(), datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_the_calendars_ends_are_no_failure(at: datetime) -> None:
    """T07"""
    assert governing(TO_AZERTAC, vna(OLD, NEW), at).reason


@pytest.mark.parametrize("hours", [pytest.param(hours, id=f"{hours} hours on") for hours in (-30, -1, 0, 1, 8, 9, 10, 16, 17, 40, 9_000)])
def test_what_has_moved_stands_as_what_is_built_anew(hours: int) -> None:
    """Midnight in Hanoi is 17:00 in UTC, in Baku 20:00; the agreement ends with the day."""
    ends = signed(worlds.REFERENCE, "2025-05-06", "2026-11-24")
    register = vna(ends, AZERTAC, FRAME)
    first = Standing(register, NOW)
    asked = [first.in_force(one.reference) for one in register.dossiers]
    at = NOW + timedelta(hours=hours)
    moved, anew = first.moved(at), Standing(register, at)
    assert moved.at == anew.at
    assert moved.holds_until() == anew.holds_until()
    assert [moved.in_force(one.reference) for one in register.dossiers] == [anew.in_force(one.reference) for one in register.dossiers]
    assert [moved.between(partner) for partner in ("trc", "azertac")] == [anew.between(partner) for partner in ("trc", "azertac")]
    assert [first.in_force(one.reference) for one in register.dossiers] == asked, "what it moved from stays as it was"


def test_a_flow_of_a_stranger_is_told_how_the_agreement_stands() -> None:
    answer = governing(worlds.outbound(partner="bta"), vna(worlds.agreement()), NOW)
    assert (answer.agreement, answer.state) == (None, AgreementState.IN_FORCE)


def test_who_left_a_frame_is_still_held_by_what_stands_beside_it() -> None:
    frame = kept(worlds.agreement(reference="oana", parties=("vna", "trc", "bta")), act("leave", "2026-01-01", "trc"))
    standing = Standing(vna(frame, worlds.agreement()), NOW)
    assert [one.reference for one in standing.between("trc")] == [worlds.REFERENCE]
    assert [one.reference for one in standing.between("bta")] == ["oana"]


def test_everything_stands_until_the_next_midnight_of_any_zone() -> None:
    """08:00 in UTC: midnight comes first to Hanoi at 17:00, and without agreements to UTC at 24:00."""
    far = worlds.agreement(reference="far", term=term(zone="America/New_York"))
    assert Standing(vna(far, worlds.agreement()), NOW).holds_until() == local("2026-11-25 00:00")
    assert Standing(vna(), NOW).holds_until() == local("2026-11-25 00:00", "UTC")


OTHER = Unreadable("bta-2020", "damaged", ("vna", "bta"), ())
"""Stands before the one that matters, and concerns nobody here."""
LOST = Unreadable("lost", "written by a later version", ("vna", "azertac"), ())
CANNOT = "is in the database and cannot be read, so nothing flows under it (written by a later version)"
BARRED = f"lost {CANNOT}; what it denies between azertac and us is not known, so nothing moves"


@pytest.mark.parametrize(
    ("lost", "named", "state", "reason"),
    [
        pytest.param(replace(LOST, reference="mine"), "mine", None, f"mine {CANNOT}", id="the one it names"),
        pytest.param(LOST, "vna-azertac-2025", IN_FORCE, BARRED, id="another with that partner"),
        pytest.param(replace(LOST, parties=None), "vna-azertac-2025", IN_FORCE, BARRED, id="one that may be with anyone"),
        pytest.param(LOST, "none", None, "there is no agreement none", id="nothing would govern anyhow"),
        pytest.param(
            replace(LOST, parties=(), succeeds=("vna-azertac-2025",)),
            "vna-azertac-2025",
            None,
            f"vna-azertac-2025 may have been succeeded: lost {CANNOT}",
            id="it has succeeded the one that is named",
        ),
        pytest.param(
            replace(LOST, parties=(), succeeds=("vna-azertac-2025",)),
            "vna-azertac-2014",
            None,
            f"vna-azertac-2025 may have been succeeded: lost {CANNOT}",
            id="it has succeeded the successor",
        ),
        pytest.param(
            replace(LOST, parties=(), succeeds=("vna-azertac-2014",)),
            "vna-azertac-2014",
            None,
            f"vna-azertac-2014 may have been succeeded: lost {CANNOT}",
            id="it has succeeded the one that is named, and so has another",
        ),
        pytest.param(
            replace(LOST, parties=(), succeeds=None),
            "vna-azertac-2014",
            None,
            f"vna-azertac-2014 may have been succeeded: lost {CANNOT}",
            id="it may have succeeded anything",
        ),
    ],
)
def test_what_cannot_be_read_stops_what_it_may_concern(lost: Unreadable, named: str, state: AgreementState | None, reason: str) -> None:
    register = replace(vna(OLD, NEW), unreadable=(OTHER, lost))
    assert governing(replace(TO_AZERTAC, agreement=named), register, NOW) == Governance(None, state, reason)
    assert Standing(register, NOW).barred("trc") == (BARRED.replace("between azertac", "between trc") if lost.parties is None else None)


def test_what_cannot_be_read_and_concerns_nobody_here_stops_nothing() -> None:
    register = replace(vna(OLD, NEW), unreadable=(OTHER, replace(LOST, parties=(), succeeds=("bta-2010",))))
    found = governing(TO_AZERTAC, register, NOW).agreement
    assert found is not None
    assert found.reference == "vna-azertac-2025"
