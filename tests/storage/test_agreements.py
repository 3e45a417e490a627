"""Agreements: every version and every act stays."""

from datetime import date

import pytest

from syndication.errors import ConflictError
from syndication.model.agreement import Act, ActKind, Document, Dossier, EmbargoHandling, Obligation, Period, Register
from syndication.model.partner import Direction
from syndication.storage import agreements
from syndication.storage.database import Database
from tests import worlds

FULL = worlds.agreement(
    term=worlds.term(until=date(2028, 5, 5), renewal_months=36, notice_days=90, grace_days=30),
    grants=(
        worlds.grant(terms=worlds.terms(embargo=EmbargoHandling.MARKED, use_days=30, territory=("VN", "KZ"), credit_line="{partner}")),
    ),
    obligations=(Obligation("4.1", Direction.OUTBOUND, "ten texts a day", at_least=10, period=Period.DAY),),
    documents=(Document("signed.pdf", "d" * 64),),
    clauses=("5. Disputes: by talks.",),
    languages=("vi", "kk", "en"),
    succeeds="vna-trc-2010",
    under="oana",
    assumptions=("the end is assumed",),
)


def test_an_agreement_comes_back_whole(database: Database) -> None:
    with database.write() as tx:
        agreements.sign(tx, FULL, worlds.NOW, "command:mai")
    with database.read() as tx:
        assert agreements.register(tx, "vna") == Register("vna", (Dossier((FULL,)),))


def test_versions_by_number_acts_in_order_references_in_order(database: Database) -> None:
    second, other = worlds.agreement(version=2, since=date(2026, 1, 1)), worlds.agreement(reference="a-frame")
    suspended = Act(ActKind.SUSPEND, date(2026, 2, 1), "talks")
    resumed = Act(ActKind.RESUME, date(2026, 3, 1), "agreed")
    with database.write() as tx:
        for agreement in (second, worlds.agreement(), other):
            agreements.sign(tx, agreement, worlds.NOW, "mai")
        for act in (suspended, resumed):
            agreements.record_act(tx, worlds.REFERENCE, act, worlds.NOW, "mai")
    with database.read() as tx:
        found = agreements.register(tx, "vna")
    assert found.dossiers == (Dossier((other,)), Dossier((worlds.agreement(), second), (suspended, resumed)))


def test_a_version_is_never_rewritten(database: Database) -> None:
    with database.write() as tx:
        agreements.sign(tx, worlds.agreement(), worlds.NOW, "mai")
    with pytest.raises(ConflictError), database.write() as tx:
        agreements.sign(tx, worlds.agreement(title="Another text"), worlds.NOW, "mai")
    with database.read() as tx:
        assert agreements.register(tx, "vna") == worlds.register()


def test_what_was_changed_meanwhile_is_told(database: Database) -> None:
    """Of two who looked at the same register, one changes it."""
    with database.write() as tx:
        agreements.sign(tx, worlds.agreement(), worlds.NOW, "mai")
        seen = agreements.register(tx, "vna").revision
    with database.write() as tx:
        agreements.unchanged_since(tx, seen)
        agreements.record_act(tx, worlds.REFERENCE, Act(ActKind.SUSPEND, date(2026, 2, 1), "talks"), worlds.NOW, "lan")
    with pytest.raises(ConflictError, match="look again"), database.write() as tx:
        agreements.unchanged_since(tx, seen)
