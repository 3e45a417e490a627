"""An independent model of the gate, by brute force: it lives through calendars day by day, tries every grant, and forgets nothing.

Written from the rules as docs/write-an-agreement.md tells them, not from the program, of which it imports the nouns only.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from syndication.model.agreement import (
    EVERY,
    Act,
    ActKind,
    Agreement,
    AgreementState,
    ContentType,
    Dossier,
    EmbargoHandling,
    Grant,
    Measure,
    OnwardUse,
    Period,
    Stamp,
    Term,
    Terms,
)
from syndication.model.ledger import Movement
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus, StoryVersion

ONE_DAY = timedelta(days=1)
MOVING = (AgreementState.IN_FORCE, AgreementState.GRACE)


@dataclass(frozen=True)
class Answer:
    """May it move, and under which stamp; `waits`: only for its embargo. `left_out`: the types of renditions that stay behind."""

    allowed: bool
    waits: bool
    stamp: Stamp | None
    left_out: tuple[ContentType, ...]


@dataclass(frozen=True)
class Kept:
    """One publication, as the model remembers it. `seen_from`: the first moment at which its partner could have read it."""

    kind: PublicationKind
    version: StoryVersion
    stamp: Stamp
    at: datetime
    seen_from: datetime


@dataclass(frozen=True)
class Served:
    """What a feed shows: of each story its id, version, stamp and the types of its renditions; the ids of those it says are gone."""

    entries: frozenset[tuple[str, int, Stamp, tuple[ContentType, ...]]]
    withdrawn: frozenset[str]


@dataclass(frozen=True)
class Moved:
    """One line of the ledger, as the model remembers it."""

    agreement: str
    direction: Direction
    type: ContentType
    language: str
    at: datetime


CLOSED = "there is no such feed"
REFUSED = "refused, and nothing is shown"


@dataclass
class World:
    """Everything there is, with its whole history."""

    agency: str
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    stories: dict[str, list[StoryVersion]] = field(default_factory=dict)
    kept: dict[tuple[str, str], list[Kept]] = field(default_factory=dict)
    moved: dict[tuple[Movement, str, str], list[Moved]] = field(default_factory=dict)
    """Of each movement, flow and piece: how it moved there, each type and language once, as it came."""
    got: set[tuple[str, str]] = field(default_factory=set)
    """Which flow's partner has fetched which story."""

    def sign(self, agreement: Agreement) -> None:
        """Add a version."""
        before = self.dossiers.get(agreement.reference)
        acts = before.acts if before else ()
        self.dossiers[agreement.reference] = Dossier((*(before.versions if before else ()), agreement), acts)

    def record(self, reference: str, act: Act) -> None:
        """Add an act."""
        before = self.dossiers[reference]
        self.dossiers[reference] = Dossier(before.versions, (*before.acts, act))

    def take(self, flows: tuple[Flow, ...]) -> None:
        """There are these flows now; others that there were are closed."""
        named = {flow.id: flow for flow in flows}
        for name, before in self.flows.items():
            self.flows[name] = named.pop(name, replace(before, state=FlowState.CLOSED))
        self.flows.update(named)

    def release(self, version: StoryVersion, at: datetime) -> None:
        """A story has this version now: publish it wherever it may be, or only waits for its hour or its flow; take it back elsewhere."""
        self.stories.setdefault(version.story, []).append(version)
        for _, flow in sorted(self.flows.items()):
            if flow.direction is not Direction.OUTBOUND:
                continue
            history = self.kept.setdefault((flow.id, version.story), [])
            # A paused flow stands still for its reader; what is released meanwhile is there when it goes on.
            going_on = replace(flow, state=FlowState.OPEN)
            answer = clear(self, version, version.pubstatus, going_on, at) if flow.state is not FlowState.CLOSED else None
            content = version.content
            full = over_a_ceiling(self, flow, version.story, content.type, content.language, at)
            if answer and answer.stamp and (answer.allowed or answer.waits) and not full:
                embargo = version.content.embargo_until
                seen_from = at if answer.allowed or embargo is None else embargo
                history.append(Kept(PublicationKind.STORY, version, answer.stamp, at, seen_from))
                self.enter(Movement.OFFERED, version.story, answer.stamp, content.type, content.language, at)
            elif history and (history[-1].kind is PublicationKind.STORY or version.pubstatus is Pubstatus.CANCELED):
                # A kill is told also where it was taken back before.
                history.append(Kept(PublicationKind.WITHDRAWAL, version, history[-1].stamp, at, at))

    def enter(self, movement: Movement, subject: str, stamp: Stamp, kind: ContentType, language: str, at: datetime) -> None:
        """It moved; the first time in this type and language is remembered."""
        lines = self.moved.setdefault((movement, stamp.flow, subject), [])
        if (kind, language) not in [(line.type, line.language) for line in lines]:
            lines.append(Moved(stamp.agreement, stamp.direction, kind, language, at))

    def served(self, name: str, at: datetime) -> Served | str:
        """What the flow's partner reads at that moment."""
        flow = self.flows[name]
        if flow.state is FlowState.CLOSED or flow.direction is not Direction.OUTBOUND:
            return CLOSED
        if flow.state is FlowState.PAUSED or governing(self, flow, at) is None:
            return REFUSED
        entries: set[tuple[str, int, Stamp, tuple[ContentType, ...]]] = set()
        withdrawn: set[str] = set()
        for (on, story), history in self.kept.items():
            if on != name or not history:
                continue
            last = history[-1]
            was_there = _could_be_seen(history) or (name, story) in self.got
            if last.kind is PublicationKind.WITHDRAWAL:
                if was_there:
                    withdrawn.add(story)
                continue
            answer = clear(self, last.version, self.stories[story][-1].pubstatus, flow, at)
            if answer.allowed:
                # Nothing of a partner's is at home here: whatever was made from its stories goes out without.
                held = () if last.version.sources else last.version.content.renditions
                kept = tuple(one.type for one in held if one.type not in answer.left_out)
                entries.add((story, last.version.number, last.stamp, kept))
            elif answer.waits and was_there:
                # Its embargo was moved after it could be seen.
                withdrawn.add(story)
        return Served(frozenset(entries), frozenset(withdrawn))


