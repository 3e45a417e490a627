"""What a partner's hub is asked, and when; which of what comes to a callback is the hub's; what a push is worth. Pure.

WebSub (W3C, 2018), the subscriber's half of it. SHA-1 is not among the signatures that are believed (P01): whoever signs so is not heard,
and its feed is polled.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from syndication.feeds.parse import absolute
from syndication.fetch.headers import links
from syndication.ingest.gaps import same_host
from syndication.model.callback import Callback, CallbackState, Hub
from syndication.model.entry import FeedLinks, ParsedFeed, Tombstone
from syndication.model.item import Item, ReviewState
from syndication.model.partner import Flow, FlowState, Told
from syndication.model.story import Pubstatus
from syndication.publish.push import DEFAULT_LEASE, lease

ASKS_BACK: Final = timedelta(hours=1)
"""So long what we asked stands: the hub may ask back within it, and not after it."""
LOOK_AGAIN: Final = timedelta(minutes=10)
"""A flow may be paused, or its agreement end, at any time: so often it is looked whether the hub is still to tell us."""
SETTLES: Final = timedelta(hours=1)
"""So long a feed that named another hub, or topic, before has to name the same, until it is asked."""
DENIED_FOR: Final = timedelta(days=7)
RENEWED_AFTER: Final = 0.8
"""Of a lease."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(days=1)
LONGEST_CHALLENGE: Final = 1024
LARGEST_PUSH: Final = 1024 * 1024
"""Bytes; a hub sends the feed, or what is new in it."""
DIGESTS: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
PREFIX: Final = "/callbacks/"
SLOWER: Final = 2.0
"""Of our own interval, the least wait of a flow whose hub tells us (wire 47)."""
CLAIMED: Final = "its hub says that it is killed, and it is withheld: the partner's own feed is asked now whether that is so"


@dataclass(frozen=True, slots=True)
class Discovery:
    """What an answer says of the feed's hub and its own address; None: it names none."""

    hub: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the hub, at a callback that is new."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Tell the hub to stop."""

    one: Callback


