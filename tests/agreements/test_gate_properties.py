"""What holds for every agreement, story, flow and moment: the gate says what an independent model says, and no prohibition widens it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from syndication.agreements.calendar import state
from syndication.model.agreement import (
    Act,
    ActKind,
    Agreement,
    AgreementState,
    Alteration,
    ContentType,
    Dossier,
    EmbargoHandling,
    Grant,
    OnwardUse,
    Register,
    Stamp,
    Term,
    Terms,
)
from syndication.model.clearance import Clause, Subject
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.story import Pubstatus
from tests import worlds
from tests.agreements.builders import ECONOMY, NOW, SPORT, clear

PARTNERS = ("trc", "azertac", "bta")
TOPICS = st.lists(st.sampled_from([ECONOMY, SPORT]), unique=True, max_size=2).map(tuple)
MOMENTS = st.integers(-40, 40).map(lambda hours: NOW + timedelta(hours=hours))
TYPES = st.sampled_from([ContentType.TEXT, ContentType.PICTURE])


def mostly(usual: object, *others: object) -> st.SearchStrategy[Any]:
    """The usual value three times out of four, so that a good part of what is asked is allowed."""
    return st.sampled_from([usual] * 3 * len(others) + list(others))


terms = st.builds(
    Terms,
    mostly(OnwardUse.ANYONE, *OnwardUse),
    st.just(Alteration.NONE),
    onward_partners=st.lists(st.sampled_from(PARTNERS), max_size=2).map(tuple),
    credit_line=st.sampled_from([None, None, "{partner}"]),
    embargo=mostly(EmbargoHandling.MARKED, EmbargoHandling.WITHHELD),
    use_days=mostly(None, 1, 2),
    archive=st.booleans(),
)
grants = st.builds(
    Grant,
    clause=st.sampled_from(["1", "2", "3"]),
    direction=st.sampled_from(Direction),
    types=mostly((ContentType.TEXT, ContentType.PICTURE), (ContentType.TEXT,), ()),
    languages=mostly(("*",), ("en",), ("en", "ru"), ("ru",), ()),
    topics=mostly(("*",), (ECONOMY,), (SPORT,), ()),
    topics_out=mostly((), (SPORT,)),
    terms=terms,
)
term = st.builds(
    Term,
    effective=mostly(date(2026, 11, 20), *(date(2026, 11, day) for day in range(23, 26))),
    until=mostly(None, *(date(2026, 11, day) for day in range(21, 28))),
    zone=st.sampled_from(["Asia/Ho_Chi_Minh", "America/New_York"]),
    renewal_months=st.sampled_from([None, 1]),
    notice_days=st.integers(0, 3),
    grace_days=st.integers(0, 2),
)
acts = mostly((), *((Act(kind, date(2026, 11, day), "by letter"),) for kind in ActKind for day in (23, 24)))


@st.composite
def dossiers(draw: st.DrawFn, reference: str, succeeds: str | None) -> Dossier:
    """An agreement that is mostly signed, and mostly among us and all the partners."""
    its = draw(term)
    agreement = worlds.agreement(
        reference=reference,
        since=its.effective,
        term=its,
        parties=draw(mostly(("vna", *PARTNERS), ("vna", "trc"), ("trc", "azertac"))),
        signed_on=draw(mostly(its.effective, None)),
        grants=draw(st.lists(grants, min_size=2, max_size=4).map(tuple)),
        succeeds=succeeds,
    )
    return Dossier((agreement,), draw(acts))


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """`a`, perhaps succeeded by `b`, and the frame `c`."""
    b = draw(dossiers("b", draw(mostly(None, "a"))))
    return Register("vna", (draw(dossiers("a", None)), b, draw(dossiers("c", None))))


stamps = st.builds(
    Stamp,
    agreement=st.sampled_from(["a", "b", "c"]),
    version=st.just(1),
    clause=st.just("1"),
    direction=st.just(Direction.INBOUND),
    partner=st.sampled_from(PARTNERS),
    flow=st.just("in"),
    terms=terms,
    at=MOMENTS.map(lambda at: at - timedelta(days=1)),
)
subjects = st.builds(
    Subject,
    TYPES,
    mostly("en", "en-GB", "ru", "eng"),
    TOPICS,
    mostly(Pubstatus.USABLE, *Pubstatus),
    embargo_until=st.none() | MOMENTS,
    credit_line=mostly("TRC", None),
    types_inside=st.lists(TYPES, max_size=2).map(tuple),
    sources=st.lists(stamps, max_size=2).map(tuple),
)
flows = st.builds(
    Flow,
    st.just("f"),
    st.sampled_from(PARTNERS),
    st.sampled_from(Direction),
    mostly("a", "b", "c", "none"),
    st.just("A flow"),
    mostly(("*",), ("en", "ru"), ("en",)),
    mostly(FlowState.OPEN, *FlowState),
)

# The model: written from what agreements say, by brute force, without a look at the gate. Only the calendar is shared.


def current(reference: str, register: Register, at: datetime) -> Agreement | None:
    """What of the chain is in force."""
    known = {dossier.reference: dossier for dossier in register.dossiers}
    if reference not in known:
        return None
    for dossier in register.dossiers:
        begun = state(dossier, at) not in (AgreementState.DRAFT, AgreementState.SIGNED)
        if dossier.versions[0].succeeds == reference and begun:
            return current(dossier.reference, register, at)
    moves = state(known[reference], at) in (AgreementState.IN_FORCE, AgreementState.GRACE)
    return known[reference].versions[0] if moves else None


def covers(grant: Grant, asked: Subject, way: Direction) -> bool:
    """Direction, type, language and topics."""
    parts = asked.language.split("-")
    spoken = any(one == "*" or parts[: len(one.split("-"))] == one.split("-") for one in grant.languages)
    told = "*" in grant.topics or bool(set(asked.topics) & set(grant.topics))
    return grant.direction is way and asked.type in grant.types and spoken and told and not keeps_out(grant, asked.topics)


def keeps_out(grant: Grant, topics: tuple[str, ...]) -> bool:
    """It excludes one of them; or a Media Topic, and they name none of the seventeen that all others stand under."""
    if "*" in grant.topics_out or set(topics) & set(grant.topics_out):
        return True
    shut_out = any(topic.startswith("medtop:") for topic in grant.topics_out)
    return shut_out and not {f"medtop:{number:02}000000" for number in range(1, 18)} & set(topics)


def may_move(asked: Subject, flow: Flow, register: Register, at: datetime) -> bool:
    """Whether it may, by the model."""
    agreement = current(flow.agreement, register, at)
    if agreement is None or not {"vna", flow.partner} <= set(agreement.parties):
        return False
    if flow.state is FlowState.CLOSED or (flow.state is FlowState.PAUSED and flow.direction is Direction.INBOUND):
        return False
    covering = [grant for grant in agreement.grants if covers(grant, asked, flow.direction)]
    carried = covers(replace(worlds.grant(), types=(asked.type,), languages=flow.languages), replace(asked, topics=()), Direction.INBOUND)
    if not covering or not carried:
        return False
    now = [one for one in (current(dossier.reference, register, at) for dossier in register.dossiers) if one]
    for one in now:
        for grant in one.grants:
            both = {"vna", flow.partner} <= set(one.parties)
            if both and grant.direction is flow.direction and keeps_out(grant, asked.topics):
                return False
    if flow.direction is Direction.INBOUND:
        return asked.pubstatus is not Pubstatus.CANCELED
    if asked.pubstatus is not Pubstatus.USABLE:
        return False
    if asked.embargo_until and asked.embargo_until > at:
        handling = {covering[0].terms.embargo, *(stamp.terms.embargo for stamp in asked.sources)}
        if handling != {EmbargoHandling.MARKED}:
            return False
    return all(may_go_on(stamp, asked, flow, register, now, at) for stamp in asked.sources)


def may_go_on(stamp: Stamp, asked: Subject, flow: Flow, register: Register, now: list[Agreement], at: datetime) -> bool:
    """Whether this source lets it, by the model."""
    said = stamp.terms
    if stamp.partner == flow.partner or said.onward in (OnwardUse.OWN_USE, OnwardUse.OWN_SUBSCRIBERS):
        return False
    if said.onward is OnwardUse.NAMED_PARTNERS and flow.partner not in said.onward_partners:
        return False
    own = [grant for one in now if {"vna", stamp.partner} <= set(one.parties) for grant in one.grants]
    # A denial is read by what it names, not by what it excludes.
    if any(covers(replace(grant, topics_out=()), asked, Direction.INBOUND) and grant.terms.onward is OnwardUse.OWN_USE for grant in own):
        return False
    if said.credit_line and not asked.credit_line:
        return False
    if said.use_days is not None and at >= stamp.at + timedelta(days=said.use_days):
        return False
    under = current(stamp.agreement, register, at)
    return said.archive or (under is not None and {"vna", stamp.partner} <= set(under.parties))


@settings(max_examples=500, deadline=None)
@given(subjects, flows, registers(), MOMENTS)
def test_the_gate_answers_as_the_model_does(asked: Subject, flow: Flow, register: Register, at: datetime) -> None:
    """Z02, for the gate alone."""
    clearance = clear(asked, flow, register, at)
    assert clearance.allowed is may_move(asked, flow, register, at)


@settings(deadline=None)
@given(subjects, flows, registers(), MOMENTS)
def test_every_answer_is_whole(asked: Subject, flow: Flow, register: Register, at: datetime) -> None:
    clearance = clear(asked, flow, register, at)
    assert [one.clause for one in clearance.verdicts] == list(Clause)
    assert all(one.reason and one.reason == one.reason.strip() for one in clearance.verdicts)
    assert clearance.allowed is (clearance.refusals == ())
    granted = {one.clause: one.allowed for one in clearance.verdicts}
    assert (clearance.stamp is not None) is (granted[Clause.TYPE] and granted[Clause.LANGUAGE] and granted[Clause.SUBJECT])
    assert set(clearance.left_out) <= set(asked.types_inside)
    assert clear(asked, flow, register, at) == clearance


@settings(max_examples=200, deadline=None)
@given(subjects, flows, registers(), MOMENTS, st.data())
def test_a_prohibition_never_lets_more_through(asked: Subject, flow: Flow, register: Register, at: datetime, data: st.DataObject) -> None:
    """Z19: an excluded subject, a narrower source or one source more, an end: whatever is refused stays refused."""
    if clear(asked, flow, register, at).allowed:
        return
    dossier = data.draw(st.sampled_from(register.dossiers))
    agreement = dossier.versions[0]
    place = data.draw(st.integers(0, len(agreement.grants) - 1))
    outside = (*agreement.grants[place].topics_out, data.draw(st.sampled_from([SPORT, ECONOMY, "*"])))
    narrower = tuple(replace(grant, topics_out=outside) if number == place else grant for number, grant in enumerate(agreement.grants))
    excluding = Dossier((replace(agreement, grants=narrower),), dossier.acts)
    changed = replace(register, dossiers=tuple(excluding if one is dossier else one for one in register.dossiers))
    assert not clear(asked, flow, changed, at).allowed
    more = replace(asked, sources=(*asked.sources, data.draw(stamps)))
    assert not clear(more, flow, register, at).allowed
    worse = replace(asked, pubstatus=Pubstatus.CANCELED)
    assert not clear(worse, flow, register, at).allowed
