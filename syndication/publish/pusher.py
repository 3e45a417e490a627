"""Sends what waits for Subscriptions, and verifies what was asked of the hub; the gate is asked at the moment of sending (P12)."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from syndication import access
from syndication.agreements.governing import Standing
from syndication.errors import FetchError, RefusedError
from syndication.feeds.forms import FORMS
from syndication.fetch.client import Answer
from syndication.fetch.guard import Guard
from syndication.identity import new_id
from syndication.logs import logger
from syndication.model.account import stands
from syndication.model.event import Event
from syndication.model.subscription import Claim, Delivery, End, Intent, Means, Mode, Subscription, SubscriptionState
from syndication.publish import push
from syndication.publish.document import open_to_reading
from syndication.publish.push import Answered, Drop, Footing, Message, Send, Wait
from syndication.settings import Settings
from syndication.storage import accounts, agreements, events, partners, publications, subscriptions
from syndication.storage.database import Database, Transaction

IN_A_ROW: Final = 50
"""So many deliveries are made under one lease; then others have their turn."""
LONGEST_ERROR: Final = 200


class Callbacks(Protocol):
    """The network, as it is seen from here: `fetch.client.Client`."""

    def post(self, url: str, body: bytes, headers: dict[str, str], guard: Guard) -> Answer:
        """Send."""

    def ask(self, url: str, guard: Guard) -> Answer:
        """Ask."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What is about to be sent, whereto, and of which token it is to be recorded."""

    subscription: Subscription
    delivery: Delivery
    sent: Send
    message: Message


@dataclass(frozen=True, slots=True)
class _Denial:
    """What has just ended, by our doing, and why: its callback is told before anything else."""

    subscription: Subscription
    end: End


