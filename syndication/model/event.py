"""A Decision is a Clearance as it was given and kept; an Event is a line of the log of who did what."""

from dataclasses import dataclass
from datetime import datetime

from syndication.model.clearance import Subject, Usage, Verdict
from syndication.model.partner import Direction, Flow


@dataclass(frozen=True, slots=True)
class Decision:
    """What, to or from whom, when, under which agreement, version and clause, allowed or not, and why. Outlives the content.

    `subject`: an item id, a story id, or the guid of an entry that was not let in. `fingerprint`: SHA-256 of what was judged.
    `facts`, `on`, `used`, `register`: all that the gate was given, so that anyone can ask it again; `register` is the revision of the
    register then. None of a decision made before they were kept. `inputs`: SHA-256 over them, the moment and
    what was decided about, in hex.
    """

    at: datetime
    subject: str
    subject_version: int
    headline: str
    fingerprint: str
    flow: str
    partner: str
    direction: Direction
    agreement: str | None
    agreement_version: int | None
    clause: str | None
    allowed: bool
    verdicts: tuple[Verdict, ...]
    facts: Subject | None = None
    on: Flow | None = None
    used: Usage | None = None
    register: int | None = None
    inputs: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to what, when. `actor`: an editor's login, a command, or `clock`."""

    at: datetime
    actor: str
    act: str
    subject: str
    detail: str = ""
