"""Hubs, callbacks and pushes, as they are kept."""

from datetime import timedelta

import pytest

from syndication.model.callback import Callback, CallbackState, Hub, Push
from syndication.storage import callbacks, polls
from syndication.storage.database import Database
from tests.worlds import NOW

HUB, TOPIC = "https://hub.example/", "https://feeds.trc.example/en.atom"
ONE = Callback("cb_1", "trc-en", HUB, TOPIC, CallbackState.ASKED, NOW)
LATER = NOW + timedelta(minutes=10)


def hub(database: Database) -> Hub | None:
    with database.read() as tx:
        return callbacks.hub(tx, "trc-en")


def test_a_hub_is_kept_once_it_is_named_and_looked_at_when_it_changes(peopled: Database) -> None:
    with peopled.write() as tx:
        callbacks.found(tx, "trc-en", None, None, NOW)
        assert callbacks.hub(tx, "trc-en") is None
        callbacks.found(tx, "trc-en", HUB, TOPIC, NOW)
        callbacks.failed(tx, "trc-en", LATER, "it answered 500")
        callbacks.found(tx, "trc-en", HUB, TOPIC, LATER, LATER)
    assert hub(peopled) == Hub("trc-en", HUB, TOPIC, NOW, 1, LATER, "it answered 500")
    with peopled.write() as tx:
        callbacks.found(tx, "trc-en", HUB, TOPIC + "2", LATER, LATER)
    assert hub(peopled) == Hub("trc-en", HUB, TOPIC + "2", LATER, retry_at=LATER)
    with peopled.write() as tx:
        callbacks.found(tx, "trc-en", None, None, LATER)
    assert hub(peopled) == Hub("trc-en", None, None, LATER)


def test_a_hub_that_is_due_goes_to_one_worker_at_a_time(peopled: Database) -> None:
    with peopled.write() as tx:
        callbacks.found(tx, "trc-en", HUB, TOPIC, NOW)
        assert callbacks.claim(tx, NOW - timedelta(seconds=1), 60) is None
        claimed = callbacks.claim(tx, NOW, 60)
        assert claimed is not None
        assert callbacks.claim(tx, NOW, 60) is None
        assert callbacks.claim(tx, NOW + timedelta(seconds=61), 60) == claimed
        callbacks.settle(tx, claimed, LATER)
        assert callbacks.claim(tx, NOW + timedelta(seconds=62), 60) is None
        assert callbacks.claim(tx, LATER, 60) is not None


def test_what_came_meanwhile_is_not_put_off(peopled: Database) -> None:
    """The hub asked back while it was being asked: it is looked at again at once."""
    with peopled.write() as tx:
        callbacks.found(tx, "trc-en", HUB, TOPIC, NOW)
        claimed = callbacks.claim(tx, NOW, 60)
        callbacks.ask(tx, ONE)
        assert claimed is not None
        callbacks.confirm(tx, ONE, LATER, NOW + timedelta(seconds=1))
        callbacks.settle(tx, claimed, LATER)
        assert callbacks.claim(tx, NOW + timedelta(seconds=1), 60) is not None


def test_the_life_of_a_callback(peopled: Database) -> None:
    with peopled.write() as tx:
        callbacks.found(tx, "trc-en", HUB, TOPIC, NOW)
        callbacks.failed(tx, "trc-en", LATER, "it answered 500")
        callbacks.ask(tx, ONE)
        assert callbacks.get(tx, "cb_1") == ONE
        callbacks.confirm(tx, ONE, LATER, NOW)
        (active,) = callbacks.of_flow(tx, "trc-en")
        assert (active.state, active.lease_until) == (CallbackState.ACTIVE, LATER)
        known = callbacks.hub(tx, "trc-en")
        assert known is not None
        assert (known.failures, known.retry_at, known.error) == (0, None, None)
        callbacks.forget(tx, ONE)
        assert callbacks.get(tx, "cb_1") == active
        callbacks.leave(tx, active, LATER)
        callbacks.deny(tx, active, "No more", LATER)
        (denied,) = callbacks.of_flow(tx, "trc-en")
        assert (denied.state, denied.reason, denied.asked_at, denied.lease_until) == (CallbackState.DENIED, "No more", LATER, None)
        callbacks.forget(tx, denied)
        assert callbacks.of_flow(tx, "trc-en") == ()


def test_pushes_wait_in_order_and_bounded_and_are_given_up_after_three_tries(peopled: Database) -> None:
    with peopled.write() as tx:
        kept = [callbacks.keep(tx, Push(0, "trc-en", TOPIC, b"\x00%d" % number, None)) for number in range(callbacks.MOST_WAITING + 1)]
        assert kept == [True] * callbacks.MOST_WAITING + [False]
        first = callbacks.claim_push(tx, NOW, 60)
        second = callbacks.claim_push(tx, NOW, 60)
        assert first is not None
        assert second is not None
        assert (first.body, second.body) == (b"\x000", b"\x001")
        callbacks.taken(tx, second)
        for tries in (2, 3):
            again = callbacks.claim_push(tx, NOW + timedelta(minutes=2 * tries), 60)
            assert again == first
        left = callbacks.claim_push(tx, NOW + timedelta(minutes=8), 60)
        assert left is not None
        assert left.body == b"\x002"


@pytest.mark.parametrize("due", [None, NOW - timedelta(minutes=1), NOW + timedelta(minutes=15)])
def test_a_flow_is_hastened_only_where_it_would_come_later(peopled: Database, due: object) -> None:
    with peopled.write() as tx:
        polls.make_due(tx, "trc-en", due)  # type: ignore[arg-type]
        hastened = polls.hasten(tx, "trc-en", NOW)
        assert hastened == (due == NOW + timedelta(minutes=15))
        assert polls.health(tx, "trc-en").due_at == (NOW if hastened else due)
