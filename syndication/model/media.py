"""What is kept of a story's renditions: the bytes by their hash, and what is still to be brought home."""

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