@dataclass(frozen=True, slots=True)
class Pusher:
    """At least once, in the order of placing for each story, one at a time for each Subscription. The network is never in a transaction.

    `key`: the secret key of the data folder; `clock`: asked anew for each delivery; `jitter`: from 0 to 1, see `push.next_attempt`.
    """

    database: Database
    client: Callbacks
    settings: Settings
    key: bytes
    clock: Callable[[], datetime]
    jitter: Callable[[], float]

    def claim(self, free: int, threads: int) -> tuple[Claim, ...]:
        """What to work on next, with so many of the threads free: half of them are kept from callbacks that may hang."""
        unsure = max(0, free - threads // 2)
        with self.database.write() as tx:
            return subscriptions.claim(tx, self.clock(), free, self.settings.lease_seconds, unsure=unsure)

    def work(self, claim: Claim) -> None:
        """Send what is due under this claim, or verify. Raises StorageError where the database fails, ConflictError for a lost lease."""
        if claim.verifies:
            self._verify(claim)
            return
        for _ in range(IN_A_ROW):
            if not self._push_next(claim):
                break
        with self.database.write() as tx:
            subscriptions.let_go(tx, claim, self.clock())

    def _push_next(self, claim: Claim) -> bool:
        """Whether there may be more to send now."""
        with self.database.write() as tx:
            now = self.clock()
            subscriptions.hold_on(tx, claim, now + timedelta(seconds=self.settings.lease_seconds))
            parcel = self._next_parcel(tx, claim, now)
        if isinstance(parcel, _Denial):
            self._deny(parcel)
            return True
        if parcel is None or isinstance(parcel, bool):
            return bool(parcel)
        callback, error, answer = parcel.subscription.callback, "", None
        try:
            answer = self.client.post(callback, parcel.message.body, parcel.message.headers, self._guard(parcel.subscription.partner))
        except FetchError as failure:
            error = str(failure)[:LONGEST_ERROR]
        meant = push.meaning(answer.status) if answer else Answered.UNREACHED
        with self.database.write() as tx:
            now = self.clock()
            if meant is Answered.TAKEN:
                self._taken(tx, parcel, now)
                return True
            error = error or f"answered {answer.status if answer else 0}"
            return self._not_taken(tx, claim, parcel, meant, error, now, answer.retry_after if answer else None)

    def _deny(self, denial: "_Denial") -> None:
        """Tell a subscriber of WebSub that it has ended, once: whoever is not reached reads it at the feed."""
        to, reason = denial.subscription, push.NO_MORE[denial.end]
        asked = push.asked_with(to.callback, mode="denied", topic=push.topic_address(self.settings, to.flow, to.form), reason=reason)
        try:
            outcome = f"answered {self.client.ask(asked, self._guard(to.partner)).status}"
        except FetchError as error:
            outcome = f"not reached: {error}"[:LONGEST_ERROR]
        logger.info("told of its end", subscription=to.id, outcome=outcome)

    def _next_parcel(self, tx: Transaction, claim: Claim, now: datetime) -> "_Parcel | _Denial | bool | None":
        """What to send; True where something was put off or dropped, and there may be more; None where there is nothing."""
        subscription = subscriptions.get(tx, claim.of)
        flow = partners.flow_ever(tx, subscription.flow) if subscription else None
        if subscription is None or flow is None:
            return None
        standing = Standing(agreements.register(tx, self.settings.agency), now)
        foot, end = push.footing(subscription, accounts.token(tx, subscription.token), flow, standing)
        if end is not None and end is not subscription.end:
            subscriptions.end(tx, subscription.id, end)
            events.record_event(tx, Event(now, "clock", "ended a subscription", subscription.id, end))
            logger.info("subscription ended", subscription=subscription.id, flow=flow.id, why=str(end))
            if end in push.NO_MORE and subscription.means is Means.WEBSUB:
                return _Denial(subscription, end)
        if end is not None and not end.tells:
            return None
        if subscription.state is SubscriptionState.ACTIVE and push.is_stale(subscription.failing_since, now):
            subscriptions.turn_stale(tx, subscription.id)
            events.record_event(tx, Event(now, "clock", "found a subscription stale", subscription.id, subscription.last_error or ""))
        delivery = subscriptions.next_due(tx, subscription.id, now, withdrawals_only=foot is not Footing.OPEN)
        if delivery is None:
            if foot is Footing.WAITS:
                subscriptions.rest(tx, claim, now + push.LOOK_AGAIN)
            return None
        placed = publications.one(tx, delivery.sequence)
        verdict = (
            push.judged(delivery, placed, flow, standing, self.settings, form=subscription.form, foot=foot)
            if placed
            else Drop("it is not there any more")
        )
        match verdict:
            case Send() if verdict.story and subscription.state is SubscriptionState.STALE:
                subscriptions.dropped(tx, delivery)
            case Send():
                return _Parcel(subscription, delivery, verdict, self._message(subscription, delivery, verdict, now))
            case Wait():
                subscriptions.put_off(tx, delivery, verdict.until)
            case Drop():
                subscriptions.dropped(tx, delivery)
                logger.info("not pushed", subscription=subscription.id, sequence=delivery.sequence, why=verdict.why)
        return True

    def _message(self, to: Subscription, delivery: Delivery, sent: Send, now: datetime) -> Message:
        secret = access.unsealed(self.key, to.secret) if to.secret else None
        if to.means is Means.WEBSUB:
            return push.fat_ping(sent, to.form, self.settings, to.flow, secret)
        living = [secret] if secret else []
        if to.old_secret and to.old_until and now < to.old_until:
            living.append(access.unsealed(self.key, to.old_secret))
        return push.webhook(sent, to.form, push.name_of(access.derived(self.key, b"deliveries"), delivery), living, now)

    def _taken(self, tx: Transaction, parcel: _Parcel, now: datetime) -> None:
        """The partner has it now: the proof of who must be told of a kill, and of who was."""
        sequence, again = parcel.delivery.sequence, parcel.sent.again
        subscriptions.delivered(tx, parcel.delivery, now)
        if again is not None and parcel.subscription.state is SubscriptionState.ACTIVE:
            subscriptions.due_again(tx, parcel.delivery, again)
        # That a story waits for its hour again is no version of it that anybody has.
        if parcel.sent.story or (again is None and FORMS[parcel.subscription.form].tells):
            fresh = publications.unfetched(tx, (sequence,))
            if fresh:
                publications.record_fetch(tx, fresh, now, parcel.subscription.token)
        logger.info("pushed", subscription=parcel.subscription.id, flow=parcel.subscription.flow, sequence=sequence)

    def _not_taken(
        self, tx: Transaction, claim: Claim, parcel: _Parcel, meant: Answered, error: str, now: datetime, retry_after: int | None
    ) -> bool:
        to, delivery = parcel.subscription, parcel.delivery
        logger.info("push failed", subscription=to.id, flow=to.flow, sequence=delivery.sequence, error=error)
        if meant is Answered.GONE:
            subscriptions.end(tx, to.id, End.GONE)
            events.record_event(tx, Event(now, f"partner:{to.partner}", "ended a subscription", to.id, End.GONE))
            return False
        if meant is Answered.REFUSED:
            subscriptions.refused(tx, delivery, push.next_attempt(delivery.failures + 1, now, self.jitter(), retry_after), error)
            return True
        until = push.next_attempt(to.failures + 1, now, self.jitter(), retry_after)
        subscriptions.unreached(tx, claim, delivery, until, to.failing_since or now, error)
        return False

    def _verify(self, claim: Claim) -> None:
        """Ask the callback itself, with a challenge that is used once and kept nowhere; only its echo makes the request hold (P10)."""
        now = self.clock()
        with self.database.read() as tx:
            intent = subscriptions.intent(tx, claim.of)
            refusal = self._refusal(tx, intent, now) if intent else None
        if intent is None:
            return
        guard = self._guard(intent.partner)
        challenge = secrets.token_urlsafe(32)
        try:
            if refusal is not None:
                self.client.ask(push.asked_with(intent.callback, mode="denied", topic=intent.topic, reason=refusal), guard)
                outcome = f"denied: {refusal}"
            else:
                asked = {"mode": str(intent.mode), "topic": intent.topic, "challenge": challenge}
                if intent.mode is Mode.SUBSCRIBE:
                    asked["lease_seconds"] = str(intent.lease_seconds)
                answer = self.client.ask(push.asked_with(intent.callback, **asked), guard)
                echoed = hmac.compare_digest(answer.body.strip(), challenge.encode())
                confirmed = 200 <= answer.status < 300 and echoed
                outcome = (
                    "confirmed" if confirmed else f"not confirmed: answered {answer.status}{'' if echoed else ', without the challenge'}"
                )
        except FetchError as error:
            outcome = f"not reached: {error}"[:LONGEST_ERROR]
        with self.database.write() as tx:
            subscriptions.settle(tx, claim, self.clock(), outcome)
            if outcome == "confirmed":
                self._hold(tx, intent, self.clock())
        logger.info("verified", mode=str(intent.mode), partner=intent.partner, host=intent.host, outcome=outcome)

    def _refusal(self, tx: Transaction, intent: Intent, now: datetime) -> str | None:
        """Why it is denied, in words that are the same for what is not there and for what is another's (A08)."""
        flow = partners.flow(tx, intent.flow) if intent.flow else None
        token = accounts.token(tx, intent.token)
        if flow is None or token is None or not stands(token, now) or not token.opens(flow.id):
            return "There is no such feed."
        if intent.mode is Mode.UNSUBSCRIBE:
            return None
        try:
            open_to_reading(flow, Standing(agreements.register(tx, self.settings.agency), now))
        except RefusedError as refused:
            return f"{str(refused)[:1].upper()}{str(refused)[1:]}."
        return None

    def _hold(self, tx: Transaction, intent: Intent, now: datetime) -> None:
        """What the callback has confirmed holds from now on."""
        if intent.flow is None or intent.form is None:
            return
        before = subscriptions.at(tx, intent.flow, intent.form, intent.callback, Means.WEBSUB)
        actor = f"partner:{intent.partner}"
        if intent.mode is Mode.UNSUBSCRIBE:
            if before is not None and subscriptions.end(tx, before.id, End.UNSUBSCRIBED):
                events.record_event(tx, Event(now, actor, "unsubscribed", before.id, intent.topic))
            return
        wanted = Subscription(
            new_id("sub"),
            Means.WEBSUB,
            intent.partner,
            intent.flow,
            intent.form,
            intent.callback,
            intent.token,
            now,
            lease_until=now + timedelta(seconds=intent.lease_seconds),
            secret=intent.secret,
        )
        made = subscriptions.start(tx, wanted)
        events.record_event(tx, Event(now, actor, "subscribed", made.id, f"{intent.topic} at {intent.host}"))

    def _guard(self, partner: str) -> Guard:
        return Guard.of(self.settings.allow.get(partner, ()))
