"""What may be done with one publication, as it is told to whoever receives it."""

from dataclasses import dataclass
from datetime import datetime

from syndication.model.agreement import Agreement, Alteration, CreditPlace, OnwardUse


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit line as it is to be shown, written out, and where it stands."""

    line: str
    place: CreditPlace


@dataclass(frozen=True, slots=True)
class Rights:
    """The terms of a Publication's Stamp and of all it was made from, the narrowest of each (`agreements/rights`).

    `territory`: ISO 3166 codes; None: everywhere; empty: nowhere. `use_until`: the first moment at which it may no longer be used;
    None: no limit. `archive`: it may stay in use after the end of the agreement. `delete_at_end`: its text is deleted when its use
    has ended.
    """

    onward: OnwardUse
    alteration: Alteration
    onward_partners: tuple[str, ...] = ()
    territory: tuple[str, ...] | None = None
    not_territory: tuple[str, ...] = ()
    use_until: datetime | None = None
    archive: bool = False
    delete_at_end: bool = False
    machine_translation: bool = False
    model_training: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds the grants of one agreement version, between us and one other party (`agreements/bounds`).

    `spans`: content moves under it from each first moment to before each second; None: no end is known; empty: it never does.
    `used_until`: from when on nothing is in force that came after it either; None: no such moment is known. `beside`: the other agreements
    between the two that are in force meanwhile; what they deny beats what it grants.
    """

    spans: tuple[tuple[datetime, datetime | None], ...]
    used_until: datetime | None = None
    beside: tuple[Agreement, ...] = ()
