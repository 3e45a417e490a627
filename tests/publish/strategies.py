"""Random exchanges: agreements that begin, end, are suspended and succeeded; stories that live under them; moments to look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from syndication.model.agreement import (
    Act,
    ActKind,
    Agreement,
    Alteration,
    ContentType,
    EmbargoHandling,
    Grant,
    Measure,
    Obligation,
    OnwardUse,
    Period,
    ReviewTerm,
    Stamp,
    Term,
    Terms,
)
from syndication.model.partner import Category, Direction, Flow, FlowState, Partner
from syndication.model.story import Content, Pubstatus, Rendition, StoryAct, StoryVersion

AGENCY = "vna"
MIDDLE = date(2026, 3, 8)
"""Clocks change in St John's on this day."""
ZONES = ("UTC", "Asia/Ho_Chi_Minh", "America/St_Johns")
SPORT, ECONOMY, POLITICS = "medtop:15000000", "medtop:04000000", "medtop:11000000"
PARTNERS = (
    Partner("a", "Agency A", "KZ", categories=(Category("Экономика", (ECONOMY,)), Category("Спорт", (SPORT,)), Category("Кино", ()))),
    Partner("b", "Agency B", "AZ", categories=(Category("İqtisadiyyat", (ECONOMY,)), Category("İdman", (SPORT, "medtop:20000822")))),
    Partner("c", "Agency C", "BG"),
)
NAMES = ("a", "b")
"""Those with an agreement of their own; `c` is a party of the frame alone."""
OWN_SPORT = "a:спорт"
"""What `a` calls it, as a grant names it."""
INSTANT = timedelta(microseconds=1)

T = TypeVar("T")
Draw = st.DrawFn


@dataclass(frozen=True)
class Sign:
    """An agreement, or an amendment, comes into the register."""

    at: datetime
    agreement: Agreement


@dataclass(frozen=True)
class Record:
    """Something is done to an agreement."""

    at: datetime
    reference: str
    act: Act


@dataclass(frozen=True)
class Take:
    """The flows are now these."""

    at: datetime
    flows: tuple[Flow, ...]


@dataclass(frozen=True)
class Make:
    """A story has a new version, which is released."""

    at: datetime
    version: StoryVersion


@dataclass(frozen=True)
class Look:
    """A flow is read as of `at`, with what the database holds when it is this step's turn."""

    at: datetime
    flow: str


Step = Sign | Record | Take | Make | Look


def mostly(usual: T, *others: T) -> st.SearchStrategy[T]:
    """The usual value five times in six: many things have to be as usual for a story to be shown."""
    return st.sampled_from([usual] * (5 * len(others)) + list(others))


def once_in(times: int) -> st.SearchStrategy[bool]:
    """True as often as that."""
    return st.sampled_from([False] * (times - 1) + [True])


def moment(draw: Draw, first: int = -30, last: int = 40) -> datetime:
    """A moment of interest: midnights in three zones, the instants beside them, and the hours between."""
    day = MIDDLE + timedelta(days=draw(st.integers(first, last)))
    midnight = datetime.combine(day, time.min, tzinfo=ZoneInfo(draw(st.sampled_from(ZONES)))).astimezone(UTC)
    return midnight + draw(st.sampled_from([timedelta(0), -INSTANT, INSTANT, timedelta(hours=11)]))


def days(draw: Draw, first: int, last: int) -> date:
    """A day, counted from the middle."""
    return MIDDLE + timedelta(days=draw(st.integers(first, last)))


def terms(draw: Draw, direction: Direction) -> Terms:
    """What follows the content."""
    usual = OnwardUse.ANYONE if direction is Direction.INBOUND else OnwardUse.OWN_SUBSCRIBERS
    onward = draw(mostly(usual, OnwardUse.NAMED_PARTNERS, OnwardUse.OWN_USE, OnwardUse.OWN_SUBSCRIBERS))
    named = draw(st.sampled_from([("a",), ("b",), ("a", "b"), ("b", "c")])) if onward is OnwardUse.NAMED_PARTNERS else ()
    return Terms(
        onward=onward,
        alteration=draw(st.sampled_from(list(Alteration))),
        onward_partners=named,
        credit_line=draw(st.sampled_from([None, "{partner}"])),
        embargo=draw(st.sampled_from(list(EmbargoHandling))),
        use_days=draw(st.sampled_from([None, None, None, 1, 10])),
        archive=draw(st.booleans()),
        review=draw(st.sampled_from(list(ReviewTerm))),
    )


def grant(draw: Draw, clause: str) -> Grant:
    """Mostly a wide one; the first is outbound, the second inbound."""
    direction = {"1": Direction.OUTBOUND, "2": Direction.INBOUND}.get(clause) or draw(st.sampled_from(list(Direction)))
    return Grant(
        clause=clause,
        direction=direction,
        types=draw(mostly((ContentType.TEXT, ContentType.PICTURE), (ContentType.TEXT,), (ContentType.PICTURE,))),
        languages=draw(mostly(("*",), ("en",), ("en-GB", "fr"), ("FR",))),
        topics=draw(mostly(("*",), (ECONOMY,), (ECONOMY, SPORT), (OWN_SPORT,))),
        topics_out=draw(st.sampled_from([(), (), (), (SPORT,), (POLITICS,), (OWN_SPORT,)])),
        terms=terms(draw, direction),
    )


