"""Z02: what feeds show equals what an independent model allows, over random exchanges, on both databases; planted leaks are seen."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from syndication.agreements import clearance, decision
from syndication.agreements.governing import Standing
from syndication.errors import NotFoundError, RefusedError
from syndication.model.agreement import Dossier, Register
from syndication.model.clearance import Clause, Clearance
from syndication.publish import document, release
from syndication.review import desk
from syndication.settings import Settings
from syndication.storage import agreements, partners, stories
from syndication.storage.database import Database, Transaction
from tests import worlds
from tests.oracle import CLOSED, REFUSED, Served, World
from tests.publish.strategies import AGENCY, PARTNERS, Look, Make, Record, Sign, Step, Take, exchanges

SHARDS = 4
EXAMPLES = 300
"""Of each shard, on each database: 2,400 in all."""
CONTROL_EXAMPLES = 800
SETTINGS = Settings()


class RolledBackError(Exception):
    """Ends an example: its transaction leaves nothing for the next."""


def lived(database: Database, steps: tuple[Step, ...]) -> Iterator[tuple[Look, Served | str, Served | str]]:
    """Live through an exchange in the real storage and in the model; at each look, what the feed shows and what the model says it may."""
    world, kept = World(AGENCY), document.Outlooks()
    try:
        with database.write() as tx:
            for step in steps:
                _do(tx, world, step)
                if isinstance(step, Look):
                    yield step, shown(tx, step.flow, step.at, kept), world.served(step.flow, step.at)
            raise RolledBackError
    except RolledBackError:
        return


def _do(tx: Transaction, world: World, step: Step) -> None:
    match step:
        case Sign(at, agreement):
            agreements.sign(tx, agreement, at, "mai")
            world.sign(agreement)
        case Record(at, reference, act):
            agreements.record_act(tx, reference, act, at, "mai")
            world.record(reference, act)
        case Take(at, flows):
            partners.take(tx, PARTNERS, flows, at)
            world.take(flows)
        case Make(at, version):
            if version.number == 1:
                stories.write(tx, worlds.story(id=version.story, entry_id=version.story, current=version, first_made_at=at))
            else:
                stories.add_version(tx, version.story, version)
            story = stories.get(tx, version.story)
            assert story is not None
            release.release(tx, story, agency=AGENCY, now=at)
            world.release(version, at)


def shown(tx: Transaction, name: str, at: datetime, kept: document.Outlooks) -> Served | str:
    """What the feed shows: the same, whether it is kept from an earlier look or worked out."""
    found = looked(tx, name, at, kept)
    assert found == looked(tx, name, at, None), f"{name} at {at} is kept and has changed"
    return found


def looked(tx: Transaction, name: str, at: datetime, kept: document.Outlooks | None) -> Served | str:
    flow = partners.flow(tx, name)
    if flow is None:
        return CLOSED
    try:
        seen = document.outlook(tx, flow, SETTINGS, f"https://vna.example/feeds/{name}.atom", at, kept).document
    except NotFoundError:
        return CLOSED
    except RefusedError:
        return REFUSED
    entries = [
        (one.entry_id, one.version.number, one.stamp, tuple(rendition.type for rendition in one.version.content.renditions))
        for one in seen.entries
    ]
    assert len(entries) == len(set(entries)), "a story stands there twice"
    return Served(frozenset(entries), frozenset(one.entry_id for one in seen.withdrawn))


def compare(database: Database, examples: int, number: int, count: Counter[str] | None = None, *, shrink: bool = True) -> None:
    """Live through so many exchanges; raises AssertionError at the first look where feed and model differ. The same ones each time."""

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(exchanges())
    def look(steps: tuple[Step, ...]) -> None:
        for step, feed, model in lived(database, steps):
            assert feed == model, f"{step.flow} at {step.at}"
            if count is not None:
                count.update(kinds(model))

    look()


def kinds(model: Served | str) -> list[str]:
    """What kind of answer it was, to be counted."""
    if isinstance(model, str):
        return [model]
    found = [name for name, some in (("stories", model.entries), ("withdrawals", model.withdrawn)) if some]
    return found or ["nothing to show"]


@pytest.mark.slow
@pytest.mark.parametrize("shard", [pytest.param(number, marks=pytest.mark.xdist_group(f"gate {number}")) for number in range(SHARDS)])
def test_a_feed_shows_what_the_model_allows(database: Database, shard: int) -> None:
    count: Counter[str] = Counter()
    compare(database, EXAMPLES, shard, count)
    # The exchanges are no idle ones: every kind of answer is among them, many times.
    assert min(count[kind] for kind in ("stories", "withdrawals", "nothing to show", REFUSED)) >= EXAMPLES // 4, count


Leak = Callable[[pytest.MonkeyPatch], None]


def clause_ignored(clause: Clause) -> Leak:
    """The gate answers as ever, only this clause always allows."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = clearance.clear

        def leaking(*given: Any) -> Clearance:
            answer = real(*given)
            verdicts = tuple(replace(one, allowed=True) if one.clause is clause else one for one in answer.verdicts)
            return replace(answer, verdicts=verdicts)

        patch.setattr(decision, "clear", leaking)
        patch.setattr(document, "clear", leaking)
        patch.setattr(desk, "clear", leaking)

    return plant


