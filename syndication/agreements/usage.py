"""How much of an agreement's ceilings and duties is used at a moment, counted from the ledger of what moved."""

from collections.abc import Mapping

from syndication.agreements.governing import Standing
from syndication.agreements.quota import Progress, ceilings, counts, is_counted, progress, window
from syndication.model.agreement import Agreement, Measure, Obligation
from syndication.model.clearance import Usage
from syndication.model.ledger import Movement
from syndication.model.partner import Flow
from syndication.storage import ledger
from syndication.storage.database import Transaction

MOVEMENTS = {Measure.OFFERED: Movement.OFFERED, Measure.PUBLISHED: Movement.PUBLISHED}


def used(tx: Transaction, flow: Flow, standing: Standing, *, counted: bool, taken: Mapping[str, int] | None = None) -> Usage:
    """What is used of the ceilings under which the flow runs. `counted`: what is asked about stands on the flow already.

    `taken`: by agreement, on how many other flows it is about to be placed: not in the ledger yet, and no longer free.
    """
    agreement = standing.governing(flow).agreement
    if agreement is None:
        return Usage(counted=counted)
    more = taken.get(agreement.reference, 0) if taken else 0
    held = {place: _count(tx, agreement, obligation, standing) + more for place, obligation, _ in ceilings(agreement, flow.direction)}
    return Usage(tuple(held.get(place, 0) for place in range(len(agreement.obligations))), counted)


def courses(tx: Transaction, agreement: Agreement, standing: Standing) -> tuple[Progress, ...]:
    """How each obligation of that version goes in its present period."""
    return tuple(
        progress(one, _count(tx, agreement, one, standing) if is_counted(one) else 0, standing.at, agreement.term.zone)
        for one in agreement.obligations
    )


def _count(tx: Transaction, agreement: Agreement, obligation: Obligation, standing: Standing) -> int:
    if obligation.period is None:
        return 0
    since, until = window(obligation.period, standing.at, agreement.term.zone)
    found = ledger.counts(tx, agreement.reference, obligation.by, MOVEMENTS[obligation.measure], since, until)
    return sum(number for kind, language, number in found if counts(obligation, kind, language))