def term(draw: Draw) -> Term:
    """Mostly in force in the middle, often ending within the days looked at."""
    effective = days(draw, -20, 15) if draw(once_in(5)) else days(draw, -70, -25)
    if draw(st.sampled_from([True, True, False])):
        return Term(effective, zone=draw(st.sampled_from(ZONES)))
    until = max(effective, days(draw, -40, 30))
    renewal = draw(st.sampled_from([None, 1, 2]))
    return Term(
        effective=effective,
        until=until,
        zone=draw(st.sampled_from(ZONES)),
        renewal_months=renewal,
        notice_days=draw(st.sampled_from([0, 5, 40])) if renewal else 0,
        grace_days=draw(st.sampled_from([0, 3, 10])),
    )


def agreement(draw: Draw, reference: str, parties: tuple[str, ...], succeeds: str | None = None) -> Agreement:
    """The first version of one; mostly signed in time."""
    lasting = term(draw)
    signed = draw(mostly(lasting.effective, lasting.effective + timedelta(days=4), None))
    numbers = range(1, draw(st.integers(1, 3)) + 1)
    return Agreement(
        reference=reference,
        version=1,
        since=lasting.effective,
        title=reference,
        parties=parties,
        term=lasting,
        grants=tuple(grant(draw, str(number)) for number in numbers),
        signed_on=signed,
        succeeds=succeeds,
        obligations=obligations(draw),
    )


def obligations(draw: Draw) -> tuple[Obligation, ...]:
    """Mostly none; else a ceiling or two, low enough to be reached, and a duty that is none."""
    return tuple(
        Obligation(
            clause=f"q{number}",
            by=draw(st.sampled_from(list(Direction))),
            what="so many a period",
            at_least=draw(st.sampled_from([None, 1])),
            at_most=draw(mostly(1, 0, 2, None)),
            period=draw(st.sampled_from([*Period, None])),
            measure=draw(st.sampled_from(list(Measure))),
            types=draw(mostly((), (ContentType.TEXT,), (ContentType.PICTURE,))),
            languages=draw(mostly((), ("en",), ("FR",))),
        )
        for number in range(draw(st.sampled_from([0, 0, 0, 1, 2, 3])))
    )


def amended(draw: Draw, before: Agreement) -> Agreement:
    """The next version: other grants, sometimes another term."""
    since = max(before.since + timedelta(days=1), days(draw, -20, 20))
    lasting = draw(st.sampled_from([before.term, None])) or replace(before.term, zone=draw(st.sampled_from(ZONES)), grace_days=7)
    if lasting.until is None:
        lasting = replace(lasting, grace_days=0)
    grants = (grant(draw, "1"), grant(draw, "2"))
    return replace(before, version=before.version + 1, since=since, term=lasting, grants=grants, obligations=obligations(draw))


def acts(draw: Draw, most: int, done: Sequence[Act] = ()) -> tuple[Act, ...]:
    """What may be done after what was done: days in order, resumed only when suspended, nothing after the end."""
    added: list[Act] = []
    for _ in range(draw(st.sampled_from([0] * 5 + list(range(1, most + 1))))):
        before = [*done, *added]
        kinds = [ActKind.RESUME if _suspended(before) else ActKind.SUSPEND] * 2 + [ActKind.NOTICE, ActKind.TERMINATE]
        if any(act.kind is ActKind.TERMINATE for act in before):
            break
        on = max([days(draw, -40, 30), *(act.on for act in before)])
        added.append(Act(draw(st.sampled_from(kinds)), on, "agreed"))
    return tuple(added)


def _suspended(done: Sequence[Act]) -> bool:
    kinds = [act.kind for act in done if act.kind in (ActKind.SUSPEND, ActKind.RESUME)]
    return bool(kinds) and kinds[-1] is ActKind.SUSPEND


def content(draw: Draw) -> Content:
    """A short one; what matters to the gate differs."""
    pictures = draw(st.sampled_from([(), (Rendition("https://a.example/1.jpg", "image/jpeg", ContentType.PICTURE),)]))
    return Content(
        headline="A headline",
        body="<p>Words.</p>",
        language=draw(st.sampled_from(["en-GB", "en", "fr", "kk"])),
        type=draw(mostly(ContentType.TEXT, ContentType.PICTURE, ContentType.VIDEO)),
        topics=draw(mostly((ECONOMY,), (SPORT,), (ECONOMY, SPORT), (POLITICS,), ())),
        renditions=pictures,
        credit_line=draw(mostly("Agency A", None, "")),
        embargo_until=moment(draw, -15, 25) if draw(once_in(3)) else None,
    )


