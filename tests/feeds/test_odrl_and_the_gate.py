"""The policy of a grant, read alone, lets nobody do what the gate refuses, and lets them do what it allows, by the independent model."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syndication.agreements.bounds import bounds
from syndication.feeds import odrl
from syndication.model.agreement import Act, ActKind, Agreement, ContentType, Dossier, OnwardUse, Register, Terms, Unreadable
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.rights import Rights
from syndication.model.story import Content, Pubstatus, StoryAct, StoryVersion
from tests import oracle
from tests.feeds.odrl_rules import Asked, Piece, faults, may
from tests.feeds.test_odrl import QUESTIONS, SUBSCRIBERS, allowed
from tests.publish import strategies
from tests.publish.strategies import AGENCY, ECONOMY, MIDDLE, OWN_SPORT, POLITICS, SPORT
from tests.worlds import agreement, grant, term, terms

AUTHORITY = "tag:vna.example,2025"
B = f"{AUTHORITY}:party:b"


def policies(register: Register, reference: str, version: int) -> list[Any]:
    """The policies of that version with `a`, as a reader of JSON sees them."""
    (agreed,) = (one for dossier in register.dossiers for one in dossier.versions if (one.reference, one.version) == (reference, version))
    exported = json.loads(odrl.written(odrl.of_agreement(agreed, register.agency, AUTHORITY, bounds(register, agreed))))
    return [one for one in exported if f"{AUTHORITY}:party:a" in (one["assigner"], one["assignee"])]


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """An agreement with `a`, amended now and then, with a frame beside it or one that succeeds it, and what was done to it."""
    first = strategies.agreement(draw, "a-1", (AGENCY, "a"))
    versions = (first, strategies.amended(draw, first)) if draw(st.booleans()) else (first,)
    kinds = st.sampled_from([ActKind.SUSPEND, ActKind.RESUME, ActKind.NOTICE, ActKind.TERMINATE])
    some = draw(st.lists(st.tuples(kinds, st.integers(-20, 20)), max_size=3))
    acts = tuple(Act(kind, MIDDLE + timedelta(days=day), "agreed") for kind, day in sorted(some, key=lambda one: one[1]))
    dossiers = [Dossier(versions, acts)]
    if draw(st.booleans()):
        dossiers.append(Dossier((strategies.agreement(draw, "frame", (AGENCY, "a", "b")),)))
    if draw(strategies.once_in(3)):
        dossiers.append(Dossier((strategies.agreement(draw, "a-2", (AGENCY, "a"), succeeds="a-1"),)))
    return Register(AGENCY, tuple(dossiers))


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    topics = draw(st.sampled_from([(ECONOMY,), (SPORT,), (ECONOMY, SPORT), (POLITICS,), (), (OWN_SPORT,), ("medtop:20000822",)]))
    return Piece(draw(st.sampled_from(["text", "picture"])), draw(st.sampled_from(["en-GB", "en", "fr"])), topics, strategies.moment(draw))


def judged(register: Register, piece: Piece, direction: Direction) -> oracle.Answer:
    """What the model's gate says of the piece, on a flow with `a` that carries every language, when it is received."""
    world = oracle.World(AGENCY, {one.reference: one for one in register.dossiers})
    flow = Flow("a", "a", direction, "a-1", "a", ("*",), state=FlowState.OPEN)
    content = Content("Rail", "", piece.language, type=ContentType(piece.type), topics=piece.topics)
    version = StoryVersion("s", 1, content, Pubstatus.USABLE, StoryAct.WRITE, piece.received, "mai")
    return oracle.clear(world, version, Pubstatus.USABLE, flow, piece.received)


def rights(agreed: Terms) -> Rights:
    return Rights(agreed.onward, agreed.alteration, agreed.onward_partners, archive=agreed.archive)


@given(registers(), pieces(), st.sampled_from(list(Direction)), st.sampled_from(QUESTIONS), st.booleans(), st.integers(0, 12))
@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
def test_no_policy_says_more_than_the_gate_allows_nor_less(
    register: Register, piece: Piece, direction: Direction, action: str, to_b: bool, days: int
) -> None:
    asked = Asked(action, piece.received + timedelta(days=days), to=(B,) if to_b else (SUBSCRIBERS,), since=timedelta(days=days))
    answer, giver = judged(register, piece, direction), AGENCY if direction is Direction.OUTBOUND else "a"
    for version in register.dossiers[0].versions:
        for one in policies(register, "a-1", version.version):
            assert faults(one) == []
            if one["assigner"] != f"{AUTHORITY}:party:{giver}" or one["@type"] == "Offer":
                continue
            stamp = answer.stamp if answer.allowed else None
            here = stamp is not None and (stamp.agreement, stamp.version, stamp.clause) == ("a-1", version.version, one["syn:clause"])
            expected = here and stamp is not None and _may(register, stamp.terms, piece, direction, asked)
            found = may(one, asked, piece)
            assert expected or not found
            # What a frame denies for some of the days is denied for all of them.
            assert found or not expected or register.dossier("frame") is not None


