"""An Item is an Entry that came in under an agreement, with its review."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import Stamp
from syndication.model.entry import Entry


class ReviewState(StrEnum):
    """Where an item stands with the editors. `REOPENED`: accepted, then the partner corrected it. `WITHDRAWN`: the partner killed it."""

    PENDING = "pending"
    HELD = "held"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class ReviewAct(StrEnum):
    """What is done to an item: by an editor (the first six), or by triage on the partner's word (the last two)."""

    ACCEPT = "accept"
    ACCEPT_EDITED = "accept with edits"
    REJECT = "reject"
    HOLD = "hold"
    KEEP = "keep what was taken"
    UNDO = "undo"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


class Triage(StrEnum):
    """What the machine makes of an entry. `UPDATE`: a new take, a new item linked to the old one; `CORRECTION`: the same item, raised."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    KILL = "kill"
    NOTHING = "nothing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ItemVersion:
    """One version of an Item, as it came, under the terms of that moment. `number`: from 1. `fingerprint`: SHA-256 of what is read."""

    item: str
    number: int
    entry: Entry
    stamp: Stamp
    fingerprint: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One Item as it stands. Identity is (flow, guid): no incoming byte can name another partner (S01).

    `revision` rises with every change, whoever made it: a decision names the revision it was made on (W15).
    `taken_version`: the version an editor last took; `story`: the Story made from it. `erased_at`: when its text was deleted, at the end
    of its use; its ids, hash, headline and Stamp stay. `urgent`: it is marked so, or its terms put it first, within its partner's budget.
    """

    id: str
    flow: str
    partner: str
    guid: str
    state: ReviewState
    revision: int
    current: ItemVersion
    first_seen_at: datetime
    changed_at: datetime
    flags: tuple[str, ...] = ()
    taken_version: int | None = None
    story: str | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    evolved_from: str | None = None
    erased_at: datetime | None = None
    urgent: bool = False

    @property
    def stands_first(self) -> bool:
        """In the queue, whatever came later."""
        return self.urgent and self.current.stamp.terms.priority


@dataclass(frozen=True, slots=True)
class Review:
    """One act in an item's review, as it was done. `from_state`, `to_state`: the move; `revision`: the item's after it."""

    item: str
    revision: int
    act: ReviewAct
    by: str
    at: datetime
    from_state: ReviewState
    to_state: ReviewState
    reason: str | None = None
