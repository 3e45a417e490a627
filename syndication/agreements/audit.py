"""Every decision that was kept, asked again: what the gate answers today, from the register as it stood then, against what it said then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from syndication.agreements.clearance import clear
from syndication.agreements.decision import inputs
from syndication.agreements.governing import Standing
from syndication.model.agreement import Register
from syndication.model.clearance import Verdict
from syndication.model.event import Decision
from syndication.storage import agreements, events
from syndication.storage.database import Transaction

STANDINGS = 64
"""So many moments are kept worked out: the decisions of one release or poll share theirs, and stand together."""
GONE = "some of what the gate was given is gone"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differs`: in what today's answer is another than the one that was kept, as sentences; empty: they agree.

    `reworded`: they agree in all that decides, and only a reason reads otherwise: another version of the program has other words for it.
    """

    differs: tuple[str, ...] = ()
    reworded: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A decision by its number, and how it compares. `decision` is None where it cannot be read; `comparison` is None where nothing of what
    the gate was given is kept, for it was made before that was.
    """

    number: int
    decision: Decision | None
    comparison: Comparison | None


def compare(decision: Decision, standing: Standing) -> Comparison:
    """Ask the gate again. `standing`: of the register as it stood then, at the decision's moment. Pure.

    Compared strictly: the hash over what was decided about and all that the gate was given, the flow, what it moved under, and of every
    clause in order whether it allowed and where that stands. Not compared: the reasons, which are words.
    """
    facts, flow, register = decision.facts, decision.on, decision.register
    if facts is None or flow is None or register is None:
        return Comparison((GONE,))
    differs: list[str] = []
    if inputs(decision) != decision.inputs:
        differs.append("inputs: the hash does not fit what was decided about and what the gate was given")
    if (flow.id, flow.partner, flow.direction) != (decision.flow, decision.partner, decision.direction):
        differs.append(f"flow: kept as {decision.flow} of {decision.partner}; the gate was asked of {flow.id} of {flow.partner}")
    answer = clear(facts, flow, standing, decision.used)
    under = (answer.stamp.agreement, answer.stamp.version, answer.stamp.clause) if answer.stamp else (None, None, None)
    kept = (decision.agreement, decision.agreement_version, decision.clause)
    if under != kept:
        differs.append(f"under: kept {_under(*kept)}; asked again, {_under(*under)}")
    if answer.allowed is not decision.allowed:
        differs.append(f"allowed: kept {_said(decision.allowed)}; asked again, {_said(answer.allowed)}")
    differs += _verdicts(decision.verdicts, answer.verdicts)
    return Comparison(tuple(differs), not differs and decision.verdicts != answer.verdicts)


def verify(tx: Transaction, agency: str) -> Iterator[Finding]:
    """Every decision, oldest first, asked again. Nothing is changed.

    The first decisions of all were kept without what the gate was given, up to the one that the database notes; none after it may lack
    it, nor any after one that has it. One that cannot be read differs, and those after it are asked all the same.
    """
    known, since, unasked = _Known(agency), None, events.unasked(tx)
    for number, decision in events.asked(tx):
        if isinstance(decision, str):
            yield Finding(number, None, Comparison((f"cannot be read: {decision}",)))
            continue
        if (decision.facts, decision.on, decision.used, decision.register, decision.inputs) == (None,) * 5:
            missing = Comparison((f"{GONE}, and decision {since} before it has it",)) if since else None
            if missing is None and number > unasked:
                missing = Comparison((f"{GONE}, and it was made after decision {unasked}, the last that was made without it",))
            yield Finding(number, decision, missing)
            continue
        since = since or number
        revision = decision.register if decision.register is not None else 0
        yield Finding(number, decision, compare(decision, known.standing(tx, revision, decision.at)))


@dataclass(slots=True)
class _Known:
    """Registers by their revision and standings by their moment, so that what many decisions share is worked out once."""

    agency: str
    registers: dict[int, Register] = field(default_factory=dict)
    standings: dict[tuple[int, datetime], Standing] = field(default_factory=dict)

    def standing(self, tx: Transaction, revision: int, at: datetime) -> Standing:
        found = self.standings.get((revision, at))
        if found is None:
            if revision not in self.registers:
                self.registers[revision] = agreements.register(tx, self.agency, revision)
            if len(self.standings) >= STANDINGS:
                self.standings.clear()
            found = self.standings[revision, at] = Standing(self.registers[revision], at)
        return found


def _verdicts(kept: tuple[Verdict, ...], again: tuple[Verdict, ...]) -> Iterator[str]:
    if [one.clause for one in kept] != [one.clause for one in again]:
        yield "clauses: others were looked at, or in another order"
        return
    for before, now in zip(kept, again, strict=True):
        if (before.allowed, before.source) != (now.allowed, now.source):
            yield f"{now.clause}: kept {_stood(before)}; asked again, {_stood(now)}"


def _stood(verdict: Verdict) -> str:
    return f"{_said(verdict.allowed)} by {verdict.source}" if verdict.source else _said(verdict.allowed)


def _said(allowed: bool) -> str:
    return "allowed" if allowed else "refused"


def _under(agreement: str | None, version: int | None, clause: str | None) -> str:
    return f"{agreement} v{version}, {clause}" if agreement else "nothing"
