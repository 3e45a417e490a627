"""May it come in, may it go out, and why: one verdict for each clause, in order, not stopping at the first refusal. Pure, and total."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from syndication.agreements.calendar import utc
from syndication.agreements.covering import about, barred, covers, granted, grants_in, judged, names, speaks
from syndication.agreements.governing import Standing
from syndication.agreements.quota import ceilings, counts, window
from syndication.model.agreement import EVERY, Agreement, CreditPlace, EmbargoHandling, Grant, OnwardUse, Stamp, Terms
from syndication.model.clearance import Clause, Clearance, Governance, Subject, Usage, Verdict
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.story import Pubstatus

WHERE = {CreditPlace.START: "before the text", CreditPlace.END: "after the text", CreditPlace.BYLINE: "as the byline"}


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, at a moment in UTC, with what is looked up once: the governing agreement, the grant that is judged, and its place."""

    subject: Subject
    flow: Flow
    standing: Standing
    used: Usage | None
    at: datetime
    governance: Governance
    grant: Grant | None
    source: str

    @property
    def outbound(self) -> bool:
        return self.flow.direction is Direction.OUTBOUND

    @property
    def nothing(self) -> str:
        """Why no grant is judged."""
        if self.governance.agreement is None:
            return "no agreement is in force, so nothing is granted"
        return f"the agreement grants nothing that goes {'from us to them' if self.outbound else 'from them to us'}"


def clear(
    subject: Subject, flow: Flow, standing: Standing, used: Usage | None = None, called: Mapping[str, str] = MappingProxyType({})
) -> Clearance:
    """The gate: preview, triage, release and every reading of a feed ask this function and no other, at the moment of `standing`.

    `used`: what of the ceilings is used, where something is about to be counted: at release and at accept. None where nothing is
    counted: at triage, and when what was placed is read. `called`: what parties are called, where a duty names one. `stamp` is set where
    an agreement governs and one of its grants covers type, language and subject. Raises ValueError for a moment without a zone, and for
    nothing else.
    """
    for moment in (subject.embargo_until, *(stamp.at for stamp in subject.sources)):
        if moment is not None:
            utc(moment)
    governance = standing.governing(flow)
    grant = judged(subject, grants_in(governance.agreement, flow.direction))
    agreement = governance.agreement
    source = "" if agreement is None else _place(agreement, grant) if grant else _named(agreement)
    question = _Question(subject, flow, standing, used, standing.at, governance, grant, source)
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
        _quota(question),
        _retention(question),
    )
    covered = all(verdict.allowed for verdict in verdicts if verdict.clause in (Clause.TYPE, Clause.LANGUAGE, Clause.SUBJECT))
    stamp = _stamp(question) if covered else None
    left_out = tuple(kind for kind in dict.fromkeys(subject.types_inside) if grant is None or kind not in grant.types)
    return Clearance(verdicts, stamp, left_out, _duties(question, stamp, called))


def _agreement(question: _Question) -> Verdict:
    agreement = question.governance.agreement
    return Verdict(Clause.AGREEMENT, agreement is not None, question.governance.reason, _named(agreement) if agreement else "")


def _flow(question: _Question) -> Verdict:
    flow = question.flow
    # A correction that a pause refused would be a withdrawal that the end of the pause does not take back; so the reading waits instead.
    if flow.state is FlowState.PAUSED and question.outbound:
        return Verdict(Clause.FLOW, True, f"{flow.id} is paused: what goes out is placed, and is not read before it is opened")
    return Verdict(Clause.FLOW, flow.state is FlowState.OPEN, f"{flow.id} is {flow.state}")


def _direction(question: _Question) -> Verdict:
    if question.grant is None:
        return Verdict(Clause.DIRECTION, False, question.nothing, question.source)
    way = "goes from us to them" if question.outbound else "comes from them to us"
    return Verdict(Clause.DIRECTION, True, f"the agreement grants content that {way}", question.source)


