"""When a text has to go: by its window, by the end of what it came under, and never before."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syndication.agreements.calendar import state
from syndication.agreements.governing import Standing
from syndication.agreements.retention import REFUSED_DAYS, Ending, due, kept_from
from syndication.model.agreement import AgreementState, OnwardUse, Register, Stamp
from syndication.model.clearance import Clause
from syndication.model.partner import Direction
from tests import worlds
from tests.agreements.builders import (
    NOW,
    TICK,
    TO_AZERTAC,
    act,
    clear,
    days,
    from_trc,
    kept,
    refused,
    signed,
    subject,
    term,
    vna,
)
from tests.agreements.test_gate_properties import MOMENTS, registers, stamps

TRC = signed("vna-trc-2025", "2025-05-06")
LAPSED = signed("vna-trc-2025", "2025-05-06", "2026-11-20")
FOREVER = vna(TRC)
OVER = vna(LAPSED)


def to_go(**changes: Any) -> Stamp:
    """What TRC gave two days ago, to be deleted at the end of its use; `use_days`, `archive` go to its terms."""
    told = {name: changes.pop(name) for name in ("use_days", "archive", "delete_at_end") if name in changes}
    plain: dict[str, Any] = {"onward": OnwardUse.ANYONE, "delete_at_end": True}
    return from_trc(terms=worlds.terms(**(plain | told)), **changes)


@pytest.mark.parametrize(
    ("sources", "register", "goes"),
    [
        pytest.param((), OVER, False, id="our own"),
        pytest.param((to_go(),), FOREVER, False, id="no window, and the agreement in force"),
        pytest.param((to_go(use_days=2, at=NOW - timedelta(days=2) + TICK),), FOREVER, False, id="the instant before its window ends"),
        pytest.param((to_go(use_days=2),), FOREVER, True, id="the instant its window ends"),
        pytest.param((to_go(use_days=2, delete_at_end=False),), FOREVER, False, id="its window has ended, and nothing says delete"),
        pytest.param((to_go(use_days=10**12),), FOREVER, False, id="more days than the calendar has"),
        pytest.param((to_go(),), OVER, True, id="the agreement has expired"),
        pytest.param((to_go(delete_at_end=False),), OVER, False, id="it has expired, and nothing says delete"),
        pytest.param((to_go(),), vna(replace(LAPSED, term=term(until="2026-11-20", grace_days=4))), False, id="the last day of grace"),
        pytest.param((to_go(),), vna(replace(LAPSED, term=term(until="2026-11-20", grace_days=3))), True, id="the day after grace"),
        pytest.param((to_go(),), vna(kept(TRC, act("terminate", "2026-11-24"))), True, id="terminated today"),
        pytest.param((to_go(),), vna(kept(TRC, act("terminate", "2026-11-25"))), False, id="terminated from tomorrow"),
        pytest.param((to_go(),), vna(kept(TRC, act("suspend", "2026-11-20"))), False, id="suspended: hidden, not deleted"),
        pytest.param((to_go(use_days=1),), vna(kept(TRC, act("suspend", "2026-11-20"))), True, id="suspended, and its window has ended"),
        pytest.param((to_go(),), vna(kept(LAPSED, act("suspend", "2026-11-19"))), True, id="suspended, and then expired"),
        pytest.param((to_go(),), vna(LAPSED, signed("next", "2026-11-21", succeeds="vna-trc-2025")), False, id="its successor is in force"),
        pytest.param(
            (to_go(),), vna(LAPSED, signed("next", "2026-11-25", succeeds="vna-trc-2025")), True, id="its successor has not begun"
        ),
        pytest.param(
            (to_go(),),
            vna(LAPSED, signed("next", "2026-11-21", "2026-11-22", succeeds="vna-trc-2025")),
            True,
            id="its successor has ended too",
        ),
        pytest.param(
            (to_go(),),
            vna(LAPSED, kept(signed("next", "2026-11-21", succeeds="vna-trc-2025"), act("suspend", "2026-11-22"))),
            False,
            id="its successor is suspended",
        ),
        pytest.param((to_go(archive=True),), OVER, False, id="the archive stays after the agreement"),
        pytest.param((to_go(archive=True, use_days=1),), OVER, True, id="the archive, and its window has ended"),
        pytest.param((to_go(agreement="nothing"),), OVER, False, id="what it came under is not known"),
        pytest.param((to_go(),), vna(replace(LAPSED, term=replace(LAPSED.term, zone="Mars/Base"))), False, id="its zone is not known"),
        pytest.param(
            (to_go(),),
            vna(replace(LAPSED, succeeds="next"), signed("next", "2026-11-21", succeeds="vna-trc-2025")),
            False,
            id="it is succeeded in a circle",
        ),
        pytest.param((to_go(),), vna(replace(LAPSED, signed_on=None)), False, id="a draft, by mistake"),
        pytest.param(
            (to_go(version=1),),
            vna(
                worlds.dossier(
                    TRC,
                    replace(TRC, version=2, since=days("2026-11-21"), term=term(until="2026-11-22"), signed_on=days("2026-11-20")),
                )
            ),
            True,
            id="an amendment has ended the agreement; the stamp's terms hold",
        ),
        pytest.param((from_trc(), to_go(use_days=1)), FOREVER, True, id="one of two sources demands it"),
        pytest.param((from_trc(use_days=1), to_go()), FOREVER, False, id="one has ended, the other says delete"),
    ],
)
def test_what_has_to_go(sources: tuple[Stamp, ...], register: Register, goes: bool) -> None:
    assert (due(sources, Standing(register, NOW)) is not None) is goes


def test_why_and_by_which_source() -> None:
    demanding = to_go(use_days=2, version=3)
    reason = "its use ended at 2026-11-24 08:00 UTC, 2 days after it came"
    assert due((from_trc(use_days=1), demanding), Standing(FOREVER, NOW)) == Ending(demanding, reason)
    ended = due((to_go(),), Standing(OVER, NOW))
    assert ended is not None
    assert ended.reason == "vna-trc-2025 v1 expired on 2026-11-20, and nothing in force succeeds it"


def last_begun(reference: str, register: Register, at: datetime) -> AgreementState:
    """The state of the last of the chain that has begun, by recursion."""
    for dossier in register.dossiers:
        if dossier.versions[0].succeeds == reference and state(dossier, at) not in (AgreementState.DRAFT, AgreementState.SIGNED):
            return last_begun(dossier.reference, register, at)
    return next(state(dossier, at) for dossier in register.dossiers if dossier.reference == reference)


def must_go(stamp: Stamp, register: Register, at: datetime) -> bool:
    """The model: written from what the documentation says."""
    terms = stamp.terms
    if not terms.delete_at_end:
        return False
    if terms.use_days is not None and at >= stamp.at + timedelta(days=terms.use_days):
        return True
    return not terms.archive and str(last_begun(stamp.agreement, register, at)) in ("expired", "terminated")


def used_for(*uses: int | None) -> Register:
    """TRC's agreement, with a grant of what comes in for each of these numbers of days; and one of what goes out, for a day."""
    coming = tuple(worlds.grant(clause=f"2.{n}", terms=worlds.terms(use_days=one)) for n, one in enumerate(uses))
    return vna(replace(TRC, grants=(*coming, worlds.grant(direction=Direction.OUTBOUND, terms=worlds.terms(use_days=1)))))


