"""The only writer of Publications: what a story's version means for each outbound flow, decided by the gate, recorded with its clauses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syndication.agreements.decision import Asked, ask, decision, fingerprint
from syndication.agreements.governing import Standing
from syndication.agreements.quota import ceilings, newly_counts
from syndication.agreements.subject import of_story
from syndication.agreements.usage import used_on
from syndication.feeds.likeness import signature
from syndication.model.agreement import Stamp
from syndication.model.clearance import Clause, Clearance
from syndication.model.ledger import Line, Movement
from syndication.model.partner import Direction
from syndication.model.publication import Publication, PublicationKind
from syndication.model.story import Pubstatus, Story
from syndication.storage import agreements, events, ledger, likeness, partners, publications, subscriptions
from syndication.storage.database import Transaction

WAITS_FOR = frozenset({Clause.EMBARGO, Clause.FLOW})
"""What a story may wait for where it is placed: its hour, and that a paused flow goes on. Until then nobody reads it there. Were it not
placed in a pause, or taken back, that partner would never have it: that a flow goes on releases nothing. A closed flow is not asked."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What `release` decided for one flow: which kind of Publication to place there, under which terms."""

    flow: str
    kind: PublicationKind
    stamp: Stamp
    note: str | None


def questions(tx: Transaction, story: Story, standing: Standing) -> tuple[Asked, ...]:
    """What the gate is asked of the story as it stands, and answers, for every outbound flow.

    What one flow takes of a ceiling, the next flow under the same agreement no longer has.
    """
    facts = of_story(story.current, story.current.pubstatus)
    asked: list[Asked] = []
    taken: Counter[tuple[str, int]] = Counter()
    flows = partners.flows(tx, direction=Direction.OUTBOUND)
    for flow, used in zip(flows, used_on(tx, flows, standing, story.id), strict=True):
        agreement = standing.governing(flow).agreement
        under = agreement.reference if agreement else ""
        counts = tuple(count + taken[under, place] for place, count in enumerate(used.counts))
        one = ask(facts, flow, standing, replace(used, counts=counts))
        if agreement is not None and _terms_to_go_under(one.answer) is not None:
            for place, obligation, _ in ceilings(agreement, Direction.OUTBOUND):
                taken[under, place] += newly_counts(obligation, facts.type, facts.language, used.counted)
        asked.append(one)
    return tuple(asked)


def placings(story: Story, answers: Mapping[str, Clearance], held: Sequence[Publication]) -> tuple[Placing, ...]:
    """What to place: the story where it is cleared (or waits for nothing but its hour or its flow), a withdrawal where it no longer is.

    `held`: the latest Publication of the story on each flow that has one. A withdrawal goes along the Publications, not the
    agreements: it reaches the partner whose agreement has ended meanwhile, and moves under the terms the story had moved under.
    A kill is told also where an earlier version was taken back: who read that it may come again must read that it will not.
    """
    chosen: list[Placing] = []
    for flow, clearance in answers.items():
        stamp = _terms_to_go_under(clearance)
        if stamp is not None:
            chosen.append(Placing(flow, PublicationKind.STORY, stamp, story.current.note))
    placed = {placing.flow for placing in chosen}
    for publication in held:
        told = publication.kind is PublicationKind.WITHDRAWAL
        last_word = story.current.pubstatus is Pubstatus.CANCELED and publication.version < story.current.number
        if publication.flow not in placed and (last_word or not told):
            chosen.append(Placing(publication.flow, PublicationKind.WITHDRAWAL, publication.stamp, _farewell(story)))
    return tuple(chosen)


def release(tx: Transaction, story: Story, *, agency: str, now: datetime) -> tuple[Publication, ...]:
    """Place the story as it stands on every outbound flow that may have it, and take it back where it no longer may.

    In the caller's transaction, so that what an editor did and what partners see are one fact. Every answer is stored.
    """
    # From here on no other release counts what this one is about to place.
    tx.in_order()
    held = publications.holding(tx, story.id)
    asked = questions(tx, story, Standing(agreements.register(tx, agency), now))
    content = story.current.content
    mark = fingerprint(content, story.current.pubstatus)
    events.record_decisions(
        tx, [decision(one, subject=story.id, version=story.current.number, headline=content.headline, mark=mark) for one in asked]
    )
    chosen = placings(story, {one.flow.id: one.answer for one in asked}, held)
    offered = [one for one in chosen if one.kind is PublicationKind.STORY]
    ledger.enter(tx, [Line(Movement.OFFERED, story.id, one.stamp, content.type, content.language, now) for one in offered])
    number = story.current.number
    placed = publications.place_all(tx, [Publication(0, one.flow, story.id, number, one.kind, one.stamp, now, one.note) for one in chosen])
    subscriptions.enqueue(tx, placed, content.embargo_until)
    if offered:
        # From here on it is known again where a partner sends it back.
        # What was made of a partner's text stands beside what it may repeat, and not before it.
        first = next((f" {stamp.partner}" for stamp in story.current.sources), "")
        likeness.sign(tx, f"{agency}{first}", {story.id: signature(content)}, now)
    return placed


def _terms_to_go_under(clearance: Clearance) -> Stamp | None:
    """Its stamp, where it may go, or waits only."""
    return clearance.stamp if {verdict.clause for verdict in clearance.refusals} <= WAITS_FOR else None


def _farewell(story: Story) -> str:
    if story.current.pubstatus is Pubstatus.CANCELED:
        return story.current.note or "Killed: do not use."
    if story.current.pubstatus is Pubstatus.WITHHELD:
        return story.current.note or "Withheld: do not use until it comes again."
    return "No longer covered by the exchange agreement: do not use."
