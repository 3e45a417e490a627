"""A Poll is one visit to an inbound Flow; it has Validators and an Outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """How a visit ended. `UNGOVERNED`: no agreement in force, so we did not even knock. `GONE`: 410, or 401 or 403 three times in
    a row: it stops until told.
    """

    UPDATED = "updated"
    UNCHANGED = "unchanged"
    UNGOVERNED = "ungoverned"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document asks of who polls it: how long to stay away, and the hours (UTC) and days (0: Monday) at which not to come."""

    wait: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Validators:
    """Opaque, as they came (wire 31): ETag and Last-Modified, and the SHA-256 of the body they belong to; and what that body asked.

    `agreement`: the agreement and version under which that body was judged, and the hash of what of the flow and the partner it was
    judged by: under others it is judged anew.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    agreement: str | None = None
    asked: Asked = Asked()


@dataclass(frozen=True, slots=True)
class Counts:
    """What triage made of the entries of one poll."""

    new: int = 0
    updates: int = 0
    corrections: int = 0
    kills: int = 0
    unchanged: int = 0
    refused: int = 0
    unreadable: int = 0

    @property
    def brought(self) -> bool:
        """Whether there was anything for an editor, or for who reads us."""
        return bool(self.new or self.updates or self.corrections or self.kills)


@dataclass(frozen=True, slots=True)
class Poll:
    """One visit, as it is recorded. `error` is a sentence with the cause and the remedy; `validators` are what the next visit sends.

    Only an UPDATED or UNCHANGED poll carries validators forward (F17): after a failure the next visit sends those of the last good one.
    """

    flow: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    validators: Validators = Validators()
    counts: Counts = Counts()
    status: int | None = None
    size: int | None = None
    url: str | None = None
    error: str | None = None
    note: str | None = None


class RefusedKind(StrEnum):
    """What was refused: a `DOCUMENT` that is no feed; an `ENTRY` that could not be taken; one that the `AGREEMENT` does not let in; one
    that is `HELD` until a person says whether it is known under another id (S14).
    """

    DOCUMENT = "document"
    ENTRY = "entry"
    AGREEMENT = "agreement"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Refused:
    """What came and was not taken, why, and its bytes as they came: for a person to look at, and to be read again after a fix.

    `head` and `tail`: what stood around an entry in its document, so that the three are a document; of a whole document they are empty;
    None where it cannot be read by itself. `guid`: as of the entry, None where it was not read. `content_type`, `url`: as of its document.
    `id`, `size`: as it is kept, 0 until then; `size` is in bytes, of all three.
    """

    flow: str
    at: datetime
    kind: RefusedKind
    title: str
    reason: str
    raw: bytes
    guid: str | None = None
    head: bytes | None = None
    tail: bytes = b""
    content_type: str | None = None
    url: str | None = None
    size: int = 0
    id: int = 0

    @property
    def document(self) -> bytes | None:
        """What is read again; None where nothing can be."""
        return None if self.head is None else self.head + self.raw + self.tail


class Renaming(StrEnum):
    """Under whose name an entry is known whose feed changed all its ids: nobody said so yet, as before, or as what it says (S14)."""

    ASKED = "asked"
    SAME = "same"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's right to poll one flow until `until`. `attempt` fences: a completion under an older attempt is refused."""

    flow: str
    attempt: int
    until: datetime


@dataclass(frozen=True, slots=True)
class FlowHealth:
    """How an inbound flow is doing. `due_at` None: it is not polled by the clock (gone, paused or closed).

    `missed_at`: when it was last found that stories may have come and gone between two polls (wire 44). `arrivals`: the hours, counted
    from 1970, in which it brought something, oldest first. `flipped_at`: since when its new entries wait, for all its ids have changed
    (S14). `shifted`: by so many hours its dates are ahead (or, below 0, behind) of when its stories come.
    """

    flow: str
    due_at: datetime | None
    failures: int
    last_poll: Poll | None
    last_good_at: datetime | None
    last_new_at: datetime | None
    missed_at: datetime | None
    arrivals: tuple[int, ...] = ()
    flipped_at: datetime | None = None
    shifted: int | None = None


class Sign(StrEnum):
    """By what a flow shows that a person should look at it."""

    STOPPED = "stopped"
    FAILING = "failing"
    FLIPPED = "ids changed"
    QUIET = "gone quiet"
    BEHIND = "behind what is owed"
    SHIFTED = "clock or zone wrong"
    MISSED = "may have missed stories"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One of them, in a sentence. `since`: from when on, as far as that can be told."""

    sign: Sign
    since: datetime | None
    said: str
