"""The proof of a kill: who got a story, and when each was told; a thousand partners, dark on every surface at the next request."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from syndication import access
from syndication.feeds.forms import FORMS
from syndication.model.account import FeedToken
from syndication.model.partner import Partner
from syndication.model.publication import Fetch, Publication, PublicationKind
from syndication.publish.recall import recipients
from syndication.settings import Settings
from syndication.storage import accounts, agreements, partners, publications
from syndication.storage.database import Database
from tests.web.exchange import FREE, NOW, Exchange
from tests.web.test_outbox import House
from tests.worlds import agreement, grant, out_stamp, outbound

STORY, WITHDRAWAL = PublicationKind.STORY, PublicationKind.WITHDRAWAL
CANARY = "Qanary-to-be-killed"
PARTNERS = 1_000


def placed(sequence: int, flow: str, kind: PublicationKind = STORY, version: int = 1) -> Publication:
    return Publication(sequence, flow, "s_1", version, kind, out_stamp(flow=flow), NOW)


def fetched(sequence: int, flow: str, kind: PublicationKind = STORY, version: int = 1) -> Fetch:
    return Fetch(sequence, flow, version, kind, NOW + timedelta(minutes=sequence), "t")


@pytest.mark.parametrize(
    ("fetches", "got", "told", "waits"),
    [
        pytest.param((), None, None, False, id="who has nothing is owed nothing"),
        pytest.param((fetched(1, "a"),), 1, None, True, id="who got it waits to be told"),
        pytest.param((fetched(1, "a"), fetched(2, "a", version=2)), 2, None, True, id="who got the correction too"),
        pytest.param((fetched(1, "a"), fetched(3, "a", WITHDRAWAL, 2)), 1, 3, False, id="who fetched the kill is told"),
    ],
)
def test_who_got_it_and_who_was_told(fetches: tuple[Fetch, ...], got: int | None, told: int | None, waits: bool) -> None:
    (one,) = recipients((placed(3, "a", WITHDRAWAL, 2), placed(1, "a"), placed(2, "a", version=2)), fetches)
    assert one.last.kind is WITHDRAWAL
    assert (one.got.sequence if one.got else None) == got
    assert one.told == (NOW + timedelta(minutes=told) if told else None)
    assert one.waits is waits


@pytest.mark.slow
def test_a_thousand_partners_one_kill(migrated_sqlite: Path, tmp_path: Path) -> None:
    """Z05, A5: each has fetched the story; at the next request it is nowhere; and each is counted when it has fetched the kill."""
    shutil.copyfile(migrated_sqlite, tmp_path / "many.db")
    house = House(Exchange(Database(f"sqlite:///{tmp_path / 'many.db'}"), Settings(feed_entries=1)), "")
    exchange, names = house.exchange, [f"p{number}" for number in range(PARTNERS)]
    tokens = {}
    with exchange.database.write() as tx:
        flows = tuple(outbound(id=f"to-{name}", partner=name, agreement=f"with-{name}") for name in names)
        partners.take(tx, tuple(Partner(name, name.upper(), "KZ") for name in names), flows, NOW)
        for name in names:
            given = (grant(languages=("en",), terms=FREE), grant(clause="2.2", direction=flows[0].direction, languages=("en",), terms=FREE))
            agreements.sign(tx, agreement(reference=f"with-{name}", parties=("vna", name), grants=given), NOW, "test")
            plain, digest = access.new_token()
            accounts.issue(tx, FeedToken(f"t_{name}", name, "test", NOW), digest)
            tokens[name] = plain
    app = exchange.app().test_client()

    def ask(name: str, path: str) -> str:
        answer = app.get(path.format(name), headers={"Authorization": f"Bearer {tokens[name]}"})
        assert answer.status_code == 200, answer.text
        return answer.text

    wrong = house.publish(CANARY)
    exchange.clock.pass_by(minutes=2)
    house.publish("Another")
    assert all(CANARY in ask(name, "/feeds/to-{}/archive/1.atom") for name in names)
    exchange.clock.pass_by(minutes=2)
    house.kill(wrong, "Killed: wrong.")
    forms = sorted(FORMS)
    surfaces = [f"/feeds/to-{{}}.{form}" for form in forms] + [f"/feeds/to-{{}}/archive/1.{form}" for form in forms]
    surfaces += ["/feeds/to-{}", "/feeds/to-{}.json?since="]
    # Each partner asks for another surface first; the first twenty for all of them.
    for number, name in enumerate(names):
        for path in surfaces if number < 20 else (surfaces[number % len(surfaces)],):
            assert CANARY not in ask(name, path), path
    with exchange.database.read() as tx:
        rows = recipients(publications.of_story(tx, wrong.id), publications.fetches(tx, wrong.id))
    mine = [row for row in rows if re.fullmatch(r"to-p\d+", row.flow)]
    assert len(mine) == sum(row.got is not None for row in mine) == PARTNERS
    # An archive document tells nothing, nor does RSS, nor the first of several pages: who asked only for those is not told, and counted so.
    silent = [number for number, path in enumerate(surfaces) if "/archive/" in path or path.endswith((".rss", "since="))]
    untold = {f"to-{name}" for number, name in enumerate(names) if number >= 20 and number % len(surfaces) in silent}
    assert {row.flow for row in mine if row.waits} == untold
    for name in names:
        ask(name, "/feeds/to-{}/withdrawn.atom")
    with exchange.database.read() as tx:
        after = recipients(publications.of_story(tx, wrong.id), publications.fetches(tx, wrong.id))
    assert not [row.flow for row in after if row.waits]
