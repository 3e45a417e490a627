"""The ledger: what moved between us and the partners, once in each type and language; obligations are counted from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import ContentType, Stamp

Kind = tuple[ContentType, str]
"""The type and the language in which a piece moved."""


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


@dataclass(frozen=True, slots=True)
class Count:
    """So many pieces moved in that type and language for the first time; `before`: in which others they had moved, the first one first."""

    type: ContentType
    language: str
    number: int
    before: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """One line as it stands in the ledger; `before`: in which other types and languages the piece had moved on that flow."""

    at: datetime
    flow: str
    subject: str
    type: ContentType
    language: str
    before: tuple[Kind, ...] = ()
