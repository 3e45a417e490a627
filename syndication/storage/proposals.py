"""Changes to agreements that wait for a second person, and what became of them. That there are two, the database holds too."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from syndication.errors import ConflictError
from syndication.model.proposal import Proposal, ProposalState
from syndication.storage.database import Transaction
from syndication.storage.schema import proposals as table


def propose(tx: Transaction, proposal: Proposal) -> None:
    """Keep one that is open."""
    tx.change(
        insert(table).values(
            id=proposal.id,
            reference=proposal.reference,
            text=proposal.text,
            act=proposal.act,
            widens=proposal.widens,
            state=proposal.state,
            proposed_at=proposal.proposed_at,
            proposed_by=proposal.proposed_by,
        )
    )


def decide(tx: Transaction, identity: str, state: ProposalState, now: datetime, by: str, reason: str | None = None) -> None:
    """Close an open one. Of two who decide at once, one does: raises ConflictError for the other."""
    mine = (table.c.id == identity, table.c.state == ProposalState.OPEN)
    values = {"state": state, "decided_at": now, "decided_by": by, "reason": reason}
    if not tx.change(update(table).where(*mine).values(values)):
        found = get(tx, identity)
        told = f"it was {found.state} by {found.decided_by}" if found else "it is not there any more"
        raise ConflictError(f"meanwhile somebody else decided about this proposal: {told}")


def get(tx: Transaction, identity: str) -> Proposal | None:
    """The proposal of that id."""
    row = tx.row(select(table).where(table.c.id == identity))
    return _proposal(row) if row else None


def recent(tx: Transaction, limit: int) -> tuple[Proposal, ...]:
    """The last proposals, newest first; what is open comes before all others."""
    chosen = select(table).order_by(table.c.state != ProposalState.OPEN, table.c.proposed_at.desc(), table.c.id).limit(limit)
    return tuple(_proposal(row) for row in tx.rows(chosen))


def of_agreement(tx: Transaction, reference: str) -> tuple[Proposal, ...]:
    """What is open for that agreement, oldest first."""
    mine = (table.c.reference == reference, table.c.state == ProposalState.OPEN)
    return tuple(_proposal(row) for row in tx.rows(select(table).where(*mine).order_by(table.c.proposed_at, table.c.id)))


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        row.id,
        row.reference,
        row.text,
        row.act,
        row.widens,
        ProposalState(row.state),
        row.proposed_at,
        row.proposed_by,
        row.decided_at,
        row.decided_by,
        row.reason,
    )
