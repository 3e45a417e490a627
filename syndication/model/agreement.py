"""The exchange agreement: parties, term, grants in each direction, obligations, acts; and the Stamp that freezes its terms.

How a new term of an agreement gets in: a field of `Terms` (if it follows the content) or of `Grant`, its key in
`agreements/files`, its verdict in `agreements/clearance`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from syndication.model.partner import Direction

EVERY = "*"
"""In `languages` or `topics` of a grant: all of them, said in so many words. An empty list grants nothing."""


class ContentType(StrEnum):
    """The types of ninjs 2; a text with pictures is a text, its pictures are renditions of type picture."""

    TEXT = "text"
    PICTURE = "picture"
    VIDEO = "video"
    AUDIO = "audio"
    GRAPHIC = "graphic"
    COMPOSITE = "composite"


class OnwardUse(StrEnum):
    """Who may get it from us. Only `NAMED_PARTNERS` and `ANYONE` let it into the feed of another partner."""

    OWN_USE = "own-use"
    OWN_SUBSCRIBERS = "own-subscribers"
    NAMED_PARTNERS = "named-partners"
    ANYONE = "anyone"


class Alteration(StrEnum):
    """How an editor may change it: not at all; by leaving out; also into another language; freely."""

    NONE = "none"
    ABRIDGE = "abridge"
    TRANSLATE = "translate"
    FREE = "free"


class EmbargoHandling(StrEnum):
    """An embargoed story is withheld until the hour, or delivered before it, marked."""

    WITHHELD = "withheld"
    MARKED = "marked"


class ActKind(StrEnum):
    """What was done to a signed agreement. `NOTICE` ends its automatic renewal."""

    SUSPEND = "suspend"
    RESUME = "resume"
    NOTICE = "notice"
    TERMINATE = "terminate"


class AgreementState(StrEnum):
    """Derived from dates and acts (`agreements/calendar`), never typed in. `GRACE` comes after the end; the old terms go on."""

    DRAFT = "draft"
    SIGNED = "signed"
    IN_FORCE = "in force"
    GRACE = "in grace"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant says of the content itself, and so travels with it.

    `use_days`: from the moment it was received, it may be used for so many days; None: no limit.
    `archive`: what was taken may stay in use after the agreement has ended.
    `territory`, `not_territory`: ISO 3166 codes, carried on the wire and shown to the editor; empty: not limited.
    """

    onward: OnwardUse
    alteration: Alteration
    onward_partners: tuple[str, ...] = ()
    credit_line: str | None = None
    embargo: EmbargoHandling = EmbargoHandling.WITHHELD
    use_days: int | None = None
    archive: bool = False
    territory: tuple[str, ...] = ()
    not_territory: tuple[str, ...] = ()
    machine_translation: bool = False
    model_training: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What an agreement allows in one direction. A missing or empty list grants nothing.

    `clause`: what the agreement's text calls it (`2.1`), quoted in every verdict.
    """

    clause: str
    direction: Direction
    types: tuple[ContentType, ...]
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    topics_out: tuple[str, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Obligation:
    """A countable duty: at least or at most `count` of `type` per `period`, `by` us ("out") or them ("in"). Counted by reports."""

    clause: str
    by: Direction
    what: str
    count: int | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What the parties did or mean to do besides exchanging content: training, delegations, meetings."""

    kind: str
    title: str
    on: date | None = None
    place: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to a signed agreement, from the day `on` (00:00 in its time zone)."""

    kind: ActKind
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Term:
    """From the first moment of `effective` to the last of `until`, both days in the agreement's `zone`.

    `until` None: without end. `renewal_months`: it renews by so many months each time unless notice is given
    `notice_days` before the end. `grace_days`: for so long after the end the old terms go on, marked.
    """

    effective: date
    until: date | None = None
    zone: str = "UTC"
    renewal_months: int | None = None
    notice_days: int = 0
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of an exchange agreement, in force from the day `since` until the next version's.

    `parties`: ids of partners and of our own agency; more than two make a multilateral frame.
    `succeeds`: the reference of the agreement before it. `under`: the frame it stands under.
    `assumptions`: what the public record does not say and this file assumes.
    """

    reference: str
    version: int
    since: date
    title: str
    parties: tuple[str, ...]
    term: Term
    grants: tuple[Grant, ...]
    signed_on: date | None = None
    signed_at: str | None = None
    languages: tuple[str, ...] = ()
    succeeds: str | None = None
    under: str | None = None
    obligations: tuple[Obligation, ...] = ()
    activities: tuple[Activity, ...] = ()
    clauses: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of one agreement: its versions, oldest first, and the acts done to it, oldest first.

    Raises ValueError without a version: there is no agreement then.
    """

    versions: tuple[Agreement, ...]
    acts: tuple[Act, ...] = ()

    def __post_init__(self) -> None:
        if not self.versions:
            raise ValueError("a dossier has at least one version of its agreement")

    @property
    def reference(self) -> str:
        """The reference that all versions share."""
        return self.versions[0].reference


@dataclass(frozen=True, slots=True)
class Register:
    """Every agreement there is, by reference, and our own id among the parties. What `governing` and `clear` look things up in."""

    agency: str
    dossiers: tuple[Dossier, ...]

    def dossier(self, reference: str) -> Dossier | None:
        """The dossier of that reference, or None."""
        return next((dossier for dossier in self.dossiers if dossier.reference == reference), None)

    def successor(self, reference: str) -> Dossier | None:
        """The agreement that succeeds that one, or None. `agreements/files` refuses a second one."""
        return next((dossier for dossier in self.dossiers if dossier.versions[-1].succeeds == reference), None)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The terms in force, frozen on one version of an Item or on a Publication. Never rewritten.

    `flow`, `partner`: the Flow it moved on, and that Flow's Partner. `grace`: it moved after the end, in the days of grace.
    """

    agreement: str
    version: int
    clause: str
    direction: Direction
    partner: str
    flow: str
    terms: Terms
    at: datetime
    grace: bool = False
