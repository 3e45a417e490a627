"""Our own stories: what is taken, what is not, and what is told."""

import json
from datetime import timedelta
from typing import Any

import pytest

from syndication.errors import ConflictError, NotFoundError, RefusedError, StoryError
from syndication.intake.desk import LARGEST, Newsroom
from syndication.model.publication import PublicationKind
from syndication.model.story import Pubstatus
from syndication.review import desk
from syndication.storage import publications, stories
from syndication.storage.database import Database
from tests.web.exchange import TO_AZERTAC, TO_TRC, Exchange
from tests.web.exchange import story as received
from tests.worlds import NOW

GOOD: dict[str, Any] = {"uri": "urn:vna:1", "language": "en", "headline": "Hanoi opens a museum", "body_html": "<p>Of rail.</p>"}


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)


def newsroom(exchange: Exchange) -> Newsroom:
    return Newsroom(exchange.database, exchange.settings)


def ninjs(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_it_goes_to_every_partner_that_may_have_it(exchange: Exchange) -> None:
    story = newsroom(exchange).add(ninjs(), "mai", NOW)
    with exchange.database.read() as tx:
        assert {one.flow for one in publications.of_story(tx, story.id)} == {TO_TRC.id, TO_AZERTAC.id}


def test_a_correction_keeps_the_id_and_a_kill_is_final(exchange: Exchange) -> None:
    room = newsroom(exchange)
    story = room.add(ninjs(), "mai", NOW)
    assert room.correct("urn:vna:1", ninjs(headline="Hanoi opens the museum"), "name", "mai", NOW).current.number == 2
    assert room.kill(story.id, "it has not opened", "mai", NOW).current.pubstatus is Pubstatus.CANCELED
    with exchange.database.read() as tx:
        assert {one.kind for one in publications.holding(tx, story.id)} == {PublicationKind.WITHDRAWAL}
    with pytest.raises(RefusedError, match="final"):
        room.correct(story.id, ninjs(), None, "mai", NOW)


def test_a_story_of_a_partners_is_not_corrected_here(exchange: Exchange) -> None:
    """Here nobody asks how it may be altered, and its embargo and its hold are the partner's."""
    exchange.receive(received(embargo_until=NOW + timedelta(days=1)))
    item = exchange.item()
    taken = desk.Desk(exchange.database, exchange.settings).accept(item.id, item.revision, "mai", NOW)
    with pytest.raises(RefusedError, match="accepted from a partner"):
        newsroom(exchange).correct(str(taken.story), ninjs(), None, "mai", NOW)


def test_a_hold_and_a_later_embargo_go_on_to_what_was_made_from_it(exchange: Exchange) -> None:
    room, later = newsroom(exchange), NOW + timedelta(hours=2)
    first = room.add(ninjs(), "mai", NOW)
    second = room.add(ninjs(uri="urn:vna:2"), "mai", NOW, (first.id,))
    room.correct(first.id, ninjs(embargoed=later.isoformat()), None, "mai", NOW)
    room.correct(first.id, ninjs(pubstatus="withheld"), None, "mai", NOW)
    with exchange.database.read() as tx:
        life = [(one.pubstatus, one.content.embargo_until) for one in stories.versions(tx, second.id)]
    assert life == [(Pubstatus.USABLE, None), (Pubstatus.USABLE, later), (Pubstatus.WITHHELD, later)]


def test_an_update_follows_the_take_before(exchange: Exchange) -> None:
    room = newsroom(exchange)
    first = room.add(ninjs(), "mai", NOW)
    assert room.add(ninjs(uri="urn:vna:2", evolvedfrom="urn:vna:1"), "mai", NOW).evolved_from == first.id
    with pytest.raises(StoryError, match="no story urn:vna:9"):
        room.add(ninjs(uri="urn:vna:3", evolvedfrom="urn:vna:9"), "mai", NOW)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"{", "no JSON", id="no JSON"),
        pytest.param(b"[]", "one JSON object", id="no object"),
        pytest.param(b"\xff", "not UTF-8", id="no text"),
        pytest.param(b'{"a": NaN}', "NaN", id="no number"),
        pytest.param(b'{"a": 1, "a": 2}', "twice", id="a key twice"),
        pytest.param(b"[" * 100_000, "no ninjs", id="nested without end"),
        pytest.param(b"x" * (LARGEST + 1), "bytes", id="too large"),
        pytest.param(ninjs(headline=""), "headline: is missing", id="no headline"),
        pytest.param(ninjs(language="zz_zz"), "language: 'zz_zz'", id="no language"),
        pytest.param(ninjs(type="novel"), "type: 'novel'", id="no type"),
        pytest.param(ninjs(embargoed="tomorrow"), "embargoed: 'tomorrow'", id="an hour nobody can read"),
        pytest.param(ninjs(embargoed="2026-12-01T08:00:00"), "zone", id="an hour without a zone"),
        pytest.param(ninjs(urgency=12), "urgency", id="no urgency"),
        pytest.param(ninjs(pubstatus="canceled"), "story kill", id="a kill of nothing"),
        pytest.param(ninjs(renditions=[{"href": "javascript:x", "contenttype": "image/png"}]), r"renditions\[0\]", id="no address"),
    ],
)
def test_what_is_no_story_is_refused_with_its_key(exchange: Exchange, data: bytes, said: str) -> None:
    with pytest.raises(StoryError, match=said):
        newsroom(exchange).add(data, "mai", NOW)


def test_a_story_is_taken_once(exchange: Exchange) -> None:
    newsroom(exchange).add(ninjs(), "mai", NOW)
    with pytest.raises(ConflictError, match="story correct"):
        newsroom(exchange).add(ninjs(), "mai", NOW)
    with pytest.raises(NotFoundError):
        newsroom(exchange).kill("urn:vna:7", "x", "mai", NOW)
