"""A subscriber for tests: a hand-written network that keeps what was sent and answers as it is told, and an exchange that pushes to it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from syndication import access
from syndication.errors import FetchError
from syndication.fetch.client import Answer
from syndication.fetch.guard import Guard
from syndication.identity import entry_id, new_id
from syndication.model.publication import Publication
from syndication.model.story import Pubstatus, Story, StoryAct
from syndication.model.subscription import Claim, Means, Subscription
from syndication.publish.pusher import Pusher
from syndication.publish.release import release
from syndication.review import desk
from syndication.storage import stories, subscriptions
from tests.web.exchange import Exchange
from tests.worlds import content, story_version

KEY = b"k" * 32
CALLBACK = "https://subscriber.example/push/1?who=trc"


@dataclass(frozen=True, slots=True)
class Sent:
    """One POST."""

    url: str
    body: bytes
    headers: dict[str, str]

    @property
    def identity(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def headline(self) -> str | None:
        """Of a webhook; None of a withdrawal."""
        headlines = self.told["data"].get("headlines")
        return headlines[0]["value"] if headlines else None


@dataclass
class Network:
    """`answers`: what to answer to a POST, from the first on; then 200. A text is a failure to reach anyone. `echoes`: to a challenge."""

    answers: list[int | str] = field(default_factory=list)
    echoes: Callable[[dict[str, str]], tuple[int, bytes]] = lambda asked: (200, asked.get("hub.challenge", "").encode())
    sent: list[Sent] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    before: Callable[[Sent], None] = lambda sent: None
    retry_after: int | None = None

    def post(self, url: str, body: bytes, headers: dict[str, str], guard: Guard) -> Answer:
        sent = Sent(url, body, headers)
        self.before(sent)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, str):
            raise FetchError(answer)
        self.sent.append(sent)
        return Answer(answer, b"", self.retry_after)

    def ask(self, url: str, guard: Guard) -> Answer:
        self.urls.append(url)
        self.asked.append({name: values[0] for name, values in parse_qs(urlsplit(url).query).items()})
        return Answer(*self.echoes(self.asked[-1]), None)


@dataclass
class Push:
    """The exchange, what our newsroom does in it, and a pusher over a network of this test's own."""

    exchange: Exchange
    network: Network = field(default_factory=Network)

    def __post_init__(self) -> None:
        self.token = self.exchange.token("trc")
        self.pusher = Pusher(self.exchange.database, self.network, self.exchange.settings, KEY, self.exchange.clock, lambda: 0.0)

    def subscribe(self, **changes: Any) -> Subscription:
        """As it stands once it is confirmed; a webhook to `to-trc`."""
        from_now = self.exchange.clock()
        secret = "whsec_" + "c2VjcmV0" * 5
        plain = Subscription(new_id("sub"), Means.WEBHOOK, "trc", "to-trc", "ninjs", CALLBACK, "t_trc", from_now)
        plain = replace(plain, **{"secret": sealed(secret), **changes})
        with self.exchange.database.write() as tx:
            return subscriptions.start(tx, plain)

    def work(self) -> None:
        """All that is due now."""
        while claims := self.pusher.claim(8, 8):
            for one in claims:
                self.pusher.work(one)

    def claimed(self) -> tuple[Claim, ...]:
        return self.pusher.claim(8, 8)

    def publish(self, headline: str, **changes: Any) -> Story:
        now, identity = self.exchange.clock(), new_id("s")
        version = story_version(
            story=identity, content=content(headline=headline, **{"link": "https://vna.example/rail", **changes}), made_at=now
        )
        written = Story(identity, entry_id("vna.example", identity, now), version, now)
        with self.exchange.database.write() as tx:
            stories.write(tx, written)
            self.release(tx, written)
        return written

    def release(self, tx: Any, story: Story) -> tuple[Publication, ...]:
        return release(tx, story, agency="vna", now=self.exchange.clock())

    def correct(self, told: Story, headline: str, *, pubstatus: Pubstatus = Pubstatus.USABLE, **changes: Any) -> Story:
        now, before = self.exchange.clock(), told.current
        version = replace(
            before,
            number=before.number + 1,
            content=replace(before.content, headline=headline, **changes),
            pubstatus=pubstatus,
            act=StoryAct.CORRECT,
            made_at=now,
            note="Corrected.",
        )
        after = replace(told, current=version)
        with self.exchange.database.write() as tx:
            stories.add_version(tx, told.id, version)
            self.release(tx, after)
        return after

    def kill(self, told: Story, note: str = "Killed: wrong.") -> None:
        with self.exchange.database.write() as tx:
            desk.kill(tx, told, self.exchange.settings, by="mai", note=note, now=self.exchange.clock())

    def state(self, identity: str) -> Subscription:
        with self.exchange.database.read() as tx:
            found = subscriptions.get(tx, identity)
        assert found is not None
        return found

    def waiting(self, identity: str) -> int:
        with self.exchange.database.read() as tx:
            return subscriptions.waiting(tx).get(identity, 0)

    def until_told(self, most: timedelta = timedelta(hours=60), step: timedelta = timedelta(minutes=10)) -> None:
        """Let the hours pass, and push what is due."""
        end = self.exchange.clock() + most
        while self.exchange.clock() < end:
            self.exchange.clock.now += step
            self.work()


def sealed(secret: str) -> str:
    """As it is kept under the key of these tests."""
    return access.sealed(KEY, secret)
