"""Our own hub as a partner's: from the Link header of its feed to the item here, on both databases."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syndication.feeds.worker import Parser
from syndication.ingest.subscriber import Subscriber
from syndication.model.callback import Push as Pushed
from syndication.model.item import ReviewState
from syndication.model.partner import Told
from syndication.storage import callbacks, items
from syndication.storage.database import Database
from tests.ingest.agencies import Agencies, agencies
from tests.ingest.conftest import FEED, Visits, entry_xml, feed_xml
from tests.publish.subscriber import KEY
from tests.worlds import NOW

ROUNDS = 5


@pytest.fixture
def two(database: Database, parser: Parser, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Agencies]:
    with agencies(database, parser, migrated_sqlite, tmp_path) as both:
        yield both


def test_wire_47_a_story_released_there_arrives_here_without_waiting_for_the_poll(two: Agencies) -> None:
    """P18: the push is no more than a hint: what came with it is not looked at, and the story is fetched from the partner itself."""
    two.subscribe()
    (one,) = two.active()
    assert one.topic == two.vna.exchange.settings.base_url + "/feeds/to-trc.atom"
    assert one.lease_until == two.clock() + timedelta(days=10)
    assert two.wait() > timedelta(minutes=3)
    two.clock.pass_by(seconds=70)
    two.vna.publish("Rail opens")
    two.vna.work()
    assert (two.wait(), two.items()) == (timedelta(0), {})
    assert two.poll().counts.new == 1
    assert list(two.items()) == ["Rail opens"]


def test_wire_47_by_opt_in_what_the_hub_sends_is_taken_and_its_kills_are_looked_up(two: Agencies) -> None:
    """Story, correction and kill, by pushes alone but for the kill: that is fetched before it takes effect, and held meanwhile (P04)."""
    two.take(push=Told.CONTENT)
    two.subscribe()
    told = two.vna.publish("Rail opens")
    two.vna.work()
    two.tick()
    assert {name: item.state for name, item in two.items().items()} == {"Rail opens": ReviewState.PENDING}
    corrected = two.vna.correct(told, "Rail opens on Monday")
    two.vna.work()
    two.tick()
    (item,) = two.items().values()
    assert (item.current.number, item.current.entry.content.headline) == (2, "Rail opens on Monday")
    two.clock.pass_by(seconds=70)
    two.vna.kill(corrected)
    two.vna.work()
    two.tick()
    (item,) = two.items().values()
    assert (item.state, str(item.current.entry.pubstatus)) == (ReviewState.PENDING, "withheld")
    assert two.wait() == timedelta(0)
    assert two.poll().counts.kills == 1
    (item,) = two.items().values()
    assert item.state is ReviewState.WITHDRAWN


def test_p09_two_pushes_and_a_poll_at_once_make_each_story_once(visits: Visits) -> None:
    """Ten stories each time, by all three at the same moment, and again; and what a push brought first is nothing new to the poll."""
    subscriber = Subscriber(visits.poller, KEY, lambda: 0.0)
    for number in range(0, ROUNDS * 10, 10):
        body = feed_xml(*(entry_xml(one) for one in range(number, number + 10)))
        visits.serve(body)
        with visits.database.write() as tx:
            for _ in range(2):
                callbacks.keep(tx, Pushed(0, "trc-en", visits.server.url(FEED), body, "application/atom+xml"))
        doing = [threading.Thread(target=subscriber.take_next, args=(NOW,)) for _ in range(2)]
        doing.append(threading.Thread(target=visits.poll))
        for thread in doing:
            thread.start()
        for thread in doing:
            thread.join(20)
        assert len(visits.headlines()) == number + 10
    assert visits.poll().counts.new == 0
    with visits.database.write() as tx:
        assert all(item.current.number == 1 for item in items.queue(tx, tuple(ReviewState), 200))
        assert callbacks.claim_push(tx, NOW, 60) is None