@pytest.mark.parametrize(
    ("register", "age"),
    [
        pytest.param(FOREVER, REFUSED_DAYS, id="no window"),
        pytest.param(used_for(90, None), REFUSED_DAYS, id="a longer one"),
        pytest.param(used_for(10**12), REFUSED_DAYS, id="more days than the calendar has"),
        pytest.param(used_for(90, 7, None), 7, id="the shortest of several"),
        pytest.param(OVER, 0, id="the agreement has expired"),
        pytest.param(vna(kept(TRC, act("terminate", "2026-11-24"))), 0, id="terminated today"),
        pytest.param(vna(kept(TRC, act("suspend", "2026-11-24"))), REFUSED_DAYS, id="suspended: that hides, and does not delete"),
        pytest.param(vna(), REFUSED_DAYS, id="no agreement that is known"),
    ],
)
def test_for_how_long_what_was_refused_is_kept(register: Register, age: int) -> None:
    assert kept_from(worlds.flow(), Standing(register, NOW)) == NOW - timedelta(days=age)


perishing = st.builds(lambda stamp, delete: replace(stamp, terms=replace(stamp.terms, delete_at_end=delete)), stamps, st.booleans())


@settings(max_examples=500, deadline=None)
@given(st.lists(perishing, max_size=3).map(tuple), registers(), MOMENTS)
def test_it_goes_as_the_model_says_and_nothing_that_is_still_shown(sources: tuple[Stamp, ...], register: Register, at: datetime) -> None:
    ending = due(sources, Standing(register, at))
    assert (ending is not None) is any(must_go(stamp, register, at) for stamp in sources)
    if ending is not None:
        assert ending.stamp in sources
        assert Clause.RETENTION in refused(clear(subject(sources=sources), TO_AZERTAC, register, at))
