"""An Activity is what the parties of an agreement do besides exchanging content: training, delegations, joint coverage, meetings."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Activity:
    """`agreement`: the reference it is held under. `who`: those who took part. `minutes`: of a meeting, in words."""

    id: str
    agreement: str
    kind: str
    title: str
    on: date | None = None
    until: date | None = None
    place: str | None = None
    who: tuple[str, ...] = ()
    outcome: str | None = None
    minutes: str | None = None