def _could_be_seen(history: list[Kept]) -> bool:
    """Whether some publication of the story stood there, visible, at a moment before the next one took its place."""
    return any(one.kind is PublicationKind.STORY and one.seen_from <= following.at for one, following in pairwise(history))


def clear(world: World, version: StoryVersion, pubstatus: Pubstatus, flow: Flow, at: datetime) -> Answer:
    """May this version, its story having that status now, go out on this flow."""
    agreement = governing(world, flow, at)
    grant = _covering(agreement, version, flow) if agreement else None
    if agreement is None or grant is None or _denied(world, version, flow, at):
        return Answer(False, False, None, ())
    grace = state(world.dossiers[agreement.reference], at) is AgreementState.GRACE
    stamp = Stamp(
        agreement=agreement.reference,
        version=agreement.version,
        clause=grant.clause,
        direction=flow.direction,
        partner=flow.partner,
        flow=flow.id,
        terms=grant.terms,
        at=at,
        grace=grace,
    )
    left_out = tuple(dict.fromkeys(one.type for one in version.content.renditions if one.type not in grant.types))
    others = (
        flow.state is not FlowState.CLOSED
        and pubstatus is Pubstatus.USABLE
        and all(_may_go_on(world, source, version, flow, at) for source in version.sources)
        and all(source.terms.credit_line is None or (version.content.credit_line or "").strip() for source in version.sources)
        and all(_may_still_be_used(world, source, at) for source in version.sources)
    )
    embargo = version.content.embargo_until
    marked = all(terms.embargo is EmbargoHandling.MARKED for terms in (grant.terms, *(source.terms for source in version.sources)))
    lifted = embargo is None or embargo <= at or marked
    return Answer(bool(others and lifted), bool(others and not lifted), stamp, left_out)


def waits_for_its_hour(world: World, version: StoryVersion, flow: Flow, at: datetime) -> bool:
    """Its embargo has not ended, and what it moves under does not let it be delivered before, marked."""
    agreement, embargo = governing(world, flow, at), version.content.embargo_until
    grants = [one for one in agreement.grants if one.direction is flow.direction and _covers(one, version)] if agreement else []
    terms = (*(one.terms for one in grants[:1]), *(source.terms for source in version.sources))
    marked = bool(grants) and all(one.embargo is EmbargoHandling.MARKED for one in terms)
    return embargo is not None and embargo > at and not marked


def _covering(agreement: Agreement, version: StoryVersion, flow: Flow) -> Grant | None:
    for grant in agreement.grants:
        in_language = any(_speaks(one, version.content.language) for one in flow.languages)
        if grant.direction is flow.direction and in_language and _covers(grant, version):
            return grant
    return None


def _covers(grant: Grant, version: StoryVersion) -> bool:
    content = version.content
    if content.type not in grant.types:
        return False
    if not any(_speaks(one, content.language) for one in grant.languages):
        return False
    wanted = EVERY in grant.topics or any(topic in grant.topics for topic in content.topics)
    return wanted and not _keeps_out(grant, content.topics)


