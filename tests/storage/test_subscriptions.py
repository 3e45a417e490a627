"""Subscriptions and what waits for them: put there with the placing, claimed by one worker at a time, ended with or without a last word."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syndication.errors import ConflictError
from syndication.model.publication import Publication, PublicationKind
from syndication.model.subscription import Claim, End, Intent, Means, Mode, Subscription, SubscriptionState
from syndication.storage import accounts, partners, publications, stories, subscriptions
from syndication.storage.database import Database, Transaction
from tests import worlds
from tests.worlds import NOW

PLAIN = Subscription("sub_1", Means.WEBHOOK, "trc", "to-trc", "ninjs", "https://subscriber.example/", "t_1", NOW)
SECOND = timedelta(seconds=1)


@pytest.fixture
def told(peopled: Database) -> Database:
    with peopled.write() as tx:
        accounts.issue(tx, worlds.token(), "d" * 64)
    return peopled


def placed(tx: Transaction, name: str = "s_1", kind: PublicationKind = PublicationKind.STORY, **changes: Any) -> Publication:
    """The story, placed on `to-trc`, and queued."""
    if stories.get(tx, name) is None:
        stories.write(tx, worlds.story(id=name, current=worlds.story_version(story=name, **changes)))
    made = publications.place_all(tx, (Publication(0, "to-trc", name, 1, kind, worlds.out_stamp(), NOW),))
    subscriptions.enqueue(tx, made)
    return made[0]


def claim(tx: Transaction, **changes: Any) -> tuple[Claim, ...]:
    asked = {"now": NOW, "limit": 8, "lease_seconds": 120, "unsure": 4, **changes}
    return subscriptions.claim(tx, asked["now"], asked["limit"], asked["lease_seconds"], unsure=asked["unsure"])


def test_a_subscription_comes_back_as_it_was_given(told: Database) -> None:
    whole = replace(
        PLAIN, lease_until=NOW + SECOND, secret="sealed", old_secret="older", old_until=NOW, state=SubscriptionState.ENDED, end=End.TOKEN
    )
    with told.write() as tx:
        assert subscriptions.start(tx, whole) == whole
        assert subscriptions.get(tx, "sub_1") == whole
        assert subscriptions.at(tx, "to-trc", "ninjs", "https://subscriber.example/", Means.WEBHOOK) == whole
        assert subscriptions.at(tx, "to-trc", "ninjs", "https://subscriber.example/", Means.WEBSUB) is None
        assert subscriptions.all(tx, partner="trc", flow="to-trc") == (whole,)
        assert subscriptions.all(tx, partner="other") == subscriptions.all(tx, flow="other") == ()
        again = subscriptions.start(tx, replace(PLAIN, id="sub_2", token="t_1"))
        assert (again.id, again.state, again.end, again.secret) == ("sub_1", SubscriptionState.ACTIVE, None, None)


@pytest.mark.parametrize(
    ("changes", "kind", "queued"),
    [
        pytest.param({}, PublicationKind.STORY, 1, id="active, a story"),
        pytest.param({}, PublicationKind.WITHDRAWAL, 1, id="active, a withdrawal"),
        pytest.param({"state": SubscriptionState.STALE}, PublicationKind.STORY, 0, id="stale, a story"),
        pytest.param({"state": SubscriptionState.STALE}, PublicationKind.WITHDRAWAL, 1, id="stale, a withdrawal"),
        pytest.param({"state": SubscriptionState.ENDED, "end": End.AGREEMENT}, PublicationKind.STORY, 0, id="ended by us, a story"),
        pytest.param({"state": SubscriptionState.ENDED, "end": End.AGREEMENT}, PublicationKind.WITHDRAWAL, 1, id="ended by us, withdrawal"),
        pytest.param({"state": SubscriptionState.ENDED, "end": End.GONE}, PublicationKind.WITHDRAWAL, 0, id="gone, a withdrawal"),
    ],
)
def test_who_is_queued_for(told: Database, changes: dict[str, Any], kind: PublicationKind, queued: int) -> None:
    with told.write() as tx:
        subscriptions.start(tx, replace(PLAIN, **changes))
        placed(tx, kind=kind)
        assert subscriptions.waiting(tx).get("sub_1", 0) == queued


def test_nothing_is_queued_for_another_flow_or_twice(told: Database) -> None:
    with told.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.flow(), worlds.outbound(), worlds.outbound(id="too")), NOW)
        subscriptions.start(tx, replace(PLAIN, flow="too"))
        placed(tx)
        assert subscriptions.waiting(tx) == {}
        subscriptions.start(tx, replace(PLAIN, id="sub_2"))
        placed(tx)
        placed(tx)
        assert subscriptions.waiting(tx) == {"sub_2": 2}
        subscriptions.enqueue(tx, ())


def test_an_embargo_is_due_at_its_hour(told: Database) -> None:
    hour = NOW + timedelta(hours=2)
    with told.write() as tx:
        subscriptions.start(tx, PLAIN)
        placed(tx, content=worlds.content(embargo_until=hour))
        assert claim(tx, now=hour - SECOND) == ()
        assert claim(tx, now=hour) == (Claim("sub_1", 1),)


def test_a_claim_is_one_workers_until_its_lease_ends(told: Database) -> None:
    with told.write() as tx:
        subscriptions.start(tx, PLAIN)
        placed(tx)
        (first,) = claim(tx)
        assert claim(tx, now=NOW + timedelta(seconds=119)) == ()
        (second,) = claim(tx, now=NOW + timedelta(seconds=120))
        assert second.attempt == first.attempt + 1
        with pytest.raises(ConflictError):
            subscriptions.hold_on(tx, first, NOW)
        subscriptions.let_go(tx, first, NOW)
        assert claim(tx, now=NOW + timedelta(seconds=121)) == ()
        subscriptions.let_go(tx, second, NOW)
        assert len(claim(tx, now=NOW + timedelta(seconds=121))) == 1


def test_a_clock_that_was_set_back_holds_nothing_up(told: Database) -> None:
    """A claim from after that moment is no claim of now; one that a claim of now may have made stands."""
    with told.write() as tx:
        subscriptions.start(tx, PLAIN)
        placed(tx)
        (ahead,) = claim(tx, now=NOW + timedelta(hours=1))
        assert claim(tx, now=NOW + timedelta(hours=1)) == ()
        (taken,) = claim(tx)
        assert taken.attempt == ahead.attempt + 1
        assert claim(tx) == ()


def test_many_workers_never_share_one(told: Database) -> None:
    with told.write() as tx:
        for number in range(20):
            subscriptions.start(tx, replace(PLAIN, id=f"sub_{number}", callback=f"https://subscriber.example/{number}"))
        placed(tx)
    got: list[str] = []

    def work() -> None:
        for _ in range(3):
            with told.write() as tx:
                got.extend(one.of for one in claim(tx, limit=2))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == 20


def test_what_was_taken_back_is_next_then_the_order_of_placing(told: Database) -> None:
    with told.write() as tx:
        subscriptions.start(tx, PLAIN)
        one, two = placed(tx, "s_1"), placed(tx, "s_2")
        gone = placed(tx, "s_2", PublicationKind.WITHDRAWAL)
        order = []
        while (delivery := subscriptions.next_due(tx, "sub_1", NOW, withdrawals_only=False)) is not None:
            order.append(delivery.sequence)
            subscriptions.delivered(tx, delivery, NOW)
        # The story is not sent after its withdrawal.
        assert order == [gone.sequence, one.sequence]
        assert two.sequence not in order
        placed(tx, "s_3")
        assert subscriptions.next_due(tx, "sub_1", NOW, withdrawals_only=True) is None


@pytest.mark.parametrize("why", list(End))
def test_an_end_and_what_is_left_after_it(told: Database, why: End) -> None:
    """After what was our doing withdrawals stay; after all else nothing does, not even the secret."""
    with told.write() as tx:
        subscriptions.start(tx, replace(PLAIN, secret="sealed"))
        placed(tx)
        placed(tx, "s_2", PublicationKind.WITHDRAWAL)
        assert subscriptions.end(tx, "sub_1", why)
        assert subscriptions.waiting(tx).get("sub_1", 0) == (1 if why.tells else 0)
        held = subscriptions.get(tx, "sub_1")
        assert held
        assert (held.state, held.end, held.secret) == (SubscriptionState.ENDED, why, "sealed" if why.tells else None)
        assert subscriptions.end(tx, "sub_1", End.REMOVED) is why.tells
        assert not subscriptions.rotate(tx, "sub_1", "other", NOW)
        assert not subscriptions.revive(tx, "sub_1")


def intent(number: int = 1, **changes: Any) -> Intent:
    plain = Intent(
        f"ask_{number}", Mode.SUBSCRIBE, "trc", "t_1", "topic", "to-trc", "atom", "https://a.example/", "a.example", 60, "sealed", NOW
    )
    return replace(plain, **changes)


def test_an_intent_comes_back_once(told: Database) -> None:
    with told.write() as tx:
        subscriptions.ask(tx, intent(), known_host=False)
        assert subscriptions.unconfirmed(tx, "trc") == 1
        assert claim(tx, unsure=0) == ()
        (mine,) = claim(tx)
        assert mine == Claim("ask_1", 1, verifies=True)
        assert subscriptions.intent(tx, "ask_1") == intent()
        (later,) = claim(tx, now=NOW + timedelta(minutes=3))
        with pytest.raises(ConflictError):
            subscriptions.settle(tx, mine, NOW, "confirmed")
        subscriptions.settle(tx, later, NOW, "confirmed")
        assert subscriptions.intent(tx, "ask_1") is None
        assert subscriptions.unconfirmed(tx, "trc") == 0
        with pytest.raises(ConflictError):
            subscriptions.settle(tx, later, NOW, "confirmed")


def test_a_host_is_asked_once_a_minute_and_remembered_for_a_day(told: Database) -> None:
    """P10."""
    with told.write() as tx:
        for number in range(3):
            subscriptions.ask(tx, intent(number), known_host=False)
        subscriptions.ask(tx, intent(3, host="b.example"), known_host=False)
        subscriptions.ask(tx, intent(4), known_host=True)
        due = [[one.of for one in claim(tx, now=NOW + timedelta(seconds=seconds))] for seconds in (0, 59, 60, 120)]
        assert due[0] == ["ask_0", "ask_3", "ask_4"]
        assert due[1:3] == [[], ["ask_1"]]
        assert "ask_2" in due[3]
        subscriptions.settle(tx, Claim("ask_3", 1 if "ask_3" not in due[3] else 2), NOW, "confirmed")
        subscriptions.ask(tx, intent(9, asked_at=NOW + timedelta(hours=25), host="c.example"), known_host=False)
        subscriptions.ask(tx, intent(3, asked_at=NOW + timedelta(hours=25), host="d.example"), known_host=False)
