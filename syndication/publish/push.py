"""What is pushed to a Subscription, when it is tried again, and when it is given up; the message as bytes and headers. Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from syndication.agreements.governing import Standing
from syndication.feeds.forms import FORMS
from syndication.feeds.outgoing import instant
from syndication.model.account import FeedToken, stands
from syndication.model.agreement import AgreementState
from syndication.model.partner import Flow, FlowState
from syndication.model.publication import FeedDocument, Placed, PublicationKind
from syndication.model.subscription import WEBHOOK_SECRET, Delivery, End, Subscription
from syndication.publish.document import Sight, alone, taken_back, visible
from syndication.settings import Settings

FOR_SO_LONG: Final = timedelta(hours=48)
"""After so long without success a story is given up, and whom nobody could reach is stale: they catch up from the feed (P15)."""
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=6)
LOOK_AGAIN: Final = timedelta(minutes=1)
"""What waits for a flow that is paused, or an agreement that is suspended, is looked at again after so long."""

NO_MORE: Final = {
    End.TOKEN: "The token that it was made with does not stand any more.",
    End.FLOW: "There is no such feed any more.",
    End.AGREEMENT: "The agreement has ended.",
}
"""What a subscriber reads of an end that was our doing (WebSub, 5.2): all such ends."""

DEFAULT_LEASE: Final = timedelta(days=10)
SHORTEST_LEASE, LONGEST_LEASE = timedelta(hours=1), timedelta(days=30)
OLD_SECRET: Final = timedelta(hours=24)
"""For so long after a rotation the secret before signs too (P16)."""
LONGEST_SECRET: Final = 199
"""Bytes (WebSub, 5.1: less than 200)."""

WEBHOOK_FORMS: Final = tuple(name for name in FORMS if name.startswith("ninjs"))
"""What a webhook's `data` may be: one item of a form that is a list of them."""

TRY_AGAIN: Final = frozenset({408, 425, 429})
"""Of the answers that refuse, those that mean: not now. They are about us, or about the hour, and not about this one delivery."""


class Footing(Enum):
    """On what a Subscription stands at a moment: everything is sent that the gate allows, or only what was taken back."""

    OPEN = auto()
    WAITS = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Send:
    """Send this document; `placed` is what it is about, `story` whether it holds its content."""

    document: FeedDocument
    placed: Placed
    story: bool

    @property
    def again(self) -> datetime | None:
        """When it is due again, as a story: of one that is told as taken back, for its hour was moved after it was seen."""
        story = self.placed.publication.kind is PublicationKind.STORY
        return self.placed.version.content.embargo_until if story and not self.story else None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    """Not at all, and why."""

    why: str


class Answered(Enum):
    """What an answer means. `REFUSED`: somebody is there, and does not want this one. `UNREACHED`: nothing else would arrive either."""

    TAKEN = auto()
    REFUSED = auto()
    UNREACHED = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Message:
    """What goes over the wire."""

    body: bytes
    headers: dict[str, str]


def hub_address(base: str) -> str:
    """Where to subscribe. `base`: of every address, without a slash at its end."""
    return f"{base}/hub"


def topic_address(settings: Settings, flow: str, form: str) -> str:
    """What is subscribed to: the feed's own address, without any secret (A01)."""
    return f"{_base(settings)}/feeds/{flow}.{form}"


def links(settings: Settings, flow: str, form: str) -> str:
    """The `Link` header of a feed's every answer (WebSub, 4): its hub, and itself."""
    return f'<{hub_address(_base(settings))}>; rel="hub", <{topic_address(settings, flow, form)}>; rel="self"'


def lease(asked: int | None) -> timedelta:
    """How long a subscription lasts that was asked for so many seconds (P06: neither for a second nor for ever)."""
    if asked is None:
        return DEFAULT_LEASE
    return max(SHORTEST_LEASE, min(timedelta(seconds=min(asked, LONGEST_LEASE.total_seconds())), LONGEST_LEASE))


def footing(subscription: Subscription, token: FeedToken | None, flow: Flow, standing: Standing) -> tuple[Footing, End | None]:
    """On what it stands; and why it ends, where it does now or did before.

    Only what is over for good ends it: a flow that is paused and an agreement that is suspended may go on, and it waits for them.
    """
    if subscription.end is not None:
        return Footing.ENDED, subscription.end
    if subscription.lease_until is not None and subscription.lease_until <= standing.at:
        return Footing.ENDED, End.LEASE
    if token is None or not stands(token, standing.at) or not token.opens(flow.id):
        return Footing.ENDED, End.TOKEN
    if flow.state is FlowState.CLOSED:
        return Footing.ENDED, End.FLOW
    governance = standing.governing(flow)
    if governance.agreement is None:
        over = governance.state in (AgreementState.EXPIRED, AgreementState.TERMINATED)
        return (Footing.ENDED, End.AGREEMENT) if over else (Footing.WAITS, None)
    return (Footing.WAITS if flow.state is FlowState.PAUSED else Footing.OPEN), None


