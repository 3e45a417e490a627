"""May it come in, may it go out, and why: one verdict for each clause, in order, not stopping at the first refusal. Pure, and total."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syndication.agreements.calendar import state, version_at
from syndication.agreements.governing import MOVES, current_of, governing, in_force
from syndication.model.agreement import EVERY, Agreement, EmbargoHandling, Grant, OnwardUse, Register, Stamp
from syndication.model.clearance import Clause, Clearance, Governance, Subject, Verdict
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.story import Pubstatus

NOTHING_GRANTED = "no agreement is in force, so nothing is granted"


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, with what is looked up once: the governing agreement, and the grant that is judged."""

    subject: Subject
    flow: Flow
    register: Register
    at: datetime
    governance: Governance
    grant: Grant | None

    @property
    def outbound(self) -> bool:
        return self.flow.direction is Direction.OUTBOUND

    @property
    def source(self) -> str:
        agreement = self.governance.agreement
        if agreement is None:
            return ""
        where = f"{agreement.reference} v{agreement.version}"
        return f"{where}, {self.grant.clause}" if self.grant else where


def clear(subject: Subject, flow: Flow, register: Register, at: datetime) -> Clearance:
    """The gate: preview, triage, release and every reading of a feed ask this function and no other.

    `stamp` is set where an agreement governs and one of its grants covers type, language and subject. Raises ValueError for a moment
    without a zone, and for nothing else.
    """
    governance = governing(flow, register, at)
    question = _Question(subject, flow, register, at, governance, _judged(subject, flow, governance.agreement))
    verdicts = (
        _agreement(question),
        _flow(question),
        _direction(question),
        _type(question),
        _language(question),
        _subject(question),
        _onward_use(question),
        _credit(question),
        _pubstatus(question),
        _embargo(question),
        _retention(question),
    )
    covered = all(verdict.allowed for verdict in verdicts if verdict.clause in (Clause.TYPE, Clause.LANGUAGE, Clause.SUBJECT))
    grant = question.grant
    left_out = tuple(kind for kind in subject.types_inside if grant and kind not in grant.types)
    return Clearance(verdicts, _stamp(question) if covered else None, left_out, _duties(question))


def _judged(subject: Subject, flow: Flow, agreement: Agreement | None) -> Grant | None:
    """The first grant in the flow's direction that covers the subject; where none does, the first of those that come nearest."""
    grants = [grant for grant in agreement.grants if grant.direction is flow.direction] if agreement else []
    return max(grants, key=lambda grant: sum(_covers(subject, grant)), default=None)


def _covers(subject: Subject, grant: Grant) -> tuple[bool, bool, bool]:
    """Whether the grant covers the type, the language, and the subject of it."""
    return subject.type in grant.types, _speaks(grant.languages, subject.language), _about(subject.topics, grant)


def _speaks(ranges: tuple[str, ...], language: str) -> bool:
    """RFC 4647 basic filtering: `en` covers `en-GB`, and not `eng`."""
    tag = language.casefold()
    return any(one == EVERY or tag == one.casefold() or tag.startswith(f"{one.casefold()}-") for one in ranges)


def _about(topics: tuple[str, ...], grant: Grant) -> bool:
    if not topics:
        # It cannot be told to be outside what is excluded.
        return EVERY in grant.topics and not grant.topics_out
    granted = EVERY in grant.topics or any(topic in grant.topics for topic in topics)
    return granted and not any(topic in grant.topics_out for topic in topics)


def _agreement(question: _Question) -> Verdict:
    governance = question.governance
    where = f"{governance.agreement.reference} v{governance.agreement.version}" if governance.agreement else ""
    return Verdict(Clause.AGREEMENT, governance.agreement is not None, governance.reason, where)


def _flow(question: _Question) -> Verdict:
    is_open = question.flow.state is FlowState.OPEN
    return Verdict(Clause.FLOW, is_open, f"{question.flow.id} is {question.flow.state}")


def _direction(question: _Question) -> Verdict:
    way = "from us to them" if question.outbound else "from them to us"
    if question.governance.agreement is None:
        return Verdict(Clause.DIRECTION, False, NOTHING_GRANTED)
    if question.grant is None:
        return Verdict(Clause.DIRECTION, False, f"the agreement grants nothing {way}", question.source)
    return Verdict(Clause.DIRECTION, True, f"the agreement grants content {way}", question.source)


