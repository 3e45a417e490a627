"""What a new version of an agreement, or an act, lets through that was refused before: as sentences, for the second person. Pure.

It may say too much, never too little: where nothing is said, the gate lets nothing through that it refused, and no terms are wider.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations_with_replacement, product
from typing import TypeVar

from syndication.agreements.calendar import first_day, last_day, state, succeeded_by, version_at, zone_named
from syndication.agreements.covering import grants_in, speaks
from syndication.agreements.quota import ceilings
from syndication.model.agreement import (
    EVERY,
    Act,
    ActKind,
    Agreement,
    AgreementState,
    Alteration,
    ContentType,
    Dossier,
    EmbargoHandling,
    Grant,
    Obligation,
    OnwardUse,
    Register,
    ReviewTerm,
    Terms,
)
from syndication.model.partner import Direction, Flow

WAY = {Direction.INBOUND: "comes in", Direction.OUTBOUND: "goes out"}
ONWARD, ALTERATION = list(OnwardUse), list(Alteration)
"""Both are told from the narrowest to the widest."""
OTHER = ""
"""Stands for a language, or a topic, that no grant names."""

T = TypeVar("T")


def of_version(new: Agreement, before: Dossier | None, register: Register, flows: Iterable[Flow] | None = None) -> tuple[str, ...]:
    """What this version lets through that the agreement did not; `before` None: it is a new agreement. Nothing: it widens nothing.

    `register`: as it stands before; what an agreement excludes may have kept out what others in it grant. `flows`: those there are;
    None: any there might be.
    """
    if before is None:
        named = f"{new.reference} is new: what it grants from {new.since} on has not moved under it before"
        return (named,) if new.signed_on else ()
    last = before.versions[-1]
    signed = [version for version in before.versions if version.signed_on is not None]
    if not signed:
        told = f"{new.reference} was a draft, under which nothing moves; signed, what it grants moves from {first_day(new)}"
        return (told,) if new.signed_on else ()
    said = [*_chain(new, last), *_lifted(new, before, register, flows)]
    if new.signed_on is None:
        return tuple(dict.fromkeys(said))
    if last.signed_on is None:
        said.append(f"version {last.version} was a draft, under which nothing moves from {last.since} on")
    old = signed[-1]
    said += _parties(new, Dossier((*before.versions[: before.versions.index(old)], old), before.acts))
    said += _days(new, old, before.acts)
    others = _others(before, _ever(before), register)
    for way in Direction:
        # Where this grants nothing that way, what it excludes bars for others only.
        if grants_in(new, way) or _granting(others, way):
            said += _grants(grants_in(new, way), grants_in(old, way), way)
    said += _own_use(grants_in(new, Direction.INBOUND), grants_in(old, Direction.INBOUND))
    said += _ceilings(new, old)
    return tuple(dict.fromkeys(said))


def of_act(act: Act, dossier: Dossier, register: Register, flows: Iterable[Flow] | None = None) -> tuple[str, ...]:
    """What this act lets through that was refused before it. `flows`: as above."""
    match act.kind:
        case ActKind.RESUME:
            return (f"{dossier.reference} is resumed: from {act.on} on what it grants moves again",)
        case ActKind.JOIN:
            return (f"{act.party} joins {dossier.reference}: from {act.on} on what it grants moves with {act.party} too",)
        case ActKind.LEAVE:
            gone = frozenset({act.party} if act.party else ())
            return tuple(_freed(dossier, gone, register, act.on, flows))
        case ActKind.SUSPEND | ActKind.TERMINATE | ActKind.NOTICE:
            return tuple(_freed(dossier, _ever(dossier), register, act.on, flows))


def _ever(dossier: Dossier) -> frozenset[str]:
    """Whoever is, was or will be a party."""
    return frozenset(act.party for act in dossier.acts if act.party).union(*(version.parties for version in dossier.versions))


def _chain(new: Agreement, last: Agreement) -> Iterator[str]:
    if new.succeeds == last.succeeds:
        return
    if new.succeeds is not None:
        yield f"it succeeds {new.succeeds}: the flows that name that one run under this one"
    if last.succeeds is not None:
        yield f"it succeeds {last.succeeds} no more: that one may be in force again"


def _parties(new: Agreement, before: Dossier) -> Iterator[str]:
    day_before = new.since - timedelta(days=1)
    zone = zone_named(before.versions[-1].term.zone) or UTC
    inside = version_at(before, datetime.combine(day_before, time(12), tzinfo=zone)).parties
    for party in new.parties:
        if party not in inside:
            yield f"{party} is a new party: what is granted moves with {party} too"


def _days(new: Agreement, old: Agreement, acts: tuple[Act, ...]) -> Iterator[str]:
    """What makes it be in force on a day on which it was not."""
    term, before = new.term, old.term
    # An end that is not renewed is held against the end as it has renewed by the day of the new version, not against the one written.
    noon = datetime.combine(new.since, time(12), tzinfo=zone_named(before.zone) or UTC)
    ended = before.until if term.renewal_months else last_day(Dossier((old,), acts), noon)
    if first_day(new) < first_day(old):
        yield f"it is in force from {first_day(new)}, and was from {first_day(old)}"
    if ended is not None:
        if term.until is None:
            yield f"its term has no end, and ended on {ended}"
        elif term.until > ended:
            yield f"its term ends on {term.until}, and ended on {ended}"
        if term.renewal_months and term.renewal_months != before.renewal_months:
            yield f"it renews by {term.renewal_months} months, and {_renewed(before.renewal_months)}"
        elif term.renewal_months and term.until != before.until:
            yield f"it renews from {term.until}, and renewed from {before.until}"
        if term.notice_days > before.notice_days:
            yield f"notice is to be given {term.notice_days} days before the end, and was {before.notice_days}: a late one ends nothing"
        if term.grace_days > before.grace_days:
            yield f"its terms go on for {term.grace_days} days after the end, and went on for {before.grace_days}"
    if term.zone != before.zone:
        yield f"its days are those of {term.zone}, and were those of {before.zone}: they begin and end at other hours"


def _renewed(months: int | None) -> str:
    return f"renewed by {months}" if months else "did not renew"


def _grants(new: tuple[Grant, ...], old: tuple[Grant, ...], way: Direction) -> Iterator[str]:
    yield from _covered(new, old, way)
    yield from _dropped(new, old, way)
    yield from _terms(new, old)


def _named_by(grants: Iterable[Grant]) -> tuple[list[str], list[str]]:
    """Every language and every topic that these name, and one of each that they do not: what they cover changes nowhere else."""
    languages = {one.casefold() for grant in grants for one in grant.languages} - {EVERY}
    topics = {one for grant in grants for one in grant.topics} - {EVERY}
    return [*sorted(languages), OTHER], [*sorted(topics), OTHER]


def _matches(grant: Grant, kind: ContentType, language: str, *topics: str) -> bool:
    """It grants that type, that language and one of the topics; what it excludes is looked at elsewhere."""
    told = EVERY in grant.topics or any(topic in grant.topics for topic in topics)
    return told and kind in grant.types and speaks(grant.languages, language)


def _atoms(grant: Grant) -> Iterator[tuple[ContentType, str, str]]:
    return product(grant.types, grant.languages, grant.topics)


def _holds(grant: Grant, atom: tuple[ContentType, str, str]) -> bool:
    """It covers all that another grant covers by this type, range of languages and topic."""
    kind, languages, topic = atom
    return kind in grant.types and speaks(grant.languages, languages) and (topic in grant.topics or EVERY in grant.topics)


def _covered(new: tuple[Grant, ...], old: tuple[Grant, ...], way: Direction) -> Iterator[str]:
    """What no grant named before, told by the clause that names it now; types of which the same is new, in one sentence."""
    for grant in new:
        fresh = [atom for atom in _atoms(grant) if not any(_holds(one, atom) for one in old)]
        together: dict[tuple[tuple[str, ...], tuple[str, ...]], list[ContentType]] = {}
        for kind in dict.fromkeys(kind for kind, _, _ in fresh):
            languages = tuple(dict.fromkeys(language for one, language, _ in fresh if one is kind))
            topics = tuple(dict.fromkeys(topic for one, _, topic in fresh if one is kind))
            together.setdefault((languages, topics), []).append(kind)
        for (languages, topics), kinds in together.items():
            yield (
                f"{grant.clause}: {', '.join(kinds)} in {_listed(languages, 'every language')} "
                f"about {_listed(topics, 'every subject')} {WAY[way]}, and did not"
            )


def _dropped(new: tuple[Grant, ...], old: tuple[Grant, ...], way: Direction) -> Iterator[str]:
    """Exclusions that are there no more. They bar for every grant between the parties, so any that is gone counts."""
    barred = {topic for grant in new for topic in grant.topics_out}
    for grant in old:
        if gone := [topic for topic in grant.topics_out if topic not in barred and EVERY not in barred]:
            yield f"{grant.clause}: what {WAY[way]} about {_listed(gone, 'anything')} is excluded no more"
    for grant in new:
        for atom in _atoms(grant):
            holding = [one for one in old if _holds(one, atom)]
            if not holding:
                continue
            gone = min((_missing(grant, one) for one in holding), key=len)
            if gone:
                yield f"{grant.clause}: what {WAY[way]} about {_listed(gone, 'anything')} is excluded no more"
            reach = _reach(grant.terms)
            if not gone and not any(_within(reach, _reach(one.terms)) for one in holding if not _missing(grant, one)):
                yield f"{grant.clause}: it may go on to {_listed(sorted(reach), 'anyone')}, and might not"


def _missing(grant: Grant, old: Grant) -> list[str]:
    """What the old one excludes and this one does not."""
    return [] if EVERY in grant.topics_out else [topic for topic in old.topics_out if topic not in grant.topics_out]


def _reach(terms: Terms) -> frozenset[str]:
    """To which partners it may go on."""
    if terms.onward is OnwardUse.ANYONE:
        return frozenset({EVERY})
    return frozenset(terms.onward_partners) if terms.onward is OnwardUse.NAMED_PARTNERS else frozenset()


def _within(reach: frozenset[str], other: frozenset[str]) -> bool:
    return EVERY in other or reach <= other


def _terms(new: tuple[Grant, ...], old: tuple[Grant, ...]) -> Iterator[str]:
    """Wider terms, wherever the two versions judge by these two grants. Two topics are enough: one for each of the two.

    The grant that judges a text leaves out what it does not grant inside of it, so its types are compared too.
    """
    languages, topics = _named_by((*new, *old))
    barred = {topic for grant in new for topic in grant.topics_out}
    open_topics = [topic for topic in topics if topic not in barred]
    compared: set[tuple[int, int]] = set()
    for kind, language in product(ContentType, languages):
        for pair in combinations_with_replacement(open_topics, 2):
            here, there = _first(new, kind, language, *pair), _first(old, kind, language, *pair)
            if here is not None and there is not None and (here, there) not in compared:
                compared.add((here, there))
                yield from (f"{new[here].clause}: {wider}" for wider in _wider(new[here].terms, old[there].terms))
                if inside := [one for one in new[here].types if one not in old[there].types]:
                    yield f"{new[here].clause}: {', '.join(inside)} inside what it covers passes, and was left out"


def _first(grants: tuple[Grant, ...], kind: ContentType, language: str, *topics: str) -> int | None:
    return next((place for place, grant in enumerate(grants) if _matches(grant, kind, language, *topics)), None)


def _own_use(new: tuple[Grant, ...], old: tuple[Grant, ...]) -> Iterator[str]:
    """What is for own use only goes on under no other agreement either: where that is said no more, others may let it."""
    languages, topics = _named_by((*new, *old))
    for grant in old:
        if grant.terms.onward is not OnwardUse.OWN_USE:
            continue
        for kind, language, topic in product(grant.types, languages, topics):
            kept = any(_matches(one, kind, language, topic) for one in new if one.terms.onward is OnwardUse.OWN_USE)
            if not kept and _matches(grant, kind, language, topic):
                yield f"{grant.clause}: not all of it is for our own use only, as it was; other agreements may let it go on"
                break


def _wider(new: Terms, old: Terms) -> Iterator[str]:
    """In what these terms let do more with the content than those."""
    if ONWARD.index(new.onward) > ONWARD.index(old.onward) or not _within(_reach(new), _reach(old)):
        partners = f" ({', '.join(new.onward_partners)})" if new.onward_partners else ""
        yield f"onward use is {new.onward}{partners}, and was {old.onward}"
    if ALTERATION.index(new.alteration) > ALTERATION.index(old.alteration):
        yield f"alteration is {new.alteration}, and was {old.alteration}"
    if old.credit_line is not None and new.credit_line is None:
        yield f"the credit line is asked for no more: {old.credit_line}"
    elif old.credit_line not in (None, new.credit_line):
        yield f"the credit line is '{new.credit_line}', and was '{old.credit_line}'"
    if new.embargo is EmbargoHandling.MARKED and old.embargo is not EmbargoHandling.MARKED:
        yield "what is under embargo is delivered before its hour, marked, and was withheld"
    if old.use_days is not None and (new.use_days is None or new.use_days > old.use_days):
        yield f"it may be used {f'for {new.use_days} days' if new.use_days else 'without limit'}, and might be for {old.use_days}"
    if new.archive and not old.archive:
        yield "it may stay in use after the end of the agreement"
    if old.delete_at_end and not new.delete_at_end:
        yield "its text is not deleted when its use has ended"
    yield from _places(new, old)
    if new.machine_translation and not old.machine_translation:
        yield "it may be translated by machine"
    if new.model_training and not old.model_training:
        yield "models may be trained on it"
    if new.review is ReviewTerm.AUTOMATIC and old.review is not ReviewTerm.AUTOMATIC:
        yield "it is accepted at once, and waited for an editor"


def _places(new: Terms, old: Terms) -> Iterator[str]:
    if old.territory and not new.territory:
        yield f"it may be used everywhere, and might be only in {', '.join(old.territory)}"
    elif old.territory and (more := [place for place in new.territory if place not in old.territory]):
        yield f"it may be used in {', '.join(more)} too"
    if gone := [place for place in old.not_territory if place not in new.not_territory]:
        yield f"it may be used in {', '.join(gone)} too"


def _ceilings(new: Agreement, old: Agreement) -> Iterator[str]:
    for way in Direction:
        there = [(duty, most) for _, duty, most in ceilings(new, way)]
        for _, duty, most in ceilings(old, way):
            kept = [other for one, other in there if one.period is duty.period and _counts_all(one, duty)]
            if not kept:
                yield f"{duty.clause}: the ceiling of {most} a {duty.period} is gone ({duty.what})"
            elif min(kept) > most:
                yield f"{duty.clause}: the ceiling is {min(kept)} a {duty.period}, and was {most} ({duty.what})"


def _counts_all(duty: Obligation, other: Obligation) -> bool:
    """It counts whatever the other counts."""
    types = not duty.types or (bool(other.types) and set(other.types) <= set(duty.types))
    return types and (not duty.languages or (bool(other.languages) and all(speaks(duty.languages, one) for one in other.languages)))


def _lifted(new: Agreement, before: Dossier, register: Register, flows: Iterable[Flow] | None) -> Iterator[str]:
    """What was kept out while the agreement was in force, where it may now be in force for less long, or with fewer."""
    last = before.versions[-1]
    if new.term != last.term or first_day(new) > new.since or new.signed_on is None:
        yield from _freed(before, _ever(before), register, new.since, flows)
    elif gone := _ever(before) - set(new.parties):
        yield from _freed(before, gone, register, new.since, flows)


def _freed(dossier: Dossier, parties: frozenset[str], register: Register, on: date, flows: Iterable[Flow] | None) -> Iterator[str]:
    """What an agreement bars for other agreements with the same partners too, and bars no longer while it is not in force.

    From the day `on`; where `flows` are known, of what moves on these alone.
    """
    others, partners = _others(dossier, parties, register), parties - {register.agency}
    able = [one for one in others if _may_move(one, register, on)]
    for version in _holding(dossier, on):
        for grant in version.grants:
            freed: dict[str, list[str]] = {}
            for one in able:
                let = [topic for topic in grant.topics_out if _passes(one, grant.direction, topic)]
                if let and _runs(one, grant.direction, partners, register, flows):
                    freed[one.reference] = let
            if freed:
                topics = _listed((topic for topic in grant.topics_out if any(topic in let for let in freed.values())), "anything")
                yield f"{grant.clause}: its exclusion of {topics} holds no more against {', '.join(freed)}"
            if grant.direction is Direction.INBOUND and grant.terms.onward is OnwardUse.OWN_USE:
                kept = [one.reference for one in (dossier, *others) if _goes_on(one, grant, partners, flows, after_the_end=one is dossier)]
                if kept:
                    yield f"{grant.clause}: it keeps for own use no more what {', '.join(kept)} lets go on"


def _holding(dossier: Dossier, on: date) -> list[Agreement]:
    """The versions whose words may hold on that day or later."""
    current = version_at(dossier, _noon(on, dossier))
    return [one for one in dossier.versions if one.version == current.version or one.since > on]


def _may_move(dossier: Dossier, register: Register, on: date) -> bool:
    """Something may move under it on that day or later, for all that is known: it is neither succeeded nor over for good."""
    at = _noon(on, dossier)
    if any(dossier.reference in succeeded_by(one, at) for one in register.dossiers):
        return False
    more = any(version.since > on for version in dossier.versions) or any(act.on > on for act in dossier.acts)
    return more or state(dossier, at) not in (AgreementState.TERMINATED, AgreementState.EXPIRED)


def _noon(on: date, dossier: Dossier) -> datetime:
    return datetime.combine(on, time(12), tzinfo=zone_named(dossier.versions[-1].term.zone) or UTC)


def _runs(dossier: Dossier, way: Direction, partners: frozenset[str], register: Register, flows: Iterable[Flow] | None) -> bool:
    """Some flow that way with one of these runs under it, or will once it succeeds; any may, where they are not known."""
    if flows is None:
        return True
    return any(flow.direction is way and flow.partner in partners and dossier.reference in _chain_of(flow, register) for flow in flows)


def _chain_of(flow: Flow, register: Register) -> list[str]:
    chain = [flow.agreement]
    while (following := register.successor(chain[-1])) is not None and following.reference not in chain:
        chain.append(following.reference)
    return chain


def _passes(dossier: Dossier, way: Direction, topic: str) -> bool:
    """What is about this topic, among others perhaps, may move under it as far as itself says."""
    for version in dossier.versions:
        barred = {one for grant in grants_in(version, way) for one in grant.topics_out}
        if version.signed_on is None or EVERY in barred or topic in barred:
            continue
        for grant in grants_in(version, way):
            if grant.types and grant.languages and any(one not in barred for one in grant.topics):
                return True
    return False


def _others(dossier: Dossier, parties: frozenset[str], register: Register) -> list[Dossier]:
    """The other agreements with these partners."""
    partners = parties - {register.agency}
    return [one for one in register.dossiers if one.reference != dossier.reference and _ever(one) & partners]


def _granting(dossiers: Iterable[Dossier], way: Direction) -> list[Dossier]:
    return [one for one in dossiers if any(grants_in(version, way) for version in one.versions)]


def _goes_on(dossier: Dossier, kept: Grant, partners: frozenset[str], flows: Iterable[Flow] | None, *, after_the_end: bool) -> bool:
    """Of what that grant names, something that came in under it may enter another's feed; of one that ends, only what may stay in use."""
    return any(
        _overlap(grant, kept) and _is_read(_reach(grant.terms), partners, flows) and (grant.terms.archive or not after_the_end)
        for version in dossier.versions
        for grant in grants_in(version, Direction.INBOUND)
    )


def _is_read(reach: frozenset[str], partners: frozenset[str], flows: Iterable[Flow] | None) -> bool:
    """Some partner that it reaches has a flow, and is not the one whom it came from."""
    if flows is None:
        return bool(reach)
    out = (flow for flow in flows if flow.direction is Direction.OUTBOUND and partners - {flow.partner})
    return any(EVERY in reach or flow.partner in reach for flow in out)


def _overlap(one: Grant, other: Grant) -> bool:
    """Some piece may be named by both: a piece may have a topic of each."""
    spoken = any(speaks((tag,), another) or speaks((another,), tag) for tag in one.languages for another in other.languages)
    return spoken and bool(set(one.types) & set(other.types)) and bool(one.topics) and bool(other.topics)


def _listed(names: Iterable[str], everything: str) -> str:
    return ", ".join(everything if name == EVERY else name for name in dict.fromkeys(names))
