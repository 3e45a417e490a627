"""The only writer of Publications: what a story's version means for each outbound flow, decided by the gate, recorded with its clauses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syndication.agreements.clearance import clear
from syndication.agreements.decision import decision
from syndication.agreements.subject import of_story
from syndication.model.agreement import Register, Stamp
from syndication.model.clearance import Clearance
from syndication.model.partner import Direction, Flow, FlowState
from syndication.model.publication import Publication, PublicationKind
from syndication.model.story import Pubstatus, Story
from syndication.storage import agreements, events, partners, publications
from syndication.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Placing:
    """What `release` decided for one flow: which kind of Publication to place there, under which terms."""

    flow: str
    kind: PublicationKind
    stamp: Stamp
    note: str | None


def clearances(story: Story, flows: Sequence[Flow], register: Register, at: datetime) -> dict[str, Clearance]:
    """What the gate says of the story as it stands, for each flow, by the flow's id."""
    subject = of_story(story.current, story.current.pubstatus)
    return {flow.id: clear(subject, flow, register, at) for flow in flows}


def placings(story: Story, answers: dict[str, Clearance], held: Sequence[Publication]) -> tuple[Placing, ...]:
    """What to place: the story where it is cleared (or waits for nothing but its embargo), a withdrawal where it no longer is.

    `held`: the latest Publication of the story on each flow that has one. A withdrawal goes along the Publications, not the
    agreements: it reaches the partner whose agreement has ended meanwhile, and moves under the terms the story had moved under.
    """
    chosen: list[Placing] = []
    for flow, clearance in answers.items():
        if clearance.stamp and (clearance.allowed or clearance.waits_only_for_embargo):
            chosen.append(Placing(flow, PublicationKind.STORY, clearance.stamp, story.current.note))
    placed = {placing.flow for placing in chosen}
    for publication in held:
        if publication.kind is PublicationKind.STORY and publication.flow not in placed:
            chosen.append(Placing(publication.flow, PublicationKind.WITHDRAWAL, publication.stamp, _farewell(story)))
    return tuple(chosen)


def release(tx: Transaction, story: Story, *, agency: str, now: datetime) -> tuple[Publication, ...]:
    """Place the story as it stands on every outbound flow that may have it, and take it back where it no longer may.

    In the caller's transaction, so that what an editor did and what partners see are one fact. Every answer is stored.
    """
    register = agreements.register(tx, agency)
    flows = [flow for flow in partners.flows(tx, direction=Direction.OUTBOUND) if flow.state is not FlowState.CLOSED]
    answers = clearances(story, flows, register, now)
    content, pubstatus = story.current.content, story.current.pubstatus
    events.record_decisions(
        tx,
        tuple(
            decision(answers[flow.id], flow, content, pubstatus, subject=story.id, version=story.current.number, at=now) for flow in flows
        ),
    )
    return tuple(
        publications.place(
            tx,
            flow=placing.flow,
            story=story.id,
            version=story.current.number,
            kind=placing.kind,
            stamp=placing.stamp,
            placed_at=now,
            note=placing.note,
        )
        for placing in placings(story, answers, publications.holding(tx, story.id))
    )


def _farewell(story: Story) -> str:
    if story.current.pubstatus is Pubstatus.CANCELED:
        return story.current.note or "Killed: do not use."
    if story.current.pubstatus is Pubstatus.WITHHELD:
        return story.current.note or "Withheld: do not use until it comes again."
    return "No longer covered by the exchange agreement: do not use."
