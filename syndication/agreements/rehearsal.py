"""A draft agreement over the traffic there was: what it would have let in and out, against what happened, each with what decides."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from syndication.agreements.clearance import clear
from syndication.agreements.governing import Standing
from syndication.agreements.keys import meant
from syndication.agreements.quota import ceilings, newly_counts, window
from syndication.errors import InputError, NotFoundError
from syndication.model.agreement import Agreement, Dossier, Register
from syndication.model.clearance import Clause, Subject, Usage, Verdict
from syndication.model.event import Decision
from syndication.model.ledger import Kind, Moved, Movement
from syndication.model.partner import Direction, Flow
from syndication.model.story import Pubstatus
from syndication.storage import agreements, events, ledger, partners
from syndication.storage.database import Transaction


class Outcome(StrEnum):
    """What the draft makes of a piece, against what happened to it."""

    LET = "newly let"
    REFUSED = "newly refused"
    KEPT = "let as before"
    STILL_REFUSED = "refused as before"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One piece on one flow, at the moment `at` of its last judgement: what decided `then`, and what decides under the `draft`.

    Each is the first clause that refuses; of what is let, the subject's, whose source is the grant that covers it.
    """

    subject: str
    version: int
    headline: str
    flow: str
    partner: str
    direction: Direction
    at: datetime
    outcome: Outcome
    then: Verdict
    draft: Verdict


@dataclass(frozen=True, slots=True)
class Total:
    """How many pieces went that way, to that outcome, by that clause of the draft."""

    direction: Direction
    outcome: Outcome
    clause: Clause
    source: str
    count: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the `draft` makes of the traffic on `flows` from `since` to before `until`.

    `lines`: one a piece and flow, in the order in which they were judged. `totals`: of them, the most first within each direction and
    outcome. `unknown`: so many decisions were made before all that was asked was kept, and cannot be asked again.
    """

    draft: Agreement
    since: datetime
    until: datetime
    flows: tuple[str, ...]
    lines: tuple[Rehearsed, ...]
    totals: tuple[Total, ...]
    unknown: int


def rehearse(tx: Transaction, draft: Agreement, *, agency: str, since: datetime, until: datetime, flows: Collection[str] = ()) -> Rehearsal:
    """Rehearse a draft (`files.draft` reads one) on the stored decisions of a period. Writes nothing.

    `flows`: those to be judged as though they ran under the draft; none: all that would, for they name it, or what it succeeds.
    What came in already keeps the terms of its Stamps. Raises NotFoundError for an unknown flow, InputError for one of no party to the
    draft, and where no flow would run under it.
    """
    register = as_in_force(draft, agreements.register(tx, agency), since)
    chosen = _chosen(partners.flows(tx), flows, draft, Standing(register, since))
    # What a partner published of ours takes nothing of a ceiling: those are on what we publish of theirs.
    inbound = {flow.id for flow in partners.flows(tx, direction=Direction.INBOUND)}
    published = ledger.moved(tx, Movement.PUBLISHED, inbound & set(chosen), since, until)
    lines, unknown = judged(draft, register, events.traffic(tx, chosen, since, until), published)
    return Rehearsal(draft, since, until, chosen, lines, _totals(lines), unknown)


def as_in_force(draft: Agreement, register: Register, since: datetime) -> Register:
    """The register in which the draft is signed, and in force without end since the eve of `since`. Pure."""
    eve = (since - timedelta(days=2)).date()
    term = replace(draft.term, effective=eve, until=None)
    begun = replace(draft, since=eve, signed_on=eve, term=term)
    others = (dossier for dossier in register.dossiers if dossier.reference != draft.reference)
    return replace(register, dossiers=(*others, Dossier((begun,))))


def judged(
    draft: Agreement, register: Register, traffic: Iterable[Decision], published: Iterable[Moved] = ()
) -> tuple[tuple[Rehearsed, ...], int]:
    """Each decision, asked again under the draft, and how many cannot be. Pure; `register` as of `as_in_force`.

    What the draft's ceilings count is what it would have let pass itself, from the first of these decisions on; of what comes in, what was
    `published` then, in its order.
    """
    lines: list[Rehearsed] = []
    unknown = 0
    standing: Standing | None = None
    let: Counter[tuple[int, datetime]] = Counter()
    came_in: dict[tuple[str, str], tuple[int, Flow]] = {}
    for decision in traffic:
        facts, on = decision.facts, decision.on
        if facts is None or on is None or not decision.verdicts:
            unknown += 1
            continue
        standing = standing.moved(decision.at) if standing else Standing(register, decision.at)
        periods: list[tuple[int, datetime]] = []
        used = decision.used
        if used is not None:
            periods = _periods(draft, on.direction, facts, decision.at, used.counted)
            used = Usage(_counts(draft, periods, let), used.counted)
        answer = clear(facts, replace(on, agreement=draft.reference), standing, used)
        would = _moves(answer.stamp is not None, answer.verdicts)
        if would:
            let.update(periods)
        if on.direction is Direction.INBOUND:
            came_in[on.id, decision.subject] = (len(lines), on)
        lines.append(_line(decision, answer.verdicts, would))
    for place, refusal in _over_ceilings(draft, register, lines, came_in, published):
        lines[place] = replace(lines[place], outcome=Outcome.REFUSED, draft=refusal)
    return tuple(lines), unknown


def _over_ceilings(
    draft: Agreement,
    register: Register,
    lines: Sequence[Rehearsed],
    came_in: Mapping[tuple[str, str], tuple[int, Flow]],
    published: Iterable[Moved],
) -> Iterator[tuple[int, Verdict]]:
    """Which of these lines are of pieces that were accepted, and would have been over a ceiling of the draft then; with what it says."""
    if not any(ceilings(draft, Direction.INBOUND)):
        return
    let: Counter[tuple[int, datetime]] = Counter()
    standing: Standing | None = None
    for one in published:
        standing = standing.moved(one.at) if standing else Standing(register, one.at)
        came = came_in.get((one.flow, one.subject))
        if came is not None and lines[came[0]].outcome is not Outcome.KEPT:
            continue
        # A ceiling looks at nothing else of it.
        facts = Subject(one.type, one.language, (), Pubstatus.USABLE)
        periods = _periods(draft, Direction.INBOUND, facts, one.at, one.before)
        if came is None:
            # What came in before the period is no line of it, and takes its place in the count all the same.
            let.update(periods)
            continue
        place, on = came
        answer = clear(facts, replace(on, agreement=draft.reference), standing, Usage(_counts(draft, periods, let), one.before))
        over = next((verdict for verdict in answer.refusals if verdict.clause is Clause.QUOTA), None)
        if over is None:
            let.update(periods)
        else:
            yield place, over


def _periods(draft: Agreement, way: Direction, facts: Subject, at: datetime, counted: tuple[Kind, ...]) -> list[tuple[int, datetime]]:
    """The ceilings of the draft that now count such a piece, by their place, and when the period of that moment began."""
    return [
        (place, window(obligation.period, at, draft.term.zone)[0])
        for place, obligation, _ in ceilings(draft, way)
        if obligation.period and newly_counts(obligation, facts.type, facts.language, counted)
    ]


def _counts(draft: Agreement, periods: list[tuple[int, datetime]], let: Counter[tuple[int, datetime]]) -> tuple[int, ...]:
    held = {place: let[place, since] for place, since in periods}
    return tuple(held.get(place, 0) for place in range(len(draft.obligations)))


def _moves(stamped: bool, verdicts: tuple[Verdict, ...]) -> bool:
    """It moves, now or when its embargo ends."""
    return stamped and all(verdict.allowed or verdict.clause is Clause.EMBARGO for verdict in verdicts)


def _line(decision: Decision, verdicts: tuple[Verdict, ...], would: bool) -> Rehearsed:
    did = _moves(decision.agreement is not None, decision.verdicts)
    outcome = (Outcome.KEPT if did else Outcome.LET) if would else (Outcome.REFUSED if did else Outcome.STILL_REFUSED)
    return Rehearsed(
        subject=decision.subject,
        version=decision.subject_version,
        headline=decision.headline,
        flow=decision.flow,
        partner=decision.partner,
        direction=decision.direction,
        at=decision.at,
        outcome=outcome,
        then=_deciding(decision.verdicts),
        draft=_deciding(verdicts),
    )


def _deciding(verdicts: tuple[Verdict, ...]) -> Verdict:
    """The first that refuses; where none does, the subject's."""
    refused = next((verdict for verdict in verdicts if not verdict.allowed), None)
    return refused or next((verdict for verdict in verdicts if verdict.clause is Clause.SUBJECT), verdicts[-1])


