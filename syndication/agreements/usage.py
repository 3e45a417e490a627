"""How much of an agreement's ceilings and duties is used at a moment, counted from the ledger of what moved."""

from collections.abc import Sequence
from dataclasses import dataclass

from syndication.agreements.governing import Standing
from syndication.agreements.quota import CEILED, Progress, ceilings, is_counted, newly_counts, progress, window
from syndication.model.agreement import Agreement, Measure, Obligation, Period
from syndication.model.clearance import Usage
from syndication.model.ledger import Count, Movement
from syndication.model.partner import Direction, Flow
from syndication.storage import ledger
from syndication.storage.database import Transaction

MOVEMENTS = {Measure.OFFERED: Movement.OFFERED, Measure.PUBLISHED: Movement.PUBLISHED}


def used(tx: Transaction, flow: Flow, standing: Standing, subject: str) -> Usage:
    """What is used of the ceilings under which the flow runs, where that story or item is asked about."""
    return used_on(tx, (flow,), standing, subject)[0]


def used_on(tx: Transaction, flows: Sequence[Flow], standing: Standing, subject: str) -> tuple[Usage, ...]:
    """The same for each of these flows, which go one way. A few questions to the ledger."""
    governed = [standing.governing(flow).agreement for flow in flows]
    asked = [
        _Ceiling(number, place, obligation, agreement.reference, agreement.term.zone)
        for number, (flow, agreement) in enumerate(zip(flows, governed, strict=True))
        if agreement is not None
        for place, obligation, _ in ceilings(agreement, flow.direction)
    ]
    together: dict[tuple[Period | None, str, Direction, Measure], list[_Ceiling]] = {}
    for one in asked:
        obligation = one.obligation
        together.setdefault((obligation.period, one.zone, obligation.by, obligation.measure), []).append(one)
    numbers = [[0] * len(agreement.obligations) if agreement else [] for agreement in governed]
    for (period, zone, by, measure), some in together.items():
        if period is None:
            continue
        since, until = window(period, standing.at, zone)
        found = ledger.counts_of_each(tx, {one.agreement for one in some}, by, MOVEMENTS[measure], since, until)
        for one in some:
            numbers[one.flow][one.place] = _of(one.obligation, found[one.agreement])
    known = ledger.kinds(tx, MOVEMENTS[CEILED[flows[0].direction]], subject) if flows else {}
    return tuple(Usage(tuple(counted), known.get(flow.id, ())) for counted, flow in zip(numbers, flows, strict=True))


@dataclass(frozen=True, slots=True)
class _Ceiling:
    """A ceiling that holds on one of the flows asked about: that flow's place among them, and the obligation's in its agreement."""

    flow: int
    place: int
    obligation: Obligation
    agreement: str
    zone: str


def _of(obligation: Obligation, moved: tuple[Count, ...]) -> int:
    return sum(one.number for one in moved if newly_counts(obligation, one.type, one.language, one.before))


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
    return _of(obligation, ledger.counts(tx, agreement.reference, obligation.by, MOVEMENTS[obligation.measure], since, until))
