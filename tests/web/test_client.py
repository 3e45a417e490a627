"""A partner whose program is not ours: the library `reader`, subscribed with Basic auth to an Atom feed under the real server."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from reader import Reader, make_reader

from syndication.model.entry import Tombstone
from syndication.review.desk import Desk
from syndication.storage.database import Database
from syndication.web.door import open_door
from tests.web.exchange import TO_AZERTAC, Exchange, guid, story

Answers = list[tuple[str, int]]


@pytest.fixture
def exchange(database: Database) -> Exchange:
    made = Exchange(database)
    made.receive(story(1), story(2, headline="A second story"))
    for number in (1, 2):
        accept(made, number)
    return made


def accept(exchange: Exchange, number: int) -> None:
    item = exchange.item(number)
    Desk(exchange.database, exchange.settings).accept(item.id, item.revision, "mai", exchange.clock())


@pytest.fixture
def answers() -> Answers:
    """What the server was asked, and how it answered."""
    return []


@pytest.fixture
def subscribed(exchange: Exchange, answers: Answers, tmp_path: Path) -> Iterator[Reader]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listen = f"127.0.0.1:{port}"
    exchange.settings = replace(exchange.settings, base_url=f"http://{listen}")
    app = exchange.app()

    @app.after_request
    def seen(response: Any) -> Any:
        answers.append((response.headers.get("ETag", ""), response.status_code))
        return response

    token = exchange.token("azertac")
    with open_door(app, listen, exchange.settings), make_reader(str(tmp_path / "reader.db")) as reader:
        reader.add_feed(f"http://azertac:{token}@{listen}/feeds/{TO_AZERTAC.id}.atom")
        reader.update_feeds(scheduled=False)
        yield reader


def titles(reader: Reader) -> list[str]:
    return sorted(str(entry.title) for entry in reader.get_entries())


def test_it_sees_the_stories_with_their_ids(subscribed: Reader, answers: Answers) -> None:
    assert titles(subscribed) == ["A second story", "Astana hosts the rail forum"]
    assert all(entry.id.startswith("tag:vna.example,2026:s_") for entry in subscribed.get_entries())
    assert [status for _, status in answers] == [200]


def test_it_gets_304_while_nothing_changes(subscribed: Reader, answers: Answers) -> None:
    subscribed.update_feeds(scheduled=False)
    assert [status for _, status in answers] == [200, 304]
    assert answers[0][0] == answers[1][0]


def test_it_sees_a_correction_under_the_same_id(subscribed: Reader, exchange: Exchange, answers: Answers) -> None:
    before = {entry.id for entry in subscribed.get_entries()}
    exchange.clock.pass_by(minutes=5)
    exchange.receive(story(1, headline="Astana hosts the railway forum", body="<p>Trains will run weekly from May.</p>"))
    accept(exchange, 1)
    subscribed.update_feeds(scheduled=False)
    assert titles(subscribed) == ["A second story", "Astana hosts the railway forum"]
    assert {entry.id for entry in subscribed.get_entries()} == before
    assert [status for _, status in answers] == [200, 200]


def test_a_kill_is_no_longer_in_what_it_gets(subscribed: Reader, exchange: Exchange) -> None:
    """`reader` knows no tombstones; what it fetches next no longer has the story."""
    exchange.clock.pass_by(minutes=5)
    exchange.receive(tombstones=(Tombstone(guid(1), exchange.clock() + timedelta(seconds=1), None),))
    feed = subscribed.get_feeds()
    token = str(next(iter(feed)).url).split("azertac:")[1].split("@")[0]
    assert "rail forum" not in exchange.feed(TO_AZERTAC.id, token)
    assert "A second story" in exchange.feed(TO_AZERTAC.id, token)
