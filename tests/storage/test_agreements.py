"""Agreements: every version and every act stays."""

import hashlib
from datetime import date, timedelta

import pytest

from syndication.errors import ConflictError
from syndication.model.agreement import Act, ActKind, Document, Dossier, EmbargoHandling, Obligation, Period, Register
from syndication.model.partner import Direction
from syndication.storage import agreements
from syndication.storage.agreements import Attachment, Recorded
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


LATER = worlds.NOW + timedelta(hours=1)
DRAFT = worlds.agreement(signed_on=None, title="First draft")
REDRAFT = worlds.agreement(signed_on=None, title="Second draft")
SUSPENDED = Act(ActKind.SUSPEND, date(2026, 2, 1), "talks")
AMENDED = worlds.agreement(version=2, since=date(2026, 1, 1))
OTHER = worlds.agreement(reference="oana")


@pytest.fixture
def grown(database: Database) -> Database:
    """A register of six revisions: a draft, that draft changed, another agreement, the draft signed, suspended, amended."""
    with database.write() as tx:
        agreements.sign(tx, DRAFT, worlds.NOW, "lan")
    with database.write() as tx:
        agreements.sign(tx, REDRAFT, LATER, "mai")
        agreements.sign(tx, OTHER, LATER, "mai")
        agreements.sign(tx, worlds.agreement(), LATER, "lan")
        agreements.record_act(tx, worlds.REFERENCE, SUSPENDED, LATER, "lan")
        agreements.sign(tx, AMENDED, LATER, "lan")
    return database


@pytest.mark.parametrize(
    ("revision", "dossiers"),
    [
        pytest.param(0, (), id="before anything"),
        pytest.param(1, (Dossier((DRAFT,)),), id="a draft"),
        pytest.param(2, (Dossier((REDRAFT,)),), id="the draft as it was changed"),
        pytest.param(3, (Dossier((OTHER,)), Dossier((REDRAFT,))), id="another agreement"),
        pytest.param(4, (Dossier((OTHER,)), Dossier((worlds.agreement(),))), id="the draft signed"),
        pytest.param(5, (Dossier((OTHER,)), Dossier((worlds.agreement(),), (SUSPENDED,))), id="suspended"),
        pytest.param(6, (Dossier((OTHER,)), Dossier((worlds.agreement(), AMENDED), (SUSPENDED,))), id="amended"),
    ],
)
def test_the_register_as_it_stood(grown: Database, revision: int, dossiers: tuple[Dossier, ...]) -> None:
    """What a decision of that revision was made on."""
    with grown.read() as tx:
        found = agreements.register(tx, "vna", revision)
        assert found == Register("vna", dossiers)
        assert found.revision == revision


def test_as_it_stands_now_is_its_latest_revision(grown: Database) -> None:
    with grown.read() as tx:
        now = agreements.register(tx, "vna")
        assert now.revision == 6
        assert now == agreements.register(tx, "vna", 6)


def test_the_history_forgets_no_draft(grown: Database) -> None:
    """Who wrote what, when; in the order in which it was recorded."""
    with grown.read() as tx:
        assert agreements.history(tx, worlds.REFERENCE) == (
            Recorded(DRAFT, worlds.NOW, "lan"),
            Recorded(REDRAFT, LATER, "mai"),
            Recorded(worlds.agreement(), LATER, "lan"),
            Recorded(SUSPENDED, LATER, "lan"),
            Recorded(AMENDED, LATER, "lan"),
        )
        assert agreements.history(tx, "oana") == (Recorded(OTHER, LATER, "mai"),)
        assert agreements.history(tx, "none") == ()


PDF = b"%PDF-1.7 signed\n\x00\xff"


def test_a_document_is_kept_with_its_agreement_once(database: Database) -> None:
    """By the hash of its bytes; of who attaches the same again, the first stays."""
    with database.write() as tx:
        digest = agreements.attach(tx, worlds.REFERENCE, "signed.pdf", PDF, worlds.NOW, "lan")
        assert digest == hashlib.sha256(PDF).hexdigest()
        assert agreements.attach(tx, worlds.REFERENCE, "copy.pdf", PDF, LATER, "mai") == digest
        annex = agreements.attach(tx, worlds.REFERENCE, "annex.pdf", b"annex", LATER, "mai")
        agreements.attach(tx, "oana", "frame.pdf", PDF, LATER, "mai")
    with database.read() as tx:
        assert agreements.attached(tx, worlds.REFERENCE) == (
            Attachment(digest, "signed.pdf", worlds.NOW, "lan"),
            Attachment(annex, "annex.pdf", LATER, "mai"),
        )
        assert agreements.attached(tx, "none") == ()
        assert agreements.document(tx, worlds.REFERENCE, digest) == ("signed.pdf", PDF)
        assert agreements.document(tx, "oana", digest) == ("frame.pdf", PDF)
        assert agreements.document(tx, "oana", annex) is None
        assert agreements.document(tx, worlds.REFERENCE, "0" * 64) is None


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
