"""A Story is our own editorial unit, with versions; an Item that an editor accepted becomes one, and so does what our desk writes."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import ContentType, Stamp


class Pubstatus(StrEnum):
    """IPTC publication status. A hold (`WITHHELD`) may be lifted; a kill (`CANCELED`) is final."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One form of a story's picture, audio or video. `length` in bytes, None if not known; sizes in pixels.

    `hash`: the SHA-256, in hex, of the bytes that are kept here and handed out; None where it is at its `url` only.
    """

    url: str
    media_type: str
    type: ContentType
    length: int | None = None
    width: int | None = None
    height: int | None = None
    title: str | None = None
    description: str | None = None
    credit: str | None = None
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What is read: the words of a story and what goes with them. `body` is HTML that has passed `feeds/sanitize`; the rest is text.

    `topics`: IPTC Media Topics (`medtop:15000000`). `urgency`: 1 (flash) to 9, IPTC. `byline`: one name each.
    """

    headline: str
    body: str
    language: str
    type: ContentType = ContentType.TEXT
    summary: str = ""
    byline: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    credit_line: str | None = None
    embargo_until: datetime | None = None
    urgency: int | None = None
    link: str | None = None

    def without(self, types: tuple[ContentType, ...]) -> "Content":
        """The same without renditions of these types: what a grant did not cover stays behind."""
        return replace(self, renditions=tuple(r for r in self.renditions if r.type not in types))

    def emptied(self) -> "Content":
        """What the record keeps of it at the end of its use: the headline, and what the gate asks about."""
        return replace(self, body="", summary="", byline=(), renditions=(), link=None)


class StoryAct(StrEnum):
    """Why a version was made. An update (a new take) is not here: it is a new story, linked to the old one by `evolved_from`."""

    WRITE = "write"
    ACCEPT = "accept"
    CORRECT = "correct"
    HOLD = "hold"
    LIFT = "lift"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class StoryVersion:
    """One version of a Story. `number` counts from 1. `note`: why it was corrected or killed, for those who got it.

    `sources`: Stamps of the Item versions it was made from; a story derived from several carries them all.
    """

    story: str
    number: int
    content: Content
    pubstatus: Pubstatus
    act: StoryAct
    made_at: datetime
    made_by: str
    note: str | None = None
    sources: tuple[Stamp, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """One Story as it stands. `entry_id`: an absolute IRI that never changes and is never reused (RFC 4287, 4.2.6).

    `item`: the Item it was accepted from, None for our own. `uri`: the id our CMS gave it, if it came by ninjs.
    `derived_from`: the stories it was translated, abridged or compiled from: what befalls one of them befalls it too.
    """

    id: str
    entry_id: str
    current: StoryVersion
    first_made_at: datetime
    item: str | None = None
    uri: str | None = None
    evolved_from: str | None = None
    derived_from: tuple[str, ...] = ()
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a document of our newsroom says. `uri`: its own id of the story; `evolved_from`: the `uri` of the earlier take it follows.

    `note`: the editor's note, where the document has one. Of a kill the content may be empty: it needs its `uri` only.
    """

    uri: str
    content: Content
    pubstatus: Pubstatus = Pubstatus.USABLE
    evolved_from: str | None = None
    note: str | None = None
