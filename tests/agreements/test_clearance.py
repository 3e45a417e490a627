"""The gate, clause by clause: what comes in, what goes out, and why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syndication.model.agreement import Agreement, Alteration, ContentType, Dossier, Grant, OnwardUse, Register, Stamp
from syndication.model.clearance import Clause, Subject
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.story import Pubstatus
from tests import worlds
from tests.agreements.builders import (
    AZERTAC,
    ECONOMY,
    FRAME,
    NOW,
    POLITICS,
    SPORT,
    TICK,
    act,
    clear,
    days,
    from_trc,
    kept,
    refused,
    subject,
    verdict,
    vna,
)

TRC = worlds.agreement()
IN, OUT = worlds.flow(), worlds.outbound()
BOTH = vna(TRC, AZERTAC)
GRANTED = {Clause.AGREEMENT, Clause.DIRECTION, Clause.TYPE, Clause.LANGUAGE, Clause.SUBJECT}
TERMS = worlds.terms(machine_translation=True, model_training=True)


def granting(*grants: Grant) -> Agreement:
    """The agreement with TRC with these grants."""
    return worlds.agreement(grants=grants)


def out(**changes: object) -> Grant:
    """A grant on what goes out."""
    return worlds.grant(**{"clause": "2.2", "direction": Direction.OUTBOUND, **changes})


@pytest.mark.parametrize("flow", [pytest.param(IN, id="in"), pytest.param(OUT, id="out")])
def test_what_is_granted_moves_and_carries_its_stamp(flow: Flow) -> None:
    clearance = clear(subject(), flow, vna(TRC), NOW)
    assert clearance.allowed
    assert clearance.refusals == ()
    clause = "2.1" if flow is IN else "2.2"
    assert clearance.stamp == Stamp("vna-trc-2025", 1, clause, flow.direction, "trc", flow.id, worlds.terms(), NOW, grace=False)
    assert [one.clause for one in clearance.verdicts] == list(Clause)
    assert all(one.reason for one in clearance.verdicts)


def test_in_grace_the_old_terms_go_on_marked() -> None:
    ended = worlds.agreement(term=replace(TRC.term, until=days("2026-11-23"), grace_days=1))
    clearance = clear(subject(), IN, vna(ended), NOW)
    assert clearance.allowed
    assert clearance.stamp is not None
    assert clearance.stamp.grace
    assert not clear(subject(), IN, vna(ended), NOW + timedelta(days=1)).allowed


@pytest.mark.parametrize(
    ("register", "reason"),
    [
        pytest.param(vna(), "there is no agreement vna-trc-2025", id="no agreement at all"),
        pytest.param(vna(worlds.agreement(signed_on=None)), "vna-trc-2025 v1 is a draft: it is not signed", id="a draft"),
        pytest.param(
            vna(kept(TRC, act("suspend", "2026-11-24"))),
            "vna-trc-2025 v1 was suspended on 2026-11-24 (by letter), and has not been resumed",
            id="suspended today",
        ),
        pytest.param(
            vna(worlds.agreement(term=replace(TRC.term, until=days("2026-11-23")))),
            "vna-trc-2025 v1 expired on 2026-11-23, and nothing in force succeeds it",
            id="Z06 expired yesterday",
        ),
        pytest.param(
            vna(worlds.agreement(term=replace(TRC.term, zone="Mars/Phobos"))),
            "vna-trc-2025 v1 counts its days in the zone 'Mars/Phobos', which is not known: nothing moves under it",
            id="Z18 a zone that is not known",
        ),
        pytest.param(
            vna(worlds.agreement(parties=("vna", "azertac"))),
            "trc is no party to vna-trc-2025 v1",
            id="the partner is no party",
        ),
    ],
)
def test_without_an_agreement_nothing_is_granted(register: Register, reason: str) -> None:
    clearance = clear(subject(types_inside=(ContentType.PICTURE,)), IN, register, NOW)
    assert not clearance.allowed
    assert clearance.stamp is None
    assert refused(clearance) == GRANTED
    assert verdict(clearance, Clause.AGREEMENT).reason == reason
    assert verdict(clearance, Clause.AGREEMENT).source == ""
    for clause in GRANTED - {Clause.AGREEMENT}:
        assert verdict(clearance, clause).reason == "no agreement is in force, so nothing is granted"
    assert clearance.left_out == (ContentType.PICTURE,)
    assert clearance.duties == ()


def test_the_agreement_is_named_with_its_version() -> None:
    second = replace(TRC, version=2, since=days("2026-01-01"))
    clearance = clear(subject(), IN, vna(Dossier((TRC, second))), NOW)
    assert verdict(clearance, Clause.AGREEMENT).source == "vna-trc-2025 v2"
    assert verdict(clearance, Clause.TYPE).source == "vna-trc-2025 v2, 2.1"
    assert clearance.stamp is not None
    assert clearance.stamp.version == 2


def test_terms_that_changed_at_midnight_count_from_midnight() -> None:
    """Z14, Z17: an exclusion of sport holds from the first moment of its version, for what is held already too."""
    second = replace(granting(worlds.grant(topics_out=(SPORT,))), version=2, since=days("2026-11-24"))
    register = vna(Dossier((TRC, second)))
    midnight = datetime(2026, 11, 23, 17, tzinfo=UTC)
    sport = subject(topics=(SPORT,))
    assert clear(sport, IN, register, midnight - TICK).allowed
    assert refused(clear(sport, IN, register, midnight)) == {Clause.SUBJECT}
    assert clear(subject(), IN, register, midnight).allowed


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        pytest.param(FlowState.PAUSED, "trc-en is paused", id="paused"),
        pytest.param(FlowState.CLOSED, "trc-en is closed", id="closed"),
    ],
)
def test_a_flow_that_is_not_open(state: FlowState, reason: str) -> None:
    clearance = clear(subject(), replace(IN, state=state), vna(TRC), NOW)
    assert refused(clearance) == {Clause.FLOW}
    assert not clearance.allowed
    assert clearance.stamp is not None
    assert verdict(clearance, Clause.FLOW).reason == reason


@pytest.mark.parametrize(
    ("flow", "grants", "reason"),
    [
        pytest.param(IN, (out(),), "the agreement grants nothing that goes from them to us", id="only what goes out is granted"),
        pytest.param(OUT, (worlds.grant(),), "the agreement grants nothing that goes from us to them", id="only what comes in is granted"),
        pytest.param(IN, (), "the agreement grants nothing that goes from them to us", id="nothing is granted"),
    ],
)
def test_a_direction_without_a_grant(flow: Flow, grants: tuple[Grant, ...], reason: str) -> None:
    clearance = clear(subject(types_inside=(ContentType.PICTURE,)), flow, vna(granting(*grants)), NOW)
    assert refused(clearance) == GRANTED - {Clause.AGREEMENT}
    assert {verdict(clearance, clause).reason for clause in GRANTED - {Clause.AGREEMENT}} == {reason}
    assert verdict(clearance, Clause.TYPE).source == "vna-trc-2025 v1"
    assert clearance.stamp is None
    assert clearance.left_out == (ContentType.PICTURE,)


@pytest.mark.parametrize(
    ("changes", "asked", "clause", "reason"),
    [
        pytest.param({"types": ()}, {}, Clause.TYPE, "text is not among what is granted: nothing", id="no type named"),
        pytest.param({"languages": ("ru", "kk")}, {}, Clause.LANGUAGE, "en is not among what is granted: ru, kk", id="language"),
        pytest.param({"languages": ()}, {}, Clause.LANGUAGE, "en is not among what is granted: nothing", id="no language named"),
        pytest.param({"topics": ()}, {}, Clause.SUBJECT, f"{ECONOMY} is not among what is granted: nothing", id="no subject named"),
        pytest.param(
            {"topics_out": (SPORT,)},
            {"topics": ()},
            Clause.SUBJECT,
            f"it names no subject of the top level, so it cannot be told to be outside what is excluded: {SPORT}",
            id="a text without a subject, where one is excluded",
        ),
        pytest.param(
            {"topics_out": (SPORT,)},
            {"topics": ("medtop:20000822",)},
            Clause.SUBJECT,
            f"of medtop:20000822 none is of the top level, so it cannot be told to be outside what is excluded: {SPORT}",
            id="only a subject that may stand under the excluded one",
        ),
        pytest.param({"topics_out": (SPORT,)}, {"topics": (ECONOMY, SPORT)}, Clause.SUBJECT, f"{SPORT} is excluded", id="excluded"),
    ],
)
def test_a_grant_that_does_not_cover_it(changes: dict[str, object], asked: dict[str, object], clause: Clause, reason: str) -> None:
    clearance = clear(subject(**asked), IN, vna(granting(worlds.grant(**changes))), NOW)
    assert refused(clearance) == {clause}
    assert (verdict(clearance, clause).reason, verdict(clearance, clause).source) == (reason, "vna-trc-2025 v1, 2.1")
    assert clearance.stamp is None
    assert not clearance.allowed


def test_what_goes_out_is_placed_while_its_flow_is_paused() -> None:
    """Nobody reads it before the flow is opened; a refusal would take back what stands there, for good."""
    register = vna(granting(worlds.grant(direction=Direction.OUTBOUND)))
    clearance = clear(subject(), replace(IN, direction=Direction.OUTBOUND, state=FlowState.PAUSED), register, NOW)
    assert clearance.allowed
    assert "is not read before it is opened" in verdict(clearance, Clause.FLOW).reason


def test_every_refusal_is_given_and_not_the_first_only() -> None:
    asked = Subject(ContentType.VIDEO, "fr", (SPORT,), Pubstatus.CANCELED)
    clearance = clear(asked, replace(IN, state=FlowState.PAUSED), vna(granting(worlds.grant(topics=(ECONOMY,)))), NOW)
    assert refused(clearance) == {Clause.FLOW, Clause.TYPE, Clause.LANGUAGE, Clause.SUBJECT, Clause.PUBSTATUS}


@pytest.mark.parametrize("direction", Direction)
def test_a_language_that_the_flow_does_not_carry(direction: Direction) -> None:
    flow = replace(IN, direction=direction, languages=("vi", "ru"))
    clearance = clear(subject(language="en-GB"), flow, vna(TRC), NOW)
    assert refused(clearance) == {Clause.LANGUAGE}
    assert verdict(clearance, Clause.LANGUAGE).reason == "trc-en carries vi, ru, not en-GB"
    assert clearance.stamp is None
    assert clear(subject(language="en-GB"), replace(flow, languages=("vi", "en")), vna(TRC), NOW).allowed
    assert refused(clear(subject(), replace(flow, languages=()), vna(TRC), NOW)) == {Clause.LANGUAGE}


def test_of_its_subjects_those_that_are_granted_are_told() -> None:
    clearance = clear(subject(topics=(SPORT, ECONOMY)), IN, vna(granting(worlds.grant(topics=(ECONOMY,)))), NOW)
    assert verdict(clearance, Clause.SUBJECT).reason == f"{ECONOMY} is granted"


def test_the_first_grant_that_covers_it_is_stamped() -> None:
    grants = (
        worlds.grant(clause="pictures", types=(ContentType.PICTURE,)),
        worlds.grant(clause="own", terms=worlds.terms(onward=OnwardUse.OWN_USE)),
        worlds.grant(clause="free", terms=worlds.terms(alteration=Alteration.FREE)),
    )
    clearance = clear(subject(), IN, vna(granting(*grants)), NOW)
    assert clearance.stamp is not None
    assert (clearance.stamp.clause, clearance.stamp.terms) == ("own", worlds.terms(onward=OnwardUse.OWN_USE))


def test_two_grants_that_each_cover_a_part_cover_nothing_together() -> None:
    grants = (worlds.grant(clause="a", languages=("ru",)), worlds.grant(clause="b", topics=(SPORT,)))
    clearance = clear(subject(), IN, vna(granting(*grants)), NOW)
    assert refused(clearance) == {Clause.LANGUAGE}
    assert verdict(clearance, Clause.LANGUAGE).source == "vna-trc-2025 v1, a"


def test_renditions_of_other_types_stay_behind() -> None:
    inside = (ContentType.VIDEO, ContentType.PICTURE, ContentType.AUDIO, ContentType.VIDEO)
    clearance = clear(subject(types_inside=inside), IN, vna(TRC), NOW)
    assert clearance.allowed
    assert clearance.left_out == (ContentType.VIDEO, ContentType.AUDIO)


EXCLUDING = replace(FRAME, grants=(worlds.grant(clause="7", topics_out=(SPORT,)),))


@pytest.mark.parametrize(
    ("other", "denied"),
    [
        pytest.param(kept(EXCLUDING), True, id="the frame excludes it"),
        pytest.param(kept(replace(FRAME, grants=(worlds.grant(clause="7", topics_out=("*",)),))), True, id="the frame excludes everything"),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(clause="6"), worlds.grant(clause="7", topics_out=(SPORT,), types=(), languages=())))),
            True,
            id="a second grant of the frame excludes it, whatever else that covers",
        ),
        pytest.param(kept(replace(FRAME, grants=(out(topics_out=(SPORT,)),))), False, id="excluded in the other direction"),
        pytest.param(kept(replace(FRAME, grants=(worlds.grant(topics_out=(POLITICS,)),))), False, id="another subject is excluded"),
        pytest.param(
            kept(replace(FRAME, parties=("vna", "azertac"), grants=(worlds.grant(topics_out=(SPORT,)),))),
            False,
            id="an agreement of another partner",
        ),
        pytest.param(
            kept(replace(FRAME, signed_on=None, grants=(worlds.grant(topics_out=(SPORT,)),))), False, id="excluded in a draft only"
        ),
        pytest.param(
            kept(
                replace(
                    FRAME,
                    grants=(worlds.grant(clause="7", topics_out=(SPORT,)),),
                    term=replace(FRAME.term, until=days("2026-11-23"), grace_days=9),
                )
            ),
            True,
            id="excluded by an agreement in grace",
        ),
        pytest.param(
            kept(replace(FRAME, grants=(worlds.grant(topics_out=(SPORT,)),)), act("suspend", "2026-01-01")),
            False,
            id="excluded by an agreement that is suspended",
        ),
    ],
)
def test_a_denial_in_any_agreement_in_force_beats_the_grant(other: Dossier, denied: bool) -> None:
    """Z19: the documented combination of two agreements."""
    clearance = clear(subject(topics=(ECONOMY, SPORT)), IN, vna(TRC, other), NOW)
    assert clearance.allowed is not denied
    assert (clearance.stamp is None) is denied
    if denied:
        assert refused(clearance) == {Clause.SUBJECT}
        assert verdict(clearance, Clause.SUBJECT).source == "oana v1, 7"


def test_a_denial_in_what_has_been_succeeded_counts_no_more() -> None:
    frame = replace(FRAME, reference="oana-1995", grants=(worlds.grant(topics_out=(SPORT,)),))
    sport = subject(topics=(SPORT,))
    assert not clear(sport, IN, vna(TRC, frame), NOW).allowed
    assert clear(sport, IN, vna(TRC, frame, replace(FRAME, succeeds="oana-1995")), NOW).allowed


def test_another_grant_of_the_same_agreement_denies_too() -> None:
    grants = (worlds.grant(clause="2.1"), worlds.grant(clause="2.3", types=(ContentType.VIDEO,), topics_out=(SPORT,)))
    clearance = clear(subject(topics=(SPORT,)), IN, vna(granting(*grants)), NOW)
    assert verdict(clearance, Clause.SUBJECT).source == "vna-trc-2025 v1, 2.3"
    assert not clearance.allowed


@pytest.mark.parametrize(
    ("flow", "status", "allowed", "reason"),
    [
        pytest.param(IN, Pubstatus.USABLE, True, "it is usable", id="usable comes in"),
        pytest.param(IN, Pubstatus.WITHHELD, True, "it is withheld: it comes in, held", id="withheld comes in, held"),
        pytest.param(IN, Pubstatus.CANCELED, False, "a kill carries no content: it is carried out, not let in", id="a kill is not let in"),
        pytest.param(OUT, Pubstatus.USABLE, True, "it is usable", id="usable goes out"),
        pytest.param(OUT, Pubstatus.WITHHELD, False, "it is withheld", id="withheld does not go out"),
        pytest.param(OUT, Pubstatus.CANCELED, False, "it is killed", id="what is killed does not go out"),
    ],
)
def test_pubstatus(flow: Flow, status: Pubstatus, allowed: bool, reason: str) -> None:
    clearance = clear(subject(pubstatus=status), flow, vna(TRC), NOW)
    assert (clearance.allowed, verdict(clearance, Clause.PUBSTATUS).reason) == (allowed, reason)
    assert refused(clearance) == (set() if allowed else {Clause.PUBSTATUS})
    assert not clearance.waits_only_for_embargo


NAIVE = datetime(2026, 11, 24, 8)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        pytest.param(subject(), NAIVE, id="the moment asked about"),
        pytest.param(subject(embargo_until=NAIVE), NOW, id="the embargo"),
        pytest.param(subject(sources=(from_trc(at=NAIVE),)), NOW, id="a stamp"),
    ],
)
@pytest.mark.parametrize("register", [pytest.param(BOTH, id="under an agreement"), pytest.param(vna(), id="under none")])
def test_a_moment_without_a_zone_is_not_judged(asked: Subject, at: datetime, register: Register) -> None:
    """T04"""
    with pytest.raises(ValueError, match="without a zone"):
        clear(asked, IN, register, at)