def _keeps_out(grant: Grant, topics: tuple[str, ...]) -> bool:
    """Something of it is excluded; or something is excluded, and nobody can say whether this stands under it."""
    tops = [f"medtop:{number:02}000000" for number in range(1, 18)]
    for outside in grant.topics_out:
        if outside == EVERY or outside in topics:
            return True
        if outside.startswith("medtop:") and not any(topic in tops for topic in topics):
            return True
    return False


def _speaks(language_range: str, tag: str) -> bool:
    """Basic filtering (RFC 4647, 3.3.1): `en` speaks `en-GB`, and not the other way round."""
    wanted, given = language_range.lower().split("-"), tag.lower().split("-")
    return language_range == EVERY or given[: len(wanted)] == wanted


def _current(world: World, partner: str, at: datetime) -> list[Agreement]:
    """Every agreement between that partner and us under which something may move at that moment, unless a later one took its place."""
    found: list[Agreement] = []
    for dossier in world.dossiers.values():
        agreement = in_force(world, dossier.reference, at)
        if agreement and agreement.reference == dossier.reference and {partner, world.agency} <= set(agreement.parties):
            found.append(agreement)
    return found


def _denied(world: World, version: StoryVersion, flow: Flow, at: datetime) -> bool:
    return any(
        grant.direction is flow.direction and _keeps_out(grant, version.content.topics)
        for agreement in _current(world, flow.partner, at)
        for grant in agreement.grants
    )


def _may_go_on(world: World, source: Stamp, version: StoryVersion, flow: Flow, at: datetime) -> bool:
    """It lets it go there; and so does everyone it comes from by way of its sender; and none of them says 'own use only'."""
    if flow.partner in {source.partner, *source.origins} or not _lets_on(source.terms, flow.partner):
        return False
    for partner in {source.partner, *source.origins}:
        given = [one for agreement in _current(world, partner, at) for one in agreement.grants if one.direction is Direction.INBOUND]
        # What a clause leaves out of 'own use only' is not free to go on for that.
        if any(one.terms.onward is OnwardUse.OWN_USE and _covers(replace(one, topics_out=()), version) for one in given):
            return False
        if partner in source.origins and not any(_lets_on(one.terms, flow.partner) and _covers(one, version) for one in given):
            return False
    return True


def _lets_on(terms: Terms, to: str) -> bool:
    return to in terms.onward_partners if terms.onward is OnwardUse.NAMED_PARTNERS else terms.onward is OnwardUse.ANYONE


def over_a_ceiling(world: World, flow: Flow, subject: str, kind: ContentType, language: str, at: datetime) -> bool:
    """Whether it is one piece too many in that type and language: of ours offered, of theirs published, in the period of `at`.

    A ceiling counts a piece on a flow once: when it first moves in a type and language that are meant.
    """
    agreement = governing(world, flow, at)
    outbound = flow.direction is Direction.OUTBOUND
    measure, movement = (Measure.OFFERED, Movement.OFFERED) if outbound else (Measure.PUBLISHED, Movement.PUBLISHED)
    for one in agreement.obligations if agreement else ():
        if one.by is not flow.direction or one.measure is not measure or one.at_most is None or one.period is None:
            continue

        def meant(
            of_type: ContentType, tag: str, types: tuple[ContentType, ...] = one.types, spoken: tuple[str, ...] = one.languages
        ) -> bool:
            return (not types or of_type in types) and (not spoken or any(_speaks(some, tag) for some in spoken))

        zone = agreement.term.zone if agreement else ""
        counted = {
            (on, piece): next(line for line in lines if meant(line.type, line.language))
            for (what, on, piece), lines in world.moved.items()
            if what is movement and any(meant(line.type, line.language) for line in lines)
        }
        already = [
            line
            for line in counted.values()
            if agreement
            and (line.agreement, line.direction) == (agreement.reference, flow.direction)
            and _label(one.period, _day(line.at, zone)) == _label(one.period, _day(at, zone))
        ]
        if meant(kind, language) and (flow.id, subject) not in counted and len(already) >= one.at_most:
            return True
    return False


