"""Asks the hubs of partners' feeds to tell us, keeps that up, and takes what they send. The database says what is due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from syndication import access
from syndication.agreements.governing import Standing
from syndication.errors import FeedError, FetchError, NotFoundError
from syndication.fetch.client import Answer
from syndication.fetch.guard import Guard
from syndication.identity import new_id
from syndication.ingest import callback
from syndication.ingest.callback import Ask, Forget, Leave, Rest
from syndication.ingest.poll import Poller
from syndication.logs import logger
from syndication.model.callback import Callback, CallbackState, Hub
from syndication.model.partner import Flow
from syndication.storage import agreements, callbacks, partners, polls
from syndication.storage.database import Transaction

IN_A_ROW: Final = 20
"""So many hubs, and pushes, at one tick; the rest at the next."""
LONGEST_ERROR: Final = 200
KEY_PURPOSE: Final = b"callbacks"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The network is never inside a transaction. What fails is due again; the flow is polled meanwhile, as if there were no hub.

    `key`: the secret key of the data folder; `jitter`: from 0 to 1, see `callback.retried_at`.
    """

    poller: Poller
    key: bytes
    jitter: Callable[[], float]

    def tick(self, now: datetime) -> None:
        """Ask the hubs that are due, and take what hubs sent, each up to a bound."""
        for work in (self.take_next, self.look_after_next):
            for _ in range(IN_A_ROW):
                if not work(now):
                    break

    def look_after_next(self, now: datetime) -> bool:
        """Do what is due about one hub; False where none is."""
        settings = self.poller.settings
        with self.poller.database.write() as tx:
            hub = callbacks.claim(tx, now, settings.lease_seconds)
        if hub is None:
            return False
        with self.poller.database.read() as tx:
            flow = partners.flow_ever(tx, hub.flow)
            standing = callbacks.of_flow(tx, hub.flow)
            governed = flow is not None and Standing(agreements.register(tx, settings.agency), now).governing(flow).agreement is not None
        if flow is None:
            return False  # there is no such row: a hub is kept with its flow
        wanted = callback.why_not(flow, settings.base_url, governed) is None
        step = callback.next_step(hub, standing, wanted, now)
        match step:
            case Ask():
                self._ask(hub, flow, now)
            case Leave(one):
                self._leave(one, flow, now)
            case Forget(one, failed):
                with self.poller.database.write() as tx:
                    callbacks.forget(tx, one)
                    if failed:
                        self._failed(tx, hub, now, "it took what it was asked, and never asked back at the callback")
        due = step.until if isinstance(step, Rest) else now
        with self.poller.database.write() as tx:
            callbacks.settle(tx, hub, due)
        return True

    def take_next(self, now: datetime) -> bool:
        """Take one push; False where none waits. One that cannot be read, and all that is not plain in one, is left to a poll."""
        with self.poller.database.write() as tx:
            push = callbacks.claim_push(tx, now, self.poller.settings.lease_seconds)
        if push is None:
            return False
        try:
            counts = self.poller.take_push(push, now)
            unclear = bool(counts.kills or counts.unreadable)
            logger.info("took a push", flow=push.flow, new=counts.new, corrections=counts.corrections, kills_claimed=counts.kills)
        except (FeedError, NotFoundError) as error:
            unclear = True
            logger.info("a push cannot be read", flow=push.flow, error=str(error))
        with self.poller.database.write() as tx:
            callbacks.taken(tx, push)
            if unclear:
                hint(tx, push.flow, timedelta(seconds=self.poller.settings.poll_interval_minimum), now)
        return True

    def _ask(self, hub: Hub, flow: Flow, now: datetime) -> None:
        one = Callback(new_id("cb"), hub.flow, hub.url or "", hub.topic or "", CallbackState.ASKED, now)
        with self.poller.database.write() as tx:
            callbacks.ask(tx, one)
        error, answer = None, None
        try:
            answer = self._submit(one, flow, "subscribe")
            if not 200 <= answer.status < 300:
                said = answer.body[:LONGEST_ERROR].decode("utf-8", "replace")
                error = f"it answered {answer.status}: {''.join(filter(str.isprintable, said))}"
        except FetchError as failure:
            error = str(failure)
        logger.info("asked a hub", flow=flow.id, hub=one.hub, error=error)
        if error is None:
            return
        with self.poller.database.write() as tx:
            now_stands = callbacks.get(tx, one.id)
            if now_stands is None or now_stands.state is not CallbackState.ASKED:
                return  # it has asked back, whatever became of its answer
            if answer is not None:
                callbacks.forget(tx, one)
            self._failed(tx, hub, now, error[:LONGEST_ERROR], answer.retry_after if answer else None)

    def _leave(self, one: Callback, flow: Flow, now: datetime) -> None:
        """Once, as well as can be done: what the hub sends there after it is not heard, and its lease ends."""
        with self.poller.database.write() as tx:
            callbacks.leave(tx, one, now)
        error = None
        try:
            self._submit(one, flow, "unsubscribe")
        except FetchError as failure:
            error = str(failure)
        logger.info("left a hub", flow=flow.id, hub=one.hub, error=error)

    def _submit(self, one: Callback, flow: Flow, mode: str) -> Answer:
        settings = self.poller.settings
        form = callback.request(access.derived(self.key, KEY_PURPOSE), one, settings.base_url, mode)
        guard = Guard.of(settings.allow.get(flow.partner, ()))
        return self.poller.client.submit(one.hub, form, callback.credentials(flow.url or "", one.hub), guard)

    def _failed(self, tx: Transaction, hub: Hub, now: datetime, error: str, retry_after: int | None = None) -> None:
        callbacks.failed(tx, hub.flow, callback.retried_at(hub.failures + 1, now, self.jitter(), retry_after), error)


def hint(tx: Transaction, flow: str, minimum: timedelta, now: datetime) -> None:
    """There may be something new: the flow is due now, or as soon as the `minimum` since its last poll is over (P18)."""
    last = polls.recent(tx, flow, 1)
    polls.hasten(tx, flow, max(now, last[0].finished_at + minimum) if last else now)
