"""When the text of what came in has to go: its use has ended for good, and the grant it came under says `delete_at_end`. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from syndication.agreements.clearance import use_ends
from syndication.agreements.governing import Standing
from syndication.model.agreement import AgreementState, Stamp
from syndication.model.partner import Direction, Flow

FOR_GOOD = (AgreementState.EXPIRED, AgreementState.TERMINATED)
"""The states that end the use of what came under an agreement. A suspension only hides it, as does an agreement that cannot be judged."""

REFUSED_DAYS = 30
"""For so long what was refused is kept, at most."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`stamp`: the terms that demand the deletion. `reason`: how the use ended, in words."""

    stamp: Stamp
    reason: str


def due(stamps: Iterable[Stamp], standing: Standing) -> Ending | None:
    """Why the text of what moved under these Stamps is to be deleted now; None while no Stamp demands it.

    Asked of one version of an item or a story at a time: each keeps the terms it came under. What was made from several goes with the
    first that demands it. Whatever is due, the gate has hidden; not all that it hides is due.
    """
    for stamp in stamps:
        reason = _ended(stamp, standing) if stamp.terms.delete_at_end else None
        if reason is not None:
            return Ending(stamp, reason)
    return None


def kept_from(flow: Flow, standing: Standing) -> datetime:
    """From when on what was refused on that flow is still kept: for `REFUSED_DAYS`, or the shortest use that its agreement grants of
    what comes in; nothing, once that agreement has ended for good.
    """
    governance = standing.governing(flow)
    if governance.agreement is None:
        return standing.at if governance.state in FOR_GOOD else standing.at - timedelta(days=REFUSED_DAYS)
    grants = (grant for grant in governance.agreement.grants if grant.direction is Direction.INBOUND)
    uses = [grant.terms.use_days for grant in grants if grant.terms.use_days is not None]
    return standing.at - timedelta(days=min((*uses, REFUSED_DAYS)))


def _ended(stamp: Stamp, standing: Standing) -> str | None:
    end = use_ends(stamp)
    if end is not None and standing.at >= end:
        return f"its use ended at {end:%Y-%m-%d %H:%M} UTC, {stamp.terms.use_days} days after it came"
    if stamp.terms.archive:
        return None
    governance = standing.in_force(stamp.agreement)
    return governance.reason if governance.agreement is None and governance.state in FOR_GOOD else None