def judged(
    delivery: Delivery,
    placed: tuple[Placed, Placed],
    flow: Flow,
    standing: Standing,
    settings: Settings,
    *,
    form: str,
    foot: Footing,
) -> Send | Wait | Drop:
    """What becomes of a Delivery whose hour has come: the gate is asked about it now, whatever it said when it was placed.

    `placed`: the Publication, and the latest of its story on the flow. Withdrawals pass also while nothing else does: to whoever has
    fetched the story, as at the address of notices.
    """
    this, last = placed
    newer = last.publication.sequence != this.publication.sequence
    if newer and delivery.failures:
        return Drop("superseded: something newer of the same story waits")
    address = topic_address(settings, flow.id, form)
    hour, gone = this.version.content.embargo_until, this.publication.kind is PublicationKind.WITHDRAWAL
    waits = hour is not None and hour > standing.at and not newer
    had = this.fetched_at is not None or (foot is Footing.OPEN and this.shown_before)
    if had and (gone or (waits and delivery.kind is PublicationKind.WITHDRAWAL)):
        told = taken_back(this, flow, standing)
        if told is not None:
            sight = Sight((), ((this, told),), whole=False)
            return Send(_hubbed(alone(flow, settings, address, standing, sight), settings), this, story=False)
    if gone:
        return Wait(standing.at + LOOK_AGAIN) if foot is Footing.WAITS else Drop("the partner has not fetched it")
    if foot is Footing.ENDED:
        return Drop("the subscription has ended")
    if last.publication.kind is PublicationKind.WITHDRAWAL:
        return Drop("taken back meanwhile")
    if delivery.since + FOR_SO_LONG <= standing.at:
        return Drop("given up after two days; the feed has it")
    if foot is Footing.WAITS:
        return Wait(standing.at + LOOK_AGAIN)
    sight = visible((this,), flow, standing, settings.agency_name)
    seen_now = visible((last,), flow, standing, settings.agency_name) if newer else sight
    if sight.entries and seen_now.entries:
        return Send(_hubbed(alone(flow, settings, address, standing, sight), settings), this, story=True)
    if hour is not None and waits:
        return Wait(hour)
    return Drop("not cleared any more")


def meaning(status: int) -> Answered:
    """What a callback's answer says. Redirects are not followed, and are failures (WebSub, 7)."""
    if 200 <= status < 300:
        return Answered.TAKEN
    if status == 410:
        return Answered.GONE
    return Answered.REFUSED if 400 <= status < 500 and status not in TRY_AGAIN else Answered.UNREACHED


def next_attempt(failures: int, now: datetime, jitter: float, retry_after: int | None = None) -> datetime:
    """When to try again after so many failures in a row, this one among them: each pause twice the last, up to six hours.

    `jitter`: from 0 to 1; up to half a pause is left out, so that what failed together is not tried together. `retry_after`: seconds that
    the callback asked for.
    """
    pause = min(FIRST_PAUSE * (1 << min(max(failures, 1) - 1, 16)), LONGEST_PAUSE)
    asked = min(timedelta(seconds=retry_after or 0), LONGEST_PAUSE)
    return now + max(pause * (1 - jitter / 2), asked)


def is_stale(failing_since: datetime | None, now: datetime) -> bool:
    """Whether nobody has been reached for too long."""
    return failing_since is not None and failing_since + FOR_SO_LONG <= now


def fat_ping(sent: Send, form: str, settings: Settings, flow: str, secret: str | None) -> Message:
    """The message of WebSub (7): the feed in the topic's form, with what has changed alone; signed over its exact bytes."""
    body = FORMS[form].render(sent.document)
    headers = {"Content-Type": FORMS[form].media_type, "Link": links(settings, flow, form)}
    if secret is not None:
        headers["X-Hub-Signature"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Message(body, headers)


def webhook(sent: Send, form: str, identity: str, secrets: Sequence[str], now: datetime) -> Message:
    """The message of a webhook, signed as Standard Webhooks has it, with each of the `secrets`; `identity`: the same at every attempt."""
    placed = sent.placed
    again = placed.publication.placed_at > placed.first_placed_at
    kind = ("story.corrected" if again else "story.published") if sent.story else "story.withdrawn"
    (item,) = json.loads(FORMS[form].render(sent.document))
    told = {"type": kind, "timestamp": instant(sent.document.updated), "data": item}
    body = json.dumps(told, ensure_ascii=False).encode()
    moment = str(int(now.timestamp()))
    signed = f"{identity}.{moment}.".encode() + body
    signatures = (hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in secrets)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }
    return Message(body, headers)


def name_of(key: bytes, delivery: Delivery) -> str:
    """A Delivery's id on the wire: the same at every attempt; it tells nothing of how much others get (Z03).

    A story that is told as taken back until its hour comes, and then as itself, is two.
    """
    said = f"{delivery.subscription} {delivery.sequence} {delivery.kind}".encode()
    return "msg_" + hmac.new(key, said, hashlib.sha256).hexdigest()[:32]


def asked_with(callback: str, **parameters: str) -> str:
    """The callback with these `hub.` parameters; its own query is kept (WebSub, 5.3)."""
    parts = urlsplit(callback)
    added = urlencode({f"hub.{name}": value for name, value in parameters.items()})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def _base(settings: Settings) -> str:
    return settings.base_url.rstrip("/")


def _hubbed(document: FeedDocument, settings: Settings) -> FeedDocument:
    return replace(document, links=replace(document.links, hub=hub_address(_base(settings))))


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(WEBHOOK_SECRET))
