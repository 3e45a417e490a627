"""Why, and why not: the verdicts of the gate for a story on a flow, or of an item, as they stand now and as they were given."""

from dataclasses import dataclass
from datetime import datetime

from syndication.agreements.clearance import clear
from syndication.agreements.governing import Standing
from syndication.agreements.keys import meant
from syndication.agreements.subject import of_entry, of_story
from syndication.agreements.usage import used
from syndication.errors import NotFoundError
from syndication.model.clearance import Clearance
from syndication.model.event import Decision
from syndication.model.partner import Direction, Flow
from syndication.storage import agreements, events, items, partners, publications, stories
from syndication.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Explanation:
    """`what` and `flow` in words; what the gate says `now`; what it said `before`, oldest first. `at`: that now."""

    subject: str
    what: str
    flow: str
    now: Clearance
    before: tuple[Decision, ...]
    at: datetime


def of_story_on(tx: Transaction, name: str, flow_id: str, agency: str, at: datetime) -> Explanation:
    """May this story go out on that flow, and why. Raises NotFoundError."""
    story = stories.get(tx, name) or stories.by_uri(tx, name)
    if story is None:
        raise NotFoundError(f"there is no story {name}; 'syndication story ls' lists the newest")
    flow = flow_named(tx, flow_id)
    if flow.direction is not Direction.OUTBOUND:
        raise NotFoundError(f"flow {flow_id} comes in; a story goes out: name an outbound flow")
    standing = Standing(agreements.register(tx, agency), at)
    held = {one.flow for one in publications.holding(tx, story.id)}
    counted = used(tx, flow, standing, counted=flow.id in held)
    answer = clear(of_story(story.current, story.current.pubstatus), flow, standing, counted)
    before = tuple(one for one in events.decisions(tx, story.id) if one.flow == flow.id and one.at <= at)
    return Explanation(story.id, story.current.content.headline, flow.id, answer, before, at)


def of_item(tx: Transaction, identity: str, agency: str, at: datetime) -> Explanation:
    """Why this item came in, and whether it would today. Raises NotFoundError."""
    item = items.get(tx, identity)
    if item is None:
        raise NotFoundError(f"there is no item {identity}; 'syndication item ls' lists the newest")
    flow = flow_named(tx, item.flow)
    entry = item.current.entry
    answer = clear(of_entry(entry, item.current.stamp.origins), flow, Standing(agreements.register(tx, agency), at))
    before = tuple(one for one in events.decisions(tx, item.id) if one.at <= at)
    return Explanation(item.id, entry.content.headline, flow.id, answer, before, at)


def flow_named(tx: Transaction, flow_id: str) -> Flow:
    """The flow of that id, unless it is closed. Raises NotFoundError with the nearest there is."""
    flow = partners.flow(tx, flow_id)
    if flow is None:
        near = meant(flow_id, [one.id for one in partners.flows(tx)])
        raise NotFoundError(f"there is no flow '{flow_id}'{near or ';'} 'syndication flow ls' lists them")
    return flow
