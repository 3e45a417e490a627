"""The hub of our own feeds (WebSub): where a partner asks to be told at once. It takes the request; a worker asks the callback (P10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from syndication import access
from syndication.errors import InputError
from syndication.feeds.forms import FORMS
from syndication.fetch.client import address_fault
from syndication.fetch.guard import Guard
from syndication.identity import new_id
from syndication.model.account import FeedToken
from syndication.model.partner import Direction
from syndication.model.subscription import Intent, Mode, SubscriptionState
from syndication.publish import push
from syndication.storage import partners, subscriptions
from syndication.storage.database import Transaction
from syndication.web.parts import Parts, parts
from syndication.web.presented import admitted, plain

hub = Blueprint("hub", __name__)

LONGEST_ADDRESS: Final = 1_000
MOST_SUBSCRIPTIONS: Final = 100
MOST_UNCONFIRMED: Final = 20
"""Of one partner: so many that stand, and so many that wait for their callback to confirm them (P10)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form says, once nothing is wrong with it."""

    mode: Mode
    topic: str
    callback: str
    lease_seconds: int
    secret: str | None


@hub.post("/hub")
def ask() -> Response:
    """Subscribe or unsubscribe. 202: the callback is asked next. What names no feed of that partner's gets the same answer, and is
    denied at the callback, like one that is not there (A08).
    """

    def inside(tx: Transaction, token: FeedToken, now: datetime) -> Response:
        here = parts()
        try:
            wish = _wish(Guard.of(here.settings.allow.get(token.partner, ())))
        except InputError as error:
            return plain(400, str(error))
        standing = [one for one in subscriptions.all(tx, partner=token.partner) if one.state is not SubscriptionState.ENDED]
        if wish.mode is Mode.SUBSCRIBE and len(standing) >= MOST_SUBSCRIPTIONS:
            return plain(403, f"There are {len(standing)} subscriptions already, the most there may be. Unsubscribe some.")
        host = _host(wish.callback)
        with here.database.write() as writing:
            if subscriptions.unconfirmed(writing, token.partner) >= MOST_UNCONFIRMED:
                return plain(
                    429, "Earlier requests still wait for their callbacks to confirm them. Try again later.", {"Retry-After": "60"}
                )
            known = any(_host(one.callback) == host for one in standing)
            subscriptions.ask(writing, _intent(tx, here, token, wish, host, now), known_host=known)
        return plain(202, "Taken. The callback is asked next.")

    return admitted(inside)


def _wish(guard: Guard) -> Wish:
    """What is asked for. Raises InputError with a plain reason; parameters that are not known are not looked at."""
    given = request.form
    mode, topic, callback = (given.get(f"hub.{name}", "").strip() for name in ("mode", "topic", "callback"))
    if mode not in list(Mode):
        raise InputError("hub.mode must be subscribe or unsubscribe.")
    if not topic or len(topic) > LONGEST_ADDRESS or not topic.isprintable():
        raise InputError("hub.topic must be the address of a feed, as its rel=self link gives it.")
    if not callback or len(callback) > LONGEST_ADDRESS or not callback.isascii():
        raise InputError(f"hub.callback must be an http or https address of at most {LONGEST_ADDRESS} characters, in ASCII.")
    if fault := address_fault(callback, guard):
        raise InputError(f"hub.callback: {fault}.")
    secret = given.get("hub.secret") or None
    if secret and len(secret.encode()) > push.LONGEST_SECRET:
        raise InputError(f"hub.secret must be shorter than {push.LONGEST_SECRET + 1} bytes.")
    if secret and urlsplit(callback).scheme != "https":
        raise InputError("hub.secret guards nothing where the callback is not https: leave it out, or give an https callback.")
    seconds = given.get("hub.lease_seconds", "").strip()
    if seconds and not (seconds.isdecimal() and seconds.isascii()):
        raise InputError("hub.lease_seconds must be a whole number of seconds.")
    lasting = push.lease(int(seconds[:12]) if seconds else None)
    return Wish(Mode(mode), topic, callback, int(lasting.total_seconds()), secret)


def _intent(tx: Transaction, here: Parts, token: FeedToken, wish: Wish, host: str, now: datetime) -> Intent:
    flow, form = _feed(tx, here, token, wish.topic)
    secret = access.sealed(here.secret_key, wish.secret) if wish.secret else None
    return Intent(
        new_id("ask"),
        wish.mode,
        token.partner,
        token.id,
        wish.topic,
        flow,
        form,
        wish.callback,
        host,
        wish.lease_seconds,
        secret,
        now,
    )


def _feed(tx: Transaction, here: Parts, token: FeedToken, topic: str) -> tuple[str | None, str | None]:
    """The partner's own feed of that address, which its token opens."""
    for flow in partners.flows(tx, direction=Direction.OUTBOUND, partner=token.partner):
        for form in FORMS:
            if token.opens(flow.id) and push.topic_address(here.settings, flow.id, form) == topic:
                return flow.id, form
    return None, None


def _host(callback: str) -> str:
    return (urlsplit(callback).hostname or "").rstrip(".")
