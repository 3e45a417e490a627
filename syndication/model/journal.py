"""A Deed is what no restore of an older backup may undo: a kill, the end of a token, an act done to an agreement."""

from dataclasses import dataclass
from datetime import datetime

from syndication.model.agreement import Act


@dataclass(frozen=True, slots=True)
class Killed:
    """A story was killed: `version` is the last one, made `at` that moment; `reason`: for those who got it."""

    story: str
    version: int
    at: datetime
    by: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Buried:
    """A partner killed an id of its own, whether or not it ever sent it: `when`, by the partner; `at`: when we took that in."""

    partner: str
    guid: str
    when: datetime
    comment: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    """A token, a partner's or our newsroom's, was revoked."""

    token: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """A token was let end at that moment, if it would not end before: another took its place."""

    token: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Enacted:
    """An act was done to an agreement, and recorded `at` that moment."""

    agreement: str
    act: Act
    at: datetime
    by: str


Deed = Killed | Buried | Revoked | Ending | Enacted