def _totals(lines: Iterable[Rehearsed]) -> tuple[Total, ...]:
    found = Counter((line.direction, line.outcome, line.draft.clause, line.draft.source) for line in lines)
    ways, outcomes = tuple(Direction), tuple(Outcome)
    ordered = sorted(found.items(), key=lambda one: (ways.index(one[0][0]), outcomes.index(one[0][1]), -one[1], one[0][2:]))
    return tuple(Total(*key, count) for key, count in ordered)


def _chosen(known: tuple[Flow, ...], named: Collection[str], draft: Agreement, standing: Standing) -> tuple[str, ...]:
    flows = {flow.id: flow for flow in known}
    for name in named:
        if name not in flows:
            raise NotFoundError(f"there is no flow {name}{meant(name, flows)}")
        if flows[name].partner not in draft.parties:
            raise InputError(f"the flow {name} is {flows[name].partner}'s, which is no party to {draft.reference}; name a flow of one")
    if named:
        return tuple(dict.fromkeys(named))
    found = tuple(flow.id for flow in known if _is(standing.in_force(flow.agreement).agreement, draft))
    if not found:
        told = f"no flow names {draft.reference}, nor what it succeeds, so none would run under it"
        raise InputError(f"{told}; name with --flow those that would ('syndication flow ls' lists them)")
    return found


def _is(agreement: Agreement | None, draft: Agreement) -> bool:
    return agreement is not None and agreement.reference == draft.reference
