"""What a person should look at of the inbound flows, as they stand."""

from collections.abc import Sequence

from syndication.agreements.governing import Standing
from syndication.agreements.quota import Progress
from syndication.agreements.usage import courses
from syndication.ingest.rhythm import troubles
from syndication.model.partner import Direction, Flow
from syndication.model.poll import Trouble
from syndication.storage import polls
from syndication.storage.database import Transaction


def of_flows(tx: Transaction, flows: Sequence[Flow], standing: Standing) -> dict[str, tuple[Trouble, ...]]:
    """Of each of these flows that is inbound, what should be looked at; of one that is well, nothing. What an agreement asks for is
    counted once for all its flows.
    """
    owed: dict[str, tuple[Progress, ...]] = {}
    found: dict[str, tuple[Trouble, ...]] = {}
    for flow in flows:
        if flow.direction is not Direction.INBOUND:
            continue
        agreement = standing.governing(flow).agreement
        if agreement is not None and agreement.reference not in owed:
            owed[agreement.reference] = courses(tx, agreement, standing)
        due = owed[agreement.reference] if agreement is not None else ()
        found[flow.id] = tuple(troubles(polls.health(tx, flow.id), due, standing.at))
    return found
