"""The ledger: what moved between us and the partners, each thing once; obligations are counted from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import ContentType, Stamp


class Movement(StrEnum):
    """`OFFERED`: it came in, or was placed on an outbound flow. `PUBLISHED`: whoever received it took it for its own service."""

    OFFERED = "offered"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of an item or a story (`subject`) under a Stamp, at a moment."""

    movement: Movement
    subject: str
    stamp: Stamp
    type: ContentType
    language: str
    at: datetime
