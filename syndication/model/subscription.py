"""A Subscription: what is placed on a Flow is sent to a partner's callback at once. A Delivery: one Publication on its way there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syndication.model.publication import PublicationKind

WEBHOOK_SECRET = "whsec_"  # noqa: S105 - what a webhook's secret begins with (Standard Webhooks), so that one that leaked is recognised


class Means(StrEnum):
    """How it is sent: as WebSub has it, asked for at the hub; or as a signed webhook (Standard Webhooks), set up by hand."""

    WEBSUB = "websub"
    WEBHOOK = "webhook"


class SubscriptionState(StrEnum):
    """`STALE`: nothing reached it for two days; it gets no more stories until a person or a new subscription revives it."""

    ACTIVE = "active"
    STALE = "stale"
    ENDED = "ended"


class End(StrEnum):
    """Why a Subscription has ended. After some ends what was taken back is still told, see `tells`."""

    UNSUBSCRIBED = "unsubscribed"
    GONE = "gone"
    LEASE = "lease"
    REMOVED = "removed"
    TOKEN = "token"  # noqa: S105 - a reason, no secret
    FLOW = "flow"
    AGREEMENT = "agreement"

    @property
    def tells(self) -> bool:
        """Whether it was our doing: then whoever has a story is still told that it was taken back, until it says that it knows."""
        return self in (End.TOKEN, End.FLOW, End.AGREEMENT)


class Mode(StrEnum):
    """What is asked of the hub."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Subscription:
    """`token`: with which it was made; it ends with it (A06). `lease_until`: None of a webhook, which has no lease.

    `secret`, `old_secret`: sealed, see `access`; the old one signs too until `old_until`. `failing_since`, `failures`: since when, and how
    often in a row, nobody could be reached there. `rest_until`: until then it is let alone.
    """

    id: str
    means: Means
    partner: str
    flow: str
    form: str
    callback: str
    token: str
    created_at: datetime
    lease_until: datetime | None = None
    secret: str | None = None
    old_secret: str | None = None
    old_until: datetime | None = None
    state: SubscriptionState = SubscriptionState.ACTIVE
    end: End | None = None
    failures: int = 0
    failing_since: datetime | None = None
    rest_until: datetime | None = None
    last_success_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One Publication on its way to one Subscription. `since`: when it was first due; `due_at`: when it is tried next."""

    subscription: str
    sequence: int
    story: str
    kind: PublicationKind
    since: datetime
    due_at: datetime
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """What was asked of the hub, until the callback has confirmed it. `flow`, `form`: None where the topic is no feed of the partner's."""

    id: str
    mode: Mode
    partner: str
    token: str
    topic: str
    flow: str | None
    form: str | None
    callback: str
    host: str
    lease_seconds: int
    secret: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to send to one Subscription, or to verify one Intent, for a while. `attempt` fences, as a Lease's does."""

    of: str
    attempt: int
    verifies: bool = False
