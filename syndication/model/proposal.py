"""A Proposal is a change to an agreement that widens rights, and waits for a second person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import Act


class ProposalState(StrEnum):
    """Whoever proposed it may take it back; only somebody else signs it off or turns it down."""

    OPEN = "open"
    SIGNED_OFF = "signed off"
    TURNED_DOWN = "turned down"
    TAKEN_BACK = "taken back"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version, as the `text` of its file, or an `act` (the text is empty then). `widens`: what it lets through that was refused.

    `proposed_by`, `decided_by`: logins. `reason`: why it was turned down.
    """

    id: str
    reference: str
    text: str
    act: Act | None
    widens: tuple[str, ...]
    state: ProposalState
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