def _type(question: _Question) -> Verdict:
    grant, kind = question.grant, question.subject.type
    if grant is None:
        return Verdict(Clause.TYPE, False, question.nothing, question.source)
    if kind in grant.types:
        return Verdict(Clause.TYPE, True, f"{kind} is granted", question.source)
    return Verdict(Clause.TYPE, False, f"{kind} is not among what is granted: {_listed(grant.types)}", question.source)


def _language(question: _Question) -> Verdict:
    grant, language, flow = question.grant, question.subject.language, question.flow
    if grant is None:
        return Verdict(Clause.LANGUAGE, False, question.nothing, question.source)
    if not speaks(grant.languages, language):
        return Verdict(Clause.LANGUAGE, False, f"{language} is not among what is granted: {_listed(grant.languages)}", question.source)
    if not speaks(flow.languages, language):
        return Verdict(Clause.LANGUAGE, False, f"{flow.id} carries {_listed(flow.languages)}, not {language}")
    return Verdict(Clause.LANGUAGE, True, f"{language} is granted, and {flow.id} carries it", question.source)


def _subject(question: _Question) -> Verdict:
    grant, topics, flow = question.grant, question.subject.topics, question.flow
    if grant is None:
        return Verdict(Clause.SUBJECT, False, question.nothing, question.source)
    for agreement in question.standing.between(flow.partner):
        for other in grants_in(agreement, flow.direction):
            if why := barred(topics, other):
                return Verdict(Clause.SUBJECT, False, why, _place(agreement, other))
    if about(topics, grant):
        return Verdict(
            Clause.SUBJECT, True, f"{_listed(granted(topics, grant)) if topics else 'every subject'} is granted", question.source
        )
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
    terms = _listed(str(stamp.terms.onward) for stamp in sources)
    return Verdict(Clause.ONWARD_USE, True, f"what it came under lets it go on: {terms}", _listed(map(_stamped, sources), "; "))


def _onward_refusal(question: _Question, stamp: Stamp) -> Verdict | None:
    """Why this source does not let it go to the flow's partner. The narrowest of several sources decides, so each is asked."""
    to, terms = question.flow.partner, stamp.terms
    if stamp.partner == to:
        return Verdict(Clause.ONWARD_USE, False, f"it came from {to}, and does not go back there", _stamped(stamp))
    if not _lets_on(terms, to):
        for_whom = f"{terms.onward}: {_listed(terms.onward_partners)}" if terms.onward_partners else str(terms.onward)
        return Verdict(Clause.ONWARD_USE, False, f"it came from {stamp.partner} for {for_whom}, not for {to}", _stamped(stamp))
    for partner in (stamp.partner, *stamp.origins):
        if barred := question.standing.barred(partner):
            return Verdict(Clause.ONWARD_USE, False, barred, _stamped(stamp))
        for agreement in question.standing.between(partner):
            for grant in grants_in(agreement, Direction.INBOUND):
                if grant.terms.onward is OnwardUse.OWN_USE and names(question.subject, grant):
                    said = f"content of this kind from {partner} is for our own use only"
                    return Verdict(Clause.ONWARD_USE, False, said, _place(agreement, grant))
    return next(filter(None, (_origin_refusal(question, stamp, origin) for origin in stamp.origins)), None)


def _origin_refusal(question: _Question, stamp: Stamp, origin: str) -> Verdict | None:
    """Why what a partner's partner gave does not go on: it must be let on by what that one agreed with us, too (S22)."""
    to, way = question.flow.partner, f"it comes from {origin}, by way of {stamp.partner}"
    if origin == to:
        return Verdict(Clause.ONWARD_USE, False, f"{way}, and does not go back there", _stamped(stamp))
    for agreement in question.standing.between(origin):
        if any(_lets_on(grant.terms, to) and covers(question.subject, grant) for grant in grants_in(agreement, Direction.INBOUND)):
            return None
    return Verdict(Clause.ONWARD_USE, False, f"{way}, and nothing in force between {origin} and us lets it go on to {to}", _stamped(stamp))


