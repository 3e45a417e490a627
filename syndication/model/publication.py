"""A Publication is one version of a Story placed on one outbound Flow, under one agreement, at one time."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from syndication.model.agreement import ContentType, Stamp
from syndication.model.partner import Partner
from syndication.model.rights import Credit, Rights
from syndication.model.story import Pubstatus, StoryVersion


class PublicationKind(StrEnum):
    """A `WITHDRAWAL` tells whoever got the story that it is gone: killed, or no longer cleared for this flow. It carries no content."""

    STORY = "story"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Publication:
    """`sequence` rises with every placing, over all flows: the watermark of what a partner has seen."""

    sequence: int
    flow: str
    story: str
    version: int
    kind: PublicationKind
    stamp: Stamp
    placed_at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Watermark:
    """A place in the order in which a flow's partner could see its Publications: all that is after it is new, changed or taken back since.

    `at`: from when that Publication could be seen. Its sequence alone does not tell: what was placed under embargo is seen later than what
    was placed after it (wire 12).
    """

    at: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class Ground:
    """What a flow's document stands on: as long as this is the same, and no hour comes, so is what the gate says of it.

    `newest`: the number of the flow's last archive document, and its end; None where there is none. `unarchived`: how many stories stand
    after that, whose hour has come: that follows from the rest and the hour, so it tells no two apart. `revision`: of the register.
    `marks`: which Publications are looked at, in their order, each with what may change of its story without a new one: its pubstatus,
    its erasure, and how many renditions were brought home.
    """

    partner: Partner | None
    newest: tuple[int, Watermark] | None
    unarchived: int = field(compare=False)
    revision: int
    marks: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """The latest Publication of a story on a flow, with what the gate asks about again at every reading.

    `version`: the version that was placed; `current_pubstatus`: of the story as it stands now; `visible_from`: when its hour comes;
    `receiver`: whose the flow is;
    `first_placed_at`: when the story was first placed here (its `published`); `shown_before`: whether an earlier
    publication of it on this flow could have been seen, so that a withdrawal has something to take back;
    `fetched_at`: when the partner first got the story here, None if it never did; `brought_at`: when the last of the version's renditions
    was brought home, None where none was.
    """

    publication: Publication
    entry_id: str
    version: StoryVersion
    current_pubstatus: Pubstatus
    first_placed_at: datetime
    shown_before: bool
    fetched_at: datetime | None
    visible_from: datetime
    receiver: Partner
    brought_at: datetime | None = None

    @property
    def mark(self) -> Watermark:
        """Its place among what the partner could see."""
        return Watermark(self.visible_from, self.publication.sequence)


@dataclass(frozen=True, slots=True)
class Fetch:
    """That a partner has fetched a Publication: the first time, and with which token."""

    sequence: int
    flow: str
    version: int
    kind: PublicationKind
    at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A story as a feed shows it. `terms`: what it moves under, as a sentence, for the wire; `updated`: of this version.

    `rights`: what its receiver may do with it, of all it moves under and was made from; `credits`: the credit lines that are owed.
    `categories`: what its receiver itself calls what it is about. `mark`: of its Publication; it tells two readings of the same apart from
    two of a changed one.
    """

    entry_id: str
    version: StoryVersion
    stamp: Stamp
    rights: Rights
    credits: tuple[Credit, ...]
    published: datetime
    updated: datetime
    terms: str
    mark: Watermark
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A story taken back: a tombstone (RFC 6721) on the wire. `pubstatus`: withheld, or canceled for good. `mark`: of its Publication.

    `version`: of the story, with which it was taken back; `type`: of the story.
    """

    entry_id: str
    when: datetime
    note: str | None
    pubstatus: Pubstatus
    mark: Watermark
    version: int
    type: ContentType


@dataclass(frozen=True, slots=True)
class Links:
    """Where else to look, as whole addresses; None where there is nothing.

    `current`: of an archive document, the one that is subscribed to; `prev_archive`, `next_archive`: the documents before and after it
    (RFC 5005, 4); `next_page`: what came after this page (`?since=`); `hub`: where to subscribe (WebSub).
    """

    current: str | None = None
    prev_archive: str | None = None
    next_archive: str | None = None
    next_page: str | None = None
    hub: str | None = None


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """What a feed document says, before it is bytes. `url`: where it is served, without any secret (A01).

    `updated`: of the newest change in it, from the data and never from the clock (wire 3). Entries newest first.
    `authority`: the start of every IRI that we give (RFC 4151); `giver`: our own id among the parties.
    """

    id: str
    title: str
    url: str
    home: str
    agency: str
    giver: str
    authority: str
    language: str
    updated: datetime
    entries: tuple[FeedEntry, ...]
    withdrawn: tuple[Withdrawn, ...]
    rights: str
    links: Links = Links()
