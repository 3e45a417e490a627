"""What the tests of the mapping layer say in a word: moments in a zone, acts, subjects, and agreements with AZERTAC and the OANA frame."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syndication.agreements import clearance
from syndication.agreements.governing import Standing
from syndication.model.agreement import Act, ActKind, Agreement, ContentType, Dossier, OnwardUse, Register, Stamp, Term
from syndication.model.clearance import Clause, Clearance, Governance, Subject, Usage, Verdict
from syndication.model.partner import Direction, Flow
from syndication.model.story import Pubstatus
from tests import worlds

NOW = worlds.NOW
TICK = timedelta(microseconds=1)
SPORT, ECONOMY, POLITICS = "medtop:15000000", "medtop:04000000", "medtop:11000000"


def local(text: str, zone: str = "Asia/Ho_Chi_Minh") -> datetime:
    """`2025-05-06 00:00` of that zone's clocks, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def days(text: str) -> date:
    """A day, short."""
    return date.fromisoformat(text)


def act(kind: str, on: str, party: str | None = None) -> Act:
    """`suspend`, `resume`, `notice`, `terminate`, or a party's `join` or `leave`, on that day, by letter."""
    return Act(ActKind(kind), days(on), "by letter", party=party)


def clear(subject: Subject, flow: Flow, register: Register, at: datetime, used: Usage | None = None, **called: str) -> Clearance:
    """What the gate says at a moment; what parties are `called`."""
    return clearance.clear(subject, flow, Standing(register, at), used, called)


def in_force(reference: str, register: Register, at: datetime) -> Governance:
    """What stands for that reference at a moment."""
    return Standing(register, at).in_force(reference)


def term(effective: str = "2025-05-06", until: str | None = None, **changes: Any) -> Term:
    """In Vietnam's days."""
    return replace(Term(days(effective), days(until) if until else None, zone="Asia/Ho_Chi_Minh"), **changes)


def signed(reference: str, effective: str, until: str | None = None, **changes: Any) -> Agreement:
    """An agreement of ours with TRC, signed on the day it is effective; `zone`, `renewal_months` and the like go to its term."""
    told = _taken(changes, "zone", "renewal_months", "notice_days", "grace_days")
    start = days(effective)
    plain = {"reference": reference, "since": start, "signed_on": start, "term": term(effective, until, **told)}
    return worlds.agreement(**{**plain, **changes})


def kept(agreement: Agreement, *acts: Act) -> Dossier:
    """Its only version, and what was done to it."""
    return Dossier((agreement,), acts)


def vna(*agreements: Agreement | Dossier) -> Register:
    """Our register."""
    return Register("vna", tuple(kept(one) if isinstance(one, Agreement) else one for one in agreements))


def subject(**changes: Any) -> Subject:
    """A usable English text about the economy, of our own."""
    return replace(Subject(ContentType.TEXT, "en", (ECONOMY,), Pubstatus.USABLE), **changes)


AZERTAC = worlds.agreement(
    reference="vna-azertac-2025",
    title="Exchange of content",
    parties=("vna", "azertac"),
    signed_at="Baku",
    term=replace(term(), zone="Asia/Baku"),
    grants=(
        worlds.grant(clause="3.1", terms=worlds.terms(onward=OnwardUse.ANYONE)),
        worlds.grant(clause="3.2", direction=Direction.OUTBOUND),
    ),
)
"""With AZERTAC: what they give us may go on to anyone."""

FRAME = worlds.agreement(reference="oana", title="Frame of OANA", parties=("vna", "trc", "azertac"), grants=())
"""The multilateral frame: three parties, nothing granted yet."""

TO_AZERTAC = Flow("to-azertac", "azertac", Direction.OUTBOUND, "vna-azertac-2025", "VNA for AZERTAC", ("en",))


def from_trc(**changes: Any) -> Stamp:
    """What a story of TRC's came in under, two days ago; `onward` and the like go to its terms."""
    told = _taken(changes, "onward", "onward_partners", "credit_line", "embargo", "use_days", "archive")
    plain = {"at": NOW - timedelta(days=2), "terms": worlds.terms(**{"onward": OnwardUse.ANYONE, **told})}
    return worlds.stamp(**{**plain, **changes})


def _taken(changes: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: changes.pop(name) for name in names if name in changes}


def verdict(clearance: Clearance, clause: Clause) -> Verdict:
    """What that clause says."""
    return next(one for one in clearance.verdicts if one.clause is clause)


def refused(clearance: Clearance) -> set[Clause]:
    """The clauses that say no."""
    return {one.clause for one in clearance.refusals}