def _lets_on(terms: Terms, to: str) -> bool:
    return terms.onward is OnwardUse.ANYONE or (terms.onward is OnwardUse.NAMED_PARTNERS and to in terms.onward_partners)


def _credit(question: _Question) -> Verdict:
    if not question.outbound:
        return Verdict(Clause.CREDIT, True, "written when it is accepted", question.source)
    asked = [stamp for stamp in question.subject.sources if stamp.terms.credit_line is not None]
    if not asked:
        if question.grant is not None and question.grant.terms.credit_line is not None:
            return Verdict(Clause.CREDIT, True, "written as it goes out", question.source)
        return Verdict(Clause.CREDIT, True, "none is asked for")
    line, source = (question.subject.credit_line or "").strip(), _listed(map(_stamped, asked), "; ")
    if line:
        return Verdict(Clause.CREDIT, True, f"it says: {line}", source)
    return Verdict(Clause.CREDIT, False, "the credit line is missing", source)


def _pubstatus(question: _Question) -> Verdict:
    status = question.subject.pubstatus
    if status is Pubstatus.USABLE:
        return Verdict(Clause.PUBSTATUS, True, "it is usable")
    if status is Pubstatus.WITHHELD and not question.outbound:
        return Verdict(Clause.PUBSTATUS, True, "it is withheld: it comes in, held")
    if status is Pubstatus.WITHHELD:
        return Verdict(Clause.PUBSTATUS, False, "it is withheld")
    said = "it is killed" if question.outbound else "a kill carries no content: it is carried out, not let in"
    return Verdict(Clause.PUBSTATUS, False, said)


def _embargo(question: _Question) -> Verdict:
    until = question.subject.embargo_until
    if until is None:
        return Verdict(Clause.EMBARGO, True, "it is under no embargo")
    if not question.outbound:
        return Verdict(Clause.EMBARGO, True, f"it comes in; its embargo is until {_hour(until)}")
    if utc(until) <= question.at:
        return Verdict(Clause.EMBARGO, True, f"its embargo ended at {_hour(until)}")
    grant, terms = question.grant, [stamp.terms for stamp in question.subject.sources]
    if grant and covers(question.subject, grant) and all(one.embargo is EmbargoHandling.MARKED for one in (grant.terms, *terms)):
        return Verdict(Clause.EMBARGO, True, f"it goes out before {_hour(until)}, marked", question.source)
    return Verdict(Clause.EMBARGO, False, f"it is under embargo until {_hour(until)}", question.source)


def _quota(question: _Question) -> Verdict:
    agreement, used = question.governance.agreement, question.used
    if agreement is None:
        return Verdict(Clause.QUOTA, True, "no agreement is in force, so nothing is counted")
    asked = [
        (place, obligation, most)
        for place, obligation, most in ceilings(agreement, question.flow.direction)
        if counts(obligation, question.subject.type, question.subject.language)
    ]
    if not asked:
        return Verdict(Clause.QUOTA, True, "the agreement sets no ceiling for it")
    if used is None:
        return Verdict(Clause.QUOTA, True, f"counted when it is {'placed' if question.outbound else 'accepted'}")
    said = []
    for place, obligation, most in asked:
        if any(counts(obligation, *kind) for kind in used.counted):
            continue
        # Where the count is not known, the ceiling is taken to be reached.
        count = used.counts[place] if place < len(used.counts) else most
        said.append(f"{count} of {most} a {obligation.period} are used")
        if count >= most and obligation.period:
            _, end = window(obligation.period, question.at, agreement.term.zone)
            refused = f"the ceiling of {most} a {obligation.period} is reached ({obligation.what}); it is free again from {_hour(end)}"
            return Verdict(Clause.QUOTA, False, refused, f"{_named(agreement)}, {obligation.clause}")
    if not said:
        return Verdict(Clause.QUOTA, True, "it is counted already, and not twice")
    return Verdict(Clause.QUOTA, True, _listed(said), _named(agreement))


