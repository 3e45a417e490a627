"""An Erasure says which text was deleted, when, and under which agreement, version and clause; the list of them outlives the text."""

from dataclasses import dataclass
from datetime import datetime

from syndication.model.agreement import Stamp


@dataclass(frozen=True, slots=True)
class Perishable:
    """A version of an Item or a Story that still has its text, with `stamps` some of which say: deleted at the end of its use."""

    subject: str
    version: int
    stamps: tuple[Stamp, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """`subject`: an item's id, or a story's. `guid`: what the partner calls the item; of a story, its entry id.

    `partner`, `agreement`, `agreement_version`, `clause`: of the Stamp that demanded it. `fingerprint`: SHA-256, in hex, of what was read.
    """

    at: datetime
    subject: str
    version: int
    partner: str
    guid: str
    headline: str
    fingerprint: str
    agreement: str
    agreement_version: int
    clause: str
    reason: str