def _type(question: _Question) -> Verdict:
    grant, kind = question.grant, question.subject.type
    if grant is None:
        return Verdict(Clause.TYPE, False, NOTHING_GRANTED, question.source)
    if kind in grant.types:
        return Verdict(Clause.TYPE, True, f"{kind} is granted", question.source)
    return Verdict(Clause.TYPE, False, f"{kind} is not among what is granted: {_listed(grant.types)}", question.source)


def _language(question: _Question) -> Verdict:
    grant, language, flow = question.grant, question.subject.language, question.flow
    if grant is None:
        return Verdict(Clause.LANGUAGE, False, NOTHING_GRANTED, question.source)
    if not _speaks(grant.languages, language):
        return Verdict(Clause.LANGUAGE, False, f"{language} is not among what is granted: {_listed(grant.languages)}", question.source)
    if not _speaks(flow.languages, language):
        return Verdict(Clause.LANGUAGE, False, f"{flow.id} carries {_listed(flow.languages)}, not {language}")
    return Verdict(Clause.LANGUAGE, True, f"{language} is granted, and {flow.id} carries it", question.source)


def _subject(question: _Question) -> Verdict:
    grant, topics = question.grant, question.subject.topics
    for agreement, other in _grants_between(question, question.flow.partner, question.flow.direction):
        excluded = [topic for topic in topics if topic in other.topics_out]
        if excluded:
            return Verdict(Clause.SUBJECT, False, f"{_listed(excluded)} is excluded", _place(agreement, other))
    if grant is None:
        return Verdict(Clause.SUBJECT, False, NOTHING_GRANTED, question.source)
    if _about(topics, grant):
        return Verdict(Clause.SUBJECT, True, f"{_listed(topics) or 'every subject'} is granted", question.source)
    if not topics:
        return Verdict(Clause.SUBJECT, False, "it names no subject, and what is granted depends on the subject", question.source)
    return Verdict(Clause.SUBJECT, False, f"{_listed(topics)} is not among what is granted: {_listed(grant.topics)}", question.source)


def _onward_use(question: _Question) -> Verdict:
    if not question.outbound:
        return Verdict(Clause.ONWARD_USE, True, "asked when it goes out", question.source)
    sources = question.subject.sources
    if not sources:
        return Verdict(Clause.ONWARD_USE, True, "it is our own")
    for stamp in sources:
        refused = _onward_refusal(question, stamp)
        if refused is not None:
            return refused
    terms = ", ".join(dict.fromkeys(str(stamp.terms.onward) for stamp in sources))
    return Verdict(Clause.ONWARD_USE, True, f"what it came under lets it go on: {terms}", _stamped(sources[0]))


def _onward_refusal(question: _Question, stamp: Stamp) -> Verdict | None:
    """Why this source does not let it go to the flow's partner. The narrowest of several sources decides, so each is asked."""
    to, terms = question.flow.partner, stamp.terms
    if stamp.partner == to:
        return Verdict(Clause.ONWARD_USE, False, f"it came from {to}", _stamped(stamp))
    named = terms.onward is OnwardUse.NAMED_PARTNERS and to in terms.onward_partners
    if terms.onward is not OnwardUse.ANYONE and not named:
        granted = f"{terms.onward}: {_listed(terms.onward_partners)}" if terms.onward_partners else str(terms.onward)
        return Verdict(Clause.ONWARD_USE, False, f"it came from {stamp.partner} for {granted}, not for {to}", _stamped(stamp))
    for agreement, grant in _grants_between(question, stamp.partner, Direction.INBOUND):
        if grant.terms.onward is OnwardUse.OWN_USE and all(_covers(question.subject, grant)):
            said = f"what comes from {stamp.partner} on this subject is for our own use"
            return Verdict(Clause.ONWARD_USE, False, said, _place(agreement, grant))
    return None


def _credit(question: _Question) -> Verdict:
    if not question.outbound:
        return Verdict(Clause.CREDIT, True, "written when it is accepted", question.source)
    asked = [stamp for stamp in question.subject.sources if stamp.terms.credit_line is not None]
    if not asked:
        return Verdict(Clause.CREDIT, True, "none is asked for")
    if question.subject.credit_line:
        return Verdict(Clause.CREDIT, True, f"it says: {question.subject.credit_line}", _stamped(asked[0]))
    return Verdict(Clause.CREDIT, False, "the credit line is missing", _stamped(asked[0]))


def _pubstatus(question: _Question) -> Verdict:
    status = question.subject.pubstatus
    if status is Pubstatus.USABLE:
        return Verdict(Clause.PUBSTATUS, True, "it is usable")
    if status is Pubstatus.WITHHELD and not question.outbound:
        return Verdict(Clause.PUBSTATUS, True, "it is withheld: it comes in, held")
    said = "it is killed" if status is Pubstatus.CANCELED else "it is withheld"
    return Verdict(Clause.PUBSTATUS, False, said)


