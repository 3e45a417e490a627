"""When a version's grants are in force with a partner, until when something that came after it is, and what stands beside it meanwhile."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from syndication.agreements.bounds import bounds
from syndication.model.agreement import Act, ActKind, Agreement, Dossier, Register, Unreadable
from syndication.model.rights import Bounds
from tests.worlds import AGENCY, agreement, register, term

AZ, B = "azertac", "b"


def day(month: int, number: int, year: int = 2026) -> datetime:
    """Its first moment, in UTC."""
    return datetime(year, month, number, tzinfo=UTC)


def act(kind: ActKind, month: int, number: int, party: str | None = None) -> Act:
    return Act(kind, date(2026, month, number), "agreed", party=party)


def plain(reference: str = "a-1", since: date = date(2026, 1, 1), *parties: str, zone: str = "UTC", **changes: Any) -> Agreement:
    """With AZERTAC, where nobody else is named, in force from `since`; `until` and the like change its term."""
    of_term = {key: changes.pop(key) for key in ("until", "renewal_months", "notice_days", "grace_days") if key in changes}
    made = agreement(reference=reference, since=since, signed_on=since, parties=(AGENCY, *(parties or (AZ,))))
    return replace(replace(made, term=term(effective=since, zone=zone, **of_term)), **changes)


def done(version: Agreement, *acts: Act) -> Dossier:
    return Dossier((version,), acts)


PLAIN = plain()
BEFORE, AFTER = date(2025, 1, 1), date(2026, 3, 1)
LONG = plain(until=date(2026, 6, 30), grace_days=10)
SECOND = replace(PLAIN, version=2, since=date(2026, 4, 1), signed_on=date(2026, 5, 1))
SUSPEND, RESUME, END, JOIN, LEAVE, NOTICE = (
    ActKind.SUSPEND,
    ActKind.RESUME,
    ActKind.TERMINATE,
    ActKind.JOIN,
    ActKind.LEAVE,
    ActKind.NOTICE,
)
LATER = plain("a-2", AFTER, succeeds="a-1", until=date(2026, 8, 31))
LAST = plain("a-3", date(2026, 5, 1), B, succeeds="a-2")
FRAME = plain("frame", BEFORE, AZ, B)
OTHERS = plain("others", BEFORE, B)
START = day(1, 1)


@pytest.mark.parametrize(
    ("asked", "dossiers", "spans", "used_until", "beside"),
    [
        pytest.param(PLAIN, [done(PLAIN)], [(START, None)], None, [], id="without an end"),
        pytest.param(
            vn := plain(zone="Asia/Ho_Chi_Minh"), [done(vn)], [(START - timedelta(hours=7), None)], None, [], id="in its own zone"
        ),
        pytest.param(
            lost := plain(zone="Mars/Olympus"), [done(lost)], [], None, [], id="a zone that is not known"
        ),
        pytest.param(LONG, [done(LONG)], [(START, day(7, 11))], day(7, 11), [], id="until the last day of its grace"),
        pytest.param(
            plain(until=date(2026, 6, 30)), [done(plain(until=date(2026, 6, 30)))], [(START, day(7, 1))], day(7, 1), [], id="without grace"
        ),
        pytest.param(
            renewed := plain(until=date(2026, 1, 31), renewal_months=1, notice_days=5),
            [done(renewed, act(NOTICE, 3, 26))],
            [(START, day(4, 1))],
            day(4, 1),
            [],
            id="renewed until notice was given",
        ),
        pytest.param(
            first := plain(since=date(1, 1, 1), zone="Asia/Ho_Chi_Minh"),
            [done(first)],
            [(datetime(1, 1, 1, tzinfo=UTC), None)],
            None,
            [],
            id="from the first day of the calendar",
        ),
        pytest.param(
            end := plain(until=date.max), [done(end)], [(START, None)], None, [], id="until the last day of the calendar"
        ),
        pytest.param(
            PLAIN,
            [done(PLAIN, act(SUSPEND, 2, 1), act(SUSPEND, 2, 2), act(RESUME, 2, 5))],
            [(START, day(2, 1)), (day(2, 5), None)],
            None,
            [],
            id="suspended and resumed",
        ),
        pytest.param(PLAIN, [done(PLAIN, act(END, 2, 1))], [(START, day(2, 1))], day(2, 1), [], id="terminated"),
        pytest.param(PLAIN, [done(PLAIN, act(END, 1, 1))], [], None, [], id="never in force"),
        pytest.param(PLAIN, [Dossier((PLAIN, SECOND))], [(START, day(4, 1))], None, [], id="until its next version counts"),
        pytest.param(SECOND, [Dossier((PLAIN, SECOND))], [(day(5, 1), None)], None, [], id="from when it was signed"),
        pytest.param(PLAIN, [done(PLAIN), done(LATER)], [(START, day(3, 1))], day(9, 1), [], id="succeeded; used until that ends"),
        pytest.param(
            PLAIN, [done(OTHERS), done(PLAIN), done(LATER), done(LAST)], [(START, day(3, 1))], day(5, 1), [], id="the last is of others"
        ),
        pytest.param(LATER, [done(PLAIN), done(LATER)], [(day(3, 1), day(9, 1))], day(9, 1), [], id="a successor"),
        pytest.param(
            replace(PLAIN, succeeds="a-2"), [done(replace(PLAIN, succeeds="a-2")), done(LATER)], [(START, day(3, 1))], day(3, 1), [],
            id="a circle of successors: nothing moves from when both have begun",
        ),
        pytest.param(PLAIN, [done(PLAIN), done(FRAME)], [(START, None)], None, ["frame"], id="a frame beside it"),
        pytest.param(
            PLAIN, [done(PLAIN), done(FRAME, act(LEAVE, 2, 1, AZ))], [(START, None)], None, ["frame"], id="a frame that they leave"
        ),
        pytest.param(
            PLAIN,
            [done(PLAIN), done(plain("frame", BEFORE, B), act(JOIN, 2, 1, AZ))],
            [(START, None)],
            None,
            ["frame"],
            id="a frame that they join",
        ),
        pytest.param(PLAIN, [done(PLAIN), done(plain("frame", BEFORE, B))], [(START, None)], None, [], id="a frame of others"),
        pytest.param(
            PLAIN,
            [done(PLAIN), done(plain("ended", BEFORE, until=date(2025, 12, 31)))],
            [(START, None)],
            None,
            [],
            id="what ended the day before",
        ),
        pytest.param(
            PLAIN, [done(PLAIN, act(END, 2, 1)), done(plain("later", date(2026, 2, 1)))], [(START, day(2, 1))], day(2, 1), [],
            id="what begins when it is over",
        ),
    ],
)  # fmt: skip
def test_what_bounds_a_version(
    asked: Agreement, dossiers: list[Dossier], spans: list[Any], used_until: datetime | None, beside: list[str]
) -> None:
    found = bounds(register(*dossiers), asked)[AZ]
    assert found.spans == tuple(spans)
    assert found.used_until == used_until
    assert [one.reference for one in found.beside] == beside


def test_each_other_party_has_its_own() -> None:
    """One that leaves; and what stands beside it is between us and that one."""
    found = bounds(register(done(FRAME, act(LEAVE, 2, 1, B)), done(PLAIN)), FRAME)
    assert set(found) == {AZ, B}
    assert found[AZ] == Bounds(((day(1, 1, 2025), None),), None, (PLAIN,))
    assert found[B] == Bounds(((day(1, 1, 2025), day(2, 1)),), day(2, 1))


def test_who_joined_while_it_moved_something_has_its_own_too() -> None:
    """After those whom the version names; not who joined another agreement, or this one when its next version held."""
    first, second = plain("frame", BEFORE, B), replace(plain("frame", BEFORE, B, AZ), version=2, since=date(2026, 4, 1))
    acts = (act(JOIN, 2, 1, AZ), act(JOIN, 5, 1, "c"), act(LEAVE, 6, 1, B))
    known = register(Dossier((first, second), acts), done(PLAIN), done(OTHERS, act(JOIN, 2, 1, "d")))
    found = bounds(known, first)
    assert list(found) == [B, AZ]
    assert found[AZ] == Bounds(((day(2, 1), day(4, 1)),), None, (PLAIN,))
    assert {party: one.spans for party, one in bounds(known, second).items()} == {
        B: ((day(4, 1), day(6, 1)),),
        AZ: ((day(4, 1), None),),
        "c": ((day(5, 1), None),),
    }


def test_every_version_that_stands_beside_it_is_named() -> None:
    assert bounds(register(done(FRAME), Dossier((PLAIN, SECOND))), FRAME)[AZ].beside == (PLAIN, SECOND)


def test_a_draft_is_taken_to_be_signed_on_its_first_day_and_alone() -> None:
    """Whatever is known of it and of others."""
    draft = replace(LONG, signed_on=None)
    known = replace(register(done(draft, act(SUSPEND, 2, 1)), done(FRAME)), unreadable=(Unreadable("lost", "damaged", None, None),))
    assert bounds(known, draft) == {AZ: Bounds(((START, day(7, 11)),), day(7, 11))}


@pytest.mark.parametrize(
    ("parties", "found"),
    [
        pytest.param((AGENCY, AZ), Bounds(()), id="with them"),
        pytest.param((AGENCY, B), Bounds(((START, None),)), id="with others"),
        pytest.param(None, Bounds(()), id="it may be with them"),
    ],
)
def test_beside_what_cannot_be_read_nothing_moves(parties: tuple[str, ...] | None, found: Bounds) -> None:
    known = Register(AGENCY, (done(PLAIN),), unreadable=(Unreadable("lost", "damaged", parties, ()),))
    assert bounds(known, PLAIN) == {AZ: found}