def register_seen_as(change: Callable[[Dossier], Dossier | None]) -> Leak:
    """The gate reads a register in which something is overlooked."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = agreements.register

        def leaking(tx: Transaction, agency: str) -> Register:
            seen = (change(dossier) for dossier in real(tx, agency).dossiers)
            return Register(agency, tuple(dossier for dossier in seen if dossier is not None))

        patch.setattr(agreements, "register", leaking)

    return plant


def _without_exclusions(dossier: Dossier) -> Dossier:
    return replace(
        dossier,
        versions=tuple(replace(one, grants=tuple(replace(grant, topics_out=()) for grant in one.grants)) for one in dossier.versions),
    )


def _terms_changed(**changes: Any) -> Callable[[Dossier], Dossier]:
    def change(dossier: Dossier) -> Dossier:
        return replace(dossier, versions=tuple(replace(one, term=replace(one.term, **changes)) for one in dossier.versions))

    return change


def _stale_content_shown(patch: pytest.MonkeyPatch) -> None:
    """Every publication is shown as if it were cleared for ever: the gate is asked at release only."""
    real = clearance.clear
    placed: dict[str, Clearance] = {}

    def at_release(*given: Any) -> Clearance:
        answer = real(*given)
        if answer.allowed:
            placed["last"] = answer
        return answer

    patch.setattr(decision, "clear", at_release)
    patch.setattr(document, "clear", lambda *given: placed.get("last") or real(*given))


@pytest.mark.parametrize(
    "leak",
    [
        pytest.param(clause_ignored(Clause.ONWARD_USE), id="onward use is not asked"),
        pytest.param(clause_ignored(Clause.EMBARGO), id="the embargo is not asked"),
        pytest.param(clause_ignored(Clause.PUBSTATUS), id="a kill or hold is not asked"),
        pytest.param(clause_ignored(Clause.CREDIT), id="the credit line is not asked"),
        pytest.param(clause_ignored(Clause.RETENTION), id="retention is not asked"),
        pytest.param(_stale_content_shown, id="the gate is asked at release only"),
        pytest.param(lambda patch: patch.setattr(Standing, "_current_of", lambda _, dossier: dossier), id="the successor is overlooked"),
        pytest.param(register_seen_as(lambda one: replace(one, acts=())), id="suspensions, notices and ends are overlooked"),
        pytest.param(register_seen_as(lambda one: replace(one, versions=one.versions[:1])), id="amendments are overlooked"),
        pytest.param(register_seen_as(lambda one: None if one.reference == "frame" else one), id="the frame is overlooked"),
        pytest.param(register_seen_as(_without_exclusions), id="excluded subjects are overlooked"),
        pytest.param(register_seen_as(_terms_changed(until=None)), id="agreements never end"),
        pytest.param(register_seen_as(_terms_changed(grace_days=0)), id="grace is overlooked"),
        pytest.param(register_seen_as(_terms_changed(renewal_months=None)), id="renewal is overlooked"),
        pytest.param(register_seen_as(_terms_changed(zone="UTC")), id="days are counted in another zone"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_model_sees_a_leak(database: Database, monkeypatch: pytest.MonkeyPatch, leak: Leak) -> None:
    """The control: with one rule of the gate off, the same comparison finds a difference."""
    leak(monkeypatch)
    with pytest.raises(AssertionError):
        compare(database, CONTROL_EXAMPLES, 0, shrink=False)