def _label(period: Period, day: date) -> tuple[int, ...]:
    """What that day's period is called: two days with one label lie in one period."""
    return {
        Period.DAY: (day.toordinal(),),
        Period.WEEK: tuple(day.isocalendar())[:2],
        Period.MONTH: (day.year, day.month),
        Period.QUARTER: (day.year, (day.month + 2) // 3),
        Period.YEAR: (day.year,),
    }[period]


def _may_still_be_used(world: World, source: Stamp, at: datetime) -> bool:
    days = source.terms.use_days
    if days is not None and at >= source.at + days * ONE_DAY:
        return False
    agreement = in_force(world, source.agreement, at)
    return source.terms.archive or (agreement is not None and {source.partner, world.agency} <= set(agreement.parties))


def governing(world: World, flow: Flow, at: datetime) -> Agreement | None:
    """The version under which something may move on this flow at that moment."""
    agreement = in_force(world, flow.agreement, at)
    return agreement if agreement and {flow.partner, world.agency} <= set(agreement.parties) else None


def in_force(world: World, reference: str, at: datetime) -> Agreement | None:
    """Of that agreement and those after it, the last one that has begun; None if nothing may move under that one."""
    seen = [reference]
    while True:
        begun = [
            dossier.reference
            for dossier in world.dossiers.values()
            if any(version.succeeds == seen[-1] and _has_come(version, at) for version in dossier.versions)
        ]
        if not begun:
            break
        if begun[0] in seen:
            return None
        seen.append(begun[0])
    dossier = world.dossiers.get(seen[-1])
    return version_on(dossier, at) if dossier and state(dossier, at) in MOVING else None


def _has_come(version: Agreement, at: datetime) -> bool:
    """Whether its first day was reached, signed."""
    today = _day(at, version.term.zone)
    return (
        version.signed_on is not None
        and min(today - version.since, today - version.term.effective, today - version.signed_on) >= 0 * ONE_DAY
    )


def version_on(dossier: Dossier, at: datetime) -> Agreement | None:
    """The latest version whose day has come, in its own time zone; a draft holds up nothing that was signed."""
    found = None
    for version in _that_count(dossier):
        if version.since <= _day(at, version.term.zone):
            found = version
    if found is None:
        return None
    inside, today = set(found.parties), _day(at, found.term.zone)
    for act in sorted(dossier.acts, key=lambda act: act.on):
        if act.party and found.since <= act.on <= today:
            inside = inside | {act.party} if act.kind is ActKind.JOIN else inside - {act.party}
    parties = (*(one for one in found.parties if one in inside), *sorted(inside - set(found.parties)))
    return replace(found, parties=parties) if set(found.parties) != inside else found


def _that_count(dossier: Dossier) -> list[Agreement]:
    return [one for one in dossier.versions if one.signed_on] or list(dossier.versions)


def _begun(dossier: Dossier, at: datetime) -> bool:
    """Some version of it was signed and its day has come: whatever happened since, it has taken its place."""
    return any(
        one.signed_on is not None and max(one.signed_on, one.since, one.term.effective) <= _day(at, one.term.zone)
        for one in dossier.versions
    )


def state(dossier: Dossier, at: datetime) -> AgreementState:
    """How the agreement stands at that moment; it is the same from one midnight of its zone to the next."""
    version = version_on(dossier, at)
    first = version or _that_count(dossier)[0]
    if first.signed_on is None:
        return AgreementState.DRAFT
    if version is None or version.signed_on is None:
        return AgreementState.SIGNED
    today = _day(at, version.term.zone)
    if today < version.term.effective or today < version.signed_on:
        return AgreementState.SIGNED
    return _lived(version.term, dossier.acts, today)


@cache
def _lived(term: Term, acts: tuple[Act, ...], today: date) -> AgreementState:
    """Live through every day of the term, from its first to today."""
    end, ended, suspended, suspended_at_end = term.until, False, False, False
    # What was done before the first day counts from the first day.
    day = min([term.effective, *(act.on for act in acts)])
    while True:
        if end is not None and day == end + ONE_DAY and not ended:
            if term.renewal_months and not _noticed(acts, end - timedelta(days=term.notice_days)):
                end = _months_later(end, term.renewal_months)
            else:
                ended, suspended_at_end = True, suspended
        for act in acts:
            if act.on == day:
                if act.kind is ActKind.TERMINATE:
                    return AgreementState.TERMINATED
                if act.kind in (ActKind.SUSPEND, ActKind.RESUME):
                    suspended = act.kind is ActKind.SUSPEND
        if day == today:
            break
        day += ONE_DAY
    if ended and end is not None:
        in_grace = today <= end + timedelta(days=term.grace_days) and not suspended and not suspended_at_end
        return AgreementState.GRACE if in_grace else AgreementState.EXPIRED
    return AgreementState.SUSPENDED if suspended else AgreementState.IN_FORCE


def _noticed(acts: tuple[Act, ...], deadline: date) -> bool:
    return any(act.kind is ActKind.NOTICE and act.on <= deadline for act in acts)


def _months_later(day: date, months: int) -> date:
    """The same day of the month so many months later; the month's last where it has no such day."""
    month = day.month - 1 + months
    for number in range(day.day, 0, -1):
        try:
            return date(day.year + month // 12, month % 12 + 1, number)
        except ValueError:
            continue
    raise ValueError(day)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