@dataclass(frozen=True, slots=True)
class Forget:
    """It is over. `failed`: the hub never asked back."""

    one: Callback
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is to be done before then."""

    until: datetime


def discovered(link: str | None, url: str, said: FeedLinks | None, flow_url: str) -> Discovery | None:
    """The hub and the topic that an answer names: its Link headers, else its document's own head (P17: never an entry, nor any HTML).

    `link`: its Link headers; `url`: where it came from in the end; `said`: the links of its document, None where that was not read, or is
    the one we know. None: it says nothing of it, and what we knew stands. A hub that is not https is none, unless the feed itself is not.
    """
    named: dict[str, list[str]] = {}
    for rel, address in links(link):
        if found := absolute(url, address):
            named.setdefault(rel, []).append(found)
    if said is None and not ("hub" in named and "self" in named):
        return None
    hubs = named.get("hub") or list(said.hubs if said else ())
    topics = named.get("self") or ([said.own] if said and said.own else [])
    schemes = ("https",) if urlsplit(flow_url).scheme == "https" else ("https", "http")
    hub = next((one for scheme in schemes for one in hubs if urlsplit(one).scheme == scheme), None)
    return Discovery(hub, topics[0]) if hub and topics else Discovery()


def why_not(flow: Flow, base_url: str, governed: bool) -> str | None:
    """Why the hub of this flow is not to tell us; None where it is."""
    if flow.push is Told.OFF:
        return "the flow's file says push = 'off'"
    if urlsplit(base_url).scheme != "https":
        return "base_url is not https, so that what a hub sends there could be read and changed on its way"
    if flow.state is not FlowState.OPEN:
        return f"the flow is {flow.state}"
    return None if governed else "no agreement in force governs the flow"


def next_step(hub: Hub, standing: Sequence[Callback], wanted: bool, now: datetime) -> Ask | Leave | Forget | Rest:
    """What to do first about a flow's hub. `standing`: its callbacks, the oldest first; `wanted`: whether it is to tell us at all.

    A new one is asked for before the lease of the old one ends, and the old one left once the new one is confirmed.
    """
    wanted = wanted and hub.url is not None and hub.topic is not None
    right = [one for one in standing if wanted and (one.hub, one.topic) == (hub.url, hub.topic)]
    active = [one for one in right if one.state is CallbackState.ACTIVE]
    for one in standing:
        if (step := _ended(one, hub, now)) is not None:
            return step
        if one.state is CallbackState.LEAVING:
            continue
        if one not in right:
            return Forget(one) if one.state is CallbackState.DENIED else Leave(one)
        if one in active[:-1]:
            return Leave(one)
    if not wanted:
        return Rest(now + LOOK_AGAIN)
    waits = [one.asked_at + ASKS_BACK for one in right if one.state is CallbackState.ASKED and not _told(one, hub)]
    waits += [one.asked_at + DENIED_FOR for one in right if one.state is CallbackState.DENIED]
    waits += [renewed_at(one) for one in active]
    waits += [hub.retry_at] if hub.retry_at is not None else []
    longest = max(waits, default=now)
    return Ask() if longest <= now else Rest(min(longest, now + LOOK_AGAIN))


def _told(one: Callback, hub: Hub) -> bool:
    """Whether that hub failed is told already: it fell silent, and may have taken what it was asked, so that it is still let ask back."""
    return hub.retry_at is not None and hub.retry_at > one.asked_at


def _ended(one: Callback, hub: Hub, now: datetime) -> Forget | None:
    """Whether its time is over."""
    if one.state is CallbackState.ACTIVE:
        return Forget(one) if one.lease_until is None or one.lease_until <= now else None
    if one.state is CallbackState.DENIED:
        return Forget(one) if one.asked_at + DENIED_FOR <= now else None
    over = one.asked_at + ASKS_BACK <= now
    return Forget(one, failed=one.state is CallbackState.ASKED and not _told(one, hub)) if over else None


def renewed_at(one: Callback) -> datetime:
    """When another is asked for in the place of one that is active: well before its lease ends."""
    return one.asked_at + ((one.lease_until or one.asked_at) - one.asked_at) * RENEWED_AFTER


def retried_at(failures: int, now: datetime, jitter: float, retry_after: int | None = None) -> datetime:
    """When the hub is asked again after so many failures in a row: twice as long each time, up to a day. `jitter`: from 0 to 1."""
    pause = min(FIRST_PAUSE * (1 << min(max(failures, 1) - 1, 10)), LONGEST_PAUSE)
    return now + max(pause * (1 - jitter / 2), min(timedelta(seconds=retry_after or 0), LONGEST_PAUSE))


def named(key: bytes, identity: str) -> str:
    """The last part of a callback's address: whoever does not have the key cannot make one."""
    return f"{identity}-{hmac.new(key, b'path ' + identity.encode(), hashlib.sha256).hexdigest()}"


def identity_of(key: bytes, name: str) -> str | None:
    """The callback of that name; None for a name that we did not make. Nothing is looked up for it (P07)."""
    identity = name.rpartition("-")[0]
    good = hmac.compare_digest(named(key, identity).encode("utf-8", "surrogatepass"), name.encode("utf-8", "surrogatepass"))
    return identity if good else None


def secret_of(key: bytes, identity: str) -> str:
    """The hub's secret for that callback: 64 characters, under the 200 bytes that it may have."""
    return hmac.new(key, b"secret " + identity.encode(), hashlib.sha256).hexdigest()


def request(key: bytes, one: Callback, base_url: str, mode: str) -> bytes:
    """The form that asks its hub to subscribe or to unsubscribe (WebSub, 5.1)."""
    asked = {"mode": mode, "topic": one.topic, "callback": f"{base_url.rstrip('/')}{PREFIX}{named(key, one.id)}"}
    if mode == "subscribe":
        asked |= {"lease_seconds": str(int(DEFAULT_LEASE.total_seconds())), "secret": secret_of(key, one.id)}
    return urlencode({f"hub.{name}": value for name, value in asked.items()}).encode()


def credentials(flow_url: str, hub: str) -> str | None:
    """What the hub is asked with: the `token` in the flow's own address, where the hub is on the feed's own server (F08)."""
    token = parse_qs(urlsplit(flow_url).query).get("token")
    return f"Bearer {token[0]}" if token and same_host(flow_url, hub) else None