def _embargo(question: _Question) -> Verdict:
    until = question.subject.embargo_until
    if until is None:
        return Verdict(Clause.EMBARGO, True, "it is under no embargo")
    hour = f"{until:%Y-%m-%d %H:%M %Z}"
    if not question.outbound:
        return Verdict(Clause.EMBARGO, True, f"it comes in under embargo until {hour}")
    if until <= question.at:
        return Verdict(Clause.EMBARGO, True, f"its embargo ended at {hour}")
    terms = [stamp.terms for stamp in question.subject.sources]
    if question.grant and all(one.embargo is EmbargoHandling.MARKED for one in (question.grant.terms, *terms)):
        return Verdict(Clause.EMBARGO, True, f"it goes out before {hour}, marked", question.source)
    return Verdict(Clause.EMBARGO, False, f"it is under embargo until {hour}", question.source)


def _retention(question: _Question) -> Verdict:
    if not question.outbound:
        return Verdict(Clause.RETENTION, True, "counted from when it comes in", question.source)
    for stamp in question.subject.sources:
        end = _use_ends(stamp)
        if end is not None and question.at >= end:
            return Verdict(
                Clause.RETENTION, False, f"its use ended on {end:%Y-%m-%d}, {stamp.terms.use_days} days after it came", _stamped(stamp)
            )
        if not stamp.terms.archive:
            governance = in_force(stamp.agreement, question.register, question.at)
            if governance.agreement is None:
                said = f"it may not be used after the end of what it came under: {governance.reason}"
                return Verdict(Clause.RETENTION, False, said, _stamped(stamp))
    return Verdict(Clause.RETENTION, True, "its use has not ended")


def _use_ends(stamp: Stamp) -> datetime | None:
    """The first moment at which it may no longer be used; None where no window is set, or it ends after the calendar does."""
    if stamp.terms.use_days is None:
        return None
    try:
        return stamp.at + timedelta(days=stamp.terms.use_days)
    except OverflowError:
        return None


def _stamp(question: _Question) -> Stamp | None:
    agreement, grant = question.governance.agreement, question.grant
    if agreement is None or grant is None:
        return None
    return Stamp(
        agreement=agreement.reference,
        version=agreement.version,
        clause=grant.clause,
        direction=question.flow.direction,
        partner=question.flow.partner,
        flow=question.flow.id,
        terms=grant.terms,
        at=question.at,
        grace=question.governance.grace,
    )


def _duties(question: _Question) -> tuple[str, ...]:
    """What goes with it: of the grant when it comes in, and of everything it was made from when it goes out."""
    grants = [question.grant.terms] if question.grant else []
    said: list[str] = []
    for terms in [*grants, *(stamp.terms for stamp in question.subject.sources)]:
        if terms.credit_line is not None:
            said.append(f"the credit line is obligatory: {terms.credit_line}")
        if terms.use_days is not None:
            said.append(f"its use ends {terms.use_days} days after it was received")
        if terms.territory:
            said.append(f"only in: {_listed(terms.territory)}")
        if terms.not_territory:
            said.append(f"not in: {_listed(terms.not_territory)}")
        if not terms.machine_translation:
            said.append("no translation by machine")
        if not terms.model_training:
            said.append("no training of models")
    embargo = question.subject.embargo_until
    if embargo is not None and embargo > question.at:
        said.append(f"under embargo until {embargo:%Y-%m-%d %H:%M %Z}")
    return tuple(dict.fromkeys(said))


def _grants_between(question: _Question, partner: str, direction: Direction) -> Iterator[tuple[Agreement, Grant]]:
    """The grants in that direction of every agreement in force between us and the partner, frames too."""
    for dossier in question.register.dossiers:
        if current_of(dossier, question.register, question.at) is not dossier or state(dossier, question.at) not in MOVES:
            continue
        agreement = version_at(dossier, question.at)
        if question.register.agency in agreement.parties and partner in agreement.parties:
            yield from ((agreement, grant) for grant in agreement.grants if grant.direction is direction)


def _place(agreement: Agreement, grant: Grant) -> str:
    return f"{agreement.reference} v{agreement.version}, {grant.clause}"


def _stamped(stamp: Stamp) -> str:
    return f"{stamp.agreement} v{stamp.version}, {stamp.clause}"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join("everything" if name == EVERY else str(name) for name in names)