def _retention(question: _Question) -> Verdict:
    if not question.outbound:
        return Verdict(Clause.RETENTION, True, "counted from when it comes in", question.source)
    for stamp in question.subject.sources:
        end = use_ends(stamp)
        if end is not None and question.at >= end:
            said = f"its use ended at {_hour(end)}, {stamp.terms.use_days} days after it came"
            return Verdict(Clause.RETENTION, False, said, _stamped(stamp))
        if not stamp.terms.archive:
            governance = question.standing.among(stamp.agreement, stamp.partner)
            if governance.agreement is None:
                said = f"it may not be used after the end of what it came under: {governance.reason}"
                return Verdict(Clause.RETENTION, False, said, _stamped(stamp))
    return Verdict(Clause.RETENTION, True, "its use has not ended")


def use_ends(stamp: Stamp) -> datetime | None:
    """The first moment at which it may no longer be used; None where no window is set, or it ends after the calendar does."""
    if stamp.terms.use_days is None:
        return None
    try:
        return utc(stamp.at) + timedelta(days=max(stamp.terms.use_days, 0))
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
        origins=question.subject.origins,
    )


def _duties(question: _Question, stamp: Stamp | None, called: Mapping[str, str]) -> tuple[str, ...]:
    """What goes with it: by the grant it moves under, and by everything it was made from."""
    said: list[str] = []
    for one in (*((stamp,) if stamp else ()), *question.subject.sources):
        terms = one.terms
        if terms.credit_line is not None:
            said.append(f"the credit line is obligatory, {WHERE[terms.credit_place]}: {_line(question, one, terms.credit_line, called)}")
        if terms.use_days is not None and one.direction is Direction.OUTBOUND:
            said.append(f"its use ends {terms.use_days} days after it was received")
        elif (end := use_ends(one)) is not None:
            said.append(f"its use ends at {_hour(end)}")
        if terms.delete_at_end:
            said.append("its text is deleted when its use has ended")
        if terms.territory:
            said.append(f"only in: {_listed(terms.territory)}")
        if terms.not_territory:
            said.append(f"not in: {_listed(terms.not_territory)}")
        if not terms.machine_translation:
            said.append("no translation by machine")
        if not terms.model_training:
            said.append("no training of models")
    embargo = question.subject.embargo_until
    if embargo is not None and utc(embargo) > question.at:
        said.append(f"under embargo until {_hour(embargo)}")
    return tuple(dict.fromkeys(said))


def _line(question: _Question, stamp: Stamp, asked: str, called: Mapping[str, str]) -> str:
    """The credit line as it was written; where it is not written yet, as it is asked for, in words."""
    if question.outbound and stamp.direction is Direction.INBOUND and question.subject.credit_line:
        return question.subject.credit_line
    giver = stamp.partner if stamp.direction is Direction.INBOUND else question.standing.register.agency
    return (
        asked.replace("{partner}", called.get(giver, giver))
        .replace("{author}", "its author")
        .replace("{original}", "the address of the original")
    )


def _named(agreement: Agreement) -> str:
    return f"{agreement.reference} v{agreement.version}"


def _place(agreement: Agreement, grant: Grant) -> str:
    return f"{_named(agreement)}, {grant.clause}"


def _stamped(stamp: Stamp) -> str:
    return f"{stamp.agreement} v{stamp.version}, {stamp.clause}"


def _hour(at: datetime) -> str:
    return f"{utc(at):%Y-%m-%d %H:%M} UTC"


def _listed(names: Iterable[str], between: str = ", ") -> str:
    return between.join(dict.fromkeys("everything" if name == EVERY else str(name) for name in names)) or "nothing"
