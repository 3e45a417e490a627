"""The exchange agreement: parties, term, grants in each direction, obligations, acts; and the Stamp that freezes its terms.

How a new term of an agreement gets in: a field of `Terms` (if it follows the content) or of `Grant`, its key in
`agreements/files`, its verdict in `agreements/clearance`.
"""

from dataclasses import dataclass, field
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


class ReviewTerm(StrEnum):
    """What comes in waits for an editor, or is accepted at once; what is embargoed, withheld or flagged waits in either case."""

    EDITOR = "editor"
    AUTOMATIC = "automatic"


class CreditPlace(StrEnum):
    """Where the credit line stands: before the text, after it, or in the place of the byline."""

    START = "start"
    END = "end"
    BYLINE = "byline"


class Measure(StrEnum):
    """What an obligation counts: what was offered to the other party, or what the party that received it published."""

    OFFERED = "offered"
    PUBLISHED = "published"


class Period(StrEnum):
    """What an obligation is counted by, in the agreement's own time zone; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class ActKind(StrEnum):
    """What was done to a signed agreement. `NOTICE` ends its automatic renewal; `JOIN` and `LEAVE` are a party's, of a frame."""

    SUSPEND = "suspend"
    RESUME = "resume"
    NOTICE = "notice"
    TERMINATE = "terminate"
    JOIN = "join"
    LEAVE = "leave"


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
    `delete_at_end`: when its use has ended, its text is deleted, and a list of what was deleted is kept.
    `territory`, `not_territory`: ISO 3166 codes, carried on the wire and shown to the editor; empty: not limited.
    `review`, `priority`: of what comes in: whether it waits for an editor, and whether it stands first in the queue.
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
    credit_place: CreditPlace = CreditPlace.END
    delete_at_end: bool = False
    review: ReviewTerm = ReviewTerm.EDITOR
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What an agreement allows in one direction. A missing or empty list grants nothing.

    `clause`: what the agreement's text calls it (`2.1`), quoted in every verdict.
    `topics`, `topics_out`: IPTC Media Topics (`medtop:15000000`), and partners' own categories (`trc:sport`).
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
    """A countable duty, `by` us ("out") or them ("in"): of content, a count; of kills and corrections, a time; or a report each period.

    `at_least`, `at_most`: how many pieces of content per `period`, as `measure` counts them. `types`, `languages`: which; empty: any.
    `within_minutes`: a kill or a correction is carried out in so many minutes. With neither, it asks for a report every `period`.
    """

    clause: str
    by: Direction
    what: str
    at_least: int | None = None
    at_most: int | None = None
    period: Period | None = None
    measure: Measure = Measure.OFFERED
    types: tuple[ContentType, ...] = ()
    languages: tuple[str, ...] = ()
    within_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The agreement's own text, as a file: its name, and the SHA-256 of its bytes, in hex."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to a signed agreement, from the day `on` (00:00 in its time zone).

    `by`: who did it, in words. `party`: who joins or leaves.
    """

    kind: ActKind
    on: date
    reason: str
    by: str | None = None
    party: str | None = None


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
    documents: tuple[Document, ...] = ()
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
class Unreadable:
    """An agreement of the database that this version cannot read whole: damaged, or written by a later version. Nothing flows under it.

    `parties`, `succeeds`: whom it may be between, and what it may have succeeded, as far as the records still tell. None: they tell
    nothing, so it may be any. What it denied is not known either, so nothing moves with those parties under any agreement.
    """

    reference: str
    why: str
    parties: tuple[str, ...] | None
    succeeds: tuple[str, ...] | None

    def concerns(self, partner: str) -> bool:
        """It is, or may be, an agreement with that partner."""
        return self.parties is None or partner in self.parties

    def follows(self, reference: str) -> bool:
        """It has succeeded, or may have succeeded, that agreement."""
        return self.succeeds is None or reference in self.succeeds


@dataclass(frozen=True, slots=True)
class Register:
    """Every agreement there is, by reference, and our own id among the parties. What `governing` and `clear` look things up in.

    `revision` rises with every version and every act that is recorded: it names what the register said at a moment.
    `unreadable`: those of which the database holds something that cannot be read; they have no dossier.
    """

    agency: str
    dossiers: tuple[Dossier, ...]
    revision: int = field(default=0, compare=False)
    unreadable: tuple[Unreadable, ...] = ()

    def dossier(self, reference: str) -> Dossier | None:
        """The dossier of that reference, or None."""
        return next((dossier for dossier in self.dossiers if dossier.reference == reference), None)

    def successor(self, reference: str) -> Dossier | None:
        """The agreement that succeeds that one, or will, or None: by a version that is signed. `agreements/files` refuses a second one."""
        return next(
            (one for one in self.dossiers if any(version.signed_on and version.succeeds == reference for version in one.versions)), None
        )


@dataclass(frozen=True, slots=True)
class Stamp:
    """The terms in force, frozen on one version of an Item or on a Publication. Never rewritten.

    `flow`, `partner`: the Flow it moved on, and that Flow's Partner. `grace`: it moved after the end, in the days of grace.
    `origins`: the partners of ours from which it comes by way of that one, as its document says: a claim, which can only narrow (S22).
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
    origins: tuple[str, ...] = ()
