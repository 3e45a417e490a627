"""What is kept of renditions: the bytes by their hash, and what is still to be brought home, of our own stories and of what came in."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes of a rendition that are kept here. `hash`: their SHA-256, in hex; `length` in bytes; sizes in pixels, of pictures."""

    hash: str
    media_type: str
    length: int
    width: int | None
    height: int | None
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Errand:
    """One rendition of a version of a story, by its `place` in the content, and how it stands with bringing it home.

    `hash`: what was brought home; `tries`: how often it was asked for in vain since; `next_at`: when it is asked for again, None: not any
    more; `why`: what was wrong the last time.
    """

    story: str
    version: int
    place: int
    url: str
    hash: str | None = None
    tries: int = 0
    next_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The same of one rendition of a version of a partner's item. `lease_until`: somebody is on the way to fetch it, until then.

    `kept`: what was brought home. Without it, and without a `next_at`, it is broken: nobody asks for it any more but by hand.
    """

    item: str
    version: int
    place: int
    partner: str
    host: str
    url: str
    kept: Kept | None = None
    tries: int = 0
    next_at: datetime | None = None
    lease_until: datetime | None = None
    why: str | None = None

    @property
    def broken(self) -> bool:
        """Whether it was given up."""
        return self.kept is None and self.next_at is None