def lasting(given: str | None, asked_at: datetime) -> datetime:
    """Until when the hub says that it tells us, from an hour to 30 days after it was asked (P06); ten days where it does not say."""
    said = (given or "").strip()
    number = int(said[:12]) if said.isascii() and said.isdecimal() else None
    return asked_at + (lease(number) if number is not None or not said else lease(0))


def asked_for(one: Callback, mode: str, topic: str, now: datetime) -> bool:
    """Whether the hub asks back for what we asked of it (P05). It may ask twice: our first answer may have been lost."""
    wanted = {"subscribe": (CallbackState.ASKED, CallbackState.ACTIVE), "unsubscribe": (CallbackState.LEAVING,)}.get(mode, ())
    return one.state in wanted and one.topic == topic and now < one.asked_at + ASKS_BACK


def hears(one: Callback, now: datetime) -> bool:
    """Whether what is sent there is heard: until its lease ends, or another is confirmed in its place."""
    return one.state is CallbackState.ACTIVE and one.lease_until is not None and now < one.lease_until


def signed(given: str | None, secret: str, body: bytes) -> bool:
    """Whether `X-Hub-Signature` is over exactly these bytes, by this secret (P01). Two headers come as one, which is none."""
    method, _, digest = (given or "").partition("=")
    if method not in DIGESTS:
        return False
    right = hmac.new(secret.encode(), body, DIGESTS[method]).hexdigest()
    return hmac.compare_digest(right.encode(), digest.encode("utf-8", "surrogatepass"))


def delivers(hub: Hub | None, standing: Sequence[Callback], now: datetime) -> bool:
    """Whether the hub can be relied on: it is to tell us, and has told of whatever a poll brought last."""
    if hub is None or hub.pushed_at is None or not any(hears(one, now) for one in standing):
        return False
    return hub.missed_at is None or hub.missed_at < hub.pushed_at


def slowed(pace: float, interval: timedelta, within: timedelta | None) -> float:
    """The pace of a flow whose hub delivers: twice its interval at least, or what a quiet one waits (wire 47). `within`: so soon a kill has
    to be carried out under the agreement, which no push makes us come later than.
    """
    most = within / interval if within is not None else SLOWER
    return max(pace, min(SLOWER, most))


def unheard(hub: Hub | None, before: datetime | None, standing: Sequence[Callback], now: datetime) -> bool:
    """Whether what a poll has just brought should have been told by a push, and was not. `before`: when the poll before it ended."""
    if hub is None or before is None or not any(hears(one, now) for one in standing):
        return False
    return hub.pushed_at is None or hub.pushed_at < before


def pending(hub: Hub | None, started_at: datetime, due: datetime | None, at: datetime) -> datetime | None:
    """When the next poll is due, where a push came while this one was under way, which may have been too early for it: `at`."""
    if due is None or hub is None or hub.pushed_at is None or hub.pushed_at < started_at:
        return due
    return min(due, at)


def claims(feed: ParsedFeed) -> tuple[Tombstone, ...]:
    """What a document says is killed, but for what it says itself is alive again (RFC 6721, 3)."""
    updated: dict[str, datetime] = {}
    for entry in feed.entries:
        if entry.updated is not None and entry.pubstatus is not Pubstatus.CANCELED:
            updated[entry.guid] = max(entry.updated, updated.get(entry.guid, entry.updated))
    dead = [Tombstone(entry.guid, entry.updated) for entry in feed.entries if entry.pubstatus is Pubstatus.CANCELED]
    buried = (one for one in feed.tombstones if one.when is None or one.ref not in updated or updated[one.ref] <= one.when)
    return (*dead, *buried)


def held_by(claim: Tombstone, item: Item) -> bool:
    """Whether a push that claims a kill holds that item, which bears the id: not one that is held or killed, or is newer (P03)."""
    entry = item.current.entry
    if item.state is ReviewState.WITHDRAWN or entry.pubstatus is Pubstatus.WITHHELD:
        return False
    return claim.when is None or entry.updated is None or entry.updated <= claim.when


def without_kills(feed: ParsedFeed) -> ParsedFeed:
    """The document as far as a push is believed (P04)."""
    dead = {one.ref for one in claims(feed)}
    return replace(feed, entries=tuple(entry for entry in feed.entries if entry.guid not in dead), tombstones=())
