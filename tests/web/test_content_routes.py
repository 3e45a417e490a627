"""Every route by which a story's words leave: who is shown them where, and that none of them goes past the gate."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from syndication.agreements.governing import Standing
from syndication.feeds.forms import FORMS
from syndication.identity import entry_id
from syndication.model.clearance import Governance
from syndication.model.media import Kept
from syndication.model.story import Pubstatus, Story
from syndication.publish.release import release
from syndication.review.search import Index
from syndication.settings import Settings
from syndication.storage import media, stories
from syndication.storage.database import Database
from syndication.web import app as app_room
from syndication.web import outbox
from tests.web.exchange import FLOWS, NOW, Exchange, story
from tests.web.test_headers import rules
from tests.worlds import content, rendition, story_version

OURS, ACCEPTED, PENDING, HELD = "Qanary-ours", "Qanary-accepted", "Qanary-pending", "Qanary-held"
CLOSED = Governance(None, None, "closed for the test")
CANARIES = (OURS, ACCEPTED, PENDING, HELD)
ASKING = {"search.results": "?q=talks"}
AT_THE_DESK = {
    "search.results",
    "desk.queue",
    "desk.item_page",
    "desk.edit",
    "newsroom.listed",
    "newsroom.story_page",
    "newsroom.ask_to_kill",
}
"""By which our own editors are; what they see says which clause decided (`test_the_desk_says_what_the_gate_says`)."""


@pytest.fixture
def exchange(migrated_sqlite: Path, tmp_path: Path) -> Exchange:
    """Ours and an accepted story for AZERTAC, a pending one, and one that is withheld; ours and the withheld one with a picture."""
    shutil.copyfile(migrated_sqlite, tmp_path / "desk.db")
    made = Exchange(Database(f"sqlite:///{tmp_path / 'desk.db'}"), Settings(feed_entries=1, data=str(tmp_path / "data")))
    with made.database.write() as tx:
        for name, headline, status in (("s_ours", OURS, Pubstatus.USABLE), ("s_held", HELD, Pubstatus.WITHHELD)):
            words = content(headline=headline, body=f"<p>{headline}</p>", renditions=(rendition(url="https://vna.example/a"),))
            version = story_version(story=name, content=words, made_at=NOW)
            one = Story(name, entry_id("vna.example", name, NOW), replace(version, pubstatus=status), NOW)
            stories.write(tx, one)
            release(tx, one, agency="vna", now=NOW)
            kept = Kept(hash_of(headline), "image/jpeg", len(headline), None, None, NOW)
            file = Path(made.settings.data, "media", kept.hash[:2], kept.hash[2:4], kept.hash)
            file.parent.mkdir(parents=True)
            file.write_text(headline)
            media.keep(tx, kept)
            media.want(tx, one.current, NOW)
            assert media.bring(tx, media.of_version(tx, name, 1)[0], kept, NOW)
    made.receive(story(1, headline=ACCEPTED), story(2, headline=PENDING))
    made.seated().post(f"/items/{made.item(1).id}/accept", revision=1)
    Index(made.database).round(made.clock())
    # Of each feed the newest is shown; all is in archives.
    made.clock.pass_by(minutes=2)
    return made


def hash_of(headline: str) -> str:
    """Of the picture, whose bytes are the headline."""
    return hashlib.sha256(headline.encode()).hexdigest()


def addresses(app: Flask, exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Every address of every route, with everything there is in each of its places: (endpoint, path)."""
    found = [exchange.item(number) for number in (1, 2)]
    known = {
        "item": [one.id for one in found],
        "story": ["s_ours", "s_held", found[0].story],
        "flow": [one.id for one in FLOWS],
        "reference": ["vna-trc-2025", "vna-azertac-2025"],
        "form": [*FORMS, "html", "csv"],
        "filename": ["desk.css"],
        "token": ["t_none"],
        "kind": ["suspend"],
        "name": ["0" * 64],
        "digest": ["0" * 64],
        "activity": ["a_none"],
        "proposal": ["p_none"],
        "number": [1, 2],
        "hash_": [hash_of(OURS), hash_of(HELD)],
    }
    for rule in rules(app):
        if "GET" in (rule.methods or ()):
            names = sorted(rule.arguments)
            # A route with an argument that is not known here fails with a KeyError: say above what can stand in its place.
            for values in product(*(known[name] for name in names)):
                path = rule.rule
                for name, value in zip(names, values, strict=True):
                    path = re.sub(rf"<(?:\w+(?:\([^)]*\))?:)?{name}>", str(value), path)
                assert "<" not in path, path
                yield rule.endpoint, path + ASKING.get(rule.endpoint, "")


