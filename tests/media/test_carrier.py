"""Renditions of our own stories are brought home: through the guard, once, and again later where that fails."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syndication.fetch.client import Client, Limits
from syndication.intake.desk import Newsroom
from syndication.media.carrier import AT_ONCE, MOST_TRIES, Carrier
from syndication.media.check import Checker
from syndication.media.store import Store
from syndication.model.media import Errand
from syndication.settings import Settings
from syndication.storage import media, stories
from syndication.storage.database import Database
from tests.fetch.faulty import Faulty, drip, faulty, redirect, reply
from tests.media import pictures
from tests.worlds import NOW

LIMIT = 20_000


@dataclass
class Desk:
    """Our newsroom, its server of pictures, and what brings them home. `opened`: whether the guard lets us into that server."""

    database: Database
    server: Faulty
    checker: Checker
    folder: Path
    opened: bool = True
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        allow: dict[str, tuple[str, ...]] = {"vna": (f"127.0.0.1/32:{self.server.port}",)} if self.opened else {}
        self.settings = Settings(data=str(self.folder), allow=allow)

    def carry(self, now: datetime = NOW) -> int:
        limits = Limits(wire_bytes=LIMIT, body_bytes=LIMIT, connect=0.5, read=0.5, total=1.0)
        return Carrier(self.database, Client(limits, "test"), self.checker, self.settings).run(now)

    def add(self, *names: str, form: str = "image/jpeg", story: str | None = None, now: datetime = NOW) -> str:
        document = {
            "uri": "urn:vna:rail",
            "type": "text",
            "language": "en",
            "headline": "Rail",
            "body_html": "<p>Trains.</p>",
            "renditions": [{"href": self.server.url(f"/{name}"), "contenttype": form} for name in names],
        }
        newsroom = Newsroom(self.database, self.settings)
        data = json.dumps(document).encode()
        return newsroom.correct(story, data, None, "mai", now).id if story else newsroom.add(data, "mai", now).id

    def errands(self, story: str, number: int = 1) -> tuple[Errand, ...]:
        with self.database.read() as tx:
            return media.of_version(tx, story, number)

    def brought(self, story: str, number: int = 1) -> list[bytes | None]:
        store = Store.of(self.settings)
        return [store.open(one.hash).read() if one.hash else None for one in self.errands(story, number)]

    def files(self) -> int:
        return sum(one.is_file() for one in (self.folder / "media").rglob("*"))


@pytest.fixture
def server() -> Iterator[Faulty]:
    with faulty() as one:
        yield one


@pytest.fixture
def desk(database: Database, server: Faulty, checker: Checker, tmp_path: Path) -> Desk:
    return Desk(database, server, checker, tmp_path / "house")


def test_it_is_fetched_looked_over_and_kept(desk: Desk) -> None:
    """W08: without where it was taken."""
    desk.server.answers |= {"/a": reply(200, pictures.jpeg(told=True)), "/b": reply(200, pictures.png())}
    story = desk.add("a", "b")
    assert desk.brought(story) == [None, None]
    assert desk.carry() == 2
    first, second = desk.brought(story)
    assert first is not None
    assert b"L. Pham" in first
    assert b"105,51E" not in first
    assert second is None, "it is said to be a JPEG"
    assert "is said to be 'image/jpeg', and is image/png" in str(desk.errands(story)[1].why)
    assert desk.carry() == 0
    assert "Accept: image/*" in desk.server.asked[0]


def test_the_version_itself_is_never_changed(desk: Desk, database: Database) -> None:
    """What a decision was about stays as it was."""
    desk.server.answers["/a"] = reply(200, pictures.jpeg())
    story = desk.add("a")
    with database.read() as tx:
        before = stories.version(tx, story, 1)
    desk.carry()
    with database.read() as tx:
        assert stories.version(tx, story, 1) == before


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(reply(404, b""), "404", id="not there"),
        pytest.param(
            redirect("http://169.254.169.254/latest"), "not a public address|port|may not be visited", id="F06: sent to a private address"
        ),
        pytest.param(reply(200, pictures.HTML, "Content-Type: image/jpeg"), "none of the forms", id="a page"),
        pytest.param(reply(200, pictures.jpeg() + b"\0" * LIMIT), "longer than", id="too large by its length"),
        pytest.param(reply(200, pictures.jpeg() + b"\0" * LIMIT, length=None), "longer than", id="too large, and no length said"),
        pytest.param(reply(200, pictures.jpeg(), length=LIMIT - 1), "broke off", id="cut off"),
        pytest.param(reply(200, b""), "empty", id="nothing"),
        pytest.param(drip(reply(200, b"\xff\xd8\xff", length=LIMIT - 1), b"\0"), "ended after", id="a byte now and then"),
    ],
)
def test_what_fails_says_why_and_leaves_nothing(desk: Desk, answer: Any, why: str) -> None:
    desk.server.answers["/a"] = answer
    story = desk.add("a")
    desk.carry()
    (errand,) = desk.errands(story)
    assert (errand.hash, errand.tries, errand.next_at) == (None, 1, NOW + timedelta(minutes=1))
    assert re.search(why, str(errand.why)), errand.why
    assert desk.files() == 0


def test_f12_a_private_address_is_never_asked(database: Database, server: Faulty, checker: Checker, tmp_path: Path) -> None:
    """F12: the same guard as for feeds; our own newsroom's servers have to be opened too. The other tests are the control."""
    desk = Desk(database, server, checker, tmp_path / "house", opened=False)
    server.answers["/a"] = reply(200, pictures.jpeg())
    story = desk.add("a")
    desk.carry()
    assert "may not be visited" in str(desk.errands(story)[0].why)
    assert server.connections == 0


