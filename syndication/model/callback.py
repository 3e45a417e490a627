"""A Callback: what a partner's hub was asked to tell us of an inbound Flow, and where it does. A Push: what it told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CallbackState(StrEnum):
    """`ASKED`: the hub has not asked back yet. `LEAVING`: it is told to stop, or something newer stands in its place."""

    ASKED = "asked"
    ACTIVE = "active"
    DENIED = "denied"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub of an inbound flow, and the topic under which it knows the feed, as the last answer that named them did; None: it has none.

    `due_at`: when it is looked at next; `failures`, `retry_at`, `error`: how often in a row it could not be asked, until when it is let
    alone, and why. `pushed_at`: the last push that was signed as it should be. `missed_at`: when a poll last brought what no push had told.
    """

    flow: str
    url: str | None
    topic: str | None
    due_at: datetime
    failures: int = 0
    retry_at: datetime | None = None
    error: str | None = None
    pushed_at: datetime | None = None
    missed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """One subscription at a hub. Its address and its secret follow from `id`, under the key of the data folder: neither is kept.

    `reason`: why the hub denied it, in the hub's words.
    """

    id: str
    flow: str
    hub: str
    topic: str
    state: CallbackState
    asked_at: datetime
    lease_until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """A document that a hub sent, signed, to a flow that takes its content. `topic`: the address of the feed it is of."""

    id: int
    flow: str
    topic: str
    body: bytes
    content_type: str | None