def shown(app: Flask, exchange: Exchange, client: FlaskClient, **asking: Any) -> dict[str, set[str]]:
    """Which canaries this visitor is shown, by endpoint: in a body, in a header, in an address that it is sent to."""
    seen: dict[str, set[str]] = {}
    for endpoint, path in addresses(app, exchange):
        answer = client.get(path, **asking)
        told = answer.get_data(as_text=True) + str(answer.headers)
        for canary in CANARIES:
            if canary in told:
                seen.setdefault(endpoint, set()).add(canary)
    return seen


def as_partner(exchange: Exchange, app: Flask, token: str) -> dict[str, set[str]]:
    return shown(app, exchange, app.test_client(), headers={"Authorization": f"Bearer {token}"})


def test_partners_are_shown_content_by_the_gate_alone(exchange: Exchange) -> None:
    """Z01, Z09, Z12: what is cleared for them, by the feeds and as pictures; nothing by any other address; nothing to who says nothing."""
    app = exchange.app()
    assert shown(app, exchange, app.test_client()) == {}
    both = {OURS, ACCEPTED}
    newest = {"outbox.feed": {ACCEPTED}, "reading.page": {ACCEPTED}}
    assert as_partner(exchange, app, exchange.token("azertac")) == {**newest, "outbox.archived": both, "media.rendition": {OURS}}
    assert as_partner(exchange, app, exchange.token("trc")) == {one: {OURS} for one in (*newest, "outbox.archived", "media.rendition")}


def test_when_the_gate_is_closed_partners_are_shown_nothing(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever route there is or will be. The control: one that asks nobody is seen."""
    app, token = exchange.app(), exchange.token("azertac")
    monkeypatch.setattr(Standing, "governing", lambda *_: CLOSED)
    assert as_partner(exchange, app, token) == {}

    def leak(story: str) -> str:
        with exchange.database.read() as tx:
            found = stories.get(tx, story)
        return found.current.content.headline if found else ""

    monkeypatch.setattr(app_room, "PUBLIC", {*app_room.PUBLIC, "outbox.leak"})
    leaky = exchange.app()
    leaky.add_url_rule("/leak/<story>", "outbox.leak", leak)
    assert as_partner(exchange, leaky, token) == {"outbox.leak": {OURS, HELD, ACCEPTED}}


def test_editors_are_shown_content_where_it_is_known_that_they_are(exchange: Exchange) -> None:
    """Z12, Z13: a new page that shows content has to be written down here."""
    app = exchange.app()
    for login in ("mai", "lan"):
        seen = shown(app, exchange, exchange.seated(login).client)
        assert set(seen) == AT_THE_DESK


def test_the_desk_says_what_the_gate_says(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same function in preview as at the door: with the gate closed, the pages say so."""
    visitor, item = exchange.seated(), exchange.item(2)
    assert "closed for the test" not in visitor.get(f"/items/{item.id}").text
    monkeypatch.setattr(Standing, "governing", lambda *_: CLOSED)
    assert "closed for the test" in visitor.get(f"/items/{item.id}").text


def test_z21_who_has_no_token_learns_no_title_and_no_partner(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """By no address, no method, no failure: the refusals, the probes, and the page for what nobody foresaw."""
    app = exchange.app()
    answers = [app.test_client().open(path, method=method) for _, path in addresses(app, exchange) for method in ("GET", "POST", "DELETE")]

    def broken(*_: object) -> None:
        raise RuntimeError(f"{OURS} for AZERTAC")

    app.testing = False
    monkeypatch.setattr(outbox, "_flow_of", broken)
    failed = app.test_client().get("/feeds/to-azertac.atom", headers={"Authorization": f"Bearer {exchange.token('azertac')}"})
    assert failed.status_code == 500
    for answer in (*answers, failed):
        told = answer.get_data(as_text=True) + str(answer.headers)
        assert not [word for word in (*CANARIES, "AZERTAC", "Traceback") if word in told]