def test_it_is_tried_again_later_and_later_and_at_last_not_any_more(desk: Desk) -> None:
    story, now = desk.add("a"), NOW
    waits: list[timedelta] = []
    while (at := desk.errands(story)[0].next_at) is not None:
        assert desk.carry(at - timedelta(seconds=1)) == 0 or not waits
        waits.append(at - now)
        now = at
        desk.carry(now)
    assert len(desk.server.asked) == MOST_TRIES
    assert waits[1:4] == [timedelta(minutes=one) for one in (1, 2, 4)]
    assert sum(waits, timedelta()) < timedelta(days=2)
    # A correction begins anew.
    desk.server.answers["/a"] = reply(200, pictures.jpeg())
    desk.add("a", story=story, now=now)
    desk.carry(now)
    assert desk.brought(story, 2) == [pictures.jpeg()]


def test_one_that_mends_is_taken_and_nothing_is_said_of_it_any_more(desk: Desk) -> None:
    story = desk.add("a")
    desk.carry()
    desk.server.answers["/a"] = reply(200, pictures.jpeg())
    desk.carry(NOW + timedelta(minutes=1))
    (errand,) = desk.errands(story)
    assert (errand.tries, errand.next_at, errand.why) == (0, None, None)
    assert desk.brought(story) == [pictures.jpeg()]


def test_a_correction_shows_what_there_is_until_it_has_its_own(desk: Desk) -> None:
    desk.server.answers |= {"/a": reply(200, pictures.jpeg()), "/b": reply(200, pictures.jpeg(colour="blue"))}
    story = desk.add("a")
    desk.carry()
    desk.add("a", "b", story=story)
    assert desk.brought(story, 2) == [pictures.jpeg(), None]
    desk.server.answers["/a"] = reply(200, pictures.jpeg(colour="green"))
    desk.carry()
    assert desk.brought(story, 2) == [pictures.jpeg(colour="green"), pictures.jpeg(colour="blue")]
    assert desk.brought(story, 1) == [pictures.jpeg()]


def test_two_workers_never_fetch_the_same(desk: Desk, database: Database) -> None:
    desk.add(*(f"{number}" for number in range(AT_ONCE + 1)))
    with database.write() as tx:
        first = media.claim(tx, NOW, AT_ONCE, timedelta(minutes=4))
    with database.write() as tx:
        second = media.claim(tx, NOW, AT_ONCE, timedelta(minutes=4))
    assert (len(first), len(second)) == (AT_ONCE, 1)
    with database.write() as tx:
        assert len(media.claim(tx, NOW + timedelta(minutes=4), 10, timedelta(minutes=4))) == AT_ONCE + 1


def test_the_text_deleted_meanwhile_leaves_no_bytes_for_ever(desk: Desk, database: Database) -> None:
    """It is brought home, no version holds it, and it is swept a day later."""
    desk.server.answers["/a"] = reply(200, pictures.jpeg())
    story = desk.add("a")
    with database.write() as tx:
        (errand,) = media.claim(tx, NOW, 1, timedelta(minutes=4))
        version = stories.version(tx, story, 1)
        assert version is not None
        assert media.let_go(tx, version) == ()
        kept = Store.of(desk.settings).take(open_(pictures.jpeg()), None, LIMIT, desk.checker, NOW)
        assert media.bring(tx, errand, kept, NOW) is False
    carrier = Carrier(database, Client(Limits(), "test"), desk.checker, desk.settings)
    assert (carrier.sweep(NOW + timedelta(hours=23)), carrier.sweep(NOW + timedelta(hours=25))) == (0, 1)
    assert desk.files() == 0


def open_(data: bytes) -> Any:
    return io.BytesIO(data)
