"""Two agencies on loopback: VNA publishes, with its hub; TRC polls it and subscribes, with all the parts that a worker has."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from syndication.feeds.worker import Parser
from syndication.fetch.client import Answer, Client, Limits
from syndication.fetch.guard import Guard
from syndication.ingest.poll import Poller
from syndication.ingest.subscriber import Subscriber
from syndication.model.callback import Callback, CallbackState, Hub
from syndication.model.item import Item, ReviewState
from syndication.model.partner import Flow, Partner, Told
from syndication.model.poll import FlowHealth, Poll
from syndication.settings import Settings
from syndication.storage import agreements, callbacks, items, partners, polls
from syndication.storage.database import Database
from syndication.web.app import create_app
from syndication.web.door import open_door
from syndication.web.front import Front
from syndication.web.parts import Parts
from tests.publish.subscriber import KEY, Push
from tests.web.exchange import FLOWS, PARTNERS, Clock, Exchange
from tests.worlds import NOW, agreement, flow

HERE = "https://trc.example"
FLOW = "vna-en"


@dataclass
class Road:
    """VNA's network: what it sends to TRC's public address goes to the port where TRC's web answers. `cut`: nothing arrives."""

    client: Client
    port: int
    cut: bool = False
    sent: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: dict[str, str], guard: Guard) -> Answer:
        self.sent.append((url, body, headers))
        if self.cut:
            return Answer(200, b"", None)
        return self.client.post(self._home(url), body, headers, self._guard())

    def ask(self, url: str, guard: Guard) -> Answer:
        return self.client.ask(self._home(url), self._guard())

    def _home(self, url: str) -> str:
        assert url.startswith(f"{HERE}/callbacks/")
        return url.replace(HERE, f"http://127.0.0.1:{self.port}")

    def _guard(self) -> Guard:
        return Guard.of((f"127.0.0.1/32:{self.port}",))


@dataclass
class Agencies:
    """`vna`: the publisher; `subscriber`, `poller`, `settings`, `database`: TRC's."""

    vna: Push
    road: Road
    database: Database
    settings: Settings
    poller: Poller
    subscriber: Subscriber
    clock: Clock

    def poll(self) -> Poll:
        return self.poller.poll(FLOW, self.clock())

    def subscribe(self) -> None:
        """As it goes by itself: a poll finds the hub, it is asked, it asks back."""
        self.poll()
        self.tick()
        self.vna.work()
        self.tick()

    def tick(self) -> None:
        self.subscriber.tick(self.clock())

    def hub(self) -> Hub:
        with self.database.read() as tx:
            found = callbacks.hub(tx, FLOW)
        assert found is not None
        return found

    def standing(self) -> tuple[Callback, ...]:
        with self.database.read() as tx:
            return callbacks.of_flow(tx, FLOW)

    def active(self) -> list[Callback]:
        return [one for one in self.standing() if one.state is CallbackState.ACTIVE]

    def health(self) -> FlowHealth:
        with self.database.read() as tx:
            return polls.health(tx, FLOW)

    def take(self, **changes: Any) -> None:
        """What TRC's files say from now on of its flow."""
        with self.database.write() as tx:
            known = partners.flow(tx, FLOW)
            assert known is not None
            partners.take(tx, (Partner("vna", "VNA", "VN"),), (replace(known, **changes),), self.clock())

    def items(self) -> dict[str, Item]:
        """What came in, by headline."""
        with self.database.read() as tx:
            return {one.current.entry.content.headline: one for one in items.queue(tx, tuple(ReviewState), 100)}

    def wait(self) -> timedelta:
        """Until the next poll."""
        due_at = self.health().due_at
        assert due_at is not None
        return due_at - self.clock()


@contextmanager
def agencies(database: Database, parser: Parser, migrated: Path, tmp: Path, push: Told = Told.HINT) -> Iterator[Agencies]:
    """Both of them, on real sockets, until the block is left."""
    ports = _free(), _free()
    clock = Clock()
    shutil.copyfile(migrated, tmp / "vna.db")
    theirs = Database(f"sqlite:///{tmp / 'vna.db'}")
    vna = Exchange(theirs, Settings(base_url=f"http://127.0.0.1:{ports[0]}"), clock)
    with theirs.write() as tx:
        partners.take(tx, tuple(replace(one, token_in_address=True) for one in PARTNERS), FLOWS, NOW)
    publisher = Push(vna)
    client = Client(Limits(redirects=0), "test")
    road = Road(client, ports[1])
    publisher.pusher = replace(publisher.pusher, client=road)
    known: dict[str, tuple[str, ...]] = {"vna": (f"127.0.0.1/32:{ports[0]}",)}
    settings = Settings(agency="trc", domain="trc.example", home=f"{HERE}/", base_url=HERE, allow=known)
    with database.write() as tx:
        partners.take(tx, (Partner("vna", "VNA", "VN"),), (_flow(ports[0], publisher.token, push),), NOW)
        agreements.sign(tx, agreement(parties=("trc", "vna")), NOW, "test")
    here = Parts(database, settings, clock, KEY)
    front = Front(create_app(here), here)
    poller = Poller(database, client, parser, settings)
    subscriber = Subscriber(poller, KEY, lambda: 0.0)
    with (
        open_door(vna.app(), f"127.0.0.1:{ports[0]}", vna.settings),
        open_door(front, f"127.0.0.1:{ports[1]}", settings, front.strange),
    ):
        yield Agencies(publisher, road, database, settings, poller, subscriber, clock)
    theirs.close()


def _flow(port: int, token: str, push: Told) -> Flow:
    url = f"http://127.0.0.1:{port}/feeds/to-trc.atom?token={token}"
    return flow(id=FLOW, partner="vna", title="VNA in English", languages=("en", "vi"), url=url, push=push)


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
