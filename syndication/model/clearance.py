"""A Clearance is the pure answer to 'may this move, on this Flow, now?': one Verdict for each clause, and the duties that go with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import Agreement, AgreementState, ContentType, Stamp
from syndication.model.ledger import Kind
from syndication.model.story import Pubstatus


class Clause(StrEnum):
    """What is looked at, in this order; the gate does not stop at the first refusal, so that 'why not' is the whole answer."""

    AGREEMENT = "agreement in force"
    FLOW = "state of the flow"
    DIRECTION = "direction"
    TYPE = "type"
    LANGUAGE = "language"
    SUBJECT = "subject"
    ONWARD_USE = "onward use"
    CREDIT = "credit line"
    PUBSTATUS = "pubstatus"
    EMBARGO = "embargo"
    QUOTA = "quota ceiling"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one clause says. `source`: where it stands (`vna-trc-2025 v1, 2.1`), empty where no agreement decides."""

    clause: Clause
    allowed: bool
    reason: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Governance:
    """Which agreement version governs, at one moment; or none (`agreement` is None), and `reason` says why in a sentence."""

    agreement: Agreement | None
    state: AgreementState | None
    reason: str

    @property
    def grace(self) -> bool:
        """The agreement has ended; its old terms go on for the days of grace, marked."""
        return self.state is AgreementState.GRACE


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: the facts of an entry, an item or a story that clauses look at.

    `sources`: the Stamps of the partners' items it was made from; empty for our own.
    `types_inside`: the types of its renditions. `origins`: the partners of ours that an entry says it comes from by way of its sender.
    """

    type: ContentType
    language: str
    topics: tuple[str, ...]
    pubstatus: Pubstatus
    embargo_until: datetime | None = None
    credit_line: str | None = None
    types_inside: tuple[ContentType, ...] = ()
    sources: tuple[Stamp, ...] = ()
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of the governing agreement's ceilings has been used in their current periods, what is asked about not counted.

    `counts`: one number for each of that version's obligations, in their order. `counted`: the types and languages in which it has moved on
    the flow already: what counted it in one of them does not count it twice.
    """

    counts: tuple[int, ...] = ()
    counted: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Clearance:
    """Allowed only if every verdict is. `stamp` is None unless an agreement governs and a grant covers it.

    `left_out`: types of renditions that the grant does not cover; they stay behind, the rest may go.
    `duties`: what goes with it, as sentences: the credit line, the territory, the day its use ends.
    """

    verdicts: tuple[Verdict, ...]
    stamp: Stamp | None
    left_out: tuple[ContentType, ...] = ()
    duties: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Every clause allows it, and there are terms to move under."""
        return self.stamp is not None and all(verdict.allowed for verdict in self.verdicts)

    @property
    def refusals(self) -> tuple[Verdict, ...]:
        """The clauses that say no."""
        return tuple(verdict for verdict in self.verdicts if not verdict.allowed)

    @property
    def waits_only_for_embargo(self) -> bool:
        """All but the embargo allow it: it may be placed now, and shows itself when the hour comes (T02, Z04)."""
        return self.stamp is not None and {verdict.clause for verdict in self.refusals} == {Clause.EMBARGO}