def _may(register: Register, agreed: Terms, piece: Piece, direction: Direction, asked: Asked) -> bool:
    """What the terms of the Stamp let do, while some agreement between the two goes on, and where nothing says 'own use only'."""
    world = oracle.World(AGENCY, {one.reference: one for one in register.dossiers})
    if agreed.use_days is not None and asked.since >= timedelta(days=agreed.use_days):
        return False
    if not agreed.archive and not any(oracle.in_force(world, "a-1", at) for at in _from(asked.at)):
        return False
    if asked.action == "distribute" and _own_use(world, piece, direction):
        return False
    return allowed(rights(agreed), None, replace(asked, to=tuple(_renamed(asked.to, agreed))))


def _from(at: datetime) -> Iterator[datetime]:
    """Of an agreement that is suspended, the reader cannot know when; of one that is over, that it is."""
    return (at + timedelta(days=day) for day in range(120))


def _renamed(to: tuple[str, ...], agreed: Terms) -> Iterator[str]:
    """`allowed` knows other partners by name."""
    for one in to:
        yield one if one != B or agreed.onward is not OnwardUse.NAMED_PARTNERS or "b" not in agreed.onward_partners else SUBSCRIBERS


def _own_use(world: oracle.World, piece: Piece, direction: Direction) -> bool:
    content = Content("Rail", "", piece.language, type=ContentType(piece.type), topics=piece.topics)
    version = StoryVersion("s", 1, content, Pubstatus.USABLE, StoryAct.WRITE, piece.received, "mai")
    return any(
        one.terms.onward is OnwardUse.OWN_USE and oracle._covers(replace(one, topics_out=()), version)
        for agreed in _beside(world, piece.received)
        for one in agreed.grants
        if one.direction is direction
    )


def _beside(world: oracle.World, at: datetime) -> list[Agreement]:
    return oracle._current(world, "a", at)


def utc(year: int, month: int, day: int) -> datetime:
    """Midnight."""
    return datetime(year, month, day, tzinfo=UTC)


def out(clause: str, **changes: Any) -> Any:
    return grant(clause=clause, direction=Direction.OUTBOUND, **changes)


def with_a(*grants: Any, **changes: Any) -> Agreement:
    """With `a`, from the first of March."""
    plain = agreement(reference="a-1", since=date(2026, 3, 1), signed_on=date(2026, 3, 1), parties=(AGENCY, "a"), grants=grants)
    return replace(plain, term=term(effective=date(2026, 3, 1), zone="UTC"), **changes)


FRAME = replace(with_a(out("7", topics_out=(SPORT,))), reference="frame")
SUSPENDED = (Act(ActKind.SUSPEND, date(2026, 3, 10), "late"), Act(ActKind.RESUME, date(2026, 3, 12), "mended"))
JOINED = (Act(ActKind.JOIN, date(2026, 3, 10), "agreed", party="a"),)
ENDED = (Act(ActKind.TERMINATE, date(2026, 3, 10), "agreed"),)
ABOUT_SPORT = Piece("text", "en", (SPORT,), utc(2026, 3, 11))
NOT_TOP = replace(ABOUT_SPORT, topics=("medtop:20000822",))


def nothing(*_: Any) -> list[Any]:
    return []


