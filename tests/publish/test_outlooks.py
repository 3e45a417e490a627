"""Z06: what a feed showed last is kept only while nothing that the gate was asked about is another; each change and hour is seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from syndication.errors import NotFoundError, RefusedError
from syndication.model.partner import Flow
from syndication.model.story import Pubstatus, StoryAct
from syndication.publish import document
from syndication.publish.document import Outlook, Outlooks
from syndication.publish.release import release
from syndication.settings import Settings
from syndication.storage import agreements, partners, stories
from syndication.storage.database import Database, Transaction
from syndication.storage.schema import story_versions
from tests import worlds
from tests.agreements.builders import NOW, act, from_trc, local, signed

ADDRESS = "https://vna.example/feeds/to-trc.atom"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENDS = signed(worlds.REFERENCE, "2025-05-06", "2026-11-26", grace_days=0)


@pytest.fixture
def out(database: Database) -> Database:
    """Three stories on our flow to TRC: one of our own, one under embargo for an hour, one that may be used until two hours from now."""
    azertac = from_trc(partner="azertac", at=NOW - DAY + 2 * HOUR, use_days=1, archive=True)
    with database.write() as tx:
        partners.take(tx, (worlds.partner(),), (worlds.outbound(),), NOW)
        agreements.sign(tx, ENDS, NOW, "mai")
        for name, embargo, sources in (("s_1", None, ()), ("s_2", NOW + HOUR, ()), ("s_3", None, (azertac,))):
            content = worlds.content(embargo_until=embargo)
            made = worlds.story(id=name, current=worlds.story_version(story=name, content=content, sources=sources))
            stories.write(tx, made)
            release(tx, made, agency="vna", now=NOW)
    return database


def looked(database: Database, at: datetime, kept: Outlooks | None) -> Outlook | str:
    with database.read() as tx:
        flow = partners.flow_ever(tx, "to-trc")
        assert flow is not None
        try:
            return document.outlook(tx, flow, Settings(agency="vna"), ADDRESS, at, kept)
        except (RefusedError, NotFoundError) as refused:
            return str(refused)


def _again(tx: Transaction, name: str, **changes: Any) -> None:
    story = stories.get(tx, name)
    assert story is not None
    stories.add_version(tx, name, replace(story.current, number=story.current.number + 1, **changes))


def _corrected(tx: Transaction) -> None:
    _again(tx, "s_1", content=worlds.content(headline="Corrected"), act=StoryAct.CORRECT)
    story = stories.get(tx, "s_1")
    assert story is not None
    release(tx, story, agency="vna", now=NOW)


def _erased(tx: Transaction) -> None:
    story = stories.get(tx, "s_1")
    assert story is not None
    tx.connection.execute(update(story_versions).values(to_delete=True))
    assert stories.erase(tx, story.current, NOW)


def _flow(**changes: Any) -> Callable[[Transaction], object]:
    return lambda tx: partners.take(tx, (worlds.partner(),), (worlds.outbound(**changes),), NOW)


CHANGES = [
    pytest.param(_corrected, id="a story is corrected"),
    pytest.param(
        lambda tx: _again(tx, "s_1", pubstatus=Pubstatus.CANCELED, act=StoryAct.KILL), id="a story is killed, and nobody released it"
    ),
    pytest.param(_erased, id="a story is erased"),
    pytest.param(_flow(languages=("vi",)), id="the flow carries another language"),
    pytest.param(_flow(agreement="none"), id="the flow runs under another agreement"),
    pytest.param(lambda tx: partners.take(tx, (), (), NOW), id="the flow is closed"),
    pytest.param(
        lambda tx: agreements.record_act(tx, worlds.REFERENCE, act("suspend", "2026-11-24"), NOW, "mai"), id="the agreement is suspended"
    ),
    pytest.param(
        lambda tx: agreements.sign(tx, replace(ENDS, version=2, since=NOW.date(), grants=ENDS.grants[:1]), NOW, "mai"),
        id="the agreement is amended",
    ),
]
HOURS = [
    pytest.param(NOW + HOUR, id="an embargo ends"),
    pytest.param(NOW + 2 * HOUR, id="the use of a source ends"),
    pytest.param(local("2026-11-27 00:00"), id="the agreement ends"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_at_once(out: Database, change: Callable[[Transaction], object]) -> None:
    kept = Outlooks()
    before = looked(out, NOW, kept)
    with out.write() as tx:
        change(tx)
    assert looked(out, NOW, kept) == looked(out, NOW, None) != before


@pytest.mark.parametrize("at", HOURS)
def test_an_hour_that_comes_is_seen(out: Database, at: datetime) -> None:
    """Z04, T02: nobody does anything, and it shows, or shows no longer."""
    kept = Outlooks()
    before = looked(out, at - timedelta(microseconds=1), kept)
    assert looked(out, at, kept) == looked(out, at, None) != before


def test_a_clock_that_goes_back_is_seen(out: Database) -> None:
    """What an embargo held back then is not shown because it was shown later."""
    kept = Outlooks()
    assert looked(out, NOW + HOUR, kept) != looked(out, NOW, kept) == looked(out, NOW, None)


def test_what_has_not_changed_is_not_worked_out_again(out: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Outlooks()
    before = looked(out, NOW, kept)
    monkeypatch.setattr(document, "clear", None)
    assert looked(out, NOW + HOUR / 2, kept) == before


def test_only_so_many_are_kept(out: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Outlooks()
    monkeypatch.setattr(document, "HELD", 0)
    before = looked(out, NOW, kept)
    made = document.outlook_of
    asked: list[str] = []

    def counting(flow: Flow, *rest: Any) -> Outlook:
        asked.append(flow.id)
        return made(flow, *rest)

    monkeypatch.setattr(document, "outlook_of", counting)
    assert (looked(out, NOW, kept), asked) == (before, ["to-trc"])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_control_what_is_kept_without_asking_is_seen(
    out: Database, monkeypatch: pytest.MonkeyPatch, change: Callable[[Transaction], object]
) -> None:
    monkeypatch.setattr(Outlooks, "held", lambda self, flow, *_: self._looks[flow.id].seen if flow.id in self._looks else None)
    kept = Outlooks()
    looked(out, NOW, kept)
    with out.write() as tx:
        change(tx)
    assert looked(out, NOW, kept) != looked(out, NOW, None)


@pytest.mark.parametrize("at", HOURS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_control_what_is_kept_past_its_hour_is_seen(out: Database, monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(document, "_holds_until", lambda *_: datetime.max.replace(tzinfo=UTC))
    kept = Outlooks()
    looked(out, at - timedelta(microseconds=1), kept)
    assert looked(out, at, kept) != looked(out, at, None)
