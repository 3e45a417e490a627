"""Z18: an agreement that the database holds and this version cannot read: nothing flows under it, loudly, and the others go on."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import String, insert, select, type_coerce, update
from structlog.testing import capture_logs

from syndication.agreements import explain, register
from syndication.agreements.files import Files
from syndication.agreements.governing import Standing
from syndication.errors import ConfigError
from syndication.model.agreement import Act, ActKind, OnwardUse, Unreadable
from syndication.model.clearance import Clause
from syndication.model.partner import Direction, Flow
from syndication.storage import agreements, partners, stories
from syndication.storage.database import Database
from syndication.storage.schema import acts, metadata
from tests import worlds

AGREEMENTS = metadata.tables["agreements"]
OTHER = worlds.agreement(reference="vna-azertac-2025", parties=("vna", "azertac"))
FRAME = worlds.agreement(reference="oana", parties=("vna", "trc", "azertac", "kpl"), grants=())
LAOS = worlds.agreement(reference="vna-kpl-2020", parties=("vna", "kpl"))
SUCCESSOR = worlds.agreement(reference="vna-trc-2027", succeeds=worlds.REFERENCE, since=date(2027, 1, 1))
TO_AZERTAC = Flow("to-azertac", "azertac", Direction.OUTBOUND, "vna-azertac-2025", "VNA for AZERTAC", ("en",))
TO_KPL = Flow("to-kpl", "kpl", Direction.OUTBOUND, "vna-kpl-2020", "VNA for KPL", ("en",))
FLOWS = (worlds.flow(), worlds.outbound(), TO_AZERTAC, TO_KPL)


def kept(database: Database, *signed: Any) -> None:
    """These in the register."""
    with database.write() as tx:
        for one in signed:
            agreements.sign(tx, one, worlds.NOW, "mai")


def broken(database: Database, reference: str, change: Callable[[str], str]) -> None:
    """The record of that agreement, rewritten by no act of ours."""
    raw = type_coerce(AGREEMENTS.c.value, String)
    with database.write() as tx:
        row = tx.row(select(raw.label("text")).where(AGREEMENTS.c.reference == reference))
        assert row is not None
        tx.change(update(AGREEMENTS).where(AGREEMENTS.c.reference == reference).values({raw: change(row.text)}))


def later(text: str) -> str:
    """As a later version of this program might write it: with a term that has no word here, which may well be a denial."""
    value = json.loads(text)
    value["grants_to_nobody"] = ["sport"]
    return json.dumps(value)


def unknown_word(text: str) -> str:
    """A value that has no word here."""
    return text.replace('"in"', '"sideways"', 1)


def governed(database: Database) -> dict[str, str | None]:
    """Under which agreement each flow runs."""
    with database.read() as tx:
        standing = Standing(agreements.register(tx, worlds.AGENCY), worlds.NOW)
    found = {flow.id: standing.governing(flow).agreement for flow in FLOWS}
    return {flow: one.reference if one else None for flow, one in found.items()}


ALL = {"trc-en": worlds.REFERENCE, "to-trc": worlds.REFERENCE, "to-azertac": "vna-azertac-2025", "to-kpl": "vna-kpl-2020"}


@pytest.mark.parametrize(
    ("reference", "change", "stopped"),
    [
        pytest.param("vna-kpl-2020", lambda text: text, set(), id="nothing is wrong"),
        pytest.param(worlds.REFERENCE, later, {"trc-en", "to-trc"}, id="a term of a later version"),
        pytest.param("vna-azertac-2025", lambda text: text.replace('"text"', '"hologram"'), {"to-azertac"}, id="an unknown type"),
        pytest.param("oana", later, set(ALL), id="a frame stops all its parties: what it denies is not known"),
        pytest.param("vna-trc-2027", later, {"trc-en", "to-trc"}, id="a successor: whether it has begun is not known"),
        pytest.param("vna-kpl-2020", lambda text: text[: len(text) // 2], set(ALL), id="half a record: with whom is not known"),
        pytest.param("vna-kpl-2020", lambda _: "", set(ALL), id="an empty record"),
        pytest.param("vna-kpl-2020", lambda _: "[" * 100_000, set(ALL), id="a record too deep"),
        pytest.param("vna-kpl-2020", lambda text: text.replace('["vna","kpl"]', '"kpl"'), set(ALL), id="parties that are no list"),
        pytest.param("vna-kpl-2020", lambda text: text.replace('"succeeds":null', '"succeeds":7'), set(ALL), id="it succeeds a number"),
    ],
)
def test_nothing_flows_under_it_nor_with_whom_it_concerns(
    database: Database, reference: str, change: Callable[[str], str], stopped: set[str]
) -> None:
    """Fail closed: what cannot be read may have denied anything to its parties. The others go on."""
    kept(database, worlds.agreement(), OTHER, FRAME, LAOS, SUCCESSOR)
    assert governed(database) == ALL
    broken(database, reference, change)
    assert governed(database) == {flow: None if flow in stopped else under for flow, under in ALL.items()}


@pytest.mark.parametrize(
    ("reference", "off"),
    [
        pytest.param("oana", lambda patch: patch.setattr(Standing, "barred", lambda *_: None), id="what it may deny is not asked"),
        pytest.param(
            "vna-trc-2027", lambda patch: patch.setattr(Unreadable, "follows", lambda *_: False), id="nor what it may have succeeded"
        ),
        pytest.param(
            "vna-trc-2025", lambda patch: patch.setattr(agreements, "read_whole", _half), id="what is not understood is passed over"
        ),
    ],
)
def test_without_its_guard_it_leaks(
    database: Database, monkeypatch: pytest.MonkeyPatch, reference: str, off: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """The positive control: each guard taken away, something moves that should not."""
    kept(database, worlds.agreement(), OTHER, FRAME, LAOS, SUCCESSOR)
    broken(database, reference, later)
    assert governed(database)["to-trc"] is None
    off(monkeypatch)
    if reference == "vna-trc-2027":
        monkeypatch.setattr(Standing, "barred", lambda *_: None)
    assert governed(database)["to-trc"] == worlds.REFERENCE


def _half(kind: type, text: str) -> Any:
    return TypeAdapter(kind).validate_json(text)


def test_every_other_version_and_every_act_counts_among_its_parties(database: Database) -> None:
    """Its first version can be read, its second cannot; an act that cannot be read stops it too."""
    kept(database, worlds.agreement(), OTHER, LAOS, worlds.agreement(version=2, since=date(2026, 1, 1)))
    with database.write() as tx:
        joined = Act(ActKind.JOIN, date(2026, 1, 1), "asked", party="kpl")
        agreements.record_act(tx, worlds.REFERENCE, joined, worlds.NOW, "mai")
        raw = '{"kind": "merge", "on": "2026-01-01", "reason": "x", "party": "azertac"}'
        values = {"reference": worlds.REFERENCE, "value": joined, "recorded_at": worlds.NOW, "recorded_by": "mai", "revision": 9}
        tx.change(insert(acts).values(values))
        tx.change(update(acts).where(acts.c.revision == 9).values({type_coerce(acts.c.value, String): raw}))
    assert set(governed(database).values()) == {None}
    with database.read() as tx:
        (lost,) = agreements.register(tx, worlds.AGENCY).unreadable
    assert lost.parties == ("azertac", "kpl", "trc", "vna")
    assert "Act" in lost.why


def test_it_is_told_in_the_log_once_and_where_the_flow_is_shown(database: Database) -> None:
    kept(database, worlds.agreement(reference="vna-trc-once"), OTHER)
    broken(database, "vna-trc-once", unknown_word)
    with capture_logs() as told:
        for _ in range(3):
            with database.read() as tx:
                standing = Standing(agreements.register(tx, worlds.AGENCY), worlds.NOW)
    # Once a process: the same test on the other database has told it already.
    assert len(told) <= 1
    assert all(one["log_level"] == "error" and one["agreement"] == "vna-trc-once" for one in told)
    reason = standing.governing(worlds.flow(agreement="vna-trc-once")).reason
    assert "vna-trc-once is in the database and cannot be read, so nothing flows under it" in reason
    assert "grants.0.direction" in reason


def test_what_came_from_its_party_goes_on_to_nobody(database: Database) -> None:
    """An agreement with the origin may keep it for our own use: with that agreement unreadable, it enters no feed."""
    kept(database, FRAME, OTHER, worlds.agreement())
    source = worlds.stamp(terms=worlds.terms(onward=OnwardUse.ANYONE, archive=True))
    with database.write() as tx:
        partners.take(tx, (worlds.partner(), worlds.partner(id="azertac")), (TO_AZERTAC,), worlds.NOW)
        stories.write(tx, worlds.story(current=worlds.story_version(sources=(source,))))
    with database.read() as tx:
        assert explain.of_story_on(tx, "s_1", "to-azertac", worlds.AGENCY, worlds.NOW).now.allowed
    broken(database, worlds.REFERENCE, later)
    with database.read() as tx:
        answer = explain.of_story_on(tx, "s_1", "to-azertac", worlds.AGENCY, worlds.NOW).now
    assert [one.clause for one in answer.refusals] == [Clause.ONWARD_USE]
    assert "cannot be read" in answer.refusals[0].reason


def test_its_file_is_not_taken_over_it(database: Database) -> None:
    """Nobody knows whether the file says what was signed."""
    stated = worlds.agreement()
    kept(database, stated)
    broken(database, worlds.REFERENCE, later)
    twice = worlds.dossier(replace(OTHER, version=2))
    kept(database, OTHER)
    files = Files((worlds.partner(),), (worlds.flow(),), (worlds.dossier(stated), twice))
    with pytest.raises(ConfigError, match="cannot be read") as refused, database.write() as tx:
        register.apply(tx, files, worlds.NOW, "mai")
    fault, other = refused.value.faults
    assert (other.file, other.key) == (OTHER.reference, "since")
    assert (fault.file, fault.key) == (worlds.REFERENCE, "")
    assert fault.message.endswith("run the version of the program that wrote it, or bring the database back from a copy")