@pytest.mark.parametrize(
    ("register", "piece", "action", "expected", "without"),
    [
        pytest.param((with_a(out("1")),), ABOUT_SPORT, "print", [True], None, id="granted"),
        pytest.param(
            (with_a(out("1"), out("2", types=(ContentType.PICTURE,), topics_out=(SPORT,))),),
            ABOUT_SPORT,
            "print",
            [False, False],
            "_unless",
            id="a grant of pictures excludes sport: of texts too",
        ),
        pytest.param((with_a(out("1")), FRAME), ABOUT_SPORT, "print", [False], "_unless", id="a frame beside it excludes sport"),
        pytest.param(
            (with_a(out("1", topics_out=(SPORT,))),), NOT_TOP, "print", [False], "_unless", id="it cannot be told to be outside of sport"
        ),
        pytest.param((with_a(out("1", topics_out=("*",))),), NOT_TOP, "print", [False], None, id="everything is excluded"),
        pytest.param(
            (with_a(out("1", topics=(SPORT,)), out("2", terms=terms(onward=OnwardUse.ANYONE))),),
            ABOUT_SPORT,
            "distribute",
            [False, False],
            "_outside",
            id="it moves under the first, which is narrower",
        ),
        pytest.param(
            (with_a(out("1", topics=(SPORT,)), out("2", terms=terms(onward=OnwardUse.ANYONE))),),
            replace(ABOUT_SPORT, topics=(ECONOMY,)),
            "distribute",
            [False, True],
            None,
            id="what the first does not name moves under the second",
        ),
        pytest.param(
            (with_a(out("1", terms=terms(onward=OnwardUse.ANYONE)), out("2", topics=(SPORT,), terms=terms(onward=OnwardUse.OWN_USE))),),
            ABOUT_SPORT,
            "distribute",
            [False, False],
            "_outside",
            id="a later one says: own use only",
        ),
        pytest.param(
            (Dossier((with_a(out("1", terms=terms(archive=True))),), ENDED),),
            ABOUT_SPORT,
            "print",
            [False],
            "_received",
            id="ended the day before",
        ),
        pytest.param(
            (Dossier((with_a(out("1")),), ENDED),),
            replace(ABOUT_SPORT, received=utc(2026, 3, 9)),
            "print",
            [True],
            None,
            id="received before the end, and used before it",
        ),
        pytest.param((Dossier((with_a(out("1")),), SUSPENDED),), ABOUT_SPORT, "print", [False], "_received", id="while it was suspended"),
        pytest.param(
            (Dossier((with_a(out("1")),), SUSPENDED),), replace(ABOUT_SPORT, received=utc(2026, 3, 12)), "print", [True], None, id="resumed"
        ),
        pytest.param(
            (Dossier((with_a(out("1"), parties=(AGENCY, "b")),), JOINED),), ABOUT_SPORT, "print", [True], None, id="joined the day before"
        ),
        pytest.param(
            (Dossier((with_a(out("1"), parties=(AGENCY, "b")),), JOINED),),
            replace(ABOUT_SPORT, received=utc(2026, 3, 9)),
            "print",
            [False],
            "_received",
            id="before it joined",
        ),
        pytest.param(
            (with_a(out("1")),), replace(ABOUT_SPORT, received=utc(2026, 2, 28)), "print", [False], "_received", id="before its first day"
        ),
    ],
)
def test_what_a_policy_lets_do(
    register: Any, piece: Piece, action: str, expected: list[bool], without: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`without`: what narrows it; the control: without it, the policy says more."""
    known = Register(AGENCY, tuple(one if isinstance(one, Dossier) else Dossier((one,)) for one in register))
    asked = Asked(action, piece.received)
    assert [may(one, asked, piece) for one in policies(known, "a-1", 1)] == expected
    if without is not None:
        monkeypatch.setattr(odrl, without, nothing)
        assert [may(one, asked, piece) for one in policies(known, "a-1", 1)] != expected


def test_use_ends_with_the_last_of_the_agreements_that_came_after_it() -> None:
    """Where nothing may stay in use; and while one that succeeds it goes on, so does the use."""
    after = replace(with_a(out("1")), reference="a-2", succeeds="a-1", since=date(2026, 3, 9))
    after = replace(after, term=term(effective=date(2026, 3, 9), until=date(2026, 4, 8), zone="UTC"))
    old = Dossier((with_a(out("1"), out("2", topics=(SPORT,), terms=terms(archive=True))),))
    early = Piece("text", "en", (SPORT,), utc(2026, 3, 2))

    def ends(register: Register) -> list[str | None]:
        limits = [one["permission"][0].get("constraint", []) for one in policies(register, "a-1", 1)]
        said = [[limit["rightOperand"]["@value"] for limit in some if limit["leftOperand"] == "dateTime"] for some in limits]
        return [values[0] if values else None for values in said]

    assert ends(Register(AGENCY, (old, Dossier((after,))))) == ["2026-04-09T00:00:00Z", None]
    assert ends(Register(AGENCY, (replace(old, acts=ENDED),))) == ["2026-03-10T00:00:00Z", None]
    assert ends(Register(AGENCY, (old,))) == [None, None]
    assert may(policies(Register(AGENCY, (old, Dossier((after,)))), "a-1", 1)[0], Asked("print", utc(2026, 4, 8)), early)


def test_a_draft_is_read_as_though_it_were_signed_and_alone() -> None:
    (one,) = policies(Register(AGENCY, (Dossier((with_a(out("1"), signed_on=None),)), Dossier((FRAME,)))), "a-1", 1)
    assert one["@type"] == "Offer"
    assert may(one, Asked("print", utc(2026, 3, 11)), ABOUT_SPORT)
    assert not may(one, Asked("print", utc(2026, 3, 11)), replace(ABOUT_SPORT, received=utc(2026, 2, 28)))


def test_nothing_is_let_under_an_agreement_that_never_moves_anything() -> None:
    """One that has left; one beside which something cannot be read."""
    lost = Unreadable("frame", "damaged", None, None)
    (one,) = policies(Register(AGENCY, (Dossier((with_a(out("1")),)),), unreadable=(lost,)), "a-1", 1)
    assert one["prohibition"] == [{"action": "use"}]
