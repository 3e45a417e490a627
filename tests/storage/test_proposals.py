"""Proposals: one state at a time, one decision, and never one person for both."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from syndication.errors import ConflictError, StorageError
from syndication.model.agreement import Act, ActKind
from syndication.model.proposal import Proposal, ProposalState
from syndication.storage import proposals
from syndication.storage.database import Database
from tests import worlds

TEXT = Proposal("p_1", "vna-trc-2025", "reference = ...", None, ("more",), ProposalState.OPEN, worlds.NOW, "lan")
ACT = replace(TEXT, id="p_2", text="", act=Act(ActKind.RESUME, date(2026, 12, 1), "agreed"), proposed_at=worlds.NOW + timedelta(hours=1))


@pytest.fixture(autouse=True)
def _two(database: Database) -> None:
    with database.write() as tx:
        proposals.propose(tx, TEXT)
        proposals.propose(tx, ACT)


def test_a_proposal_comes_back_whole(database: Database) -> None:
    with database.read() as tx:
        assert proposals.get(tx, "p_1") == TEXT
        assert proposals.get(tx, "p_2") == ACT
        assert proposals.get(tx, "p_3") is None
        assert proposals.of_agreement(tx, "vna-trc-2025") == (TEXT, ACT)
        assert proposals.of_agreement(tx, "another") == ()


def test_what_is_open_comes_first_then_the_newest(database: Database) -> None:
    with database.write() as tx:
        proposals.decide(tx, "p_2", ProposalState.TURNED_DOWN, worlds.NOW, "minh", "too early")
    with database.read() as tx:
        assert [one.id for one in proposals.recent(tx, 10)] == ["p_1", "p_2"]
        assert [one.id for one in proposals.recent(tx, 1)] == ["p_1"]
        assert proposals.get(tx, "p_2") == replace(
            ACT, state=ProposalState.TURNED_DOWN, decided_at=worlds.NOW, decided_by="minh", reason="too early"
        )
        assert proposals.of_agreement(tx, "vna-trc-2025") == (TEXT,)


def test_of_two_decisions_one_counts(database: Database) -> None:
    """W15."""
    with database.write() as tx:
        proposals.decide(tx, "p_1", ProposalState.SIGNED_OFF, worlds.NOW, "minh")
    with pytest.raises(ConflictError, match="signed off by minh"), database.write() as tx:
        proposals.decide(tx, "p_1", ProposalState.TURNED_DOWN, worlds.NOW, "hoa", "no")
    with pytest.raises(ConflictError, match="not there"), database.write() as tx:
        proposals.decide(tx, "p_9", ProposalState.TURNED_DOWN, worlds.NOW, "hoa", "no")


def test_the_database_takes_no_sign_off_by_whoever_proposed_it(database: Database) -> None:
    with pytest.raises(StorageError), database.write() as tx:
        proposals.decide(tx, "p_1", ProposalState.SIGNED_OFF, worlds.NOW, "lan")
    with database.write() as tx:
        proposals.decide(tx, "p_1", ProposalState.TAKEN_BACK, worlds.NOW, "lan")