def source(draw: Draw, agreements: Sequence[Agreement], at: datetime) -> Stamp:
    """The stamp of an item that came in: from a party of some agreement, some days before."""
    under = draw(st.sampled_from(list(agreements)))
    # What came from `a` may go on to `b`: mostly so, that other clauses than 'it came from this partner' decide, too.
    partner = draw(mostly(under.parties[1], under.parties[-1]))
    came = at - timedelta(days=draw(st.sampled_from([0, 1, 9, 10])))
    stamp = Stamp(under.reference, under.version, "1", Direction.INBOUND, partner, f"from-{partner}", terms(draw, Direction.INBOUND), came)
    return replace(stamp, origins=draw(mostly((), ("c",), ("b", "c"))))


def story(draw: Draw, name: str, agreements: Sequence[Agreement]) -> list[Make]:
    """The life of one story: written or accepted, then corrected, held, let go again, killed."""
    at = moment(draw, -20, 10)
    sources = tuple(source(draw, agreements, at) for _ in range(draw(st.sampled_from([0, 1, 1, 2]))))
    first = draw(mostly(Pubstatus.USABLE, Pubstatus.WITHHELD))
    version = StoryVersion(name, 1, content(draw), first, StoryAct.ACCEPT if sources else StoryAct.WRITE, at, "mai", None, sources)
    life = [Make(at, version)]
    for number in range(2, draw(st.integers(1, 4)) + 1):
        at = max(life[-1].at + timedelta(seconds=1), moment(draw, -15, 30))
        act = draw(
            st.sampled_from([StoryAct.CORRECT, StoryAct.KILL, StoryAct.LIFT if version.pubstatus is Pubstatus.WITHHELD else StoryAct.HOLD])
        )
        version = replace(version, number=number, act=act, made_at=at, pubstatus=_status(act, version.pubstatus))
        if act is StoryAct.CORRECT:
            version = replace(version, content=content(draw))
        life.append(Make(at, version))
        if act is StoryAct.KILL:
            break
    return life


def _status(act: StoryAct, before: Pubstatus) -> Pubstatus:
    return {StoryAct.KILL: Pubstatus.CANCELED, StoryAct.HOLD: Pubstatus.WITHHELD, StoryAct.LIFT: Pubstatus.USABLE}.get(act, before)


@st.composite
def exchanges(draw: Draw) -> tuple[Step, ...]:
    """The steps of an exchange, in the order of time; the looks among them may be at any moment, before or after."""
    agreements = [agreement(draw, f"{name}-1", (AGENCY, name)) for name in NAMES]
    for name in NAMES:
        if draw(once_in(3)):
            agreements.append(agreement(draw, f"{name}-2", (AGENCY, name), succeeds=f"{name}-1"))
    if draw(st.booleans()):
        agreements.append(agreement(draw, "frame", (AGENCY, *NAMES, "c")))
    beginning = datetime(2025, 1, 1, tzinfo=UTC)
    flows = _flows(draw, agreements)
    steps: list[Step] = [*(Sign(beginning, one) for one in agreements), Take(beginning, flows)]
    for one in agreements:
        done = acts(draw, 2)
        steps += [Record(beginning, one.reference, act) for act in done]
        if draw(once_in(4)):
            steps.append(Sign(moment(draw), amended(draw, one)))
        steps += [Record(moment(draw), one.reference, act) for act in acts(draw, 1, done)]
    if draw(once_in(5)):
        steps.append(Take(moment(draw, -10, 20), _flows(draw, agreements)))
    for number in range(draw(st.integers(2, 4))):
        steps += story(draw, f"s{number}", agreements)
    steps.sort(key=lambda step: step.at)
    return tuple(_with_looks(draw, steps, [flow.id for flow in flows]))


def _flows(draw: Draw, agreements: Sequence[Agreement]) -> tuple[Flow, ...]:
    """One to each partner, under its own agreement or another, mostly open; now and then a second one."""
    flows: list[Flow] = []
    for name in (*NAMES, *(["a"] if draw(st.booleans()) else [])):
        under = draw(mostly(f"{name}-1", *(one.reference for one in agreements)))
        languages = draw(mostly(("en", "fr"), ("en-GB",), ("fr", "kk"), ("EN",)))
        state = draw(mostly(FlowState.OPEN, FlowState.PAUSED))
        identity = f"to-{name}" if f"to-{name}" not in {flow.id for flow in flows} else f"to-{name}-too"
        flows.append(Flow(identity, name, Direction.OUTBOUND, under, identity, languages, state))
    return tuple(flows)


def _with_looks(draw: Draw, steps: Sequence[Step], flows: Sequence[str]) -> list[Step]:
    looking: list[Step] = []
    for step in steps:
        looking.append(step)
        if isinstance(step, Make):
            # At once, and at the moment its embargo lifts and just before: where the edges are.
            edge = step.version.content.embargo_until
            edges = [step.at, *((edge, edge - INSTANT) if edge else ())]
            looking.append(Look(draw(st.sampled_from(edges)), draw(st.sampled_from(list(flows)))))
    looking += [Look(moment(draw, -10, 40), draw(st.sampled_from(list(flows)))) for _ in range(6)]
    return looking
