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
from syndication.model.erasure import Erasure
from syndication.model.event import Decision
from syndication.model.partner import Direction, Flow
from syndication.storage import agreements, erasures, events, items, partners, stories
from syndication.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Explanation:
    """`what` and `flow` in words; what the gate says `now`; what it said `before`, oldest first. `at`: that now.

    `deleted`: which of its versions were deleted at the end of their use, and under which term.
    """

    subject: str
    what: str
    flow: str
    now: Clearance
    before: tuple[Decision, ...]
    at: datetime
    deleted: tuple[Erasure, ...] = ()


def of_story_on(tx: Transaction, name: str, flow_id: str, agency: str, at: datetime) -> Explanation:
    """May this story go out on that flow, and why. Raises NotFoundError."""
    story = stories.get(tx, name) or stories.by_uri(tx, name)
    if story is None:
        raise NotFoundError(f"there is no story {name}; 'syndication story ls' lists the newest")
    flow = flow_named(tx, flow_id)
    if flow.direction is not Direction.OUTBOUND:
        raise NotFoundError(f"flow {flow_id} comes in; a story goes out: name an outbound flow")
    standing = Standing(agreements.register(tx, agency), at)
    answer = clear(of_story(story.current, story.current.pubstatus), flow, standing, used(tx, flow, standing, story.id), _called(tx))
    before = tuple(one for one in events.decisions(tx, story.id) if one.flow == flow.id and one.at <= at)
    return Explanation(story.id, story.current.content.headline, flow.id, answer, before, at, _deleted(tx, story.id, at))


def of_subject(tx: Transaction, name: str, agency: str, at: datetime, flow_id: str | None = None) -> Explanation:
    """A story on a flow; an item; or what a partner sent under that id, let in or not, where several flows had it on the one named.

    Raises NotFoundError, which says what is missing.
    """
    story = stories.get(tx, name) or stories.by_uri(tx, name)
    if story is not None and flow_id is None:
        outbound = ", ".join(flow.id for flow in partners.flows(tx, direction=Direction.OUTBOUND))
        raise NotFoundError(f"{name} is a story: name an outbound flow too, where it may go or not: {outbound or 'there is none'}")
    if story is None and flow_id is None and items.get(tx, name) is not None:
        return of_item(tx, name, agency, at)
    inbound = [flow_named(tx, flow_id)] if flow_id else partners.flows(tx, direction=Direction.INBOUND)
    if story is not None or (inbound and inbound[0].direction is Direction.OUTBOUND):
        return of_story_on(tx, name, flow_id or "", agency, at)
    found = [one for one in (_of_guid(tx, name, flow, agency, at) for flow in inbound) if one is not None]
    if len(found) > 1:
        raise NotFoundError(f"{name} came on several flows, name one of them too: {', '.join(one.flow for one in found)}")
    if not found:
        where = f" on {flow_id}" if flow_id else ""
        told = "'syndication item ls' and 'story ls' list the newest, 'flow refused FLOW' what was not let in"
        raise NotFoundError(f"there is no item {name}, no story, and nothing that a partner sent under that id{where}; {told}")
    return found[0]


def _of_guid(tx: Transaction, guid: str, flow: Flow, agency: str, at: datetime) -> Explanation | None:
    """What came on that flow under the partner's own id; what was refused is no item, and is known by its decisions alone."""
    item = items.by_guid(tx, flow.id, guid)
    if item is not None:
        return of_item(tx, item.id, agency, at)
    before = tuple(one for one in events.decisions(tx, guid) if one.flow == flow.id and one.at <= at)
    if not before:
        return None
    last = before[-1]
    standing = Standing(agreements.register(tx, agency), at)
    answer = clear(last.facts, flow, standing, called=_called(tx)) if last.facts else Clearance(last.verdicts, None)
    return Explanation(guid, last.headline, flow.id, answer, before, at)


def of_item(tx: Transaction, identity: str, agency: str, at: datetime) -> Explanation:
    """Why this item came in, and whether it would today. Raises NotFoundError."""
    item = items.get(tx, identity)
    if item is None:
        raise NotFoundError(f"there is no item {identity}; 'syndication item ls' lists the newest")
    flow = flow_named(tx, item.flow)
    entry = item.current.entry
    answer = clear(of_entry(entry, item.current.stamp.origins), flow, Standing(agreements.register(tx, agency), at), called=_called(tx))
    before = tuple(one for one in events.decisions(tx, item.id) if one.at <= at)
    return Explanation(item.id, entry.content.headline, flow.id, answer, before, at, _deleted(tx, item.id, at))


def _deleted(tx: Transaction, subject: str, at: datetime) -> tuple[Erasure, ...]:
    return tuple(one for one in erasures.of_subject(tx, subject) if one.at <= at)


def _called(tx: Transaction) -> dict[str, str]:
    return {partner.id: partner.name for partner in partners.all(tx)}


def flow_named(tx: Transaction, flow_id: str) -> Flow:
    """The flow of that id, unless it is closed. Raises NotFoundError with the nearest there is."""
    flow = partners.flow(tx, flow_id)
    if flow is None:
        near = meant(flow_id, [one.id for one in partners.flows(tx)])
        raise NotFoundError(f"there is no flow '{flow_id}'{near or ';'} 'syndication flow ls' lists them")
    return flow
